"""Rakuten's bytes to sales: whole documents against expectations written by hand, and what comes instead."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.errors import PayloadError
from rakuten_orders.model import Item, Sale
from rakuten_orders.payload import (
    ErrorDocument,
    iter_sales,
    merged,
    parse_sales,
    purchased_at,
    recipient,
    sale_from_json,
    sale_to_json,
)

PAYLOADS = Path(__file__).with_name("payloads")
CASES = sorted(path.stem for path in PAYLOADS.glob("*.xml"))

QUOTA = b"""<errorresponse xmlns="http://www.priceminister.com/res/schema/error"><error><type>Sender</type>
<code>InvalidUserRights</code><message>Quota exceeded.</message>
<details><detail><![CDATA[ Too many. ]]></detail><detail/><detail>Wait.</detail></details></error></errorresponse>"""


def sales_document(*sales: str) -> bytes:
    return f"<getnewsalesresult><response><sales>{''.join(sales)}</sales></response></getnewsalesresult>".encode()


def sale_block(purchase_id: str, *item_ids: str, status: str = "REQUESTED") -> str:
    items = "".join(f"<item><itemid>{item}</itemid><itemstatus>{status}</itemstatus></item>" for item in item_ids)
    return f"<sale><purchaseid>{purchase_id}</purchaseid><items>{items}</items></sale>"


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def as_expected(sale: Sale) -> dict[str, Any]:
    bought = purchased_at(sale)
    return {
        "purchase_id": sale.purchase_id,
        "purchased_at": bought and bought.isoformat(),
        "recipient": asdict(recipient(sale)),
        "fields": dict(sale.fields),
        "items": [{"item_id": item.item_id, "status": item.status, "fields": dict(item.fields)} for item in sale.items],
    }


def test_there_is_an_expectation_for_each_payload() -> None:
    """The payloads and the expectations beside them are the same set, and it is not empty."""
    assert len(CASES) >= 5
    assert sorted(path.stem for path in PAYLOADS.glob("*.yaml")) == CASES


@pytest.mark.parametrize("case", CASES)
def test_a_payload_gives_the_sales_written_beside_it(case: str) -> None:
    """Every field of every sale is as expected, and no other field is there."""
    expected = yaml.safe_load(PAYLOADS.joinpath(f"{case}.yaml").read_text(encoding="utf-8"))
    sales = parse_sales(PAYLOADS.joinpath(f"{case}.xml").read_bytes())
    assert [as_expected(sale) for sale in sales] == expected


@pytest.mark.parametrize("case", [case for case in CASES if case != "several-blocks"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_stream_gives_the_same_sales(case: str, size: int) -> None:
    """Where a document is cut into chunks makes no difference."""
    data = PAYLOADS.joinpath(f"{case}.xml").read_bytes()
    assert tuple(iter_sales(in_pieces(data, size))) == parse_sales(data)


@given(cut=st.lists(st.integers(0, 4000), max_size=6))
def test_a_document_may_be_cut_anywhere(cut: list[int]) -> None:
    """Cuts at arbitrary places, empty chunks included, give the same sales."""
    data = PAYLOADS.joinpath("home-delivery.xml").read_bytes()
    ends = [*sorted(min(place, len(data)) for place in cut), len(data)]
    chunks = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert tuple(iter_sales(chunks)) == parse_sales(data)


def test_a_stream_gives_a_sale_before_the_document_ends() -> None:
    """Sales come out as they are complete: a source that fails later has given what it had."""

    def source() -> Any:
        yield sales_document(*(sale_block(str(number), f"9{number}") for number in range(5000)))[:-100]
        raise ConnectionError

    stream = iter_sales(source())
    assert next(stream).purchase_id == "0"
    with pytest.raises(ConnectionError):
        list(stream)


def test_a_stream_merges_adjacent_blocks_only() -> None:
    """Adjacent blocks of a purchase become one sale; a later block is an error that names the purchase."""
    adjacent = sales_document(sale_block("1", "11"), sale_block("1", "11", "12"), sale_block("2", "21"))
    assert tuple(iter_sales([adjacent])) == parse_sales(adjacent)
    apart = sales_document(sale_block("1", "11"), sale_block("2", "21"), sale_block("1", "12"))
    assert [len(sale.items) for sale in parse_sales(apart)] == [2, 1]
    with pytest.raises(PayloadError, match="the sale 1 comes again"):
        list(iter_sales([apart]))


def test_merging_twice_changes_nothing() -> None:
    """Merged sales are merged already."""
    once = parse_sales(PAYLOADS.joinpath("several-blocks.xml").read_bytes())
    assert merged(once) == once


@pytest.mark.parametrize(
    ("data", "came"),
    [
        (b"<saleacceptanceresult/>", "the answer to acceptsale or refusesale came"),
        (b"<getshippinginformationresult/>", "the answer to getshippinginformation came"),
        (b"<getbillinginformationresult><item/></getbillinginformationresult>", "the answer to getbillinginformation"),
        (b"<inventoryresult/>", "a stock export came"),
        (b"<feed/>", "a document of another kind (<feed>) came"),
        (b"<" + b"x" * 100 + b"/>", "a document of another kind came"),
        (b"<sale/>", "a document of another kind (<sale>) came"),
        (b"", "nothing came"),
        (b"<getnewsalesresult>", "the document is cut off at line 1"),
    ],
)
@pytest.mark.parametrize("read", [parse_sales, lambda data: list(iter_sales([data]))])
def test_another_document_is_named_and_so_is_what_was_expected(read: Any, data: bytes, came: str) -> None:
    """A document without sales gives one sentence: what came, what was expected."""
    with pytest.raises(PayloadError) as caught:
        read(data)
    assert caught.value.message.startswith(came)
    assert caught.value.message.endswith("; expected the answer to getnewsales or getcurrentsales")


@pytest.mark.parametrize("read", [parse_sales, lambda data: list(iter_sales([data]))])
def test_an_error_document_is_an_error_of_its_own(read: Any) -> None:
    """Code, message and details of an error document are kept, empty details left out."""
    with pytest.raises(ErrorDocument) as caught:
        read(QUOTA)
    error = caught.value
    assert (error.code, error.text, error.type) == ("InvalidUserRights", "Quota exceeded.", "Sender")
    assert error.details == ("Too many.", "Wait.")
    assert str(error) == ("Rakuten answered with an error document (InvalidUserRights: Quota exceeded. Too many. Wait)")
    assert pickle.loads(pickle.dumps(error)).details == error.details


@pytest.mark.parametrize("data", [b"<errorresponse/>", b"<errorresponse><error><code>X</code></error></errorresponse>"])
def test_an_error_document_may_lack_everything(data: bytes) -> None:
    """An error document without message, details or even a code is still one."""
    with pytest.raises(ErrorDocument) as caught:
        parse_sales(data)
    assert caught.value.details == ()


def test_an_element_called_detail_within_a_sale_is_kept() -> None:
    """What has a meaning in one kind of document is an ordinary element in another."""
    (sale,) = parse_sales(sales_document("<sale><detail>d</detail><sale>s</sale></sale>"))
    assert sale.fields == {"detail": "d", "sale": "s"}


def test_a_limit_is_held() -> None:
    """A document beyond the limit is refused, read whole or as a stream."""
    data = sales_document(sale_block("1", "11"))
    assert parse_sales(data, limit=len(data))
    for read in (parse_sales, lambda data, limit: list(iter_sales(in_pieces(data, 10), limit=limit))):
        with pytest.raises(PayloadError, match="larger than"):
            read(data, limit=len(data) - 1)


@pytest.mark.parametrize("text", ["", "23/11/2026", "31/02/2026-10:00", "23/11/2026-24:00", "2026-11-23", "x" * 1000])
def test_a_purchase_date_that_is_none_gives_none(text: str) -> None:
    """What is no time of Rakuten's form is None, never an exception."""
    assert purchased_at(Sale("1", (), {"purchasedate": text})) is None
    assert purchased_at(Sale("1", (), {})) is None


