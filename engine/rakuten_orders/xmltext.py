"""A document's bytes as the text an XML parser may see: its true encoding, and no forbidden characters.

What a document declares and what it holds differ (seen in samples and by production clients):

- ISO-8859-1 is declared and Windows-1252 is meant: 0x80–0x9F are ``œ``, ``€`` and typographic quotes.
  The five bytes that Windows-1252 leaves undefined are dropped with the control characters.
- Nothing is declared: the document is UTF-8 if all of it is, else Windows-1252.
- UTF-8 is declared, or a byte order mark says so, and the bytes are not: refused. Reading such a document
  as Windows-1252 would put mojibake into addresses without a word.
- UTF-16, UTF-32 and other declared encodings: refused. Rakuten sends none of them (seen in samples).

The XML declaration is blanked out, so that blank lines may stand before it and lines still count right.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rakuten_orders.errors import PayloadError

Encoding = Literal["utf-8", "cp1252"]

_FORBIDDEN = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
_REMOVED: dict[Encoding, bytes] = {"utf-8": _FORBIDDEN, "cp1252": _FORBIDDEN + _UNDEFINED_IN_CP1252}
_HEAD = 1024  # an XML declaration takes less than a tenth of it
_MOST_BLANKS = 2**20
_BEFORE_ROOT = re.compile(rb"(?:[\x00-\x20]|\xef\xbb\xbf)*")
_DECLARATION = re.compile(rb"<\?xml\s[^<>]*\?>")
_DECLARED_ENCODING = re.compile(rb"encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})")
_WIDE = re.compile(rb"\xff\xfe|\xfe\xff|[\x00-\x20]*?(?:\x00<\x00[!-~]|<\x00[!-~]\x00|\x00\x00\x00<|<\x00\x00\x00)")
_ENCODINGS: dict[str, Encoding] = {
    "utf8": "utf-8",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
    "usascii": "cp1252",
    "ascii": "cp1252",
}


@dataclass(frozen=True, slots=True)
class Prolog:
    """What stands before the root: the encoding, None where nothing tells it, and where the content begins."""

    encoding: Encoding | None
    length: int


def prolog(head: bytes) -> Prolog:
    """Examine the first bytes of a document, at least 1,024 of them after the blanks, or all.

    Raises PayloadError for an encoding that is not read here.
    """
    if _WIDE.match(head):
        raise PayloadError(
            "the document is in UTF-16 or UTF-32; expected ISO-8859-1 or UTF-8", "save it in one of those encodings"
        )
    start = blanks(head)
    marked = b"\xef\xbb\xbf" in head[:start]
    declaration = _DECLARATION.match(head, start)
    if declaration is None:
        return Prolog("utf-8" if marked else None, start)
    declared = _DECLARED_ENCODING.search(declaration[0])
    if marked or declared is None:
        return Prolog("utf-8" if marked else None, declaration.end())
    name = declared[1].decode("ascii")
    encoding = _ENCODINGS.get(re.sub(r"[^a-z0-9]", "", name.lower()))
    if encoding is None:
        raise PayloadError(
            f"the document declares the encoding {name}; expected ISO-8859-1 or UTF-8", "save it in one of those"
        )
    return Prolog(encoding, declaration.end())


def blanks(head: bytes) -> int:
    """How many bytes of blanks, control characters and byte order marks stand before the first markup."""
    match = _BEFORE_ROOT.match(head)
    return match.end() if match else 0


def texts(blocks: Iterable[bytes], undeclared: Callable[[], Encoding] | None = None) -> Iterator[str]:
    """The text of a document that arrives in ``blocks``, control characters and declaration removed.

    ``undeclared`` is asked for the encoding where the document declares none; without it the first character
    beyond ASCII decides, which only a stream has to do. Raises PayloadError as the module's text says.
    """
    source = iter(blocks)
    head = b""
    for block in source:
        head += block
        if len(head) - blanks(head) >= _HEAD or len(head) > _MOST_BLANKS:
            break
    found = prolog(head)
    yield "".join("\n" if byte == 0x0A else " " for byte in head[: found.length])
    encoding = found.encoding or (undeclared() if undeclared else None)
    decode = _cp1252 if encoding == "cp1252" else _Utf8(fixed=encoding == "utf-8").decode
    yield decode(head[found.length :])
    for block in source:
        yield decode(block)
    yield decode(b"", final=True)


def cleaned(data: bytes, head: bytes) -> tuple[bytes, Encoding]:
    """What ``texts`` makes of a whole document, without its declaration, as bytes; and their encoding.

    ``head`` is its first block. Raises PayloadError as the module's text says, and, where the head does not tell or
    UTF-8 has characters to be removed, for what ``texts`` has to read.
    """
    if len(head) < len(data) and len(head) - blanks(head) < _HEAD:
        raise PayloadError("the document begins far behind its first byte")
    found = prolog(head)
    encoding = found.encoding or true_encoding(data)
    body = data[found.length :].translate(None, _REMOVED[encoding])
    if encoding == "utf-8" and true_encoding(body) != "utf-8":
        raise PayloadError("the document says that it is UTF-8 and is not")
    return body, encoding


def true_encoding(data: bytes) -> Encoding:
    """The encoding of a whole document that declares none."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _cp1252(block: bytes, *, final: bool = False) -> str:  # noqa: ARG001 - the signature of _Utf8.decode
    return block.translate(None, _REMOVED["cp1252"]).decode("cp1252")


class _Utf8:
    """Decodes UTF-8 block by block; unless ``fixed``, goes over to cp1252 where that is the whole truth."""

    def __init__(self, *, fixed: bool) -> None:
        self._fixed = fixed
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._only_ascii = True
        self._cp1252 = False

    def decode(self, block: bytes, *, final: bool = False) -> str:
        if self._cp1252:
            return _cp1252(block)
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(block.translate(None, _REMOVED["utf-8"]), final)
        except UnicodeDecodeError as error:
            return self._not_utf8(pending + block, error)
        if text.isascii():
            return text
        self._only_ascii = False
        return text.replace("\ufffe", "").replace("\uffff", "")  # encodable, but no XML characters

    def _not_utf8(self, data: bytes, error: UnicodeDecodeError) -> str:
        if self._fixed:
            raise PayloadError(
                "the document says that it is UTF-8 and is not", "save it again, in the encoding that it declares"
            ) from None
        if not (self._only_ascii and error.object[: error.start].isascii()):
            raise PayloadError(
                "the document declares no encoding and is neither UTF-8 nor Windows-1252 throughout",
                "declare its encoding in the first line",
            ) from None
        self._cp1252 = True
        return _cp1252(data)
