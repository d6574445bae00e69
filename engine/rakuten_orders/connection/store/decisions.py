"""What people decided by hand, from when they said so until it is done."""

from __future__ import annotations

import datetime as dt
import sqlite3

from rakuten_orders.connection.store.database import Database, moment
from rakuten_orders.connection.store.records import DecisionState, HandAction, HandDecision


class Decisions:
    """The table ``decisions``. An order has at most one open decision but for ``resend``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, login: str, purchase_id: str, action: HandAction, *, by: str, because: str = "") -> HandDecision:
        """Records what a person decided. It replaces what was decided before and is not done yet."""
        with self._db.transaction():
            if action != "resend":
                self.withdraw(login, purchase_id)
            key = self._db.insert(
                "INSERT INTO decisions (login, purchase_id, action, because, by, decided_at, state) "
                "VALUES (?, ?, ?, ?, ?, ?, 'open')",
                *(login, purchase_id, action, because, by, self._db.now()),
            )
            row = self._db.row("SELECT * FROM decisions WHERE id = ?", key)
        assert row is not None  # noqa: S101 - written above
        return _decision(row)

    def open(self, login: str) -> list[HandDecision]:
        """Decisions on an account's orders that are not done, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM decisions INDEXED BY decisions_open WHERE login = ? AND state = 'open' ORDER BY id", login
        )
        return [_decision(row) for row in rows]

    def open_of(self, login: str, purchase_id: str) -> list[HandDecision]:
        """Decisions on one order that are not done, oldest first."""
        return [decision for decision in self.open(login) if decision.purchase_id == purchase_id]

    def close(self, decision: HandDecision, state: DecisionState = "done") -> None:
        """Records that nothing of it is left to do."""
        self._db.write("UPDATE decisions SET state = ? WHERE id = ?", state, decision.id)

    def withdraw(self, login: str, purchase_id: str) -> None:
        """Ends all that was decided on an order and is not done."""
        self._db.write(
            "UPDATE decisions SET state = 'withdrawn' WHERE login = ? AND purchase_id = ? AND state = 'open'",
            *(login, purchase_id),
        )

    def resent_at(self, login: str, purchase_id: str) -> dt.datetime | None:
        """When somebody last asked that what failed with an order be tried again."""
        row = self._db.row(
            "SELECT max(decided_at) AS at FROM decisions WHERE login = ? AND purchase_id = ? AND action = 'resend'",
            *(login, purchase_id),
        )
        return None if row is None else moment(row["at"])


def _decision(row: sqlite3.Row) -> HandDecision:
    return HandDecision(
        row["id"],
        row["purchase_id"],
        row["action"],
        row["because"],
        row["by"],
        dt.datetime.fromisoformat(row["decided_at"]),
        row["state"],
    )
