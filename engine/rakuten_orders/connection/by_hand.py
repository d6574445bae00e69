"""What people decide by hand about an order: what they may from where, what it means, and how it is recorded.

A decision is stored with who took it, and carried out by a pass, through the same intents as the rules' own: one
that somebody has at work at that moment, or the next. What needs no call to Rakuten (``resend``,
``handle-manually``) is done at once where no pass is at work.
"""

from __future__ import annotations

from dataclasses import replace

from rakuten_orders.connection.lifecycle import HAND_ACTIONS, SHIPPABLE, UNDECIDED, Move, Status
from rakuten_orders.connection.order_state import with_moves
from rakuten_orders.connection.store import Event, HandAction, HandDecision, ItemRecord, OrderRecord, Store

LOCAL: frozenset[HandAction] = frozenset({"resend", "handle-manually"})
"""What changes nothing at Rakuten by itself."""


def targets_of(action: HandAction, order: OrderRecord) -> tuple[ItemRecord, ...]:
    """The items that a decision is about: undecided ones to accept or refuse, accepted and unshipped ones to cancel."""
    wanted = SHIPPABLE if action == "cancel" else UNDECIDED
    return tuple(item for item in order.items if item.status in wanted)


def objection(action: HandAction, order: OrderRecord) -> str | None:
    """Why a person cannot do this with the order as it is, with what they can; None where they can."""
    if order.status in HAND_ACTIONS[action]:
        return None
    possible = [name for name, statuses in HAND_ACTIONS.items() if order.status in statuses]
    where = ", ".join(status for status in Status if status in HAND_ACTIONS[action])
    instead = f"possible here: {', '.join(possible)}" if possible else "nothing more is possible here"
    return f"order {order.purchase_id} is {order.status}: {action} is for orders that are {where}; {instead}"


def effect(action: HandAction, order: OrderRecord) -> str:
    """What a decision will do, in a sentence for whoever is asked to confirm it."""
    number = len(targets_of(action, order))
    items = "1 item" if number == 1 else f"{number} items"
    because = next((f", though: {item.because}" for item in order.items if item.because), "")
    told = {
        "accept": f"accept {items} at Rakuten: the buyer is debited{because}",
        "refuse": f"refuse {items} at Rakuten: the buyer is told that you do not sell",
        "release": f"let {items} go the rules' way as if no rule held them{because}",
        "cancel": f"cancel {items} at Rakuten: the buyer gets the money back, and Rakuten counts it against you",
        "resend": _effect_of_resending(order),
        "handle-manually": "send nothing more for it, and put its error aside",
    }
    return f"{order.purchase_id} ({order.status}): {told[action]}"


def _effect_of_resending(order: OrderRecord) -> str:
    if order.error is None:
        return "deliver its last message to the back office again, under the same key"
    return f"try again at once what failed ({order.error.reason})"


def decide(store: Store, order: OrderRecord, action: HandAction, *, by: str, because: str = "") -> HandDecision:
    """Records a decision, to be carried out by a pass. Whether it is allowed is for `objection` to say."""
    with store.transaction():
        decision = store.decisions.add(order.login, order.purchase_id, action, by=by, because=because)
        reason = f": {because}" if because else ""
        message = f"decided by hand: {action}{reason}"
        store.orders.add_event(order.login, order.purchase_id, "info", "decided", message, by=by)
    return decision


def apply_at_once(store: Store, login: str) -> bool:
    """Does what needs no call to Rakuten, unless a pass is at work, which then does it; whether it is done."""
    fence = store.leases.take(login)
    if fence is None:
        return False
    try:
        with store.transaction():
            store.leases.renew(login, fence)
            apply_local(store, login)
    finally:
        store.leases.give_back(login, fence)
    return True


def apply_local(store: Store, login: str) -> list[Event]:
    """Does what was decided and needs no call to Rakuten; what it did. The caller holds the account's lease."""
    events: list[Event] = []
    with store.transaction():
        for decision in store.decisions.open(login):
            order = store.orders.get(login, decision.purchase_id)
            if order is not None and decision.action in LOCAL:
                carry_out = _resend if decision.action == "resend" else _take_over
                code, message = carry_out(store, order)
                store.decisions.close(decision)
                events.append(store.orders.add_event(login, order.purchase_id, "info", code, message, by=decision.by))
    return events


def _take_over(store: Store, order: OrderRecord) -> tuple[str, str]:
    """Nothing more is sent for the order, to Rakuten or to the back office."""
    for record in store.shipments.of_order(order.login, order.purchase_id):
        if record.state != "done":
            store.shipments.done(record)
    after = with_moves(order, {item.item_id for item in order.items}, Move.TAKEN_OVER)
    untold = [m for m in store.messages.undelivered(order.login) if m.order_id == order.purchase_id]
    for message in untold:
        store.messages.withdraw(order.login, message)
    if any(message.sequence == 1 for message in untold):
        after = replace(after, sequence=0, told_of=None)  # the back office never had it
    elif after.sequence:
        after = replace(after, told_of=after.seen_of)
    store.orders.save(replace(after, error=None))
    return "taken_over", "handled manually from here on: nothing more is sent for it"


def _resend(store: Store, order: OrderRecord) -> tuple[str, str]:
    """What failed is tried again; where nothing did, the back office is given its last message again."""
    refused = [r for r in store.shipments.of_order(order.login, order.purchase_id) if r.state == "refused"]
    for record in refused[-1:]:
        store.shipments.fail(record, None)
    untold = [m for m in store.messages.undelivered(order.login) if m.order_id == order.purchase_id]
    if untold and untold[0].sequence == 1 and order.error and order.error.reason == "backend_refused":
        store.messages.withdraw(order.login, untold[0])
        store.orders.save(replace(order, told_of=None, sequence=0))
        return "resent", "the order is mapped and delivered anew"
    if order.error is None and store.messages.give_again(order.login, order.purchase_id):
        return "resent", "its last message is delivered once more"
    return "resent", "what failed is tried again"
