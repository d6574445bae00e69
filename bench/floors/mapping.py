"""The mapping of rules/order.yaml by hand: a sale to an order, or the same problems.

The straight path reads each field once, sale fields once a sale, and has no more calls than it needs. As soon as
something is wrong it gives up, and ``_explained`` finds out what, in the order of the rules.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from rakuten_orders.messages import reason_text
from rakuten_orders.model import MapResult, Order, OrderLine, Problem, Value

Fields = Mapping[str, str]
Texts = Mapping[str, str | None]
"""Elements by path; None or blank: nothing is there."""

_PARIS = ZoneInfo("Europe/Paris")
_DELIVERY = "deliveryinformation.deliveryaddress."
_BILLING = "deliveryinformation.billingaddress."
_TRUE = frozenset({"y", "yes", "true", "1", "oui", "o"})
_FALSE = frozenset({"n", "no", "false", "0", "non"})
_is_decimal = re.compile(r"[-+]?[0-9]{1,1000}(?:\.[0-9]{1,1000})?").fullmatch
_iso = dt.datetime.fromisoformat
_NOTHING: Fields = {}


class _Wrong(Exception):
    pass


class Mapping20:
    """The mapping with its tables; ``rule`` tells the file and line of each field for what is said of errors."""

    def __init__(self, tables: Mapping[str, Fields], rule: Mapping[str, str]) -> None:
        self._product = tables["products"].get
        self._shelf = tables["shelves"].get
        self._rule = rule
        self._near: dict[str, list[str]] = {}
        for key in tables["shelves"]:
            self._near.setdefault(_folded(key), []).append(key)

    def order(self, purchase_id: str, sale: Texts, items: Sequence[Texts], shipping: Texts = _NOTHING) -> MapResult:
        """The order of a sale and its items, or every problem with it."""
        try:
            return self._straight(purchase_id, sale.get, items, shipping)
        except _Wrong:
            return self._explained(purchase_id, sale.get, items)

    def _straight(
        self, purchase_id: str, get: Callable[[str], str | None], items: Sequence[Texts], shipping: Texts
    ) -> MapResult:
        order_id = (get("purchaseid") or "").strip()
        if not (order_id and items and purchase_id and not purchase_id.isspace()):
            raise _Wrong
        login = get("deliveryinformation.purchasebuyerlogin")
        if not (login and (login := login.strip())):
            raise _Wrong
        name = [
            *(get(_D_CIVILITY) or "").split(),
            *((v if (v := get(_D_FIRST)) and not v.isspace() else get(_B_FIRST)) or "").split(),
            *((v if (v := get(_D_LAST)) and not v.isspace() else get(_B_LAST)) or "").split(),
        ]
        street1 = ((v if (v := get(_D_STREET)) and not v.isspace() else get(_B_STREET)) or "").split()
        zipcode = ((v if (v := get(_D_POSTCODE)) and not v.isspace() else get(_B_POSTCODE)) or "").strip()
        town = ((v if (v := get(_D_CITY)) and not v.isspace() else get(_B_CITY)) or "").strip()
        if not (name and street1 and zipcode and town):
            raise _Wrong
        fields: dict[str, Value] = {
            "order_id": order_id,
            "ordered_at": _moment(get("purchasedate")),
            "marketplace": "rakuten-fr",
            "shipping_type": (get("deliveryinformation.shippingtype") or "").strip().upper() or "STANDARD",
            "buyer.login": login.lower(),
            "buyer.email": (get("deliveryinformation.purchasebuyeremail") or "").strip()
            or (shipping and (shipping.get("purchasebuyeremail") or "").strip())
            or None,
            "ship_to.name": " ".join(name),
            "ship_to.street1": " ".join(street1),
            "ship_to.street2": (get(_D_SECOND) or "").strip() or None,
            "ship_to.postcode": zipcode,
            "ship_to.city": town.upper(),
            "ship_to.country": (get(_D_COUNTRY) or "").strip() or (get(_B_COUNTRY) or "").strip() or "FR",
        }
        lines = self._lines(items)
        return MapResult(purchase_id, Order(purchase_id, fields, lines, purchase_id.startswith("TEST-")))

    def _lines(self, items: Sequence[Texts]) -> tuple[OrderLine, ...]:
        line = self._line
        if len({(item.get("advertid") or "").strip() for item in items}) == len(items):
            # Units of one line are units of one advert.
            return tuple([OrderLine((_item_id(item.get),), 1, line(item.get)) for item in items])
        return tuple(
            [
                OrderLine(tuple([_item_id(item.get) for item in units]), len(units), line(units[0].get))
                for units in _grouped(items)
            ]
        )

    def _line(self, get: Callable[[str], str | None]) -> dict[str, Value]:
        sku = (get("sku") or "").strip().upper()
        price = (get("price.amount") or "").strip()
        if not (sku and _is_decimal(price) and (shelf := self._shelf(sku))):
            raise _Wrong
        listed = (get("advertpricelisted.amount") or "").strip() or price
        if not _is_decimal(listed):
            raise _Wrong
        negotiated = (get("isnego") or "").strip()
        return {
            "sku": sku,
            "product_id": self._product(sku) or "UNMAPPED",
            "shelf": shelf,
            "title": " ".join((get("headline") or "").split()) or None,
            "unit_price": Decimal(price),
            "list_price": Decimal(listed),
            "currency": (get("price.currency") or "").strip() or "EUR",
            "negotiated": negotiated != "N" and bool(negotiated) and _boolean(negotiated),
        }

    def _explained(self, purchase_id: str, get: Callable[[str], str | None], items: Sequence[Texts]) -> MapResult:
        problems: list[Problem] = []
        if not purchase_id.strip():
            problems.append(
                Problem("mapping_failed", "purchaseid", *reason_text("mapping_failed", "no_id", element="purchaseid"))
            )
        if not all((item.get("itemid") or "").strip() for item in items):
            problems.append(Problem("mapping_failed", "itemid", *reason_text("mapping_failed", "item_id")))
        if not items:
            problems.append(Problem("mapping_failed", "items", *reason_text("mapping_failed", "no_items")))
        for field, paths in _REQUIRED.items():
            if not any((get(path) or "").strip() for path in paths):
                problems.append(self._problem(field, "required", paths=", ".join(paths)))
            elif field == "ordered_at":
                try:
                    _moment(get(paths[0]))
                except _Wrong:
                    problems.append(self._problem(field, "type", expected="a time written as %d/%m/%Y-%H:%M"))
        for item, *_others in _grouped(items):
            problems += self._line_problems(item.get, (item.get("itemid") or "").strip())
        return MapResult(purchase_id, None, tuple(problems))

    def _line_problems(self, get: Callable[[str], str | None], item_id: str) -> list[Problem]:
        found = []
        sku = (get("sku") or "").strip().upper()
        if not sku:
            found.append(Problem("sku_missing", "lines.sku", *reason_text("sku_missing", item=item_id)))
        elif self._shelf(sku) is None:
            found.append(self._not_found(sku, item_id))
        for field, paths in _PRICES.items():
            price = next((text for path in paths if (text := (get(path) or "").strip())), "")
            if not price and field == "lines.unit_price":
                found.append(self._problem(field, "required", item_id, paths=", ".join(paths)))
            elif price and not _is_decimal(price):
                found.append(self._problem(field, "type", item_id, expected="a decimal such as 9.90"))
        negotiated = (get("isnego") or "N").strip().lower() or "n"
        if negotiated not in _TRUE and negotiated not in _FALSE:
            found.append(self._problem("lines.negotiated", "type", item_id, expected="Y or N, true or false, 1 or 0"))
        return found

    def _not_found(self, sku: str, item_id: str) -> Problem:
        near = ", ".join(self._near.get(_folded(sku), ())[:3])
        rule = self._rule["lines.shelf"]
        params = {"item": item_id, "key": sku, "table": "shelves", "near": near, "rule": rule}
        return Problem("sku_not_found", "lines.shelf", *reason_text("sku_not_found", "near" if near else "", **params))

    def _problem(self, field: str, variant: str, item_id: str = "", **params: str) -> Problem:
        where = f" of item {item_id}" if item_id else ""
        name = field.removeprefix("lines.")
        sentences = reason_text("mapping_failed", variant, field=name, where=where, rule=self._rule[field], **params)
        return Problem("mapping_failed", field, *sentences)


_D_CIVILITY = f"{_DELIVERY}civility"
_D_FIRST = f"{_DELIVERY}firstname"
_D_LAST = f"{_DELIVERY}lastname"
_D_STREET = f"{_DELIVERY}address1"
_D_SECOND = f"{_DELIVERY}address2"
_D_POSTCODE = f"{_DELIVERY}zipcode"
_D_CITY = f"{_DELIVERY}city"
_D_COUNTRY = f"{_DELIVERY}countryalpha2"
_B_FIRST = f"{_BILLING}firstname"
_B_LAST = f"{_BILLING}lastname"
_B_STREET = f"{_BILLING}address1"
_B_POSTCODE = f"{_BILLING}zipcode"
_B_CITY = f"{_BILLING}city"
_B_COUNTRY = f"{_BILLING}countryalpha2"

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "order_id": ("purchaseid",),
    "ordered_at": ("purchasedate",),
    "buyer.login": ("deliveryinformation.purchasebuyerlogin",),
    "ship_to.name": (
        _D_CIVILITY,
        _D_FIRST,
        _B_FIRST,
        _D_LAST,
        _B_LAST,
    ),
    "ship_to.street1": (_D_STREET, _B_STREET),
    "ship_to.postcode": (_D_POSTCODE, _B_POSTCODE),
    "ship_to.city": (_D_CITY, _B_CITY),
}
_PRICES: Mapping[str, tuple[str, ...]] = {
    "lines.unit_price": ("price.amount",),
    "lines.list_price": ("advertpricelisted.amount", "price.amount"),
}


def _moment(text: str | None) -> dt.datetime:
    """Rakuten's time, French; as strptime reads it, but straight where it is written as it always is."""
    text = text.strip() if text else ""
    try:
        if len(text) == 16 and text[2] == text[5] == "/" and text[10] == "-" and text[13] == ":" and text.isascii():
            return _iso(f"{text[6:10]}-{text[3:5]}-{text[:2]}T{text[11:]}").replace(tzinfo=_PARIS)
        if not text.isascii():
            raise _Wrong
        return dt.datetime.strptime(text, "%d/%m/%Y-%H:%M").replace(tzinfo=_PARIS)
    except ValueError:
        raise _Wrong from None


def _item_id(get: Callable[[str], str | None]) -> str:
    item_id = get("itemid")
    if not (item_id and not item_id.isspace()):
        raise _Wrong
    return item_id


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise _Wrong


def _folded(key: str) -> str:
    return "".join(key.split()).casefold().lstrip("0")


def _grouped(items: Sequence[Texts]) -> list[list[Texts]]:
    """Units of one offer at one price and status together; an item that names no offer is a line of its own."""
    grouped: dict[object, list[Texts]] = {}
    for index, item in enumerate(items):
        names = ("advertid", "sku", "price.amount", "price.currency", "itemstatus")
        alike = tuple([(item.get(name) or "").strip() for name in names])
        grouped.setdefault(alike if any(alike[:2]) else index, []).append(item)
    return list(grouped.values())
