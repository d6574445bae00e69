"""Orders, their items and their history."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rakuten_orders.connection.lifecycle import FINAL, PARIS, Status
from rakuten_orders.connection.store.database import Database, stamp
from rakuten_orders.connection.store.records import Event, ItemRecord, Level, OrderError, OrderRecord
from rakuten_orders.payload import sale_from_json, sale_to_json

_FINAL = ", ".join(f"'{status}'" for status in sorted(FINAL))
_LIVE = f"(status NOT IN ({_FINAL}) OR (sequence > 0 AND told_of IS NOT seen_of))"


def is_live(order: OrderRecord) -> bool:
    """Whether an order has something left to do: it is not final, or changed since the back office was told."""
    return order.status not in FINAL or (order.sequence > 0 and order.told_of != order.seen_of)


class Orders:
    """The tables ``orders``, ``items``, ``left_out`` and ``events``. Logins are given casefolded."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, login: str, purchase_id: str) -> OrderRecord | None:
        """The order, or None."""
        found = self._read("login = ? AND purchase_id = ?", (login, purchase_id))
        return found[0] if found else None

    def find(self, purchase_id: str) -> list[OrderRecord]:
        """The orders with this id, of whatever account."""
        return self._read("purchase_id = ?", (purchase_id,))

    def owners(self, purchase_id: str) -> list[str]:
        """The logins of the accounts that have an order with this id."""
        return [row["login"] for row in self._db.rows("SELECT login FROM orders WHERE purchase_id = ?", purchase_id)]

    def of_item(self, login: str, item_id: str) -> OrderRecord | None:
        """The order that an item belongs to, or None."""
        row = self._db.row("SELECT purchase_id FROM items WHERE login = ? AND item_id = ?", login, item_id)
        return None if row is None else self.get(login, row["purchase_id"])

    def live(self, login: str) -> list[OrderRecord]:
        """Orders of an account that are not final, or changed since the back office was told; oldest first."""
        return self._read(f"login = ? AND {_LIVE}", (login,), "INDEXED BY orders_live")

    def select(
        self, *, logins: Sequence[str] | None = None, status: Status | None = None, in_error: bool = False
    ) -> list[OrderRecord]:
        """Orders of these accounts (None: all), in this status, in error; oldest first."""
        conditions, values = ["TRUE"], list[str]()
        if logins is not None:
            conditions.append(f"login IN ({', '.join('?' * len(logins))})")
            values.extend(logins)
        if status is not None:
            conditions.append("status = ?")
            values.append(status)
        if in_error:
            conditions.append("error_reason IS NOT NULL")
        return self._read(" AND ".join(conditions), values)

    def remembered(self, login: str) -> Iterator[OrderRecord]:
        """All orders of an account but those that were forgotten, one by one, as they came in."""
        # Read through from end to end (the + keeps SQLite from any index), which is the fastest for nearly all rows.
        with self._db.transaction(reading=True):
            orders = self._db.rows(
                f"SELECT {_ORDER} FROM orders WHERE +login = ? AND forgotten_at IS NULL ORDER BY rowid",  # noqa: S608
                login,
            )
            items = self._db.rows(
                f"SELECT position, purchase_id, {_ITEM} FROM items WHERE +login = ? ORDER BY rowid",  # noqa: S608
                login,
            )
        by_order: dict[str, list[sqlite3.Row]] = defaultdict(list)
        for row in items:
            by_order[row[1]].append(row)
        for row in orders:
            found = by_order[row[1]]
            if len(found) > 1:
                found.sort(key=_position)
            yield _order(row, found)

    def save(self, order: OrderRecord, before: OrderRecord | None = None) -> None:
        """Writes the order and its items as they are given; of what is stored, ``before``, only what differs."""
        now = self._db.now()
        if before is not None and before.sale == order.sale:
            with self._db.transaction():
                self._db.write(_CHANGE_ORDER, *_changing(order), now, order.login, order.purchase_id)
                self._save_items(order, before.items, now)
            return
        with self._db.transaction():
            self._db.write(
                _SAVE_ORDER,
                order.login,
                order.purchase_id,
                json.dumps(sale_to_json(order.sale), ensure_ascii=False, separators=(",", ":")),
                *_changing(order),
                now,
                now,
            )
            self._save_items(order, before.items if before else (), now)

    def _save_items(self, order: OrderRecord, before: Sequence[ItemRecord], now: str) -> None:
        for position, item in enumerate(order.items):
            if position >= len(before) or before[position] != item:
                self._db.write(_SAVE_ITEM, order.login, order.purchase_id, position, *_item_values(item), now)

    def leave_out(self, login: str, item_ids: Iterable[str], because: str) -> None:
        """Remembers items that are not taken in."""
        with self._db.transaction():
            for item_id in item_ids:
                self._db.write(
                    "INSERT OR IGNORE INTO left_out VALUES (?, ?, ?, ?)", login, item_id, because, self._db.now()
                )

    def is_left_out(self, login: str, item_id: str) -> bool:
        """Whether the item was left out before."""
        return self._db.row("SELECT 1 FROM left_out WHERE login = ? AND item_id = ?", login, item_id) is not None

    def add_event(
        self,
        login: str,
        purchase_id: str | None,
        level: Level,
        code: str,
        message: str,
        *,
        item_id: str | None = None,
        by: str | None = None,
    ) -> Event:
        """Appends to the history. ``message`` is for a person and names no one."""
        at = self._db.now()
        self._db.insert(
            "INSERT INTO events (login, purchase_id, item_id, at, level, code, message, by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(login, purchase_id, item_id, at, level, code, message, by),
        )
        return Event(_at(at), level, code, message, by, login, purchase_id, item_id)

    def events(self, login: str, purchase_id: str | None) -> list[Event]:
        """The history of an order (None: of the account), oldest first."""
        rows = self._db.rows(
            "SELECT * FROM events WHERE login = ? AND purchase_id IS ? ORDER BY id", login, purchase_id
        )
        return [
            Event(
                _at(row["at"]),
                row["level"],
                row["code"],
                row["message"],
                row["by"],
                row["login"],
                row["purchase_id"],
                row["item_id"],
            )
            for row in rows
        ]

    def _read(self, condition: str, values: Sequence[str], index: str = "") -> list[OrderRecord]:
        return list(self._each(condition, values, index))

    def _each(self, condition: str, values: Sequence[str], index: str = "") -> Iterator[OrderRecord]:
        """The orders, read at one moment, and made into values one by one."""
        with self._db.transaction(reading=True):
            # ``condition`` is one of the literals above; only values come from outside.
            where = f"FROM orders {index} WHERE {condition}"
            orders = self._db.rows(f"SELECT {_ORDER} {where} ORDER BY bought_at, login, purchase_id", *values)
            of_these = f"SELECT login, purchase_id {where}"
            items = self._db.rows(
                f"SELECT login, purchase_id, {_ITEM} FROM items "  # noqa: S608
                f"WHERE (login, purchase_id) IN ({of_these}) ORDER BY position",
                *values,
            )
        by_order: dict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
        for row in items:
            by_order[row[0], row[1]].append(row)
        for row in orders:
            yield _order(row, by_order[row[0], row[1]])


