"""Which carriers a tracking number fits, and how surely. A suggestion: nothing is ever sent because of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.model import Detection

Grade = Literal["certain", "likely", "possible"]

FEW = 3
"""What at most so many operators have in common makes a number likely to be theirs."""

GRADES: tuple[Grade, ...] = ("certain", "likely", "possible")
"""Best first."""


def detect(catalogue: CarrierCatalogue, number: str, country: str | None = None) -> tuple[Detection, ...]:
    """The carriers whose formats the number fits, check digit included, best first; each by its best format.

    ``certain`` only where a check digit holds, a letter of the carrier's own stands in its place, and no other
    operator's letters do; ``likely`` where such a letter, or a check digit, leaves few operators; ``possible`` else. A
    check digit alone speaks for nobody where it is that of another operator's own form: any post's number has it.
    Among equal grades those come first that deliver to ``country`` (ISO 3166-1 alpha-2), then those that Rakuten lists,
    then those with the narrower format. None of that changes a grade.
    """
    cleaned = clean_number(number)
    fits = [(carrier, known) for carrier in catalogue for known in carrier.formats if known.fits(cleaned)]
    owners = _Owners.of(fits)
    to = (country or "").strip().upper()
    best: dict[str, tuple[tuple[int, bool, bool, int, str], Detection]] = {}
    for carrier, known in fits:
        grade, because = owners.grade(carrier.operator, known)
        elsewhere = bool(to and carrier.countries) and to not in carrier.countries
        rank = (GRADES.index(grade), elsewhere, not carrier.listed, known.room, carrier.code)
        if carrier.code not in best or rank < best[carrier.code][0]:
            best[carrier.code] = rank, Detection(carrier.code, grade, because)
    return tuple(found for _, found in sorted(best.values(), key=lambda ranked: ranked[0]))


@dataclass(frozen=True, slots=True)
class _Owners:
    """The operators that a number could belong to by its letters, by its check digit, and by both in one format."""

    shaped: frozenset[str]
    proven: frozenset[str]
    plain: frozenset[str]

    @classmethod
    def of(cls, fits: Iterable[tuple[Carrier, NumberFormat]]) -> _Owners:
        fits = tuple(fits)
        return cls(
            frozenset(carrier.operator for carrier, known in fits if known.distinctive),
            frozenset(carrier.operator for carrier, known in fits if known.checksum),
            frozenset(carrier.operator for carrier, known in fits if known.checksum and known.distinctive),
        )

    def grade(self, operator: str, known: NumberFormat) -> tuple[Grade, str]:
        """How surely the number, which has this format, is the operator's, and why."""
        if known.checksum and known.distinctive and len(self.shaped) == 1:
            return "certain", "the check digit holds, and the letters are no other operator's"
        if known.distinctive and len(self.shaped) <= FEW:
            return "likely", "the letters are of this carrier's own form"
        if known.checksum and len(self.proven) <= FEW and (known.distinctive or self.plain <= {operator}):
            return "likely", "the check digit holds, as for few others"
        return "possible", "the length and the kind of characters fit"
