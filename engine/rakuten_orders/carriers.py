"""A carrier, and the catalogue of all of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rakuten_orders.formats import NumberFormat
from rakuten_orders.names import fold
from rakuten_orders.tracking_urls import UrlTemplate

SHIPPED = "shipped"
"""The origin of the carriers that come with the package; others have the folder they were read from."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier: the file's keys, checked and compiled.

    ``template`` is None where Rakuten tracks the carrier by itself. ``operator`` is the code where the file
    names none. ``facts`` are the file's keys as plain data, examples and all, as ``carriers list`` shows them.
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    rakuten_name: str | None
    operator: str
    countries: tuple[str, ...]
    formats: tuple[NumberFormat, ...]
    on_mismatch: str
    template: UrlTemplate | None
    search_page: bool
    confidence: str
    note: str
    sources: tuple[Mapping[str, str], ...]
    examples: Mapping[str, Any]
    file: str
    origin: str
    facts: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is found by: code, name, aliases."""
        return (self.code, self.name, *self.aliases)


@dataclass(frozen=True)
class CarrierCatalogue:
    """All carriers in force, sorted by code, found by code, name or alias.

    ``broken`` are the codes of files that have errors: a rule that names one is not wrong for that.
    """

    carriers: tuple[Carrier, ...]
    by_code: Mapping[str, Carrier] = field(repr=False)
    by_name: Mapping[str, Carrier] = field(repr=False)
    broken: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Carrier]:
        return iter(self.carriers)

    def __len__(self) -> int:
        return len(self.carriers)

    def get(self, code: str) -> Carrier | None:
        """The carrier with that very code."""
        return self.by_code.get(code)

    def find(self, name: str) -> Carrier | None:
        """The carrier of that code, name or alias, compared without case, accents, spaces or punctuation."""
        return self.by_name.get(fold(name))

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three names of carriers that ``name`` was perhaps meant to be."""
        folded = fold(name)[:_LONGEST_NAME]
        close = difflib.get_close_matches(folded, self.by_name, n=6, cutoff=0.7)
        contained = [
            key for key in self.by_name if len(folded) >= 3 and (folded in key or (len(key) >= 4 and key in folded))
        ]
        return tuple(dict.fromkeys(self.by_name[key].name for key in (*close, *contained)))[:3]


_LONGEST_NAME = 200
