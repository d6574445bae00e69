"""The simulated marketplace over real HTTP: what it shows, does and refuses."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rakuten_orders.checksums import holds
from rakuten_orders.connection.simulator import (
    PRODUCTS,
    SimulatedSale,
    Simulator,
    delivery,
    item,
    make_sales,
    marked_sale,
    showcase,
    to_home,
    with_fields,
)
from rakuten_orders.connection.simulator.deadlines import acceptance_deadline
from rakuten_orders.connection.simulator.people import CAMILLE
from rakuten_orders.model import Sale
from rakuten_orders.payload import parse_sales

PARIS = ZoneInfo("Europe/Paris")
VERSIONS = {
    "getnewsales": "2017-08-07",
    "acceptsale": "2021-04-08",
    "refusesale": "2010-09-20",
    "getcurrentsales": "2017-08-07",
    "getshippinginformation": "2017-09-12",
    "getbillinginformation": "2016-03-16",
    "settrackingpackageinfos": "2016-03-16",
    "importitemshippingstatus": "2016-05-09",
    "cancelitem": "2011-02-02",
    "getiteminfos": "2017-08-07",
    "getitemtodolist": "2011-09-01",
    "confirmpreorder": "2013-01-09",
}


@dataclass(frozen=True)
class Answer:
    """An answer's bytes and its tree without namespaces."""

    data: bytes
    root: ET.Element

    def text(self, path: str) -> str | None:
        return self.root.findtext(path)

    def texts(self, path: str) -> list[str]:
        return [found.text or "" for found in self.root.findall(path)]

    @property
    def error(self) -> str:
        assert self.root.tag == "errorresponse", self.data
        detail = " ".join(text.strip() for text in self.texts("error/details/detail"))
        return f"{self.text('error/type')} {self.text('error/code')} {self.text('error/message')} {detail}".strip()


class Caller:
    """Talks to a simulator as a client would, over one kept connection."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.http = httpx.Client(base_url=simulator.url, timeout=5, verify=False)

    def query(self, action: str, params: Mapping[str, str | None]) -> str:
        all_params = {
            "action": action,
            "login": self.simulator.login,
            "pwd": self.simulator.token,
            "version": VERSIONS.get(action, "2017-08-07"),
            **params,
        }
        return urlencode({k: v for k, v in all_params.items() if v is not None}, encoding="latin-1")

    def __call__(self, action: str, /, **params: str | None) -> Answer:
        return read(self.http.get(f"/sales_ws?{self.query(action, params)}"))

    def accept(self, *item_ids: str) -> None:
        for item_id in item_ids:
            assert self("acceptsale", itemid=item_id, shippingfromcountry="249").text("response/status") == "Accepted"

    def ship(self, item_id: str, **params: str | None) -> Answer:
        shipment: dict[str, str | None] = {"transporter_name": "Colissimo", "tracking_number": "6C00000000015"}
        return self("settrackingpackageinfos", itemid=item_id, **{**shipment, **params})

    def upload(self, file: str, part: str = "file") -> Answer:
        query = self.query("importitemshippingstatus", {})
        return read(self.http.post(f"/sales_ws?{query}", files={part: ("items.xml", file.encode(), "text/xml")}))


def read(response: httpx.Response) -> Answer:
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/xml;charset=ISO-8859-1"
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", response.content.decode("cp1252"))
    root = ET.fromstring(text.split("?>", 1)[-1].lstrip())
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return Answer(response.content, root)


def one_sale(*item_ids: str, shipping_type: str = "Suivi", purchase_id: str = "P1", **fields: str) -> SimulatedSale:
    units = tuple(item(item_id, f"SKU-{item_id}", "10.0", fields=fields) for item_id in item_ids or ("I1",))
    return SimulatedSale(purchase_id, delivery(shipping_type, to_home(CAMILLE)), units)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(sales=[one_sale("I1", "I2")]) as running:
        yield running


@pytest.fixture
def call(simulator: Simulator) -> Iterator[Caller]:
    caller = Caller(simulator)
    with caller.http:
        yield caller


@contextmanager
def calling(simulator: Simulator) -> Iterator[Caller]:
    """Serves while the block runs, and gives a caller."""
    with simulator:
        caller = Caller(simulator)
        with caller.http:
            yield caller


# Who may call ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"login": None}, "The parameter login is mandatory"),
        ({"pwd": None}, "The parameter pwd is mandatory"),
        ({"pwd": ""}, "The parameter pwd is mandatory"),
        ({"version": None}, "The parameter version is mandatory"),
        ({"action": None}, "The parameter action is mandatory"),
        ({"action": "getoldsales"}, "The parameter 'action' is invalid."),
        ({"version": "1999-01-01"}, "The parameter 'version' is invalid."),
    ],
)
def test_missing_and_invalid_common_parameters_are_refused(
    call: Caller, params: dict[str, str | None], error: str
) -> None:
    """Action, login, pwd and version are mandatory, and of the known ones."""
    answer = call("getnewsales", **params)
    assert answer.error == f"Sender ParameterError Problem with parameters. {error}"


@pytest.mark.parametrize("params", [{"pwd": "wrong"}, {"login": "somebody"}, {"login": "boutiquefr@example.com"}])
def test_wrong_login_token_or_an_email_is_refused(call: Caller, params: dict[str, str | None]) -> None:
    """One answer for a wrong token, an unknown account and an e-mail in place of the account's name."""
    answer = call("getnewsales", **params)
    assert answer.error == "Sender InvalidUserConnection Unknown user or password. Incorrect login or password"


def test_an_account_that_is_not_professional_is_refused() -> None:
    """InvalidUserRights, with another sentence than the quota's."""
    with calling(Simulator(professional=False)) as call:
        assert call("getnewsales").error.startswith("Sender InvalidUserRights User not allowed.")


