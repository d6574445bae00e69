"""The world that the passes run in: a marketplace, its buyers, a back office that ships, all moved by one chance."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.connection.simulator import SimulatedSale, Simulator, make_sales
from rakuten_orders.connection.simulator.labels import prepaid_label
from rakuten_orders.connection.store.database import utc_now
from torture.secrecy import NAME, marked

ACTS = (
    *("cancel_by_buyer", "claim", "settle_claim", "rate", "message", "remind", "change_address"),
    *("time_out", "accept_by_hand", "refuse_by_hand", "ship_by_hand"),
)
"""What buyers, Rakuten, and the seller on Rakuten's site may do."""


@dataclass(slots=True)
class Clock:
    """The real time and what was added to it."""

    ahead_s: float = 0.0

    def __call__(self) -> dt.datetime:
        return utc_now() + dt.timedelta(seconds=self.ahead_s)


@dataclass(slots=True)
class World:
    """``numbers`` are those that the back office gave for an item; ``touched`` orders somebody else acted on."""

    folder: Path
    simulator: Simulator
    clock: Clock
    chance: random.Random
    sales: dict[str, SimulatedSale] = field(default_factory=dict)
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    handed_in: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    by_hand: set[str] = field(default_factory=set)
    acts: int = 0
    _stock: list[SimulatedSale] = field(default_factory=list)
    _files: int = 0

    def sell(self, count: int) -> None:
        """Buyers buy; every kind of sale comes, and some have a SKU that is missing."""
        for _ in range(count):
            if not self._stock:
                self._stock = list(make_sales(self.chance.randrange(1000), 400))
            sale = self._stock.pop(0)
            if sale.purchase_id in self.sales:
                continue
            bought = self.clock().astimezone(dt.UTC) - dt.timedelta(minutes=self.chance.randint(1, 240))
            fields = {**sale.fields, "purchasedate": _in_paris(bought)}
            items = sale.items
            if self.chance.random() < 0.06:
                items = tuple(replace(one, fields={**one.fields, "sku": ""}) for one in items)
            sale = marked(replace(sale, fields=fields, items=items))
            self.sales[sale.purchase_id] = sale
            self.simulator.add(sale)

    def is_good(self, purchase_id: str) -> bool:
        """Whether nothing stands in an order's way: nothing to hold, nothing missing, and nobody else acted on it."""
        items = self.sales[purchase_id].items
        plain = all(
            one.fields.get("sku") and not any(one.fields.get(mark) == "Y" for mark in ("isnego", "isrsl", "ispreorder"))
            for one in items
        )
        return plain and purchase_id not in self.touched

    def is_left_out(self, item_id: str) -> bool:
        """Whether Rakuten's logistics send it: such an item is skipped, and what becomes of it is not followed."""
        items = (one for sale in self.sales.values() for one in sale.items if one.item_id == item_id)
        return any(one.fields.get("isrsl") == "Y" for one in items)

    def act(self, name: str | None = None) -> None:
        """The buyer, Rakuten or the seller on Rakuten's site does something to some item, if it can be done."""
        sale = self.chance.choice(list(self.sales.values()))
        item_id = self.chance.choice(sale.items).item_id
        name = name or self.chance.choice(ACTS)
        with suppress(ValueError):
            if name == "change_address":
                self.simulator.change_address(sale.purchase_id, zipcode=f"{self.chance.randint(10, 95)}000")
            elif name == "message":
                self.simulator.message(item_id, f"Bonjour, {NAME}")
            else:
                getattr(self.simulator, name)(item_id)
            self.acts += 1
            self.touched.add(sale.purchase_id)
            if name.endswith("_by_hand"):
                self.by_hand.add(item_id)

    def ship_some(self, share: float) -> None:
        """The back office ships some of the orders that it has, in one parcel or several, or cancels one."""
        rows: list[dict[str, str]] = []
        for path in sorted((self.folder / "exchange/orders").glob("*.json")):
            order_id = path.name.split(".")[0]
            if path.name.count(".") == 1 and order_id not in self.handed_in and self.chance.random() < share:
                self.handed_in.add(order_id)
                rows += self._parcels(order_id, json.loads(path.read_text()))
        if rows:
            self._files += 1
            self._hand_in(rows)

    def _parcels(self, order_id: str, message: dict[str, Any]) -> list[dict[str, str]]:
        ids = [item_id for line in message["order"]["lines"] for item_id in line["item_ids"]]
        if self.chance.random() < 0.04:
            self.touched.add(order_id)
            return [{"order_id": order_id, "cancel": "true", "because": "épuisé"}]
        sale = self.sales[order_id]
        label = prepaid_label(sale.fields["deliveryinformation.shippingtype"], order_id)
        if label is not None:
            for item_id in ids:
                self.numbers[item_id].add(label.tracking_number)
            return [{"order_id": order_id}]
        if sale.fields["deliveryinformation.shippingtype"] == "Normal" and self.chance.random() < 0.5:
            for item_id in ids:
                self.numbers[item_id].add("Oui")
            return [{"order_id": order_id, "transporter": "Lettre"}]
        parcels = [[item_id] for item_id in ids] if self.chance.random() < 0.3 else [ids]
        return [self._parcel(order_id, parcel) for parcel in parcels]

    def _parcel(self, order_id: str, ids: list[str]) -> dict[str, str]:
        transporter, number = self.chance.choice(
            [
                ("Colissimo", f"6A{self.chance.randrange(10**11):011}"),
                ("Mondial Relay", f"{self.chance.randrange(10**8):08}"),
                ("DPD", f"{self.chance.randrange(10**14):014}"),
            ]
        )
        for item_id in ids:
            self.numbers[item_id].add(number)
        return {
            "order_id": order_id,
            "item_ids": " ".join(ids),
            "transporter": transporter,
            "tracking_number": number,
        }

    def _hand_in(self, rows: list[dict[str, str]]) -> None:
        folder = self.folder / "exchange/shipments"
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{self._files:05}.tmp"
        names = ["order_id", "item_ids", "transporter", "tracking_number", "cancel", "because"]
        with unfinished.open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
        unfinished.rename(unfinished.with_suffix(".csv"))

    def messages(self) -> dict[str, dict[str, Any]]:
        """What was delivered, by file name."""
        return {path.name: json.loads(path.read_text()) for path in (self.folder / "exchange/orders").glob("*.json")}


def _in_paris(moment: dt.datetime) -> str:
    return moment.astimezone(PARIS).strftime("%d/%m/%Y-%H:%M")
