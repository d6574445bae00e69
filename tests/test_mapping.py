"""Order rules on sales: the keys of a field in their order, lines, problems, the trace, and that mapping is total."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_strategies import rule_sets, rules_of, sales
from rakuten_orders.mapping import SAME_LINE, map_sale, trace_sale
from rakuten_orders.messages import reasons
from rakuten_orders.model import Item, MapResult, Sale, json_value
from rakuten_orders.paths import known_paths
from rakuten_orders.schemas import ORDER

FIRST, LAST = (f"deliveryinformation.deliveryaddress.{name}" for name in ("firstname", "lastname"))
POINT, ZIP = "deliveryinformation.collectionpointaddress.id", "deliveryinformation.deliveryaddress.zipcode"
EMAIL, COST = "deliveryinformation.purchasebuyeremail", "shipping.purchaseshippingcostprice.amount"


def sale_of(*items, shipping=None, billing=None, **fields):
    """A sale with paths given by their names; ``items`` are the items' fields."""
    given_items = items or ({},)
    made = tuple(
        Item(item.get("itemid", str(11 + index)), item.get("itemstatus", ""), item)
        for index, item in enumerate(given_items)
    )
    return Sale("100", made, {"purchaseid": "100", **fields}, shipping or {}, billing or {})


def value(rule, sale):
    """What one field of the order comes to: its value, or the reasons of its problems."""
    result = map_sale(rules_of(order={"f": rule}), sale)
    return result.order.fields["f"] if result.order else [problem.reason for problem in result.problems]


def line_value(rule, item, **sale):
    result = map_sale(rules_of(lines={"f": rule}), sale_of(item, **sale))
    return result.order.lines[0].fields["f"] if result.order else [problem.reason for problem in result.problems]


# ---- the keys of a field, in their order ----


def test_a_path_alone_is_the_short_form():
    """A field may be a path and nothing else."""
    assert value("purchaseid", sale_of()) == "100"
    assert value("purchasedate", sale_of()) is None


def test_from_takes_the_first_that_is_not_missing():
    """Empty and blank elements are passed over."""
    rule = {"from": [ZIP, POINT, "purchaseid"]}
    assert value(rule, sale_of(**{ZIP: "75011", POINT: "FR-1"})) == "75011"
    assert value(rule, sale_of(**{ZIP: " \t", POINT: "FR-1"})) == "FR-1"
    assert value(rule, sale_of(**{ZIP: "", POINT: ""})) == "100"


def test_values_are_text_until_a_type_says_otherwise():
    """Zeros in front and words that look like something else survive."""
    for text in ("0017", "NO", "12:30", "1e3", "null", "9.90"):
        assert value("purchasedate", sale_of(purchasedate=text)) == text


def test_a_constant_needs_no_path():
    """``value`` is put in as it stands; an empty one is missing."""
    assert value({"value": "rakuten"}, sale_of()) == "rakuten"
    assert value({"value": "1", "type": "integer"}, sale_of()) == 1
    assert value({"value": "one", "table": "numbers", "type": "integer"}, sale_of()) == 1
    assert value({"value": ""}, sale_of()) is None
    assert value({"value": " ", "default": "x"}, sale_of()) == "x"


def test_a_template_puts_texts_together():
    """A missing value is empty, the result is stripped, a blank one is missing; nothing is encoded."""
    rule = {"template": "{{ first }} {{ last }}", "with": {"first": FIRST, "last": [LAST, POINT]}}
    assert value(rule, sale_of(**{FIRST: "Zoé & Co", LAST: "LEBŒUF/é"})) == "Zoé & Co LEBŒUF/é"
    assert value(rule, sale_of(**{FIRST: "Zoé"})) == "Zoé"
    assert value(rule, sale_of(**{POINT: "FR-1"})) == "FR-1"
    assert value(rule, sale_of()) is None
    assert value({**rule, "default": "nobody"}, sale_of()) == "nobody"
    assert value({**rule, "required": "true"}, sale_of()) == ["mapping_failed"]
    assert value({**rule, "then": ["upper"]}, sale_of(**{FIRST: "Zoé"})) == "ZOÉ"


