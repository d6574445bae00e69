"""The shipped rules: whole orders written by hand, every decision, the examples in the files, the countries."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from rakuten_orders import Engine, parse_sales
from rakuten_orders.checking import check
from rakuten_orders.errors import ShipmentError
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.model import Item, Sale, Shipment
from rakuten_orders.paths import resolve
from rakuten_orders.schemas import RULE_KINDS
from rakuten_orders.sources import read_sources

RULES = Path(__file__).parents[1] / "rules"
ORDERS = Path(__file__).with_name("payloads") / "orders"
CASES = sorted(path.stem for path in ORDERS.glob("*.xml"))
FACTS = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for path in RULES.glob("*.yaml")
}
ENGINE = Engine.load()

SHIPPED_FIELDS = [
    "order_id",
    "ordered_at",
    "shipping_type",
    "shipping_price",
    "currency",
    "buyer.login",
    "buyer.email",
    "ship_to.name",
    "ship_to.street1",
    "ship_to.street2",
    "ship_to.postcode",
    "ship_to.city",
    "ship_to.state",
    "ship_to.country",
    "ship_to.phone",
    "ship_to.pickup_id",
    "ship_to.pickup_name",
    "bill_to.name",
    "bill_to.street1",
    "bill_to.street2",
    "bill_to.postcode",
    "bill_to.city",
    "bill_to.state",
    "bill_to.country",
    "bill_to.phone",
]
SHIPPED_LINE_FIELDS = ["internal_id", "sku", "title", "unit_price", "currency", "ean", "status"]


def expected(case):
    return yaml.safe_load(ORDERS.joinpath(f"{case}.yaml").read_text(encoding="utf-8"))


def sales(case):
    """The sales of a payload, with what the expectation says that later answers add."""
    for sale, wanted in zip(parse_sales(ORDERS.joinpath(f"{case}.xml").read_bytes()), expected(case), strict=True):
        yield replace(sale, shipping=wanted.get("shipping", {}), billing=wanted.get("billing", {})), wanted


def test_every_payload_has_its_orders():
    """Payloads and expectations are the same set, and every sale expects an order or problems."""
    assert len(CASES) >= 6
    assert sorted(path.stem for path in ORDERS.glob("*.yaml")) == CASES
    assert all(("order" in wanted) != ("problems" in wanted) for case in CASES for wanted in expected(case))


@pytest.mark.parametrize("case", CASES)
def test_a_payload_gives_the_orders_written_beside_it(case):
    """Each whole order, key by key and in this order, as JSON shows it; or the problems and nothing else."""
    for sale, wanted in sales(case):
        (result,) = ENGINE.map(sale, accepted=case != "before-acceptance")
        problems = [[problem.reason, problem.field] for problem in result.problems]
        assert problems == wanted.get("problems", [])
        made = result.order and result.order.to_json()
        assert json.dumps(made, indent=1, ensure_ascii=False) == json.dumps(
            wanted.get("order"), indent=1, ensure_ascii=False
        )


@pytest.mark.parametrize("case", CASES)
def test_a_payload_gives_the_decisions_written_beside_it(case):
    """Where the expectation has decisions, they are one word an item."""
    for sale, wanted in sales(case):
        decisions = [decision.action for decision in ENGINE.decide(sale)]
        assert decisions == wanted.get("decisions", decisions)
        assert len(decisions) == len(sale.items)


def test_the_three_layouts_are_there():
    """Home delivery, collection point with the buyer's address, the buyer's address alone."""
    found = {
        tuple(
            kind
            for kind in ("deliveryaddress", "collectionpointaddress", "billingaddress")
            if f".{kind}." in str(sale.fields)
        )
        for case in CASES
        for sale, _wanted in sales(case)
    }
    assert found == {("deliveryaddress",), ("collectionpointaddress", "billingaddress"), ("billingaddress",)}


# ---- the files ----


def test_the_fields_are_the_documented_ones():
    """Other programs read these names; the engine adds is_test, item_ids and quantity."""
    assert list(FACTS["order"]["order"]) == SHIPPED_FIELDS
    assert list(FACTS["order"]["lines"]) == SHIPPED_LINE_FIELDS


def test_the_files_are_the_kinds():
    """One file a kind, named by it, and each says its format."""
    assert {stem: facts["kind"] for stem, facts in FACTS.items()} == {kind: kind for kind in RULE_KINDS}
    assert {facts["format"] for facts in FACTS.values()} == {"1"}


def test_there_is_neither_default_nor_mapping():
    """Which transporter means what is for the seller to say."""
    assert set(FACTS["transporters"]) == {"kind", "format", "without_number", "examples"}


@pytest.mark.parametrize("kind", sorted(RULE_KINDS))
def test_the_examples_come_out(kind):
    """Every file has examples, and the checker finds none that comes out otherwise, nor anything else."""
    sources = read_sources()
    own = {source.file for layer in sources.rules for source in layer.rules if source.file.endswith(f"{kind}.yaml")}
    assert len(own) == 1
    assert len(FACTS[kind]["examples"]) >= 3
    assert [str(found) for found in check(sources, own).diagnostics] == []


def test_an_example_that_is_wrong_would_be_found():
    """The test above can fail."""
    sources = read_sources()
    layer = sources.rules[0]
    spoilt = tuple(
        replace(source, data=source.data.replace(b"quantity: '2'", b"quantity: '3'")) for source in layer.rules
    )
    found = check(replace(sources, rules=(replace(layer, rules=spoilt),))).diagnostics
    assert [one.code for one in found] == ["example-mismatch"]


# ---- addresses ----

HOME, POINT, BUYER = (
    f"deliveryinformation.{kind}" for kind in ("deliveryaddress", "collectionpointaddress", "billingaddress")
)


def mapped(**fields):
    """The order's fields for a sale with these paths (``__`` for the dot behind the address)."""
    (result,) = ENGINE.map(Sale("1", (Item("11", "ACCEPTED", {"sku": "A"}),), fields))
    assert result.problems == ()
    return result.order.fields


