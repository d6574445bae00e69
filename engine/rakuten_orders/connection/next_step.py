"""What happens to an order next, in a sentence: by itself, or because somebody does something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rakuten_orders.connection.lifecycle import FINAL, PARIS, SHIPPABLE, UNDECIDED, Status
from rakuten_orders.connection.store import HandDecision, OrderRecord, ShipmentRecord, Store
from rakuten_orders.marketplace import ItemStage, item_stage

_BY_STATUS: Mapping[Status, str] = {
    Status.ON_HOLD: "somebody decides: orders release, accept or refuse; or a change of the acceptance rules",
    Status.AWAITING_CONFIRMATION: "the next pass accepts it",
    Status.WAITING: "the back office brings the tracking number, or it goes without one when the history says",
    Status.PENDING_SHIPMENT: "the next pass asks Rakuten what became of the confirmation",
    Status.PENDING_CANCELLATION: "the next pass asks Rakuten what became of the cancellation",
    Status.PARTIAL: "the back office ships the rest",
    Status.NOT_SHIPPED: "the back office ships it",
    Status.SHIPPED: "nothing: it is done",
    Status.CANCELLED: "nothing: it is over",
    Status.REFUSED: "nothing: it is over",
    Status.MANUAL: "nothing here: somebody handles it elsewhere",
}

_AFTER_REFUSAL = "an hour after the refusal, or by the next pass after orders resend"


def next_step(store: Store, order: OrderRecord) -> str:
    """What comes next for an order, from all that the store knows of it."""
    return next_steps(store, [order])[0]


def next_steps(store: Store, orders: Sequence[OrderRecord]) -> list[str]:
    """What comes next for each of these orders."""
    decisions: dict[tuple[str, str], list[HandDecision]] = defaultdict(list)
    shipments: dict[tuple[str, str], list[ShipmentRecord]] = defaultdict(list)
    untold: set[tuple[str, str]] = set()
    unknown: set[tuple[str, str]] = set()
    for login in {order.login for order in orders}:
        for decision in store.decisions.open(login):
            decisions[login, decision.purchase_id].append(decision)
        for record in store.shipments.open(login):
            shipments[login, record.purchase_id].append(record)
        untold |= {(login, message.order_id) for message in store.messages.undelivered(login)}
        unknown |= {(login, intent.purchase_id) for intent in store.intents.of_unknown_outcome(login)}
    return [
        next_sentence(
            order, decisions=decisions[key], shipments=shipments[key], untold=key in untold, unknown=key in unknown
        )
        for order in orders
        for key in [(order.login, order.purchase_id)]
    ]


def next_sentence(
    order: OrderRecord,
    *,
    decisions: Sequence[HandDecision] = (),
    shipments: Sequence[ShipmentRecord] = (),
    untold: bool = False,
    unknown: bool = False,
) -> str:
    """The sentence: a lost answer comes first, then what was decided by hand, what is wrong, what the status waits for.

    ``untold`` is a message that the back office does not have yet, ``unknown`` a call whose answer was lost.
    """
    if unknown:
        return "the next pass asks Rakuten what became of a call whose answer was lost"
    refused = order.error is not None and order.error.reason == "marketplace_refused"
    if decisions:
        last = decisions[-1]
        if refused:
            return f"what {last.by} decided is tried again ({last.action}) {_AFTER_REFUSAL}"
        return f"the next pass does what {last.by} decided: {last.action}"
    if order.error is not None:
        return _after_error(order)
    if any(item_stage(item.rakuten_status) is ItemStage.IN_CLAIM and item.status in SHIPPABLE for item in order.items):
        return "somebody settles the buyer's claim in the Rakuten account; until then its item is not confirmed"
    if shipments and order.status in (Status.NOT_SHIPPED, Status.PARTIAL):
        return "the next pass confirms its shipment at Rakuten"
    if order.status is Status.NOT_SHIPPED and (untold or not order.sequence):
        return "the next pass delivers it to the back office"
    if order.status is Status.ON_HOLD and not _is_anybodys_decision(order):
        return "the stock that it awaits is confirmed in the Rakuten account"
    if order.status is Status.MANUAL and all(item.status is Status.SKIPPED for item in order.items):
        return "nothing here: an acceptance rule leaves it out"
    return _BY_STATUS[order.status]


def _is_anybodys_decision(order: OrderRecord) -> bool:
    held = [item for item in order.items if item.status is Status.ON_HOLD]
    return any(item_stage(item.rakuten_status) is not ItemStage.AWAITING_STOCK for item in held)


def _after_error(order: OrderRecord) -> str:
    assert order.error is not None  # noqa: S101 - the caller has looked
    if order.status in FINAL:
        return "what to do stands above; then put the error aside: orders handle-manually"
    if order.error.reason == "not_accepted_in_time":
        return "Rakuten cancels it, and a pass takes note of that"
    if order.error.reason == "marketplace_refused":
        return f"what to do stands above; it is tried again {_AFTER_REFUSAL}"
    step = "what to do stands above; the next pass tries again by itself"
    if order.status in UNDECIDED and order.deadline is not None:
        return f"{step}, until {order.deadline.astimezone(PARIS):%Y-%m-%d %H:%M}"
    return step
