"""An order rule file's meaning: what is found wrong, where, and what is left alone."""

import re

import pytest

from rakuten_orders.order_rules import expand_field, read_order_rules
from rakuten_orders.rulefiles import read_document
from rakuten_orders.shape import check_shape
from rakuten_orders.tables import Table

TABLES = {"products": Table("products", {"a": "1"})}


def read(order="a: purchaseid", lines="b: sku"):
    """Rules, and findings as severity, code and what stands at the place."""
    indented = (re.sub("^", "  ", text, flags=re.MULTILINE) for text in (order, lines))
    text = "kind: order\norder:\n{}\nlines:\n{}\n".format(*indented)
    document, findings = read_document("order.yaml", text.encode())
    assert document is not None, findings
    assert check_shape(document, "order")[1] == []
    rules, findings = read_order_rules(document, TABLES)
    rows = text.splitlines()
    places = [rows[found.line - 1][found.column - 1 :] for found in findings]
    return rules, [
        (found.code, re.match(r"'(?:[^']|'')*'|[^,:\]}]*", place)[0])
        for found, place in zip(findings, places, strict=True)
    ]


def hint(order):
    text = f"kind: order\norder:\n  {order}\nlines:\n  b: sku\n"
    document, _findings = read_document("order.yaml", text.encode())
    _rules, (found, *_rest) = read_order_rules(document, TABLES)
    return f"{found.message} | {found.hint}"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("A: purchaseid", [("wrong-value", "A")]),
        ("a..b: purchaseid", [("wrong-value", "a..b")]),
        ("2nd: purchaseid", [("wrong-value", "2nd")]),
        ("é: purchaseid", [("wrong-value", "é")]),
        ("lines: purchaseid", [("wrong-value", "lines")]),
        ("is_test.x: purchaseid", [("wrong-value", "is_test.x")]),
        ("lines_total: purchaseid", []),
        ("_x.y_2: purchaseid", []),
        ("item_ids: purchaseid", []),
        ("a.b.c: purchaseid\na: purchaseid", [("wrong-value", "a.b.c")]),
        ("a.b: purchaseid\na.b.c: purchaseid\na.bc: purchaseid", [("wrong-value", "a.b.c")]),
    ],
)
def test_names_that_cannot_be_fields(order, expected):
    """Odd letters, the engine's own names, a name that nests in another."""
    rules, found = read(order)
    assert found == expected
    assert (rules is None) == bool(expected)


@pytest.mark.parametrize(
    ("lines", "wrong"), [("item_ids: sku", 1), ("quantity.x: sku", 1), ("lines: sku", 0), ("is_test: sku", 0)]
)
def test_lines_have_names_of_their_own(lines, wrong):
    """The engine adds other fields to lines than to orders."""
    assert len(read(lines=lines)[1]) == wrong


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{required: true}", [("wrong-value", "a")]),
        ("{from: purchaseid, value: x}", [("wrong-value", "a")]),
        ("{value: x, template: x}", [("wrong-value", "a")]),
        ("{from: purchaseid, with: {x: purchaseid}}", [("wrong-value", "a")]),
        ("{template: '{{ x }}'}", [("wrong-value", "a")]),
        ("{template: 'always the same'}", []),
        ("{template: '{{ x }}', with: {x: purchaseid}}", []),
        ("{template: '{{ y }}', with: {x: purchaseid}}", [("unknown-variable", "y ")]),
        ("{template: '{{ x }}', with: {x: purchaseid, y: purchasedate}}", [("unused", "y")]),
        ("{template: '{{ x.y }}', with: {x: purchaseid}}", [("template-not-allowed", ".y ")]),
    ],
)
def test_one_source_and_its_names(rule, expected):
    """A field is read from paths, or is a constant, or a template whose names ``with`` gives."""
    assert read(f"a: {rule}")[1] == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("purchaseId", [("unknown-path", "purchaseId")]),
        ("{from: [purchaseid, purchasedat]}", [("unknown-path", "purchasedat")]),
        ("{template: '{{ x }}', with: {x: [purchaseid, nowhere.at.all]}}", [("unknown-path", "nowhere.at.all")]),
        ("{from: purchaseid, when: {purchasedat: {is_empty: true}}}", [("unknown-path", "purchasedat")]),
        ("{from: new.one, unlisted: true}", []),
        ("{from: new.one, unlisted: true, when: {new.two: {is_empty: true}}}", []),
        ("{from: new.one, unlisted: false}", [("unknown-path", "new.one")]),
        ("{from: new.one, unlisted: true, when: {new.two: {is_less_than: x}}}", [("wrong-value", "x")]),
        ("{template: '{{ x }}', with: {x: new.one}, unlisted: true}", []),
    ],
)
def test_paths_have_to_be_listed(rule, expected):
    """Every path of a field is looked up, those of ``when`` too, unless the field says otherwise."""
    assert read(f"a: {rule}")[1] == expected


