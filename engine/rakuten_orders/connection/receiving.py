"""Taking shipments in, from the back office or by hand: stored before they are acknowledged."""

from __future__ import annotations

from dataclasses import replace

from rakuten_orders.connection.account_pass import AccountPass, error_of, reason
from rakuten_orders.connection.back_offices import Received, Refusal
from rakuten_orders.connection.parcels import cancellable, completed, targets
from rakuten_orders.connection.shipping import obstacle_error
from rakuten_orders.connection.store import Store
from rakuten_orders.connection.store.records import OrderError, OrderRecord
from rakuten_orders.engine import Engine
from rakuten_orders.errors import BackOfficeError, ShipmentError
from rakuten_orders.formats import clean_number
from rakuten_orders.model import Shipment

MOST_BATCHES = 100
"""How many batches one pass takes in at most, so that a cursor that never stands still does not keep it."""


def receive_shipments(run: AccountPass) -> None:
    """Stores the shipments that the back office has, then acknowledges them; as long as its cursor moves on."""
    account = run.store.accounts.get(run.login)
    cursor = account.cursor if account else None
    for _ in range(MOST_BATCHES):
        run.step()
        following = _receive(run, cursor)
        if following is None or following == cursor:
            break
        cursor = following


def _receive(run: AccountPass, cursor: str | None) -> str | None:
    """One batch; the cursor behind it, None where there is none."""
    try:
        batch = run.back_office.shipments(cursor)
        refused: list[Refusal] = []
        with run.transaction():
            for received in batch.received:
                problem = _store(run, received)
                if problem is not None:
                    refused.append(Refusal(received.source, problem.reason, problem.message, received.place))
            for refusal in (*batch.refused, *refused):
                run.note(None, "shipment_refused", f"{refusal.place or refusal.source}: {refusal.message}", "error")
            if batch.cursor is not None:
                run.store.accounts.set_cursor(run.login, batch.cursor)
        run.refused.extend((*batch.refused, *refused))
        run.back_office.acknowledge(batch, refused)
    except BackOfficeError as fault:
        run.error = run.error or error_of(fault)
        return None
    return batch.cursor


def _store(run: AccountPass, received: Received) -> OrderError | None:
    login = owner(run.store, received.shipment.order_id or "", run.login)
    if login is None:
        return reason("unknown_order", order=received.shipment.order_id, items="")
    order_id = received.shipment.order_id or ""
    record = run.store.shipments.add(login, order_id, received.shipment, source=f"{login}/{received.source}")
    if record is not None:
        event = run.store.orders.add_event(login, order_id, "info", "shipment_received", _told(received.shipment))
        run.announce(event)
    return None


def hand_in(
    store: Store, shipment: Shipment, *, source: str, by: str | None, login: str | None = None
) -> OrderError | None:
    """Stores a shipment that a person handed in, to be sent by the next pass; what stands in its way, if anything.

    ``source`` tells it from others; ``by`` is the person. ``login`` None finds the account by the order's id.
    """
    order_id = shipment.order_id or ""
    with store.transaction():
        found = owner(store, order_id, login) if login is None else login
        if found is None or store.orders.get(found, order_id) is None:
            return reason("unknown_order", order=order_id, items="")
        if store.shipments.add(found, order_id, shipment, source=source, by=by) is not None:
            store.orders.add_event(found, order_id, "info", "shipment_received", _told(shipment), by=by)
    return None


def foreseen(order: OrderRecord, shipment: Shipment, engine: Engine, label: str) -> OrderError | None:
    """What would keep a shipment of the order from being confirmed as things are now, if its rules can tell."""
    goal = cancellable(order, shipment) if shipment.cancel else targets(order, shipment)
    if goal.obstacles:
        return obstacle_error(order, goal.obstacles)
    whole = completed(shipment, order.sale)
    if shipment.cancel or not (goal.item_ids or goal.waits) or not clean_number(whole.tracking_number or ""):
        return None
    try:
        engine.track(replace(whole, item_ids=goal.item_ids[:1] or None), connection=label)
    except ShipmentError as fault:
        return error_of(fault)
    return None


def owner(store: Store, order_id: str, login: str | None) -> str | None:
    """The account that an order belongs to: ``login``'s if it has it, else any other's that has."""
    logins = store.orders.owners(order_id)
    return login if login in logins else next(iter(logins), None)


def _told(shipment: Shipment) -> str:
    if shipment.cancel:
        return "a cancellation came from the back office"
    ids = shipment.item_ids or ()
    items = f" for item{'s' if len(ids) > 1 else ''} {', '.join(ids)}" if ids else ""
    number = f"number {shipment.tracking_number}" if shipment.tracking_number else "without a number"
    return f"a shipment came{items}: {shipment.transporter or 'no transporter'}, {number}"
