"""What comes in besides sales: deadlines, the to-do list, preorders that wait for stock, items in no list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection.client import RakutenClient
from rakuten_orders.connection.simulator import Fault
from rakuten_orders.connection.store import Event

if TYPE_CHECKING:
    from conftest import Shop
    from rakuten_orders.model import Sale


def events(shop: Shop, code: str, purchase_id: str = "429") -> list[Event]:
    return [event for event in shop.store.orders.events("boutiquefr", purchase_id) if event.code == code]


@pytest.mark.parametrize(("sku", "nego"), [("A-1", "Y"), ("", "N")], ids=["held", "sku_missing"])
def test_a_deadline_is_told_a_day_before_and_an_error_after(shop: Shop, sku: str, nego: str) -> None:
    """Bought on a Monday, to be accepted until the end of Thursday, whatever stands in the way."""
    shop.simulator.add(shop.sale("429", sku, isnego=nego))
    shop.sync()
    shop.clock.pass_(days=2, hours=13)
    shop.sync()
    assert events(shop, "not_accepted_in_time") == []
    shop.clock.pass_(hours=1)
    shop.sync()
    shop.sync()
    (warning,) = events(shop, "not_accepted_in_time")
    assert (warning.level, "2026-11-26 23:59" in warning.message) == ("warning", True)
    assert shop.reason() == (None if sku else "sku_missing")
    shop.clock.pass_(days=1)
    assert shop.sync().exit_code == 1
    assert shop.reason() == "not_accepted_in_time"


def test_the_deadline_counts_down_while_rakuten_cannot_be_reached(shop: Shop) -> None:
    """That is when it matters most."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync()
    shop.simulator.close()
    shop.clock.pass_(days=3)
    shop.sync()
    assert [event.level for event in events(shop, "not_accepted_in_time")] == ["warning"]


def test_an_order_that_rakuten_cancelled_for_its_deadline_says_so(shop: Shop) -> None:
    """The error stays, so that somebody reads it; it keeps no pass from being all well."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync()
    shop.clock.pass_(days=5)
    shop.simulator.time_out("42901")
    assert shop.sync().exit_code == 1
    assert (shop.status(), shop.reason()) == ("cancelled", "not_accepted_in_time")
    assert shop.sync().exit_code == 0
    assert shop.reason() == "not_accepted_in_time"


def test_an_order_accepted_in_time_is_warned_of_no_more(shop: Shop) -> None:
    """The deadline ends with the decision."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync()
    shop.simulator.accept_by_hand("42901")
    shop.clock.pass_(days=9)
    shop.sync()
    assert (shop.order().deadline, events(shop, "not_accepted_in_time")) == (None, [])


def test_the_to_do_list_is_read_once_a_day(shop: Shop) -> None:
    """Messages are told once as long as they wait, and again when new ones come; getiteminfos is not asked."""
    shop.simulator.add(shop.sale())
    shop.simulator.message("42901", "Geheimnis")
    shop.sync()
    shop.sync()
    assert shop.simulator.count("getitemtodolist") == 1
    (told,) = events(shop, "message_unread")
    assert (told.level, told.item_id) == ("warning", "42901")
    assert "Geheimnis" not in told.message
    shop.clock.pass_(days=1)
    shop.simulator.message("42901", "Bonjour", from_rakuten=True)
    shop.sync()
    assert "customer service" in events(shop, "message_unread")[1].message
    assert len(events(shop, "message_unread")) == 2
    assert shop.simulator.count("getiteminfos") == 0


