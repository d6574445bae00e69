"""A YAML parser's events to nodes: plain data, with the place of everything. Every scalar stays text.

The events are read one by one: nothing is built before depth and size are known, aliases, anchors, tags and second
documents are refused, and a key that stands twice is found. (PyYAML's own loaders keep the last of two equal keys,
turn ``012`` into 10, and its C parser ends the process on 30,000 open brackets.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding
from rakuten_orders.yamltraps import numbered, syntax_finding, tab_finding

MAX_DEPTH = 20
MAX_EVENTS = 200_000

_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_KEYS: Mapping[str, Node] = MappingProxyType({})


@dataclass(slots=True)
class Node:
    """A value of the file and where it begins (lines and columns from 1).

    ``value`` is plain data: text, None for nothing at all, a dict or a list. ``children`` are the nodes below it,
    ``keys`` the nodes of a mapping's keys: all that are written, also those whose value cannot be read. ``plain``
    tells an unquoted scalar, ``index`` is the offset of its first character in the text and ``end`` that behind its
    last. ``unreadable`` marks a value that stands for something that is switched off.
    """

    value: Any
    line: int
    column: int
    plain: bool = False
    index: int = 0
    end: int = 0
    children: dict[str, Node] | list[Node] | None = None
    keys: Mapping[str, Node] = field(default_factory=lambda: _NO_KEYS)
    unreadable: bool = False


def read_nodes(file: str, text: str) -> tuple[Node | None, list[Diagnostic]]:
    """The node of the whole text, and what was found on the way.

    None where reading could not go on; an empty text is a node whose value is None. Never raises for any text.
    """
    if text.lstrip().startswith("1") and numbered(text):
        return None, [finding("yaml-syntax", file, 1, 1, "numbers")]
    builder = _Builder(file, text)
    taken = 0
    try:
        # As yaml.parse does it, without asking before each event whether there is one.
        for event in iter(_FAST(text).get_event, None):
            taken += 1
            if taken > MAX_EVENTS:
                builder.stop(event, "file-too-large", "values", limit=MAX_EVENTS)
            taker = _TAKERS.get(event.__class__)
            if taker is not None:
                taker(builder, event)
    except _Over:
        pass
    except _Stop:
        return None, builder.findings
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        return None, [*builder.findings, syntax_finding(file, text, fault, taken, builder.quoted)]
    tab = tab_finding(file, text, builder.quoted) if "\t" in text else None
    findings = [*builder.findings, tab] if tab else builder.findings
    return builder.root or Node(None, 1, 1), findings


class _Stop(Exception):
    """Reading on would be unsafe; the finding is recorded."""


class _Over(Exception):
    """What follows belongs to another file; the finding is recorded."""


_FIRST_KEYS = ("code", "kind")
_FEW = 2
_NO_SPACE = ("\u00a0", "\u2007", "\u202f", "\u3000")

_UNWANTED = Node(None, 0, 0)
"""Stands for a key whose value belongs to nothing: a second time, a collection, an alias."""


class _Builder:
    """Builds nodes from events, without recursion."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.findings: list[Diagnostic] = []
        self.root: Node | None = None
        self.quoted: list[Any] = []  # the scalars in quotes or in blocks, as events
        self._stack: list[Node] = []
        self._key: list[Node | None] = []  # for each open mapping, the key that waits for its value
        self._skip = 0  # how many collections are open below a place that is not built
        self._documents = 0

    def document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self.stop(event, "second-document")

    def alias(self, event: Any) -> None:
        self._refuse(event, "yaml-feature", "alias")
        if not self._skip:
            mark = event.start_mark
            self._place(Node(None, mark.line + 1, mark.column + 1, unreadable=True))

    def scalar(self, event: Any) -> None:
        plain = event.implicit[0]
        if not plain:
            self.quoted.append(event)
        if self._skip:
            return
        value = event.value
        mark = event.start_mark
        if plain and not value:
            value = None
        node = Node(value, mark.line + 1, mark.column + 1, plain, mark.index, event.end_mark.index, None, _NO_KEYS)
        if event.anchor is not None or event.tag is not None:
            # A sign that was meant as text has taken a word with it.
            node.unreadable = self._is_marked(event)
        self._place(node)

    def mapping(self, event: Any) -> None:
        self._open(event, {}, {}, {})

    def sequence(self, event: Any) -> None:
        self._open(event, [], [], _NO_KEYS)

    def _open(self, event: Any, value: Any, children: dict[str, Node] | list[Node], keys: Mapping[str, Node]) -> None:
        if len(self._stack) + self._skip >= MAX_DEPTH:
            self.stop(event, "too-deep", limit=MAX_DEPTH)
        if self._skip:
            self._skip += 1
            return
        self._is_marked(event)
        mark = event.start_mark
        if self._stack and self._waits_for_key():
            self._collection_as_key(event)
            self._skip = 1
            return
        node = Node(value, mark.line + 1, mark.column + 1, index=mark.index, children=children, keys=keys)
        self._place(node)
        self._stack.append(node)
        self._key.append(None)

    def _collection_as_key(self, event: Any) -> None:
        """``{{ x }}`` without quotes is a mapping as the key of a mapping."""
        outer = self._stack[-1]
        mark = event.start_mark
        if self.text.startswith("{{", outer.index):
            outer.unreadable = True
            self._add(outer.line, outer.column, "yaml-syntax", "braces")
        else:
            self._add(mark.line + 1, mark.column + 1, "yaml-syntax", "collection_key")

    def close(self, _event: Any) -> None:
        if self._skip > 1:
            self._skip -= 1
        elif self._skip == 1:
            self._skip = 0
            self._key[-1] = _UNWANTED
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
        children = parent.children
        if children.__class__ is list:
            children.append(node)
            parent.value.append(node.value)
            return
        key = self._key[-1]
        if key is None:
            self._key[-1] = self._take_key(parent, node)
            return
        self._key[-1] = None
        if key is not _UNWANTED:
            children[key.value] = node  # type: ignore[index]  # what is open is a list or a mapping
            parent.value[key.value] = node.value

    def _take_key(self, parent: Node, node: Node) -> Node:
        """The key that waits for its value."""
        name, keys = node.value, parent.keys
        if name is None:
            if not node.unreadable:
                self._add(node.line, node.column, "yaml-syntax", "empty_key")
            return _UNWANTED
        if name == "<<" and node.plain:
            self._add(node.line, node.column, "yaml-feature", "merge")
            parent.unreadable = True
            return _UNWANTED
        if name[:1] in _NO_SPACE:
            self._add(node.line, node.column, "yaml-syntax", "blank")
            raise _Stop
        if name in keys:
            if name in _FIRST_KEYS and len(self._stack) == 1 and len(keys) > _FEW:
                self._add(node.line, node.column, "second-document", "repeated", key=name)
                raise _Over
            self._add(node.line, node.column, "duplicate-key", key=name, first=keys[name].line)
            return _UNWANTED
        keys[name] = node  # type: ignore[index]  # a mapping's keys are a dict while it is built
        return node

    def _is_marked(self, event: Any) -> bool:
        """Whether a value has an anchor or a tag, which is a finding."""
        if event.anchor is not None:
            self._refuse(event, "yaml-feature", "anchor")
        if event.tag is not None:
            self._refuse(event, "yaml-feature", "tag")
        return event.anchor is not None or event.tag is not None

    def _refuse(self, event: Any, code: str, variant: str) -> None:
        self._add(event.start_mark.line + 1, event.start_mark.column + 1, code, variant)

    def _add(self, line: int, column: int, code: str, variant: str = "", **params: object) -> None:
        self.findings.append(finding(code, self.file, line, column, variant, **params))

    def stop(self, event: Any, code: str, variant: str = "", **params: object) -> None:
        """Records the finding that ends reading. Raises _Stop."""
        self._add(event.start_mark.line + 1, event.start_mark.column + 1, code, variant, **params)
        raise _Stop


_TAKERS: Mapping[type, Any] = {
    yaml.DocumentStartEvent: _Builder.document,
    yaml.AliasEvent: _Builder.alias,
    yaml.ScalarEvent: _Builder.scalar,
    yaml.MappingStartEvent: _Builder.mapping,
    yaml.SequenceStartEvent: _Builder.sequence,
    yaml.MappingEndEvent: _Builder.close,
    yaml.SequenceEndEvent: _Builder.close,
}
