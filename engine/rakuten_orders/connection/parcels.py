"""What a shipment means for an order's items, and what it lacks that the sale has. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from rakuten_orders.connection.lifecycle import SHIPPABLE, UNDECIDED, Status
from rakuten_orders.connection.store.records import ItemRecord, OrderRecord, ShipmentRecord
from rakuten_orders.formats import clean_number
from rakuten_orders.marketplace import ItemStage, item_stage, prepaid_transporter
from rakuten_orders.model import Sale, Shipment
from rakuten_orders.recipient import recipient

_ELSEWHERE = frozenset({Status.SKIPPED, Status.MANUAL})
_LABEL_NUMBER = "prepaidlabel.trackinginformation.trackingnumber"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an item of a shipment cannot be sent: the reason, a variant of its sentence, the item.

    ``lasting`` ones can never be overcome: the shipment is refused; the others are tried again.
    """

    reason: str
    variant: str
    item_id: str
    lasting: bool
    number: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    """The items that a shipment can be sent for now, what stands in the way of others, and whether some wait.

    ``overtaken`` are items that were confirmed before, without a number that is known.
    ``is_for_nothing``: every item of the order is left out, or handled outside.
    """

    item_ids: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    waits: bool
    overtaken: tuple[str, ...] = ()
    is_for_nothing: bool = False


def targets(order: OrderRecord, shipment: Shipment) -> Targets:
    """The items that a shipment (no cancellation) is for. Without ``item_ids``: all that are not shipped yet."""
    named = shipment.item_ids
    wanted = named or tuple(item.item_id for item in order.items)
    ready: list[str] = []
    obstacles: list[Obstacle] = []
    overtaken: list[str] = []
    waits = False
    for item_id in wanted:
        item = order.item(item_id)
        if item is None or item.status in _ELSEWHERE:
            if named:
                obstacles.append(Obstacle("unknown_order", "item", item_id, lasting=True))
        elif item.status in UNDECIDED:
            waits = True
        elif item.status in SHIPPABLE and item_stage(item.rakuten_status) is ItemStage.IN_CLAIM:
            obstacles.append(Obstacle("item_in_claim", "item", item_id, lasting=False))
        elif item.status in SHIPPABLE:
            ready.append(item_id)
        else:
            obstacles += _passed_by(item, shipment)
            if item.status is Status.SHIPPED and not item.tracking_number and shipment.tracking_number:
                overtaken.append(item_id)
    if not named and (ready or waits):
        # A shipment of "the rest" does not mind what is no part of the rest.
        obstacles = [obstacle for obstacle in obstacles if not obstacle.lasting]
        overtaken = []
    elsewhere = not named and all(item.status in _ELSEWHERE for item in order.items)
    return Targets(tuple(ready), tuple(obstacles), waits, tuple(overtaken), is_for_nothing=elsewhere)


def _passed_by(item: ItemRecord, shipment: Shipment) -> list[Obstacle]:
    """The obstacle of an item for which a shipment comes too late; none where it only repeats what was sent."""
    if item.status is not Status.SHIPPED:
        return [Obstacle("item_cancelled", "item", item.item_id, lasting=True)]
    number = clean_number(shipment.tracking_number or "")
    known = {clean_number(known) for known in (item.tracking_number, item.number_received) if known}
    if not number or not known or number in known:
        return []
    return [Obstacle("already_shipped", "item", item.item_id, lasting=True, number=item.tracking_number or "")]


def cancellable(order: OrderRecord, shipment: Shipment) -> Targets:
    """The items that a cancellation is for. Without ``item_ids``: all that are not shipped."""
    named = shipment.item_ids
    ready: list[str] = []
    obstacles: list[Obstacle] = []
    for item_id in named or tuple(item.item_id for item in order.items):
        item = order.item(item_id)
        if item is None:
            obstacles.append(Obstacle("unknown_order", "item", item_id, lasting=True))
        elif item.status in UNDECIDED or item.status in SHIPPABLE:
            ready.append(item_id)
        elif item.status is Status.SHIPPED:
            obstacles.append(Obstacle("already_shipped", "cancel", item_id, lasting=True))
    if not named and ready:
        obstacles = []
    return Targets(tuple(ready), tuple(obstacles), waits=False)


def completed(shipment: Shipment, sale: Sale) -> Shipment:
    """The shipment with what it lacks filled from the sale.

    A postcode that is the collection point's is known for what it is. Where Rakuten gave the label, its number is
    used when the shipment has none, and its carrier follows from the shipping type unless the shipment names one.
    """
    person = recipient(sale)
    shipping_type = shipment.shipping_type or _shipping_type(sale)
    postcode, pickup = shipment.postcode, shipment.pickup_postcode or person.pickup_postcode
    if postcode and postcode == person.pickup_postcode and postcode != person.postcode:
        postcode = None
    label = sale.shipping.get(_LABEL_NUMBER)
    number = shipment.tracking_number or label
    transporter = shipment.transporter
    if not transporter and label and clean_number(number or "") == clean_number(label):
        transporter = prepaid_transporter(shipping_type or "")
    return replace(
        shipment,
        transporter=transporter,
        tracking_number=number,
        order_id=sale.purchase_id,
        postcode=postcode or person.postcode,
        country=shipment.country or person.country,
        pickup_postcode=pickup,
        phone_last4=shipment.phone_last4 or person.phone_last4,
        shipping_type=shipping_type,
    )


def lacks_label(shipment: Shipment, sale: Sale) -> bool:
    """Whether Rakuten's label would bring the number that a shipment does not have, and is not known yet."""
    prepaid = prepaid_transporter(_shipping_type(sale) or "") is not None
    return prepaid and not shipment.tracking_number and _LABEL_NUMBER not in sale.shipping


def replaces(later: ShipmentRecord, earlier: ShipmentRecord) -> bool:
    """Whether a later shipment corrects an earlier one: it is for the same items, and that one could not be sent.

    One that can be sent is sent, whatever comes later: several parcels are several shipments.
    """
    failed = earlier.error is not None or not clean_number(earlier.shipment.tracking_number or "")
    same = later.purchase_id == earlier.purchase_id and later.shipment.cancel == earlier.shipment.cancel
    wanted = later.shipment.item_ids
    return failed and same and (wanted is None or set(earlier.shipment.item_ids or ("",)) <= set(wanted))


def _shipping_type(sale: Sale) -> str | None:
    return sale.fields.get("deliveryinformation.shippingtype") or sale.shipping.get("shippingtype")


def all_done(order: OrderRecord, item_ids: Collection[str]) -> bool:
    """Whether Rakuten has all of these items as shipped, or they are no more."""
    return not any(item.item_id in item_ids and item.status in SHIPPABLE for item in order.items)