def test_a_claim_on_a_sale_that_the_list_does_not_reach_back_to_is_told(shop: Shop) -> None:
    """Shipped long ago; the to-do list knows, and the back office is told."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429")
    shop.sync()
    shop.clock.pass_(days=70)
    shop.simulator.claim("42901")
    shop.sync()
    assert [event.level for event in events(shop, "claimed")] == ["warning"]
    assert shop.messages()["429.2.json"]["type"] == "order.claimed"


def test_a_to_do_list_that_does_not_answer_holds_up_nothing(shop: Shop) -> None:
    """It is asked again by the next pass."""
    shop.simulator.add(shop.sale())
    shop.simulator.fail_next("getitemtodolist", Fault.http_500(), times=3)
    assert shop.sync().exit_code == 0
    assert shop.messages().keys() == {"429.json"}
    shop.sync()
    assert shop.simulator.done("getitemtodolist") == 1


def test_an_accepted_preorder_waits_for_its_stock(shop: Shop) -> None:
    """It shows in a list of its own, has no deadline, and is delivered when it can be shipped."""
    shop.simulator.add(shop.sale("429", ispreorder="Y"), shop.sale("430"))
    shop.simulator.accept_by_hand("42901")
    shop.sync()
    assert (shop.status(), shop.order().items[0].rakuten_status) == ("on_hold", "PENDING")
    assert shop.order().deadline is None
    assert shop.messages().keys() == {"430.json"}
    shop.clock.pass_(days=9)
    shop.sync()
    assert shop.reason() is None
    assert shop.simulator.count("getiteminfos") == 0
    shop.simulator._market.confirm_preorder(shop.simulator.item("42901").advert_id, 1)
    shop.sync()
    assert shop.status() == "not_shipped"
    assert "429.json" in shop.messages()


def test_an_accepted_item_that_is_in_no_list_is_asked_for_once_a_day(shop: Shop) -> None:
    """Its absence alone says nothing; what Rakuten says of the item does."""
    shop.simulator.add(shop.sale(), shop.sale("430"))
    shop.sync()
    items = shop.simulator._market._items
    items["42901"] = replace(items["42901"], status="CANCELLED", accepted=False)  # now no list shows it
    shop.clock.pass_(hours=1)
    shop.sync()
    assert (shop.status(), shop.simulator.count("getiteminfos")) == ("not_shipped", 0)
    shop.clock.pass_(days=1)
    shop.sync()
    assert (shop.status(), shop.simulator.count("getiteminfos")) == ("cancelled", 1)
    assert shop.messages()["429.2.json"]["type"] == "order.cancelled"


def test_a_clock_that_was_a_month_ahead_hides_no_sale(shop: Shop) -> None:
    """The window is asked from the day that it is, not from a success that lies ahead."""
    shop.clock.pass_(days=40)
    shop.sync()
    shop.clock.pass_(days=-40)
    shop.simulator.add(shop.sale("429", status="COMMITTED"))
    shop.sync()
    assert shop.messages().keys() == {"429.json"}
    account = shop.store.accounts.get("boutiquefr")
    assert account is not None
    assert account.caught_up_at == shop.clock.now


def test_an_item_that_rakuten_fails_over_holds_up_none_of_the_others(shop: Shop) -> None:
    """Whatever is asked about it gets no usable answer, pass after pass; the other orders go their way."""
    shop.simulator.add(shop.sale("428"), shop.sale("429", age=dt.timedelta(hours=9)), shop.sale("430"))
    shop.simulator.fail_next("acceptsale", Fault.http_500(), times=99, item_id="42901")
    for _ in range(2):
        assert shop.sync().exit_code == 3
        assert (shop.status(), shop.reason()) == ("awaiting_confirmation", "marketplace_unreachable")
        assert shop.messages().keys() == {"428.json", "430.json"}
    shop.simulator.calm()
    assert shop.sync().exit_code == 0
    assert (shop.status(), shop.reason()) == ("not_shipped", None)


@pytest.mark.parametrize("action", ["getshippinginformation", "getbillinginformation"])
def test_details_that_rakuten_does_not_give_of_one_order_hold_up_none_of_the_others(shop: Shop, action: str) -> None:
    """Only this order waits for them."""
    shop.simulator.add(shop.sale("429", age=dt.timedelta(hours=9)), shop.sale("430"))
    shop.simulator.fail_next(action, Fault.http_500(), times=3)
    shop.sync()
    assert shop.messages().keys() == {"430.json"}
    assert shop.reason() == "marketplace_unreachable"
    assert shop.sync().exit_code == 0
    assert shop.messages().keys() == {"429.json", "430.json"}


@pytest.fixture
def asked_from(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Makes a pass; the days of purchase that it asked getcurrentsales from."""
    asked: list[str] = []
    real = RakutenClient.current_sales

    def current_sales(client: RakutenClient, since: dt.date, **options: bool) -> Iterator[Sale]:
        asked.append(since.isoformat())
        return real(client, since, **options)

    def pass_() -> list[str]:
        asked.clear()
        shop.sync()
        return sorted(set(asked))

    monkeypatch.setattr(RakutenClient, "current_sales", current_sales)
    return pass_


def test_sales_from_before_since_are_not_asked_for(shop: Shop, asked_from: Callable[[], list[str]]) -> None:
    """Neither first, nor on the daily catch-up, nor when the last success is long ago."""
    shop.simulator.add(shop.sale("429"), shop.sale("428", age=dt.timedelta(days=30), status="COMMITTED"))
    days = []
    for _ in range(3):
        days += asked_from()
        shop.clock.pass_(days=3)
    assert days
    assert min(days) >= "2026-11-01"
    assert shop.store.orders.get("boutiquefr", "428") is None


def test_an_order_of_ours_is_followed_though_it_was_bought_before_since(
    shop: Shop, asked_from: Callable[[], list[str]]
) -> None:
    """New sales always come in, and nothing but getcurrentsales tells of them later; older ones stay out with it."""
    shop.connection = replace(shop.connection, since=dt.date(2026, 11, 23))
    shop.simulator.add(shop.sale("429", age=dt.timedelta(days=2)))
    shop.simulator.add(shop.sale("428", age=dt.timedelta(days=1), status="COMMITTED"))
    assert asked_from() == ["2026-11-21"]
    assert list(shop.messages()) == ["429.json"]
    assert shop.store.orders.get("boutiquefr", "428") is None
    shop.ship("429")
    shop.sync()
    assert asked_from() == ["2026-11-23"]


@pytest.mark.parametrize("act", ["accept_by_hand", "ship_by_hand", "cancel_by_buyer", "refuse_by_hand", "time_out"])
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a sold one"])
def test_what_happens_to_an_item_that_is_left_out_breaks_nothing(shop: Shop, act: str, beside: bool) -> None:
    """Rakuten's logistics send it: nothing is sent for it, and what is ours goes its way."""
    sale = shop.sale("429", "A-1", "B-2") if beside else shop.sale("429")
    left_out = replace(sale.items[0], fields={**sale.items[0].fields, "isrsl": "Y"})
    shop.simulator.add(replace(sale, items=(left_out, *sale.items[1:])))
    shop.sync()
    assert shop.order().items[0].status == "skipped"
    if act == "ship_by_hand":
        shop.simulator.accept_by_hand("42901")
    getattr(shop.simulator, act)("42901")
    for _ in range(3):
        assert shop.sync().exit_code == 0
        shop.clock.pass_(days=1)
    assert shop.simulator.done("acceptsale", "42901") == 0
    assert shop.reason() is None
    if beside:
        lines = shop.messages()["429.json"]["order"]["lines"]
        assert [line["item_ids"] for line in lines] == [["42902"]]
        shop.ship("429")
        shop.sync()
        assert shop.simulator.done("settrackingpackageinfos", "42902") == 1
    else:
        assert shop.messages() == {}
    assert shop.simulator.done("settrackingpackageinfos", "42901") == 0
