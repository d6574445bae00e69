"""The job as a library: any thread, any scheduler, several accounts on one store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection import FolderBackOffice, RakutenClient, open_back_office, sync
from rakuten_orders.connection.simulator import Simulator
from rakuten_orders.connection.store import Event
from rakuten_orders.errors import ConfigError

if TYPE_CHECKING:
    from conftest import Shop


def test_accounts_are_synced_at_once_on_one_store(shop: Shop) -> None:
    """Each has its orders, once, and its own events."""
    logins = ("boutique-a", "boutique-b", "boutique-c")
    with ExitStack() as stack:
        markets = [stack.enter_context(Simulator(login=login, clock=shop.clock)) for login in logins]
        for number, market in enumerate(markets):
            market.add(*(shop.sale(f"{number}{index:02}") for index in range(8)))

        def one(market: Simulator) -> list[Event]:
            events: list[Event] = []
            connection = replace(shop.connection, label=market.login, login=market.login, endpoint=market.url)
            with RakutenClient(market.login, market.token, endpoint=market.url) as client:
                office = FolderBackOffice(shop.folder / market.login)
                result = sync(connection, shop.store, office, shop.engine, client=client, on_event=events.append)
            assert result.exit_code == 0
            return events

        with ThreadPoolExecutor(3) as pool:
            told = list(pool.map(one, markets))
        for market, events in zip(markets, told, strict=True):
            assert {event.login for event in events} == {market.login}
            assert sum(market.done("acceptsale", call.item_id) for call in market.calls if call.item_id) == 8
            assert len(shop.store.orders.select(logins=[market.login])) == 8


def test_a_second_pass_over_an_account_comes_back_busy(shop: Shop) -> None:
    """From another thread, while the first is at work; nothing is done twice."""
    shop.simulator.add(*(shop.sale(str(number)) for number in range(500, 505)))
    began, goes_on = threading.Event(), threading.Event()

    def hold(_event: Event) -> None:
        began.set()
        goes_on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(shop.sync, on_event=hold)
        assert began.wait(10)
        assert shop.sync().busy
        goes_on.set()
        assert first.result().counts["accepted"] == 5
    assert shop.changed("acceptsale") == 5


def test_a_connection_without_a_back_office_has_none_to_open(shop: Shop) -> None:
    """It is for those who give theirs to ``sync``."""
    with (
        pytest.raises(ConfigError, match="main names no back office"),
        open_back_office(replace(shop.connection, back_office=None)),
    ):
        pass
