"""Rakuten's bytes to sales.

``<sale>`` is found wherever it stands in an answer to getnewsales or getcurrentsales. Nothing is dropped:
elements that Rakuten may add are kept under their path, unknown item statuses as they came. A sale
without ``purchaseid`` comes out with the purchase id ``""`` and is merged with no other; an item without
``itemid`` comes out with the item id ``""`` and replaces no other. Both stop none of the rest; whoever maps
or accepts has to report them.

Several blocks of one purchase become one sale (what a production client met; in no sample). The later block
wins, field by field, for the sale as for an item that comes again; items keep the order in which they
first came.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from rakuten_orders.documents import ErrorDocument, expecting, plan, raise_if_error, read_document
from rakuten_orders.errors import PayloadError
from rakuten_orders.model import Item, Sale
from rakuten_orders.recipient import Recipient, recipient
from rakuten_orders.xmlbytes import MAX_ANSWER, MAX_FILE, iter_records
from rakuten_orders.xmlrecords import Record

SALES_ROOTS = ("getnewsalesresult", "getcurrentsalesresult")
SALE_RECORDS = frozenset({"sale", "item"})

_PURCHASED = re.compile(r"(\d\d)/(\d\d)/(\d{4})-(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_PARIS = ZoneInfo("Europe/Paris")


def parse_sales(data: bytes, *, limit: int = MAX_FILE) -> tuple[Sale, ...]:
    """The sales of a whole document, in order, blocks of one purchase merged wherever they stand.

    Raises ErrorDocument for an error document, and PayloadError, saying what came and what was expected,
    for anything else that is not an answer with sales, or is beyond ``limit`` bytes.
    """
    return sales_in(read_document(data, SALES_ROOTS, SALE_RECORDS, limit=limit))


def iter_sales(chunks: Iterable[bytes], *, limit: int = MAX_FILE) -> Iterator[Sale]:
    """The sales of a document that is read in ``chunks``, each as soon as it is complete.

    Only adjacent blocks of one purchase are merged; a later one raises PayloadError, as does what
    ``parse_sales`` raises for, after the sales before it were given. Where a document declares no
    encoding and mixes two, this raises while ``parse_sales`` reads it as Windows-1252.
    """
    with expecting(SALES_ROOTS):
        yield from _adjacent_merged(_streamed(chunks, limit))


def _streamed(chunks: Iterable[bytes], limit: int) -> Iterator[Sale]:
    stream: Generator[Record, None, Record] = iter_records(chunks, plan(SALES_ROOTS, SALE_RECORDS), limit=limit)
    others: list[Record] = []
    while True:
        try:
            record = next(stream)
        except StopIteration as end:
            root: Record = end.value
            root.records = others
            raise_if_error(root)
            return
        if record.name == "sale":
            yield _sale(record)
        else:
            others.append(record)


def _adjacent_merged(sales: Iterable[Sale]) -> Iterator[Sale]:
    waiting: Sale | None = None
    seen: set[str] = set()
    for sale in sales:
        if waiting is not None and sale.purchase_id and sale.purchase_id == waiting.purchase_id:
            waiting = _merge(waiting, sale)
            continue
        if waiting is not None:
            yield _items_merged(waiting)
        if sale.purchase_id in seen:
            raise PayloadError(
                f"the sale {sale.purchase_id} comes again after other sales, in a document too large to merge them",
                "split the document",
            )
        if sale.purchase_id:
            seen.add(sale.purchase_id)
        waiting = sale
    if waiting is not None:
        yield _items_merged(waiting)


def sales_in(root: Record) -> tuple[Sale, ...]:
    """The sales in a document's root that was read with ``SALE_RECORDS``, merged."""
    return merged(_sale(record) for record in root.records if record.name == "sale")


def merged(sales: Iterable[Sale]) -> tuple[Sale, ...]:
    """``sales`` with those of one purchase made one, at the place of the first; for the pages of an answer."""
    places: dict[str, int] = {}
    result: list[Sale] = []
    for sale in sales:
        place = places.get(sale.purchase_id) if sale.purchase_id else None
        if place is not None:
            result[place] = _merge(result[place], sale)
        else:
            places[sale.purchase_id] = len(result)
            result.append(sale)
    return tuple(map(_items_merged, result))


def _merge(sale: Sale, later: Sale) -> Sale:
    return replace(sale, items=sale.items + later.items, fields={**sale.fields, **later.fields})


def _items_merged(sale: Sale) -> Sale:
    """``sale`` with one item for each item id."""
    if len({item.item_id for item in sale.items}) == len(sale.items):
        return sale
    items: dict[object, Item] = {}
    for item in sale.items:
        key: object = item.item_id or len(items)  # a number equals no id
        earlier = items.get(key)
        items[key] = item if earlier is None else _item({**earlier.fields, **item.fields})
    return sale if len(items) == len(sale.items) else replace(sale, items=tuple(items.values()))


def _sale(record: Record) -> Sale:
    fields = metropolitan(record.fields)
    items = tuple(_item(child.fields) for child in record.records if child.name == "item")
    return Sale(fields.get("purchaseid", ""), items, fields)


def _item(fields: Mapping[str, str]) -> Item:
    return Item(fields.get("itemid", ""), fields.get("itemstatus", ""), fields)


def metropolitan(fields: dict[str, str]) -> dict[str, str]:
    """``fields`` with the country FX as FR: Rakuten's own code for metropolitan France (seen in samples)."""
    texts = fields.values()
    if "FX" in texts or "fx" in texts:
        for path, text in fields.items():
            if text in ("FX", "fx") and path.endswith("countryalpha2"):
                fields[path] = "FR"
    return fields


def purchased_at(sale: Sale) -> dt.datetime | None:
    """When the sale was bought, aware; None where ``purchasedate`` is missing or not a time.

    Rakuten writes ``dd/mm/yyyy-HH:MM`` (seen in samples), without a zone: Europe/Paris (inferred).
    """
    match = _PURCHASED.fullmatch(sale.fields.get("purchasedate", ""))
    if match is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=_PARIS)
    except ValueError:
        return None


def sale_to_json(sale: Sale) -> dict[str, object]:
    """``sale`` as JSON data; ``sale_from_json`` gives an equal one back."""
    return {
        "purchase_id": sale.purchase_id,
        "fields": dict(sale.fields),
        "items": [{"item_id": item.item_id, "status": item.status, "fields": dict(item.fields)} for item in sale.items],
        "shipping": dict(sale.shipping),
        "billing": {item_id: dict(fields) for item_id, fields in sale.billing.items()},
    }


def sale_from_json(data: Mapping[str, Any]) -> Sale:
    """The sale that ``sale_to_json`` gave as ``data``, whose mappings it takes over. Raises KeyError for other data."""
    return Sale(
        purchase_id=data["purchase_id"],
        items=tuple([Item(item["item_id"], item["status"], item["fields"]) for item in data["items"]]),
        fields=data["fields"],
        shipping=data["shipping"],
        billing=data["billing"],
    )


__all__ = [
    "MAX_ANSWER",
    "MAX_FILE",
    "ErrorDocument",
    "Recipient",
    "iter_sales",
    "merged",
    "metropolitan",
    "parse_sales",
    "purchased_at",
    "recipient",
    "sale_from_json",
    "sale_to_json",
    "sales_in",
]
