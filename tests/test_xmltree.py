"""The tree built in C and the stream agree on every document: one is the definition of the other."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rakuten_orders.errors import PayloadError
from rakuten_orders.xmlbytes import MAX_FILE, MAX_MARKUP, _read_exactly, read_record
from rakuten_orders.xmlrecords import MAX_DEPTH
from rakuten_orders.xmltext import cleaned
from rakuten_orders.xmltree import BLOCK, read_tree

PAYLOADS = sorted(Path(__file__).with_name("payloads").glob("*.xml"))
ISO = b'<?xml version="1.0" encoding="ISO-8859-1"?>'


def plan(root: str) -> frozenset[str]:
    if root == "refused":
        raise PayloadError("this root is refused")
    return frozenset({"r", "sale", "item"})


def exactly(data: bytes) -> object:
    """What the stream gives: the definition."""
    try:
        return _read_exactly(data, plan, MAX_FILE)
    except PayloadError as error:
        return str(error)


def whole(data: bytes) -> object:
    try:
        return read_record(data, plan)
    except PayloadError as error:
        return str(error)


def by_tree(data: bytes, block: int = BLOCK) -> object:
    """What the tree gives by itself, None where it refuses."""
    try:
        return read_tree(*cleaned(data, data[: 2**16]), plan, block=block)
    except PayloadError:
        return None


SCRAPS = [
    *(b"<a>", b"</a>", b"<a/>", b"<r>", b"</r>", b"<r/>", b"<r>x</r>", b"<item>", b"</item>", b"<t>1</t>", b"<t> </t>"),
    *(b"<p:t xmlns:p='u'>2</p:t>", b"<p:q/>", b"<t xmlns='v}w'>3</t>", b"<x:y:z/>", b"<:t/>", b"<t a='1' a='2'/>"),
    *(b"x", b" ", b"\n", b"\xe9", "é€œ".encode(), b"\x80", b"\x81", b"\x00", b"\x0b", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b"\xef\xbf\xbe", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xc3", b"\xa0", b"&amp;", b"&x;", b"&#25;"),
    *(b"&#xE9;", b"<![CDATA[ y ]]>", b"<![CDATA[<!DOCTYPE a>]]>", b"<!--", b"-->", b"]]>", b"<?p q?>", b"<!DOCTYPE a>"),
    *(b"<!DOC\x00TYPE a [<!ENTITY x 'y'>]>", b"<?xml version='1.0'?>", ISO, b"<a xmlns='u'>", b'<a xmlns="u" b="c">'),
    *(
        b"<a  xmlns=''/>",
        b"<refused>",
        b"<html>",
        b"<a xmlns='http://www.w3.org/2000/xmlns/'>",
        b"<xml:a/>",
        b"<xmlns:a/>",
    ),
]
STARTS = [b"", ISO, b"<?xml version='1.0' encoding='utf-8'?>", b"\xef\xbb\xbf", b"\n ", b"<?xml version='1.0'?>\n"]
markup = st.builds(b"".join, st.lists(st.sampled_from(SCRAPS), max_size=14))
enclosed = st.builds(
    lambda start, inner: start + b"<a xmlns='u'>" + inner + b"</a>",
    st.sampled_from(STARTS),
    markup | st.recursive(markup, lambda inner: inner.map(lambda text: b"<r>" + text + b"</r>"), max_leaves=4),
)


@settings(max_examples=1500, deadline=None)
@given(enclosed | st.builds(bytes.__add__, st.sampled_from(STARTS), markup) | st.binary(max_size=60))
@example(b"<r>" * (MAX_DEPTH + 1) + b"</r>" * (MAX_DEPTH + 1))
@example(ISO + ISO + b"<a/>")
@example(ISO + b"<a><t>x<!-- c -->y<?p?><![CDATA[z]]></t><c>junk<d>1</d>junk</c><t>2</t></a>")
def test_the_tree_agrees_with_the_stream(data: bytes) -> None:
    """Any bytes give the same records, or the same error with the same words, wherever the tree is cut meanwhile."""
    expected = exactly(data)
    assert whole(data) == expected
    for block in (1, 2, 7, 20):
        assert by_tree(data, block) in (None, expected)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_real_document_with_a_fault_gives_the_same(path: Path) -> None:
    """Payloads, each changed in a hundred places: both read them alike, and the sound one by the tree."""
    data = path.read_bytes()
    assert by_tree(data) == exactly(data)
    assert all(by_tree(data, block) == exactly(data) for block in (1, 10, 100, 1000))
    rng = random.Random(path.stem)
    for _ in range(100):
        place, length = rng.randrange(len(data)), rng.choice([0, 1, 1, 30])
        put = rng.choice([b"", rng.choice(SCRAPS), bytes([rng.randrange(256)]), data[place : place + length] * 2])
        changed = data[:place] + put + data[place + length :]
        assert whole(changed) == exactly(changed)


@pytest.mark.parametrize(
    "data",
    [
        b"<a><r><t>1</t></r></a>",
        ISO + b"\n<a xmlns='u'><t>\x9c\x0b\x81</t><p:t xmlns:p='v'/></a>",
        b"\xef\xbb\xbf<a><t>" + "é".encode() + b"</t><r/><r>x</r></a>",
        b"<a>" + b"<t>x</t>" * 10_000 + b"</a>",
    ],
)
def test_what_is_usual_is_read_by_the_tree(data: bytes) -> None:
    """Encodings, forbidden characters and namespaces are nothing out of the ordinary."""
    assert by_tree(data) == exactly(data) is not None


def test_what_only_the_stream_may_read() -> None:
    """A document type, whether it stands where it counts or not, and what is longer than one piece of markup may be."""
    assert by_tree(b"<a><![CDATA[<!DOCTYPE b>]]></a>") is None
    assert whole(b"<a><t><![CDATA[<!DOCTYPE b>]]></t></a>") == exactly(b"<a><t><![CDATA[<!DOCTYPE b>]]></t></a>")
    long = b"<a><!--" + b"x" * (MAX_MARKUP + 2**17) + b"--></a>"
    assert "a million characters" in str(whole(long))


def test_the_garbage_collector_is_left_as_it_was() -> None:
    """It is paused while a tree grows, and runs again afterwards, an error or not; one that was off stays off."""
    for data in (b"<a/>", b"<a>", b"<refused/>"):
        whole(data)
        assert gc.isenabled()
    gc.disable()
    try:
        whole(b"<a/>")
        assert not gc.isenabled()
    finally:
        gc.enable()
