"""Each row of the state table, provoked: what happens to an item, and where it is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection.by_hand import apply_at_once, decide
from rakuten_orders.connection.lifecycle import MOVES, Move, MoveRow
from rakuten_orders.connection.simulator import Fault

if TYPE_CHECKING:
    from conftest import Shop

NO = Fault.error_document("ParameterError", "Problem with parameters.", "Article 42901 : numéro incorrect")


def bought(shop: Shop, **marks: str) -> None:
    shop.simulator.add(shop.sale("429", **marks))
    shop.sync()


def cancelled_by_back_office(shop: Shop, fault: Fault | None = None, times: int = 3, **marks: str) -> None:
    bought(shop, **marks)
    shop.ship("429", "", "", cancel="true", because="sold out")
    if fault is not None:
        shop.simulator.fail_next("refusesale" if marks else "cancelitem", fault, times)
    shop.sync()


def shipped(shop: Shop, number: str = "6A12345678905", fault: Fault | None = None, times: int = 3) -> None:
    bought(shop)
    shop.ship("429", number=number)
    if fault is not None:
        shop.simulator.fail_next("settrackingpackageinfos", fault, times)
    shop.sync()


def released(shop: Shop) -> None:
    bought(shop, isnego="Y")
    shop.simulator.fail_next("acceptsale", NO)
    decide(shop.store, shop.order(), "release", by="nina")
    shop.sync()


def cancelled_by_buyer(shop: Shop) -> None:
    bought(shop)
    shop.simulator.cancel_by_buyer("42901")
    shop.sync()


def taken_over(shop: Shop) -> None:
    bought(shop)
    decide(shop.store, shop.order(), "handle-manually", by="nina")
    apply_at_once(shop.store, "boutiquefr")


SCENARIOS: dict[Move, Callable[[Shop], None]] = {
    Move.HELD: lambda shop: bought(shop, isnego="Y"),
    Move.SKIPPED: lambda shop: bought(shop, isrsl="Y"),
    Move.CLEARED: released,
    Move.ACCEPTED: bought,
    Move.REFUSED: lambda shop: cancelled_by_back_office(shop, isnego="Y"),
    Move.CANCELLED: cancelled_by_buyer,
    Move.NUMBER_AWAITED: lambda shop: shipped(shop, number=""),
    Move.SENDING: lambda shop: shipped(shop, fault=Fault.http_500()),
    Move.NOT_SENT: lambda shop: shipped(shop, fault=NO),
    Move.SHIPPED: shipped,
    Move.CANCELLING: lambda shop: cancelled_by_back_office(shop, Fault.http_500()),
    Move.NOT_REFUSED: lambda shop: cancelled_by_back_office(shop, NO, isnego="Y"),
    Move.NOT_CANCELLED: lambda shop: cancelled_by_back_office(shop, NO),
    Move.TAKEN_OVER: taken_over,
}


def test_every_row_has_its_scenario() -> None:
    """A row that nobody can provoke has no place in the table."""
    assert set(SCENARIOS) == {row.move for row in MOVES}


@pytest.mark.parametrize("row", MOVES, ids=lambda row: row.move)
def test_what_happens_moves_the_item_where_the_table_says(shop: Shop, row: MoveRow) -> None:
    """And the history has an entry, but for what is still on its way."""
    SCENARIOS[row.move](shop)
    (item,) = shop.order().items
    assert item.status is row.to
    assert shop.codes()[0] == "taken_in"
    assert len(shop.codes()) > 1