def test_a_template_may_test_and_filter():
    """``if`` and the documented filters work in a rule's template."""
    rule = {
        "template": "{% if point %}relay {{ point | lower }}{% else %}home{% endif %} {{ zip | default('?') }}",
        "with": {"point": POINT, "zip": ZIP},
    }
    assert value(rule, sale_of(**{POINT: "FR-1", ZIP: "59000"})) == "relay fr-1 59000"
    assert value(rule, sale_of()) == "home ?"


def test_when_comes_before_everything():
    """Where it does not hold the field is null; neither ``default`` nor ``required`` nor a table is asked."""
    rule = {"from": "purchasedate", "when": {POINT: {"is_empty": "true"}}, "default": "x", "required": "true"}
    assert value(rule, sale_of()) == "x"
    assert value(rule, sale_of(**{POINT: "FR-1"})) is None
    failing = {"from": "purchaseid", "table": "numbers", "when": {"purchaseid": {"equals_any_of": "1"}}}
    assert value(failing, sale_of()) is None


def test_transforms_run_one_after_the_other():
    """In the order in which they stand, and not at all on a missing value."""
    sale = sale_of(purchasedate=" é  a;b ")
    assert value({"from": "purchasedate", "then": ["remove_accents", "collapse_spaces", "upper"]}, sale) == "E A;B"
    assert value({"from": "purchasedate", "then": ["first_of_list", "upper"]}, sale) == "É  A"
    assert value({"from": "purchasedate", "then": "upper"}, sale_of()) is None


def test_what_a_transform_empties_is_missing():
    """A value of which nothing is left takes the default, and is missing where it is required."""
    sale = sale_of(purchasedate="abc")
    assert value({"from": "purchasedate", "then": "digits"}, sale) is None
    assert value({"from": "purchasedate", "then": ["digits", "upper"], "default": "0", "type": "integer"}, sale) == 0
    assert value({"from": "purchasedate", "then": "digits", "required": "true"}, sale) == ["mapping_failed"]


def test_the_table_comes_after_the_transforms_and_before_the_type():
    """The transformed text is looked up, and what the table gives is typed."""
    rule = {"from": "purchasedate", "then": ["lower"], "table": "numbers", "type": "integer"}
    assert value(rule, sale_of(purchasedate="ONE")) == 1
    assert value(rule, sale_of(purchasedate="MANY")) == ["mapping_failed"]


def test_a_key_that_the_table_lacks():
    """The default if there is one, else with ``otherwise: keep`` the value itself, else an error."""
    rule = {"from": "purchasedate", "table": "numbers"}
    two = sale_of(purchasedate="two")
    assert value(rule, two) == ["mapping_failed"]
    assert value({**rule, "default": "x"}, two) == "x"
    assert value({**rule, "default": ""}, two) is None
    assert value({**rule, "otherwise": "keep"}, two) == "two"
    assert value({**rule, "otherwise": "keep", "default": "x"}, two) == "x"
    assert value(rule, sale_of()) is None


def test_an_empty_value_in_a_table_is_missing():
    """It takes the default, and fails where it is required."""
    rule = {"from": "sku", "table": "products"}
    assert line_value(rule, {"sku": "free"}) is None
    assert line_value({**rule, "default": "x"}, {"sku": "free"}) == "x"
    assert line_value({**rule, "required": "true"}, {"sku": "free"}) == ["sku_missing"]


def test_default_fills_what_is_missing_and_is_typed():
    """A default is read by the type like any other text; an empty one stays missing."""
    assert value({"from": COST, "default": "0.00", "type": "decimal"}, sale_of()) == Decimal("0.00")
    assert value({"from": COST, "default": "", "type": "decimal"}, sale_of()) is None
    assert value({"from": COST, "default": "", "required": "true"}, sale_of()) == ["mapping_failed"]
    assert value({"from": COST, "default": "5"}, sale_of(shipping={COST.removeprefix("shipping."): "4"})) == "4"


def test_types_make_values():
    """Each type, from text to the value that JSON shows."""
    sale = sale_of(purchasedate="23/11/2026-09:05", **{ZIP: "0017", POINT: "Y", FIRST: "9.90"})
    assert value({"from": ZIP, "type": "integer"}, sale) == 17
    assert value({"from": POINT, "type": "boolean"}, sale) is True
    assert json_value(value({"from": FIRST, "type": "decimal"}, sale)) == "9.90"
    assert value({"from": "purchasedate", "type": "date"}, sale) == dt.date(2026, 11, 23)
    assert json_value(value({"from": "purchasedate", "type": "datetime"}, sale)) == "2026-11-23T09:05:00+01:00"
    assert value({"from": ZIP, "type": "text"}, sale) == "0017"


