"""Where a configuration names secrets: what stands there by mistake may be the secret, so no message quotes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.names import nearest
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.yamlnodes import Node

SECRET_KINDS = ("env", "file", "command")

_SECRETS = (
    ("connections", "*", "token"),
    ("connections", "*", "back_office", "header", "value"),
    ("connections", "*", "back_office", "secret"),
    ("notify", "url"),
)
_BACK_OFFICE = ("connections", "*", "back_office")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLES: Mapping[str, str] = MappingProxyType({"token": "RAKUTEN_TOKEN", "url": "NOTIFY_URL"})


def plainer(document: Document, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings; where a secret stands instead of the place that it is in, one of our own instead of all others.

    The same for a back office that is only a word: people write its folder there.
    """
    kept = list(findings)
    for place in _written(document.root, (*_SECRETS, _BACK_OFFICE)):
        node = document.node(place)
        fault = _fault(document, place, node)
        if fault is not None:
            inside = set(_positions(node))
            kept = [found for found in kept if (found.line, found.column) not in inside]
            kept.append(fault)
    return kept


def _fault(document: Document, place: Path, node: Node) -> Diagnostic | None:
    name = str(place[-1])
    if name == _BACK_OFFICE[-1]:
        return document.finding("one-of", place, name, name=name) if isinstance(node.value, str) else None
    example = _EXAMPLES.get(name, "ERP_SECRET")
    if not isinstance(node.value, dict) or not all(map(_is_meant, node.keys)):
        return document.finding("one-of", place, "secret", name=name, variable=example)
    variable = node.value.get("env")
    if isinstance(variable, str) and not _VARIABLE.fullmatch(variable):
        return document.finding("one-of", (*place, "env"), "variable", variable=example)
    return None


def _is_meant(key: str) -> bool:
    """Whether the key says how a secret is found, perhaps with a typing mistake."""
    return key in SECRET_KINDS or nearest(key, SECRET_KINDS) is not None


def _written(node: Node, patterns: Sequence[Sequence[str]], place: Path = ()) -> Iterator[Path]:
    """The places, of those that the patterns describe (``*`` is any key), at which something is written."""
    below = node.children if isinstance(node.children, dict) else {}
    for key, child in below.items():
        rest = [pattern[1:] for pattern in patterns if pattern[0] in ("*", key)]
        if any(not pattern for pattern in rest):
            yield (*place, key)
        yield from _written(child, [pattern for pattern in rest if pattern], (*place, key))


def _positions(node: Node) -> Iterator[tuple[int, int]]:
    """Where the node, its keys and all below it begin."""
    yield node.line, node.column
    for key in node.keys.values():
        yield key.line, key.column
    children = node.children.values() if isinstance(node.children, dict) else node.children or ()
    for child in children:
        yield from _positions(child)
