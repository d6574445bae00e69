"""The loop, over real HTTP, a real store and real files: what comes in, what is accepted, what is delivered."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rakuten_orders import Engine
from rakuten_orders.connection import RakutenClient, sync
from rakuten_orders.connection.simulator import make_sales, showcase
from rakuten_orders.connection.store import Event

if TYPE_CHECKING:
    from conftest import Shop

TABLE_RULES = """\
kind: order
order:
  order_id: purchaseid
lines:
  internal_id: {from: sku, table: products, required: true}
"""


class Renaming(RakutenClient):
    """A client of a marketplace that has another word for accepted items."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.simulator.login, shop.simulator.token, endpoint=shop.simulator.url)

    def current_sales(self, since: dt.date, *, pending_preorders: bool = False):
        for found in super().current_sales(since, pending_preorders=pending_preorders):
            items = tuple(replace(item, status="VALIDATED") for item in found.items)
            yield replace(found, items=items)


def test_new_sales_are_accepted_and_delivered(shop: Shop) -> None:
    """Every address layout, units as lines, one held, one left out; each item is accepted once."""
    shop.simulator.add(*showcase())
    result = shop.sync()
    assert result.exit_code == 0
    assert result.counts == {"taken_in": 7, "skipped": 1, "held": 1, "accepted": 7, "delivered": 5}
    assert {order.purchase_id[-1]: str(order.status) for order in shop.store.orders.select()} == {
        **dict.fromkeys("12345", "not_shipped"),
        "6": "on_hold",
        "7": "manual",
    }
    message = shop.messages()["400000001.json"]
    assert (message["type"], message["key"], message["sequence"]) == ("order.created", "boutiquefr:400000001", 1)
    order = message["order"]
    assert [line["quantity"] for line in order["lines"]] == [2, 1]
    assert order["buyer"]["email"] == "acheteur-exemple-1@example.com"
    assert order["shipping_price"] is not None
    assert order["is_test"] is False


def test_a_second_pass_changes_nothing(shop: Shop) -> None:
    """Neither at the marketplace nor in the store nor in the folder."""
    shop.simulator.add(*make_sales(1, 20))
    shop.sync()
    rows, messages, changes = shop.everything(), shop.messages(), shop.changed()
    shop.clock.pass_(minutes=5)
    again = shop.sync()
    assert (again.counts, again.exit_code) == ({}, 0)
    assert (shop.everything(), shop.messages(), shop.changed()) == (rows, messages, changes)


def test_events_are_told_as_they_are_stored(shop: Shop) -> None:
    """Typed, in order, with the order's id."""
    shop.simulator.add(shop.sale())
    told: list[Event] = []
    shop.sync(on_event=told.append)
    assert [event.code for event in told] == ["taken_in", "accepted", "delivered"]
    assert told == shop.store.orders.events("boutiquefr", "429")


def test_a_hold_stops_the_whole_sale_and_says_why(shop: Shop) -> None:
    """The buyer is not debited, and the deadline shows: bought on a Monday, until the end of Thursday."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2", isnego="Y"))
    shop.sync()
    order = shop.order()
    assert (order.status, order.deadline) == ("on_hold", dt.datetime.fromisoformat("2026-11-26T23:59:59+01:00"))
    assert "negotiated" in order.items[0].because
    assert shop.changed() == 0
    assert shop.messages() == {}


def test_a_hold_ends_when_the_rules_change(shop: Shop, engine_with: Callable[..., Engine]) -> None:
    """The next pass accepts, without a command."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync()
    engine = engine_with({"rules/acceptance.yaml": "kind: acceptance\nships_from: FR\n"})
    shop.sync(engine=engine)
    assert (shop.status(), shop.codes()) == ("not_shipped", ["taken_in", "held", "released", "accepted", "delivered"])
    assert shop.order().items[0].because == ""


