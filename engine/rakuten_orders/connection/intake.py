"""What comes in from Rakuten: new sales, accepted sales, and what only other services tell of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from rakuten_orders.connection.account_pass import STOPS_ACCOUNT, AccountPass, error_of, log, reason
from rakuten_orders.connection.lifecycle import (
    PARIS,
    SHIPPABLE,
    UNDECIDED,
    Move,
    Status,
    current_sales_from,
    seen_move,
)
from rakuten_orders.connection.order_state import (
    address_changed,
    details_key,
    first_record,
    is_complete,
    is_shipped,
    settled,
    updated,
    with_moves,
    with_rakuten_status,
)
from rakuten_orders.connection.reading_back import seen_by_item
from rakuten_orders.connection.store.records import Account, ItemRecord, OrderRecord
from rakuten_orders.errors import ApiError
from rakuten_orders.marketplace import ItemStage, item_stage
from rakuten_orders.model import Item, Sale
from rakuten_orders.payload import purchased_at


def take_new_sales(run: AccountPass) -> frozenset[str]:
    """Takes in the sales that wait for acceptance; the ids of their items."""
    sales = run.marketplace.new_sales()
    waiting: set[str] = set()
    for sale in sales:
        run.step()
        ids = _usable_items(run, sale)
        waiting.update(ids)
        if not sale.purchase_id:
            continue
        with run.guarded(sale.purchase_id):
            _take(run, sale, ids, complete=False)
    run.store.accounts.mark(run.login, "asked_new_at", run.now)
    return frozenset(waiting)


@dataclass(frozen=True, slots=True)
class CurrentSales:
    """The ids of all items that getcurrentsales showed, and whether it was asked for everything, as once a day."""

    item_ids: frozenset[str]
    caught_up: bool


def take_current_sales(run: AccountPass, account: Account) -> CurrentSales:
    """Takes in accepted sales, first seen or changed, bought from ``since`` on."""
    started = run.now
    open_days = [order.bought_at.astimezone(PARIS).date() for order in run.live() if order.bought_at]
    catch_up = account.caught_up_at is None or account.caught_up_at.astimezone(PARIS).date() != run.today
    since = current_sales_from(
        since=account.since,
        today=run.today,
        last_success=account.read_current_at.astimezone(PARIS).date() if account.read_current_at else None,
        oldest_open=min(open_days, default=None),
        catch_up=catch_up,
    )
    shown: set[str] = set()
    unread = False
    sales = chain(run.marketplace.current_sales(since), _waiting_for_stock(run, since, everything=catch_up))
    for sale in sales:
        run.step()
        ids = _usable_items(run, sale)
        shown.update(ids)
        if not sale.purchase_id or run.store.forgetting.is_forgotten(run.login, sale.purchase_id):
            continue
        with run.guarded(sale.purchase_id):
            try:
                _take_current(run, account, sale, ids)
            except STOPS_ACCOUNT:
                raise
            except ApiError as fault:
                unread = True
                run.fail(sale.purchase_id, error_of(fault))
                log.warning("%s %s %s", run.label, sale.purchase_id, fault.action)
    if not unread:
        run.store.accounts.mark(run.login, "read_current_at", started)
        if catch_up:
            run.store.accounts.mark(run.login, "caught_up_at", started)
    return CurrentSales(frozenset(shown), caught_up=catch_up and not unread)


def _waiting_for_stock(run: AccountPass, since: dt.date, *, everything: bool) -> Iterator[Sale]:
    """Accepted preorders, which getcurrentsales shows only when it is asked for them alone (a parameter of its own)."""
    ours = any(_may_wait_for_stock(order, item) for order in run.live() for item in order.items)
    return run.marketplace.current_sales(since, pending_preorders=True) if ours or everything else iter(())


def _may_wait_for_stock(order: OrderRecord, item: ItemRecord) -> bool:
    stage = item_stage(item.rakuten_status)
    sold = next((sold.fields for sold in order.sale.items if sold.item_id == item.item_id), {})
    is_new_preorder = stage is ItemStage.UNDECIDED and sold.get("ispreorder", "").upper() == "Y"
    return is_new_preorder or stage is ItemStage.AWAITING_STOCK


def ask_after_vanished(run: AccountPass, waiting: Collection[str] | None, current: CurrentSales) -> None:
    """Asks about items that are in no list at Rakuten any more, before anything is concluded.

    Those that wait for acceptance, where ``waiting`` has what waits at Rakuten; once a day accepted ones too.
    """
    missed = (UNDECIDED if waiting is not None else frozenset()) | (SHIPPABLE if current.caught_up else frozenset())
    shown = current.item_ids | frozenset(waiting or ())
    for order in run.live():
        for item in order.items:
            if item.status in missed and item.item_id not in shown:
                run.step()
                with run.guarded(order.purchase_id):
                    _ask_after(run, order.purchase_id, item.item_id)


def _ask_after(run: AccountPass, purchase_id: str, item_id: str) -> None:
    seen = seen_by_item(run, purchase_id, item_id)
    move = seen_move(seen.rakuten_status, shipped=bool(seen.shipped))
    current = run.order(purchase_id)
    if move is None or current is None:
        return
    late = move is Move.CANCELLED and current.deadline is not None and current.deadline < run.now
    with run.transaction():
        after = with_rakuten_status(with_moves(current, {item_id}, move), item_id, seen.rakuten_status)
        run.save(current, after)
        _note_changes(run, current, after)
    if late:
        run.fail(purchase_id, reason("not_accepted_in_time"))


def read_details(run: AccountPass) -> None:
    """Reads what only getshippinginformation and getbillinginformation hold: phone, prices, prepaid label."""
    for order in run.live():
        if not is_complete(order) or order.details_of == details_key(order):
            continue
        run.step()
        with run.guarded(order.purchase_id):
            try:
                shipping = run.marketplace.shipping_information(order.purchase_id)
                billing = run.marketplace.billing_information(order.purchase_id)
            except STOPS_ACCOUNT:
                raise
            except ApiError as fault:
                run.fail(order.purchase_id, error_of(fault))
                continue
            sale = replace(order.sale, shipping=shipping, billing=billing)
            run.save(order, settled(replace(order, sale=sale, details_of=details_key(order)), order.items))


def _usable_items(run: AccountPass, sale: Sale) -> frozenset[str]:
    """The ids of the sale's items. What comes without an id is reported, and stops none of the rest."""
    if not sale.purchase_id:
        run.fail("sale without purchaseid", reason("mapping_failed", "no_id", element="purchaseid"))
    elif any(not item.item_id for item in sale.items):
        run.fail(sale.purchase_id, reason("mapping_failed", "item_id"))
    return frozenset(item.item_id for item in sale.items if item.item_id)


