"""Shipments that the back office or a person handed in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from typing import Any

from rakuten_orders.connection.store.database import Database
from rakuten_orders.connection.store.orders import read_error
from rakuten_orders.connection.store.records import OrderError, ShipmentRecord
from rakuten_orders.model import Shipment


class Shipments:
    """The table ``shipments``. A shipment stays ``open`` until Rakuten has it or it can never be sent."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self, login: str, purchase_id: str, shipment: Shipment, *, source: str, by: str | None = None
    ) -> ShipmentRecord | None:
        """Stores a shipment; None where the same source was stored before."""
        key = self._db.insert(
            "INSERT OR IGNORE INTO shipments (source, login, purchase_id, shipment, by, received_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'open')",
            *(source, login, purchase_id, shipment_to_json(shipment), by, self._db.now()),
        )
        row = self._db.row("SELECT * FROM shipments WHERE id = ?", key) if key else None
        return None if row is None else _record(row)

    def open(self, login: str) -> list[ShipmentRecord]:
        """Shipments of an account that are not dealt with, in the order in which they came."""
        return [
            _record(row)
            for row in self._db.rows(
                "SELECT * FROM shipments INDEXED BY shipments_open WHERE login = ? AND state = 'open' ORDER BY id",
                login,
            )
        ]

    def all(self, login: str) -> list[ShipmentRecord]:
        """All shipments of an account, in the order in which they came."""
        return [_record(row) for row in self._db.rows("SELECT * FROM shipments WHERE login = ? ORDER BY id", login)]

    def of_order(self, login: str, purchase_id: str) -> list[ShipmentRecord]:
        """All shipments of an order, in the order in which they came."""
        rows = self._db.rows(
            "SELECT * FROM shipments WHERE login = ? AND purchase_id = ? ORDER BY id", login, purchase_id
        )
        return [_record(row) for row in rows]

    def done(self, record: ShipmentRecord) -> None:
        """Nothing of it is left to send."""
        self._db.write(
            "UPDATE shipments SET state = 'done', error_reason = NULL, error_message = NULL, error_hint = NULL "
            "WHERE id = ?",
            record.id,
        )

    def refuse(self, record: ShipmentRecord, error: OrderError) -> None:
        """It can never be sent as it is."""
        self._fail("refused", record, error)

    def fail(self, record: ShipmentRecord, error: OrderError | None) -> None:
        """It cannot be sent now; it is tried again. None: it can."""
        self._fail("open", record, error)

    def _fail(self, state: str, record: ShipmentRecord, error: OrderError | None) -> None:
        reason, message, hint = (error.reason, error.message, error.hint) if error else (None, None, None)
        self._db.write(
            "UPDATE shipments SET state = ?, error_reason = ?, error_message = ?, error_hint = ? WHERE id = ?",
            *(state, reason, message, hint, record.id),
        )


def shipment_to_json(shipment: Shipment) -> str:
    """The shipment as JSON, under the names of its fields."""
    return json.dumps({key: value for key, value in dataclasses.asdict(shipment).items() if value is not None})


def shipment_from_json(text: str) -> Shipment:
    """The shipment that ``shipment_to_json`` wrote."""
    data: dict[str, Any] = {"transporter": None, "tracking_number": None, **json.loads(text)}
    if data.get("item_ids") is not None:
        data["item_ids"] = tuple(data["item_ids"])
    return Shipment(**data)


def _record(row: sqlite3.Row) -> ShipmentRecord:
    return ShipmentRecord(
        row["id"],
        row["source"],
        row["purchase_id"],
        shipment_from_json(row["shipment"]),
        dt.datetime.fromisoformat(row["received_at"]),
        row["state"],
        row["by"],
        read_error(row),
    )