def test_no_source_and_two_are_told_apart():
    """Either it says nowhere where the value comes from, or which two it has."""
    assert "a says nowhere where its value comes from" in hint("a: {required: true}")
    assert "a has from and value" in hint("a: {from: purchaseid, value: x}")


def test_the_hint_says_where_an_items_path_belongs():
    """Under order an item's path is told as such, not corrected to something else."""
    for path in ("sku", "price.amount", "billing.paymentamount.amount"):
        assert "under lines" in hint(f"a: {path}")
    assert "did you mean shipping.purchasebuyeremail (filled after acceptance)?" in hint(
        "a: shipping.purchasebuyermail"
    )
    assert "did you mean purchasedate?" in hint("a: purchasdate")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{from: purchaseid, table: products}", []),
        ("{from: purchaseid, table: product}", [("unknown-table", "product")]),
        ("{from: purchaseid, table: weather}", [("unknown-table", "weather")]),
        ("{from: purchaseid, otherwise: keep}", [("wrong-value", "otherwise")]),
        ("{from: purchaseid, table: products, otherwise: keep}", []),
    ],
)
def test_tables_have_to_be_there(rule, expected):
    """A table that no file and no mapping gives is an error, and so is a word about none."""
    assert read(f"a: {rule}")[1] == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{from: purchasedate, type: date, format: '%d/%m/%Y'}", []),
        ("{from: purchasedate, type: datetime, timezone: Indian/Reunion}", []),
        ("{from: purchasedate, format: '%d/%m/%Y'}", [("wrong-value", "format")]),
        ("{from: purchasedate, type: decimal, timezone: UTC}", [("wrong-value", "timezone")]),
        ("{from: purchasedate, type: date, timezone: UTC}", [("wrong-value", "timezone")]),
        ("{from: purchasedate, type: datetime, timezone: Paris}", [("wrong-value", "Paris")]),
        ("{from: purchasedate, type: date, format: dd/mm/yyyy}", [("wrong-value", "dd/mm/yyyy")]),
        ("{from: purchasedate, type: date, format: '%d/%d/%Y'}", [("wrong-value", "'%d/%d/%Y'")]),
        (
            "{from: purchasedate, type: date, format: '%d %B', timezone: x}",
            [("wrong-value", "'%d %B'"), ("wrong-value", "timezone")],
        ),
    ],
)
def test_formats_and_zones(rule, expected):
    """Formats are for dates, zones for times, and both have to be known."""
    assert read(f"a: {rule}")[1] == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{from: purchaseid, type: integer, default: '0'}", []),
        ("{from: purchaseid, type: integer, default: zero}", [("wrong-value", "zero")]),
        ("{from: purchaseid, type: decimal, default: '1,50'}", [("wrong-value", "'1,50'")]),
        ("{from: purchaseid, type: decimal, default: ''}", []),
        ("{from: purchaseid, type: decimal, default: ' '}", []),
        ("{value: ' ', type: decimal}", []),
        ("{value: maybe, type: boolean}", [("wrong-value", "maybe")]),
        ("{value: '2026-11-23', type: date}", []),
        ("{value: a, type: integer, table: products}", []),
        ("{value: 'no 5', type: integer, then: digits}", []),
        ("{value: 'no 5', type: integer, then: digits, default: x}", [("wrong-value", "x")]),
    ],
)
def test_constants_have_to_be_what_the_type_takes(rule, expected):
    """What stands in the file is typed when it is loaded, where nothing changes it before."""
    assert read(f"a: {rule}")[1] == expected


def test_all_findings_come_at_once():
    """Ten mistakes are ten findings, of the order and of the lines."""
    rules, found = read(
        """\
A: purchaseid
b: {from: x.y, type: integer, default: z}
c: {from: purchaseid, table: t}
d: {required: true}""",
        """\
quantity: sku
e: {from: sku, type: date, format: x}
f: {from: sku, otherwise: keep}
g: purchaseIds
h: {template: '{{ q }}', with: {p: sku}}""",
    )
    assert rules is None
    assert len(found) == 10


def test_warnings_do_not_stand_in_the_way():
    """A name that the template does not use is told, and the rules are compiled all the same."""
    rules, found = read("a: {template: '{{ x }}', with: {x: purchaseid, y: purchasedate}}")
    assert found == [("unused", "y")]
    assert [field.name for field in rules.order] == ["a"]


def test_the_short_form_is_the_long_one():
    """A text alone is the path; the reader and the digest expand it alike."""
    assert expand_field("purchaseid") == {"from": ["purchaseid"]}
    assert expand_field({"from": "purchaseid"}) == {"from": "purchaseid"}
