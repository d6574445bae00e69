"""The hard part of reading XML: encodings, forbidden characters, entities, bounds, and saying what came."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

import pytest

from rakuten_orders.errors import PayloadError
from rakuten_orders.xmlbytes import iter_records, read_record
from rakuten_orders.xmlrecords import MAX_DEPTH, Record

ISO = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
UTF8 = b'<?xml version="1.0" encoding="utf-8"?>'


def record_plan(_root: str) -> frozenset[str]:
    return frozenset({"r"})


def read(data: bytes) -> Record:
    return read_record(data, record_plan)


def streamed(data: bytes, size: int = 1) -> list[Record]:
    return list(iter_records((data[start : start + size] for start in range(0, len(data), size)), record_plan))


def text_of(data: bytes) -> str:
    return read(data).fields["t"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (ISO + b"<a><t>\x9cuf \x80 \x92</t></a>", "œuf € ’"),
        (b"<?xml version=\"1.0\" encoding='latin1' ?><a><t>\xe9</t></a>", "é"),
        (b'<?xml version="1.0" encoding="Windows-1252"?><a><t>\xe9</t></a>', "é"),
        (b'<?xml version="1.0" encoding="US-ASCII"?><a><t>\xe9</t></a>', "é"),
        (b"<?xml version='1.0'?><a><t>\xc3\xa9</t></a>", "é"),
        (b"<?xml version='1.0'?><a><t>\xe9</t></a>", "é"),
        (b"<a><t>\xc3\xa9</t></a>", "é"),
        (b"<a><t>\xe9</t></a>", "é"),
        (b"<a><t>CAF\xc9\x97 \xe9</t></a>", "CAFÉ— é"),
        (UTF8 + "<a><t>é€œЯ</t></a>".encode(), "é€œЯ"),
        (b"\xef\xbb\xbf" + ISO + "<a><t>é</t></a>".encode(), "é"),
        (b"\n \x00\xef\xbb\xbf\r\n" + "<a><t>é</t></a>".encode(), "é"),
        (ISO + b"<a><t>x\x81\x8d\x8f\x90\x9dy</t></a>", "xy"),
        (ISO + bytes(range(9)) + b"<a><t><![CDATA[x\x00\x08\x0b\x0c\x0e\x19\x1fy]]></t></a>", "xy"),
        (UTF8 + "<a><t>x\x19\ufffe\uffffy</t></a>".encode(), "xy"),
        (ISO + b"<a><t>a\tb  c\r\nd</t></a>", "a\tb  c\nd"),
        (ISO + b"<a><t> \xa0\n x \t\xa0</t></a>", "x"),
        (b"\n\n" + ISO + b"\n\n<a><t>x</t></a>\n\n", "x"),
        (b"<a><t>&lt;&#233;&#x153;&amp;</t></a>", "<éœ&"),
        (b"<a><t><!-- c -->x<?pi d?>y</t></a>", "xy"),
    ],
)
def test_a_text_is_what_was_meant(data: bytes, text: str) -> None:
    """Declared, undeclared and marked encodings, forbidden characters, blanks: the text that was meant comes out."""
    assert text_of(data) == text


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("text", ["é€𝄞" * 30_000, "x" * 200_000, "é"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_blocks_may_cut_a_character(text: str, encoding: str, size: int) -> None:
    """A text longer than a block, and characters cut between blocks, come out whole, declared or not."""
    if encoding == "cp1252":
        text = text.replace("𝄞", "ß")
    padding = "x" * size
    document = f"<a><r><t>{padding}{text}</t></r></a>".encode(encoding)
    declaration = {"utf-8": UTF8, "cp1252": ISO}[encoding]
    for data in (document, declaration + document):
        assert streamed(data, 100_000)[0].fields["t"] == padding + text
        assert read(data).records[0].fields["t"] == padding + text


def test_a_stream_may_turn_out_to_be_cp1252_between_two_blocks() -> None:
    """A block may end with what could begin a UTF-8 character and does not."""
    begin = b"<a><r><t>"
    data = begin + b"x" * (2**16 - len(begin) - 1) + b"\xc3" + b"y</t></r></a>"
    assert streamed(data, 1000)[0].fields["t"].endswith("xÃy")


def test_a_stream_without_declaration_that_mixes_encodings_is_refused() -> None:
    """A stream cannot go back to what it gave; a whole document is read as Windows-1252."""
    mixed = b"<a><r><t>\xc3\xa9</t></r><r><t>\xe9</t></r></a>"
    assert [record.fields["t"] for record in read(mixed).records] == ["Ã©", "é"]
    with pytest.raises(PayloadError, match="neither UTF-8 nor Windows-1252 throughout"):
        streamed(mixed)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "nothing came"),
        (b" \n\x00 \xef\xbb\xbf\n", "nothing came"),
        (ISO, "nothing came"),
        (b"<!DOCTYPE html>\n<html><body>&nbsp;</body>", "an HTML page came"),
        (b"\n<HTML lang=fr>", "an HTML page came"),
        (b"<!-- b --><html><br></html>", "an HTML page came"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0//EN' 'x'><html/>", "an HTML page came"),
        (b'{"error": "secret"}', "text that is not XML came"),
        (b"Service secret unavailable", "text that is not XML came"),
        (b"<a>\n<t>secret", "the document is cut off at line 2"),
        (b"<a>\n<![CDATA[secret", "the document is cut off at line 2"),
        (b"<a>\n\n<secret", "the document is cut off at line 3"),
        (b"\n\n" + ISO + b"\n<a>", "the document is cut off at line 4"),
        (b"<a>\n<t>secret</u>", "the document is not well-formed XML at line 2, column 12: mismatched tag"),
        (b"<a>&secret;</a>", "the document is not well-formed XML at line 1, column 4: undefined entity"),
        (b"<a/><secret/>", "the document is not well-formed XML at line 1, column 5: junk after document element"),
        (b"<a><t>&#25;</t></a>", "the document is not well-formed XML"),
        (b"<a b='<'/>", "the document is not well-formed XML"),
        ("<a/>".encode("utf-16"), "the document is in UTF-16 or UTF-32"),
        ("\n<a/>".encode("utf-16-le"), "the document is in UTF-16 or UTF-32"),
        ("<a/>".encode("utf-16-be"), "the document is in UTF-16 or UTF-32"),
        ("<a/>".encode("utf-32-be"), "the document is in UTF-16 or UTF-32"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "the document declares the encoding UTF-7"),
        (b'<?xml version="1.0" encoding="ISO-8859-15"?><a/>', "the document declares the encoding ISO-8859-15"),
        (UTF8 + b"<a><t>\xe9 secret</t></a>", "the document says that it is UTF-8 and is not"),
        (b"\xef\xbb\xbf<a><t>\xe9</t></a>", "the document says that it is UTF-8 and is not"),
        (UTF8 + b"<a><t>\xe2\x82", "the document says that it is UTF-8 and is not"),
    ],
)
def test_what_came_is_said_and_not_quoted(data: bytes, message: str) -> None:
    """Each kind of wrong document has its sentence, whole and as a stream, and no sentence quotes the document."""
    for attempt in (read, streamed):
        with pytest.raises(PayloadError) as caught:
            attempt(data)
        assert str(caught.value).startswith(message)
        assert "secret" not in str(caught.value)


BILLION_LAUGHS = b"""<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">]><a>&lol2;</a>"""


