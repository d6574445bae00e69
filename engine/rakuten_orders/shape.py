"""Whether a document has the shape that its schema says, what of it has, and warnings for look-alikes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.fitting import fits
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.scalars import quoted, read_differently
from rakuten_orders.schemas import KINDS, PLAIN_KINDS, Rules, mapping, rules_below
from rakuten_orders.yamlnodes import Node


def check_shape(document: Document, schema_name: str, *, partial: bool = False) -> tuple[Document, list[Diagnostic]]:
    """What of ``document`` has the shape of the schema of that name, and findings about the rest.

    Every value in what comes back has the type that the schema says. Where it is not sound, keys may be absent that the
    schema requires. ``partial`` is for a carrier that extends another, which at its top need not have them.
    """
    return _checked(document, _rules(schema_name, partial=partial))


def check_against(document: Document, schema: Mapping[str, Rules]) -> tuple[Document, list[Diagnostic]]:
    """As ``check_shape``, for a document of another kind, against a schema made of the same rules."""
    return _checked(document, mapping("the whole file", schema))


@cache
def _rules(schema_name: str, *, partial: bool) -> Rules:
    return mapping("the whole file", _partial(schema_name) if partial else KINDS[schema_name])


def _checked(document: Document, rules: Rules) -> tuple[Document, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    if not fits(document.data, rules):
        # Only now: Cerberus costs every command a part of its start.
        from rakuten_orders.misfits import explained  # noqa: PLC0415

        document, findings = explained(document, rules)
    findings += _ambiguous(document, document.root, rules, ())
    return document, findings


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


def _ambiguous(document: Document, node: Node, rules: Rules, path: Path) -> list[Diagnostic]:
    """Warnings for plain scalars that other tools change, where text is meant. Depth is bounded by the reader."""
    found: list[Diagnostic] = []
    below: Iterable[tuple[str | int, Node]]
    if isinstance(node.children, dict):
        below = node.children.items()
        if "valuesrules" in rules:
            found += _ambiguous_keys(document, node, path)
    else:
        below = enumerate(node.children or ())
    for step, child in below:
        if child.children is None and (not child.plain or child.value is None):
            continue
        of_child = rules_below(rules, step)
        kind = of_child.get("meta", {}).get("kind", "text")
        if kind == "typed" and node.value.get("type", "text") != "text":
            continue
        if child.children is not None:
            found += _ambiguous(document, child, of_child, (*path, step))
        elif kind not in PLAIN_KINDS and (reading := read_differently(child.value)) is not None:
            found.append(
                document.finding(
                    "ambiguous-scalar", (*path, step), value=child.value, quoted=quoted(child.value), reading=reading
                )
            )
    return found


def _ambiguous_keys(document: Document, node: Node, path: Path) -> Iterator[Diagnostic]:
    """The same for the keys of a mapping that may have any."""
    for key in node.children or ():
        if node.keys[str(key)].plain and (reading := read_differently(str(key))) is not None:
            yield document.finding(
                "ambiguous-scalar", (*path, str(key)), at_key=True, value=key, quoted=quoted(str(key)), reading=reading
            )