def test_a_text_that_its_type_does_not_take_is_an_error():
    """The problem says which field, what was expected and which rule, and not what stood there."""
    rule = {"from": LAST, "type": "decimal"}
    result = map_sale(rules_of(order={"f": rule}), sale_of(**{LAST: "Geheimnis"}))
    (problem,) = result.problems
    assert result.order is None
    assert (problem.reason, problem.field) == ("mapping_failed", "f")
    assert problem.message == "the value for f is not a decimal such as 9.90"
    assert "rules/order.yaml:4" in problem.hint
    assert "Geheimnis" not in problem.message + problem.hint


def test_required_names_the_paths():
    """What is missing is told with every path that it could have come from."""
    rule = {"template": "{{ a }}{{ b }}", "with": {"a": [FIRST, LAST], "b": POINT}, "required": "true"}
    (problem,) = map_sale(rules_of(order={"f": rule}), sale_of()).problems
    assert all(path in problem.message for path in (FIRST, LAST, POINT))


def test_all_problems_come_at_once():
    """Every field that fails is told, of the order and of each line, in the order of the rules."""
    rules = rules_of(
        order={"a": {"from": POINT, "required": "true"}, "b": {"from": ZIP, "type": "integer"}},
        lines={"c": {"from": "sku", "required": "true"}, "d": {"from": "ean", "type": "integer"}},
    )
    result = map_sale(rules, sale_of({"itemid": "11"}, {"itemid": "12", "sku": "A", "ean": "x"}, **{ZIP: "2A000"}))
    assert [(problem.reason, problem.field) for problem in result.problems] == [
        ("mapping_failed", "a"),
        ("mapping_failed", "b"),
        ("sku_missing", "lines.c"),
        ("mapping_failed", "lines.d"),
    ]
    assert "item 11" in result.problems[2].message
    assert "item 12" in result.problems[3].message


# ---- SKUs ----


def test_a_missing_sku_has_its_own_reason():
    """A required field read from sku names the item, before acceptance too."""
    rules = rules_of(lines={"internal_id": {"from": "sku", "then": ["strip"], "required": "true"}})
    for accepted in (True, False):
        (problem,) = map_sale(rules, sale_of({"itemid": "670873525"}), accepted=accepted).problems
        assert (problem.reason, problem.field) == ("sku_missing", "lines.internal_id")
        assert "670873525" in problem.message


def test_an_unknown_sku_names_its_near_misses():
    """Zeros, case and spaces are named, and never matched silently."""
    rules = rules_of(lines={"internal_id": {"from": "sku", "table": "products"}})
    for sku, near in (("17", "0017"), ("a-100", "A-100"), ("AB", "ab"), ("A -100", "A-100")):
        (problem,) = map_sale(rules, sale_of({"sku": sku})).problems
        assert problem.reason == "sku_not_found"
        assert f"the SKU {sku} " in problem.message
        assert near in problem.message
    (problem,) = map_sale(rules, sale_of({"sku": "B1"})).problems
    assert (problem.reason, problem.field) == ("sku_not_found", "lines.internal_id")
    assert "products" in problem.message


def test_what_was_not_read_from_sku_is_not_quoted():
    """An alternative path may hold anything, so its text stays out of the message."""
    rule = {"from": ["sku", f"sale.{LAST}"], "table": "products"}
    result = map_sale(rules_of(lines={"f": rule}), sale_of({}, **{LAST: "Geheimnis"}))
    assert [problem.reason for problem in result.problems] == ["mapping_failed"]
    assert "Geheimnis" not in str(result)
    template = {"template": "{{ a }}{{ b }}", "with": {"a": "sku", "b": f"sale.{LAST}"}, "table": "products"}
    result = map_sale(rules_of(lines={"f": template}), sale_of({"sku": "1"}, **{LAST: "Geheimnis"}))
    assert [problem.reason for problem in result.problems] == ["mapping_failed"]
    assert "Geheimnis" not in str(result)


