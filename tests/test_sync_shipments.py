"""Shipments: taken in, completed from the sale, confirmed one item at a time, or stopped with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rakuten_orders import Engine
from rakuten_orders.connection import RakutenClient, sync
from rakuten_orders.connection.back_offices.folder import FolderBackOffice
from rakuten_orders.connection.receiving import hand_in
from rakuten_orders.connection.simulator import CollectionPoint, Fault, prepaid, to_point
from rakuten_orders.errors import BackOfficeError
from rakuten_orders.model import Shipment

if TYPE_CHECKING:
    from conftest import Shop

POINT = CollectionPoint(
    point_id="FR-000777", name="Kiosque", address="1 place X", zipcode="69003", city="Lyon", contractlevel="24R"
)

CARRIER = """\
code: velo-express
name: Vélo Express
tracking_url: 'https://suivi.velo-express.example/colis/{{ tracking_number }}'
confidence: low
note: 'made up'
sources:
  - note: 'made up'
    read: 2026-11-23
examples:
  valid:
    - tracking_number: 'VX1'
      url: 'https://suivi.velo-express.example/colis/VX1'
"""


def test_a_shipment_is_confirmed_with_the_carriers_url(shop: Shop) -> None:
    """Name, cleaned number and URL arrive at Rakuten; both numbers are kept; the file is moved."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", "LA POSTE COLISSIMO", "6A 12345 67890 5")
    assert shop.sync().counts == {"shipment_received": 1, "shipped": 1}
    there = shop.simulator.item("42901")
    assert (there.shipped, there.transporter_name, there.tracking_number) == (True, "Colissimo", "6A12345678905")
    assert there.tracking_url is not None
    assert "6A12345678905" in there.tracking_url
    item = shop.order().items[0]
    assert (item.status, item.carrier, item.number_received) == ("shipped", "colissimo", "6A 12345 67890 5")
    assert item.tracking_url == there.tracking_url
    assert shop.status() == "shipped"
    assert [path.name for path in (shop.office.folder / "done").iterdir()] == ["0000.csv"]
    assert shop.sync().counts == {}


def test_every_item_of_a_parcel_is_confirmed_with_its_number(shop: Shop) -> None:
    """One call an item."""
    shop.simulator.add(shop.sale("429", "A-1", "A-1", "A-2"))
    shop.sync()
    shop.ship("429")
    shop.sync()
    assert [shop.simulator.done("settrackingpackageinfos", f"4290{number}") for number in (1, 2, 3)] == [1, 1, 1]
    assert shop.status() == "shipped"


def test_several_parcels_are_partial_shipments(shop: Shop) -> None:
    """Each with its own number and URL; the order is partial until all went."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.sync()
    shop.ship("429", number="6A12345678905", item_ids="42901")
    shop.sync()
    assert shop.status() == "partial"
    shop.ship("429", "DPD", "12345678901234")
    shop.sync()
    assert shop.status() == "shipped"
    assert [item.transporter for item in shop.order().items] == ["Colissimo", "DPD"]


def test_a_transporter_that_nothing_covers_waits_for_a_carrier_file(
    shop: Shop, engine_with: Callable[..., Engine]
) -> None:
    """The error says what was received; the file mends it, without a command."""
    shop.simulator.add(shop.sale(), shop.sale("430"))
    shop.sync()
    shop.ship("429", "Velo Express", "VX 42")
    shop.ship("430")
    result = shop.sync()
    assert result.exit_code == 1
    assert (shop.reason(), shop.status(), shop.status("430")) == ("unsupported_transporter", "not_shipped", "shipped")
    assert "Velo Express" in shop.order().error.message
    assert shop.simulator.count("settrackingpackageinfos", "42901") == 0
    result = shop.sync(engine=engine_with({"carriers.d/velo-express.yaml": CARRIER}))
    assert (result.exit_code, shop.reason(), shop.status()) == (0, None, "shipped")
    there = shop.simulator.item("42901")
    assert (there.transporter_name, there.tracking_url) == ("Autre", "https://suivi.velo-express.example/colis/VX42")


def test_the_postcode_is_filled_from_the_sale(shop: Shop) -> None:
    """Mondial Relay's page asks for it."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", "Mondial Relay", "12345678")
    shop.sync()
    url = shop.simulator.item("42901").tracking_url
    assert url is not None
    assert "75011" in url


