"""What goes out: calls that change something at Rakuten, and messages to the back office."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping

from rakuten_orders.connection.back_offices import Message
from rakuten_orders.connection.store.database import Database, moment
from rakuten_orders.connection.store.records import Action, Intent, IntentOutcome


class Intents:
    """The table ``intents``. An intent is on disk before its call and its outcome after it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open(
        self,
        login: str,
        purchase_id: str,
        item_id: str,
        action: Action,
        *,
        arguments: Mapping[str, str | None],
        shipment_id: int | None = None,
    ) -> Intent:
        """Records that the call is about to be made. One item has at most one open intent."""
        at = self._db.now()
        key = self._db.insert(
            "INSERT INTO intents (login, purchase_id, item_id, action, arguments, shipment_id, opened_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(login, purchase_id, item_id, action, canonical(arguments), shipment_id, at),
        )
        return Intent(key, purchase_id, item_id, action, dict(arguments), shipment_id, dt.datetime.fromisoformat(at))

    def settle(self, intent: Intent, outcome: IntentOutcome, detail: str = "") -> None:
        """Records how the call ended."""
        self._db.write(
            "UPDATE intents SET outcome = ?, detail = ?, settled_at = ? WHERE id = ?",
            *(outcome, detail, self._db.now(), intent.id),
        )

    def of_unknown_outcome(self, login: str) -> list[Intent]:
        """Calls that were begun and whose outcome is not known, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM intents INDEXED BY one_open_intent WHERE login = ? AND outcome IS NULL ORDER BY id", login
        )
        return [_intent(row) for row in rows]

    def last(self, login: str, item_id: str, action: Action) -> Intent | None:
        """The last call of this kind for the item."""
        row = self._db.row(
            "SELECT * FROM intents WHERE login = ? AND item_id = ? AND action = ? ORDER BY id DESC LIMIT 1",
            *(login, item_id, action),
        )
        return None if row is None else _intent(row)

    def is_open(self, login: str, item_id: str) -> bool:
        """Whether a call about the item was begun whose outcome is not known."""
        found = self._db.row(
            "SELECT 1 FROM intents WHERE login = ? AND item_id = ? AND outcome IS NULL", login, item_id
        )
        return found is not None

    def was_tried(self, login: str, intent: Intent) -> bool:
        """Whether the very same call was made before and seemed to have had no effect."""
        found = self._db.row(
            "SELECT 1 FROM intents WHERE login = ? AND item_id = ? AND action = ? AND arguments = ? "
            "AND outcome = 'not_done'",
            *(login, intent.item_id, intent.action, canonical(intent.arguments)),
        )
        return found is not None


class Messages:
    """The table ``messages``: made in the transaction that they tell of, delivered in their order."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, login: str, message: Message) -> None:
        """Stores a message to be delivered."""
        self._db.insert(
            "INSERT INTO messages (key, login, purchase_id, sequence, type, body, made_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            message.key,
            login,
            message.order_id,
            message.sequence,
            message.type,
            json.dumps(message.to_json(), ensure_ascii=False),
            self._db.now(),
        )

    def withdraw(self, login: str, message: Message) -> None:
        """Removes a message that was never taken, so that a better one can replace it."""
        self._db.write("DELETE FROM messages WHERE key = ? AND login = ? AND delivered_at IS NULL", message.key, login)

    def give_again(self, login: str, purchase_id: str) -> bool:
        """Has the order's last message delivered once more, under its own key; whether there is one."""
        return bool(
            self._db.write(
                "UPDATE messages SET delivered_at = NULL WHERE login = ? AND purchase_id = ? AND sequence = "
                "(SELECT max(sequence) FROM messages WHERE login = ? AND purchase_id = ?)",
                *(login, purchase_id, login, purchase_id),
            )
        )

    def undelivered(self, login: str) -> list[Message]:
        """Messages that wait, in the order in which each order's must go."""
        rows = self._db.rows(
            "SELECT * FROM messages INDEXED BY messages_to_deliver WHERE login = ? AND delivered_at IS NULL "
            "ORDER BY made_at, purchase_id, sequence",
            login,
        )
        return [Message(row["purchase_id"], **json.loads(row["body"])) for row in rows]

    def of_order(self, login: str, purchase_id: str) -> list[dict[str, object]]:
        """All messages of an order as they are sent, in their order."""
        rows = self._db.rows(
            "SELECT body FROM messages WHERE login = ? AND purchase_id = ? ORDER BY sequence", login, purchase_id
        )
        return [json.loads(row["body"]) for row in rows]

    def any_delivered(self, login: str) -> bool:
        """Whether the back office has any message of the account."""
        found = self._db.row(
            "SELECT 1 FROM messages WHERE login = ? AND delivered_at IS NOT NULL LIMIT 1",
            login,
        )
        return found is not None

    def delivered(self, message: Message) -> None:
        """Records that the back office has it."""
        self._db.write("UPDATE messages SET delivered_at = ? WHERE key = ?", self._db.now(), message.key)


def canonical(values: Mapping[str, str | None]) -> str:
    """The mapping as JSON that is equal where the mapping is."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _intent(row: sqlite3.Row) -> Intent:
    opened = moment(row["opened_at"])
    assert opened is not None  # noqa: S101 - the column is NOT NULL
    return Intent(
        row["id"],
        row["purchase_id"],
        row["item_id"],
        row["action"],
        json.loads(row["arguments"]),
        row["shipment_id"],
        opened,
        row["outcome"],
        row["detail"],
        moment(row["settled_at"]),
    )