def test_the_quota_is_used_up_until_the_next_hour() -> None:
    """Calls beyond the hour's number are refused; the next hour brings as many again."""
    now = [dt.datetime(2026, 11, 23, 10, 50, tzinfo=PARIS)]
    with calling(Simulator(quota_per_hour=2, clock=lambda: now[0])) as call:
        assert [call("getnewsales").root.tag for _ in range(2)] == ["getnewsalesresult"] * 2
        assert call("getnewsales").error.startswith("Sender InvalidUserRights Quota exceeded. You have exceeded")
        now[0] += dt.timedelta(minutes=10)
        assert call("getnewsales").root.tag == "getnewsalesresult"


def test_parameters_may_be_posted_and_unknown_ones_are_tolerated(call: Caller) -> None:
    """A form in the body is read like a query, in ISO-8859-1."""
    call.accept("I1")
    query = call.query("cancelitem", {})
    form = urlencode({"itemid": "I1", "comment": "rupture désolé", "field": ""}, encoding="latin-1")
    response = call.http.post(
        f"/sales_ws?{query}", content=form, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert read(response).text("request/comment") == "rupture désolé"
    assert call.simulator.item("I1").cancel_comment == "rupture désolé"


def test_other_addresses_and_endless_bodies_get_http_errors(call: Caller) -> None:
    """Only /sales_ws is spoken; a body needs a length within bounds."""
    assert call.http.get("/stock_ws").status_code == 404
    assert call.http.post("/sales_ws", content=iter([b"endless"])).status_code == 411
    assert call.http.put("/sales_ws").status_code == 501


# How it answers -------------------------------------------------------------------------------------------------------


def test_answers_look_like_rakutens() -> None:
    """ISO-8859-1 declared and cp1252 meant, blank lines before the root, CDATA, control characters, FX."""
    with calling(Simulator(sales=showcase())) as call:
        answer = call("getnewsales")
    assert answer.data.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n\n\n\n<getnewsalesresult xmlns="http')
    assert b"<![CDATA[101 chemin du C\x9cur Invent\xe9]]>" in answer.data
    assert b"\x19" in answer.data
    assert b"<countryalpha2>FX</countryalpha2>" in answer.data


def test_errors_have_no_declaration(call: Caller) -> None:
    """An error document starts with its root."""
    assert call("getnewsales", pwd="wrong").data.startswith(b"<errorresponse ")


def test_elements_stand_in_rakutens_order(call: Caller) -> None:
    """An item's elements come in the documented order, empty ones included."""
    item = call("getnewsales").root.find("response/sales/sale/items/item")
    assert item is not None
    elements = [element.tag for element in item]
    assert " ".join(elements) == (
        "sku advertid advertpricelisted itemid headline itemstatus shipped ispreorder isnego negotiationcomment "
        "price isrsl isbn ean paymentstatus sellerscore"
    )


def test_elements_that_rakuten_may_add_follow_their_siblings() -> None:
    """An unknown path of a seeded sale is written at its parent's end."""
    sale = with_fields(one_sale(), {"deliveryinformation.deliveryaddress.doorcode": "12A", "gift.wrapped": "Y"})
    with calling(Simulator(sales=[sale])) as call:
        found = call("getnewsales").root.find("response/sales/sale")
    assert found is not None
    address = found.find("deliveryinformation/deliveryaddress")
    assert address is not None
    assert address[-1].tag == "doorcode"
    assert found.findtext("gift/wrapped") == "Y"


@pytest.mark.parametrize(
    ("action", "root", "params"),
    [
        ("getnewsales", "getnewsalesresult", {}),
        ("acceptsale", "saleacceptanceresult", {"itemid": "I2", "shippingfromcountry": "249"}),
        ("getcurrentsales", "getcurrentsalesresult", {}),
        ("getshippinginformation", "getshippinginformationresult", {"purchaseid": "P1"}),
        ("getbillinginformation", "getbillinginformationresult", {"purchaseid": "P1"}),
        (
            "settrackingpackageinfos",
            "setshippingpackageinfosresult",
            {"itemid": "I1", "transporter_name": "DPD", "tracking_number": "1"},
        ),
        ("cancelitem", "cancelitemresult", {"itemid": "I1", "comment": "rupture"}),
        ("getiteminfos", "getiteminfosresult", {"itemid": "I1"}),
        ("getitemtodolist", "getitemtodolistresult", {}),
    ],
)
def test_every_action_has_its_root_and_echo(
    call: Caller, action: str, root: str, params: dict[str, str | None]
) -> None:
    """The root is the action's own, the request is echoed, lastversion is announced."""
    call.accept("I1")
    answer = call(action, **params)
    assert answer.root.tag == root
    assert answer.text("request/user") == "boutiquefr"
    assert answer.text("request/version") == VERSIONS[action]
    assert (answer.text("response/lastversion") or "") >= VERSIONS[action]


def test_a_newer_version_is_announced(call: Caller) -> None:
    """getcurrentsales of 2017 says that there is one of 2021."""
    assert call("getcurrentsales").text("response/lastversion") == "2021-10-29"


def test_old_versions_keep_their_words(call: Caller) -> None:
    """2014 says TO_CONFIRM and ACCEPTED and has no shipped flag; today it is REQUESTED and COMMITTED."""
    call.accept("I1")
    status = "response/sales/sale/items/item/itemstatus"
    assert call("getnewsales", version="2014-02-11").texts(status) == ["TO_CONFIRM"]
    old = call("getcurrentsales", version="2014-02-11")
    assert old.texts(status) == ["ACCEPTED"]
    assert old.texts("response/sales/sale/items/item/shipped") == []
    assert call("getnewsales").texts(status) == ["REQUESTED"]
    assert call("getcurrentsales").texts(status) == ["COMMITTED"]
    call.simulator.claim("I1")
    assert call("getcurrentsales", version="2014-02-11").texts(status) == ["PENDING_CLAIM"]


TEXT = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=40)


@given(headline=TEXT, city=TEXT)
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_as_it_was(headline: str, city: str) -> None:
    """Whatever cp1252 can say, CDATA ends and markup included, is read back from the answer's bytes."""
    sale = with_fields(one_sale(headline=headline), {"deliveryinformation.deliveryaddress.city": city})
    with calling(Simulator(sales=[sale])) as call:
        [read_back] = parse_sales(call("getnewsales").data)
    assert read_back.items[0].fields.get("headline", "") == headline.strip()
    assert read_back.fields.get("deliveryinformation.deliveryaddress.city", "") == city.strip()


