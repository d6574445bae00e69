"""Order rules: a sale to an order. The language's specification is ``rules/README.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rakuten_orders.conditions import Condition
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Item, MapResult, Order, OrderLine, Problem, Sale, Value
from rakuten_orders.paths import Source, View, resolve, view
from rakuten_orders.tables import Table
from rakuten_orders.templates import Template

FieldLevel = Literal["order", "lines"]

SAME_LINE = ("advertid", "sku", "price.amount", "price.currency", "itemstatus")
"""Items that agree in all of these are units of one line."""

TEST_PREFIX = "TEST-"
"""Order ids of test orders begin with it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One rule for one field of the order or of a line, compiled."""

    name: str
    level: FieldLevel
    file: str
    line: int
    sources: tuple[Source, ...]
    constant: str | None
    template: Template | None
    names: Mapping[str, tuple[Source, ...]]
    transforms: tuple[Callable[[str], str], ...]
    table: Table | None
    keep: bool
    default: str | None
    read: Callable[[str], Value]
    required: bool
    when: Condition | None

    @property
    def from_sku(self) -> bool:
        """Whether the value is read from the seller's reference."""
        return any(source.key == "sku" and source.scope in ("item", "billing") for source in self.sources)

    @property
    def after_acceptance_only(self) -> bool:
        """Whether every path it reads is filled only after acceptance."""
        read = [*self.sources, *(source for sources in self.names.values() for source in sources)]
        return bool(read) and not any(source.before for source in read)


@dataclass(frozen=True, slots=True)
class OrderRules:
    """All fields of the order and of its lines, in the file's order."""

    order: tuple[Field, ...]
    lines: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """How one field got its value: the rule's place, the path that was read (None: none), the value."""

    field: str
    item_id: str | None
    value: Value
    file: str
    line: int
    source: str | None
    problem: Problem | None


def map_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> MapResult:
    """The order that the rules make of ``sale``, or every problem that stands in the way.

    ``accepted=False`` is the check before acceptance: ``required`` is not held against paths that Rakuten fills
    only afterwards.
    """
    traces = list(trace_sale(rules, sale, accepted=accepted))
    problems = [*_identity_problems(sale), *(trace.problem for trace in traces if trace.problem)]
    if problems:
        return MapResult(sale.purchase_id, None, tuple(problems))
    fields = {trace.field: trace.value for trace in traces if trace.item_id is None}
    lines = []
    for units in group_items(sale):
        first = units[0].item_id
        values = {trace.field: trace.value for trace in traces if trace.item_id == first}
        lines.append(OrderLine(tuple(item.item_id for item in units), len(units), values))
    order = Order(sale.purchase_id, fields, tuple(lines), is_test=sale.purchase_id.startswith(TEST_PREFIX))
    return MapResult(sale.purchase_id, order)


def trace_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> Iterator[Trace]:
    """Every field with its value, its rule and the path that was read; a line's fields once for its first item."""
    whole = view(sale, None)
    for field in rules.order:
        yield _evaluate(field, whole, None, accepted=accepted)
    for units in group_items(sale):
        seen = view(sale, units[0])
        for field in rules.lines:
            yield _evaluate(field, seen, units[0].item_id, accepted=accepted)


def group_items(sale: Sale) -> list[tuple[Item, ...]]:
    """The items as lines: units of one offer at one price and status together, in the order they come."""
    groups: dict[tuple[str | None, ...], list[Item]] = {}
    for item in sale.items:
        groups.setdefault(tuple(item.fields.get(key) for key in SAME_LINE), []).append(item)
    return [tuple(units) for units in groups.values()]


def _identity_problems(sale: Sale) -> Iterator[Problem]:
    if not sale.purchase_id:
        yield Problem("mapping_failed", "purchaseid", *reason_text("mapping_failed", "no_id", element="purchaseid"))
    if any(not item.item_id for item in sale.items):
        yield Problem("mapping_failed", "itemid", *reason_text("mapping_failed", "no_id", element="itemid"))
    if not sale.items:
        yield Problem("mapping_failed", "items", *reason_text("mapping_failed", "no_items"))


class _Failed(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _evaluate(field: Field, seen: View, item_id: str | None, *, accepted: bool) -> Trace:
    source: Source | None = None
    value: Value = None
    problem: Problem | None = None
    try:
        if field.when is None or field.when(lambda path: seen.get(resolve(path, field.level))):
            text, source = _text(field, seen)
            text = _looked_up(field, _transformed(field, text), item_id)
            if not text:
                text = field.default
            value = _typed(field, text, item_id) if text is not None else None
            if value is None and field.required and (accepted or not field.after_acceptance_only):
                raise _Failed(_missing(field, item_id))
    except _Failed as failed:
        problem = failed.problem
    path = source.path if source else None
    name = field.name
    return Trace(name, item_id, value, field.file, field.line, path, problem)


def _text(field: Field, seen: View) -> tuple[str | None, Source | None]:
    """The raw text and the path it came from."""
    if field.constant is not None:
        return field.constant, None
    if field.template is not None:
        values = {name: _first(sources, seen)[0] or "" for name, sources in field.names.items()}
        return field.template.render(values, encode=False).strip(), None
    return _first(field.sources, seen)


def _first(sources: Sequence[Source], seen: View) -> tuple[str | None, Source | None]:
    for source in sources:
        found = seen.get(source)
        if found:
            return found, source
    return None, None


def _transformed(field: Field, text: str | None) -> str | None:
    for transform in field.transforms:
        if not text:
            break
        text = transform(text)
    return text


def _looked_up(field: Field, text: str | None, item_id: str | None) -> str | None:
    if field.table is None or not text:
        return text
    found = field.table.entries.get(text)
    if found is None and field.default is None:
        if not field.keep:
            raise _Failed(_not_found(field, field.table, text, item_id))
        return text
    return found


def _typed(field: Field, text: str, item_id: str | None) -> Value:
    try:
        return field.read(text)
    except ValueError as fault:
        message, hint = reason_text(
            "mapping_failed", "type", field=field.name, expected=fault, where=_where(item_id), rule=_rule(field)
        )
        raise _Failed(Problem("mapping_failed", _field(field), message, hint)) from None


def _missing(field: Field, item_id: str | None) -> Problem:
    if field.from_sku:
        message, hint = reason_text("sku_missing", item=item_id)
        return Problem("sku_missing", _field(field), message, hint)
    paths = ", ".join(source.path for source in field.sources) or ", ".join(field.names) or "its rule"
    message, hint = reason_text(
        "mapping_failed", "required", field=field.name, paths=paths, where=_where(item_id), rule=_rule(field)
    )
    return Problem("mapping_failed", _field(field), message, hint)


def _not_found(field: Field, table: Table, key: str, item_id: str | None) -> Problem:
    near = table.near(key)
    params = {"key": key, "table": table.name, "rule": _rule(field)}
    if field.from_sku:
        message, hint = reason_text(
            "sku_not_found", "near" if near else "", item=item_id, near=", ".join(near), **params
        )
        return Problem("sku_not_found", _field(field), message, hint)
    message, hint = reason_text("mapping_failed", "table", field=field.name, where=_where(item_id), **params)
    return Problem("mapping_failed", _field(field), message, hint)


def _field(field: Field) -> str:
    return f"lines.{field.name}" if field.level == "lines" else field.name


def _where(item_id: str | None) -> str:
    return f" of item {item_id}" if item_id else ""


def _rule(field: Field) -> str:
    return f"{field.file}:{field.line}"
