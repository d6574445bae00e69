"""The state machine of items and orders: tables and pure functions, no clock and no I/O.

An item moves by :data:`MOVES`, an order's status follows from its items' by :data:`ORDER_STATUS`, and
:data:`HAND_ACTIONS` says what a person may do from where. README prints these tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from rakuten_orders.marketplace import ItemStage, item_stage

PARIS = ZoneInfo("Europe/Paris")
"""Rakuten's own time zone: its dates have none (inferred)."""

WORKING_DAYS_TO_ACCEPT = 3
"""Rakuten cancels what is not accepted within 72 working hours and to midnight (official page, quoted)."""


class Status(StrEnum):
    """Where an order or an item is, in Channable's words. ``skipped`` is an item's only, ``partial`` an order's."""

    ON_HOLD = "on_hold"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    NOT_SHIPPED = "not_shipped"
    WAITING = "waiting"
    PENDING_SHIPMENT = "pending_shipment"
    PARTIAL = "partial"
    SHIPPED = "shipped"
    PENDING_CANCELLATION = "pending_cancellation"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    MANUAL = "manual"
    SKIPPED = "skipped"


UNDECIDED = frozenset({Status.ON_HOLD, Status.AWAITING_CONFIRMATION})
"""Not accepted, not refused: the buyer is not debited yet and the deadline runs."""

SHIPPABLE = frozenset({Status.NOT_SHIPPED, Status.WAITING, Status.PENDING_SHIPMENT})
"""Accepted and not yet confirmed as shipped."""

ACCEPTED = SHIPPABLE | {Status.SHIPPED, Status.PENDING_CANCELLATION}
"""Accepted by the seller and still the buyer's: what the back office is told of."""

FINAL = frozenset({Status.SHIPPED, Status.CANCELLED, Status.REFUSED, Status.MANUAL})
"""Order statuses from which nothing more is sent to Rakuten."""