@given(action=st.sampled_from(sorted(VERSIONS)), value=st.binary(max_size=40), body=st.binary(max_size=80))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_request_gets_an_answer(call: Caller, action: str, value: bytes, body: bytes) -> None:
    """Whatever bytes come as parameters, form or file, an XML document comes back."""
    names = ("itemid", "purchaseid", "purchasedate", "nexttoken", "shippingfromcountry", "tracking_url", "stock")
    text = value.decode("latin-1")
    query = call.query(action, {**dict.fromkeys(names, text), "transporter_name": "Autre", "tracking_number": "1"})
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"):
        read(call.http.post(f"/sales_ws?{query}", content=body, headers={"Content-Type": kind}))


# New sales, accept, refuse --------------------------------------------------------------------------------------------

ITEM_IDS = "response/sales/sale/items/item/itemid"


def test_accepting_moves_an_item_from_new_to_current(call: Caller) -> None:
    """Only undecided items are new, only accepted ones current, item by item."""
    assert call("getnewsales").texts(ITEM_IDS) == ["I1", "I2"]
    assert call("getcurrentsales").texts(ITEM_IDS) == []
    call.accept("I1")
    assert call("getnewsales").texts(ITEM_IDS) == ["I2"]
    assert call("getcurrentsales").texts(ITEM_IDS) == ["I1"]
    assert call.simulator.item("I1").ships_from == 249


def test_email_and_phones_appear_on_acceptance(call: Caller) -> None:
    """Before, the elements are there and empty."""
    delivery_path = "response/sales/sale/deliveryinformation/"
    before = call("getnewsales")
    assert before.text(delivery_path + "purchasebuyeremail") == ""
    assert before.text(delivery_path + "deliveryaddress/phonenumber1") == ""
    call.accept("I1")
    after = call("getcurrentsales")
    assert after.text(delivery_path + "purchasebuyeremail") == "acheteur@example.com"
    assert after.text(delivery_path + "deliveryaddress/phonenumber1") == CAMILLE.phonenumber1


def test_countries_are_echoed_with_the_tax_scheme(call: Caller) -> None:
    """acceptsale of 2021 says back from where and through which country, and names a scheme for imports."""
    answer = call("acceptsale", itemid="I1", shippingfromcountry="156", importcountry="056")
    assert answer.text("response/shippingfromcountry") == "156"
    assert answer.text("response/onestopshop/type") == "IOSS"
    assert call.simulator.item("I1").import_country == 56


def test_the_old_acceptsale_needs_no_country(call: Caller) -> None:
    """Version 2010-09-20 is from before the tax reform."""
    assert call("acceptsale", itemid="I1", version="2010-09-20").text("response/status") == "Accepted"


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({}, "The parameter shippingfromcountry is mandatory"),
        ({"shippingfromcountry": "250"}, "The parameter 'shippingfromcountry' is invalid."),
        ({"shippingfromcountry": "FR"}, "The parameter 'shippingfromcountry' is invalid."),
        ({"shippingfromcountry": "249", "importcountry": "999"}, "The parameter 'importcountry' is invalid."),
        ({"shippingfromcountry": "249", "itemid": "I9"}, "The parameter 'itemid' is invalid."),
        ({"shippingfromcountry": "249", "itemid": ""}, "The parameter itemid is mandatory"),
    ],
)
def test_acceptsale_refuses_wrong_parameters(call: Caller, params: dict[str, str | None], error: str) -> None:
    """France is 249 and not 250, countries are numbers, the item has to exist; nothing is accepted."""
    answer = call("acceptsale", **{"itemid": "I1", **params})
    assert answer.error == f"Sender ParameterError Problem with parameters. {error}"
    assert not call.simulator.item("I1").accepted


@pytest.mark.parametrize("action", ["acceptsale", "refusesale"])
def test_what_is_accepted_cannot_be_decided_again(call: Caller, action: str) -> None:
    """The answer says CAPTURED with a hyphen, and the buyer is debited once."""
    call.accept("I1")
    answer = call(action, itemid="I1", shippingfromcountry="249")
    assert answer.error.endswith("Current status : CAPTURED - Required status : REQUESTED")
    assert call.simulator.done("acceptsale", "I1") == 1
    assert call.simulator.item("I1").status == "COMMITTED"


def test_what_is_gone_cannot_be_accepted(call: Caller) -> None:
    """The answer says EMPTIED with an en dash: after a refusal, a buyer's cancellation, a time-out, a cancelitem."""
    call("refusesale", itemid="I1")
    call.simulator.cancel_by_buyer("I2")
    call.simulator.add(one_sale("I3", "I4", purchase_id="P2"))
    call.simulator.time_out("I3")
    call.accept("I4")
    call("cancelitem", itemid="I4", comment="rupture")
    for item_id in ("I1", "I2", "I3", "I4"):
        answer = call("acceptsale", itemid=item_id, shippingfromcountry="249")
        assert answer.error.endswith("Current status : EMPTIED – Required status : REQUESTED")
        assert b"EMPTIED \x96 Required" in answer.data


def test_what_was_refused_or_cancelled_before_acceptance_shows_nowhere(call: Caller) -> None:
    """Neither list has it; getiteminfos still tells."""
    assert call("refusesale", itemid="I1").text("response/status") == "Refused"
    call.simulator.cancel_by_buyer("I2")
    assert call("getnewsales").texts(ITEM_IDS) == []
    assert call("getnewsales").root.find("response/sales") is not None
    assert call("getcurrentsales").texts(ITEM_IDS) == []
    assert call("getiteminfos", itemid="I1").text("response/item/itemstatus") == "REFUSED"
    assert call("getiteminfos", itemid="I2").text("response/item/itemstatus") == "CANCELLED"


