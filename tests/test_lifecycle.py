"""The state machine: tables, the acceptance deadline, and the window that getcurrentsales is asked for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.connection.lifecycle import (
    FINAL,
    HAND_ACTIONS,
    MOVES,
    ORDER_STATUS,
    PARIS,
    Move,
    Status,
    acceptance_deadline,
    current_sales_from,
    moved,
    order_status,
    seen_move,
)

ITEM_STATUSES = [status for status in Status if status is not Status.PARTIAL]


def bought(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("not_shipped", "not_shipped"),
        ("shipped not_shipped", "partial"),
        ("shipped waiting", "partial"),
        ("shipped shipped", "shipped"),
        ("shipped cancelled", "shipped"),
        ("cancelled refused", "cancelled"),
        ("refused refused", "refused"),
        ("on_hold not_shipped", "on_hold"),
        ("awaiting_confirmation shipped", "awaiting_confirmation"),
        ("pending_shipment not_shipped", "pending_shipment"),
        ("waiting not_shipped", "waiting"),
        ("skipped", "manual"),
        ("skipped shipped", "shipped"),
        ("skipped cancelled", "cancelled"),
        ("manual not_shipped", "not_shipped"),
    ],
)
def test_an_orders_status_follows_from_its_items(items: str, expected: str) -> None:
    """One table, first row that holds."""
    assert order_status(Status(word) for word in items.split()) == expected


@given(st.lists(st.sampled_from(ITEM_STATUSES), min_size=1))
def test_every_mixture_of_items_gives_a_status_that_ignores_their_order(items: list[Status]) -> None:
    """Total, and independent of the items' order."""
    assert order_status(items) == order_status(reversed(items))
    assert order_status(items) is not Status.SKIPPED


@given(st.sampled_from(ITEM_STATUSES), st.sampled_from(Move))
def test_a_move_never_makes_an_item_partial_and_is_idempotent(status: Status, move: Move) -> None:
    """News that comes twice changes nothing the second time."""
    after = moved(status, move)
    assert after in ITEM_STATUSES
    assert moved(after, move) is after


def test_each_move_and_each_order_status_stands_in_its_table() -> None:
    """Nothing is reachable that the tables, and so README, do not show."""
    assert [row.move for row in MOVES] == list(Move)
    assert {row.status for row in ORDER_STATUS} == set(Status) - {Status.SKIPPED}
    assert all(allowed <= set(Status) for allowed in HAND_ACTIONS.values())
    assert HAND_ACTIONS["ship"].isdisjoint(FINAL)


@pytest.mark.parametrize(
    ("word", "shipped", "move"),
    [
        ("TO_CONFIRM", False, None),
        ("requested", False, None),
        ("COMMITTED", False, Move.ACCEPTED),
        ("ACCEPTED", True, Move.SHIPPED),
        ("PENDING_CLAIM", False, Move.ACCEPTED),
        ("CLOSED", False, Move.SHIPPED),
        ("CANCELLED", True, Move.CANCELLED),
        ("REFUSED", False, Move.REFUSED),
        ("PENDING", False, Move.HELD),
        ("NEW_WORD", False, None),
    ],
)
def test_what_an_item_is_at_rakuten_moves_it_here(word: str, shipped: bool, move: Move | None) -> None:
    """Both vocabularies, and nothing for a word that nobody knows."""
    assert seen_move(word, shipped=shipped) is move


@pytest.mark.parametrize(
    ("moment", "last_day"),
    [
        ("2026-11-20T14:00", "2026-11-25"),  # a Friday
        ("2026-11-23T00:10", "2026-11-26"),
        ("2026-11-21T10:00", "2026-11-25"),  # a Saturday
        ("2026-11-22T10:00", "2026-11-25"),  # a Sunday
        ("2026-12-24T09:00", "2026-12-30"),  # Christmas is a Friday
        ("2026-05-13T09:00", "2026-05-19"),  # Ascension Day
    ],
)
def test_the_deadline_is_the_end_of_the_third_working_day(moment: str, last_day: str) -> None:
    """Weekends and French public holidays are no working days."""
    deadline = acceptance_deadline(bought(moment))
    assert deadline.isoformat().startswith(f"{last_day}T23:59:59")


def test_the_deadline_is_counted_from_the_day_in_paris() -> None:
    """23:30 in UTC is the next day in Paris."""
    moment = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)
    assert acceptance_deadline(moment).date() == dt.date(2026, 11, 26)


D = dt.date


@pytest.mark.parametrize(
    ("last_success", "oldest_open", "catch_up", "expected"),
    [
        (D(2026, 11, 20), None, False, D(2026, 11, 13)),
        (D(2026, 11, 20), D(2026, 11, 9), False, D(2026, 11, 9)),
        (D(2026, 11, 20), D(2026, 11, 19), False, D(2026, 11, 13)),
        (D(2026, 11, 3), None, False, D(2026, 11, 1)),
        (D(2026, 11, 20), None, True, D(2026, 11, 1)),
        (None, None, False, D(2026, 11, 1)),
        (D(2026, 11, 20), D(2026, 10, 30), False, D(2026, 10, 30)),
        (D(2026, 12, 24), None, False, D(2026, 11, 16)),  # the clock was a month ahead
    ],
)
def test_the_window_reaches_back_far_enough_and_never_before_since(
    last_success: D | None, oldest_open: D | None, catch_up: bool, expected: D
) -> None:
    """Rakuten filters by the day of purchase; an open order of ours is always within."""
    start = current_sales_from(
        since=D(2026, 11, 1),
        today=D(2026, 11, 23),
        last_success=last_success,
        oldest_open=oldest_open,
        catch_up=catch_up,
    )
    assert start == expected