class Move(StrEnum):
    """What happens to an item."""

    HELD = "held"
    SKIPPED = "skipped"
    CLEARED = "cleared"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    NUMBER_AWAITED = "number_awaited"
    SENDING = "sending"
    NOT_SENT = "not_sent"
    SHIPPED = "shipped"
    CANCELLING = "cancelling"
    NOT_REFUSED = "not_refused"
    NOT_CANCELLED = "not_cancelled"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One row of the table: from which statuses a move leads where, why, and what is sent to Rakuten for it."""

    move: Move
    from_: tuple[Status, ...]
    to: Status
    about: str
    sends: str = ""


_S = Status
MOVES: tuple[MoveRow, ...] = (
    MoveRow(
        Move.HELD,
        (_S.AWAITING_CONFIRMATION, _S.ON_HOLD, _S.NOT_SHIPPED, _S.SKIPPED),
        _S.ON_HOLD,
        "an acceptance rule holds the sale, or it is a preorder that awaits stock",
    ),
    MoveRow(
        Move.SKIPPED,
        (_S.AWAITING_CONFIRMATION, _S.ON_HOLD, _S.NOT_SHIPPED),
        _S.SKIPPED,
        "an acceptance rule leaves the item out",
    ),
    MoveRow(Move.CLEARED, (_S.ON_HOLD, _S.SKIPPED), _S.AWAITING_CONFIRMATION, "no acceptance rule stops it any more"),
    MoveRow(
        Move.ACCEPTED,
        (_S.AWAITING_CONFIRMATION, _S.ON_HOLD),
        _S.NOT_SHIPPED,
        "accepted, by rule or by hand at Rakuten; the buyer is debited",
        "acceptsale",
    ),
    MoveRow(
        Move.REFUSED,
        (_S.AWAITING_CONFIRMATION, _S.ON_HOLD, _S.SKIPPED, _S.PENDING_CANCELLATION),
        _S.REFUSED,
        "refused before acceptance",
        "refusesale",
    ),
    MoveRow(
        Move.CANCELLED,
        tuple(status for status in _S if status not in (_S.PARTIAL, _S.REFUSED)),
        _S.CANCELLED,
        "cancelled by the buyer, by Rakuten or by the seller",
        "cancelitem",
    ),
    MoveRow(
        Move.NUMBER_AWAITED,
        (_S.NOT_SHIPPED, _S.WAITING),
        _S.WAITING,
        "the back office shipped it without a tracking number",
    ),
    MoveRow(
        Move.SENDING,
        (_S.NOT_SHIPPED, _S.WAITING, _S.PENDING_SHIPMENT),
        _S.PENDING_SHIPMENT,
        "the confirmation is on its way",
        "settrackingpackageinfos or importitemshippingstatus",
    ),
    MoveRow(Move.NOT_SENT, (_S.PENDING_SHIPMENT,), _S.NOT_SHIPPED, "the confirmation was refused or did not arrive"),
    MoveRow(
        Move.SHIPPED,
        (*sorted(SHIPPABLE), _S.AWAITING_CONFIRMATION, _S.ON_HOLD, _S.PENDING_CANCELLATION),
        _S.SHIPPED,
        "Rakuten has it as shipped",
    ),
    MoveRow(
        Move.CANCELLING,
        (_S.AWAITING_CONFIRMATION, _S.ON_HOLD, _S.NOT_SHIPPED, _S.WAITING),
        _S.PENDING_CANCELLATION,
        "the back office cancels it",
    ),
    MoveRow(Move.NOT_REFUSED, (_S.PENDING_CANCELLATION,), _S.AWAITING_CONFIRMATION, "Rakuten did not take the refusal"),
    MoveRow(Move.NOT_CANCELLED, (_S.PENDING_CANCELLATION,), _S.NOT_SHIPPED, "Rakuten did not take the cancellation"),
    MoveRow(
        Move.TAKEN_OVER,
        tuple(status for status in _S if status not in (*FINAL, _S.PARTIAL)),
        _S.MANUAL,
        "a person handles it outside",
    ),
)

_NEXT: Mapping[tuple[Status, Move], Status] = {
    (status, row.move): row.to for row in MOVES for status in row.from_ if status is not row.to
}


def moved(status: Status, move: Move) -> Status:
    """The status after ``move``; unchanged where the table has no such step, so that old news does no harm."""
    return _NEXT.get((status, move), status)


def seen_move(rakuten_status: str, *, shipped: bool) -> Move | None:
    """What an item's state at Rakuten moves, or None where it says nothing new."""
    stage = item_stage(rakuten_status)
    if stage is ItemStage.GONE:
        return Move.REFUSED if rakuten_status.strip().upper() == "REFUSED" else Move.CANCELLED
    if shipped or stage is ItemStage.CLOSED:
        return Move.SHIPPED
    if stage in (ItemStage.SHIPPABLE, ItemStage.IN_CLAIM):
        return Move.ACCEPTED
    return Move.HELD if stage is ItemStage.AWAITING_STOCK else None


@dataclass(frozen=True, slots=True)
class OrderStatusRow:
    """One row: the order has ``status`` when each of ``needs`` is the status of some item."""

    status: Status
    needs: tuple[frozenset[Status], ...]
    about: str


def _row(status: Status, about: str, *needs: Iterable[Status]) -> OrderStatusRow:
    return OrderStatusRow(status, tuple(frozenset(group) for group in needs or ((status,),)), about)


ORDER_STATUS: tuple[OrderStatusRow, ...] = (
    _row(_S.ON_HOLD, "an item is held"),
    _row(_S.AWAITING_CONFIRMATION, "an item is not accepted yet"),
    _row(_S.PENDING_CANCELLATION, "a cancellation is being sent"),
    _row(_S.PENDING_SHIPMENT, "a confirmation is being sent"),
    _row(_S.PARTIAL, "some items are shipped, some are not", (_S.SHIPPED,), (_S.NOT_SHIPPED, _S.WAITING)),
    _row(_S.WAITING, "shipped, but an item has no tracking number yet"),
    _row(_S.NOT_SHIPPED, "accepted, nothing is shipped"),
    _row(_S.SHIPPED, "all that is left of it is shipped"),
    _row(_S.MANUAL, "a person handles it, or Rakuten's logistics do", (_S.MANUAL,)),
    _row(_S.CANCELLED, "all is cancelled"),
    _row(_S.REFUSED, "all was refused"),
    _row(_S.MANUAL, "every item is left out by an acceptance rule", (_S.SKIPPED,)),
)
"""Read from top to bottom; the first row that holds gives the order's status."""


def order_status(items: Iterable[Status]) -> Status:
    """The status of an order with items of these statuses (at least one)."""
    present = frozenset(items)
    return next(row.status for row in ORDER_STATUS if all(group & present for group in row.needs))