def _take(run: AccountPass, sale: Sale, item_ids: Collection[str], *, complete: bool) -> None:
    before = run.order(sale.purchase_id)
    if before is None:
        order = first_record(run.login, sale, item_ids, complete=complete)
        if order.items:
            with run.transaction():
                run.save(None, order)
                items = "1 item" if len(order.items) == 1 else f"{len(order.items)} items"
                how = ", accepted at Rakuten already" if complete else ""
                run.note(sale.purchase_id, "taken_in", f"taken in with {items}{how}")
        return
    after = updated(before, sale, item_ids, complete=complete)
    if after == before:
        return
    with run.transaction():
        run.save(before, after)
        _note_changes(run, before, after)


def _take_current(run: AccountPass, account: Account, sale: Sale, item_ids: Collection[str]) -> None:
    """An accepted sale: changes of a known one, or one that somebody accepted by hand at Rakuten."""
    known = run.order(sale.purchase_id)
    known_ids = {item.item_id for item in known.items} if known else set[str]()
    fresh = [item for item in sale.items if item.item_id in item_ids and item.item_id not in known_ids]
    if known is None and not _is_ours(account, sale):
        return
    taken = known_ids | _worth_taking(run, sale, fresh)
    if known is not None or _has_open_item(sale, taken):
        _take(run, sale, taken, complete=True)
        _skip_accepted(run, sale.purchase_id, taken - known_ids)