def test_a_sku_that_is_not_in_the_table_stops_before_the_buyer_is_debited(
    shop: Shop, engine_with: Callable[..., Engine]
) -> None:
    """And goes through when the table has it, without a command."""
    shop.simulator.add(shop.sale("429", "0017"), shop.sale("430", "17"))
    table = "rules/tables/products.csv"
    engine = engine_with({"rules/order.yaml": TABLE_RULES, table: "key,value\n0017,P-1\n"})
    result = shop.sync(engine=engine)
    assert result.exit_code == 1
    assert result.errors.keys() == {"430"}
    assert shop.reason("430") == "sku_not_found"
    assert "0017" in shop.order("430").error.message
    assert shop.status("430") == "awaiting_confirmation"
    assert shop.order("430").deadline is not None
    assert shop.simulator.count("acceptsale", "43001") == 0
    assert shop.messages().keys() == {"429.json"}
    mended = shop.sync(engine=engine_with({table: "key,value\n0017,P-1\n17,P-2\n"}))
    assert (mended.exit_code, shop.reason("430")) == (0, None)
    assert shop.codes("430") == ["taken_in", "sku_not_found", "accepted", "delivered", "mended"]
    assert shop.messages()["430.json"]["order"]["lines"][0]["internal_id"] == "P-2"


def test_an_error_is_told_once(shop: Shop) -> None:
    """A pass that finds the same again adds nothing to the history."""
    shop.simulator.add(shop.sale("429", ""))
    for _ in range(3):
        assert shop.sync().exit_code == 1
    assert shop.codes() == ["taken_in", "sku_missing"]


def test_one_bad_sale_among_twenty_stops_none_of_the_others(shop: Shop) -> None:
    """Nineteen go through; the bad one has its reason."""
    shop.simulator.add(*(shop.sale(str(number), "" if number == 110 else "A-1") for number in range(100, 120)))
    result = shop.sync()
    assert result.errors.keys() == {"110"}
    assert shop.reason("110") == "sku_missing"
    assert len(shop.messages()) == 19


def test_a_fault_of_ours_in_one_order_stops_none_of_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is shown with the order and logged by its place, never by its text, which may hold an address."""
    real = Engine.decide

    def decide(engine: Engine, asked: object) -> object:
        if asked.purchase_id == "430":  # type: ignore[attr-defined]
            raise KeyError("Geheimnis")
        return real(engine, asked)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "decide", decide)
    shop.simulator.add(shop.sale("429"), shop.sale("430"), shop.sale("431"))
    result = shop.sync()
    assert result.errors["430"].reason == "mapping_failed"
    assert "KeyError at test_sync.py" in result.errors["430"].message
    assert shop.messages().keys() == {"429.json", "431.json"}
    assert "Geheimnis" not in caplog.text + result.errors["430"].message


def test_sales_accepted_by_hand_at_rakuten_are_imported(shop: Shop) -> None:
    """Also those that were never seen before."""
    shop.simulator.add(shop.sale("429"), shop.sale("430", isnego="Y"))
    shop.simulator.accept_by_hand("42901")
    shop.sync()
    assert shop.messages().keys() == {"429.json"}
    shop.simulator.accept_by_hand("43001")
    shop.sync()
    assert shop.status("430") == "not_shipped"
    assert shop.messages().keys() == {"429.json", "430.json"}
    assert shop.changed("acceptsale") == 0


def test_what_was_shipped_before_it_was_seen_is_not_imported(shop: Shop) -> None:
    """Neither whole sales nor single items of one."""
    shop.simulator.add(
        shop.sale("429", status="COMMITTED", shipped=True),
        shop.sale("430", status="CLOSED"),
        shop.sale("431", "A-1", "A-2", status="COMMITTED"),
    )
    shop.simulator.ship_by_hand("43101")
    shop.sync()
    assert [order.purchase_id for order in shop.store.orders.select()] == ["431"]
    assert [item.item_id for item in shop.order("431").items] == ["43102"]
    assert shop.messages()["431.json"]["order"]["lines"][0]["item_ids"] == ["43102"]


def test_whether_an_item_is_shipped_is_asked_where_the_list_does_not_tell(shop: Shop) -> None:
    """An older version of getcurrentsales has no flag: getbillinginformation has, and is asked once."""
    shop.simulator.add(shop.sale("429", status="COMMITTED", shipped=True), shop.sale("430", status="COMMITTED"))
    old = replace(shop.connection, versions={"getcurrentsales": "2014-02-11"})

    def sync_with_old_version() -> None:
        login, token = old.login, shop.simulator.token
        with RakutenClient(login, token, endpoint=old.endpoint, versions=old.versions) as client:
            sync(old, shop.store, shop.office, shop.engine, client=client)

    sync_with_old_version()
    asked = shop.simulator.count("getbillinginformation")
    assert [order.purchase_id for order in shop.store.orders.select()] == ["430"]
    sync_with_old_version()
    assert shop.simulator.count("getbillinginformation") == asked


def test_accepted_sales_bought_before_since_are_left_alone(shop: Shop) -> None:
    """New ones always are taken in, and followed, however old."""
    shop.simulator.add(
        shop.sale("429", status="COMMITTED", age=dt.timedelta(days=40)), shop.sale("430", age=dt.timedelta(days=40))
    )
    shop.sync()
    shop.sync()
    assert [order.purchase_id for order in shop.store.orders.select()] == ["430"]
    assert shop.messages().keys() == {"430.json"}


def test_without_since_the_day_of_the_first_pass_counts(shop: Shop) -> None:
    """It is stored, so later passes use the same."""
    connection = replace(shop.connection, since=None)
    shop.simulator.add(shop.sale("429", status="COMMITTED", age=dt.timedelta(days=2)))
    shop.sync(connection=connection)
    shop.clock.pass_(days=1)
    shop.sync(connection=connection)
    assert shop.store.orders.select() == []
    account = shop.store.accounts.get("boutiquefr")
    assert account is not None
    assert account.since == dt.date(2026, 11, 23)


def test_a_word_that_nobody_knows_stops_no_import(shop: Shop) -> None:
    """Rakuten may add words: in the list of accepted sales, an item is accepted."""
    shop.simulator.add(shop.sale("429", status="COMMITTED"))
    with Renaming(shop) as client:
        sync(shop.connection, shop.store, shop.office, shop.engine, client=client)
    assert (shop.status(), shop.order().items[0].rakuten_status) == ("not_shipped", "VALIDATED")
    assert shop.messages().keys() == {"429.json"}


def test_a_partly_accepted_sale_is_delivered_when_all_is_decided(shop: Shop) -> None:
    """Items that Rakuten refuses are told apart from those that it takes."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.simulator.cancel_by_buyer("42901")
    shop.sync()
    assert [line["item_ids"] for line in shop.messages()["429.json"]["order"]["lines"]] == [["42902"]]


