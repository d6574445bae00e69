"""Orders as rows and documents for other programs: what was received beside what was sent, and every event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.connection.store import Event, ItemRecord, OrderRecord, ShipmentRecord, Store
from rakuten_orders.model import Shipment
from rakuten_orders.payload import sale_to_json

COLUMNS = (
    *("connection", "order_id", "status", "bought_at", "deadline", "error_reason", "error_message"),
    *("item_id", "sku", "item_status", "rakuten_status", "price", "currency", "note", "carrier"),
    *("transporter_received", "transporter_sent", "tracking_number_received", "tracking_number_sent"),
    *("tracking_url_received", "tracking_url_sent", "events"),
)
"""The columns of the CSV form, one row an item."""


@dataclass(frozen=True, slots=True)
class Exported:
    """All that the store has of one order."""

    connection: str
    order: OrderRecord
    shipments: tuple[ShipmentRecord, ...]
    messages: tuple[dict[str, object], ...]
    events: tuple[Event, ...]

    def to_json(self) -> dict[str, object]:
        """The order as one document: the sale as received, the messages as sent, each item's shipment both ways."""
        order = self.order
        return {
            "connection": self.connection,
            "order_id": order.purchase_id,
            "status": order.status,
            "bought_at": _text(order.bought_at),
            "deadline": _text(order.deadline),
            "error": order.error.to_json() if order.error else None,
            "items": [self._item(item) for item in order.items],
            "received": sale_to_json(order.sale),
            "sent": list(self.messages),
            "events": [event.to_json() for event in self.events],
        }

    def rows(self) -> Iterator[dict[str, str]]:
        """A row an item, under `COLUMNS`; events one a line, the order's and the item's own."""
        order = self.order
        for item in order.items:
            fields = next((one.fields for one in order.sale.items if one.item_id == item.item_id), {})
            received = self._received(item)
            yield {
                "connection": self.connection,
                "order_id": order.purchase_id,
                "status": order.status,
                "bought_at": _text(order.bought_at) or "",
                "deadline": _text(order.deadline) or "",
                "error_reason": order.error.reason if order.error else "",
                "error_message": order.error.message if order.error else "",
                "item_id": item.item_id,
                "sku": item.sku,
                "item_status": item.status,
                "rakuten_status": item.rakuten_status,
                "price": fields.get("price.amount", ""),
                "currency": fields.get("price.currency", ""),
                "note": item.because,
                "carrier": item.carrier or "",
                "transporter_received": (received.transporter if received else "") or "",
                "transporter_sent": item.transporter or "",
                "tracking_number_received": (received.tracking_number if received else item.number_received) or "",
                "tracking_number_sent": item.tracking_number or "",
                "tracking_url_received": (received.tracking_url if received else "") or "",
                "tracking_url_sent": item.tracking_url or "",
                "events": "\n".join(
                    f"{_text(event.at)} {event.level} {event.code}: {event.message}"
                    for event in self.events
                    if event.item_id in (None, item.item_id)
                ),
            }

    def _item(self, item: ItemRecord) -> dict[str, object]:
        received = self._received(item)
        return {
            "item_id": item.item_id,
            "sku": item.sku or None,
            "status": item.status,
            "rakuten_status": item.rakuten_status or None,
            "note": item.because or None,
            "received": {
                "transporter": received.transporter if received else None,
                "tracking_number": received.tracking_number if received else item.number_received,
                "tracking_url": received.tracking_url if received else None,
            },
            "sent": {
                "carrier": item.carrier,
                "transporter": item.transporter,
                "tracking_number": item.tracking_number,
                "tracking_url": item.tracking_url,
            },
        }

    def _received(self, item: ItemRecord) -> Shipment | None:
        """The shipment that the item went out with, or the last one that is for it."""
        mine = [
            record.shipment
            for record in self.shipments
            if not record.shipment.cancel and item.item_id in (record.shipment.item_ids or (item.item_id,))
        ]
        sent = [shipment for shipment in mine if shipment.tracking_number == item.number_received]
        return next(reversed(sent or mine), None)


def exported(store: Store, logins: Sequence[str]) -> Iterator[Exported]:
    """The accounts' orders, oldest first."""
    labels = {account.login: account.label for account in store.accounts.all()}
    for order in store.orders.select(logins=logins):
        yield Exported(
            labels[order.login],
            order,
            tuple(store.shipments.of_order(order.login, order.purchase_id)),
            tuple(store.messages.of_order(order.login, order.purchase_id)),
            tuple(store.orders.events(order.login, order.purchase_id)),
        )


def _text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(PARIS).isoformat(timespec="seconds")