def test_time_cancels_what_was_not_accepted_when_asked_to() -> None:
    """Bought on a Friday afternoon, an item goes at the end of Wednesday, and not a minute before."""
    now = [dt.datetime(2026, 11, 20, 14, 0, tzinfo=PARIS)]
    with calling(Simulator(clock=lambda: now[0], auto_cancel=True, sales=[one_sale()])) as call:
        now[0] = dt.datetime(2026, 11, 25, 23, 59, tzinfo=PARIS)
        assert call.simulator.item("I1").status == "REQUESTED"
        now[0] = dt.datetime(2026, 11, 26, 0, 0, tzinfo=PARIS)
        assert call("getnewsales").texts(ITEM_IDS) == []
        assert call.simulator.item("I1").status == "CANCELLED"


def test_french_holidays_are_no_working_days() -> None:
    """Bought on the eve of Armistice Day, there is a day more."""
    bought = dt.datetime(2026, 11, 10, 9, 0, tzinfo=PARIS)
    assert acceptance_deadline(bought) == dt.datetime(2026, 11, 17, 0, 0, tzinfo=PARIS)


# Current sales --------------------------------------------------------------------------------------------------------


def aged(days: int, number: int) -> SimulatedSale:
    units = (item(f"I{number}", "SKU", "1.0", status="COMMITTED"),)
    fields = delivery("Suivi", to_home(CAMILLE))
    return SimulatedSale(f"P{number}", fields, units, age=dt.timedelta(days=days))


NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=PARIS)


def test_sales_are_filtered_by_day_inclusive_and_newest_first() -> None:
    """purchasedate is a day of purchase, echoed as dd/mm/yyyy."""
    with calling(Simulator(sales=[aged(3, 3), aged(0, 0), aged(2, 2), aged(1, 1)], clock=lambda: NOON)) as call:
        answer = call("getcurrentsales", purchasedate="2026-11-21")
    assert answer.texts(ITEM_IDS) == ["I0", "I1", "I2"]
    assert answer.text("request/purchasedate") == "21/11/2026"
    assert answer.text("response/sales/sale/purchasedate") == "23/11/2026-12:00"


@pytest.mark.parametrize("date", ["21/11/2026", "2026-11-31", "20261121", "yesterday"])
def test_a_malformed_date_is_ignored_without_a_word(date: str) -> None:
    """Everything comes back, and the echo is missing."""
    with calling(Simulator(sales=[aged(30, 1), aged(0, 2)], clock=lambda: NOON)) as call:
        answer = call("getcurrentsales", purchasedate=date)
    assert len(answer.texts(ITEM_IDS)) == 2
    assert answer.root.find("request/purchasedate") is None


@given(sales=st.integers(0, 12), size=st.integers(1, 5), alone=st.booleans(), split=st.booleans())
@settings(max_examples=30, deadline=None)
def test_pages_give_every_sale_once(sales: int, size: int, alone: bool, split: bool) -> None:
    """Following nexttoken, alone or with the date repeated, gives the day's sales in order, then an empty token."""
    seeds = [aged(100, 99), *(aged(number % 3, number) for number in range(sales))]
    with calling(Simulator(sales=seeds, page_size=size, clock=lambda: NOON, split_sales=split)) as call:
        whole = call("getcurrentsales", purchasedate="2026-11-01").texts("response/sales/sale/purchasedate")
        token, dates, ids = "0", [], []
        while token:
            date = None if alone and token != "0" else "2026-11-01"
            answer = call("getcurrentsales", nexttoken=token, purchasedate=date)
            dates += answer.texts("response/sales/sale/purchasedate")
            ids += answer.texts(ITEM_IDS)
            token = answer.text("response/nexttoken") or ""
    assert dates[: len(whole)] == whole
    assert sorted(ids) == sorted(f"I{number}" for number in range(sales))


def test_sales_that_come_in_between_shift_no_page() -> None:
    """A page goes on behind the last sale that was shown, not at a number."""
    with calling(Simulator(sales=[aged(day, day) for day in range(4)], page_size=2, clock=lambda: NOON)) as call:
        first = call("getcurrentsales")
        call.simulator.add(aged(0, 9))
        second = call("getcurrentsales", nexttoken=first.text("response/nexttoken"))
    assert [first.texts(ITEM_IDS), second.texts(ITEM_IDS)] == [["I0", "I1"], ["I2", "I3"]]


@pytest.mark.parametrize("token", ["abc", "W10", "é"])
def test_an_invented_token_is_refused(call: Caller, token: str) -> None:
    """nexttoken is opaque and checked."""
    assert "The parameter 'nexttoken' is invalid." in call("getcurrentsales", nexttoken=token).error


def test_shipped_cancelled_and_claimed_items_stay_listed(call: Caller) -> None:
    """The list has them with their status and flag; notshippeditemsonly leaves out the shipped ones."""
    call.simulator.add(one_sale("I3", purchase_id="P2"))
    call.accept("I1", "I2", "I3")
    call.ship("I1")
    call.simulator.cancel_by_buyer("I2")
    call.simulator.claim("I3")
    answer = call("getcurrentsales")
    path = "response/sales/sale/items/item/"
    ids, statuses, shipped = (answer.texts(path + name) for name in ("itemid", "itemstatus", "shipped"))
    assert sorted(zip(ids, statuses, shipped, strict=True)) == [
        ("I1", "COMMITTED", "1"),
        ("I2", "CANCELLED", "0"),
        ("I3", "ON_HOLD", "0"),
    ]
    assert sorted(call("getcurrentsales", notshippeditemsonly="true").texts(ITEM_IDS)) == ["I2", "I3"]


def test_one_sale_can_come_in_several_blocks() -> None:
    """With split_sales every item stands in a sale element of its own."""
    with calling(Simulator(sales=[one_sale("I1", "I2")], split_sales=True)) as call:
        answer = call("getnewsales")
    assert answer.texts("response/sales/sale/purchaseid") == ["P1", "P1"]
    [merged] = parse_sales(answer.data)
    assert [one.item_id for one in merged.items] == ["I1", "I2"]


