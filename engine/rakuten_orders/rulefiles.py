"""YAML text to plain data with positions. Every scalar stays text; types come from the schemas.

The parser's events are read one by one: nothing is built before depth and size are known, aliases, anchors,
tags and second documents are refused, and a key that stands twice is found. (PyYAML's own loaders keep the
last of two equal keys, turn ``012`` into 10, and its C parser ends the process on 30,000 open brackets.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding
from rakuten_orders.scalars import read_differently
from rakuten_orders.yamltraps import syntax_finding

MAX_BYTES = 2 * 2**20
MAX_DEPTH = 20
MAX_EVENTS = 200_000

Path = tuple[str | int, ...]
"""Where a value stands in a document: keys and list indices, from the top."""

_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A value of the file and where it begins (lines and columns from 1).

    ``value`` is plain data: text, None for nothing at all, a dict or a list. ``children`` are the nodes
    below it, ``keys`` the nodes of a mapping's keys. ``plain`` tells an unquoted scalar, ``index`` is
    the offset of its first character in the text and ``end`` that behind its last.
    """

    value: Any
    line: int
    column: int
    plain: bool = False
    index: int = 0
    end: int = 0
    children: dict[str, Node] | list[Node] | None = None
    keys: dict[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is well-formed: its name, text, plain data, and where everything stands."""

    file: str
    text: str
    data: dict[str, Any]
    root: Node
    ambiguous: tuple[tuple[Path, str], ...]
    """Unquoted scalars that other tools would not read as the text they are, with what they read."""

    def node(self, path: Sequence[str | int]) -> Node:
        """The node at ``path``, or the nearest one above that is there."""
        node = self.root
        for step in path:
            below = _child(node, step)
            if below is None:
                break
            node = below
        return node

    def at(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the value at ``path``; a mapping stands at its first key."""
        node = self.node(path)
        while isinstance(node.children, dict) and node.keys:
            node = next(iter(node.keys.values()))
        return node.line, node.column

    def key_at(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the last key in ``path`` (of the value, where that is a list's entry)."""
        parent = self.node(path[:-1])
        key = parent.keys.get(str(path[-1])) if path else None
        return (key.line, key.column) if key else self.at(path)

    def finding(
        self, code: str, path: Sequence[str | int], variant: str = "", /, *, at_key: bool = False, **params: object
    ) -> Diagnostic:
        """The diagnostic ``code`` at the value (or with ``at_key`` at the key) that ``path`` names."""
        line, column = self.key_at(path) if at_key else self.at(path)
        return finding(code, self.file, line, column, variant, **params)

    def position_in(self, path: Sequence[str | int], offset: int) -> tuple[int, int]:
        """Line and column of the character at ``offset`` of the text at ``path``.

        Exact in plain and quoted scalars on one line; elsewhere where the text begins.
        """
        node = self.node(path)
        raw = self.text[node.index : node.end]
        if "\n" in raw or not isinstance(node.value, str):
            return node.line, node.column
        return node.line, node.column + _raw_offset(raw, offset)


def _raw_offset(raw: str, offset: int) -> int:
    """Where the character at ``offset`` of a scalar's text stands in the scalar as written."""
    if raw.startswith("'"):
        position = 1
        for _ in range(offset):
            position += 2 if raw.startswith("''", position) else 1
        return position
    if raw.startswith('"'):
        escapes = list(_ESCAPE.finditer(raw, 1, len(raw) - 1))
        return escapes[offset].start() if offset < len(escapes) else 0
    return offset


_ESCAPE = re.compile(r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|.", re.DOTALL)


def read_document(file: str, data: bytes) -> tuple[Document | None, list[Diagnostic]]:
    """The document in ``data``, or None where the file cannot be read, and what was found on the way.

    Never raises for any bytes. ``file`` is the name that findings show.
    """
    text, findings = _decode(file, data)
    if text is None:
        return None, findings
    builder = _Builder(file, text, findings)
    try:
        for event in yaml.parse(text, Loader=_FAST):
            builder.take(event)
    except _Stop:
        return None, sorted(findings)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        return None, sorted([*findings, syntax_finding(file, text, fault)])
    if builder.broken:
        return None, sorted(findings)
    root = builder.root
    if root is None or root.value is None:
        return None, [*findings, finding("empty-file", file, 1, 1)]
    if not isinstance(root.value, dict):
        return None, sorted([*findings, finding("wrong-type", file, root.line, root.column, "document")])
    ambiguous = tuple(_ambiguous(root, ()))
    return Document(file, text, root.value, root, ambiguous), sorted(findings)


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.children, dict):
        return node.children.get(str(step))
    if isinstance(node.children, list) and isinstance(step, int) and step < len(node.children):
        return node.children[step]
    return None


def _decode(file: str, data: bytes) -> tuple[str | None, list[Diagnostic]]:
    if len(data) > MAX_BYTES:
        return None, [finding("file-too-large", file, 1, 1, limit=MAX_BYTES // 2**20)]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, [finding("not-utf8", file, 1, 1, "utf16")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8-sig", errors="replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        looks_like = data[fault.start : fault.start + 1].decode("cp1252", errors="replace")
        return None, [finding("not-utf8", file, line, column, byte=f"0x{data[fault.start]:02X}", character=looks_like)]
    illegal = _ILLEGAL.search(text)
    if illegal:
        line = text.count("\n", 0, illegal.start()) + 1
        column = illegal.start() - (text.rfind("\n", 0, illegal.start()) + 1) + 1
        return None, [finding("yaml-syntax", file, line, column, "character", codepoint=f"U+{ord(illegal[0]):04X}")]
    return text, []


# What YAML itself does not allow in a stream; a BOM inside the text is invisible and never meant.
_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def _ambiguous(node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    """Paths of the plain scalars that YAML readers change. Depth is bounded by the builder."""
    if isinstance(node.children, dict):
        for key, child in node.children.items():
            yield from _ambiguous(child, (*path, key))
    elif isinstance(node.children, list):
        for index, child in enumerate(node.children):
            yield from _ambiguous(child, (*path, index))
    elif node.plain and node.value is not None:
        reading = read_differently(node.value)
        if reading is not None:
            yield path, reading


class _Stop(Exception):
    """Reading on would be unsafe; the finding is recorded."""


class _Builder:
    """Builds nodes from events, without recursion. Findings are appended to ``findings``."""

    def __init__(self, file: str, text: str, findings: list[Diagnostic]) -> None:
        self.file = file
        self.text = text
        self.findings = findings
        self.root: Node | None = None
        self.broken = False
        self._stack: list[Node] = []
        self._key: list[Node | None] = []  # for each open mapping, the key that waits for its value
        self._skip = 0  # how many collections are open below a place that is not built
        self._documents = 0
        self._events = 0

    def take(self, event: Any) -> None:
        """Takes the parser's next event."""
        mark: Any = event.start_mark
        self._events += 1
        if self._events > MAX_EVENTS:
            self._stop(event, "file-too-large", "values", limit=MAX_EVENTS)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(event, "second-document")
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, "yaml-feature", "alias")
            self._place(Node(None, mark.line + 1, mark.column + 1))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()

    def _scalar(self, event: Any) -> None:
        if self._skip:
            return
        self._check_marks(event)
        mark: Any = event.start_mark
        plain = event.implicit[0]
        value = None if plain and event.value == "" else event.value
        self._place(Node(value, mark.line + 1, mark.column + 1, plain, mark.index, event.end_mark.index))

    def _open(self, event: Any) -> None:
        if len(self._stack) + self._skip >= MAX_DEPTH:
            self._stop(event, "too-deep", limit=MAX_DEPTH)
        if self._skip:
            self._skip += 1
            return
        self._check_marks(event)
        mark: Any = event.start_mark
        mapping = isinstance(event, yaml.MappingStartEvent)
        if self._stack and self._waits_for_key():
            # `{{ x }}` without quotes is a mapping as the key of a mapping.
            outer = self._stack[-1]
            flow = self.text[outer.index : outer.index + 1] == "{"
            line, column = (outer.line, outer.column) if flow else (mark.line + 1, mark.column + 1)
            self._add(line, column, "yaml-syntax", "braces")
            self._skip = 1
            return
        node = Node({} if mapping else [], mark.line + 1, mark.column + 1, index=mark.index)
        node.children = {} if mapping else []
        self._place(node)
        self._stack.append(node)
        self._key.append(None)

    def _close(self) -> None:
        if self._skip > 1:
            self._skip -= 1
        elif self._skip == 1:
            self._skip = 0
            self._key[-1] = Node(None, 0, 0)  # the value that follows belongs to nothing
        else:
            self._stack.pop()
            self._key.pop()

    def _waits_for_key(self) -> bool:
        return isinstance(self._stack[-1].children, dict) and self._key[-1] is None

    def _place(self, node: Node) -> None:
        """Puts a finished scalar or an opened collection where it belongs."""
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if isinstance(parent.children, list):
            parent.children.append(node)
            parent.value.append(node.value)
        elif isinstance(parent.children, dict):
            key = self._key[-1]
            if key is None:
                self._take_key(parent, node)
            else:
                self._key[-1] = None
                if key.value is not None and key.value not in parent.children:
                    parent.children[key.value] = node
                    parent.value[key.value] = node.value

    def _take_key(self, parent: Node, node: Node) -> None:
        self._key[-1] = node
        if node.value is None:
            self._add(node.line, node.column, "yaml-syntax", "empty_key")
        elif node.value == "<<" and node.plain:
            self._add(node.line, node.column, "yaml-feature", "merge")
            node.value = None
        elif node.value in parent.keys:
            first = parent.keys[node.value]
            self._add(node.line, node.column, "duplicate-key", key=node.value, first=first.line)
        else:
            parent.keys[node.value] = node

    def _check_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, "yaml-feature", "anchor")
        if event.tag is not None:
            self._refuse(event, "yaml-feature", "tag")

    def _refuse(self, event: Any, code: str, variant: str) -> None:
        self._add(event.start_mark.line + 1, event.start_mark.column + 1, code, variant)

    def _add(self, line: int, column: int, code: str, variant: str = "", **params: object) -> None:
        self.broken = True
        self.findings.append(finding(code, self.file, line, column, variant, **params))

    def _stop(self, event: Any, code: str, variant: str = "", **params: object) -> None:
        self._add(event.start_mark.line + 1, event.start_mark.column + 1, code, variant, **params)
        raise _Stop
