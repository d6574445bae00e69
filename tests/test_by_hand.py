"""Decisions by hand: what they may from where, what a pass makes of them, and who took them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

import pytest

from rakuten_orders import Engine
from rakuten_orders.connection.by_hand import apply_at_once, decide, effect, objection
from rakuten_orders.connection.lifecycle import HAND_ACTIONS, Status
from rakuten_orders.connection.next_step import next_step
from rakuten_orders.connection.simulator import Fault
from rakuten_orders.connection.store import HandAction

if TYPE_CHECKING:
    from conftest import Shop

NO_SKUS = (
    "kind: order\norder:\n  order_id: purchaseid\nlines:\n  internal_id: {from: sku, table: products, required: true}\n"
)


def by_hand(shop: Shop, action: HandAction, order_id: str = "429", because: str = "") -> None:
    """What the command does: the decision, and what needs no pass."""
    order = shop.order(order_id)
    assert objection(action, order) is None
    decide(shop.store, order, action, by="lise", because=because)
    if action in ("resend", "handle-manually"):
        assert apply_at_once(shop.store, shop.connection.key)


def held(shop: Shop) -> None:
    shop.simulator.add(shop.sale("429", "A-1", "A-2", isnego="Y"))
    shop.sync()
    assert shop.status() == "on_hold"


def test_the_table_has_every_action() -> None:
    """Nobody can decide what the table does not know."""
    assert set(get_args(HandAction)) | {"ship"} == set(HAND_ACTIONS)


@pytest.mark.parametrize("action", ["accept", "release"])
def test_a_held_order_can_be_accepted_or_released(shop: Shop, action: HandAction) -> None:
    """The next pass accepts each item once and delivers; the history says who decided, and the decision is done."""
    held(shop)
    by_hand(shop, action, because="agreed")
    assert shop.changed() == 0
    shop.sync()
    assert (shop.status(), shop.reason()) == ("not_shipped", None)
    assert [shop.simulator.done("acceptsale", item_id) for item_id in ("42901", "42902")] == [1, 1]
    decided = next(e for e in shop.store.orders.events("boutiquefr", "429") if e.code == "decided")
    assert (decided.by, decided.message) == ("lise", f"decided by hand: {action}: agreed")
    assert shop.store.decisions.open("boutiquefr") == []
    assert shop.messages().keys() == {"429.json"}


def test_a_decision_outlives_a_pass_that_could_not_carry_it_out(shop: Shop) -> None:
    """The marketplace is away; the pass after that does it."""
    held(shop)
    by_hand(shop, "accept")
    shop.simulator.fail_next("acceptsale", Fault.reset_before(), times=9)
    assert shop.sync().exit_code == 3
    shop.simulator.calm()
    shop.sync()
    shop.sync()
    assert shop.status() == "not_shipped"
    assert shop.changed("acceptsale") == 2


def test_releasing_lifts_the_hold_and_not_the_check(shop: Shop, engine_with: Callable[..., Engine]) -> None:
    """An order that cannot be mapped is not accepted by releasing it; accepting it by hand does."""
    engine = engine_with({"rules/order.yaml": NO_SKUS, "rules/tables/products.csv": "key,value\nB,P\n"})
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync(engine=engine)
    by_hand(shop, "release")
    shop.sync(engine=engine)
    assert (shop.status(), shop.reason(), shop.changed()) == ("awaiting_confirmation", "sku_not_found", 0)
    by_hand(shop, "accept")
    shop.sync(engine=engine)
    assert (shop.status(), shop.reason(), shop.changed()) == ("not_shipped", "sku_not_found", 1)
    assert shop.messages() == {}


def test_refusing_refuses_each_item_once(shop: Shop) -> None:
    """Not accepted first, and over afterwards."""
    held(shop)
    by_hand(shop, "refuse", because="out of stock")
    for _ in range(2):
        shop.sync()
    assert shop.status() == "refused"
    assert [call.action for call in shop.simulator.calls if call.item_id and call.outcome == "done"] == [
        "refusesale",
        "refusesale",
    ]


def test_a_refusal_is_not_overtaken_by_rules_that_would_accept(shop: Shop, engine_with: Callable[..., Engine]) -> None:
    """What a person refuses is not accepted, even where the refusal does not go through."""
    held(shop)
    by_hand(shop, "refuse")
    shop.simulator.fail_next("refusesale", Fault.error_document("RefuseSaleError", "Refus impossible"), times=2)
    shop.sync(engine=engine_with({"rules/acceptance.yaml": "kind: acceptance\nships_from: FR\n"}))
    assert (shop.reason(), shop.changed()) == ("marketplace_refused", 0)
    by_hand(shop, "refuse")
    shop.clock.pass_(hours=1)
    shop.sync()
    assert (shop.status(), shop.changed("refusesale")) == ("refused", 2)


def test_cancelling_sends_the_reason_and_stops_a_shipment(shop: Shop) -> None:
    """What is cancelled by hand is not shipped, even where both come to the same pass."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429")
    by_hand(shop, "cancel", because="broken")
    shop.sync()
    assert shop.status() == "cancelled"
    assert shop.changed("cancelitem") == 1
    assert shop.simulator.count("settrackingpackageinfos") == 0
    assert shop.messages()["429.2.json"]["type"] == "order.cancelled"