def test_preorders_wait_for_stock() -> None:
    """Accepted, a preorder is PENDING and listed with ispendingpreorder only, until confirmpreorder."""
    with calling(Simulator(sales=[one_sale("I1", "I2", ispreorder="Y", advertid="A1")])) as call:
        call.accept("I1", "I2")
        assert call("getcurrentsales").texts(ITEM_IDS) == []
        waiting = call("getcurrentsales", ispendingpreorder="y")
        assert waiting.text("request/ispendingpreorder") == "true"
        assert waiting.texts("response/sales/sale/items/item/itemstatus") == ["PENDING", "PENDING"]
        assert "statut incorrect" in call.ship("I1").error
        assert call("confirmpreorder", advertid="A1", stock="1").text("response/statut") == "OK : 1 remaining item(s)"
        assert call("confirmpreorder", advertid="A1", stock="5").text("response/statut") == "OK : no remaining item(s)"
        assert call("getcurrentsales").texts(ITEM_IDS) == ["I1", "I2"]
        assert "'stock' is invalid" in call("confirmpreorder", advertid="A1", stock="0").error
        assert "'advertid' is invalid" in call("confirmpreorder", advertid="A2", stock="1").error


# Shipping and billing information -------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["getshippinginformation", "getbillinginformation"])
def test_nothing_is_told_before_acceptance(call: Caller, action: str) -> None:
    """An unconfirmed sale is an unknown error, an unknown sale an invalid parameter."""
    assert call(action, purchaseid="P1").error == "Sender Unknown error Unknown error"
    assert "'purchaseid' is invalid" in call(action, purchaseid="P9").error
    assert "purchaseid is mandatory" in call(action).error


def test_shipping_prices_are_told_after_acceptance(call: Caller) -> None:
    """An item's in billing, the sale's in shipping, both of accepted items only; the payout adds up."""
    call.accept("I1")
    shipping = call("getshippinginformation", purchaseid="P1")
    billing = call("getbillinginformation", purchaseid="P1")
    item_path = "response/billinginformation/items/item/"
    assert shipping.text("response/shippinginformation/purchaseshippingcostprice/amount") == "4.9"
    assert shipping.text("response/shippinginformation/purchasebuyeremail") == "acheteur@example.com"
    assert billing.texts(item_path + "itemid") == ["I1"]
    assert billing.text(item_path + "shippingsaleprice/amount") == "4.9"
    # 10.00 + 4.90, less a commission of 1.20 and 0.59 with a fifth of it in tax
    assert billing.text(item_path + "paymentamount/amount") == "12.75"


def test_billing_tells_status_and_shipment_of_an_item(call: Caller) -> None:
    """What an unknown outcome is read back from; the version of 2011 has no flag."""
    call.accept("I1")
    call.ship("I1")
    path = "response/billinginformation/items/item/"
    answer = call("getbillinginformation", purchaseid="P1")
    assert (answer.text(path + "itemstatus"), answer.text(path + "shipped")) == ("COMMITTED", "1")
    old = call("getbillinginformation", purchaseid="P1", version="2011-03-29")
    assert (old.text(path + "itemstatus"), old.text(path + "shipped")) == ("ACCEPTED", None)


@pytest.mark.parametrize(
    ("shipping_type", "pattern", "checksum"),
    [
        ("So Colissimo", "6C[0-9]{11}", ("gs1-mod10", 11)),
        ("Chronopost", "XP[0-9]{9}FR", ("s10", None)),
        ("Shop2Shop by Chronopost", "XP[0-9]{9}FR", ("s10", None)),
        ("Mondial Relay prépayé", "[0-9]{8}", None),
    ],
)
@pytest.mark.parametrize("purchase_id", ["400000004", "5001000017", "TEST-7"])
def test_prepaid_types_have_a_label_with_a_number(
    shipping_type: str, pattern: str, checksum: tuple[str, int | None] | None, purchase_id: str
) -> None:
    """Rakuten's label brings a well-formed number of the carrier, always the same for one purchase."""
    sale = one_sale(shipping_type=shipping_type, purchase_id=purchase_id)
    with calling(Simulator(sales=[sale])) as call:
        call.accept("I1")
        first, second = (call("getshippinginformation", purchaseid=purchase_id) for _ in range(2))
    label = "response/shippinginformation/prepaidlabel/"
    number = first.text(label + "trackinginformation/trackingnumber") or ""
    assert first.data == second.data
    assert first.text(label + "available") == "Y"
    assert re.fullmatch(pattern, number)
    assert checksum is None or holds(checksum[0], number, checksum[1])


def test_other_types_have_no_label(call: Caller) -> None:
    """The element says so."""
    call.accept("I1")
    answer = call("getshippinginformation", purchaseid="P1")
    assert answer.text("response/shippinginformation/prepaidlabel/available") == "N"
    assert answer.root.find("response/shippinginformation/prepaidlabel/trackinginformation") is None


# Tracking -------------------------------------------------------------------------------------------------------------