def address(kind, **parts):
    return {f"{kind}.{name}": text for name, text in parts.items()}


def test_second_lines_come_from_the_address_in_use():
    """Should addresses come together that never did, none borrows another's second line or state."""
    home = address(HOME, address1="1 rue A", city="Lyon", countryalpha2="FR")
    buyer = address(BUYER, address1="2 rue B", address2="Étage 2", city="Gand", state="Flandre", countryalpha2="BE")
    point = address(POINT, address="3 rue C", city="Lille", country="France")
    fields = mapped(**home, **buyer)
    assert (fields["ship_to.street2"], fields["ship_to.state"], fields["ship_to.country"]) == (None, None, "FR")
    assert (fields["bill_to.street2"], fields["bill_to.state"], fields["bill_to.country"]) == (
        "Étage 2",
        "Flandre",
        "BE",
    )
    fields = mapped(**point, **buyer)
    assert (fields["ship_to.street2"], fields["ship_to.state"], fields["ship_to.country"]) == (None, None, "FR")
    fields = mapped(**buyer)
    assert (fields["ship_to.street2"], fields["ship_to.state"], fields["ship_to.country"]) == (
        "Étage 2",
        "Flandre",
        "BE",
    )
    other = address(HOME, address1="1 rue A", address2="Bât. 3", city="Lyon", state="Rhône")
    fields = mapped(**other, **address(BUYER, address1="2 rue B", city="Gand"))
    assert (fields["ship_to.street2"], fields["ship_to.state"]) == ("Bât. 3", "Rhône")
    assert (fields["bill_to.street2"], fields["bill_to.state"]) == (None, None)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("France", "FR"),
        ("France métro.", "FR"),
        ("Pays bas", "NL"),
        ("Pays-Bas", "NL"),
        ("Etats-Unis", "US"),
        ("États-Unis", "US"),
        ("Royaume uni", "GB"),
        ("Grèce", "GR"),
        ("LA RÉUNION", "RE"),
        ("Norvège", "NO"),
        ("Suède", "SE"),
        ("Atlantide", "ATLANTIDE"),
    ],
)
def test_a_country_without_code_is_known_by_its_name(label, code):
    """Collection points have only the French name; one that nobody knows is passed on, not dropped."""
    assert mapped(**address(POINT, country=label))["ship_to.country"] == code
    assert mapped(**address(BUYER, country=label))["bill_to.country"] == code


