"""A store is replaced by a copy that is an hour old: nothing is lost, nothing is done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection.simulator import Fault
from rakuten_orders.connection.store import Store

if TYPE_CHECKING:
    from conftest import Shop

WRITES = ("acceptsale", "refusesale", "cancelitem", "settrackingpackageinfos", "importitemshippingstatus")


def number(purchase_id: str) -> str:
    return f"6A{purchase_id:0>10}5"


def restore(shop: Shop) -> None:
    """What README says: the copy in the store's place, and the shipments since then back from ``done/``."""
    shop.store.close()
    for path in shop.folder.glob("orders.sqlite3*"):
        path.unlink()
    (shop.folder / "copy.sqlite3").rename(shop.folder / "orders.sqlite3")
    for path in (shop.office.folder / "done").iterdir():
        path.rename(shop.office.folder / "shipments" / path.name)
    shop.store = Store(shop.folder / "orders.sqlite3", clock=shop.clock)


@pytest.fixture
def restored(shop: Shop) -> Shop:
    """A shop whose store went back by an hour in which every kind of thing happened.

    429 one of two items was shipped; 430 was held and accepted by hand; 431 was shipped; 432 came, and its address
    changed twice; 433 came and was shipped; 434 was cancelled; 435 waits for its number; 436 was accepted by a call
    whose outcome the copy does not know.
    """
    simulator = shop.simulator
    simulator.add(shop.sale("429", "A-1", "A-2"), shop.sale("430", isnego="Y"))
    simulator.add(*(shop.sale(purchase_id) for purchase_id in ("431", "434", "435")))
    shop.sync()
    simulator.add(shop.sale("436"))
    simulator.fail_next("acceptsale", Fault.reset_after(), item_id="43601")
    simulator.fail_next("getcurrentsales", Fault.http_500(), times=50)
    shop.sync()
    simulator.calm()
    assert shop.store.intents.of_unknown_outcome("boutiquefr")
    shop.store.maintenance.backup(shop.folder / "copy.sqlite3")

    shop.clock.pass_(minutes=10)
    simulator.add(shop.sale("432"), shop.sale("433"))
    simulator.accept_by_hand("43001")
    shop.sync()
    shop.ship("429", number=number("429"), item_ids="42901")
    for purchase_id in ("431", "433"):
        shop.ship(purchase_id, number=number(purchase_id))
    shop.ship("434", "", "", cancel="true", because="sold out")
    shop.ship("435", "Colissimo", "")
    simulator.change_address("432", zipcode="75020")
    shop.clock.pass_(minutes=20)
    shop.sync()
    simulator.change_address("432", zipcode="75019")
    shop.clock.pass_(minutes=20)
    shop.sync()
    assert shop.messages().keys() >= {"432.2.json", "432.3.json", "434.2.json"}
    shop.clock.pass_(minutes=10)
    restore(shop)
    return shop


def test_nothing_is_done_twice_at_rakuten(restored: Shop) -> None:
    """It is asked before anything is repeated: no call that changes something is made at all."""
    before = len(restored.simulator.calls)
    for _ in range(2):
        restored.sync()
    assert [call for call in restored.simulator.calls[before:] if call.action in WRITES] == []
    for item in restored.simulator.items():
        assert restored.simulator.done("acceptsale", item.item_id) == (item.item_id != "43001")
        assert restored.simulator.done("settrackingpackageinfos", item.item_id) == item.shipped


def test_the_store_agrees_with_rakuten_again(restored: Shop) -> None:
    """What came in the lost hour is there, and where it stands; what came and went in it is over."""
    restored.sync()
    stored = {order.purchase_id: str(order.status) for order in restored.store.orders.select()}
    assert stored == {
        "429": "partial",
        "430": "not_shipped",
        "431": "shipped",
        "432": "not_shipped",
        "434": "cancelled",
        "435": "waiting",
        "436": "not_shipped",
    }
    assert restored.store.intents.of_unknown_outcome("boutiquefr") == []


def test_no_order_is_created_twice_and_no_later_change_is_lost(restored: Shop) -> None:
    """First messages keep their keys; later ones have numbers that the lost hour cannot have used."""
    before = restored.messages()
    restored.sync()
    after = restored.messages()
    assert {name: after[name] for name in before} == before
    assert not [name for name in after.keys() - before.keys() if name.count(".") == 1]
    restored.simulator.change_address("432", zipcode="75018")
    restored.simulator.cancel_by_buyer("43501")
    restored.sync()
    told = [message for message in restored.messages().values() if message["order"]["order_id"] == "432"]
    assert "75018" in str(max(told, key=lambda message: message["sequence"])["order"])
    cancelled = [name for name, message in restored.messages().items() if message["type"] == "order.cancelled"]
    assert any(name.startswith("435.") for name in cancelled)


def test_what_was_left_to_ship_goes(restored: Shop) -> None:
    """The rest of a partly shipped order, and the number that was waited for."""
    restored.sync()
    restored.ship("429", number=number("1429"), item_ids="42902")
    restored.ship("435", number=number("435"))
    restored.sync()
    assert (restored.status("429"), restored.status("435")) == ("shipped", "shipped")
    assert restored.simulator.item("42902").tracking_number == number("1429")
    assert restored.simulator.done("settrackingpackageinfos", "42901") == 1
