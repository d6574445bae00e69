"""A carrier, and the catalogue of all of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rakuten_orders.candidates import Candidates
from rakuten_orders.formats import NumberFormat
from rakuten_orders.marketplace import OTHER_TRANSPORTER
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

    @property
    def listed(self) -> bool:
        """Whether Rakuten has a name for it."""
        return self.rakuten_name not in (None, OTHER_TRANSPORTER)


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

    @cached_property
    def candidates(self) -> Candidates:
        """Every format of every carrier, for detection; made when it is first asked for."""
        return Candidates((carrier, known) for carrier in self.carriers for known in carrier.formats)

    @cached_property
    def lettered(self) -> Candidates:
        """Of the formats those whose letters are somebody's own."""
        owned = ((carrier, known) for carrier in self.carriers for known in carrier.formats)
        return Candidates((carrier, known) for carrier, known in owned if known.distinctive)

    def get(self, code: str) -> Carrier | None:
        """The carrier with that very code."""
        return self.by_code.get(code)

    def find(self, name: str) -> Carrier | None:
        """The carrier of that code, name or alias, compared without case, accents, spaces or punctuation."""
        return self.by_name.get(fold(name))

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three names of carriers that ``name`` was perhaps meant to be."""
        return tuple(carrier.name for carrier in self._like(fold(name)[:_LONGEST_NAME]))[:3]

    def search(self, text: str) -> tuple[Carrier, ...]:
        """The carriers that ``text`` could mean: those with it in a code, name or alias, else those named nearly so.

        The one that it names exactly comes first, then those that begin with it; among equals those that Rakuten lists.
        """
        folded = fold(text)[:_LONGEST_NAME]
        if not folded:
            return ()
        holding = [key for key in self.by_name if folded in key]
        holding.sort(key=lambda key: (key != folded, not key.startswith(folded), not self.by_name[key].listed))
        found = tuple({self.by_name[key].code: self.by_name[key] for key in holding}.values())
        return found or self._like(folded)

    def _like(self, folded: str) -> tuple[Carrier, ...]:
        """Carriers with a name like the folded one, the likest first; then those whose names hold it, or are in it."""
        close = difflib.get_close_matches(folded, self.by_name, n=6, cutoff=0.7)
        contained = [
            key for key in self.by_name if len(folded) >= 3 and (folded in key or (len(key) >= 4 and key in folded))
        ]
        return tuple({self.by_name[key].code: self.by_name[key] for key in (*close, *contained)}.values())


_LONGEST_NAME = 200
