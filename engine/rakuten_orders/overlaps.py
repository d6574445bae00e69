"""Which carriers have formats in common: every format's own example, held against all the others.

An overlap is no mistake, since 14 digits are a number of dozens of carriers. It shows what a new file comes close to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.detection import GRADES, detect
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.model import Detection, Grade


@dataclass(frozen=True, slots=True)
class Overlap:
    """One format of a carrier, and who else its numbers could belong to.

    ``number`` is the first valid example of that format, cleaned, and empty where the file has none; ``grade`` is what
    detection says of it for the carrier itself, ``others`` what it says for carriers of other operators, best first.
    """

    carrier: str
    known: NumberFormat
    number: str
    grade: Grade | None
    others: tuple[Detection, ...]

    def by_grade(self) -> Iterator[tuple[Grade, list[str]]]:
        """The codes of the others for each grade that any of them has, best first."""
        for grade in GRADES:
            codes = [other.carrier for other in self.others if other.grade == grade]
            if codes:
                yield grade, codes


def overlaps(catalogue: CarrierCatalogue) -> tuple[Overlap, ...]:
    """What each format of each carrier has in common with those of other operators, in the order of the files."""
    return tuple(_overlap(catalogue, carrier, known) for carrier in catalogue for known in carrier.formats)


def _overlap(catalogue: CarrierCatalogue, carrier: Carrier, known: NumberFormat) -> Overlap:
    examples = (clean_number(example["tracking_number"]) for example in carrier.examples.get("valid", ()))
    number = next((example for example in examples if known.fits(example)), "")
    if not number:
        return Overlap(carrier.code, known, "", None, ())
    found = detect(catalogue, number)
    others = (one for one in found if catalogue.by_code[one.carrier].operator != carrier.operator)
    grade = next(one.grade for one in found if one.carrier == carrier.code)
    return Overlap(carrier.code, known, number, grade, tuple(others))