def test_a_shipment_is_taken_and_kept(call: Caller) -> None:
    """Name in the list's spelling, number and URL as sent; the echo is in camel case."""
    call.accept("I1")
    answer = call.ship(
        "I1", transporter_name="AUTRE", tracking_number="AB 12/é", tracking_url="https://suivi.example.com/?n=1"
    )
    assert answer.text("response/status") == "OK"
    assert answer.text("request/trackingNumber") == "AB 12/é"
    assert answer.text("request/transporterName") == "AUTRE"
    state = call.simulator.item("I1")
    assert (state.shipped, state.transporter_name, state.tracking_number, state.tracking_url) == (
        True,
        "Autre",
        "AB 12/é",
        "https://suivi.example.com/?n=1",
    )
    assert call("getiteminfos", itemid="I1").texts("response/item/itemlog/itemlogcode")[0] == "TRACKING"


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"transporter_name": "Relais Colis"}, "The parameter 'transporter_name' is invalid."),
        ({"transporter_name": "Colis Privé"}, "The parameter 'transporter_name' is invalid."),
        ({"transporter_name": ""}, "The parameter transporter_name is mandatory"),
        ({"tracking_number": ""}, "The parameter tracking_number is mandatory"),
        ({"tracking_number": "  "}, "The parameter tracking_number is mandatory"),
        ({"transporter_name": "Autre"}, "The parameter tracking_url is mandatory"),
        ({"transporter_name": "kiala"}, "The parameter tracking_url is mandatory"),
        ({"transporter_name": "Mondial Relay", "tracking_url": ""}, "The parameter tracking_url is mandatory"),
        ({"transporter_name": "Autre", "tracking_url": "suivi.example.com/1"}, "'tracking_url' is invalid."),
        ({"transporter_name": "Autre", "tracking_url": "ftp://suivi.example.com/1"}, "'tracking_url' is invalid."),
        ({"transporter_name": "Autre", "tracking_url": "https://localhost/1"}, "'tracking_url' is invalid."),
        ({"tracking_url": "https://[bad/1"}, "'tracking_url' is invalid."),
        ({"itemid": "I9"}, "The parameter 'itemid' is invalid."),
        ({"itemid": ""}, "The parameter itemid is mandatory"),
    ],
)
def test_incomplete_shipments_are_refused(call: Caller, params: dict[str, str | None], error: str) -> None:
    """Unlisted names, empty numbers, missing or incomplete URLs change nothing."""
    call.accept("I1")
    answer = call("settrackingpackageinfos", **{"itemid": "I1", **BASE_SHIPMENT, **params})
    assert answer.error.startswith("Sender ParameterError")
    assert answer.error.endswith(error)
    assert not call.simulator.item("I1").shipped
    assert call.simulator.done("settrackingpackageinfos") == 0


BASE_SHIPMENT: dict[str, str | None] = {"transporter_name": "Colissimo", "tracking_number": "6C00000000015"}


def test_only_confirmed_items_can_be_shipped(call: Caller) -> None:
    """Undecided, refused, cancelled and claimed items have the wrong status, in Rakuten's words."""
    call.simulator.add(one_sale("I3", "I4", purchase_id="P2"))
    call("refusesale", itemid="I2")
    call.accept("I3", "I4")
    call.simulator.cancel_by_buyer("I3")
    call.simulator.claim("I4")
    for item_id in ("I1", "I2", "I3", "I4"):
        assert call.ship(item_id).error.endswith(
            f"Article {item_id} : statut incorrect. L'enregistrement de votre numéro de suivi n'est possible que si "
            "le statut de votre article est « confirmé »."
        )


def test_an_item_is_shipped_once(call: Caller) -> None:
    """A second call is told so, and the number stays."""
    call.accept("I1")
    call.ship("I1")
    answer = call.ship("I1", tracking_number="OTHER")
    assert answer.error.endswith("Article I1 : a déjà été expédié")
    assert "a déjà été expédié".encode("latin-1") in answer.data
    assert call.simulator.item("I1").tracking_number == "6C00000000015"
    assert call.simulator.done("settrackingpackageinfos", "I1") == 1
    assert call.simulator.count("settrackingpackageinfos", "I1") == 2


# importitemshippingstatus ---------------------------------------------------------------------------------------------


def lines(*rows: tuple[str, str, str, str, str]) -> str:
    names = ("purchaseid", "itemid", "transporter", "trackingnumber", "trackingurl")
    items = "".join(
        f"<item>{''.join(f'<{n}>{text}</{n}>' for n, text in zip(names, row, strict=True))}</item>" for row in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><items>{items}</items>'


def test_a_file_ships_with_and_without_numbers() -> None:
    """Tracked lines like single calls; "Oui" without a name where the shipping type asks for no number."""
    sales = [
        one_sale("I1"),
        one_sale("I2", purchase_id="P2", shipping_type="Normal"),
        one_sale("I3", purchase_id="P3", shipping_type="Mondial Relay prépayé"),
    ]
    with calling(Simulator(sales=sales)) as call:
        call.accept("I1", "I2", "I3")
        answer = call.upload(
            lines(
                ("P1", "I1", "Mondial Relay", "12345678", "https://suivi.example.com/12345678"),
                ("P2", "I2", "", "Oui", ""),
                ("P3", "I3", "Mondial Relay prépayé", "yes", ""),
            )
        )
        assert answer.root.tag == "importresult"
        assert answer.text("response/status") == "OK"
        assert answer.text("response/lastversion") == "2021-06-29"
        assert [state.shipped for state in call.simulator.items()] == [True, True, True]
        assert call.simulator.item("I2").tracking_number == "Oui"
        assert call.simulator.done("importitemshippingstatus", "I3") == 1
        assert call.simulator.count("importitemshippingstatus") == 1


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (("P1", "I1", "", "Oui", ""), "Article I1 : numéro incorrect"),
        (("P1", "I1", "DPD", "Oui", ""), "Article I1 : numéro incorrect"),
        (("P1", "I1", "DPD", "", ""), "Article I1 : numéro incorrect"),
        (("P1", "I1", "Relais Colis", "123", ""), "Article I1 : The parameter 'transporter' is invalid."),
        (("P1", "I1", "Autre", "123", ""), "Article I1 : The parameter trackingurl is mandatory"),
        (("P2", "I1", "DPD", "123", ""), "Article I1 : The parameter 'purchaseid' is invalid."),
        (("P1", "I9", "DPD", "123", ""), "Article I9 : The parameter 'itemid' is invalid."),
    ],
)
def test_a_bad_line_is_named(call: Caller, line: tuple[str, str, str, str, str], detail: str) -> None:
    """Each refused line has a detail that begins with its item; the good lines of the file are done."""
    call.accept("I1", "I2")
    answer = call.upload(lines(line, ("P1", "I2", "DPD", "123", "")))
    assert answer.error == f"Sender ParameterError Problem with parameters. {detail}"
    assert not call.simulator.item("I1").shipped
    assert call.simulator.item("I2").shipped


