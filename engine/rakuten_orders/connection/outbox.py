"""Calls that change something at Rakuten, each at most once in effect.

The intent is on disk before the call, the outcome after it. A call whose outcome is unknown (no usable answer, or
a process that was killed) is looked up at Rakuten before it is made again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import tenacity

from rakuten_orders.connection.account_pass import STOPS_ACCOUNT, AccountPass, Marketplace, error_of, reason
from rakuten_orders.connection.lifecycle import CALLS
from rakuten_orders.connection.order_state import address_seen, settled, with_moves
from rakuten_orders.connection.queries import ShippingStatusLine
from rakuten_orders.connection.reading_back import outcome_at_rakuten
from rakuten_orders.connection.store.records import Action, Intent, IntentOutcome, ItemRecord, OrderError, OrderRecord
from rakuten_orders.connection.verdicts import Outcome, item_refusals, says_shipped
from rakuten_orders.errors import ApiError, TransportError

ATTEMPTS = 3
REFUSED_FOR = dt.timedelta(hours=1)
"""How long a refusal stands before the same call is tried again."""

WITHOUT_NUMBER = "Oui"
"""What importitemshippingstatus takes for an untracked shipment (what a production client sends)."""

Ended = tuple[IntentOutcome, OrderError | None]
"""How the call about an item ended, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call that is to be made: everything that is needed to make it, and to record what it did."""

    action: Action
    item_id: str
    arguments: Mapping[str, str | None]
    shipment_id: int | None = None


def perform(run: AccountPass, purchase_id: str, plan: CallPlan) -> OrderError | None:
    """Makes a call and moves its item; what went wrong with it, if anything.

    A refusal is not repeated within the hour, unless the call has changed. Raises what stops the account
    (AuthenticationError, NotAllowedError, QuotaExceeded), and TransportError where no usable answer came.
    """
    return perform_together(run, purchase_id, [plan])


def perform_together(run: AccountPass, purchase_id: str, plans: Sequence[CallPlan]) -> OrderError | None:
    """Makes one call about several items of a sale, as importitemshippingstatus takes a file of them.

    What went wrong with the first of them that something is wrong with. Raises as `perform` does.
    """
    errors = [_obstacle(run, purchase_id, plan) for plan in plans]
    due = [plan for plan, error in zip(plans, errors, strict=True) if error is None]
    if due:
        with run.transaction():
            intents = [
                run.store.intents.open(
                    run.login,
                    purchase_id,
                    plan.item_id,
                    plan.action,
                    arguments=plan.arguments,
                    shipment_id=plan.shipment_id,
                )
                for plan in due
            ]
            for intent in intents:
                _move(run, intent, begun=True)
        errors += _carry_out(run, intents)
    return next((error for error in errors if error is not None), None)


def _obstacle(run: AccountPass, purchase_id: str, plan: CallPlan) -> OrderError | None:
    """Why a call cannot be made now: another one about the item is unknown, or it was refused within the hour."""
    if run.store.intents.is_open(run.login, plan.item_id):
        return reason("marketplace_unreachable", "unknown_outcome", item=plan.item_id)
    return _standing_refusal(run, purchase_id, plan)


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
            _conclude(run, intent, outcome_at_rakuten(run, intent) or "not_done")


def _carry_out(run: AccountPass, intents: Sequence[Intent]) -> list[OrderError]:
    """Makes the call of intents, looks up what became of it where no answer came, and records how it ended."""
    left = list(intents)
    errors: list[OrderError] = []
    maybe_sent = False
    try:
        for attempt in _attempts(run):
            with attempt:
                if maybe_sent:
                    left = [intent for intent in left if not _concluded_by_reading(run, intent)]
                try:
                    ended = _called(run, left, again=maybe_sent) if left else {}
                except TransportError as fault:
                    maybe_sent = maybe_sent or fault.sent
                    raise
                for intent in left:
                    outcome, error = ended[intent.item_id]
                    _conclude(run, intent, outcome, error)
                    errors += [error] if error else []
                left = []
    except (TransportError, *STOPS_ACCOUNT):
        # Where Rakuten may have acted, the intent stays open, and the next pass finds out.
        for intent in [] if maybe_sent else left:
            _conclude(run, intent, "not_done")
        raise
    return errors


def _concluded_by_reading(run: AccountPass, intent: Intent) -> bool:
    outcome = outcome_at_rakuten(run, intent)
    if outcome is not None:
        _conclude(run, intent, outcome)
    return outcome is not None


def _attempts(run: AccountPass) -> tenacity.Retrying:
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransportError),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=1, max=10),
        sleep=run.sleep,
        reraise=True,
    )


def _called(run: AccountPass, intents: Sequence[Intent], *, again: bool) -> Mapping[str, Ended]:
    """How the call ended for each item. ``again``: it was made before, and what became of it was not known."""
    try:
        outcome = send(run.marketplace, intents)
    except STOPS_ACCOUNT:
        raise
    except ApiError as fault:
        return _refused(run, intents, fault)
    if outcome is Outcome.ALREADY_CANCELLED:
        return {intent.item_id: ("cancelled", None) for intent in intents}
    done_before = outcome is Outcome.ALREADY_DONE and not again
    return {intent.item_id: (_by_whom(run, intent) if done_before else "done", None) for intent in intents}


def _by_whom(run: AccountPass, intent: Intent) -> IntentOutcome:
    """Whether what was done before was done by us: by a call that seemed to have had no effect."""
    return "done" if run.store.intents.was_tried(run.login, intent) else "done_before"


def _refused(run: AccountPass, intents: Sequence[Intent], fault: ApiError) -> Mapping[str, Ended]:
    """What a refusal says of each item; what it does not name is looked up, as it may have been done."""
    error = error_of(fault)
    if intents[0].action == "importitemshippingstatus":
        said = item_refusals(fault.details)
        named = said.keys() & {intent.item_id for intent in intents}
        return {intent.item_id: _refused_line(run, intent, error, said if named else None) for intent in intents}
    (intent,) = intents
    if intent.action == "cancelitem" and outcome_at_rakuten(run, intent) == "done":
        return {intent.item_id: ("done", None)}  # Rakuten has no words for "cancelled already"
    return {intent.item_id: ("refused", error)}


def _refused_line(run: AccountPass, intent: Intent, error: OrderError, said: Mapping[str, str] | None) -> Ended:
    """What became of one line of a file. ``said`` is what is wrong with single lines, None where it is with all."""
    if said is None:
        return "refused", error
    sentence = said.get(intent.item_id)
    if sentence is None:
        return outcome_at_rakuten(run, intent) or "not_done", None
    return ("done", None) if says_shipped(sentence) else ("refused", error)


def send(marketplace: Marketplace, intents: Sequence[Intent]) -> Outcome:
    """Makes the call that an intent describes; importitemshippingstatus takes several at once."""
    intent, arguments = intents[0], intents[0].arguments
    if intent.action == "acceptsale":
        return marketplace.accept(intent.item_id, ships_from=int(arguments["ships_from"] or 0))
    if intent.action == "refusesale":
        return marketplace.refuse(intent.item_id)
    if intent.action == "cancelitem":
        return marketplace.cancel(intent.item_id, arguments["comment"] or "")
    if intent.action == "importitemshippingstatus":
        return marketplace.import_shipping_status(
            [ShippingStatusLine(each.purchase_id, each.item_id, tracking_number=WITHOUT_NUMBER) for each in intents]
        )
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
    arguments = intent.arguments
    values = {
        "item": intent.item_id,
        "transporter": arguments.get("transporter_name"),
        "number": arguments.get("tracking_number"),
    }
    with run.transaction():
        detail = f"{error.message}\n{error.hint}" if error else ""
        run.store.intents.settle(intent, outcome, detail)
        _move(run, intent, outcome=outcome)
        if outcome == "done_before" and intent.action == "settrackingpackageinfos":
            text = "item {item} was confirmed as shipped before, not by this job; {number} was not sent"
            run.note(intent.purchase_id, "shipped", text.format(**values), "warning", item_id=intent.item_id)
        elif outcome in ("done", "done_before"):
            code, text = _DONE_EVENTS[intent.action]
            run.note(intent.purchase_id, code, text.format(**values), item_id=intent.item_id)
        elif outcome == "cancelled":
            message = f"item {intent.item_id} was cancelled at Rakuten before it could be done"
            run.note(intent.purchase_id, "cancelled", message, "warning", item_id=intent.item_id)


def _move(run: AccountPass, intent: Intent, *, begun: bool = False, outcome: IntentOutcome | None = None) -> None:
    order = run.order(intent.purchase_id)
    if order is None:
        return
    moves = CALLS[intent.action]
    if begun:
        move = moves.begun
    elif outcome == "cancelled":
        move = CALLS["cancelitem"].done
    else:
        move = moves.done if outcome in ("done", "done_before") else moves.not_done
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

    return settled(order, tuple(map(shown, order.items)), address=address_seen(order))
