"""Accounts, and the rule sets that were in force."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from rakuten_orders.connection.store.database import Database, moment, stamp
from rakuten_orders.connection.store.orders import read_error
from rakuten_orders.connection.store.records import Account, OrderError

Mark = Literal["asked_new_at", "read_current_at", "caught_up_at", "started_at", "finished_at"]
"""The moments that are kept of an account's passes."""


class Accounts:
    """The table ``accounts``. Logins are given casefolded."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, login: str) -> Account | None:
        """The account, or None before its first pass."""
        row = self._db.row("SELECT * FROM accounts WHERE login = ?", login)
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        """All accounts, by label."""
        return [_account(row) for row in self._db.rows("SELECT * FROM accounts ORDER BY label, login")]

    def enter(self, login: str, label: str, *, since: dt.date | None, today: dt.date) -> Account:
        """The account, made where it is new. ``since`` None keeps the stored day, which is that of the first pass."""
        with self._db.transaction():
            self._db.write(
                "INSERT INTO accounts (login, label, since) VALUES (?, ?, ?) ON CONFLICT (login) DO UPDATE SET "
                "label = excluded.label, since = CASE WHEN ? THEN excluded.since ELSE accounts.since END",
                *(login, label, (since or today).isoformat(), since is not None),
            )
            account = self.get(login)
        assert account is not None  # noqa: S101 - written above
        return account

    def mark(self, login: str, mark: Mark, at: dt.datetime) -> None:
        """Notes when something of a pass happened."""
        # ``mark`` is one of the literals of its type.
        self._db.write(f"UPDATE accounts SET {mark} = ? WHERE login = ?", stamp(at), login)  # noqa: S608

    def set_cursor(self, login: str, cursor: str | None) -> None:
        """Notes how far the back office's shipments were read."""
        self._db.write("UPDATE accounts SET cursor = ? WHERE login = ?", cursor, login)

    def set_quota(self, login: str, until: dt.datetime | None) -> None:
        """Notes until when the account's requests are used up."""
        self._db.write("UPDATE accounts SET quota_until = ? WHERE login = ?", stamp(until) if until else None, login)

    def told(self, login: str) -> tuple[dict[str, tuple[str, ...]], dt.datetime | None]:
        """What people were told of, by reason, and when a message was last sent."""
        row = self._db.row("SELECT told, told_at FROM accounts WHERE login = ?", login)
        if row is None or row["told"] is None:
            return {}, None
        return {reason: tuple(ids) for reason, ids in json.loads(row["told"]).items()}, moment(row["told_at"])

    def set_told(self, login: str, told: Mapping[str, Sequence[str]], at: dt.datetime | None) -> None:
        """Notes what people were told of."""
        self._db.write(
            "UPDATE accounts SET told = ?, told_at = ? WHERE login = ?",
            *(json.dumps(told), stamp(at) if at else None, login),
        )

    def caught_up(self, login: str) -> None:
        """Notes that a pass was made since a copy took the store's place."""
        self._db.write("UPDATE accounts SET restored = 0 WHERE login = ?", login)

    def set_todo(self, login: str, todo: Iterable[tuple[str, str]]) -> None:
        """Notes what getitemtodolist named, and that it was read now."""
        self._db.write(
            "UPDATE accounts SET todo = ?, todo_read_at = ? WHERE login = ?",
            *(json.dumps(sorted(todo)), self._db.now(), login),
        )

    def set_error(self, login: str, error: OrderError | None) -> None:
        """Notes what stops the account, or that nothing does."""
        reason, message, hint = (error.reason, error.message, error.hint) if error else (None, None, None)
        self._db.write(
            "UPDATE accounts SET error_reason = ?, error_message = ?, error_hint = ? WHERE login = ?",
            *(reason, message, hint, login),
        )


class RuleSets:
    """The table ``rule_sets``: valid sets by digest, and which one each account uses."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put_in_force(self, login: str, digest: str, sources: object) -> bool:
        """Keeps a valid set (JSON data) and makes it the account's; whether that is a change."""
        with self._db.transaction():
            row = self._db.row("SELECT rules_digest FROM accounts WHERE login = ?", login)
            if row is None or row["rules_digest"] == digest:
                return False
            self._db.write(
                "INSERT OR IGNORE INTO rule_sets VALUES (?, ?, ?)",
                *(digest, json.dumps(sources), self._db.now()),
            )
            self._db.write("UPDATE accounts SET rules_digest = ? WHERE login = ?", digest, login)
            return row["rules_digest"] is not None

    def in_force(self, login: str) -> object | None:
        """The sources of the last valid set of the account, as JSON data; None where there never was one."""
        row = self._db.row(
            "SELECT sources FROM rule_sets JOIN accounts ON rules_digest = digest WHERE login = ?", login
        )
        sources: object | None = None if row is None else json.loads(row["sources"])
        return sources


def _account(row: sqlite3.Row) -> Account:
    return Account(
        login=row["login"],
        label=row["label"],
        since=dt.date.fromisoformat(row["since"]),
        rules_digest=row["rules_digest"],
        cursor=row["cursor"],
        asked_new_at=moment(row["asked_new_at"]),
        read_current_at=moment(row["read_current_at"]),
        caught_up_at=moment(row["caught_up_at"]),
        quota_until=moment(row["quota_until"]),
        started_at=moment(row["started_at"]),
        finished_at=moment(row["finished_at"]),
        error=read_error(row),
        todo=frozenset((item_id, cause) for item_id, cause in json.loads(row["todo"])),
        todo_read_at=moment(row["todo_read_at"]),
        numbered_above=row["numbered_above"],
        restored=bool(row["restored"]),
    )
