"""Deciding new items by the acceptance rules, checking that they map, and accepting them one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from rakuten_orders.connection.account_pass import AccountPass
from rakuten_orders.connection.deciding import decided_by_hand
from rakuten_orders.connection.lifecycle import UNDECIDED, Move, Status
from rakuten_orders.connection.order_state import restricted, with_moves
from rakuten_orders.connection.outbox import CallPlan, perform
from rakuten_orders.connection.store.records import HandAction, OrderError, OrderRecord
from rakuten_orders.marketplace import ItemStage, item_stage
from rakuten_orders.model import Decision, Problem


def accept_new(run: AccountPass, waiting: Collection[str] | None) -> None:
    """Decides and accepts what waits. ``waiting`` are the items of getnewsales, None where it was not asked."""
    by_hand = decided_by_hand(run)
    cancelling = {record.purchase_id for record in run.store.shipments.open(run.login) if record.shipment.cancel}
    cancelling |= {purchase_id for purchase_id, action in by_hand.items() if action in ("refuse", "cancel")}
    for order in run.live():
        run.step()
        candidates = _candidates(order, waiting)
        if candidates and order.purchase_id not in cancelling:
            with run.guarded(order.purchase_id):
                _decide_and_accept(run, order, candidates, by_hand.get(order.purchase_id))


def _candidates(order: OrderRecord, waiting: Collection[str] | None) -> frozenset[str]:
    return frozenset(
        item.item_id
        for item in order.items
        if item.status in UNDECIDED | {Status.SKIPPED}
        and item_stage(item.rakuten_status) in (ItemStage.UNDECIDED, ItemStage.UNKNOWN)
        and (waiting is None or item.item_id in waiting)
    )


def _decide_and_accept(
    run: AccountPass, order: OrderRecord, candidates: Collection[str], by_hand: HandAction | None
) -> None:
    sale = restricted(order.sale, candidates)
    decisions = run.engine.decide(sale)
    if by_hand in ("accept", "release"):
        # A person has seen why it is held; what the rules leave out (Rakuten sends it) stays left out.
        decisions = tuple(replace(d, action="accept", because="") if d.action == "hold" else d for d in decisions)
    decided = judged(order, decisions)
    if decided != order:
        with run.transaction():
            run.save(order, decided)
            _note_decisions(run, order, decided)
    accepted = [decision.item_id for decision in decisions if decision.action == "accept"]
    if not accepted:
        return
    # Checked before the buyer is debited; what Rakuten fills only afterwards is not missed yet.
    (checked,) = run.engine.map(restricted(order.sale, accepted), accepted=False)
    if checked.problems and by_hand != "accept":
        run.fail(order.purchase_id, error_of_problems(checked.problems))
        return
    for item_id in accepted:
        run.step()
        plan = CallPlan("acceptsale", item_id, {"ships_from": str(run.engine.ships_from)})
        error = perform(run, order.purchase_id, plan)
        if error is not None:
            run.fail(order.purchase_id, error)


def judged(order: OrderRecord, decisions: Sequence[Decision]) -> OrderRecord:
    """The order after the acceptance rules were asked: items held, left out, or free to be accepted."""
    moves = {"hold": Move.HELD, "skip": Move.SKIPPED, "accept": Move.CLEARED}
    for decision in decisions:
        order = with_moves(order, {decision.item_id}, moves[decision.action], decision.because)
    return order


def error_of_problems(problems: Sequence[Problem]) -> OrderError:
    """Why a sale could not be mapped, in one error: the first problem, and how many more there are."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return OrderError(first.reason, first.message + more, first.hint)


def _note_decisions(run: AccountPass, before: OrderRecord, after: OrderRecord) -> None:
    for item in after.items:
        old = before.item(item.item_id)
        if old is None or (old.status, old.because) == (item.status, item.because):
            continue
        if item.status is Status.ON_HOLD:
            message = f"item {item.item_id} is held: {item.because}"
            run.note(after.purchase_id, "held", message, "warning", item_id=item.item_id)
        elif item.status is Status.SKIPPED:
            message = f"item {item.item_id} is left out: {item.because}"
            run.note(after.purchase_id, "skipped", message, item_id=item.item_id)
        else:
            run.note(after.purchase_id, "released", f"item {item.item_id} is held no more", item_id=item.item_id)
