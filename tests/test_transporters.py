"""Transporter rules: who carries a shipment and who decided it, markers on numbers, what goes without a number."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.loading import load
from rakuten_orders.model import Shipment, WithoutNumber
from rakuten_orders.rulefiles import read_document
from rakuten_orders.shape import check_shape
from rakuten_orders.sources import CarriersLayer, SourceFile, Sources
from rakuten_orders.transporters import FIELDS, choose, read_transporter_rules, waits

CARRIER = """\
code: {code}
name: {name}
aliases: [{alias}]
tracking_url: 'https://{code}.example/?n={{{{ tracking_number }}}}'
sources: [{{note: made up, read: 2026-11-23}}]
examples: {{valid: [{{tracking_number: '1', url: 'https://{code}.example/?n=1'}}]}}
"""
NAMES = {"alpha": ("Alpha Colis", "Alpha Privé"), "beta": ("Beta Post", "B.P."), "gamma": ("Gamma", "Gamma Night")}
FILES = [
    SourceFile(f"carriers.d/{code}.yaml", CARRIER.format(code=code, name=name, alias=alias).encode())
    for code, (name, alias) in NAMES.items()
]
CATALOGUE = load(Sources((), (CarriersLayer("shipped", tuple(FILES)),))).catalogue


def read(text):
    document, findings = read_document("transporters.yaml", f"kind: transporters\n{text}".encode())
    assert document is not None, findings
    assert check_shape(document, "transporters")[1] == []
    return read_transporter_rules(document, CATALOGUE)


def rules_of(text=""):
    rules, findings = read(text)
    assert findings == []
    return rules


def chosen(rules, number="123", connection=None, **fields):
    """Carrier, who decided, and the number that is left; None where nothing covers the shipment."""
    shipment = Shipment(transporter=fields.pop("transporter", None), tracking_number=number, **fields)
    choice = choose(rules, CATALOGUE, shipment, number, connection)
    return choice and (choice.carrier and choice.carrier.code, choice.decided_by, choice.number)


MAPPING = "mappings:\n  - {when: {%s}, carrier: alpha}\n"
ALL_FOUR = "default: gamma\n" + MAPPING % "tracking_number: {starts_with: '9'}"
URL = "https://parcels.example/1"


def test_a_mapping_decides_before_everything():
    """A mapping outranks the name, the URL and the default."""
    assert chosen(rules_of(ALL_FOUR), "9", transporter="beta", tracking_url=URL) == ("alpha", "mapping", "9")
    assert chosen(rules_of(ALL_FOUR), "9") == ("alpha", "mapping", "9")


def test_the_name_decides_before_a_url_and_the_default():
    """Code, name and aliases, compared as names."""
    rules = rules_of(ALL_FOUR)
    for name in ("beta", "BETA POST", "beta-post", "b p", "B.P.", " Bêta post "):
        assert chosen(rules, transporter=name, tracking_url=URL) == ("beta", "name", "123")
    assert chosen(rules, transporter="alpha prive") == ("alpha", "name", "123")


def test_a_url_decides_before_the_default():
    """With a URL of the back office and no carrier, the default is not asked, whether a name is given or not."""
    rules = rules_of(ALL_FOUR)
    assert chosen(rules, tracking_url=URL) == (None, "url", "123")
    assert chosen(rules, transporter="Omega", tracking_url=URL) == (None, "url", "123")


def test_the_default_is_for_shipments_that_name_nobody():
    """A name that nothing covers does not fall back to the default."""
    rules = rules_of(ALL_FOUR)
    assert chosen(rules) == ("gamma", "default", "123")
    assert chosen(rules, transporter=" \t") == ("gamma", "default", "123")
    assert chosen(rules, transporter="Omega") is None
    assert chosen(rules, transporter="--") is None
    assert chosen(rules_of()) is None


def test_a_blank_url_is_none():
    """Blanks are no URL, so they decide nothing."""
    assert chosen(rules_of(), tracking_url=" ") is None
    assert chosen(rules_of("default: gamma"), tracking_url="\t") == ("gamma", "default", "123")


def test_mappings_are_asked_from_top_to_bottom():
    """The first that holds decides."""
    rules = rules_of(
        "mappings:\n"
        "  - {when: {country: {equals_any_of: [NL]}}, carrier: alpha}\n"
        "  - {when: {postcode: {starts_with: '1'}}, carrier: beta}\n"
        "  - {when: {any: [{postcode: {is_empty: true}}, {country: {is_not_empty: true}}]}, carrier: gamma}\n"
    )
    assert chosen(rules, country="NL", postcode="1000")[0] == "alpha"
    assert chosen(rules, country="BE", postcode="1000")[0] == "beta"
    assert chosen(rules, country="BE", postcode="2000")[0] == "gamma"
    assert chosen(rules)[0] == "gamma"
    assert chosen(rules, postcode="2000") is None


@pytest.mark.parametrize(
    ("when", "yes", "no"),
    [
        ("transporter: {equals_any_of: [POST-NL, TNT Post]}", {"transporter": "tnt post"}, {"transporter": "tnt"}),
        ("transporter: {matches: 'dhl.*'}", {"transporter": "D.H.L. Express"}, {"transporter": "Express DHL"}),
        ("tracking_number: {ends_with: '33-45'}", {"number": "1" * 9 + "3345"}, {"number": "33451"}),
        ("postcode: {starts_with: '75'}", {"postcode": "75011"}, {"postcode": "57000"}),
        ("country: {equals_any_of: [NL]}", {"country": "nl"}, {"country": "BE"}),
        ("shipping_type: {equals_any_of: [Suivi]}", {"shipping_type": "Suivi"}, {"shipping_type": "suivi"}),
        ("connection: {equals_any_of: [main]}", {"connection": "main"}, {"connection": "other"}),
        ("connection: {is_empty: true}", {}, {"connection": "main"}),
        ("postcode: {is_empty: true}", {"postcode": " "}, {"postcode": "1"}),
    ],
)
def test_each_field_can_be_tested(when, yes, no):
    """Transporters as names, numbers as cleaned, everything else exactly, countries in capitals."""
    rules = rules_of(MAPPING % when)
    assert (chosen(rules, **yes) or [None, None])[1] == "mapping"
    assert (chosen(rules, **no) or [None, None])[1] != "mapping"


def test_every_field_is_in_the_table():
    """The tests above leave out no field."""
    assert set(FIELDS) == {"transporter", "tracking_number", "postcode", "country", "shipping_type", "connection"}


@pytest.mark.parametrize(
    ("when", "number", "left"),
    [
        ("ends_with: '3345'", "123345", "12"),
        ("ends_with: ['45', '3345', '5']", "123345", "12"),
        ("ends_with: ['45', '9']", "123345", "1233"),
        ("starts_with: [ab, A]", "ABC1", "C1"),
        ("starts_with: 'a-b '", "ABC1", "C1"),
        ("starts_with: X, ends_with: [Z, YZ]", "X1YZ", "1"),
        ("starts_with: '12', ends_with: '12'", "1212", ""),
        ("starts_with: '12', ends_with: '12'", "12", ""),
        ("starts_with: ABC, ends_with: CD", "ABCD", "D"),
        ("starts_with: A, contains_any_of: B", "ABA", "BA"),
    ],
)
def test_remove_value_takes_the_longest_that_matched(when, number, left):
    """Only what stands at the end in question goes, once, and nothing else of the number."""
    rules = rules_of(f"mappings:\n  - {{when: {{tracking_number: {{{when}}}}}, carrier: alpha, remove_value: true}}\n")
    assert chosen(rules, number) == ("alpha", "mapping", left)


def test_without_remove_value_the_number_stays():
    """A marker is taken off only where the rule says so."""
    when = MAPPING % "tracking_number: {ends_with: '3345'}"
    assert chosen(rules_of(when), "123345") == ("alpha", "mapping", "123345")
    assert chosen(rules_of(when.replace("}\n", ", remove_value: false}\n")), "123345")[2] == "123345"


@given(st.text("AB1", max_size=6), st.lists(st.text("AB1", min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_is_removed_stood_there(number, markers):
    """What is left is the number without one of the markers, the longest that it began with."""
    when = f"tracking_number: {{starts_with: [{', '.join(map(repr, markers))}]}}"
    rules = rules_of(f"mappings:\n  - {{when: {{{when}}}, carrier: alpha, remove_value: true}}\n")
    found = chosen(rules, number)
    fitting = [marker for marker in markers if number.startswith(marker)]
    assert (found and found[2]) == (number[max(map(len, fitting)) :] if fitting else None)


WAITS = """\
without_number:
  - {when: {shipping_type: {equals_any_of: [Normal]}, connection: {equals_any_of: [slow]}}, after: 2d}
  - {when: {shipping_type: {equals_any_of: [Normal]}}, after: 3h}
  - {when: {transporter: {equals_any_of: [Beta]}}}