# ---- before acceptance ----


def test_required_waits_for_what_comes_after_acceptance():
    """Before acceptance a required field is not held against paths that Rakuten fills only later."""
    later = {"from": [EMAIL, "shipping.purchasebuyeremail"], "required": "true"}
    assert map_sale(rules_of(order={"f": later}), sale_of(), accepted=False).order is not None
    assert map_sale(rules_of(order={"f": later}), sale_of(), accepted=True).order is None
    composed = {"template": "{{ a }}", "with": {"a": [COST]}, "required": "true"}
    assert map_sale(rules_of(order={"f": composed}), sale_of(), accepted=False).order is not None
    billed = {"from": "billing.paymentamount.amount", "required": "true"}
    assert map_sale(rules_of(lines={"f": billed}), sale_of(), accepted=False).order is not None


def test_required_is_held_against_what_is_there_before():
    """One path that is filled before acceptance is enough for the error to come before the buyer is debited."""
    mixed = {"from": [EMAIL, "deliveryinformation.purchasebuyerlogin"], "required": "true"}
    assert map_sale(rules_of(order={"f": mixed}), sale_of(), accepted=False).order is None
    constant = {"value": "", "required": "true"}
    assert map_sale(rules_of(order={"f": constant}), sale_of(), accepted=False).order is None
    new = {"from": "deliveryinformation.newelement", "unlisted": "true", "required": "true"}
    assert map_sale(rules_of(order={"f": new}), sale_of(), accepted=False).order is None
    later_still = {"from": "shipping.newelement", "unlisted": "true", "required": "true"}
    assert map_sale(rules_of(order={"f": later_still}), sale_of(), accepted=False).order is not None


def test_other_errors_come_before_acceptance_too():
    """A SKU that is not in the table, or a text of the wrong type, is told before the buyer is debited."""
    rules = rules_of(order={"f": {"from": ZIP, "type": "integer"}}, lines={"g": {"from": "sku", "table": "products"}})
    result = map_sale(rules, sale_of({"sku": "B"}, **{ZIP: "2A"}), accepted=False)
    assert [problem.reason for problem in result.problems] == ["mapping_failed", "sku_not_found"]


# ---- lines ----


def unit(item_id, **fields):
    names = {"price": "price.amount", "currency": "price.currency"}
    plain = {"advertid": "5", "sku": "A", "price": "9.90", "currency": "EUR", "itemstatus": "ACCEPTED", **fields}
    return {"itemid": item_id, **{names.get(name, name): text for name, text in plain.items() if text is not None}}


def lines_of(*items):
    result = map_sale(rules_of(lines={"status": "itemstatus", "title": "headline"}), sale_of(*items))
    return [(line.item_ids, line.quantity) for line in result.order.lines]


def test_units_of_one_offer_are_one_line():
    """Units that agree in all that counts come together, in the order of the first, however they are mixed."""
    items = [unit("1"), unit("2", sku="B"), unit("3"), unit("4", sku="B"), unit("5")]
    assert lines_of(*items) == [(("1", "3", "5"), 3), (("2", "4"), 2)]


@pytest.mark.parametrize(
    "other",
    [
        {"advertid": "6"},
        {"sku": "B"},
        {"price": "9.9"},
        {"currency": "CHF"},
        {"itemstatus": "CANCELLED"},
        {"sku": None},
    ],
)
def test_a_difference_makes_another_line(other):
    """Another offer, SKU, price, currency or status is another line."""
    assert lines_of(unit("1"), unit("2", **other)) == [(("1",), 1), (("2",), 1)]


def test_other_differences_do_not():
    """Title, EAN and flags may differ; a line's fields are those of its first item."""
    assert lines_of(unit("1", headline="a", isnego="N"), unit("2", headline="b", isnego="Y")) == [(("1", "2"), 2)]


def test_without_offer_and_sku_nothing_is_merged():
    """Nothing says that two such items are the same product."""
    assert lines_of(unit("1", advertid=None, sku=""), unit("2", advertid=None, sku=" ")) == [(("1",), 1), (("2",), 1)]
    assert lines_of(unit("1", advertid=None), unit("2", advertid=None)) == [(("1", "2"), 2)]
    assert lines_of(unit("1", sku=None), unit("2", sku=None)) == [(("1", "2"), 2)]


