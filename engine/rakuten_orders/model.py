"""The values that flow through the connection. All are frozen; mappings in them are not to be changed.

bytes ─ payload ─► Sale ─ Engine.decide ─► Decision
                   Sale ─ Engine.map ────► MapResult(Order | None, problems)
               Shipment ─ Engine.track ──► TrackingUpdate
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Value = str | int | bool | Decimal | dt.date | dt.datetime | None
"""What a field of a mapped order can hold: ``text``, ``integer``, ``boolean``, ``decimal``, ``date``, ``datetime``."""


@dataclass(frozen=True, slots=True)
class Item:
    """One ``<item>`` of a sale: one physical unit (Rakuten has no quantities; seen in samples).

    ``fields`` maps Rakuten's element paths below ``<item>`` (``price.amount``) to stripped text; empty
    elements are left out. ``status`` is Rakuten's own word, as received.
    """

    item_id: str
    status: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sale:
    """One buyer's basket for one seller.

    ``fields`` maps element paths below ``<sale>`` (``deliveryinformation.shippingtype``) to stripped,
    non-empty text. ``shipping`` has the paths below getshippinginformation's ``<shippinginformation>``,
    ``billing`` for each item id the paths below getbillinginformation's ``<item>``; both are empty
    before the sale is accepted.
    """

    purchase_id: str
    items: tuple[Item, ...]
    fields: Mapping[str, str]
    shipping: Mapping[str, str] = field(default_factory=dict)
    billing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a sale could not be mapped: a reason that ``explain`` knows, the field, a sentence, what to do."""

    reason: str
    field: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Units of one offer: ``fields`` by rule name, in the rules' order; ``quantity`` is ``len(item_ids)``."""

    item_ids: tuple[str, ...]
    quantity: int
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Order:
    """A sale as the back office gets it.

    ``fields`` maps the rules' dotted names (``ship_to.postcode``) to typed values, in the rules' order.
    """

    order_id: str
    fields: Mapping[str, Value]
    lines: tuple[OrderLine, ...]
    is_test: bool = False

    def to_json(self) -> dict[str, object]:
        """The order as JSON data: dotted names nested, decimals as text, times in ISO 8601 with offset."""
        order = nested(self.fields)
        order["is_test"] = self.is_test
        order["lines"] = [
            {**nested(line.fields), "item_ids": list(line.item_ids), "quantity": line.quantity} for line in self.lines
        ]
        return order


@dataclass(frozen=True, slots=True)
class MapResult:
    """What mapping one sale gave: ``order`` is None as soon as there is a problem."""

    order_id: str
    order: Order | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the acceptance rules say of one item, and because of what (empty for ``accept``)."""

    item_id: str
    action: Literal["accept", "hold", "skip"]
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A parcel as the back office reports it.

    ``item_ids`` None means all items not yet shipped. ``postcode`` and ``country`` (ISO 3166-1 alpha-2)
    are the recipient's, ``pickup_postcode`` the collection point's, ``phone_last4`` the last four digits
    of the recipient's phone. ``shipping_type`` is Rakuten's label. ``cancel`` asks to cancel instead, with
    ``because`` as the comment.
    """

    transporter: str | None
    tracking_number: str | None
    order_id: str | None = None
    item_ids: tuple[str, ...] | None = None
    tracking_url: str | None = None
    postcode: str | None = None
    country: str | None = None
    pickup_postcode: str | None = None
    phone_last4: str | None = None
    language: str | None = None
    shipping_type: str | None = None
    cancel: bool = False
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingUpdate:
    """What is sent to Rakuten for a shipment, and who decided it.

    ``carrier`` is a carrier's code, None where only a URL was given. ``tracking_url`` is None only for
    carriers that Rakuten tracks by itself. ``warnings`` are sentences for a person.
    """

    carrier: str | None
    transporter_name: str
    tracking_number: str
    tracking_number_received: str
    tracking_url: str | None
    decided_by: Literal["mapping", "name", "default", "url"]
    warnings: tuple[str, ...] = ()
    order_id: str | None = None
    item_ids: tuple[str, ...] | None = None


Grade = Literal["certain", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class Detection:
    """A carrier whose formats a number fits, how surely, and why."""

    carrier: str
    grade: Grade
    because: str


@dataclass(frozen=True, slots=True)
class WithoutNumber:
    """A shipment type that Rakuten confirms without a number, and how long a number is waited for first."""

    after: dt.timedelta


def nested(fields: Mapping[str, Value]) -> dict[str, object]:
    """Dotted names as nested dicts of JSON data, keys in the order of ``fields``."""
    tree: dict[str, object] = {}
    for name, value in fields.items():
        *parents, leaf = name.split(".")
        branch = tree
        for parent in parents:
            child = branch.setdefault(parent, {})
            assert isinstance(child, dict)  # noqa: S101 - the loader refuses a name that is also a prefix
            branch = child
        branch[leaf] = json_value(value)
    return tree


def json_value(value: Value) -> str | int | bool | None:
    """A field's value as JSON data: decimals as the text received, dates and times in ISO 8601."""
    if isinstance(value, dt.date):  # datetime included
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


__all__ = [
    "Decision",
    "Detection",
    "Grade",
    "Item",
    "MapResult",
    "Order",
    "OrderLine",
    "Problem",
    "Sale",
    "Shipment",
    "TrackingUpdate",
    "Value",
    "WithoutNumber",
    "json_value",
    "nested",
]
