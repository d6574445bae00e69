"""What a sale from Rakuten makes of an order: pure functions from (what is stored, what came) to a new record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rakuten_orders.connection.back_offices import MessageType
from rakuten_orders.connection.lifecycle import (
    ACCEPTED,
    UNDECIDED,
    Move,
    Status,
    acceptance_deadline,
    moved,
    order_status,
    seen_move,
)
from rakuten_orders.connection.store.records import ItemRecord, OrderRecord
from rakuten_orders.marketplace import ItemStage, item_stage
from rakuten_orders.model import Item, Sale
from rakuten_orders.payload import purchased_at

Told = Literal["live", "claimed", "cancelled"]


def first_record(login: str, sale: Sale, item_ids: Collection[str], *, complete: bool) -> OrderRecord:
    """The record of an order that is seen for the first time, with those of its items that are taken in."""
    records = tuple(_first_item(item, accepted=complete) for item in sale.items if item.item_id in item_ids)
    order = OrderRecord(login, sale.purchase_id, Status.AWAITING_CONFIRMATION, sale, (), purchased_at(sale))
    return settled(order, records)


def updated(order: OrderRecord, sale: Sale, item_ids: Collection[str], *, complete: bool) -> OrderRecord:
    """The record after Rakuten showed the sale again; ``item_ids`` are those of its items that are taken in.

    ``complete`` tells getcurrentsales, which has everything of sales that were accepted, from getnewsales, whose
    sales lack what Rakuten shows only after acceptance: there, what was known stays.
    """
    shown = {item.item_id: item for item in sale.items}
    known = {item.item_id for item in order.items}
    items = [
        _seen(record, shown[record.item_id], accepted=complete) if record.item_id in shown else record
        for record in order.items
    ]
    fresh = [item for item in sale.items if item.item_id in item_ids and item.item_id not in known]
    items += [_first_item(item, accepted=complete) for item in fresh]
    fields = sale.fields if complete else {**order.sale.fields, **sale.fields}
    merged = replace(order.sale, fields=fields, items=_merged_items(order.sale.items, shown))
    bought = purchased_at(merged) or order.bought_at
    return settled(replace(order, sale=merged, bought_at=bought), tuple(items))


def is_shipped(fields: Mapping[str, str]) -> bool | None:
    """The flag ``shipped`` (versions since 2016-03-16, what a client reads); None where it is not there."""
    flag = fields.get("shipped")
    return None if flag is None else flag.strip().lower() in ("1", "true", "y")


def with_moves(order: OrderRecord, item_ids: Collection[str], move: Move, because: str | None = None) -> OrderRecord:
    """The order with these items moved; ``because`` is the rule's reason to hold or to leave out."""
    items = tuple(_moved_item(item, move, because) if item.item_id in item_ids else item for item in order.items)
    return settled(order, items, address=address_seen(order))


def _moved_item(item: ItemRecord, move: Move, because: str | None = None) -> ItemRecord:
    status = moved(item.status, move)
    reason = item.because if because is None else because
    return replace(item, status=status, because=reason if status in (Status.ON_HOLD, Status.SKIPPED) else "")


def with_rakuten_status(order: OrderRecord, item_id: str, word: str) -> OrderRecord:
    """The order with Rakuten's word for an item, as another service than the lists told it."""
    items = tuple(replace(item, rakuten_status=word) if item.item_id == item_id else item for item in order.items)
    return settled(order, items, address=address_seen(order))


def settled(order: OrderRecord, items: tuple[ItemRecord, ...], *, address: str | None = None) -> OrderRecord:
    """The order with these items and what follows from them: status, deadline, fingerprint of what it looks like.

    ``address`` is the address' fingerprint, where the sale is the one that it was taken of.
    """
    undecided = any(
        item.status in UNDECIDED and item_stage(item.rakuten_status) is not ItemStage.AWAITING_STOCK for item in items
    )
    return replace(
        order,
        items=items,
        status=order_status([item.status for item in items] or [Status.MANUAL]),
        deadline=acceptance_deadline(order.bought_at) if undecided and order.bought_at else None,
        seen_of=Appearance(address or _digest(_address(order.sale)), told_items(items)).to_text(),
    )


def restricted(sale: Sale, item_ids: Collection[str]) -> Sale:
    """The sale with these of its items alone."""
    return replace(sale, items=tuple(item for item in sale.items if item.item_id in item_ids))


