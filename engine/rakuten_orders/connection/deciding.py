"""Carrying out what people decided by hand: refusals and cancellations, by the same outbox as everything else.

Acceptances and releases are carried out where new items are decided; see `accepting`.
"""

from __future__ import annotations

from rakuten_orders.connection.account_pass import AccountPass
from rakuten_orders.connection.by_hand import apply_local, targets_of
from rakuten_orders.connection.lifecycle import UNDECIDED
from rakuten_orders.connection.outbox import CallPlan, perform
from rakuten_orders.connection.store import HandAction, HandDecision, ItemRecord, OrderRecord
from rakuten_orders.marketplace import ItemStage, item_stage

COMMENT_LENGTH = 400
"""What Rakuten takes as a cancellation's comment at most (what a client quotes)."""


def decided_by_hand(run: AccountPass) -> dict[str, HandAction]:
    """What people decided and is not done, by order."""
    return {decision.purchase_id: decision.action for decision in run.store.decisions.open(run.login)}


def apply_decisions(run: AccountPass) -> None:
    """Does what was decided and needs no call to Rakuten."""
    with run.transaction():
        for event in apply_local(run.store, run.login):
            run.announce(event)
    run.read_anew()


def carry_out_refusals(run: AccountPass) -> None:
    """Refuses and cancels what people decided to. What Rakuten does not take stays decided, and is shown."""
    for decision in run.store.decisions.open(run.login):
        order = run.order(decision.purchase_id)
        if order is None or decision.action not in ("refuse", "cancel"):
            continue
        run.step()
        with run.guarded(order.purchase_id):
            _carry_out(run, order, decision)


def close_decisions(run: AccountPass) -> None:
    """Ends acceptances and releases of orders of which no item waits any more."""
    for decision in run.store.decisions.open(run.login):
        order = run.order(decision.purchase_id)
        undecided = order is not None and any(_awaits_decision(item) for item in order.items)
        if decision.action in ("accept", "release") and not undecided:
            with run.transaction():
                run.store.decisions.close(decision)


def _awaits_decision(item: ItemRecord) -> bool:
    """An accepted preorder is on hold too, but nobody has to decide about it."""
    return item.status in UNDECIDED and item_stage(item.rakuten_status) is not ItemStage.AWAITING_STOCK


def _carry_out(run: AccountPass, order: OrderRecord, decision: HandDecision) -> None:
    failed = False
    items = targets_of(decision.action, order)
    for item in items:
        run.step()
        if decision.action == "refuse":
            plan = CallPlan("refusesale", item.item_id, {})
        else:
            plan = CallPlan("cancelitem", item.item_id, {"comment": decision.because[:COMMENT_LENGTH]})
        error = perform(run, order.purchase_id, plan)
        if error is not None:
            failed = True
            run.fail(order.purchase_id, error)
    if failed:
        return
    with run.transaction():
        run.store.decisions.close(decision)
        if not items:
            message = f"nothing was left to {decision.action}: the order is {order.status}"
            run.note(order.purchase_id, "overtaken", message, "warning")
