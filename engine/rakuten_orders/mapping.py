"""Order rules: a sale to an order. The language's specification is ``rules/README.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple

from rakuten_orders.conditions import Condition
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Item, MapResult, Order, OrderLine, Problem, Sale, Value
from rakuten_orders.paths import Source, View, view
from rakuten_orders.tables import Table
from rakuten_orders.templates import Template

FieldLevel = Literal["order", "lines"]
Key = Literal["from", "value", "template", "default", "when"]

SAME_LINE = ("advertid", "sku", "price.amount", "price.currency", "itemstatus")
"""Items that agree in all of these are units of one line (Rakuten has no quantities; seen in samples)."""

TEST_PREFIX = "TEST-"
"""Order ids of test orders begin with it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One rule for one field of the order or of a line, compiled. The keys of ``rules/README.md``, in their order.

    ``sources`` are the paths of ``from``, ``names`` those behind the names of ``template``. ``read`` makes the
    typed value and raises ValueError saying what was expected.
    """

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
    def paths(self) -> tuple[Source, ...]:
        """Every path that the value may come from."""
        return (*self.sources, *chain.from_iterable(self.names.values()))

    @property
    def from_sku(self) -> bool:
        """Whether the value is read from the seller's reference."""
        return any(map(_is_sku, self.sources))

    @property
    def after_acceptance_only(self) -> bool:
        """Whether every path it reads is filled only after acceptance."""
        return bool(self.paths) and not any(source.before for source in self.paths)


@dataclass(frozen=True, slots=True)
class OrderRules:
    """All fields of the order and of its lines, in the file's order."""

    order: tuple[Field, ...]
    lines: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """How one field got its value.

    ``field`` is the rule's name, ``item_id`` the first item of the line (None: a field of the order), ``file`` and
    ``line`` the rule's place. ``key`` is the key of the rule that gave the value: ``from``, ``value``, ``template``
    or ``default``; ``when`` where it kept the field empty; None where nothing was found. ``source`` is the path
    that was read (several, with commas, for a template); None where no path gave the value.
    """

    field: str
    item_id: str | None
    value: Value
    file: str
    line: int
    source: str | None
    key: Key | None
    problem: Problem | None


def map_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> MapResult:
    """The order that the rules make of ``sale``, or every problem that stands in the way. Total: never raises.

    ``accepted=False`` is the check before acceptance: ``required`` is not held against paths that Rakuten fills
    only afterwards. No problem quotes the sale, but for item ids and SKUs.
    """
    order = _order_traces(rules, sale, accepted)
    lines = [(units, _line_traces(rules, sale, units[0], accepted)) for units in group_items(sale)]
    traces = chain(order, *(found for _units, found in lines))
    problems = (*_identity_problems(sale), *(trace.problem for trace in traces if trace.problem))
    if problems:
        return MapResult(sale.purchase_id, None, problems)
    made = tuple(OrderLine(tuple(item.item_id for item in units), len(units), _values(found)) for units, found in lines)
    is_test = sale.purchase_id.startswith(TEST_PREFIX)
    return MapResult(sale.purchase_id, Order(sale.purchase_id, _values(order), made, is_test))


def trace_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> Iterator[Trace]:
    """Every field with its value, its rule and the path that was read; a line's fields once for its first item."""
    yield from _order_traces(rules, sale, accepted)
    for units in group_items(sale):
        yield from _line_traces(rules, sale, units[0], accepted)


def group_items(sale: Sale) -> list[tuple[Item, ...]]:
    """The items as lines: units of one offer at one price and status together, in the order they come.

    An item with neither ``advertid`` nor ``sku`` is a line of its own: nothing says that it is the same product.
    """
    groups: dict[tuple[str | int | None, ...], list[Item]] = {}
    for index, item in enumerate(sale.items):
        alike = tuple(item.fields.get(name, "").strip() for name in SAME_LINE)
        key = alike if any(alike[:2]) else (index,)
        groups.setdefault(key, []).append(item)
    return [tuple(units) for units in groups.values()]


def _order_traces(rules: OrderRules, sale: Sale, accepted: bool) -> tuple[Trace, ...]:
    whole = view(sale, None)
    return tuple(_evaluate(field, whole, None, accepted) for field in rules.order)


def _line_traces(rules: OrderRules, sale: Sale, item: Item, accepted: bool) -> tuple[Trace, ...]:
    seen = view(sale, item)
    return tuple(_evaluate(field, seen, item.item_id, accepted) for field in rules.lines)


def _values(traces: Sequence[Trace]) -> dict[str, Value]:
    return {trace.field: trace.value for trace in traces}