def test_an_item_that_is_in_no_list_any_more_is_asked_for(shop: Shop) -> None:
    """A held sale that the buyer cancelled shows in neither list as waiting."""
    shop.simulator.add(shop.sale("429", isnego="Y"), shop.sale("430", isnego="Y"))
    shop.sync()
    shop.simulator.refuse_by_hand("42901")
    shop.simulator.cancel_by_buyer("43001")
    shop.sync()
    assert (shop.status("429"), shop.status("430")) == ("refused", "cancelled")


@pytest.mark.parametrize(
    ("act", "type_", "status"),
    [
        (lambda shop: shop.simulator.cancel_by_buyer("42902"), "order.updated", "not_shipped"),
        (lambda shop: shop.simulator.claim("42901"), "order.claimed", "not_shipped"),
        (lambda shop: shop.simulator.change_address("429", zipcode="75020"), "order.updated", "not_shipped"),
    ],
)
def test_what_rakuten_changes_later_is_told(shop: Shop, act: Callable[[Shop], None], type_: str, status: str) -> None:
    """As a message of its own, with the next sequence and what is to be sent now."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.sync()
    act(shop)
    shop.sync()
    message = shop.messages()["429.2.json"]
    assert (message["type"], message["key"], message["sequence"]) == (type_, "boutiquefr:429:2", 2)
    assert shop.status() == status
    shop.sync()
    assert shop.messages().keys() == {"429.json", "429.2.json"}


def test_a_cancelled_order_is_told_with_all_that_was_cancelled(shop: Shop) -> None:
    """The lines say what became of them."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.sync()
    for item_id in ("42901", "42902"):
        shop.simulator.cancel_by_buyer(item_id)
    shop.sync()
    message = shop.messages()["429.2.json"]
    assert message["type"] == "order.cancelled"
    assert {line["status"] for line in message["order"]["lines"]} == {"CANCELLED"}
    assert shop.status() == "cancelled"


