"""Mapping accepted orders and handing them to the back office, at least once and in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rakuten_orders.connection.accepting import error_of_problems
from rakuten_orders.connection.account_pass import AccountPass, error_of
from rakuten_orders.connection.back_offices import Message
from rakuten_orders.connection.lifecycle import UNDECIDED
from rakuten_orders.connection.order_state import (
    Appearance,
    appearance,
    details_key,
    is_complete,
    items_to_tell,
    message_type,
    restricted,
)
from rakuten_orders.connection.store.records import Account, OrderRecord
from rakuten_orders.errors import BackOfficeError


def make_messages(run: AccountPass) -> None:
    """Maps what the back office does not know yet, and stores the messages that tell it."""
    undecided_calls = {intent.purchase_id for intent in run.store.intents.of_unknown_outcome(run.login)}
    untold = {message.order_id: message for message in run.store.messages.undelivered(run.login)}
    account = run.store.accounts.get(run.login)
    assert account is not None  # noqa: S101 - the pass entered it
    for order in run.live():
        run.step()
        waiting = untold.get(order.purchase_id)
        if waiting is not None:
            order = _remade(run, order, waiting)  # noqa: PLW2901 - the order as it is from here on
        if order.purchase_id not in undecided_calls and _has_news(order):
            with run.guarded(order.purchase_id):
                _make_message(run, account, order)


def deliver_messages(run: AccountPass) -> None:
    """Delivers what waits. A refusal holds up that order alone; an unreachable back office ends the step.

    Unreachable is what gives no usable answer to two orders in a row: a single one may be what it fails over. An
    order that it failed over before comes last.
    """
    held_up: set[str] = set()
    in_a_row = 0
    for message in _failed_last(run, run.store.messages.undelivered(run.login)):
        run.step()
        if run.error is not None:
            run.fail(message.order_id, run.error)
            continue
        if message.order_id in held_up:
            continue
        try:
            run.back_office.deliver(message)
        except BackOfficeError as fault:
            if fault.of_connection:
                run.error = error_of(fault)
                return
            run.fail(message.order_id, error_of(fault))
            held_up.add(message.order_id)
            in_a_row = in_a_row + 1 if fault.reason == "backend_unreachable" else 0
            if in_a_row > 1:
                run.error = error_of(fault)
            continue
        in_a_row = 0
        with run.transaction():
            run.store.messages.delivered(message)
            code = "delivered" if message.type == "order.created" else message.type
            run.note(message.order_id, code, f"delivered to the back office: {message.type}")


def _failed_last(run: AccountPass, messages: Sequence[Message]) -> list[Message]:
    """The messages, those of orders that the back office gave no usable answer to at the end."""
    failed = {
        order.purchase_id
        for order in run.store.orders.select(logins=[run.login], in_error=True)
        if order.error is not None and order.error.reason == "backend_unreachable"
    }
    return sorted(messages, key=lambda message: message.order_id in failed)


def _has_news(order: OrderRecord) -> bool:
    if order.seen_of == order.told_of or any(item.status in UNDECIDED for item in order.items):
        return False
    if order.sequence:
        return True
    return is_complete(order) and order.details_of == details_key(order)


def _make_message(run: AccountPass, account: Account, order: OrderRecord) -> None:
    told = Appearance.from_text(order.told_of) if order.told_of else None
    seen = appearance(order)
    type_ = message_type(told, seen)
    (mapped,) = run.engine.map(restricted(order.sale, items_to_tell(order, type_)))
    if mapped.order is None:
        run.fail(order.purchase_id, error_of_problems(mapped.problems))
        return
    sequence = max(order.sequence, account.numbered_above) + 1 if order.sequence else 1
    key = f"{order.login}:{order.purchase_id}" + (f":{sequence}" if sequence > 1 else "")
    content = replace(mapped.order, is_test=run.is_test).to_json()
    message = Message(order.purchase_id, type_, key, run.label, sequence, content)
    with run.transaction():
        run.store.messages.add(run.login, message)
        # A store that is a copy may not know that the back office has this first message, with an older address.
        is_sure = sequence > 1 or not account.restored
        told_of = (seen if is_sure else replace(seen, address="")).to_text()
        run.save(order, replace(order, told_of=told_of, sequence=sequence, rules_digest=run.engine.digest))


def _remade(run: AccountPass, order: OrderRecord, waiting: Message) -> OrderRecord:
    """The order without a first message that was never taken, where other rules would make another one of it."""
    refused = order.error is not None and order.error.reason == "backend_refused"
    if not refused or waiting.sequence != 1 or order.rules_digest == run.engine.digest:
        return order
    fresh = replace(order, told_of=None, sequence=0)
    with run.transaction():
        run.store.messages.withdraw(run.login, waiting)
        run.save(order, fresh)
    return fresh
