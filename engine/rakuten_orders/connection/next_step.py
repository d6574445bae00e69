"""What happens to an order next, in a sentence: by itself, or because somebody does something."""

from __future__ import annotations

from collections.abc import Sequence

from rakuten_orders.connection.lifecycle import PARIS, Status
from rakuten_orders.connection.store import HandDecision, OrderRecord, ShipmentRecord, Store

_BY_STATUS = {
    Status.ON_HOLD: "somebody decides: orders release, accept or refuse; or a change of the acceptance rules",
    Status.AWAITING_CONFIRMATION: "the next pass accepts it",
    Status.WAITING: "the back office brings the tracking number",
    Status.PENDING_SHIPMENT: "the next pass asks Rakuten what became of the confirmation",
    Status.PENDING_CANCELLATION: "the next pass asks Rakuten what became of the cancellation",
    Status.PARTIAL: "the back office ships the rest",
    Status.NOT_SHIPPED: "the back office ships it",
    Status.SHIPPED: "nothing: it is done",
    Status.CANCELLED: "nothing: it is over",
    Status.REFUSED: "nothing: it is over",
    Status.MANUAL: "nothing here: somebody handles it elsewhere",
}


def next_step(store: Store, order: OrderRecord) -> str:
    """What comes next for an order, from all that the store knows of it."""
    login, purchase_id = order.login, order.purchase_id
    untold = any(message.order_id == purchase_id for message in store.messages.undelivered(login))
    unknown = any(intent.purchase_id == purchase_id for intent in store.intents.of_unknown_outcome(login))
    return next_sentence(
        order,
        decisions=store.decisions.open_of(login, purchase_id),
        shipments=[record for record in store.shipments.of_order(login, purchase_id) if record.state == "open"],
        untold=untold,
        unknown=unknown,
    )


def next_sentence(
    order: OrderRecord,
    *,
    decisions: Sequence[HandDecision] = (),
    shipments: Sequence[ShipmentRecord] = (),
    untold: bool = False,
    unknown: bool = False,
) -> str:
    """The sentence: what was decided by hand comes first, then what is wrong, then what the status waits for.

    ``untold`` is a message that the back office does not have yet, ``unknown`` a call whose answer was lost.
    """
    if decisions:
        last = decisions[-1]
        return f"the next pass does what {last.by} decided: {last.action}"
    if unknown:
        return "the next pass asks Rakuten what became of a call whose answer was lost"
    if order.error is not None:
        return _after_error(order)
    if shipments and order.status in (Status.NOT_SHIPPED, Status.PARTIAL):
        return "the next pass confirms its shipment at Rakuten"
    if order.status is Status.NOT_SHIPPED and (untold or not order.sequence):
        return "the next pass delivers it to the back office"
    return _BY_STATUS[order.status]


def _after_error(order: OrderRecord) -> str:
    step = "what to do stands above; the next pass tries again by itself"
    if order.status in (Status.ON_HOLD, Status.AWAITING_CONFIRMATION) and order.deadline is not None:
        return f"{step}, until {order.deadline.astimezone(PARIS):%Y-%m-%d %H:%M}"
    if order.status in (Status.SHIPPED, Status.CANCELLED, Status.REFUSED, Status.MANUAL):
        return "what to do stands above; then put the error aside: orders handle-manually"
    return step