_ORDER = (
    "login, purchase_id, status, sale, bought_at, deadline, error_reason, error_message, error_hint, "
    "details_of, seen_of, told_of, sequence, rules_digest"
)
_ITEM = (
    "item_id, sku, status, rakuten_status, "
    "because, carrier, transporter, number_received, tracking_number, tracking_url"
)
_STATUS: dict[str, Status] = {str(status): status for status in Status}


def _order(row: sqlite3.Row, items: Sequence[sqlite3.Row]) -> OrderRecord:
    """An order of the columns ``_ORDER``, its items of two columns before ``_ITEM``."""
    login, purchase_id, status, sale, bought_at, deadline, reason, message, hint, *rest = row
    return OrderRecord(
        login,
        purchase_id,
        _STATUS[status],
        sale_from_json(json.loads(sale)),
        tuple([_item(*item) for item in items]),
        _in_paris(bought_at) if bought_at else None,
        _in_paris(deadline) if deadline else None,
        None if reason is None else OrderError(reason, message or "", hint or ""),
        *rest,
    )


def _item(
    _first: str | int, _purchase_id: str, item_id: str, sku: str, status: str, rakuten_status: str, *rest: Any
) -> ItemRecord:
    return ItemRecord(item_id, sku, _STATUS[status], rakuten_status, *rest)


def _position(row: sqlite3.Row) -> int:
    position: int = row[0]
    return position


def _changing(order: OrderRecord) -> tuple[str | int | None, ...]:
    """The columns of an order that change without its sale."""
    error = order.error or OrderError("", "", "")
    return (
        order.status,
        stamp(order.bought_at) if order.bought_at else None,
        stamp(order.deadline) if order.deadline else None,
        error.reason or None,
        error.message or None,
        error.hint or None,
        order.details_of,
        order.seen_of,
        order.told_of,
        order.sequence,
        order.rules_digest,
    )


def _item_values(item: ItemRecord) -> tuple[str | None, ...]:
    return (
        item.item_id,
        item.sku,
        item.status,
        item.rakuten_status,
        item.because,
        item.carrier,
        item.transporter,
        item.number_received,
        item.tracking_number,
        item.tracking_url,
    )


def read_error(row: sqlite3.Row) -> OrderError | None:
    """The error in a row's three columns."""
    if row["error_reason"] is None:
        return None
    return OrderError(row["error_reason"], row["error_message"] or "", row["error_hint"] or "")


def _in_paris(text: str) -> dt.datetime:
    """Times of purchase and deadlines are Rakuten's, so people read them in its zone."""
    return dt.datetime.fromisoformat(text).astimezone(PARIS)


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


_SAVE_ORDER = """
    INSERT INTO orders (login, purchase_id, sale, status, bought_at, deadline, error_reason, error_message, error_hint,
        details_of, seen_of, told_of, sequence, rules_digest, first_seen_at, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (login, purchase_id) DO UPDATE SET sale = excluded.sale, status = excluded.status,
        bought_at = excluded.bought_at, deadline = excluded.deadline, error_reason = excluded.error_reason,
        error_message = excluded.error_message, error_hint = excluded.error_hint, details_of = excluded.details_of,
        seen_of = excluded.seen_of, told_of = excluded.told_of, sequence = excluded.sequence,
        rules_digest = excluded.rules_digest, changed_at = excluded.changed_at
"""

_CHANGE_ORDER = """
    UPDATE orders SET status = ?, bought_at = ?, deadline = ?, error_reason = ?, error_message = ?, error_hint = ?,
        details_of = ?, seen_of = ?, told_of = ?, sequence = ?, rules_digest = ?, changed_at = ?
    WHERE login = ? AND purchase_id = ?
"""

_SAVE_ITEM = """
    INSERT INTO items (login, purchase_id, position, item_id, sku, status, rakuten_status, because, carrier,
        transporter, number_received, tracking_number, tracking_url, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (login, item_id) DO UPDATE SET position = excluded.position, sku = excluded.sku,
        status = excluded.status, rakuten_status = excluded.rakuten_status, because = excluded.because,
        carrier = excluded.carrier, transporter = excluded.transporter, number_received = excluded.number_received,
        tracking_number = excluded.tracking_number, tracking_url = excluded.tracking_url,
        changed_at = excluded.changed_at
"""
