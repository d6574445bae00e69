"""YAML files as documents: plain data whose every scalar is text, and where everything stands.

Types come from the schemas. What is found on the way does not end the reading where it can go on, so that one run
shows every mistake of a file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding
from rakuten_orders.positions import line_and_column, raw_offset
from rakuten_orders.yamlnodes import Node, read_nodes

MAX_BYTES = 2 * 2**20

SWALLOWED = re.compile(r"[ \t]+#[^ \t\r\n#!][^\r\n]*")
"""A comment that was probably meant as a part of the value before it."""

Path = tuple[str | int, ...]
"""Where a value stands in a document: keys and list indices, from the top."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read: its name, text, plain data, and where everything stands.

    ``sound`` is False where something is wrong with its form: then what is wrong was left out of ``data``, so that
    the rest can be looked into, and nothing may be compiled from it.
    """

    file: str
    text: str
    data: dict[str, Any]
    root: Node
    sound: bool = True

    def node(self, path: Sequence[str | int]) -> Node:
        """The node at ``path``, or the nearest one above that is there."""
        node = self.root
        for step in path:
            below = _child(node, step)
            if below is None:
                break
            node = below
        return node

    def lacks(self, path: Sequence[str | int]) -> bool:
        """Whether nothing is written at ``path``; False also for a value that was left out because it is wrong."""
        parent: Node | None = self.root
        for step in path[:-1]:
            parent = _child(parent, step) if parent is not None else None
        return parent is not None and path[-1] not in parent.keys

    def at(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the value at ``path``; a mapping stands at its first key."""
        node = self.node(path)
        while node.keys:
            node = next(iter(node.keys.values()))
        return node.line, node.column

    def key_at(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the last key in ``path`` (of the value, where that is a list's entry)."""
        key = self.node(path[:-1]).keys.get(str(path[-1])) if path else None
        return (key.line, key.column) if key else self.at(path)

    def finding(
        self, code: str, path: Sequence[str | int], variant: str = "", /, *, at_key: bool = False, **params: object
    ) -> Diagnostic:
        """The diagnostic ``code`` at the value (or with ``at_key`` at the key) that ``path`` names."""
        line, column = self.key_at(path) if at_key else self.at(path)
        return finding(code, self.file, line, column, variant, **params)

    def position_in(self, path: Sequence[str | int], offset: int) -> tuple[int, int]:
        """Line and column of the character at ``offset`` of the text at ``path``, in whatever style it is written."""
        node = self.node(path)
        if not isinstance(node.value, str):
            return self.at(path)
        raw = self.text[node.index : node.end]
        line, column = line_and_column(raw, raw_offset(raw, node.value, offset))
        return (node.line, node.column + column - 1) if line == 1 else (node.line + line - 1, column)

    def swallows(self, path: Sequence[str | int]) -> bool:
        """Whether a comment directly behind the unquoted value at ``path`` looks like a part of it."""
        node = self.node(path)
        return node.plain and SWALLOWED.match(self.text, node.end) is not None

    def without(self, paths: Collection[Path], meant: Mapping[Path, str] = MappingProxyType({})) -> Document:
        """The document, unsound, without the values at ``paths``. Their keys stay known: they are not missing.

        ``meant`` has for a misspelt key in ``paths`` the one that was meant, which is not missing either. Lists close
        up, so paths of this document are not always paths of the other.
        """
        root = _pruned(self.root, (), frozenset(paths), meant) if paths else self.root
        return replace(self, data=root.value, root=root, sound=False)


def read_document(file: str, data: bytes) -> tuple[Document | None, list[Diagnostic]]:
    """The document in ``data``, and what is wrong with it, sorted. Never raises for any bytes.

    None where nothing can be said about its content. Otherwise what could not be read is left out, and there are
    errors among the findings. ``file`` is the name that findings show.
    """
    text, fault = _decode(file, data)
    if text is None:
        return None, [fault] if fault else []
    root, findings = read_nodes(file, text)
    findings.sort()
    if root is None or root.unreadable:
        return None, findings
    if root.value is None:
        return None, [*findings, finding("empty-file", file, 1, 1)]
    if not isinstance(root.value, dict):
        found = "a list" if isinstance(root.value, list) else "text"
        return None, sorted([*findings, finding("wrong-type", file, root.line, root.column, "document", found=found)])
    document = Document(file, text, root.value, root)
    return (document.without(list(_unreadable(root, ()))) if findings else document), findings


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.children, dict):
        return node.children.get(str(step))
    if isinstance(node.children, list) and isinstance(step, int) and step < len(node.children):
        return node.children[step]
    return None


def _decode(file: str, data: bytes) -> tuple[str | None, Diagnostic | None]:
    if len(data) > MAX_BYTES:
        return None, finding("file-too-large", file, 1, 1, limit=MAX_BYTES // 2**20)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None, finding("not-utf8", file, 1, 1, "utf16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        wrong = data[fault.start : fault.start + 1]
        before = data[: fault.start].decode("utf-8-sig", errors="replace")
        place = line_and_column(before, len(before))
        looks_like = wrong.decode("cp1252", errors="replace")
        return None, finding("not-utf8", file, *place, byte=f"0x{wrong[0]:02X}", character=looks_like)
    illegal = _ILLEGAL.search(text)
    if illegal:
        place = line_and_column(text, illegal.start())
        return None, finding("yaml-syntax", file, *place, "character", codepoint=f"U+{ord(illegal[0]):04X}")
    return text, None


# Control characters, which YAML does not allow; its rarer line breaks, which other tools do not take for such; and
# what cannot be seen and is never meant: soft hyphens, spaces without width, changes of direction.
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)


def _unreadable(node: Node, path: Path) -> list[Path]:
    """Paths of the values that stand for something that is switched off. Depth is bounded by the reader."""
    if node.unreadable:
        return [path]
    if isinstance(node.children, dict):
        return [found for key, child in node.children.items() for found in _unreadable(child, (*path, key))]
    if isinstance(node.children, list):
        return [found for index, child in enumerate(node.children) for found in _unreadable(child, (*path, index))]
    return []


def _pruned(node: Node, path: Path, gone: frozenset[Path], meant: Mapping[Path, str]) -> Node:
    """A copy of the node without what stands at the paths ``gone``."""
    if isinstance(node.children, dict):
        kept = {
            key: _pruned(child, (*path, key), gone, meant)
            for key, child in node.children.items()
            if (*path, key) not in gone
        }
        keys = {
            **node.keys,
            **{meant[here]: key for name, key in node.keys.items() if (here := (*path, name)) in meant},
        }
        return replace(node, value={name: child.value for name, child in kept.items()}, children=kept, keys=keys)
    if isinstance(node.children, list):
        entries = [
            _pruned(child, (*path, index), gone, meant)
            for index, child in enumerate(node.children)
            if (*path, index) not in gone
        ]
        return replace(node, value=[child.value for child in entries], children=entries)
    return node