def details_key(order: OrderRecord) -> str:
    """Changes when shipping and billing information have to be read again: with the address or accepted items."""
    accepted = sorted(item.item_id for item in order.items if item.status in ACCEPTED)
    return _digest([address_seen(order), accepted])


def is_complete(order: OrderRecord) -> bool:
    """Whether every accepted item was read after its acceptance: before, Rakuten keeps e-mail and phone back."""
    accepted = [item for item in order.items if item.status in ACCEPTED]
    return bool(accepted) and all(item_stage(i.rakuten_status) is not ItemStage.UNDECIDED for i in accepted)


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the back office is told of when it changes: the address, and which items are its to send.

    Fulfilment itself, ratings and payments do not count.
    """

    address: str
    items: Mapping[str, Told]

    def to_text(self) -> str:
        """As the store keeps it; equal texts, equal appearances."""
        return json.dumps([self.address, self.items], sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_text(text: str) -> Appearance:
        """What ``to_text`` wrote."""
        return Appearance(*json.loads(text))


def address_seen(order: OrderRecord) -> str:
    """The fingerprint of the address, as it was taken when the order was last settled."""
    return Appearance.from_text(order.seen_of).address if order.seen_of else _digest(_address(order.sale))


def appearance(order: OrderRecord) -> Appearance:
    """How the order looks to the back office."""
    return Appearance(_digest(_address(order.sale)), told_items(order.items))


def told_items(records: Iterable[ItemRecord]) -> dict[str, Told]:
    """The items that the back office is told of, and as what."""
    items: dict[str, Told] = {}
    for item in records:
        stage = item_stage(item.rakuten_status)
        by_hand = item.status is Status.MANUAL and stage is not ItemStage.UNDECIDED
        if item.status in ACCEPTED or by_hand:
            items[item.item_id] = "claimed" if stage is ItemStage.IN_CLAIM else "live"
        elif item.status is Status.CANCELLED:
            items[item.item_id] = "cancelled"
    return items


def address_changed(before: OrderRecord, after: OrderRecord) -> bool:
    """Whether the address is another one than before, of an order that the back office was told of."""
    return before.told_of is not None and _address(before.sale) != _address(after.sale)


def message_type(told: Appearance | None, seen: Appearance) -> MessageType:
    """Which message tells the difference.

    ``order.cancelled`` says that nothing is left of the order; ``order.claimed`` that an item came into claim.
    """
    if told is None:
        return "order.created"
    if "live" not in seen.items.values() and "claimed" not in seen.items.values():
        return "order.cancelled"
    claimed = {item_id for item_id, state in seen.items.items() if state == "claimed"}
    if any(told.items.get(item_id) != "claimed" for item_id in claimed):
        return "order.claimed"
    return "order.updated"


def items_to_tell(order: OrderRecord, type_: MessageType) -> frozenset[str]:
    """The items that a message of this type holds: what is to be sent now, or at the end all that was cancelled."""
    wanted = ("cancelled",) if type_ == "order.cancelled" else ("live", "claimed")
    return frozenset(item_id for item_id, state in told_items(order.items).items() if state in wanted)


def _first_item(item: Item, *, accepted: bool) -> ItemRecord:
    record = ItemRecord(item.item_id, item.fields.get("sku", ""), Status.AWAITING_CONFIRMATION, item.status)
    return _seen(record, item, accepted=accepted)


def _seen(record: ItemRecord, item: Item, *, accepted: bool) -> ItemRecord:
    """``accepted``: it stands in the list of accepted sales, which tells where its word is a new one."""
    move = seen_move(item.status, shipped=bool(is_shipped(item.fields)))
    if move is None and accepted and item_stage(item.status) is ItemStage.UNKNOWN:
        move = Move.ACCEPTED
    seen = record if move is None else _moved_item(record, move)
    return replace(seen, sku=item.fields.get("sku", ""), rakuten_status=item.status)


def _merged_items(items: Iterable[Item], shown: Mapping[str, Item]) -> tuple[Item, ...]:
    merged = {item.item_id: item for item in items}
    merged.update((item_id, item) for item_id, item in shown.items() if item_id)
    return tuple(merged.values())


def _address(sale: Sale) -> dict[str, str]:
    return {path: value for path, value in sale.fields.items() if path.startswith("deliveryinformation.")}


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