def _is_ours(account: Account, sale: Sale) -> bool:
    """Whether an accepted sale that is seen for the first time was bought on or after ``since``."""
    bought = purchased_at(sale)
    return bought is None or bought.astimezone(PARIS).date() >= account.since


def _worth_taking(run: AccountPass, sale: Sale, fresh: list[Item]) -> set[str]:
    """Of items that are seen for the first time, those that are not shipped already.

    Where getcurrentsales does not show the flag, getbillinginformation is asked, once for each item.
    """
    candidates = [item for item in fresh if not run.store.orders.is_left_out(run.login, item.item_id)]
    unsure = [item for item in candidates if is_shipped(item.fields) is None and _may_ship(item)]
    billing = run.marketplace.billing_information(sale.purchase_id) if unsure else {}
    learnt = {item.item_id for item in unsure if is_shipped(billing.get(item.item_id, {}))}
    if learnt:
        run.store.orders.leave_out(run.login, learnt, "first seen as shipped")
    told = {
        item.item_id for item in candidates if is_shipped(item.fields) or item_stage(item.status) is ItemStage.CLOSED
    }
    return {item.item_id for item in candidates} - learnt - told


def _may_ship(item: Item) -> bool:
    return item_stage(item.status) in (ItemStage.SHIPPABLE, ItemStage.IN_CLAIM, ItemStage.UNKNOWN)


def _has_open_item(sale: Sale, taken: Collection[str]) -> bool:
    return any(item.item_id in taken and item_stage(item.status) is not ItemStage.GONE for item in sale.items)


def _skip_accepted(run: AccountPass, purchase_id: str, item_ids: Collection[str]) -> None:
    """Leaves out accepted items that the acceptance rules skip, as Rakuten's logistics send them."""
    order = run.order(purchase_id)
    if order is None or not item_ids:
        return
    skips = {d.item_id: d.because for d in run.engine.decide(order.sale) if d.action == "skip"}
    for item_id in sorted(skips.keys() & set(item_ids)):
        after = with_moves(order, {item_id}, Move.SKIPPED, skips[item_id])
        with run.transaction():
            run.save(order, after)
            run.note(purchase_id, "skipped", f"item {item_id} is left out: {skips[item_id]}", item_id=item_id)
        order = after


_CHANGE_EVENTS = {
    Status.CANCELLED: ("cancelled", "item {item} was cancelled at Rakuten", "warning"),
    Status.REFUSED: ("refused", "item {item} was refused at Rakuten", "info"),
    Status.SHIPPED: ("shipped", "item {item} is shipped at Rakuten", "info"),
    Status.NOT_SHIPPED: ("accepted", "item {item} was accepted at Rakuten", "info"),
    Status.ON_HOLD: ("held", "item {item} awaits stock at Rakuten", "info"),
}


def _note_changes(run: AccountPass, before: OrderRecord, after: OrderRecord) -> None:
    """Tells what Rakuten changed of an order's items and address."""
    if address_changed(before, after):
        run.note(after.purchase_id, "address_changed", "the delivery address was changed at Rakuten")
    for item in after.items:
        old = before.item(item.item_id)
        if old is None:
            run.note(after.purchase_id, "taken_in", f"item {item.item_id} came later", item_id=item.item_id)
        elif old.status is not item.status and item.status in _CHANGE_EVENTS:
            code, text, level = _CHANGE_EVENTS[item.status]
            run.note(after.purchase_id, code, text.format(item=item.item_id), level, item_id=item.item_id)  # type: ignore[arg-type]
        if item_stage(item.rakuten_status) is ItemStage.IN_CLAIM and (
            old is None or item_stage(old.rakuten_status) is not ItemStage.IN_CLAIM
        ):
            message = f"the buyer opened a claim on item {item.item_id}"
            run.note(after.purchase_id, "claimed", message, "warning", item_id=item.item_id)