@pytest.mark.parametrize(
    "data",
    [
        BILLION_LAUGHS,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x">%x;]><a/>',
        ISO + b"\n<!-- c --><!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(data: bytes) -> None:
    """Entities, internal or external, are never declared."""
    with pytest.raises(PayloadError, match=r"document type \(DTD\)"):
        read(data)


def test_depth_is_bounded() -> None:
    """The deepest document that is admitted is read; one element more is an error."""
    assert read(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).name == "a"
    with pytest.raises(PayloadError, match="more than 32 elements within each other"):
        read(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))
    with pytest.raises(PayloadError, match="more than 32 elements within each other"):
        read(b"<r>" * 1_000_000)


def endless(beginning: bytes, more: bytes) -> Iterator[bytes]:
    yield beginning
    while True:
        yield more


TOO_LARGE = "the document is larger than 8 MiB"
TOO_LONG = "the document has a tag or comment of more than a million characters"


@pytest.mark.parametrize(
    ("beginning", "more", "message"),
    [
        (b"", b" " * 65536, TOO_LARGE),
        (b"<a>", b"<t>x</t>" * 8192, TOO_LARGE),
        (b"<a><t>", b"x" * 65536, TOO_LARGE),
        (b"<a>", b"<!-- x -->" * 6554, TOO_LARGE),
        (b"<a><", b"x" * 65536, TOO_LONG),
        (b"<a b='", b"x" * 65536, TOO_LONG),
        (b"<!--", b"x" * 65536, TOO_LONG),
        (b"<?xml ", b"x" * 65536, TOO_LONG),
    ],
)
def test_an_endless_document_ends(beginning: bytes, more: bytes, message: str) -> None:
    """A source without end is left at a bound, in bounded time, whatever it repeats."""
    started = time.monotonic()
    with pytest.raises(PayloadError, match=message):
        list(iter_records(endless(beginning, more), record_plan, limit=8 * 2**20))
    assert time.monotonic() - started < 10


def test_a_stream_takes_little_memory() -> None:
    """Reading 8 MiB of records as a stream keeps none of them."""
    record = b"<r>" + b"<t>12345678</t>" * 100 + b"</r>"
    chunks = (record for _ in range(8 * 2**20 // len(record)))
    tracemalloc.start()
    try:
        count = sum(1 for _ in iter_records(_document(chunks), record_plan))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 5000
    assert peak < 4 * 2**20


def _document(chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield b"<a>"
    yield from chunks
    yield b"</a>"


def test_records_are_nested_and_paths_are_local_names() -> None:
    """Records hold their leaves by dotted path and the records within them; prefixes and attributes do not matter."""
    data = b"""<p:a xmlns:p="u" x="1"><s>top</s><q:b><r><t>1</t><c><t>2</t></c><r>own</r></r></q:b>
    <r xmlns="v">leaf</r><c:d>e</c:d></p:a>"""
    root = read(data)
    assert root.name == "a"
    assert root.fields == {"s": "top", "d": "e"}
    assert root.records == [
        Record("r", {"t": "1", "c.t": "2", "r": "own"}),
        Record("r", {"": "leaf"}),
    ]


def test_the_first_of_repeated_leaves_stays() -> None:
    """A repeated leaf keeps its first text that is not blank; text beside elements is no value."""
    assert read(b"<a><t/><t> </t><t>1</t><t>2</t><c>junk<d>x</d>junk</c></a>").fields == {"t": "1", "c.d": "x"}
