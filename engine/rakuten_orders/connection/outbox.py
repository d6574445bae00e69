"""Calls that change something at Rakuten, each at most once in effect.

The intent is on disk before the call, the outcome after it. A call whose outcome is unknown (no usable answer, or
a process that was killed) is looked up at Rakuten before it is made again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import tenacity

from rakuten_orders.connection.account_pass import STOPS_ACCOUNT, AccountPass, Marketplace, error_of
from rakuten_orders.connection.lifecycle import CALLS, PARIS, Seen, took_effect
from rakuten_orders.connection.order_state import is_shipped, settled, with_moves
from rakuten_orders.connection.queries import ShippingStatusLine
from rakuten_orders.connection.store.records import Action, Intent, IntentOutcome, ItemRecord, OrderError, OrderRecord
from rakuten_orders.connection.verdicts import Outcome
from rakuten_orders.errors import ApiError, TransportError
from rakuten_orders.marketplace import ItemStage, item_stage

ATTEMPTS = 3
REFUSED_FOR = dt.timedelta(hours=1)
"""How long a refusal stands before the same call is tried again."""

WITHOUT_NUMBER = "Oui"
"""What importitemshippingstatus takes for an untracked shipment (what a production client sends)."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call that is to be made: everything that is needed to make it, and to record what it did."""

    action: Action
    item_id: str
    arguments: Mapping[str, str | None]
    shipment_id: int | None = None


def perform(run: AccountPass, purchase_id: str, plan: CallPlan) -> OrderError | None:
    """Makes a call and moves its item; what went wrong with it, if anything.

    A refusal is not repeated within the hour, unless the call has changed. Raises what stops the account:
    TransportError, AuthenticationError, NotAllowedError, QuotaExceeded.
    """
    refused = _standing_refusal(run, purchase_id, plan)
    if refused is not None:
        return refused
    with run.transaction():
        intent = run.store.intents.open(
            run.login,
            purchase_id,
            plan.item_id,
            plan.action,
            arguments=plan.arguments,
            shipment_id=plan.shipment_id,
        )
        _move(run, intent, begun=True)
    return _carry_out(run, intent)


def _standing_refusal(run: AccountPass, purchase_id: str, plan: CallPlan) -> OrderError | None:
    """What Rakuten said to the same call within the hour, unless somebody asked since that it be tried again."""
    last = run.store.intents.last(run.login, plan.item_id, plan.action)
    if last is None or last.outcome != "refused" or last.settled_at is None or last.arguments != plan.arguments:
        return None
    if not dt.timedelta(0) <= run.now - last.settled_at < REFUSED_FOR:
        return None
    resent = run.store.decisions.resent_at(run.login, purchase_id)
    if resent is not None and resent >= last.settled_at:
        return None
    message, _, hint = last.detail.partition("\n")
    return OrderError("marketplace_refused", message, hint)


def settle_unknown(run: AccountPass) -> None:
    """Finds out what became of calls of earlier passes that never learnt it.

    What did not take effect is not repeated here: the steps that follow decide anew, with what is known now.
    """
    for intent in run.store.intents.of_unknown_outcome(run.login):
        run.step()
        with run.guarded(intent.purchase_id):
            _conclude(run, intent, _outcome_at_rakuten(run, intent) or "not_done")


def _carry_out(run: AccountPass, intent: Intent) -> OrderError | None:
    """Makes the call of an intent, looks up what became of it where no answer came, and records how it ended."""
    maybe_sent = False
    outcome: IntentOutcome | None = None
    error: OrderError | None = None
    try:
        for attempt in _attempts(run):
            with attempt:
                outcome = _outcome_at_rakuten(run, intent) if maybe_sent else None
                if outcome is None:
                    try:
                        outcome, error = _called(run, intent)
                    except TransportError as fault:
                        maybe_sent = maybe_sent or fault.sent
                        raise
    except (TransportError, *STOPS_ACCOUNT):
        # Where Rakuten may have acted, the intent stays open, and the next pass finds out.
        if not maybe_sent:
            _conclude(run, intent, "not_done")
        raise
    assert outcome is not None  # noqa: S101 - every attempt ends with one or raises
    _conclude(run, intent, outcome, error)
    return error


def _attempts(run: AccountPass) -> tenacity.Retrying:
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransportError),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=1, max=10),
        sleep=run.sleep,
        reraise=True,
    )


def seen_at_rakuten(run: AccountPass, purchase_id: str, item_id: str, *, wanted: Callable[[Seen], bool]) -> Seen:
    """What Rakuten shows of an item, asking service after service until ``wanted`` is satisfied.

    getcurrentsales, getnewsales, getbillinginformation; last getiteminfos, which marks the buyer's messages as
    read, and only for an item that nothing else tells about.
    """
    seen = _listed(run, purchase_id, item_id)
    if wanted(seen):
        return seen
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


