"""Order rules: a sale to an order. The language's specification is ``rules/README.md``.

The way there is code generated from the rules, which knows nothing of errors. Where something is out of the ordinary
it hands the sale over to the explaining path, which says what; so the two cannot differ in what they report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from rakuten_orders.explaining import Trace, identity_problems, line_traces, order_traces
from rakuten_orders.fields import Field
from rakuten_orders.generated import Generated, generate
from rakuten_orders.model import Item, MapResult, Order, OrderLine, Sale, Value

SAME_LINE = ("advertid", "sku", "price.amount", "price.currency", "itemstatus")
"""Items that agree in all of these are units of one line (Rakuten has no quantities; seen in samples)."""

TEST_PREFIX = "TEST-"
"""Order ids of test orders begin with it."""

_OFFER, _SKU, _AMOUNT, _CURRENCY, _STATUS = SAME_LINE


@dataclass(frozen=True)
class OrderRules:
    """All fields of the order and of its lines, in the file's order."""

    order: tuple[Field, ...]
    lines: tuple[Field, ...]

    @cached_property
    def generated(self) -> Generated:
        """The code made from them, when it is first needed."""
        return generate(self.order, self.lines)


def map_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> MapResult:
    """The order that the rules make of ``sale``, or every problem that stands in the way. Total: never raises.

    ``accepted=False`` is the check before acceptance: ``required`` is not held against paths that Rakuten fills
    only afterwards. No problem quotes the sale, but for item ids and SKUs.
    """
    purchase_id = sale.purchase_id
    generated = rules.generated
    try:
        order = generated.order(sale.fields, sale.shipping, accepted)
        lines = _lines(generated, sale, accepted)
    except ValueError:
        return explain_sale(rules, sale, accepted=accepted)
    if not lines or not purchase_id.strip():
        return explain_sale(rules, sale, accepted=accepted)
    return MapResult(purchase_id, Order(purchase_id, order, lines, purchase_id.startswith(TEST_PREFIX)))


def explain_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> MapResult:
    """What ``map_sale`` gives, every field evaluated by itself: the definition, and slower."""
    order = order_traces(rules.order, sale, accepted)
    lines = [(units, line_traces(rules.lines, sale, units[0], accepted)) for units in group_items(sale.items)]
    traces = chain(order, *(found for _units, found in lines))
    problems = (*identity_problems(sale), *(trace.problem for trace in traces if trace.problem))
    if problems:
        return MapResult(sale.purchase_id, None, problems)
    made = tuple(OrderLine(tuple(item.item_id for item in units), len(units), _values(found)) for units, found in lines)
    is_test = sale.purchase_id.startswith(TEST_PREFIX)
    return MapResult(sale.purchase_id, Order(sale.purchase_id, _values(order), made, is_test))


def trace_sale(rules: OrderRules, sale: Sale, *, accepted: bool = True) -> Iterator[Trace]:
    """Every field with its value, its rule and the path that was read; a line's fields once for its first item."""
    yield from order_traces(rules.order, sale, accepted)
    for units in group_items(sale.items):
        yield from line_traces(rules.lines, sale, units[0], accepted)


def group_items(items: Sequence[Item]) -> list[list[Item]]:
    """The items as lines: units of one offer at one price and status together, in the order they come.

    An item with neither ``advertid`` nor ``sku`` is a line of its own: nothing says that it is the same product.
    """
    if len(items) == 1 or len({item.fields.get(_OFFER, "").strip() for item in items}) == len(items):
        return [[item] for item in items]
    groups: dict[object, list[Item]] = {}
    for index, item in enumerate(items):
        get = item.fields.get
        offer, sku = get(_OFFER, "").strip(), get(_SKU, "").strip()
        price = get(_AMOUNT, "").strip(), get(_CURRENCY, "").strip()
        key = (offer, sku, *price, get(_STATUS, "").strip()) if offer or sku else index
        if key in groups:
            groups[key].append(item)
        else:
            groups[key] = [item]
    return list(groups.values())


def _lines(generated: Generated, sale: Sale, accepted: bool) -> tuple[OrderLine, ...]:
    """The lines. Raises ValueError where something is out of the ordinary."""
    lines = []
    fields, shipping, billing = sale.fields, sale.shipping, sale.billing
    for units in group_items(sale.items):
        first = units[0]
        ids = (first.item_id,) if len(units) == 1 else tuple([item.item_id for item in units])
        for item_id in ids:
            if not item_id.strip():
                raise ValueError("an item without an id")
        billed = billing.get(first.item_id, _NOTHING) if billing else _NOTHING
        values = generated.line(first.fields, fields, shipping, billed, accepted)
        lines.append(OrderLine(ids, len(ids), values))
    return tuple(lines)


_NOTHING: dict[str, str] = {}


def _values(traces: Sequence[Trace]) -> dict[str, Value]:
    return {trace.field: trace.value for trace in traces}
