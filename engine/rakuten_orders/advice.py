"""Advice: warnings about files that load and are probably not what was meant. The checker's alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from rakuten_orders.carriers import Carrier
from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding
from rakuten_orders.order_rules import LEVELS
from rakuten_orders.patterns import has_anchor, lengths
from rakuten_orders.rulefiles import SWALLOWED, Document
from rakuten_orders.subsumption import covers
from rakuten_orders.tables import Table, fold_key
from rakuten_orders.template_branches import branches
from rakuten_orders.yamlnodes import Node

_TYPOGRAPHIC = "“”„«»‘’‚‹›"
_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ｛｝]")


def carrier_advice(document: Document, carrier: Carrier) -> Iterator[Diagnostic]:
    """What a carrier's file is probably not meant to say."""
    data = document.data
    yield from text_advice(document)
    for index, known in enumerate(carrier.formats):
        if "tracking_numbers" not in data:
            break
        if has_anchor(known.pattern):
            yield document.finding("superfluous-anchor", ("tracking_numbers", index, "pattern"))
        if known.checksum is None:
            continue
        low, high = lengths(known.pattern)
        algorithm = ALGORITHMS[known.checksum]
        if not any(algorithm.fits(length, known.tail) for length in range(low, high + 1)):
            path = ("tracking_numbers", index, "checksum", "algorithm")
            yield document.finding("checksum-length", path, algorithm=algorithm.name, low=low, high=high)
    if carrier.template is not None and "tracking_url" in data:
        for branch in branches(carrier.template.source):
            if "country" in branch.compared and not branch.has_else:
                line, column = document.position_in(("tracking_url",), branch.offset)
                yield finding("no-else", document.file, line, column)


def rules_advice(document: Document) -> Iterator[Diagnostic]:
    """What a rule file is probably not meant to say: rules that an earlier one leaves nothing to."""
    yield from text_advice(document)
    for key in ("mappings", "without_number", "skip", "hold"):
        rules = document.data.get(key, ())
        for index, rule in enumerate(rules):
            earlier = next((at for at in range(index) if covers(rules[at]["when"], rule["when"])), None)
            if earlier is not None:
                first, _column = document.at((key, earlier))
                same = {**rules[earlier], "because": ""} == {**rule, "because": ""}
                yield document.finding("unreachable-rule", (key, index), "same" if same else "", first=first)


def table_advice(file: str, table: Table, *, used: bool) -> Iterator[Diagnostic]:
    """Keys that differ only in case, spaces or leading zeros, and a table that no rule looks into."""
    if not used:
        yield finding("unused", file, 1, 1, "table", name=table.name)
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for key in table.entries:
        alike[fold_key(key)].append(key)
    for keys in alike.values():
        if len(keys) > 1:
            line = table.lines.get(keys[1], 1)
            yield finding("similar-keys", file, line, 1, key=keys[1], other=keys[0], first=table.lines.get(keys[0], 1))


def tables_used(data: Mapping[str, Any]) -> frozenset[str]:
    """The tables that an order rule file looks into."""
    rules = (rule for level in LEVELS for rule in data.get(level, {}).values() if isinstance(rule, dict))
    return frozenset(str(rule["table"]) for rule in rules if "table" in rule)


def text_advice(document: Document) -> Iterator[Diagnostic]:
    """Characters in values that look like others, and a ``#`` that swallowed the rest of a value."""
    for node in _scalars(document.root):
        value = str(node.value)
        if value[0] in _TYPOGRAPHIC and value[-1] in _TYPOGRAPHIC:
            yield finding("look-alike", document.file, node.line, node.column, "quotes", character=value[0])
        wide = _FULL_WIDTH.search(value)
        if wide:
            yield finding("look-alike", document.file, node.line, node.column, character=wide[0])
        swallowed = SWALLOWED.match(document.text, node.end) if node.plain else None
        if swallowed:
            yield finding("swallowed-text", document.file, node.line, node.column, text=swallowed[0].strip())


def _scalars(node: Node) -> Iterator[Node]:
    if isinstance(node.children, dict):
        for child in node.children.values():
            yield from _scalars(child)
    elif isinstance(node.children, list):
        for child in node.children:
            yield from _scalars(child)
    elif node.value:
        yield node
