"""The paths that rules name: what each reaches, what is known, and what is near."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rakuten_orders
from rakuten_orders.model import Item, Sale
from rakuten_orders.paths import is_known, known_paths, nearest_path, resolve, spellings, view
from rakuten_orders.payload import parse_sales

DATA = Path(rakuten_orders.__file__).with_name("rakuten_paths.csv")
PAYLOADS = sorted(Path(__file__).with_name("payloads").rglob("*.xml"))

SALE = Sale(
    purchase_id="1",
    items=(Item("11", "ACCEPTED", {"sku": "A", "itemid": "11"}), Item("12", "ACCEPTED", {"sku": "B", "itemid": "12"})),
    fields={"purchaseid": "1", "deliveryinformation.shippingtype": "Suivi"},
    shipping={"shippingtype": "Normal", "prepaidlabel.available": "N"},
    billing={"12": {"shippingsaleprice.amount": "2.90"}},
)


@pytest.mark.parametrize(
    ("level", "path", "expected"),
    [
        ("order", "purchaseid", "1"),
        ("order", "shipping.shippingtype", "Normal"),
        ("order", "deliveryinformation.shippingtype", "Suivi"),
        ("order", "sku", None),
        ("order", "sale.purchaseid", None),
        ("lines", "sku", "B"),
        ("lines", "sale.purchaseid", "1"),
        ("lines", "purchaseid", None),
        ("lines", "shipping.prepaidlabel.available", "N"),
        ("lines", "billing.shippingsaleprice.amount", "2.90"),
        ("acceptance", "purchaseid", "1"),
        ("acceptance", "item.sku", "B"),
        ("acceptance", "sku", None),
    ],
)
def test_a_path_reaches_its_part_of_the_sale(level, path, expected):
    """Each kind of rule begins where its specification says, and reaches the rest by its prefixes."""
    seen = view(SALE, None if level == "order" else SALE.items[1])
    assert seen.get(resolve(path, level)) == expected
    assert seen.lookup(level)(path) == expected


def test_billing_is_the_items_own():
    """An item that getbillinginformation does not have has no billing."""
    assert view(SALE, SALE.items[0]).lookup("lines")("billing.shippingsaleprice.amount") is None


@pytest.mark.parametrize(("text", "expected"), [("", None), (" \t\u00a0", None), (" a b ", "a b"), ("0", "0")])
def test_blank_is_missing(text, expected):
    """There is no difference between an element that is empty, blank or absent; blanks around a value go."""
    sale = Sale("1", (), {"purchaseid": text}, shipping={"shippingtype": text})
    assert view(sale, None).lookup("order")("purchaseid") == expected
    assert view(sale, None).lookup("order")("shipping.shippingtype") == expected


def test_the_list_is_well_formed():
    """Four columns, yes or no, something to say about each path, and no path twice."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100
    assert {row["scope"] for row in rows} == {"sale", "item", "shipping", "billing"}
    assert {row["before"] for row in rows} == {"yes", "no"}
    assert [row for row in rows if not row["about"] or not re.fullmatch(r"[a-z0-9_.]+", row["path"])] == []
    assert len({(row["scope"], row["path"]) for row in rows}) == len(rows) == len(known_paths())


def test_only_contacts_and_later_answers_wait_for_acceptance():
    """Before acceptance Rakuten leaves out e-mail and phone, and answers nothing about shipping and billing."""
    later = {known.path for known in known_paths().values() if not known.before and known.scope == "sale"}
    assert {path.rsplit(".", 1)[-1] for path in later} == {"purchasebuyeremail", "phonenumber1", "phonenumber2"}
    assert all(known.before for known in known_paths().values() if known.scope == "item")
    assert not any(known.before for known in known_paths().values() if known.scope in ("shipping", "billing"))


def test_an_unlisted_path_is_there_where_its_part_is():
    """What nobody listed counts as filled before acceptance only in the sale and its items."""
    assert resolve("new.element", "order").before
    assert resolve("new.element", "lines").before
    assert not resolve("shipping.new.element", "lines").before
    assert not resolve("billing.new.element", "lines").before
    assert not is_known(resolve("new.element", "order"))


@pytest.mark.parametrize("level", ["order", "lines", "acceptance"])
def test_every_spelling_is_known(level):
    """What is offered as the nearest path is a path that the same rule can name."""
    assert len(spellings(level)) > 50
    assert all(is_known(resolve(spelling, level)) for spelling in spellings(level))


def test_shipping_and_billing_are_not_for_acceptance():
    """A decision before acceptance cannot test what Rakuten tells only afterwards."""
    assert not is_known(resolve("shipping.shippingtype", "acceptance"))
    assert not is_known(resolve("billing.sku", "acceptance"))
    assert not is_known(resolve("billing.sku", "order"))


@pytest.mark.parametrize(
    ("level", "path", "near"),
    [
        ("order", "purchaseId", "purchaseid"),
        ("order", "purchasdate", "purchasedate"),
        ("order", "deliveryaddress.zipcode", "deliveryinformation.deliveryaddress.zipcode"),
        ("order", "deliveryinformation.deliveryadress.zipcode", "deliveryinformation.deliveryaddress.zipcode"),
        ("order", "zipcode", "deliveryinformation.deliveryaddress.zipcode"),
        ("order", "purchaseshippingcostprice.amount", "shipping.purchaseshippingcostprice.amount"),
        ("lines", "SKU", "sku"),
        ("lines", "purchaseid", "sale.purchaseid"),
        ("lines", "shippingsaleprice.amount", "billing.shippingsaleprice.amount"),
        ("lines", "price", "price.amount"),
        ("acceptance", "isnego", "item.isnego"),
        ("acceptance", "shipping.shippingtype", "deliveryinformation.shippingtype"),
        ("order", "weather.in.paris", None),
    ],
)
def test_the_nearest_path_is_the_one_that_was_meant(level, path, near):
    """Wrong case, typing mistakes, a beginning left out, another part of the sale."""
    assert nearest_path(path, level) == near


@given(st.text(), st.sampled_from(["order", "lines", "acceptance"]))
def test_any_text_may_stand_as_a_path(path, level):
    """Whatever is written, it is resolved, and read from a sale, without raising."""
    source = resolve(path, level)
    assert view(SALE, SALE.items[0]).get(source) in (None, "1", "A", "11", "Suivi", "Normal", "N")
    near = nearest_path(path, level)
    assert near is None or is_known(resolve(near, level))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_the_elements_of_the_payloads_are_listed(payload):
    """Nothing that the payloads of this suite have is unknown, but for what they have to show just that."""
    made_up = {"deliveryinformation.giftmessage.line", "claim.item"}
    sales = parse_sales(payload.read_bytes())
    paths = {(scope, path) for sale in sales for scope, path in _paths(sale)}
    assert {path for scope, path in paths if (scope, path) not in known_paths()} <= made_up


def _paths(sale):
    yield from (("sale", path) for path in sale.fields)
    yield from (("item", path) for item in sale.items for path in item.fields)