def test_lines_read_the_whole_sale():
    """A line's field reaches its item, its sale, the shipping information and its own billing."""
    rule = {
        "template": "{{ a }}|{{ b }}|{{ c }}|{{ d }}",
        "with": {"a": "headline", "b": "sale.purchaseid", "c": COST, "d": "billing.paymentamount.amount"},
    }
    sale = sale_of(
        {"itemid": "11", "sku": "A", "headline": "one"},
        {"itemid": "12", "sku": "B", "headline": "two"},
        shipping={COST.removeprefix("shipping."): "4.90"},
        billing={"12": {"paymentamount.amount": "7"}},
    )
    order = map_sale(rules_of(lines={"f": rule}), sale).order
    assert [line.fields["f"] for line in order.lines] == ["one|100|4.90|", "two|100|4.90|7"]


def test_the_output_nests_and_keeps_the_order():
    """Dotted names nest, empty fields are null, the engine adds its own; the order is that of the rules."""
    rules = rules_of(
        order={"z": "purchaseid", "ship_to.name": FIRST, "a": {"value": "1"}, "ship_to.geo.zip": ZIP},
        lines={"x.y": "sku", "b": {"from": "price.amount", "type": "decimal"}},
    )
    order = map_sale(rules, sale_of(unit("11"), unit("12"), **{ZIP: "01000"})).order.to_json()
    assert json.dumps(order) == json.dumps(
        {
            "z": "100",
            "ship_to": {"name": None, "geo": {"zip": "01000"}},
            "a": "1",
            "is_test": False,
            "lines": [{"x": {"y": "A"}, "b": "9.90", "item_ids": ["11", "12"], "quantity": 2}],
        }
    )


def test_test_orders_are_marked():
    """An id that begins with TEST- makes a marked order."""
    sale = sale_of()
    marked = Sale("TEST-1", sale.items, sale.fields)
    assert map_sale(rules_of(), marked).order.is_test is True
    assert map_sale(rules_of(), sale).order.is_test is False


@pytest.mark.parametrize(
    ("sale", "field", "said"),
    [
        (Sale("", (Item("1", "", {}),), {}), "purchaseid", "purchaseid"),
        (Sale(" ", (Item("1", "", {}),), {}), "purchaseid", "purchaseid"),
        (Sale("1", (), {}), "items", "no items"),
        (Sale("1", (Item("1", "", {}), Item("", "", {})), {}), "itemid", "itemid"),
    ],
)
def test_a_sale_that_nobody_could_handle_is_a_problem(sale, field, said):
    """Without an id or items there is nothing to deliver, whatever the rules say."""
    result = map_sale(rules_of(), sale)
    assert result.order is None
    assert [(problem.reason, problem.field) for problem in result.problems] == [("mapping_failed", field)]
    assert said in result.problems[0].message


# ---- the trace ----


def traced(rule, sale, level="order"):
    rules = rules_of(**{level: {"f": rule}})
    found = next(trace for trace in trace_sale(rules, sale) if trace.field == "f")
    return found.key, found.source, found.value


def test_the_trace_tells_the_key_and_the_path():
    """Which key of the rule gave the value, from which path; nothing for what no path gave."""
    sale = sale_of(**{ZIP: "75011", FIRST: "Zoé", LAST: "X"})
    assert traced("purchaseid", sale) == ("from", "purchaseid", "100")
    assert traced({"from": [POINT, ZIP]}, sale) == ("from", ZIP, "75011")
    assert traced({"value": "x"}, sale) == ("value", None, "x")
    assert traced({"from": POINT, "default": "x"}, sale) == ("default", None, "x")
    assert traced({"from": ZIP, "table": "numbers", "default": "x"}, sale) == ("default", None, "x")
    assert traced({"from": ZIP, "table": "numbers", "otherwise": "keep"}, sale) == ("from", ZIP, "75011")
    assert traced(POINT, sale) == (None, None, None)
    assert traced({"from": FIRST, "then": "digits"}, sale) == (None, None, None)
    assert traced({"from": ZIP, "when": {POINT: {"is_not_empty": "true"}}}, sale) == ("when", None, None)
    template = {"template": "{{ a }} {{ b }} {{ c }}", "with": {"a": FIRST, "b": POINT, "c": [EMAIL, LAST]}}
    assert traced(template, sale) == ("template", f"{FIRST}, {LAST}", "Zoé  X")
    assert traced({"from": "sale.purchaseid"}, sale, "lines") == ("from", "sale.purchaseid", "100")