def test_resend_tries_again_what_rakuten_refused_within_the_hour(shop: Shop) -> None:
    """Without it, the same call is not made again before an hour is over."""
    shop.simulator.add(shop.sale())
    shop.simulator.fail_next("acceptsale", Fault.error_document("AcceptSaleError", "Pas maintenant"))
    shop.sync()
    shop.sync()
    assert (shop.reason(), shop.simulator.count("acceptsale")) == ("marketplace_refused", 1)
    shop.clock.pass_(minutes=1)
    by_hand(shop, "resend")
    shop.sync()
    assert (shop.reason(), shop.status()) == (None, "not_shipped")


def test_resend_gives_the_back_office_its_message_again(shop: Shop) -> None:
    """Under the same key, where its file is lost; where it is not, nothing changes."""
    shop.simulator.add(shop.sale())
    shop.sync()
    before = shop.messages()
    (shop.office.folder / "orders" / "429.json").unlink()
    for _ in range(2):
        by_hand(shop, "resend")
        shop.sync()
    assert shop.messages() == before


def test_resend_opens_a_shipment_that_was_refused_for_good(shop: Shop) -> None:
    """It is judged anew; here with the same result, and shown again."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429")
    shop.sync()
    shop.ship("429", number="6A12345678912")
    shop.sync()
    assert (shop.status(), shop.reason()) == ("shipped", "already_shipped")
    by_hand(shop, "resend")
    assert [record.state for record in shop.store.shipments.of_order("boutiquefr", "429")] == ["done", "open"]
    shop.sync()
    assert shop.reason() == "already_shipped"


def test_handling_manually_ends_everything(shop: Shop) -> None:
    """The status is manual, the error is gone, the shipment is not sent, and no pass begins again."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429", transporter="Transports Dupuis")
    assert shop.sync().exit_code == 1
    by_hand(shop, "handle-manually")
    assert (shop.status(), shop.reason()) == ("manual", None)
    assert shop.sync().exit_code == 0
    assert (shop.status(), shop.reason(), shop.changed("settrackingpackageinfos")) == ("manual", None, 0)


def test_handling_manually_puts_the_error_of_a_shipped_order_aside(shop: Shop) -> None:
    """The order stays shipped."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429")
    shop.sync()
    shop.ship("429", number="6A12345678912")
    shop.sync()
    by_hand(shop, "handle-manually")
    shop.sync()
    assert (shop.status(), shop.reason()) == ("shipped", None)


def test_what_is_not_possible_is_said_with_what_is(shop: Shop) -> None:
    """From the table, both ways."""
    shop.simulator.add(shop.sale())
    shop.sync()
    said = objection("refuse", shop.order())
    assert said == (
        "order 429 is not_shipped: refuse is for orders that are on_hold, awaiting_confirmation; "
        "possible here: ship, cancel, resend, handle-manually"
    )


@pytest.mark.parametrize("action", get_args(HandAction))
def test_every_action_says_what_it_will_do(shop: Shop, action: HandAction) -> None:
    """With the order's id and status first."""
    held(shop)
    assert effect(action, shop.order()).startswith("429 (on_hold): ")


def test_what_is_done_at_once_waits_for_a_pass_at_work(shop: Shop) -> None:
    """The lease is another's: the decision stays for that pass, or the next."""
    held(shop)
    fence = shop.store.leases.take("boutiquefr")
    assert fence is not None
    decide(shop.store, shop.order(), "handle-manually", by="lise")
    assert apply_at_once(shop.store, "boutiquefr") is False
    assert shop.status() == "on_hold"
    shop.store.leases.give_back("boutiquefr", fence)
    shop.sync()
    assert shop.status() == "manual"


def test_the_next_step_is_told(shop: Shop) -> None:
    """From the status, from what is wrong, from what was decided."""
    held(shop)
    assert "somebody decides" in next_step(shop.store, shop.order())
    decide(shop.store, shop.order(), "accept", by="lise")
    assert next_step(shop.store, shop.order()) == "the next pass does what lise decided: accept"
    shop.sync()
    assert next_step(shop.store, shop.order()) == "the back office ships it"
    shop.ship("429", transporter="Transports Dupuis")
    shop.sync()
    assert "tries again" in next_step(shop.store, shop.order())


def test_every_status_has_a_next_step() -> None:
    """But for an item's own."""
    from rakuten_orders.connection.next_step import _BY_STATUS

    assert set(_BY_STATUS) == set(Status) - {Status.SKIPPED}
