"""getitemtodolist, once a day: claims and messages, also of items that the list of sales does not reach back to."""

from __future__ import annotations

from rakuten_orders.connection.account_pass import STOPS_ACCOUNT, AccountPass, log
from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.connection.order_state import with_rakuten_status
from rakuten_orders.connection.store.records import Account
from rakuten_orders.errors import ApiError, TransportError
from rakuten_orders.marketplace import ItemStage, item_stage

CLAIM = "CLAIM"
_TOLD = {
    CLAIM: ("claimed", "the buyer opened a claim on item {item}"),
    "UNREAD_MESSAGE_FROM_BUYER": (
        "message_unread",
        "the buyer wrote about item {item}: read it in the Rakuten account",
    ),
    "UNREAD_MESSAGE_FROM_CUSTOMER_SERVICE": (
        "message_unread",
        "Rakuten's customer service wrote about item {item}: read it in the Rakuten account",
    ),
}
"""Rakuten's causes (official page), and what is told of each."""


def read_todo_list(run: AccountPass, account: Account) -> None:
    """Tells of what is new in the list since it was read on an earlier day, for items that are taken in."""
    read_at = account.todo_read_at
    if read_at is not None and read_at.astimezone(PARIS).date() == run.today:
        return
    run.step()
    try:
        entries = run.marketplace.todo_list()
    except STOPS_ACCOUNT:
        raise
    except (ApiError, TransportError) as fault:
        log.warning("%s: no answer to %s; the next pass asks again", run.label, fault.action)
        return  # no order depends on it
    todo = frozenset((entry.item_id, cause) for entry in entries for cause in entry.causes)
    with run.transaction():
        for item_id, cause in sorted(todo - account.todo):
            _tell(run, item_id, cause.strip().upper())
        run.store.accounts.set_todo(run.login, todo)


def _tell(run: AccountPass, item_id: str, cause: str) -> None:
    order = run.store.orders.of_item(run.login, item_id)
    item = order.item(item_id) if order else None
    if order is None or item is None:
        return
    if cause == CLAIM and item_stage(item.rakuten_status) is ItemStage.IN_CLAIM:
        return  # the list of sales has told
    code, text = _TOLD.get(cause, ("todo", f"Rakuten has something to do about item {{item}} ({cause})"))
    run.note(order.purchase_id, code, text.format(item=item_id), "warning", item_id=item_id)
    if cause == CLAIM:
        run.save(order, with_rakuten_status(order, item_id, CLAIM))
