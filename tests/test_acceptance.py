"""Acceptance rules: what is accepted, held or left out, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.acceptance import decide_sale, read_acceptance_rules
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.model import Decision, Item, Sale
from rakuten_orders.rulefiles import read_document
from rakuten_orders.shape import check_shape

HOLD_NEGO = "{when: {item.isnego: {equals_any_of: [Y]}}, because: negotiated}"
SKIP_RSL = "{when: {item.isrsl: {equals_any_of: [Y]}}, because: theirs}"


def read(hold=(), skip=(), ships_from="FR"):
    text = "kind: acceptance\nships_from: {}\nhold: [{}]\nskip: [{}]\n".format(
        ships_from, ", ".join(hold), ", ".join(skip)
    )
    document, findings = read_document("acceptance.yaml", text.encode())
    assert document is not None, findings
    assert check_shape(document, "acceptance")[1] == []
    return read_acceptance_rules(document)


def rules_of(**given_rules):
    rules, findings = read(**given_rules)
    assert findings == []
    return rules


def sale_of(*items, **fields):
    made = tuple(Item(str(11 + index), "REQUESTED", item) for index, item in enumerate(items))
    return Sale("100", made, fields)


def decide(rules, *items, **fields):
    return [(decision.action, decision.because) for decision in decide_sale(rules, sale_of(*items, **fields))]


def test_what_no_rule_names_is_accepted():
    """Without a rule that holds, every item is accepted, and nothing is said."""
    assert decide(rules_of(), {}, {}) == [("accept", ""), ("accept", "")]
    assert decide(rules_of(hold=[HOLD_NEGO], skip=[SKIP_RSL]), {"isnego": "N"}) == [("accept", "")]


def test_a_hold_holds_the_whole_sale():
    """The item keeps its reason; the others are held because of it."""
    rules = rules_of(hold=[HOLD_NEGO])
    assert decide(rules, {}, {"isnego": "Y"}, {}) == [
        ("hold", "item 12: negotiated"),
        ("hold", "negotiated"),
        ("hold", "item 12: negotiated"),
    ]


def test_skipped_items_are_not_held():
    """A hold leaves out what is skipped."""
    rules = rules_of(hold=[HOLD_NEGO], skip=[SKIP_RSL])
    assert decide(rules, {"isrsl": "Y"}, {"isnego": "Y"}, {}) == [
        ("skip", "theirs"),
        ("hold", "negotiated"),
        ("hold", "item 12: negotiated"),
    ]


def test_skip_is_asked_before_hold():
    """An item that both would name is skipped, and holds nothing."""
    rules = rules_of(hold=[HOLD_NEGO], skip=[SKIP_RSL])
    assert decide(rules, {"isrsl": "Y", "isnego": "Y"}, {}) == [("skip", "theirs"), ("accept", "")]


def test_the_first_rule_that_holds_counts():
    """From top to bottom, for hold as for skip."""
    any_item = "{{when: {{purchaseid: {{is_empty: true}}}}, because: {}}}"
    rules = rules_of(skip=[any_item.format("first"), any_item.format("second")])
    assert decide(rules, {}) == [("skip", "first")]
    rules = rules_of(hold=[HOLD_NEGO, any_item.format("second")])
    assert decide(rules, {"isnego": "Y"}) == [("hold", "negotiated")]


def test_two_holds_keep_their_own_reasons():
    """Each item that a rule names says why itself; the rest names the first."""
    rules = rules_of(hold=[HOLD_NEGO, "{when: {item.ispreorder: {equals_any_of: [Y]}}, because: preorder}"])
    assert decide(rules, {"ispreorder": "Y"}, {}, {"isnego": "Y"}) == [
        ("hold", "preorder"),
        ("hold", "item 11: preorder"),
        ("hold", "negotiated"),
    ]


def test_paths_begin_at_the_sale():
    """A condition reads the sale, and behind ``item.`` the item; several fields all hold."""
    rule = "{when: {deliveryinformation.isfullrsl: {equals_any_of: [Y]}, item.sku: {starts_with: X}}, because: both}"
    rules = rules_of(skip=[rule])
    assert decide(rules, {"sku": "X1"}, {"sku": "A"}, **{"deliveryinformation.isfullrsl": "Y"}) == [
        ("skip", "both"),
        ("accept", ""),
    ]


def test_blank_elements_are_missing():
    """A blank element is as good as none, for every test."""
    rules = rules_of(hold=["{when: {item.sku: {is_empty: true}}, because: no SKU}"])
    assert decide(rules, {"sku": " "}) == decide(rules, {}) == [("hold", "no SKU")]


def test_decisions_name_their_items_in_order():
    """One decision an item, in the sale's order; a sale without items has none."""
    sale = Sale("1", (Item("b", "", {}), Item("a", "", {})), {})
    assert decide_sale(rules_of(), sale) == (Decision("b", "accept"), Decision("a", "accept"))
    assert decide_sale(rules_of(), Sale("1", (), {})) == ()


@pytest.mark.parametrize(("country", "number"), [("FR", 249), ("BE", 56), ("AT", 40), ("CN", 156)])
def test_ships_from_becomes_rakutens_number(country, number):
    """ISO's numeric code, but 249 for France."""
    assert rules_of(ships_from=country).ships_from == number == numeric_country(country)


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        ("{when: {isnego: {equals_any_of: [Y]}}, because: x}", ["unknown-path"]),
        ("{when: {item.price.amount: {is_less_than: cheap}}, because: x}", ["wrong-value"]),
        ("{when: {shipping.shippingtype: {is_empty: true}}, because: x}", ["unknown-path"]),
        (
            "{when: {any: [{item.sku: {matches: '('}}, {item.skus: {is_empty: true}}]}, because: x}",
            ["bad-pattern", "unknown-path"],
        ),
    ],
)
def test_what_cannot_be_decided_by_is_found(rule, codes):
    """Paths that are not there before acceptance, values and patterns that compare with nothing."""
    for place in ("hold", "skip"):
        rules, findings = read(**{place: [rule]})
        assert rules is None
        assert [found.code for found in findings] == codes


items = st.lists(st.fixed_dictionaries({"isnego": st.sampled_from("YN"), "isrsl": st.sampled_from("YN")}), max_size=6)


@given(items)
def test_a_hold_is_all_or_nothing(given_items):
    """Either every item that is not skipped is accepted, or every one is held."""
    rules = rules_of(hold=[HOLD_NEGO], skip=[SKIP_RSL])
    decisions = decide_sale(rules, sale_of(*given_items))
    left = {decision.action for decision in decisions if decision.action != "skip"}
    held = any(item["isnego"] == "Y" and item["isrsl"] == "N" for item in given_items)
    assert left <= {"hold" if held else "accept"}
    assert [decision.action == "skip" for decision in decisions] == [item["isrsl"] == "Y" for item in given_items]