def test_the_collection_points_postcode_is_known_for_what_it_is(shop: Shop) -> None:
    """A back office that ships to a point gives the point's postcode; the page asks for the recipient's."""
    addresses = to_point(POINT, shop.BUYER)
    shop.simulator.add(shop.sale("429", addresses=addresses, shipping_type="Point relais Mondial Relay"))
    shop.sync()
    shop.ship("429", "Mondial Relay", "12345678", postcode="69003")
    shop.sync()
    url = shop.simulator.item("42901").tracking_url
    assert url is not None
    assert "75011" in url
    assert "69003" not in url


def test_what_the_sale_does_not_have_either_is_named(shop: Shop) -> None:
    """The field and the order."""
    shop.simulator.add(shop.sale("429", addresses=prepaid(replace(shop.BUYER, zipcode=""))))
    shop.sync()
    shop.ship("429", "Mondial Relay", "12345678")
    shop.sync()
    assert shop.reason() == "missing_input"
    assert "postcode" in shop.order().error.message
    assert "429" in shop.order().error.message


def test_a_shipment_without_a_number_waits_for_it(shop: Shop) -> None:
    """Nothing is sent; the number comes with a later shipment."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", "Colissimo", "")
    result = shop.sync()
    assert (shop.status(), result.exit_code, shop.changed("settrackingpackageinfos")) == ("waiting", 0, 0)
    shop.ship("429")
    shop.sync()
    assert shop.status() == "shipped"
    assert shop.store.shipments.open("boutiquefr") == []


def test_a_shipping_type_without_tracking_is_confirmed_without_a_number(shop: Shop) -> None:
    """After the time in which a number may still come."""
    shop.simulator.add(shop.sale(shipping_type="Normal"))
    shop.sync()
    shop.ship("429", "Lettre", "")
    shop.sync()
    assert shop.status() == "waiting"
    shop.clock.pass_(hours=2)
    shop.sync()
    assert shop.status() == "waiting"
    shop.clock.pass_(hours=1)
    shop.sync()
    assert shop.status() == "shipped"
    assert shop.simulator.done("importitemshippingstatus", "42901") == 1


def test_rakutens_own_label_brings_number_and_carrier(shop: Shop) -> None:
    """A prepaid label's number is known, and its carrier follows from the shipping type."""
    shop.simulator.add(shop.sale("429", addresses=prepaid(shop.BUYER), shipping_type="So Colissimo"))
    shop.sync()
    shop.ship("429", "", "")
    shop.sync()
    there = shop.simulator.item("42901")
    assert shop.status() == "shipped", shop.order().error
    assert there.tracking_number == shop.order().sale.shipping["prepaidlabel.trackinginformation.trackingnumber"]


class LabelLater(RakutenClient):
    """A client of a marketplace that makes its labels after the order was read."""

    labels = False

    def shipping_information(self, purchase_id: str):
        known = super().shipping_information(purchase_id)
        return {path: text for path, text in known.items() if self.labels or not path.startswith("prepaidlabel")}


def test_a_label_that_comes_later_is_asked_for_when_it_is_needed(shop: Shop) -> None:
    """Until then the shipment waits."""
    shop.simulator.add(shop.sale("429", addresses=prepaid(shop.BUYER), shipping_type="So Colissimo"))
    with LabelLater(shop.simulator.login, shop.simulator.token, endpoint=shop.simulator.url) as client:
        sync(shop.connection, shop.store, shop.office, shop.engine, client=client)
        shop.ship("429", "", "")
        sync(shop.connection, shop.store, shop.office, shop.engine, client=client)
        assert shop.status() == "waiting"
        client.labels = True
        sync(shop.connection, shop.store, shop.office, shop.engine, client=client)
    assert shop.status() == "shipped"


