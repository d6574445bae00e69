"""Which carriers a tracking number fits, and how surely. A suggestion: nothing is ever sent because of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from rakuten_orders.carriers import CarrierCatalogue
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.model import Detection

Grade = Literal["certain", "likely", "possible"]

FEW = 3
"""A check digit that holds for at most so many operators makes a number likely to be theirs."""

GRADES: tuple[Grade, ...] = ("certain", "likely", "possible")
"""Best first."""


def detect(catalogue: CarrierCatalogue, number: str, country: str | None = None) -> tuple[Detection, ...]:
    """The carriers whose formats the number fits, check digit included, best first; each by its best format.

    ``certain`` only where a check digit holds, a letter of the carrier's own stands in its place, and no format of
    another operator has either; ``likely`` where the shape has such a letter or the check digit holds for few;
    ``possible`` else. With ``country`` (ISO 3166-1 alpha-2, the recipient's) carriers that name their countries, and
    not this one, come after the others of their grade, and are left out where they are only possible.
    """
    cleaned = clean_number(number)
    fits = [
        (carrier, known)
        for carrier in catalogue
        for known in carrier.formats
        if known.matches(cleaned) and known.checks(cleaned)
    ]
    strong = {carrier.operator for carrier, known in fits if known.checksum or known.distinctive}
    proven = {carrier.operator for carrier, known in fits if known.checksum}
    best: dict[str, Detection] = {}
    for carrier, known in fits:
        found = Detection(carrier.code, *_grade(known, alone=len(strong) == 1, few=len(proven) <= FEW))
        if carrier.code not in best or _rank(found) < _rank(best[carrier.code]):
            best[carrier.code] = found
    found_all = tuple(sorted(best.values(), key=_rank))
    return found_all if country is None else _towards(catalogue, found_all, country.strip().upper())


def _towards(catalogue: CarrierCatalogue, found: Iterable[Detection], country: str) -> tuple[Detection, ...]:
    """The detections for a parcel to ``country``: those that deliver there first in each grade."""
    ranked = []
    for one in found:
        countries = catalogue.by_code[one.carrier].countries
        if not countries or country in countries:
            ranked.append((GRADES.index(one.grade), 0, one))
        elif one.grade != "possible":
            because = f"{one.because}, but {country} is not among its countries"
            ranked.append((GRADES.index(one.grade), 1, replace(one, because=because)))
    return tuple(one for _, _, one in sorted(ranked, key=lambda entry: entry[:2]))


def _grade(known: NumberFormat, *, alone: bool, few: bool) -> tuple[Grade, str]:
    """How surely a number of this format is the carrier's, and why."""
    if known.checksum and known.distinctive and alone:
        return "certain", "the check digit holds and no other operator's numbers have this form"
    if known.distinctive:
        return "likely", "its letters are this carrier's form"
    if known.checksum and few:
        return "likely", "the check digit holds"
    return "possible", "the length and the kind of characters fit"


def _rank(found: Detection) -> tuple[int, str]:
    return GRADES.index(found.grade), found.carrier