def _listed(run: AccountPass, purchase_id: str, item_id: str) -> Seen:
    order = run.store.orders.get(run.login, purchase_id)
    bought = order.bought_at if order else None
    since = bought.astimezone(PARIS).date() if bought else run.today - dt.timedelta(days=60)
    lists = (lambda: run.marketplace.current_sales(since), run.marketplace.new_sales)
    for read in lists:
        for item in (item for sale in read() for item in sale.items):
            if item.item_id == item_id:
                return Seen(item.status, is_shipped(item.fields))
    return Seen("")


def _outcome_at_rakuten(run: AccountPass, intent: Intent) -> IntentOutcome | None:
    """How a call ended whose answer was lost, by what Rakuten shows; None where it can be made again."""
    seen = seen_at_rakuten(
        run,
        intent.purchase_id,
        intent.item_id,
        wanted=lambda seen: bool(seen.rakuten_status) and took_effect(intent.action, seen) is not None,
    )
    if took_effect(intent.action, seen):
        return "done"
    return "cancelled" if item_stage(seen.rakuten_status) is ItemStage.GONE else None


def _called(run: AccountPass, intent: Intent) -> tuple[IntentOutcome, OrderError | None]:
    try:
        outcome = send(run.marketplace, intent)
    except STOPS_ACCOUNT:
        raise
    except ApiError as fault:
        error = error_of(fault)
        if intent.action == "cancelitem" and _outcome_at_rakuten(run, intent) == "done":
            return "done", None  # Rakuten has no words for "cancelled already"
        return "refused", error
    return ("cancelled" if outcome is Outcome.ALREADY_CANCELLED else "done"), None


def send(marketplace: Marketplace, intent: Intent) -> Outcome:
    """Makes the call that an intent describes."""
    arguments = intent.arguments
    if intent.action == "acceptsale":
        return marketplace.accept(intent.item_id, ships_from=int(arguments["ships_from"] or 0))
    if intent.action == "refusesale":
        return marketplace.refuse(intent.item_id)
    if intent.action == "cancelitem":
        return marketplace.cancel(intent.item_id, arguments["comment"] or "")
    if intent.action == "importitemshippingstatus":
        line = ShippingStatusLine(intent.purchase_id, intent.item_id, tracking_number=WITHOUT_NUMBER)
        return marketplace.import_shipping_status([line])
    return marketplace.send_tracking(
        intent.item_id,
        transporter_name=arguments["transporter_name"] or "",
        tracking_number=arguments["tracking_number"] or "",
        tracking_url=arguments["tracking_url"],
    )


_DONE_EVENTS = {
    "acceptsale": ("accepted", "item {item} is accepted at Rakuten"),
    "refusesale": ("refused", "item {item} is refused at Rakuten"),
    "cancelitem": ("cancelled", "item {item} is cancelled at Rakuten"),
    "settrackingpackageinfos": ("shipped", "item {item} is confirmed as shipped: {transporter} {number}"),
    "importitemshippingstatus": ("shipped", "item {item} is confirmed as shipped, without a number"),
}


def _conclude(run: AccountPass, intent: Intent, outcome: IntentOutcome, error: OrderError | None = None) -> None:
    """Records how a call ended, and moves its item, in one transaction."""
    with run.transaction():
        detail = f"{error.message}\n{error.hint}" if error else ""
        run.store.intents.settle(intent, outcome, detail)
        _move(run, intent, outcome=outcome)
        if outcome == "done":
            code, text = _DONE_EVENTS[intent.action]
            arguments = intent.arguments
            message = text.format(
                item=intent.item_id,
                transporter=arguments.get("transporter_name"),
                number=arguments.get("tracking_number"),
            )
            run.note(intent.purchase_id, code, message, item_id=intent.item_id)
        elif outcome == "cancelled":
            message = f"item {intent.item_id} was cancelled at Rakuten before it could be done"
            run.note(intent.purchase_id, "cancelled", message, "warning", item_id=intent.item_id)


def _move(run: AccountPass, intent: Intent, *, begun: bool = False, outcome: IntentOutcome | None = None) -> None:
    order = run.store.orders.get(run.login, intent.purchase_id)
    if order is None:
        return
    moves = CALLS[intent.action]
    if begun:
        move = moves.begun
    elif outcome == "cancelled":
        move = CALLS["cancelitem"].done
    else:
        move = moves.done if outcome == "done" else moves.not_done
    after = order if move is None else with_moves(order, {intent.item_id}, move)
    if outcome == "done" and intent.action == "settrackingpackageinfos":
        after = _with_sent(after, intent)
    run.save(order, after)


def _with_sent(order: OrderRecord, intent: Intent) -> OrderRecord:
    """The order with what was sent for an item beside it."""
    sent = intent.arguments

    def shown(item: ItemRecord) -> ItemRecord:
        if item.item_id != intent.item_id:
            return item
        return replace(
            item,
            carrier=sent["carrier"],
            transporter=sent["transporter_name"],
            number_received=sent["number_received"],
            tracking_number=sent["tracking_number"],
            tracking_url=sent["tracking_url"],
        )

    return settled(replace(order, items=tuple(map(shown, order.items))))
