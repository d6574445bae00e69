"""Figures about an account's orders, counted by the database: cheap enough for a health check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from rakuten_orders.connection.lifecycle import FINAL, UNDECIDED, Status
from rakuten_orders.connection.store.database import Database, moment, stamp


@dataclass(frozen=True, slots=True)
class Figures:
    """How an account stands.

    ``open`` counts orders with something left to do by status, ``errors`` orders in error by reason, ``overdue``
    those that were not accepted in time and ``due_soon`` those that must be within the span asked about.
    ``held`` are on hold without a decision by hand. ``undelivered`` are messages, ``unsent`` shipments, ``undone``
    decisions by hand that wait for a pass.
    """

    open: Mapping[str, int]
    errors: Mapping[str, int]
    overdue: int
    due_soon: int
    held: int
    undelivered: int
    unsent: int
    undone: int


class Overview:
    """Counts over the tables. Logins are given casefolded."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def figures(self, login: str, now: dt.datetime, soon: dt.timedelta) -> Figures:
        """The account's figures at ``now`` (aware), from one state of the data."""
        with self._db.transaction(reading=True):
            by_status = self._grouped("status", "orders WHERE login = ?", login)
            return Figures(
                open={status: by_status[status] for status in Status if by_status.get(status) and status not in FINAL},
                errors=self._grouped("error_reason", "orders WHERE login = ? AND error_reason IS NOT NULL", login),
                overdue=self._due("", stamp(now), login),
                due_soon=self._due(stamp(now), stamp(now + soon), login),
                held=self._count(
                    "orders WHERE login = ? AND status = ? AND NOT EXISTS (SELECT * FROM decisions WHERE "
                    "decisions.login = orders.login AND decisions.purchase_id = orders.purchase_id AND state = 'open')",
                    *(login, Status.ON_HOLD),
                ),
                undelivered=self._count(
                    "messages INDEXED BY messages_to_deliver WHERE login = ? AND delivered_at IS NULL", login
                ),
                unsent=self._count("shipments INDEXED BY shipments_open WHERE login = ? AND state = 'open'", login),
                undone=self._count("decisions INDEXED BY decisions_open WHERE login = ? AND state = 'open'", login),
            )

    def error_since(self, login: str, reason: str) -> dt.datetime | None:
        """When the account's error of this reason began; None where its history does not tell."""
        row = self._db.row(
            "SELECT min(at) AS at FROM events WHERE login = ? AND purchase_id IS NULL AND code = ? AND id > coalesce("
            "(SELECT max(id) FROM events WHERE login = ? AND purchase_id IS NULL AND code = 'mended'), 0)",
            *(login, reason, login),
        )
        return None if row is None else moment(row["at"])

    def _due(self, after: str, until: str, login: str) -> int:
        undecided = ", ".join(f"'{status}'" for status in sorted(UNDECIDED))
        return self._count(
            f"orders WHERE login = ? AND status IN ({undecided}) AND deadline >= ? AND deadline < ?",
            *(login, after, until),
        )

    def _count(self, source: str, *values: str) -> int:
        # ``source`` is one of the literals above; only values come from outside.
        row = self._db.row(f"SELECT count(*) AS number FROM {source}", *values)  # noqa: S608
        number: int = 0 if row is None else row["number"]
        return number

    def _grouped(self, column: str, source: str, *values: str) -> dict[str, int]:
        rows = self._db.rows(f"SELECT {column} AS name, count(*) AS number FROM {source} GROUP BY name", *values)  # noqa: S608
        return {row["name"]: row["number"] for row in rows}
