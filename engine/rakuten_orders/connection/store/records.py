"""The rows of the store, as frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.model import Sale, Shipment

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class OrderError:
    """What is wrong with an order or an account: a reason that ``explain`` knows, a sentence, what to do."""

    reason: str
    message: str
    hint: str

    def to_json(self) -> dict[str, str]:
        """The error under the keys that ``--json`` prints."""
        return {"reason": self.reason, "message": self.message, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item as the store holds it; see the table ``items``."""

    item_id: str
    sku: str
    status: Status
    rakuten_status: str
    because: str = ""
    carrier: str | None = None
    transporter: str | None = None
    number_received: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order as the store holds it, with its items in the sale's order; see the table ``orders``."""

    login: str
    purchase_id: str
    status: Status
    sale: Sale
    items: tuple[ItemRecord, ...]
    bought_at: dt.datetime | None = None
    deadline: dt.datetime | None = None
    error: OrderError | None = None
    details_of: str | None = None
    seen_of: str = ""
    told_of: str | None = None
    sequence: int = 0
    rules_digest: str | None = None

    def item(self, item_id: str) -> ItemRecord | None:
        """The item with this id."""
        return next((item for item in self.items if item.item_id == item_id), None)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of an order's or account's history. ``by`` is who did it by hand, None for the job itself."""

    at: dt.datetime
    level: Level
    code: str
    message: str
    by: str | None = None
    login: str = ""
    purchase_id: str | None = None
    item_id: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The entry under the keys that ``--json`` prints."""
        at = self.at.isoformat(timespec="seconds")
        return {"at": at, "level": self.level, "code": self.code, "message": self.message, "by": self.by}


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of one seller account; see the table ``accounts``."""

    login: str
    label: str
    since: dt.date
    rules_digest: str | None = None
    cursor: str | None = None
    asked_new_at: dt.datetime | None = None
    read_current_at: dt.datetime | None = None
    caught_up_at: dt.datetime | None = None
    quota_until: dt.datetime | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    error: OrderError | None = None
    todo: frozenset[tuple[str, str]] = frozenset()
    todo_read_at: dt.datetime | None = None
    numbered_above: int = 0
    restored: bool = False


Action = Literal["acceptsale", "refusesale", "cancelitem", "settrackingpackageinfos", "importitemshippingstatus"]

IntentOutcome = Literal["done", "done_before", "not_done", "refused", "cancelled"]
"""How a call ended: it took effect; somebody else had done it before; it did not take effect, as far as Rakuten shows;
Rakuten said no; the item was cancelled."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One call that changes something at Rakuten. ``outcome`` None: unknown, to be read back before it is repeated."""

    id: int
    purchase_id: str
    item_id: str
    action: Action
    arguments: Mapping[str, str | None]
    shipment_id: int | None
    opened_at: dt.datetime
    outcome: IntentOutcome | None = None
    detail: str = ""
    settled_at: dt.datetime | None = None


HandAction = Literal["accept", "refuse", "release", "cancel", "resend", "handle-manually"]

DecisionState = Literal["open", "done", "withdrawn"]


@dataclass(frozen=True, slots=True)
class HandDecision:
    """What a person decided on an order. ``because`` is their reason, ``by`` who it was."""

    id: int
    purchase_id: str
    action: HandAction
    because: str
    by: str
    decided_at: dt.datetime
    state: DecisionState = "open"


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """A shipment that was taken in. ``source`` names where it came from, to the line."""

    id: int
    source: str
    purchase_id: str
    shipment: Shipment
    received_at: dt.datetime
    state: Literal["open", "done", "refused"] = "open"
    by: str | None = None
    error: OrderError | None = None
