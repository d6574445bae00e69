"""What Rakuten shows of an item: how it is found out what became of a call, or of an item that is in no list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from rakuten_orders.connection.account_pass import STOPS_ACCOUNT, AccountPass
from rakuten_orders.connection.lifecycle import PARIS, Seen, took_effect
from rakuten_orders.connection.order_state import is_shipped
from rakuten_orders.connection.store.records import Intent, IntentOutcome
from rakuten_orders.errors import ApiError
from rakuten_orders.marketplace import ItemStage, item_stage
from rakuten_orders.model import Sale

_DECISIONS = ("acceptsale", "refusesale")


def outcome_at_rakuten(run: AccountPass, intent: Intent) -> IntentOutcome | None:
    """How a call ended whose answer was lost, by what Rakuten shows; None where it can be made again."""

    def tells(seen: Seen) -> bool:
        return bool(seen.rakuten_status) and took_effect(intent.action, seen) is not None

    seen = _listed(run, intent)
    if not tells(seen):
        seen = seen_by_item(run, intent.purchase_id, intent.item_id, before=seen, wanted=tells)
    if took_effect(intent.action, seen):
        return "done"
    return "cancelled" if item_stage(seen.rakuten_status) is ItemStage.GONE else None


def seen_by_item(
    run: AccountPass,
    purchase_id: str,
    item_id: str,
    *,
    before: Seen = Seen(""),  # noqa: B008 - a frozen value
    wanted: Callable[[Seen], bool] = lambda seen: bool(seen.rakuten_status),
) -> Seen:
    """What Rakuten shows of an item beside its lists, which said ``before``, until ``wanted`` is satisfied.

    getbillinginformation; last getiteminfos, which marks the buyer's messages as read, and only for an item that
    nothing else tells about.
    """
    seen = before
    try:
        billed = run.marketplace.billing_information(purchase_id).get(item_id, {})
    except STOPS_ACCOUNT:
        raise
    except ApiError:
        billed = {}  # refused before acceptance
    if billed:
        shipped = is_shipped(billed)
        seen = Seen(billed.get("itemstatus", seen.rakuten_status), seen.shipped if shipped is None else shipped)
    if wanted(seen) or seen.rakuten_status:
        return seen
    try:
        infos = run.marketplace.item_infos(item_id)
    except STOPS_ACCOUNT:
        raise
    except ApiError:
        return seen
    return Seen(infos.status, infos.shipped)


def _listed(run: AccountPass, intent: Intent) -> Seen:
    """What the lists show: accepted sales, and those that wait, where the call was about that."""
    order = run.order(intent.purchase_id)
    bought = order.bought_at if order else None
    since = bought.astimezone(PARIS).date() if bought else run.today - dt.timedelta(days=60)
    found = _in_list(run.marketplace.current_sales(since), intent.item_id)
    if found is None and intent.action in _DECISIONS:
        found = _in_list(run.marketplace.new_sales(), intent.item_id)
    return found or Seen("")


def _in_list(sales: Iterable[Sale], item_id: str) -> Seen | None:
    items = (item for sale in sales for item in sale.items if item.item_id == item_id)
    return next((Seen(item.status, is_shipped(item.fields)) for item in items), None)