def test_a_purchase_date_may_have_seconds() -> None:
    """The form with seconds, which getoperations has, is read too."""
    bought = purchased_at(Sale("1", (), {"purchasedate": "23/07/2026-10:00:59"}))
    assert bought == dt.datetime(2026, 7, 23, 8, 0, 59, tzinfo=dt.UTC)


def test_the_recipient_is_asked_of_the_shipping_information_too() -> None:
    """A value that the sale lacks comes from the address of the same kind in the shipping information."""
    sale = Sale(
        "1",
        (),
        {
            "deliveryinformation.billingaddress.zipcode": "75011",
            "deliveryinformation.billingaddress.country": "La Réunion",
        },
        shipping={
            "billingaddress.zipcode": "00000",
            "billingaddress.phonenumber1": "06 00 00 12 34",
            "collectionpointaddress.zipcode": "75012",
        },
    )
    assert asdict(recipient(sale)) == {
        "postcode": "75011",
        "country": "RE",
        "pickup_postcode": "75012",
        "phone_last4": "1234",
    }


def test_the_delivery_address_comes_before_the_billing_address() -> None:
    """Values of two addresses are never mixed: a delivery address without a postcode leaves it out."""
    fields = {
        "deliveryinformation.deliveryaddress.countryalpha2": "ie",
        "deliveryinformation.billingaddress.zipcode": "75011",
        "deliveryinformation.billingaddress.countryalpha2": "FR",
    }
    assert asdict(recipient(Sale("1", (), fields))) == {
        "postcode": None,
        "country": "IE",
        "pickup_postcode": None,
        "phone_last4": None,
    }


TEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3)
SALES = st.builds(
    Sale,
    st.text(max_size=8),
    st.lists(st.builds(Item, st.text(max_size=8), st.text(max_size=8), TEXTS), max_size=3).map(tuple),
    TEXTS,
    TEXTS,
    st.dictionaries(st.text(max_size=8), TEXTS, max_size=2),
)


@given(SALES)
def test_a_sale_survives_json(sale: Sale) -> None:
    """The JSON form gives an equal sale back."""
    assert sale_from_json(json.loads(json.dumps(sale_to_json(sale)))) == sale


def outcome(read: Any) -> Any:
    try:
        return tuple(read())
    except PayloadError as error:
        return str(error)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda junk: b"<getnewsalesresult><sale><a>" + junk))
def test_any_bytes_give_sales_or_a_payload_error(data: bytes) -> None:
    """No bytes give another exception, and reading a stream byte by byte gives the same."""
    outcome(lambda: parse_sales(data))
    assert outcome(lambda: iter_sales([data])) == outcome(lambda: iter_sales(in_pieces(data, 1)))


SCRAPS = [
    *("<getnewsalesresult>", "</getnewsalesresult>", "<sale>", "</sale>", "<item>", "</item>", "<errorresponse>"),
    *("<itemid>1</itemid>", "<purchaseid>7</purchaseid>", "<a/>", "<a>", "</a>", "<p:q/>", "é", "&amp;", "&#25;", "\n"),
    *("<![CDATA[", "]]>", "<!--", "-->", "<?p?>", "<!DOCTYPE", "<?xml", "<?xml version='1.0' encoding='iso-8859-1'?>"),
]
MARKUP = st.lists(st.sampled_from(SCRAPS), max_size=12).map("".join)


@given(MARKUP, st.sampled_from(["utf-8", "iso-8859-1"]))
def test_any_markup_gives_sales_or_a_payload_error(markup: str, encoding: str) -> None:
    """Scraps of real documents in any order give sales or a PayloadError, whole and as a stream alike."""
    data = markup.encode(encoding)
    whole, stream = outcome(lambda: parse_sales(data)), outcome(lambda: iter_sales(in_pieces(data, 3)))
    assert whole == stream or "comes again" in stream
