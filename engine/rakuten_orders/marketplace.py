"""Facts about Rakuten France: its closed list of transporters, its country codes, its words for an item's status.

The lists are data beside this module (``rakuten_transporters.yaml``, ``rakuten_countries.yaml``), with
their sources; they are read when first asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    TRANSPORTERS: Mapping[str, bool]
    """Every ``transporter_name`` that Rakuten takes, exactly spelt, and whether it demands a tracking URL.

    The union of four production clients' lists (2016 to 2023); no official list was found. A lower bound.
    """

OTHER_TRANSPORTER = "Autre"
"""The name for every transporter that is not in the list; always with a tracking URL (what production clients do)."""


class ItemStage(Enum):
    """What an item's status word means for the seller.

    Two vocabularies are in use and both are understood: TO_CONFIRM, ACCEPTED and PENDING_CLAIM stand in the
    sales lists of 2014 (seen in samples); REQUESTED, REMINDED, COMMITTED, ON_HOLD and CLOSED in getiteminfos
    (seen in samples) and in newer sales lists (what production clients do). There is no word for "shipped":
    that is the flag ``shipped``, and a shipped item stays SHIPPABLE until the buyer rates it.
    """

    UNDECIDED = "undecided"
    """The seller has to accept or refuse it; REMINDED once Rakuten has sent a reminder."""
    SHIPPABLE = "shippable"
    """Accepted: the buyer is debited, the parcel may leave or has left."""
    AWAITING_STOCK = "awaiting_stock"
    """A preorder that waits for confirmpreorder."""
    GONE = "gone"
    """Refused by the seller, or cancelled by the buyer, by Rakuten or with cancelitem."""
    IN_CLAIM = "in_claim"
    """The buyer has complained: nothing is shipped until that is settled."""
    CLOSED = "closed"
    """Finished: the buyer has rated it, or the time for that has passed."""
    UNKNOWN = "unknown"
    """A word that is in neither vocabulary; nothing is concluded from it."""


STATUS_WORDS: Mapping[ItemStage, frozenset[str]] = MappingProxyType(
    {
        ItemStage.UNDECIDED: frozenset({"TO_CONFIRM", "REQUESTED", "REMINDED"}),
        ItemStage.SHIPPABLE: frozenset({"ACCEPTED", "COMMITTED"}),
        ItemStage.AWAITING_STOCK: frozenset({"PENDING"}),
        ItemStage.GONE: frozenset({"REFUSED", "CANCELLED"}),
        ItemStage.IN_CLAIM: frozenset({"PENDING_CLAIM", "CLAIM", "ON_HOLD"}),
        ItemStage.CLOSED: frozenset({"CLOSED"}),
        ItemStage.UNKNOWN: frozenset(),
    }
)
"""Rakuten's words for each stage (seen in samples; official labels as copied by a client)."""

_STAGE_OF = {word: stage for stage, words in STATUS_WORDS.items() for word in words}


def item_stage(status: str) -> ItemStage:
    """The stage that a status word stands for, whatever its case; UNKNOWN for a word of neither vocabulary."""
    return _STAGE_OF.get(status.strip().upper(), ItemStage.UNKNOWN)


def find_transporter(name: str) -> str | None:
    """The list's exact spelling of a transporter's name, compared without case; None where it is not listed.

    Rakuten seems to compare without case too (inferred: clients send CHRONOPOST and Chronopost).
    """
    return _spellings().get(_folded(name))


def needs_url(name: str) -> bool:
    """Whether Rakuten demands a tracking URL with this transporter; True for names that are not listed.

    Those go as "Autre", which demands one (what production clients do).
    """
    spelling = find_transporter(name)
    return spelling is None or _transporters()[spelling]


def prepaid_transporter(shipping_type: str) -> str | None:
    """Who carries a parcel whose label Rakuten sells with this shipping type; None for all other types.

    So Colissimo, Chronopost, Mondial Relay prépayé, Shop2Shop (official page; the newer labels' spelling is inferred).
    """
    return _prepaid().get(_folded(shipping_type))


def numeric_country(alpha2: str) -> int | None:
    """Rakuten's number for an ISO 3166-1 alpha-2 code, whatever its case; None for what is not a country's code.

    ISO 3166-1 numeric, but France (and FX) is 249: Rakuten refuses 250 (official text quoted by a client).
    """
    return _countries().get(alpha2.strip().upper())


def country_numbers() -> frozenset[int]:
    """All numbers that acceptsale takes as a country: ISO 3166-1 numeric without 250, with 249."""
    return frozenset(_countries().values())


def __getattr__(name: str) -> Mapping[str, bool]:
    if name == "TRANSPORTERS":
        return _transporters()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


@cache
def _transporters() -> Mapping[str, bool]:
    rows = _data("rakuten_transporters.yaml")["transporters"]
    return MappingProxyType({row["name"]: row.get("needs_url", False) for row in rows})


@cache
def _spellings() -> Mapping[str, str]:
    return {_folded(name): name for name in _transporters()}


@cache
def _prepaid() -> Mapping[str, str]:
    rows = _data("rakuten_transporters.yaml")["prepaid_shipping_types"]
    return {_folded(row["shipping_type"]): row["transporter"] for row in rows}


@cache
def _countries() -> Mapping[str, int]:
    countries: Mapping[str, int] = _data("rakuten_countries.yaml")["countries"]
    return countries


def _data(file: str) -> Mapping[str, Any]:
    text = resources.files("rakuten_orders").joinpath(file).read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: Mapping[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    return data


__all__ = [
    "OTHER_TRANSPORTER",
    "STATUS_WORDS",
    "TRANSPORTERS",
    "ItemStage",
    "country_numbers",
    "find_transporter",
    "item_stage",
    "needs_url",
    "numeric_country",
    "prepaid_transporter",
]
