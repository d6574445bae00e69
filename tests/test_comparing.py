"""Whether two sets of order rules make different orders of a sale: never denied where they do."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_strategies import fields, rules_of, sales
from rakuten_orders.comparing import compare_order_rules
from rakuten_orders.mapping import map_sale
from rakuten_orders.model import Item, Sale
from rakuten_orders.tables import Table

SALE = Sale(
    "100", (Item("11", "", {"itemid": "11", "sku": "A1"}),), {"purchaseid": "100", "shipping": "1", "price": "9.9"}
)


def shown(rules, sale, accepted=True):
    """The order as text, exactly as a back office gets it; None where there is none."""
    order = map_sale(rules, sale, accepted=accepted).order
    return None if order is None else json.dumps(order.to_json(), sort_keys=True)


@st.composite
def pairs(draw):
    """Two sets, the second like the first but for a few fields and their order."""
    order, lines = draw(fields("order", 6)), draw(fields("lines", 6))
    changed = [
        {**dict(draw(st.permutations(list(old.items())))), **draw(st.just({}) | fields(level, 2))}
        for level, old in (("order", order), ("lines", lines))
    ]
    return rules_of(order, lines), rules_of(*changed)


@settings(max_examples=80, deadline=None)
@given(pairs(), sales, st.booleans())
def test_what_is_denied_does_not_differ(two, sale, accepted):
    """Where a comparison says that nothing can differ, both orders are the same to the last character."""
    before, after = two
    if not compare_order_rules(before, after).may_differ(sale, accepted=accepted):
        assert shown(before, sale, accepted) == shown(after, sale, accepted)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"f": {"from": "shipping", "type": "integer", "unlisted": "true"}},
            {"f": {"from": "shipping", "type": "boolean", "unlisted": "true"}},
        ),
        ({"f": {"value": "9.9", "type": "decimal"}}, {"f": {"value": "9.90", "type": "decimal"}}),
        ({"f": {"value": "1"}}, {"f": {"value": "1", "type": "integer"}}),
        ({"f": {"value": "1"}}, {"f": {"value": "1"}, "g": {"value": "2"}}),
        ({"f": {"value": "1"}, "g": {"value": "2"}}, {"f": {"value": "1"}}),
        ({"f": {"value": "1"}}, {"f": {"from": "payment", "required": "true", "unlisted": "true"}}),
    ],
)
def test_what_equals_in_python_alone_differs(before, after):
    """``true`` and 1, 9.9 and 9.90, 1 and its text; a field more or less; one that fails."""
    before, after = rules_of({"order_id": "purchaseid", **before}), rules_of({"order_id": "purchaseid", **after})
    assert shown(before, SALE) != shown(after, SALE)
    assert compare_order_rules(before, after).may_differ(SALE)


def test_a_table_is_part_of_its_rule():
    """Another value for one key: the sales that have that key may differ, and no others."""
    rule = {"sku": "sku", "product": {"from": "sku", "table": "products", "default": "none"}}
    before = rules_of(lines=rule)
    *others, field = before.lines
    after = replace(
        before, lines=(*others, replace(field, table=Table("products", {**field.table.entries, "A1": "new"})))
    )
    comparison = compare_order_rules(before, after)
    assert comparison.may_differ(SALE)
    assert not comparison.may_differ(replace(SALE, items=(Item("11", "", {"itemid": "11", "sku": "B2"}),)))


def test_alike_sets_are_not_even_applied():
    """The same rules in another order, read from another file."""
    before = rules_of({"order_id": "purchaseid", "f": {"value": "1"}})
    after = rules_of({"f": {"value": "1"}, "order_id": "purchaseid"})
    comparison = compare_order_rules(before, after)
    assert (comparison.before.order, comparison.before.lines, comparison.after.order) == ((), (), ())
    assert not comparison.may_differ(SALE)
