"""The document by xmltodict, mapped by the function written by hand: what parsing alone makes of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xmltodict

from bench import data
from bench.floors import parsing
from bench.floors.mapping import Mapping20
from bench.outcome import difference
from bench.work import Other, in_turn
from rakuten_orders.model import MapResult

Fields = dict[str, str | None]


def cases(hand: Mapping20, documents: Sequence[bytes]) -> dict[str, Other]:
    """xmltodict on the documents; it reads ISO-8859-1 as declared, which Rakuten's are not."""

    def orders(document: bytes) -> list[MapResult]:
        return _orders(hand, document)

    found = difference(orders(documents[0]), parsing.orders(hand, documents[0]))
    note = f"differs: {found}" if found else "same values"
    return {"xmltodict": Other(in_turn(documents, orders, data.SALES_A_DOCUMENT * data.ITEMS_A_SALE), note)}


def _orders(hand: Mapping20, document: bytes) -> list[MapResult]:
    """Declared encodings are not looked at here: cp1252 in, as everywhere."""
    text = document.replace(b"\x0b", b"").decode("cp1252").lstrip().partition("?>")[2]
    root = xmltodict.parse(text, force_list=("sale", "item"))["getcurrentsalesresult"]
    results = []
    for sale in root["response"]["sales"]["sale"]:
        items = [_flat(item, {}, "") for item in sale.pop("items")["item"]]
        fields = _flat(sale, {}, "")
        for block in ("deliveryaddress", "billingaddress"):
            path = f"deliveryinformation.{block}.countryalpha2"
            if fields.get(path) == "FX":
                fields[path] = "FR"
        results.append(hand.order(sale["purchaseid"] or "", fields, items))
    return results


def _flat(tree: dict[str, Any], fields: Fields, before: str) -> Fields:
    for name, value in tree.items():
        if isinstance(value, dict):
            _flat(value, fields, f"{before}{name}.")
        else:
            fields[before + name] = value
    return fields