def test_details_come_one_an_item(call: Caller) -> None:
    """Two bad lines, two details."""
    call.accept("I1")
    call.ship("I1")
    answer = call.upload(lines(("P1", "I1", "DPD", "1", ""), ("P1", "I2", "DPD", "1", "")))
    details = [text.strip() for text in answer.texts("error/details/detail")]
    assert details[0] == "Article I1 : a déjà été expédié"
    assert details[1].startswith("Article I2 : statut incorrect.")


def test_a_file_can_be_all_or_nothing() -> None:
    """With partial_imports off, one bad line keeps the good ones from being done."""
    with calling(Simulator(sales=[one_sale("I1", "I2")], partial_imports=False)) as call:
        call.accept("I1")
        assert "Article I2" in call.upload(lines(("P1", "I1", "DPD", "1", ""), ("P1", "I2", "DPD", "1", ""))).error
        assert not call.simulator.item("I1").shipped


def test_only_a_posted_file_is_read(call: Caller) -> None:
    """No file, one that is not XML, one without lines, or a part with another name is a server error."""
    failed = "ServerError ServerError Server not able to fullfill request. An error occurred while submitting the file"
    assert call("importitemshippingstatus").error == failed
    assert call.upload("not XML").error == failed
    assert call.upload("<items/>").error == failed
    assert call.upload(lines(("P1", "I1", "DPD", "1", "")), part="upload").error == failed


# Cancel, infos, todo --------------------------------------------------------------------------------------------------


def test_cancelitem_is_for_accepted_items(call: Caller) -> None:
    """After acceptance and before shipment, once; a claim may be ended by it too."""
    assert "This item cannot be cancelled" in call("cancelitem", itemid="I1", comment="rupture").error
    call.accept("I1", "I2")
    assert call("cancelitem", itemid="I1", comment="rupture").text("response/status") == "CANCELLED"
    assert "This item cannot be cancelled" in call("cancelitem", itemid="I1", comment="rupture").error
    call.ship("I2")
    assert "This item cannot be cancelled" in call("cancelitem", itemid="I2", comment="rupture").error
    call.simulator.claim("I2")
    assert call("cancelitem", itemid="I2", comment="perdu").text("response/status") == "CANCELLED"
    assert call.simulator.done("cancelitem") == 2


def test_cancelitem_wants_a_short_comment(call: Caller) -> None:
    """Obligatory, at most 400 characters, counted as characters and not as bytes."""
    call.accept("I1", "I2")
    assert "The parameter comment is mandatory" in call("cancelitem", itemid="I1").error
    assert "Your message cannot exceed 400 characters" in call("cancelitem", itemid="I1", comment="é" * 401).error
    assert call("cancelitem", itemid="I1", comment="é" * 400).text("response/status") == "CANCELLED"


def test_getiteminfos_marks_messages_as_read(call: Caller) -> None:
    """The todo list names claim and messages by cause; reading the item leaves only the claim."""
    call.accept("I1")
    call.simulator.message("I1", "Où est mon colis ?")
    call.simulator.message("I1", "Merci de répondre.", from_rakuten=True)
    call.simulator.claim("I1", "DAMAGED", "Cassé")
    todo = call("getitemtodolist")
    assert todo.texts("response/items/item/itemid") == ["I1"]
    assert todo.texts("response/items/item/causes/cause") == [
        "CLAIM",
        "UNREAD_MESSAGE_FROM_CUSTOMER_SERVICE",
        "UNREAD_MESSAGE_FROM_BUYER",
    ]
    infos = call("getiteminfos", itemid="I1")
    assert infos.text("response/purchaseid") == "P1"
    assert infos.text("response/item/itemstate") == "CLAIMED_AMICABLE"
    assert infos.text("response/item/claim/type") == "DAMAGED"
    assert (infos.text("response/item/message/status") or "").strip() == "UNREAD"
    assert infos.text("response/item/mail/content") == "Merci de répondre."
    assert call("getitemtodolist").texts("response/items/item/causes/cause") == ["CLAIM"]
    call.simulator.settle_claim("I1")
    assert call("getitemtodolist").texts("response/items/item") == []
    assert "'itemid' is invalid" in call("getiteminfos", itemid="I9").error


def test_old_getiteminfos_has_neither_purchase_nor_flag(call: Caller) -> None:
    """Both came in 2017."""
    answer = call("getiteminfos", itemid="I1", version="2011-02-02")
    assert answer.root.find("response/purchaseid") is None
    assert answer.root.find("response/item/shipped") is None


# Acts of others -------------------------------------------------------------------------------------------------------


def test_an_address_changes_where_the_parcel_goes() -> None:
    """The pick-up point's, not the buyer's, where there is one; an empty text takes an element out."""
    with calling(Simulator(sales=showcase())) as call:
        call.simulator.change_address("400000003", zipcode="69001", city="LYON", contractlevel="")
        sales = {sale.purchase_id: sale for sale in parse_sales(call("getnewsales").data)}
    fields = sales["400000003"].fields
    assert fields["deliveryinformation.collectionpointaddress.zipcode"] == "69001"
    assert "deliveryinformation.collectionpointaddress.contractlevel" not in fields
    assert fields["deliveryinformation.billingaddress.zipcode"] == "69002"


def test_a_reminder_shows_in_the_status(call: Caller) -> None:
    """REMINDED is still to be decided."""
    call.simulator.remind("I1")
    assert call("getnewsales").texts("response/sales/sale/items/item/itemstatus") == ["REMINDED", "REQUESTED"]
    call.accept("I1")


def test_the_seller_can_act_by_hand_without_a_call(call: Caller) -> None:
    """What happens on Rakuten's own site changes state and is counted as no call."""
    call.simulator.accept_by_hand("I1")
    call.simulator.refuse_by_hand("I2")
    call.simulator.ship_by_hand("I1", "DPD", "123")
    call.simulator.rate("I1")
    assert call.simulator.calls == []
    assert [state.status for state in call.simulator.items()] == ["CLOSED", "REFUSED"]