def _identity_problems(sale: Sale) -> Iterator[Problem]:
    if not sale.purchase_id.strip():
        yield Problem("mapping_failed", "purchaseid", *reason_text("mapping_failed", "no_id", element="purchaseid"))
    if any(not item.item_id.strip() for item in sale.items):
        yield Problem("mapping_failed", "itemid", *reason_text("mapping_failed", "item_id"))
    if not sale.items:
        yield Problem("mapping_failed", "items", *reason_text("mapping_failed", "no_items"))


class _Found(NamedTuple):
    """A text on its way through a field's keys: None where it is missing, else what gave it and from which paths."""

    text: str | None = None
    key: Key | None = None
    paths: tuple[Source, ...] = ()


_NOTHING = _Found()


class _Failed(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _evaluate(field: Field, seen: View, item_id: str | None, accepted: bool) -> Trace:
    """The field's value, its keys taken in the order of ``rules/README.md``."""
    if field.when is not None and not field.when(seen.lookup(field.level)):
        return _trace(field, item_id, _Found(key="when"))
    found = _present(_raw(field, seen))
    try:
        text = _looked_up(field, _transformed(field, found.text), found, item_id)
        found = _present(found._replace(text=text))
        if found.text is None:
            found = _present(_Found(field.default, "default"))
        value = _typed(field, found.text, item_id)
        if value is None and field.required and (accepted or not field.after_acceptance_only):
            raise _Failed(_missing(field, item_id))
    except _Failed as failed:
        return _trace(field, item_id, found, problem=failed.problem)
    return _trace(field, item_id, found, value)


def _trace(
    field: Field, item_id: str | None, found: _Found, value: Value = None, problem: Problem | None = None
) -> Trace:
    source = ", ".join(path.path for path in found.paths) or None
    return Trace(field.name, item_id, value, field.file, field.line, source, found.key, problem)


def _present(found: _Found) -> _Found:
    """``found``, or nothing where its text is missing or blank."""
    return found if found.text and not found.text.isspace() else _NOTHING


def _raw(field: Field, seen: View) -> _Found:
    """The text of ``from``, ``value`` or ``template``."""
    if field.constant is not None:
        return _Found(field.constant, "value")
    if field.template is not None:
        read = {name: _first(sources, seen) for name, sources in field.names.items()}
        text = field.template.render({name: found.text or "" for name, found in read.items()}, encode=False)
        return _Found(text.strip(), "template", tuple(path for found in read.values() for path in found.paths))
    return _first(field.sources, seen)


def _first(sources: Sequence[Source], seen: View) -> _Found:
    """The first of the paths that is not missing."""
    for source in sources:
        text = seen.get(source)
        if text is not None:
            return _Found(text, "from", (source,))
    return _NOTHING


def _transformed(field: Field, text: str | None) -> str | None:
    for transform in field.transforms:
        if not text:
            break
        text = transform(text)
    return text


def _looked_up(field: Field, text: str | None, found: _Found, item_id: str | None) -> str | None:
    """The table's value. A key that it lacks is missing if there is a default, else kept if the rule says so."""
    if field.table is None or not text or text.isspace():
        return text
    key = text.strip()
    value = field.table.entries.get(key)
    if value is not None or field.default is not None:
        return value
    if not field.keep:
        raise _Failed(_not_found(field, field.table, key, found, item_id))
    return text


def _typed(field: Field, text: str | None, item_id: str | None) -> Value:
    if text is None:
        return None
    try:
        return field.read(text)
    except ValueError as expected:
        raise _Failed(_problem(field, item_id, "type", expected=expected)) from None


def _missing(field: Field, item_id: str | None) -> Problem:
    if field.from_sku:
        return Problem("sku_missing", _field(field), *reason_text("sku_missing", item=item_id))
    paths = ", ".join(source.path for source in field.paths) or "its rule"
    return _problem(field, item_id, "required", paths=paths)


def _not_found(field: Field, table: Table, key: str, found: _Found, item_id: str | None) -> Problem:
    """The key is quoted only where it is a SKU: anything else may be personal data."""
    if not any(map(_is_sku, found.paths)) or found.key != "from":
        return _problem(field, item_id, "table", table=table.name)
    near = ", ".join(table.near(key))
    sentences = reason_text(
        "sku_not_found", "near" if near else "", item=item_id, key=key, table=table.name, near=near, rule=_rule(field)
    )
    return Problem("sku_not_found", _field(field), *sentences)


def _problem(field: Field, item_id: str | None, variant: str, **params: object) -> Problem:
    where = f" of item {item_id}" if item_id else ""
    sentences = reason_text("mapping_failed", variant, field=field.name, where=where, rule=_rule(field), **params)
    return Problem("mapping_failed", _field(field), *sentences)


def _is_sku(source: Source) -> bool:
    return source.key == "sku" and source.scope in ("item", "billing")


def _field(field: Field) -> str:
    return f"lines.{field.name}" if field.level == "lines" else field.name


def _rule(field: Field) -> str:
    return f"{field.file}:{field.line}"
