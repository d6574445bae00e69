"""Which carriers a tracking number fits, and how surely. A suggestion: nothing is ever sent because of it."""

from __future__ import annotations

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.model import Detection

FEW = 3
"""A check digit that holds for at most so many operators makes a number likely to be theirs."""

_ORDER = {"certain": 0, "likely": 1, "possible": 2}


def detect(catalogue: CarrierCatalogue, number: str) -> tuple[Detection, ...]:
    """The carriers whose formats the number fits, best first.

    ``certain`` only where a check digit and a letter of the carrier's own leave one operator; ``likely`` where
    the shape has such a letter or the check digit holds for few; ``possible`` else.
    """
    cleaned = clean_number(number)
    fits = [(carrier, known) for carrier in catalogue if (known := _fitting(carrier, cleaned)) is not None]
    proven = {carrier.operator for carrier, known in fits if known.checksum}
    sure = {carrier.operator for carrier, known in fits if known.checksum and known.distinctive}
    others = {carrier.operator for carrier, known in fits if known.distinctive}
    found = []
    for carrier, known in fits:
        if known.checksum and known.distinctive and len(sure | others) == 1:
            grade, because = "certain", "the check digit holds and no other operator's numbers have this form"
        elif known.distinctive:
            grade, because = "likely", "its letters are this carrier's form"
        elif known.checksum and len(proven) <= FEW:
            grade, because = "likely", "the check digit holds"
        else:
            grade, because = "possible", "the length and the kind of characters fit"
        found.append(Detection(carrier.code, grade, because))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.grade], one.carrier)))


def _fitting(carrier: Carrier, number: str) -> NumberFormat | None:
    """The best format of the carrier that the number has, check digit included; None for none."""
    fitting = [known for known in carrier.formats if known.matches(number) and known.checks(number)]
    return max(fitting, key=lambda known: (bool(known.checksum), known.distinctive), default=None)
