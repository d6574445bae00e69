"""Which carriers a number fits, by somebody who was told before which ones it can be: only those are tested.

What is left is what nobody can save: the number's cleaning, a match and a check digit for each carrier that really is
possible, the grades and their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.floors.tracking import Form, cleaned
from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.formats import NumberFormat
from rakuten_orders.model import Detection


@dataclass(slots=True)
class _Candidate:
    """A format of a carrier, ready to be asked; ``rank`` is its place among those of one grade."""

    form: Form
    lettered: bool
    operator: str
    code: str
    rank: tuple[bool, int, str]
    certain: Detection
    letters: Detection
    digit: Detection
    possible: Detection


class Detecting:
    """All carriers, and for each number those that are possible."""

    def __init__(self, catalogue: CarrierCatalogue, numbers: Iterable[str]) -> None:
        known = [(one, _candidate(carrier, one)) for carrier in catalogue for one in carrier.formats]
        self._possible: Mapping[str, list[_Candidate]] = {
            number: [candidate for one, candidate in known if one.matches(cleaned(number))] for number in numbers
        }

    def detect(self, number: str) -> tuple[Detection, ...]:
        """As ``Engine.detect`` without a country."""
        text = cleaned(number)
        fits = []
        for candidate in self._possible[number]:
            form = candidate.form
            if form.matches(text) and (form.check is None or form.check(text)):
                fits.append(candidate)
        if not fits:
            return ()
        lettered = len({one.operator for one in fits if one.lettered})
        plain = {one.operator for one in fits if one.lettered and one.form.check is not None}
        proven = len({one.operator for one in fits if one.form.check is not None})
        best: dict[str, tuple[int, tuple[bool, int, str], Detection]] = {}
        for one in fits:
            if one.lettered and lettered == 1 and one.form.check is not None:
                found = 0, one.rank, one.certain
            elif one.lettered and lettered <= 3:
                found = 1, one.rank, one.letters
            elif one.form.check is not None and proven <= 3 and (one.lettered or plain <= {one.operator}):
                found = 1, one.rank, one.digit
            else:
                found = 2, one.rank, one.possible
            if one.code not in best or found[:2] < best[one.code][:2]:
                best[one.code] = found
        return tuple([found for _grade, _rank, found in sorted(best.values(), key=_place)])


def _place(found: tuple[int, tuple[bool, int, str], Detection]) -> tuple[int, tuple[bool, int, str]]:
    return found[0], found[1]


def _candidate(carrier: Carrier, known: NumberFormat) -> _Candidate:
    code = carrier.code
    return _Candidate(
        Form.of(known),
        known.distinctive,
        carrier.operator,
        code,
        (not carrier.listed, known.room, code),
        Detection(code, "certain", "the check digit holds, and the letters are no other operator's"),
        Detection(code, "likely", "the letters are of this carrier's own form"),
        Detection(code, "likely", "the check digit holds, as for few others"),
        Detection(code, "possible", "the length and the kind of characters fit"),
    )
