"""What a pass asks the store: nothing of it grows with the orders that are over, and orders are read once."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from rakuten_orders.connection.by_hand import apply_at_once, decide
from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.connection.store.database import Database
from rakuten_orders.connection.store.orders import is_live

if TYPE_CHECKING:
    from conftest import Shop

ONE_A_LOGIN = ("accounts", "leases")
OF_WHAT_IS_OPEN = ("orders_live", "orders_in_error", "one_open_intent", "messages_to_deliver")
OF_WHAT_IS_OPEN += ("shipments_open", "decisions_open")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All statements that a store runs from here on."""
    statements: list[str] = []
    real = Database._execute

    def execute(database: Database, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        statements.append(sql)
        return real(database, sql, values)

    monkeypatch.setattr(Database, "_execute", execute)
    return statements


def grows(plan: str) -> bool:
    """Whether a step of a query's plan looks at all rows of an account, or of everybody."""
    if plan.startswith(("SCAN", "SEARCH")) and any(f" {table} " in plan for table in ONE_A_LOGIN):
        return False
    by_login_alone = re.search(r"\(login=\?\)$", plan) is not None
    return plan.startswith("SCAN") or (by_login_alone and not any(f" {index} " in plan for index in OF_WHAT_IS_OPEN))


def test_no_statement_of_a_pass_looks_at_what_is_over(shop: Shop, asked: list[str]) -> None:
    """As SQLite plans them: by their key, or by an index of what is open."""
    shop.simulator.add(shop.sale("429"), shop.sale("430", isnego="Y"), shop.sale("431", ""))
    shop.sync()
    decide(shop.store, shop.order("430"), "accept", by="nina")
    shop.ship("429")
    shop.sync()
    decide(shop.store, shop.order("429"), "resend", by="nina")
    apply_at_once(shop.store, "boutiquefr")
    shop.ship("430", transporter="Transports Dupuis")
    shop.sync()
    looks = {sql for sql in asked if sql.split()[0] in ("SELECT", "UPDATE", "DELETE")}
    assert len(looks) > 30
    connection = shop.store._db._connection
    plans = {
        sql: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))]
        for sql in looks
    }
    assert {sql: plan for sql, plan in plans.items() if any(map(grows, plan))} == {}


def test_the_index_of_what_is_live_is_what_is_live(shop: Shop) -> None:
    """The condition in SQL and the one in Python are one."""
    shop.simulator.add(shop.sale("429"))
    shop.sync()
    order = shop.order()
    for status, sequence, told in product(Status, (0, 1), (None, order.seen_of, "other")):
        changed = replace(order, status=status, sequence=sequence, told_of=told)
        shop.store.orders.save(changed)
        assert shop.store.orders.live("boutiquefr") == ([changed] if is_live(changed) else [])


def test_an_order_is_read_once_a_pass_and_its_sale_is_written_when_it_changed(shop: Shop, asked: list[str]) -> None:
    """Everything else of it is written alone."""
    shop.simulator.add(*(shop.sale(str(429 + number), "A-1", "B-2") for number in range(5)))
    shop.sync()
    shop.ship("429")
    asked.clear()
    shop.sync()
    reads = [sql for sql in asked if sql.startswith("SELECT * FROM orders")]
    assert len(reads) <= 3  # what is live, and twice what is in error
    assert not any("INSERT INTO orders" in sql for sql in asked)
    assert sum("UPDATE orders SET status" in sql for sql in asked) == 4  # begun and ended, of two items


def test_a_save_that_is_taken_back_is_read_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pass knows of an order is what is on disk, also after a transaction that failed."""
    shop.simulator.add(shop.sale("429"), shop.sale("430"))
    real = shop.store.intents.settle
    failed: list[Any] = []

    def settle(*arguments: Any, **named: Any) -> None:
        real(*arguments, **named)
        if not failed:
            failed.append(arguments)
            raise RuntimeError("marked")

    monkeypatch.setattr(shop.store.intents, "settle", settle)
    shop.sync()
    monkeypatch.undo()
    shop.sync()
    assert [shop.simulator.done("acceptsale", item_id) for item_id in ("42901", "43001")] == [1, 1]
    assert (shop.status("429"), shop.status("430")) == ("not_shipped", "not_shipped")
    assert set(shop.messages()) == {"429.json", "430.json"}
