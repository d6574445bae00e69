"""What peers cannot do by themselves and call Python for: dates, decimals, yes or no; sources as they like them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rakuten_orders.model import Sale

_PARIS = ZoneInfo("Europe/Paris")


def moment(text: str) -> dt.datetime:
    """Rakuten's time, French."""
    return dt.datetime.fromisoformat(f"{text[6:10]}-{text[3:5]}-{text[:2]}T{text[11:]}").replace(tzinfo=_PARIS)


def decimal(text: str) -> Decimal:
    """A price."""
    return Decimal(text)


def boolean(text: str | None) -> bool:
    """Yes where Rakuten says Y."""
    return text == "Y"


def collapse(text: str) -> str:
    """One blank for each run of them."""
    return " ".join(text.split())


def nested_sale(sale: Sale) -> dict[str, Any]:
    """The sale as nested mappings, its items as a list in it: made before anything is timed."""
    return {**_tree(sale.fields), "items": [_tree(item.fields) for item in sale.items]}


def _tree(fields: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, text in fields.items():
        *parents, leaf = path.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[leaf] = text
    return tree
