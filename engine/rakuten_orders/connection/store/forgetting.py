"""Removing personal data of orders that are over, down to the file's free pages; what bookkeeping needs stays.

Kept are ids, dates, statuses, SKUs, prices, transporters and tracking numbers, and the history's dates and codes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from rakuten_orders.connection.lifecycle import FINAL
from rakuten_orders.connection.store.database import Database, stamp
from rakuten_orders.connection.store.outbox import canonical
from rakuten_orders.connection.store.shipments import shipment_from_json, shipment_to_json
from rakuten_orders.model import Item, Sale, Shipment
from rakuten_orders.payload import sale_from_json, sale_to_json

_OF_SALE = frozenset({"purchaseid", "purchasedate"})
_OF_ITEM = frozenset({"itemid", "sku", "advertid", "itemstatus"})
_AMOUNTS = (".amount", ".currency")
_OF_CALLS = frozenset({"ships_from", "carrier", "transporter_name", "tracking_number"})
_OVER = ", ".join(f"'{status}'" for status in sorted(FINAL))
_OLD = "login = ? AND coalesce(bought_at, first_seen_at) < ? AND forgotten_at IS NULL"
_DONE = (
    f"status IN ({_OVER}) AND error_reason IS NULL "  # noqa: S608 - our own words
    "AND NOT EXISTS (SELECT 1 FROM shipments s WHERE s.login = orders.login "
    "AND s.purchase_id = orders.purchase_id AND s.state = 'open') "
    "AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.login = orders.login "
    "AND m.purchase_id = orders.purchase_id AND m.delivered_at IS NULL) "
    "AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.login = orders.login "
    "AND i.purchase_id = orders.purchase_id AND i.outcome IS NULL)"
)


@dataclass(frozen=True, slots=True)
class Forgettable:
    """Orders bought before a day: ``over`` can be forgotten, ``busy`` have something left to do or are in error."""

    over: tuple[str, ...]
    busy: tuple[str, ...]


class Forgetting:
    """The tables that hold personal data. Logins are given casefolded."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def older_than(self, login: str, before: dt.datetime) -> Forgettable:
        """The account's orders that were bought before ``before`` (aware) and are not forgotten yet."""
        rows = self._db.rows(
            f"SELECT purchase_id, ({_DONE}) AS done FROM orders WHERE {_OLD} ORDER BY purchase_id",  # noqa: S608
            *(login, stamp(before)),
        )
        return Forgettable(
            tuple(row["purchase_id"] for row in rows if row["done"]),
            tuple(row["purchase_id"] for row in rows if not row["done"]),
        )

    def forget(self, login: str, before: dt.datetime) -> tuple[str, ...]:
        """Removes the personal data of the account's old orders that are over; which these were.

        The caller holds the account's lease. `erase_free_pages` has to follow.
        """
        with self._db.transaction():
            over = self.older_than(login, before).over
            for purchase_id in over:
                self._forget(login, purchase_id)
        return over

    def is_forgotten(self, login: str, purchase_id: str) -> bool:
        """Whether the order's personal data was removed, so that it must not come back."""
        row = self._db.row("SELECT forgotten_at FROM orders WHERE login = ? AND purchase_id = ?", login, purchase_id)
        return row is not None and row["forgotten_at"] is not None

    def erase_free_pages(self) -> None:
        """Builds the file anew, so that nothing of what was removed is left in it or beside it."""
        self._db.vacuum()

    def _forget(self, login: str, purchase_id: str) -> None:
        of_order = (login, purchase_id)
        where = "WHERE login = ? AND purchase_id = ?"
        row = self._db.row(f"SELECT sale FROM orders {where}", *of_order)  # noqa: S608 - the literal above
        assert row is not None  # noqa: S101 - the caller found it
        kept = sale_to_json(bookkeeping_sale(sale_from_json(json.loads(row["sale"]))))
        self._db.write(
            # The fingerprints are of the address: equal, so that nothing seems to have changed, and empty.
            f"UPDATE orders SET sale = ?, details_of = NULL, seen_of = '', told_of = '', forgotten_at = ? {where}",  # noqa: S608
            *(json.dumps(kept, ensure_ascii=False), self._db.now(), *of_order),
        )
        self._db.write(f"UPDATE items SET tracking_url = NULL {where}", *of_order)  # noqa: S608
        self._db.write(f"DELETE FROM messages {where}", *of_order)  # noqa: S608
        self._db.write(f"UPDATE decisions SET because = '' {where}", *of_order)  # noqa: S608
        # What is wrong or was typed by somebody may name a person; the codes tell the rest.
        self._db.write(
            f"UPDATE events SET message = code {where} AND (level <> 'info' OR code IN ('decided', 'mended'))",  # noqa: S608
            *of_order,
        )
        for found in self._db.rows(f"SELECT id, shipment FROM shipments {where}", *of_order):  # noqa: S608
            reduced = bookkeeping_shipment(shipment_from_json(found["shipment"]))
            self._db.write(
                "UPDATE shipments SET shipment = ?, error_message = error_reason, error_hint = '' WHERE id = ?",
                *(shipment_to_json(reduced), found["id"]),
            )
        for found in self._db.rows(f"SELECT id, arguments FROM intents {where}", *of_order):  # noqa: S608
            arguments = {key: value for key, value in json.loads(found["arguments"]).items() if key in _OF_CALLS}
            self._db.write(
                "UPDATE intents SET arguments = ?, detail = '' WHERE id = ?", canonical(arguments), found["id"]
            )


def bookkeeping_sale(sale: Sale) -> Sale:
    """The sale without anything about the buyer: ids, dates, states and amounts."""
    items = tuple(Item(item.item_id, item.status, _kept(item.fields, _OF_ITEM)) for item in sale.items)
    billing = {item_id: _kept(fields) for item_id, fields in sale.billing.items()}
    return Sale(sale.purchase_id, items, _kept(sale.fields, _OF_SALE), {}, billing)


def bookkeeping_shipment(shipment: Shipment) -> Shipment:
    """The shipment without where it went: which items, by whom, under which number."""
    return Shipment(
        transporter=shipment.transporter,
        tracking_number=shipment.tracking_number,
        order_id=shipment.order_id,
        item_ids=shipment.item_ids,
        shipping_type=shipment.shipping_type,
        cancel=shipment.cancel,
    )


def _kept(fields: Mapping[str, str], names: frozenset[str] = frozenset()) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name in names or name.endswith(_AMOUNTS)}