def test_a_second_number_is_refused_and_shown(shop: Shop) -> None:
    """Rakuten cannot replace one; the same number again is no news."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429")
    shop.sync()
    shop.ship("429")
    assert shop.sync().exit_code == 0
    shop.ship("429", number="6A99999999999")
    assert shop.sync().exit_code == 1
    assert (shop.reason(), shop.status()) == ("already_shipped", "shipped")
    assert shop.simulator.count("settrackingpackageinfos", "42901") == 1
    assert shop.sync().exit_code == 0
    assert shop.reason() == "already_shipped"
    shop.ship("429")
    assert shop.sync().exit_code == 0
    assert shop.reason() is None


def test_a_shipment_of_a_cancelled_item_is_stopped(shop: Shop) -> None:
    """With its reason; what is left of the order goes on."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.sync()
    shop.simulator.cancel_by_buyer("42901")
    shop.ship("429", item_ids="42901")
    shop.sync()
    assert shop.reason() == "item_cancelled"
    assert shop.simulator.count("settrackingpackageinfos") == 0
    shop.ship("429")
    assert shop.sync().exit_code == 0
    assert (shop.status(), shop.reason()) == ("shipped", None)


def test_a_shipment_of_an_item_in_claim_waits_until_it_is_settled(shop: Shop) -> None:
    """Rakuten confirms nothing before."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.simulator.claim("42901")
    shop.ship("429")
    shop.sync()
    assert (shop.reason(), shop.simulator.count("settrackingpackageinfos")) == ("item_in_claim", 0)
    shop.simulator.settle_claim("42901")
    shop.sync()
    assert (shop.reason(), shop.status()) == (None, "shipped")


def test_a_shipment_of_an_order_that_is_not_accepted_waits(shop: Shop) -> None:
    """It is sent as soon as it can be."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync()
    shop.ship("429")
    shop.sync()
    assert shop.status() == "on_hold"
    shop.simulator.accept_by_hand("42901")
    shop.sync()
    assert shop.status() == "shipped"


def test_a_shipment_of_an_order_that_rakuten_ships_is_noted(shop: Shop) -> None:
    """Once, as a warning: somebody packed what somebody else sends."""
    shop.simulator.add(shop.sale("429", isrsl="Y"))
    shop.sync()
    shop.ship("429")
    assert shop.sync().exit_code == 0
    shop.sync()
    assert (shop.status(), shop.changed()) == ("manual", 0)
    assert shop.codes().count("shipment_unused") == 1


def test_rows_that_are_no_shipments_of_ours_are_rejected(shop: Shop) -> None:
    """With line and reason; the others are taken in."""
    shop.simulator.add(shop.sale())
    shop.sync()
    path = shop.office.folder / "shipments/batch.csv"
    path.write_text("order_id,transporter,tracking_number\n429,UPS,1Z12345E0205271688\n999,UPS,1Z1\n,UPS,1Z2\n")
    result = shop.sync()
    assert result.exit_code == 1
    assert sorted(refusal.reason for refusal in result.refused) == ["unknown_order", "unreadable"]
    assert [refusal.place for refusal in result.refused] == ["batch.csv:4", "batch.csv:3"]
    rejected = (shop.office.folder / "rejected/batch.csv").read_text().splitlines()
    assert [line.split(",")[3] for line in rejected[1:]] == ["3", "4"]
    assert shop.status() == "shipped"
    assert shop.sync().exit_code == 0