def test_the_trace_keeps_the_path_of_what_failed():
    """A value that its table or type refuses is traced to where it was read, with the problem."""
    rules = rules_of(order={"f": {"from": ZIP, "type": "integer"}}, lines={"g": {"from": "sku", "table": "products"}})
    traces = list(trace_sale(rules, sale_of({"sku": "B"}, **{ZIP: "2A"})))
    assert [(trace.source, trace.value, trace.problem.reason) for trace in traces] == [
        (ZIP, None, "mapping_failed"),
        ("sku", None, "sku_not_found"),
    ]


def test_the_trace_has_places_and_lines():
    """Each field once for the order and once a line, with the rule's file and line."""
    rules = rules_of(order={"a": "purchaseid", "b": ZIP}, lines={"c": "sku"})
    traces = list(trace_sale(rules, sale_of(unit("11"), unit("12"), unit("13", sku="B"))))
    assert [(trace.field, trace.item_id, trace.file, trace.line) for trace in traces] == [
        ("a", None, "rules/order.yaml", 4),
        ("b", None, "rules/order.yaml", 5),
        ("c", "11", "rules/order.yaml", 8),
        ("c", "13", "rules/order.yaml", 8),
    ]


def test_the_trace_knows_of_the_check_before_acceptance():
    """What is not yet missing has no problem in the trace either."""
    rules = rules_of(order={"f": {"from": EMAIL, "required": "true"}})
    assert next(trace_sale(rules, sale_of())).problem.reason == "mapping_failed"
    assert next(trace_sale(rules, sale_of(), accepted=False)).problem is None


# ---- totality ----

MARK = "Geheimnis"
PERSONAL = sorted(
    {known.path for known in known_paths().values() if known.scope != "item" and "address" in known.path}
    | {"deliveryinformation.purchasebuyeremail", "deliveryinformation.purchasebuyerlogin"}
)


@settings(max_examples=200, deadline=None)
@given(rule_sets, sales, st.booleans())
def test_mapping_is_total(rules, sale, accepted):
    """Any sale of any text under any valid rules gives an order or problems, never an exception."""
    result = map_sale(rules, sale, accepted=accepted)
    assert isinstance(result, MapResult)
    assert (result.order is None) == bool(result.problems)
    assert {problem.reason for problem in result.problems} <= set(reasons())
    assert all(problem.message and problem.hint for problem in result.problems)
    traces = list(trace_sale(rules, sale, accepted=accepted))
    json.dumps([json_value(trace.value) for trace in traces])
    if result.order is not None:
        made = json.loads(json.dumps(result.order.to_json()))
        units = [item_id for line in made["lines"] for item_id in line["item_ids"]]
        assert sorted(units) == sorted(item.item_id for item in sale.items)
        assert [len(line["item_ids"]) for line in made["lines"]] == [line["quantity"] for line in made["lines"]]
        assert [trace.value for trace in traces if trace.item_id is None] == list(result.order.fields.values())


@settings(max_examples=100, deadline=None)
@given(rule_sets, st.sets(st.sampled_from(PERSONAL)), st.booleans())
def test_problems_never_quote_personal_data(rules, marked, accepted):
    """Whatever fails, no name, address, phone or e-mail of the sale stands in a message or hint."""
    personal = dict.fromkeys(marked, MARK)
    item = Item("11", "", {"sku": "A", "headline": MARK, "negotiationcomment": MARK})
    result = map_sale(rules, Sale("100", (item,), personal, personal), accepted=accepted)
    assert MARK.casefold() not in str(result.problems).casefold()


def test_the_keys_of_the_properties_are_those_of_the_format():
    """The rule sets above use every key of a field."""
    used = {"from", "value", "template", "with", "then", "table", "otherwise", "default", "type", "format", "timezone"}
    assert set(ORDER["order"]["valuesrules"]["schema"]) == used | {"required", "when", "unlisted"}
    assert len(SAME_LINE) == 5
