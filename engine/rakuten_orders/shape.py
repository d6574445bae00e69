"""Whether a document has the shape that its schema says, what of it has, and warnings for look-alikes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.fitting import fits
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.scalars import read_differently
from rakuten_orders.schemas import KINDS, PLAIN_KINDS, Rules, mapping, rules_below
from rakuten_orders.yamlnodes import Node


def check_shape(document: Document, schema_name: str, *, partial: bool = False) -> tuple[Document, list[Diagnostic]]:
    """What of ``document`` has the shape of the schema of that name, and findings about the rest.

    Every value in what comes back has the type that the schema says. Where it is not sound, keys may be absent that the
    schema requires. ``partial`` is for a carrier that extends another, which at its top need not have them.
    """
    return check_against(document, _partial(schema_name) if partial else KINDS[schema_name])


def check_against(document: Document, schema: Mapping[str, Rules]) -> tuple[Document, list[Diagnostic]]:
    """As ``check_shape``, for a document of another kind, against a schema made of the same rules."""
    rules = mapping("the whole file", schema)
    findings: list[Diagnostic] = []
    if not fits(document.data, rules):
        # Only now: Cerberus costs every command a part of its start.
        from rakuten_orders.misfits import explained  # noqa: PLC0415

        document, findings = explained(document, rules)
    findings += _ambiguous(document, document.root, rules, ())
    return document, findings


@cache
def _partial(schema_name: str) -> Mapping[str, Rules]:
    """The schema for a carrier that extends another: what it does not have, that one has."""
    schema = KINDS[schema_name]
    optional = {
        key: {name: rule for name, rule in rules.items() if name != "required" or key == "code"}
        for key, rules in schema.items()
    }
    examples = optional["examples"]
    kinds = {key: {**rules, "required": False} for key, rules in examples["schema"].items()}
    return {**optional, "examples": {**examples, "schema": kinds}}


def _ambiguous(document: Document, node: Node, rules: Rules, path: Path) -> Iterator[Diagnostic]:
    """Warnings for plain scalars that other tools change, where text is meant. Depth is bounded by the reader."""
    if isinstance(node.children, dict):
        own_names = "valuesrules" in rules
        for key, child in node.children.items():
            here = (*path, key)
            if own_names and node.keys[key].plain and (reading := read_differently(key)) is not None:
                yield document.finding("ambiguous-scalar", here, at_key=True, value=key, reading=reading)
            below = rules_below(rules, key)
            if not (below.get("meta", {}).get("kind") == "typed" and node.value.get("type", "text") != "text"):
                yield from _ambiguous(document, child, below, here)
    elif isinstance(node.children, list):
        for index, child in enumerate(node.children):
            yield from _ambiguous(document, child, rules_below(rules, index), (*path, index))
    elif node.plain and node.value is not None and rules.get("meta", {}).get("kind", "text") not in PLAIN_KINDS:
        reading = read_differently(node.value)
        if reading is not None:
            yield document.finding("ambiguous-scalar", path, value=node.value, reading=reading)