def test_an_item_that_the_order_does_not_have_is_said(shop: Shop) -> None:
    """The shipment is refused, and shown with the order."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", item_ids="777")
    shop.sync()
    assert shop.reason() == "unknown_order"
    assert "777" in shop.order().error.message
    shop.sync()
    assert shop.reason() == "unknown_order"
    shop.ship("429")
    shop.sync()
    assert (shop.reason(), shop.status()) == (None, "shipped")


def test_what_rakuten_refuses_is_shown_and_tried_again_after_an_hour(shop: Shop) -> None:
    """Its own words stand in the error; it is not asked again every five minutes."""
    shop.simulator.add(shop.sale(), shop.sale("430"))
    shop.sync()
    shop.ship("429")
    shop.ship("430")
    fault = Fault.error_document("ParameterError", "Problem with parameters", "Article 42901 : numéro incorrect")
    shop.simulator.fail_next("settrackingpackageinfos", fault, item_id="42901")
    result = shop.sync()
    assert (result.exit_code, shop.reason(), shop.status()) == (1, "marketplace_refused", "not_shipped")
    assert "numéro incorrect" in shop.order().error.message
    assert shop.status("430") == "shipped"
    shop.sync()
    assert shop.simulator.count("settrackingpackageinfos", "42901") == 1
    assert shop.reason() == "marketplace_refused"
    shop.clock.pass_(hours=1)
    shop.sync()
    assert (shop.reason(), shop.status()) == (None, "shipped")


def test_a_refused_shipment_that_changed_is_sent_at_once(shop: Shop) -> None:
    """Only the very same call waits."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", number="6A12345678900")
    shop.simulator.fail_next("settrackingpackageinfos", Fault.error_document("ParameterError", "x", "incorrect"))
    shop.sync()
    assert shop.reason() == "marketplace_refused"
    shop.ship("429", number="6A12345678905")
    shop.sync()
    assert (shop.reason(), shop.status()) == (None, "shipped")
    assert shop.simulator.item("42901").tracking_number == "6A12345678905"


def test_two_parcels_at_once_are_no_correction_of_each_other(shop: Shop) -> None:
    """The first goes; the second, for which no item is left, is shown rather than dropped."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", number="6A12345678905")
    shop.ship("429", number="6A99999999999")
    shop.sync()
    assert shop.simulator.item("42901").tracking_number == "6A12345678905"
    assert shop.reason() == "already_shipped"


def test_two_accounts_may_share_a_folder(shop: Shop) -> None:
    """A shipment finds the account that its order belongs to, whoever reads the file."""
    shop.simulator.add(shop.sale())
    shop.sync()
    other = replace(shop.connection, label="other", login="autre")
    shop.ship("429")
    shop.simulator.login = "autre"
    assert shop.sync(connection=other).refused == ()
    assert list((shop.office.folder / "shipments").iterdir()) == []
    shop.simulator.login = shop.connection.login
    shop.sync()
    assert shop.status() == "shipped"


def test_a_person_hands_shipments_in_too(shop: Shop) -> None:
    """They go the same way, with the person's name in the history."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shipment = Shipment(order_id="429", transporter="Colissimo", tracking_number="6A12345678905")
    assert hand_in(shop.store, shipment, source="by-hand/1", by="nina") is None
    assert hand_in(shop.store, shipment, source="by-hand/1", by="nina") is None
    shop.sync()
    assert shop.status() == "shipped"
    events = shop.store.orders.events("boutiquefr", "429")
    assert [(event.code, event.by) for event in events if event.by] == [("shipment_received", "nina")]
    refused = hand_in(shop.store, replace(shipment, order_id="999"), source="by-hand/2", by="nina")
    assert refused is not None
    assert refused.reason == "unknown_order"


def test_the_back_office_cancels_before_and_after_acceptance(shop: Shop) -> None:
    """refusesale before, which costs no rating; cancelitem after, with the comment that Rakuten demands."""
    shop.simulator.add(shop.sale("429", isnego="Y"), shop.sale("430"))
    shop.sync()
    shop.ship("429", "", "", cancel="true")
    shop.ship("430", "", "", cancel="true", because="sold out")
    shop.sync()
    assert (shop.status("429"), shop.status("430")) == ("refused", "cancelled")
    assert shop.simulator.done("refusesale", "42901") == 1
    assert shop.simulator.item("43001").cancel_comment == "sold out"
    shop.sync()
    assert shop.messages()["430.2.json"]["type"] == "order.cancelled"


