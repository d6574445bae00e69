"""Sales as they are put into the simulator: plain values and a few builders.

Fields are flat, keyed by Rakuten's dotted element paths, so that any element can be set or left out::

    SimulatedSale(
        purchase_id="500000001",
        fields=delivery("Suivi", to_home(CAMILLE)),
        items=(item("700000001", "CAFE-250", "12.90"),),
    )
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from rakuten_orders.model import Item, Sale

DELIVERY = "deliveryinformation"
ADDRESS_BLOCKS = ("deliveryaddress", "collectionpointaddress", "billingaddress")
"""The address blocks below ``deliveryinformation``, in the order in which they are written (seen in samples)."""


@dataclass(frozen=True, slots=True)
class SimulatedItem:
    """One physical unit on sale.

    ``fields`` are the paths below ``<item>`` without ``itemid``, ``itemstatus`` and ``shipped``, which the
    marketplace keeps. ``status`` and ``shipped`` are what it starts from. ``shipping_price`` is in EUR and
    shows only in getbillinginformation and, summed up, in getshippinginformation.
    """

    item_id: str
    fields: Mapping[str, str]
    shipping_price: Decimal = Decimal("4.90")
    status: str = "REQUESTED"
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedSale:
    """One buyer's basket.

    ``fields`` are the paths below ``<sale>`` as they stand after acceptance, e-mail and phones included.
    The sale was made ``age`` ago when it is added, unless ``fields`` holds a ``purchasedate``.
    """

    purchase_id: str
    fields: Mapping[str, str]
    items: tuple[SimulatedItem, ...]
    age: dt.timedelta = field(default=dt.timedelta(hours=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A buyer's address as Rakuten writes it; metropolitan France is ``FX`` (seen in samples)."""

    lastname: str
    firstname: str
    address1: str
    zipcode: str
    city: str
    civility: str = "Mme"
    address2: str = ""
    state: str = ""
    country: str = "France"
    countryalpha2: str = "FX"
    phonenumber1: str = ""
    phonenumber2: str = ""

    def fields(self, block: str) -> dict[str, str]:
        """The address's filled elements as paths below ``<sale>``, in ``deliveryaddress`` or ``billingaddress``."""
        return {f"{DELIVERY}.{block}.{name}": text for name in self.__slots__ if (text := getattr(self, name))}


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPoint:
    """A pick-up point: one address line, no alpha-2 code, no phone (seen in samples)."""

    point_id: str
    name: str
    address: str
    zipcode: str
    city: str
    country: str = "France"
    contractlevel: str = ""

    def fields(self, buyer: Address) -> dict[str, str]:
        """The block's elements as paths below ``<sale>``; the buyer is named in it."""
        block = {
            "civility": buyer.civility,
            "lastname": buyer.lastname,
            "firstname": buyer.firstname,
            "id": self.point_id,
            "name": self.name,
            "address": self.address,
            "zipcode": self.zipcode,
            "city": self.city,
            "country": self.country,
            "contractlevel": self.contractlevel,
        }
        return {f"{DELIVERY}.collectionpointaddress.{name}": text for name, text in block.items() if text}


def to_home(address: Address) -> dict[str, str]:
    """Home delivery: ``deliveryaddress`` alone."""
    return address.fields("deliveryaddress")


def to_point(point: CollectionPoint, buyer: Address) -> dict[str, str]:
    """A pick-up point: its ``collectionpointaddress`` and the buyer's ``billingaddress``."""
    return {**point.fields(buyer), **buyer.fields("billingaddress")}


def prepaid(buyer: Address) -> dict[str, str]:
    """A prepaid label: ``billingaddress`` alone; Rakuten keeps the real destination."""
    return buyer.fields("billingaddress")


def delivery(
    shipping_type: str,
    addresses: Mapping[str, str],
    *,
    buyer_login: str = "acheteur-exemple",
    buyer_email: str = "acheteur@example.com",
    is_full_rsl: bool = False,
) -> dict[str, str]:
    """The whole ``deliveryinformation`` of a sale as paths."""
    return {
        f"{DELIVERY}.shippingtype": shipping_type,
        f"{DELIVERY}.isfullrsl": "Y" if is_full_rsl else "N",
        f"{DELIVERY}.purchasebuyerlogin": buyer_login,
        f"{DELIVERY}.purchasebuyeremail": buyer_email,
        **addresses,
    }


def item(
    item_id: str,
    sku: str,
    price: str,
    *,
    headline: str = "Article de démonstration",
    shipping_price: str = "4.90",
    status: str = "REQUESTED",
    shipped: bool = False,
    fields: Mapping[str, str] = MappingProxyType({}),
) -> SimulatedItem:
    """One unit at ``price`` EUR; ``fields`` sets further elements of ``<item>`` (``{"isnego": "Y"}``).

    The advert's number follows from the SKU, so that units of one offer share it.
    """
    advert = str(600_000_000 + sum(place * byte for place, byte in enumerate(sku.encode(), 1)))
    elements = {
        "sku": sku,
        "advertid": advert,
        "advertpricelisted.amount": price,
        "advertpricelisted.currency": "EUR",
        "headline": headline,
        "ispreorder": "N",
        "isnego": "N",
        "price.amount": price,
        "price.currency": "EUR",
        "isrsl": "N",
        "paymentstatus": "INCOMING",
        **fields,
    }
    return SimulatedItem(item_id, elements, Decimal(shipping_price), status, shipped)


def from_sale(sale: Sale) -> SimulatedSale:
    """A sale read from Rakuten's XML as one to simulate.

    What a document from before acceptance leaves blank is made up, so that it appears on acceptance. Every
    item whose status is missing waits for the seller's decision.
    """
    fields = {path: _as_rakuten_writes(path, text) for path, text in sale.fields.items()}
    fields.setdefault(f"{DELIVERY}.purchasebuyeremail", f"acheteur-{sale.purchase_id}@example.com")
    for block in ("deliveryaddress", "billingaddress"):
        if any(path.startswith(f"{DELIVERY}.{block}.") for path in fields):
            fields.setdefault(f"{DELIVERY}.{block}.phonenumber1", "0639980000")
    return SimulatedSale(sale.purchase_id, fields, tuple(_from_item(one) for one in sale.items))


def with_fields(sale: SimulatedSale, changes: Mapping[str, str]) -> SimulatedSale:
    """The same sale with some paths changed; an empty text takes a path out."""
    fields = {path: text for path, text in {**sale.fields, **changes}.items() if text}
    return replace(sale, fields=fields)


def _from_item(one: Item) -> SimulatedItem:
    kept = {path: text for path, text in one.fields.items() if path not in {"itemid", "itemstatus", "shipped"}}
    shipped = one.fields.get("shipped", "0").upper() in {"1", "Y", "TRUE"}
    return SimulatedItem(one.item_id, kept, status=one.status or "REQUESTED", shipped=shipped)


def _as_rakuten_writes(path: str, text: str) -> str:
    return "FX" if path.endswith(".countryalpha2") and text == "FR" else text