def test_changed_rules_alone_never_map_a_delivered_order_again(shop: Shop, engine_with: Callable[..., Engine]) -> None:
    """They count for what comes next."""
    shop.simulator.add(shop.sale("429"))
    shop.sync()
    rules = {"rules/order.yaml": TABLE_RULES, "rules/tables/products.csv": "key,value\nA-1,P-1\n"}
    shop.sync(engine=engine_with(rules))
    assert shop.messages().keys() == {"429.json"}


def test_a_rehearsal_decides_and_changes_nothing(shop: Shop) -> None:
    """What would happen is told; nothing is written or sent."""
    shop.simulator.add(shop.sale("429"), shop.sale("430", isnego="Y"), shop.sale("431", ""))
    shop.store.accounts.enter("boutiquefr", "main", since=None, today=shop.clock().date())
    rows = shop.everything()
    result = shop.sync(dry_run=True)
    assert result.counts == {"taken_in": 3, "accepted": 1, "held": 1, "sku_missing": 1}
    assert result.dry_run
    assert shop.everything() == rows
    assert shop.changed() == 0
    assert not shop.office.folder.exists()


def test_new_sales_are_asked_for_as_often_as_is_allowed(shop: Shop) -> None:
    """A paced job leaves ten minutes between; a pass by hand asks at once."""
    for minutes, asked in ((0, 1), (5, 1), (5, 2)):
        shop.clock.pass_(minutes=minutes)
        shop.sync(paced=True)
        assert shop.simulator.count("getnewsales") == asked
    shop.sync()
    assert shop.simulator.count("getnewsales") == 3


def test_a_clock_that_was_set_back_stops_nothing(shop: Shop) -> None:
    """Times that lie ahead are no reason to wait for them."""
    shop.clock.pass_(days=3)
    shop.sync(paced=True)
    shop.clock.pass_(days=-3)
    shop.simulator.add(shop.sale())
    assert shop.sync(paced=True).exit_code == 0
    assert shop.messages().keys() == {"429.json"}


def test_a_pass_that_is_asked_to_stop_ends_between_two_steps(shop: Shop) -> None:
    """What was begun is finished, the rest waits for the next pass."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2", "A-3"))
    shop.sync(should_stop=lambda: shop.changed() == 1)
    assert shop.changed() == 1
    shop.sync()
    assert [shop.simulator.done("acceptsale", f"4290{number}") for number in (1, 2, 3)] == [1, 1, 1]
    assert shop.messages().keys() == {"429.json"}


def test_two_passes_over_one_account_do_not_run_at_once(shop: Shop) -> None:
    """The second one leaves."""
    shop.simulator.add(shop.sale())
    shop.store.accounts.enter("boutiquefr", "main", since=None, today=shop.clock().date())
    fence = shop.store.leases.take("boutiquefr")
    assert fence is not None
    result = shop.sync()
    assert (result.busy, result.exit_code, shop.simulator.calls) == (True, 0, [])
    shop.store.leases.give_back("boutiquefr", fence)
    assert not shop.sync().busy


def test_a_pass_that_lost_its_lease_sends_nothing_more(shop: Shop) -> None:
    """Another one may be at work: before each call the fence is checked."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))

    def steal(event: Event) -> None:
        if event.code == "accepted":
            shop.store._db.write("UPDATE leases SET fence = fence + 1")

    result = shop.sync(on_event=steal)
    assert (result.busy, shop.changed()) == (True, 1)


def test_no_log_line_names_anybody_or_the_token(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """At any level: ids and codes only. Nor does any event."""
    caplog.set_level(logging.DEBUG)
    shop.simulator.add(shop.sale("429"), shop.sale("430", isnego="Y"))
    shop.sync()
    shop.simulator.claim("42901", comment="Geheimnis")
    shop.ship("429", "No Such Carrier")
    shop.sync()
    events = " ".join(event.message for event in shop.store.orders.events("boutiquefr", "429"))
    assert "429" in caplog.text
    for secret in (shop.simulator.token, "Geheimnis", "Oriane", "impasse", "geheimnis@", "0639984321", "75011"):
        assert secret not in caplog.text + events


def test_the_token_is_in_no_byte_of_the_store(shop: Shop) -> None:
    """Not in the database, its journal, or anywhere in the project folder."""
    shop.simulator.add(*make_sales(2, 10))
    shop.sync()
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not any(shop.simulator.token.encode() in path.read_bytes() for path in files)
