"""Confirming shipments at Rakuten, one item at a time, and cancelling what the back office cancels."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rakuten_orders.connection.account_pass import STOPS_ACCOUNT, AccountPass, error_of, reason
from rakuten_orders.connection.deciding import COMMENT_LENGTH, decided_by_hand
from rakuten_orders.connection.lifecycle import PARIS, UNDECIDED, Move
from rakuten_orders.connection.order_state import with_moves
from rakuten_orders.connection.outbox import CallPlan, perform, perform_together
from rakuten_orders.connection.parcels import (
    Obstacle,
    Targets,
    all_done,
    cancellable,
    completed,
    lacks_label,
    replaces,
    targets,
)
from rakuten_orders.connection.store.records import OrderError, OrderRecord, ShipmentRecord
from rakuten_orders.errors import ApiError, ShipmentError
from rakuten_orders.formats import clean_number
from rakuten_orders.model import Shipment


def send_shipments(run: AccountPass) -> None:
    """Deals with every open shipment, in the order in which they came."""
    by_hand = decided_by_hand(run)
    stopped = {purchase_id for purchase_id, action in by_hand.items() if action in ("refuse", "cancel")}
    records = [record for record in run.store.shipments.open(run.login) if record.purchase_id not in stopped]
    later = _later_ones(records)
    for record in records:
        run.step()
        with run.guarded(record.purchase_id):
            order = run.order(record.purchase_id)
            if order is None:
                with run.transaction():
                    run.store.shipments.refuse(record, reason("unknown_order", order=record.purchase_id, items=""))
            elif any(replaces(other, record) for other in later[record.id]):
                with run.transaction():
                    run.store.shipments.done(record)
                    run.note(record.purchase_id, "shipment_replaced", "a later shipment replaces an earlier one")
            elif record.shipment.cancel:
                _cancel(run, order, record)
            else:
                _ship(run, order, record)
    _repeat_refusals(run)


def _later_ones(records: Sequence[ShipmentRecord]) -> Mapping[int, Sequence[ShipmentRecord]]:
    """For each shipment those of its order that came after it."""
    of_order: dict[str, list[ShipmentRecord]] = defaultdict(list)
    later: dict[int, Sequence[ShipmentRecord]] = {}
    for record in reversed(records):
        later[record.id] = tuple(of_order[record.purchase_id])
        of_order[record.purchase_id].append(record)
    return later


def _ship(run: AccountPass, order: OrderRecord, record: ShipmentRecord) -> None:
    goal = targets(order, record.shipment)
    error = obstacle_error(order, goal.obstacles)
    if goal.is_for_nothing:
        message = "the shipment is not sent: no item of the order is shipped from here"
        run.note(order.purchase_id, "shipment_unused", message, "warning")
    if goal.item_ids and lacks_label(record.shipment, order.sale):
        order = _with_label(run, order)
    shipment = completed(record.shipment, order.sale)
    if clean_number(shipment.tracking_number or ""):
        for item_id in goal.item_ids:
            run.step()
            found = _ship_item(run, order, item_id, replace(shipment, item_ids=(item_id,)), record)
            error = error or found
    else:
        error = _ship_without_number(run, order, goal.item_ids, shipment, record) or error
    _close(run, record, goal, error)


def _ship_item(
    run: AccountPass, order: OrderRecord, item_id: str, shipment: Shipment, record: ShipmentRecord
) -> OrderError | None:
    try:
        update = run.engine.track(shipment, connection=run.label)
    except ShipmentError as fault:
        return error_of(fault)
    arguments = {
        "carrier": update.carrier,
        "transporter_name": update.transporter_name,
        "tracking_number": update.tracking_number,
        "number_received": update.tracking_number_received,
        "tracking_url": update.tracking_url,
    }
    plan = CallPlan("settrackingpackageinfos", item_id, arguments, record.id)
    error = perform(run, order.purchase_id, plan)
    if error is None:
        for warning in update.warnings:
            run.note(order.purchase_id, "number_doubtful", warning, "warning", item_id=item_id)
    return error


def _with_label(run: AccountPass, order: OrderRecord) -> OrderRecord:
    """The order with its prepaid label asked for again: Rakuten may have made it since the order came in."""
    try:
        shipping = run.marketplace.shipping_information(order.purchase_id)
    except STOPS_ACCOUNT:
        raise
    except ApiError:
        return order
    fresh = replace(order, sale=replace(order.sale, shipping=shipping))
    run.save(order, fresh)
    return fresh


def _ship_without_number(
    run: AccountPass, order: OrderRecord, item_ids: Sequence[str], shipment: Shipment, record: ShipmentRecord
) -> OrderError | None:
    """Waits for a number, or confirms without one where the rules say that Rakuten takes that, in a file a sale."""
    plans: list[CallPlan] = []
    for item_id in item_ids:
        allowed = run.engine.without_number(replace(shipment, item_ids=(item_id,)), connection=run.label)
        due = record.received_at + allowed.after if allowed else None
        if due is not None and run.now >= due:
            plans.append(CallPlan("importitemshippingstatus", item_id, {}, record.id))
        else:
            _await_number(run, order.purchase_id, item_id, due)
    return perform_together(run, order.purchase_id, plans) if plans else None


def _await_number(run: AccountPass, purchase_id: str, item_id: str, due: dt.datetime | None) -> None:
    current = run.order(purchase_id)
    after = with_moves(current, {item_id}, Move.NUMBER_AWAITED) if current else None
    if current is None or after is None or after == current:
        return
    with run.transaction():
        run.save(current, after)
        until = f"; it goes without one from {due.astimezone(PARIS):%Y-%m-%d %H:%M}" if due else ""
        message = f"item {item_id} is shipped, its tracking number is awaited{until}"
        run.note(purchase_id, "number_awaited", message, item_id=item_id)


def _cancel(run: AccountPass, order: OrderRecord, record: ShipmentRecord) -> None:
    goal = cancellable(order, record.shipment)
    error = obstacle_error(order, goal.obstacles)
    comment = (record.shipment.because or "").strip()[:COMMENT_LENGTH]
    for item_id in goal.item_ids:
        run.step()
        item = order.item(item_id)
        if item is not None and item.status in UNDECIDED:
            found = perform(run, order.purchase_id, CallPlan("refusesale", item_id, {}, record.id))
        elif comment:
            found = perform(run, order.purchase_id, CallPlan("cancelitem", item_id, {"comment": comment}, record.id))
        else:
            found = reason("missing_input", "because", order=order.purchase_id)
        error = error or found
    _close(run, record, goal, error)


def _close(run: AccountPass, record: ShipmentRecord, goal: Targets, error: OrderError | None) -> None:
    """Records how a shipment stands: done, refused for good, or open with what is in its way."""
    if error is not None:
        run.fail(record.purchase_id, error)
    with run.transaction():
        _write_state(run, record, goal, error)


def _write_state(run: AccountPass, record: ShipmentRecord, goal: Targets, error: OrderError | None) -> None:
    order = run.order(record.purchase_id)
    if error is not None:
        lasting = all(obstacle.lasting for obstacle in goal.obstacles) and goal.obstacles and not goal.item_ids
        if lasting and not goal.waits:
            run.store.shipments.refuse(record, error)
        elif record.error != error:
            run.store.shipments.fail(record, error)
    elif not goal.waits and (order is None or all_done(order, goal.item_ids)):
        run.store.shipments.done(record)
        for item_id in goal.overtaken:
            message = f"item {item_id} was confirmed as shipped before; {record.shipment.tracking_number} was not sent"
            run.note(record.purchase_id, "shipment_unused", message, "warning", item_id=item_id)
    elif record.error is not None:
        run.store.shipments.fail(record, None)


def obstacle_error(order: OrderRecord, obstacles: Sequence[Obstacle]) -> OrderError | None:
    """The first obstacle as an order shows it; None without any."""
    if not obstacles:
        return None
    first = obstacles[0]
    return reason(first.reason, first.variant, order=order.purchase_id, item=first.item_id, number=first.number)


def _repeat_refusals(run: AccountPass) -> None:
    """A shipment that was refused for good is shown with its order until a later one is dealt with."""
    for order in run.live():
        records = run.store.shipments.of_order(run.login, order.purchase_id)
        if records and records[-1].state == "refused" and records[-1].error is not None:
            run.fail(order.purchase_id, records[-1].error)
