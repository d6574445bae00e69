"""A document's bytes to orders by hand: cleaned, decoded, read by ElementTree, mapped; blocks of a purchase merged.

What ElementTree gives is not stripped here but where it is mapped, and elements that the mapping has no use for are
left where they are. The garbage collector rests while the tree grows, and each sale's part of it is let go at once.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from bench.floors.mapping import Mapping20
from rakuten_orders.errors import PayloadError
from rakuten_orders.model import MapResult

Fields = dict[str, str | None]

_FORBIDDEN = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
_declaration = re.compile(rb"\s*<\?xml\s[^<>]*\?>").match
_names_utf8 = re.compile(rb"encoding\s*=\s*[\"']\s*utf-?8", re.IGNORECASE).search
_opaque = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_namespace = re.compile(rb'\sxmlns="[^"]*"')
_HEAD_BYTES = 1024

_DELIVERY = "deliveryinformation."
_BLOCKS = ("deliveryaddress", "billingaddress")
_PATHS: Mapping[str, Mapping[str, str]] = {
    block: {
        name: f"{_DELIVERY}{block}.{name}"
        for name in ("civility", "firstname", "lastname", "address1", "address2", "zipcode", "city", "countryalpha2")
    }
    for block in _BLOCKS
}
_HEAD = {name: f"{_DELIVERY}{name}" for name in ("shippingtype", "purchasebuyerlogin", "purchasebuyeremail")}
_ITEM = {name: name for name in ("sku", "advertid", "itemid", "headline", "itemstatus", "isnego")}


def orders(mapping: Mapping20, data: bytes) -> list[MapResult]:
    """One result a purchase. Raises PayloadError for what is no document of sales."""
    root = _root(data)
    if root.tag not in ("getcurrentsalesresult", "getnewsalesresult"):
        raise PayloadError("the document holds no sales")
    sales: dict[object, tuple[str, Fields, list[Fields]]] = {}
    for element in root.iter("sale"):
        fields, items = _sale(element)
        element.clear()
        purchase_id = (fields.get("purchaseid") or "").strip()
        key = purchase_id or len(sales)
        if key in sales:
            _purchase_id, before, others = sales[key]
            fields, items = {**before, **_filled(fields)}, others + items
        if len({item.get("itemid") for item in items}) < len(items):
            items = _merged(items)
        sales[key] = purchase_id, fields, items
    order = mapping.order
    return [order(purchase_id, fields, items) for purchase_id, fields, items in sales.values()]


def _merged(items: list[Fields]) -> list[Fields]:
    """One item for each id; of what comes again the later wins."""
    merged: dict[object, Fields] = {}
    for item in items:
        key = (item.get("itemid") or "").strip() or len(merged)
        merged[key] = {**merged[key], **_filled(item)} if key in merged else item
    return list(merged.values())


def _filled(fields: Fields) -> Fields:
    return {path: text for path, text in fields.items() if text and not text.isspace()}


def _root(data: bytes) -> ET.Element:
    """The root element, the bytes read as what they are and without what XML forbids. Raises PayloadError."""
    declared = _declaration(data)
    start = declared.end() if declared else 0
    utf8 = declared is None or _names_utf8(declared[0])
    if b"<!DOCTYPE" in data and b"<!DOCTYPE" in _opaque.sub(b"", data):
        raise PayloadError("the document has a document type (DTD), which Rakuten's documents do not have")
    parser = ET.XMLParser(encoding="utf-8" if utf8 else "windows-1252")  # noqa: S314 - a document type is refused above
    forbidden = _FORBIDDEN if utf8 else _FORBIDDEN + _UNDEFINED
    collecting = gc.isenabled()
    gc.disable()
    try:
        # The namespace would be put before every name, and is not looked at.
        parser.feed(_namespace.sub(b"", data[start : start + _HEAD_BYTES].translate(None, forbidden), count=1))
        parser.feed(data[start + _HEAD_BYTES :].translate(None, forbidden))
        return parser.close()
    except ET.ParseError as fault:
        raise PayloadError(f"the document is not well-formed XML: {fault}") from None
    finally:
        if collecting:
            gc.enable()


def _sale(element: ET.Element) -> tuple[Fields, list[Fields]]:
    fields: Fields = {}
    items: list[Fields] = []
    for child in element:
        tag = child.tag
        if tag == "deliveryinformation":
            for leaf in child:
                name = leaf.tag
                if name in _PATHS:
                    paths = _PATHS[name]
                    for below in leaf:
                        if (text := below.text) and below.tag in paths:
                            fields[paths[below.tag]] = text
                    country = paths["countryalpha2"]
                    if fields.get(country) in ("FX", "fx"):
                        fields[country] = "FR"
                elif name in _HEAD:
                    fields[_HEAD[name]] = leaf.text
        elif tag == "items":
            items += [_item(item) for item in child]
        else:
            fields[tag] = child.text
    return fields, items


def _item(element: ET.Element) -> Fields:
    fields: Fields = {}
    for leaf in element:
        name = leaf.tag
        if name in _ITEM:
            fields[name] = leaf.text
        elif name == "price":
            for below in leaf:
                fields["price.amount" if below.tag == "amount" else "price.currency"] = below.text
        elif name == "advertpricelisted":
            fields["advertpricelisted.amount"] = leaf.findtext("amount")
    return fields