"""


def waited(number=None, connection=None, transporter=None, shipping_type=None):
    shipment = Shipment(transporter=transporter, tracking_number=number, shipping_type=shipping_type)
    return waits(rules_of(WAITS), shipment, connection)


def test_some_shipments_may_go_without_a_number():
    """The first rule that holds says how long one is waited for; without ``after`` not at all."""
    assert waited(shipping_type="Normal") == WithoutNumber(dt.timedelta(hours=3))
    assert waited(shipping_type="Normal", connection="slow") == WithoutNumber(dt.timedelta(days=2))
    assert waited(transporter="BETA") == WithoutNumber(dt.timedelta(0))
    assert waited(shipping_type="Suivi") is None
    assert waited() is None


def test_a_shipment_with_a_number_never_goes_without():
    """The rules are for shipments that bring none; a number of blanks and hyphens is none."""
    assert waited("123", shipping_type="Normal") is None
    assert waited(" - ", shipping_type="Normal") == waited("", shipping_type="Normal") is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default: omega", ["unknown-carrier"]),
        ("default: alpha-colis", ["unknown-carrier"]),
        ("mappings: [{when: {transporter: {is_empty: true}}, carrier: omega}]", ["unknown-carrier"]),
        ("mappings: [{when: {weight: {is_empty: true}}, carrier: alpha}]", ["unknown-key"]),
        ("mappings: [{when: {postcode: {is_less_than: x}}, carrier: alpha}]", ["wrong-value"]),
        ("mappings: [{when: {transporter: {starts_with: '-'}}, carrier: alpha}]", ["wrong-value"]),
        ("mappings: [{when: {postcode: {ends_with: '1'}}, carrier: alpha, remove_value: true}]", ["wrong-value"]),
        (
            "mappings: [{when: {tracking_number: {matches: '1.*'}}, carrier: alpha, remove_value: true}]",
            ["wrong-value"],
        ),
        (
            "mappings: [{when: {any: [{tracking_number: {ends_with: '1'}}]}, carrier: alpha, remove_value: true}]",
            ["wrong-value"],
        ),
        ("without_number: [{when: {shippingtype: {is_empty: true}}}]", ["unknown-key"]),
    ],
)
def test_what_the_rules_get_wrong_is_found(text, expected):
    """Carriers that no file describes, fields that no shipment has, markers that are not there."""
    rules, findings = read(text)
    assert rules is None
    assert [found.code for found in findings] == expected


def test_a_carriers_name_is_led_to_its_code():
    """A rule wants the code; whoever writes name or alias is told the code."""
    _rules, (found,) = read("default: b-p")
    assert "beta" in found.hint


field = st.none() | st.sampled_from(["", " ", "alpha", "Omega", "NL", "main", "Normal", URL]) | st.text(max_size=5)


@given(
    st.builds(
        Shipment,
        transporter=field,
        tracking_number=field,
        tracking_url=field,
        postcode=field,
        country=field,
        shipping_type=field,
    ),
    field,
)
def test_choosing_is_total(shipment, connection):
    """Any shipment gets a carrier, goes by its URL, or is covered by nothing; the default never overrides a name."""
    choice = choose(rules_of(ALL_FOUR), CATALOGUE, shipment, "123", connection)
    if choice is None or choice.decided_by == "url":
        assert choice is None or choice.carrier is None
    else:
        assert choice.carrier is not None
        assert (choice.decided_by == "default") <= (not (shipment.transporter or "").strip())