def test_impossible_acts_are_errors_of_the_test(call: Caller) -> None:
    """A ValueError for what cannot happen now, a KeyError for an item that is not there."""
    impossible = [
        lambda: call.simulator.claim("I1"),
        lambda: call.simulator.settle_claim("I1"),
        lambda: call.simulator.rate("I1"),
        lambda: call.simulator.ship_by_hand("I1"),
    ]
    for act in impossible:
        with pytest.raises(ValueError, match="I1"):
            act()
    call.accept("I1")
    call.ship("I1")
    for act in (call.simulator.cancel_by_buyer, call.simulator.time_out, call.simulator.remind):
        with pytest.raises(ValueError, match="I1"):
            act("I1")
    with pytest.raises(ValueError, match="CAPTURED"):
        call.simulator.accept_by_hand("I1")
    with pytest.raises(KeyError, match="I9"):
        call.simulator.claim("I9")
    with pytest.raises(KeyError, match="I9"):
        call.simulator.item("I9")


# Sales to start from --------------------------------------------------------------------------------------------------


def test_made_sales_are_reproducible_and_varied() -> None:
    """Equal seeds, equal sales; ids of two seeds never meet; ten in a row have every kind."""
    sales = make_sales(7, 30)
    assert sales == make_sales(7, 30)
    assert sales[:10] == make_sales(7, 10)
    others = make_sales(8, 30)
    ids = [one.item_id for sale in (*sales, *others) for one in sale.items]
    assert len(ids) == len(set(ids))
    ten = sales[:10]
    paths = {path for sale in ten for path in sale.fields}
    fields = {
        (name, one.fields[name]) for sale in ten for one in sale.items for name in ("isnego", "isrsl", "ispreorder")
    }
    assert {("isnego", "Y"), ("isrsl", "Y"), ("ispreorder", "Y")} <= fields
    assert {f"deliveryinformation.{path}" for path in ("deliveryaddress.city", "billingaddress.city")} <= paths
    assert {"deliveryinformation.collectionpointaddress.id", "deliveryinformation.deliveryaddress.state"} <= paths
    assert any(len({one.fields["sku"] for one in sale.items}) < len(sale.items) for sale in ten)
    with pytest.raises(ValueError, match="seed"):
        make_sales(1000, 1)


def test_made_sales_have_one_of_the_three_address_layouts() -> None:
    """Delivery alone, point with billing, or billing alone."""
    layouts = set()
    for sale in (*make_sales(1, 40), *showcase()):
        blocks = {path.split(".")[1] for path in sale.fields if path.count(".") == 2}
        layouts.add(frozenset(blocks))
    assert layouts == {
        frozenset({"deliveryaddress"}),
        frozenset({"collectionpointaddress", "billingaddress"}),
        frozenset({"billingaddress"}),
    }


def test_the_showcase_has_a_sku_that_nearly_exists() -> None:
    """17 is sold, 0017 is the product; every other SKU is a product's."""
    skus = {one.fields["sku"] for sale in showcase() for one in sale.items}
    assert skus - {product.sku for product in PRODUCTS} == {"17"}
    assert "0017" in skus


def test_a_marked_sale_cannot_be_taken_for_a_real_one() -> None:
    """It says TEST in its ids and NE PAS EXPÉDIER on the parcel and in every line."""
    sale = marked_sale("42", "A", "B")
    assert sale.purchase_id == "TEST-42"
    assert [one.fields["sku"] for one in sale.items] == ["A", "B"]
    assert sale.fields["deliveryinformation.deliveryaddress.lastname"] == "EXPÉDIER"
    assert all("NE PAS EXPÉDIER" in one.fields["headline"] for one in sale.items)
    assert len(marked_sale("43").items) == 1


def test_sales_can_be_seeded_from_rakutens_xml() -> None:
    """What one simulator lists, another takes in and lists alike, with the same dates and states."""
    with calling(Simulator(sales=make_sales(5, 20))) as call:
        for state in call.simulator.items()[::2]:
            call.accept(state.item_id)
        new, current = call("getnewsales").data, call("getcurrentsales").data
    for action, listed in (("getnewsales", new), ("getcurrentsales", current)):
        second = Simulator()
        assert set(second.add_xml(listed)) == {sale.purchase_id for sale in parse_sales(listed)}
        with calling(second) as call:
            again = parse_sales(call(action).data)
        assert [sale.items for sale in again] == [sale.items for sale in parse_sales(listed)]
        assert [address_and_date(sale) for sale in again] == [address_and_date(sale) for sale in parse_sales(listed)]


def address_and_date(sale: Sale) -> dict[str, str]:
    """A sale's fields without e-mail and phones, which show as soon as one item is accepted."""
    contact = ("purchasebuyeremail", "phonenumber1", "phonenumber2")
    return {path: text for path, text in sale.fields.items() if not path.endswith(contact)}


def test_missing_contact_data_of_seeded_sales_is_made_up() -> None:
    """A document from before acceptance has no e-mail and phone; on acceptance they appear."""
    with calling(Simulator(sales=[one_sale()])) as call:
        new = call("getnewsales").data
    second = Simulator()
    second.add_xml(new)
    with calling(second) as call:
        call.accept("I1")
        [sale] = parse_sales(call("getcurrentsales").data)
    assert sale.fields["deliveryinformation.purchasebuyeremail"] == "acheteur-P1@example.com"
    assert sale.fields["deliveryinformation.deliveryaddress.phonenumber1"] == "0639980000"


def test_a_sale_is_added_once(simulator: Simulator) -> None:
    """A known, missing or doubled id, or an unreadable date, is an error, and nothing is added."""
    with pytest.raises(ValueError, match="P1 is there already"):
        simulator.add(one_sale("I9"))
    with pytest.raises(ValueError, match="I2"):
        simulator.add(one_sale("I2", purchase_id="P2"))
    for ids in (("",), ("I8", "I8")):
        with pytest.raises(ValueError, match="an item without one"):
            simulator.add(one_sale(*ids, purchase_id="P2"))
    with pytest.raises(ValueError, match="dd/mm/yyyy"):
        simulator.add(with_fields(one_sale("I9", purchase_id="P2"), {"purchasedate": "2026-11-23"}))
    assert len(simulator.items()) == 2
