"""Whether two sets of order rules make different orders of a sale: only what their rules say differently can differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rakuten_orders.fields import Field
from rakuten_orders.mapping import OrderRules, map_sale
from rakuten_orders.model import Order, Sale, Value, json_value


@dataclass(frozen=True, slots=True)
class OrderComparison:
    """Two sets of order rules, without the fields that both have alike."""

    before: OrderRules
    after: OrderRules

    def may_differ(self, sale: Sale, *, accepted: bool = True) -> bool:
        """Whether the whole sets may make different orders of ``sale``, or only one of them an order at all.

        False is certain. True is not: where a field of one set fails, a field that both have may fail as well.
        """
        if not (self.before.order or self.before.lines or self.after.order or self.after.lines):
            return False
        old = map_sale(self.before, sale, accepted=accepted).order
        new = map_sale(self.after, sale, accepted=accepted).order
        if old is None or new is None:
            return old is not new
        return list(_values(old)) != list(_values(new))


def compare_order_rules(before: OrderRules, after: OrderRules) -> OrderComparison:
    """The comparison of two sets."""
    orders = _without(before.order, after.order), _without(after.order, before.order)
    lines = _without(before.lines, after.lines), _without(after.lines, before.lines)
    return OrderComparison(OrderRules(orders[0], lines[0]), OrderRules(orders[1], lines[1]))


def same_value(one: object, other: object) -> bool:
    """Whether two values are the same as JSON data: ``true`` is not 1, though it equals it in Python."""
    return one.__class__ is other.__class__ and one == other


def _without(fields: Sequence[Field], others: Sequence[Field]) -> tuple[Field, ...]:
    """The fields that ``others`` do not have alike, wherever these stand."""
    alike = {field.name: (field.rule, field.table) for field in others}
    return tuple(field for field in fields if alike.get(field.name) != (field.rule, field.table))


def _values(order: Order) -> Iterator[tuple[str, type, Value]]:
    for fields in (order.fields, *(line.fields for line in order.lines)):
        for name, value in fields.items():
            shown = json_value(value)
            yield name, shown.__class__, shown
