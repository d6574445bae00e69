"""Which carriers a tracking number fits, and how surely. A suggestion: nothing is ever sent because of it."""

from __future__ import annotations

from functools import cache
from itertools import chain

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.formats import clean_number
from rakuten_orders.model import Detection, Grade

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
    fits = catalogue.candidates.fitting(clean_number(number))
    if not fits:
        return ()
    shaped = min(FEW + 1, len({one.operator for one in fits if one.distinctive}))
    proven = min(FEW + 1, len({one.operator for one in fits if one.checked}))
    plain = {one.operator for one in fits if one.checked and one.distinctive}
    to = (country or "").strip().upper()
    # For each grade those that deliver there and those that do not; within, the order is that of what fits.
    ranks: tuple[list[Detection], ...] = ([], [], [], [], [], [])
    for one in fits:
        theirs = not plain or plain == {one.operator}
        rank, grade, because = _grade(one.checked, one.distinctive, theirs, shaped, proven)
        elsewhere = bool(to and one.carrier.countries) and to not in one.carrier.countries
        ranks[2 * rank + elsewhere].append(one.graded(grade, because))
    best: dict[str, Detection] = {}
    for found in chain.from_iterable(ranks):
        best.setdefault(found.carrier, found)
    return tuple(best.values())


def plain_owner(catalogue: CarrierCatalogue, number: str) -> Carrier | None:
    """The first of the carriers that are ``certain`` for a cleaned number, which are one operator's; None without."""
    if number.isdigit():
        return None  # certain is nobody without a letter
    fits = catalogue.lettered.fitting(number)
    if len({one.operator for one in fits}) != 1:
        return None
    return next((one.carrier for one in fits if one.checked), None)


@cache
def _grade(checked: bool, distinctive: bool, theirs: bool, shaped: int, proven: int) -> tuple[int, Grade, str]:
    """How surely a number is an operator's by a format that it fits, as an index of ``GRADES`` and in words, and why.

    ``shaped`` and ``proven`` count the operators that it could belong to by its letters, and by its check digit;
    ``theirs`` says that by both in one format it could be no other's.
    """
    if checked and distinctive and shaped == 1:
        return 0, "certain", "the check digit holds, and the letters are no other operator's"
    if distinctive and shaped <= FEW:
        return 1, "likely", "the letters are of this carrier's own form"
    if checked and proven <= FEW and (distinctive or theirs):
        return 1, "likely", "the check digit holds, as for few others"
    return 2, "possible", "the length and the kind of characters fit"
