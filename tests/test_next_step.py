"""What ``orders show`` tells of an order: what comes next, and what stands in its history, from where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection.by_hand import apply_at_once, decide
from rakuten_orders.connection.next_step import next_step
from rakuten_orders.connection.simulator import Fault

if TYPE_CHECKING:
    from conftest import Project, Shop

NO = Fault.error_document("ParameterError", "Problem with parameters.", "Article 42901 : numéro incorrect")


def bought(shop: Shop, **marks: str) -> None:
    shop.simulator.add(shop.sale("429", **marks))
    shop.sync()


def happened(shop: Shop, *acts: Callable[[], object], then_sync: bool = True) -> None:
    """The order comes in, things happen, and a pass sees them."""
    bought(shop)
    for act in acts:
        act()
    if then_sync:
        shop.sync()


def released_and_refused(shop: Shop) -> None:
    bought(shop, isnego="Y")
    shop.simulator.fail_next("acceptsale", NO)
    decide(shop.store, shop.order(), "release", by="nina")
    shop.sync()


def accepted_preorder(shop: Shop) -> None:
    bought(shop, ispreorder="Y")
    decide(shop.store, shop.order(), "accept", by="nina")
    shop.sync()


def late(shop: Shop) -> None:
    bought(shop, isnego="Y")
    shop.clock.pass_(days=6)
    shop.sync()


def resent(shop: Shop) -> None:
    bought(shop)
    decide(shop.store, shop.order(), "resend", by="nina")
    apply_at_once(shop.store, "boutiquefr")


def without_number(shop: Shop) -> None:
    shop.simulator.add(shop.sale("429", shipping_type="Normal"))
    shop.sync()
    shop.ship("429", "Lettre", "")
    shop.sync()


NEXT: dict[str, tuple[Callable[[Shop], None], str]] = {
    "left out": (lambda shop: bought(shop, isrsl="Y"), "nothing here: an acceptance rule leaves it out"),
    "held": (lambda shop: bought(shop, isnego="Y"), "somebody decides: orders release"),
    "a decision that Rakuten refused": (released_and_refused, "what nina decided is tried again (release) an hour"),
    "an accepted preorder": (accepted_preorder, "the stock that it awaits is confirmed in the Rakuten account"),
    "too late": (late, "Rakuten cancels it"),
    "accepted": (bought, "the back office ships it"),
    "in claim": (
        lambda shop: happened(shop, lambda: shop.simulator.claim("42901")),
        "somebody settles the buyer's claim",
    ),
    "resent": (resent, "the next pass delivers it to the back office"),
    "without a number": (without_number, "or it goes without one when the history says"),
    "refused shipment": (
        lambda shop: happened(
            shop, lambda: shop.ship("429"), lambda: shop.simulator.fail_next("settrackingpackageinfos", NO)
        ),
        "what to do stands above; it is tried again an hour after the refusal",
    ),
    "a lost answer": (
        lambda shop: happened(
            shop,
            lambda: shop.ship("429"),
            lambda: shop.simulator.fail_next("settrackingpackageinfos", Fault.http_500(), 3),
        ),
        "the next pass asks Rakuten what became of a call whose answer was lost",
    ),
    "shipped": (lambda shop: happened(shop, lambda: shop.ship("429")), "nothing: it is done"),
    "an error of what is over": (
        lambda shop: happened(shop, lambda: shop.simulator.cancel_by_buyer("42901"), lambda: shop.ship("429")),
        "what to do stands above; then put the error aside",
    ),
}


@pytest.mark.parametrize("case", NEXT)
def test_what_comes_next_is_what_then_comes(shop: Shop, case: str) -> None:
    """A sentence that fits where the order is, not only its status."""
    act, sentence = NEXT[case]
    act(shop)
    assert sentence in next_step(shop.store, shop.order())


def test_a_decision_to_accept_a_preorder_is_done_when_rakuten_has_it(shop: Shop) -> None:
    """The item stays on hold until Rakuten has the stock, but nobody has to decide any more."""
    accepted_preorder(shop)
    assert shop.store.decisions.open("boutiquefr") == []
    assert shop.simulator.done("acceptsale", "42901") == 1


def test_the_reason_of_a_hold_ends_with_the_hold(shop: Shop) -> None:
    """A refused order does not go on to ask for a decision; the history keeps the reason."""
    bought(shop, isnego="Y")
    assert "negotiated" in shop.order().items[0].because
    decide(shop.store, shop.order(), "refuse", by="nina")
    shop.sync()
    assert (shop.status(), shop.order().items[0].because) == ("refused", "")
    assert any("negotiated" in event.message for event in shop.store.orders.events("boutiquefr", "429"))


def test_the_history_tells_what_others_did(shop: Shop) -> None:
    """An address that the buyer changed, and a sale that somebody accepted by hand at Rakuten."""
    happened(shop, lambda: shop.simulator.change_address("429", zipcode="69001"))
    assert shop.codes()[-2:] == ["address_changed", "order.updated"]
    shop.simulator.add(shop.sale("430"))
    shop.simulator.accept_by_hand("43001")
    shop.sync()
    first = shop.store.orders.events("boutiquefr", "430")[0]
    assert first.message == "taken in with 1 item, accepted at Rakuten already"


def test_a_number_that_comes_after_somebody_confirmed_by_hand_is_not_dropped_in_silence(shop: Shop) -> None:
    """Rakuten cannot replace it; the history says that it was not sent, once."""
    happened(shop, lambda: shop.simulator.ship_by_hand("42901"))
    shop.ship("429", number="6A12345678905")
    shop.sync()
    shop.sync()
    told = [e.message for e in shop.store.orders.events("boutiquefr", "429") if e.code == "shipment_unused"]
    assert told == ["item 42901 was confirmed as shipped before; 6A12345678905 was not sent"]
    assert shop.changed("settrackingpackageinfos") == 0


def test_the_same_sentence_is_in_the_json(project: Project) -> None:
    """Of ``orders show`` and of ``orders list``."""
    project.run("sync")
    shown = json.loads(project.run("orders", "show", "400000001", "--json")[1])
    assert shown["next"] == "the back office ships it"
    assert {one["next"] for one in project.orders().values()} > {shown["next"]}