def test_a_code_is_kept():
    """Codes pass through, in capitals; Rakuten's FX is France even where nobody corrected it."""
    assert mapped(**address(HOME, countryalpha2="es", country="Espagne"))["ship_to.country"] == "ES"
    assert mapped(**address(HOME, countryalpha2="FX"))["ship_to.country"] == "FR"


def test_the_table_of_countries_is_clean():
    """Sorted, in the form that the rule looks up, and every value a country."""
    with (RULES / "tables" / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    keys = [key for key, _value in rows]
    assert keys == sorted(keys)
    assert [key for key in keys if not re.fullmatch(r"[A-Z][A-Z .-]*", key)] == []
    assert [
        value for _key, value in rows if not re.fullmatch("[A-Z]{2}", value) or numeric_country(value) is None
    ] == []


# ---- acceptance ----

DECIDED = [
    ({}, {}, "accept"),
    ({"isnego": "Y"}, {}, "hold"),
    ({"isnego": "N"}, {}, "accept"),
    ({"ispreorder": "Y"}, {}, "hold"),
    ({"paymentstatus": "Forthcoming"}, {}, "hold"),
    ({"paymentstatus": ""}, {}, "hold"),
    ({"isrsl": "Y"}, {}, "skip"),
    ({"isrsl": "N"}, {}, "accept"),
    ({"is_fulfilment": "Y"}, {}, "skip"),
    ({"is_fulfilment": "true"}, {}, "skip"),
    ({"is_fulfilment": "1"}, {}, "skip"),
    ({"is_fulfilment": "false"}, {}, "accept"),
    ({}, {"deliveryinformation.isfullrsl": "Y"}, "skip"),
    ({}, {"deliveryinformation.isfullrsl": "N"}, "accept"),
    ({"isrsl": "Y", "isnego": "Y", "paymentstatus": "x"}, {}, "skip"),
]


@pytest.mark.parametrize(("item", "fields", "action"), DECIDED)
def test_each_decision(item, fields, action):
    """What is negotiated, preordered or unpaid is held, what Rakuten ships is left out, the rest is accepted."""
    sale = Sale("1", (Item("11", "REQUESTED", {"paymentstatus": "INCOMING", **item}),), fields)
    (decision,) = ENGINE.decide(sale)
    assert decision.action == action
    assert bool(decision.because) == (action != "accept")


def test_every_path_of_the_conditions_is_tried():
    """No condition of the shipped file is left out of the table above."""
    tested = {path for rules in ("hold", "skip") for rule in FACTS["acceptance"][rules] for path in rule["when"]}
    tried = {f"item.{name}" for item, _fields, _action in DECIDED for name in item}
    tried |= {path for _item, fields, _action in DECIDED for path in fields}
    assert tested <= tried
    assert all(resolve(path, "acceptance").before for path in tested)


# ---- transporters ----


@pytest.mark.parametrize(
    ("shipping_type", "hours"),
    [
        ("Normal", 3),
        ("Retrait chez le vendeur", 3),
        ("Suivi", None),
        ("Recommandé", None),
        ("normal", None),
        (None, None),
    ],
)
def test_what_goes_without_a_number(shipping_type, hours):
    """Untracked letters and what the buyer fetches, after three hours; everything else waits for its number."""
    shipment = Shipment(transporter=None, tracking_number=None, shipping_type=shipping_type)
    allowed = ENGINE.without_number(shipment)
    assert (allowed and allowed.after.total_seconds() / 3600) == hours


def test_nobody_is_guessed():
    """Without a name or with an unknown one nothing is sent, however plainly the number speaks."""
    for transporter, reason in ((None, "missing_transporter"), ("Coursier inconnu", "unsupported_transporter")):
        with pytest.raises(ShipmentError) as caught:
            ENGINE.track(Shipment(transporter=transporter, tracking_number="1Z999AA10123456784"))
        assert caught.value.reason == reason