HAND_ACTIONS: Mapping[str, frozenset[Status]] = {
    "accept": UNDECIDED,
    "refuse": UNDECIDED,
    "release": frozenset({Status.ON_HOLD}),
    "ship": frozenset({*UNDECIDED, Status.NOT_SHIPPED, Status.WAITING, Status.PENDING_SHIPMENT, Status.PARTIAL}),
    "cancel": frozenset({Status.NOT_SHIPPED, Status.WAITING, Status.PARTIAL}),
    "resend": frozenset(Status) - {Status.CANCELLED, Status.REFUSED, Status.SKIPPED},
    "handle-manually": frozenset(Status) - {Status.SKIPPED},
}
"""What a person may do, by the order's status. What is final can be handled manually for its error's sake alone."""


def acceptance_deadline(bought: dt.datetime) -> dt.datetime:
    """The last second in which a sale bought at ``bought`` (aware) can be accepted, in Europe/Paris.

    Three working days and to midnight: bought on a Friday at 14:00, it can be accepted until the end of the
    next Wednesday (official page, quoted). Saturdays, Sundays and French public holidays are no working days.
    The last second rather than the midnight after it, so that the date that people read is the right day.
    """
    day = bought.astimezone(PARIS).date()
    left = WORKING_DAYS_TO_ACCEPT
    while left:
        day += dt.timedelta(days=1)
        left -= _is_working_day(day)
    return dt.datetime.combine(day, dt.time(23, 59, 59), PARIS)


def _is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in _public_holidays(day.year)


@cache
def _public_holidays(year: int) -> frozenset[dt.date]:
    import holidays  # noqa: PLC0415 - half of the command's start-up time, and most commands need no deadline

    return frozenset(holidays.country_holidays("FR", years=year))


CATCH_UP_DAYS = 60
OVERLAP_DAYS = 7


def current_sales_from(
    *,
    since: dt.date,
    today: dt.date,
    last_success: dt.date | None,
    oldest_open: dt.date | None,
    catch_up: bool,
) -> dt.date:
    """The ``purchasedate`` to ask getcurrentsales with: it filters by the day of purchase, not of change.

    From a week before the last success (sixty days back where that is due or never happened), never before
    ``since``; but always from the oldest open order on, which may be an accepted sale bought before ``since``.
    """
    days = CATCH_UP_DAYS if catch_up or last_success is None else OVERLAP_DAYS
    # A success that lies ahead comes from a clock that was set back since.
    last = today if catch_up or last_success is None else min(last_success, today)
    start = max(since, last - dt.timedelta(days=days))
    return min(start, oldest_open) if oldest_open else start


@dataclass(frozen=True, slots=True)
class CallMoves:
    """How a call to Rakuten moves its item: when it is begun, when it took effect, when it did not."""

    begun: Move | None
    done: Move
    not_done: Move | None


CALLS: Mapping[str, CallMoves] = {
    "acceptsale": CallMoves(None, Move.ACCEPTED, None),
    "refusesale": CallMoves(Move.CANCELLING, Move.REFUSED, Move.NOT_REFUSED),
    "cancelitem": CallMoves(Move.CANCELLING, Move.CANCELLED, Move.NOT_CANCELLED),
    "settrackingpackageinfos": CallMoves(Move.SENDING, Move.SHIPPED, Move.NOT_SENT),
    "importitemshippingstatus": CallMoves(Move.SENDING, Move.SHIPPED, Move.NOT_SENT),
}
"""Calls that change something at Rakuten, by action."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An item as Rakuten shows it: its word, and the flag ``shipped`` where it was told (None: it was not)."""

    rakuten_status: str
    shipped: bool | None = None


def took_effect(action: str, seen: Seen) -> bool | None:
    """Whether a call whose answer was lost took effect, by what Rakuten shows now; None where that does not tell.

    A call of which it is not known may be repeated: Rakuten refuses what was done before, and says so.
    """
    stage = item_stage(seen.rakuten_status)
    if stage is ItemStage.UNKNOWN:
        return True if seen.shipped and action not in ("refusesale", "cancelitem") else None
    if action in ("refusesale", "cancelitem"):
        return stage is ItemStage.GONE
    if action == "acceptsale":
        return stage not in (ItemStage.UNDECIDED, ItemStage.GONE)
    return True if stage is ItemStage.CLOSED else seen.shipped
