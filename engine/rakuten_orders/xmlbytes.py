"""XML bytes to flat records, whole or as a stream: the part that is the same for every document.

A record is an element whose name the caller's plan lists (``sale``, ``item``), with the texts of the leaf
elements below it under dotted paths of local names: ``deliveryinformation.deliveryaddress.zipcode``.
Namespaces are not looked at, as Rakuten's change (seen in samples). Texts are stripped, empty ones left
out; of a repeated leaf the first text stays. What a document can cost is bounded while it is read: its
size, its depth, and the length of one piece of markup. A document type is refused where it begins, so
that no entity is ever declared.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from xml.parsers import expat

from rakuten_orders.errors import PayloadError
from rakuten_orders.xmlrecords import Node, Plan, Record, start_node
from rakuten_orders.xmltext import Encoding, cleaned, texts, true_encoding
from rakuten_orders.xmltree import read_tree

MAX_ANSWER = 64 * 2**20
"""Bytes of an answer of the marketplace that are read at most."""

MAX_FILE = 2**30
"""Bytes of a file that are read at most."""

MAX_MARKUP = 2**20
"""Characters of one tag or comment: expat reads an unfinished one again with every block."""

_BLOCK = 2**16
_CUT_OFF = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


def read_record(data: bytes, plan: Plan, *, limit: int = MAX_ANSWER) -> Record:
    """The root of the document ``data``, with the records that ``plan`` names below it.

    Raises what ``plan`` raises, and PayloadError for what is not XML, is cut off, has a document type, or is
    beyond ``limit`` bytes or ``MAX_DEPTH``.
    """
    if len(data) <= min(limit, MAX_MARKUP):  # so that no piece of markup in it can be too long
        try:
            return read_tree(*cleaned(data, data[:_BLOCK]), plan)
        except PayloadError:
            pass  # the stream says what is wrong, or that nothing is
    return _read_exactly(data, plan, limit)


def _read_exactly(data: bytes, plan: Plan, limit: int) -> Record:
    """The definition of what ``read_record`` gives."""
    stream = _read(_slices(data, limit), plan, undeclared=lambda: true_encoding(data))
    found: list[Record] = []
    while True:
        try:
            found.append(next(stream))
        except StopIteration as end:
            root: Record = end.value
            root.records = found
            return root


def iter_records(chunks: Iterable[bytes], plan: Plan, *, limit: int = MAX_FILE) -> Generator[Record, None, Record]:
    """As ``read_record``, from a stream: yields the root's records as they end, returns the root without them.

    What was yielded before an error stands. Memory does not grow with the document.
    """
    return _read(_blocks(chunks, limit), plan)


def _read(
    blocks: Iterable[bytes],
    plan: Plan,
    undeclared: Callable[[], Encoding] | None = None,
) -> Generator[Record, None, Record]:
    document = _Document(plan)
    for text in texts(blocks, undeclared):
        yield from document.parse(text)
    yield from document.parse("", final=True)
    return document.root


def _slices(data: bytes, limit: int) -> Iterator[bytes]:
    if len(data) > limit:
        raise _too_large(limit)
    view = memoryview(data)
    for start in range(0, len(data), _BLOCK):
        yield bytes(view[start : start + _BLOCK])


def _blocks(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The same bytes in blocks of one size: the result cannot depend on where a stream was cut."""
    waiting = bytearray()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        waiting += chunk
        full = len(waiting) - len(waiting) % _BLOCK
        for start in range(0, full, _BLOCK):
            yield bytes(waiting[start : start + _BLOCK])
        del waiting[:full]
    yield bytes(waiting)


def _too_large(limit: int) -> PayloadError:
    size = f"{limit // 2**20} MiB" if limit >= 2**20 else f"{limit} bytes"
    return PayloadError(f"the document is larger than {size}", "ask for a shorter period, or split the file")


class _Document:
    """Expat's handlers: they run for every element, so they do as little as they can."""

    def __init__(self, plan: Plan) -> None:
        self.root = Record("")
        self._plan = plan
        self._node = start_node()
        self._open: list[Record] = []
        self._fields: dict[str, str] = {}
        self._leaf = False
        self._text: list[str] = []
        self._begun = False
        self._unfinished = 0
        self._reached = -1
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.buffer_size = _BLOCK
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = self._doctype

    def parse(self, text: str, *, final: bool = False) -> list[Record]:
        """Take in more of the document; returns the root's records that it completed."""
        if not self._begun:
            self._begin(text, final=final)
        try:
            self._parser.Parse(text, final)
        except expat.ExpatError as error:
            raise _damaged(error) from None
        # Expat since 2.6 may wait with a piece that it has not read to its end, and then does not say where it is.
        reached = self._parser.CurrentByteIndex
        self._unfinished = 0 if reached > self._reached else self._unfinished + len(text)
        self._reached = max(reached, self._reached)
        if self._unfinished > MAX_MARKUP:
            raise PayloadError("the document has a tag or comment of more than a million characters")
        completed, self.root.records = self.root.records, []
        return completed

    def _begin(self, text: str, *, final: bool) -> None:
        start = text.lstrip()[:16].lower()
        self._begun = bool(start)
        if start.startswith(("<!doctype html", "<html")):
            raise PayloadError("an HTML page came instead of XML")
        if start and not start.startswith("<"):
            raise PayloadError("text that is not XML came")
        if final and not start:
            raise PayloadError("nothing came: the document is empty")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        node = self._node = self._node[name]
        self._text.clear()
        self._leaf = True
        if node.is_record:
            self._open_record(node)

    def _end(self, _name: str) -> None:
        node = self._node
        if self._leaf:
            self._leaf = False
            value = "".join(self._text).strip()
            if value:
                self._fields.setdefault(node.path, value)
        if node.is_record:
            self._close_record()
        self._node = node.parent

    def _open_record(self, node: Node) -> None:
        record = Record(node.local)
        if not self._open:
            if node.local.lower() == "html":
                raise PayloadError("an HTML page came instead of XML")
            node.names = self._plan(node.local)
            self.root = record
        self._open.append(record)
        self._fields = record.fields

    def _close_record(self) -> None:
        record = self._open.pop()
        if self._open:
            around = self._open[-1]
            around.records.append(record)
            self._fields = around.fields

    def _doctype(self, name: str, *_identifiers: object) -> None:
        if name.lower() == "html":
            raise PayloadError("an HTML page came instead of XML")
        raise PayloadError("the document has a document type (DTD), which Rakuten's documents do not have")


def _damaged(error: expat.ExpatError) -> PayloadError:
    if error.code in _CUT_OFF:
        return PayloadError(f"the document is cut off at line {error.lineno}")
    place = f"line {error.lineno}, column {error.offset + 1}"
    return PayloadError(f"the document is not well-formed XML at {place}: {expat.ErrorString(error.code)}")