@pytest.mark.parametrize(
    ("shipped", "because", "reason"), [(False, "", "missing_input"), (True, "x", "already_shipped")]
)
def test_a_cancellation_that_cannot_be_is_said(shop: Shop, shipped: bool, because: str, reason: str) -> None:
    """Without a comment, or after the parcel went."""
    shop.simulator.add(shop.sale())
    shop.sync()
    if shipped:
        shop.ship("429")
        shop.sync()
    shop.ship("429", "", "", cancel="true", because=because)
    shop.sync()
    assert shop.reason() == reason
    assert shop.simulator.count("cancelitem") == 0


class Office:
    """A back office that refuses what it is told to, or cannot be reached, and remembers what it got."""

    def __init__(self, real: FolderBackOffice, refuses: str = "", reason: str = "backend_refused") -> None:
        self.real, self.refuses, self.reason = real, refuses, reason
        self.asked: list[str] = []

    def deliver(self, message) -> None:
        self.asked.append(message.key)
        if self.refuses in (message.order_id, "*"):
            raise BackOfficeError("no such customer", "add it", reason=self.reason)
        self.real.deliver(message)

    def shipments(self, cursor):
        return self.real.shipments(cursor)

    def acknowledge(self, batch, refused=()) -> None:
        self.real.acknowledge(batch, refused)


def test_a_refusal_by_the_back_office_is_shown_and_cancels_nothing(shop: Shop) -> None:
    """The other orders are delivered, and this one as soon as it is taken, with the same key."""
    shop.simulator.add(shop.sale(), shop.sale("430"))
    office = Office(shop.office, "429")
    result = shop.sync(office=office)
    assert (result.exit_code, shop.reason(), shop.status()) == (1, "backend_refused", "not_shipped")
    assert shop.messages().keys() == {"430.json"}
    office.refuses = ""
    assert shop.sync(office=office).exit_code == 0
    assert office.asked.count("boutiquefr:429") == 2
    assert shop.messages()["429.json"]["sequence"] == 1


def test_a_refused_order_is_mapped_again_when_the_rules_change(shop: Shop, engine_with: Callable[..., Engine]) -> None:
    """It was never delivered: better rules may be what it lacks."""
    shop.simulator.add(shop.sale())
    shop.sync(office=Office(shop.office, "429"))
    rules = "kind: order\norder: {number: purchaseid}\nlines: {sku: sku}\n"
    shop.sync(engine=engine_with({"rules/order.yaml": rules}))
    message = shop.messages()["429.json"]
    assert (message["order"]["number"], message["sequence"]) == ("429", 1)


def test_a_back_office_that_cannot_be_reached_is_asked_twice_a_pass(shop: Shop) -> None:
    """After two orders in a row it is left alone; the orders wait, accepted; nothing is lost."""
    shop.simulator.add(*(shop.sale(str(number)) for number in range(429, 434)))
    office = Office(shop.office, "*", "backend_unreachable")
    result = shop.sync(office=office)
    assert (result.exit_code, len(office.asked)) == (3, 2)
    assert {shop.reason(str(number)) for number in range(429, 434)} == {"backend_unreachable"}
    assert shop.changed("acceptsale") == 5
    assert shop.sync().exit_code == 0
    assert len(shop.messages()) == 5


def test_an_order_that_the_back_office_fails_over_holds_up_none_of_the_others(shop: Shop) -> None:
    """It gives no usable answer to this one, whenever it comes: the others are delivered before and after it."""
    shop.simulator.add(*(shop.sale(str(number)) for number in range(429, 434)))
    office = Office(shop.office, "430", "backend_unreachable")
    assert shop.sync(office=office).exit_code == 3
    assert shop.messages().keys() == {"429.json", "431.json", "432.json", "433.json"}
    shop.simulator.add(shop.sale("434"))
    shop.sync(office=office)
    assert office.asked[-1] == "boutiquefr:430", "what failed before comes last"
    assert "434.json" in shop.messages()
