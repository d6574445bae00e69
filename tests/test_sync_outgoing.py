"""What goes out: parcels, files of items without a number, numbers that others entered, cancellations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection.simulator import Fault
from rakuten_orders.connection.store import Event

if TYPE_CHECKING:
    from conftest import Shop

IDS = ("42901", "42902", "42903")


def statuses(shop: Shop) -> list[str]:
    return [str(item.status) for item in shop.order().items]


def test_several_parcels_are_partial_until_all_went(shop: Shop) -> None:
    """Each item has its own parcel's number and URL; a parcel of several items is several calls with one number."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2", "A-3"))
    shop.sync()
    shop.ship("429", number="6A12345678905", item_ids="42901")
    shop.sync()
    assert (shop.status(), statuses(shop)) == ("partial", ["shipped", "not_shipped", "not_shipped"])
    shop.ship("429", "Mondial Relay", "12345678", item_ids="42902 42903")
    shop.sync()
    assert shop.status() == "shipped"
    there = [shop.simulator.item(item_id) for item_id in IDS]
    assert [item.tracking_number for item in there] == ["6A12345678905", "12345678", "12345678"]
    assert [item.tracking_url for item in there] == [item.tracking_url for item in shop.order().items]
    assert len({item.tracking_url for item in there}) == 2
    assert [shop.simulator.count("settrackingpackageinfos", item_id) for item_id in IDS] == [1, 1, 1]


@pytest.fixture
def untracked(shop: Shop) -> Shop:
    """An order of three items whose shipping type needs no number, shipped three hours ago without one."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2", "A-3", shipping_type="Normal"))
    shop.sync()
    shop.ship("429", "Lettre", "")
    shop.sync()
    shop.clock.pass_(hours=3)
    return shop


def test_items_without_a_number_go_in_one_file_a_sale(untracked: Shop) -> None:
    """One call for the three."""
    untracked.sync()
    assert statuses(untracked) == ["shipped"] * 3
    assert untracked.simulator.count("importitemshippingstatus") == 1


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.reset_before(), Fault.html(acts=True), Fault.cut_off()])
def test_a_file_whose_answer_is_lost_is_looked_up_line_by_line(untracked: Shop, fault: Fault) -> None:
    """What took effect is not sent again."""
    untracked.simulator.fail_next("importitemshippingstatus", fault)
    assert untracked.sync().exit_code == 0
    assert statuses(untracked) == ["shipped"] * 3
    assert [untracked.simulator.done("importitemshippingstatus", item_id) for item_id in IDS] == [1, 1, 1]
    assert untracked.simulator.count("importitemshippingstatus") == (1 if fault.acts else 2)


@pytest.mark.parametrize("partial", [True, False], ids=["good_lines_taken", "nothing_taken"])
def test_a_file_with_a_bad_line_is_taken_apart(untracked: Shop, partial: bool) -> None:
    """Whether Rakuten takes the good lines is not known: each is looked up, and sent again where it was not."""
    untracked.simulator.partial_imports = partial
    # A word that nobody knows: it is not seen that Rakuten takes no shipment of this one.
    items = untracked.simulator._market._items
    items["42902"] = replace(items["42902"], status="VALIDATED")
    result = untracked.sync()
    assert result.exit_code == 1
    assert untracked.reason() == "marketplace_refused"
    assert "statut incorrect" in untracked.order().error.message
    untracked.sync()
    assert statuses(untracked) == ["shipped", "not_shipped", "shipped"]
    assert [untracked.simulator.done("importitemshippingstatus", item_id) for item_id in IDS] == [1, 0, 1]


def test_a_number_that_somebody_entered_at_rakuten_is_not_taken_for_ours(shop: Shop) -> None:
    """Between our reading and our call: the item is shipped, and the history says that our number is not there."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", number="6A12345678905")

    def ship_by_hand(event: Event) -> None:
        if event.code == "shipment_received":
            shop.simulator.ship_by_hand("42901", number="6C00000000015")

    shop.sync(on_event=ship_by_hand)
    assert (shop.status(), shop.order().items[0].tracking_number) == ("shipped", None)
    last = shop.store.orders.events("boutiquefr", "429")[-1]
    assert (last.level, "6A12345678905 was not sent" in last.message) == ("warning", True)


def test_an_item_of_unknown_outcome_is_not_sent_again_in_the_same_pass(shop: Shop) -> None:
    """A second shipment of it waits until Rakuten has told what became of the first."""
    shop.simulator.add(shop.sale(), shop.sale("430"))
    shop.sync()
    shop.ship("429", number="6A12345678905")
    shop.ship("429", number="6A99999999999")
    shop.ship("430")
    shop.simulator.fail_next("settrackingpackageinfos", Fault.http_500(), times=3, item_id="42901")
    assert shop.sync().exit_code == 3
    assert shop.simulator.count("settrackingpackageinfos", "42901") == 3
    assert (shop.status(), shop.status("430")) == ("pending_shipment", "shipped")
    shop.sync()
    assert shop.simulator.item("42901").tracking_number == "6A12345678905"
    assert shop.reason() == "already_shipped"


@pytest.mark.parametrize("because", ["x" * 500, "€" * 300, "Épuisé… " * 80])
def test_a_cancellations_comment_is_cut_to_what_rakuten_takes(shop: Shop, because: str) -> None:
    """400 characters, counted as they are sent."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", "", "", cancel="true", because=because)
    assert shop.sync().exit_code == 0
    assert shop.status() == "cancelled"
    comment = shop.simulator.item("42901").cancel_comment
    assert comment is not None
    assert 390 < len(comment) <= 400


def test_one_item_of_an_order_is_cancelled_and_the_rest_goes(shop: Shop) -> None:
    """The back office is told what is left."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.sync()
    shop.ship("429", "", "", cancel="true", because="sold out", item_ids="42901")
    shop.sync()
    shop.ship("429")
    shop.sync()
    assert (shop.status(), statuses(shop)) == ("shipped", ["cancelled", "shipped"])
    assert shop.messages()["429.2.json"]["type"] == "order.updated"
    assert shop.simulator.done("cancelitem", "42901") == 1
