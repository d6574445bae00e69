"""Values for examples: made up, of the same shape as the real ones, and never those."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from rakuten_orders.checksums import ALGORITHMS, complete
from rakuten_orders.formats import NumberFormat, clean_number

POSTCODE = "75011"
"""The postcode of examples where five digits are wanted: a district of Paris with many thousand letter boxes."""

_DIGITS = "12345678901234567890"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FEW = 5


def made_up_number(typed: str, real: Collection[str], known: NumberFormat | None) -> str | None:
    """A number of the same shape as ``typed``, spaces and all, with other digits; None where none could be found.

    It is none of the cleaned ``real`` numbers and has none of them in it. Letters and zeros in front stay; where there
    are few digits, letters that the format does not demand are made up too. The check digit of ``known`` is right.
    """
    number = clean_number(typed)
    for candidate in _candidates(number):
        checked = _with_check(candidate, known)
        if checked is None or any(one in checked for one in real):
            continue
        if known is None or (known.matches(checked) and known.checks(checked)):
            return _spaced(checked, typed)
    return None


def _candidates(number: str) -> Iterator[str]:
    """The number with digits in a row, from each digit up and down; then those with letters in a row too."""
    zeros = len(number) - len(number.lstrip("0"))
    kept = min(zeros, max(0, len(number) - _FEW + 1))
    short = re.match("[0-9]{1,2}(?=[A-Z])", number)  # 6A, 1Z: the product, not the parcel
    start = short.end() if short else kept
    few = sum(char.isdigit() for char in number[start:]) < _FEW
    for letters in (True, False) if few else (False,):
        for row in (_DIGITS, _DIGITS[::-1]):
            for first in range(10):
                yield number[:start] + _rows(number[start:], row[first:], _LETTERS[first:] if letters else "")


def _rows(text: str, digits: str, letters: str) -> str:
    """The text with its digits, and with ``letters`` its letters, replaced by those of the rows, over and over."""
    made, at = [], {"digit": 0, "letter": 0}
    for char in text:
        if char in "0123456789":
            made.append(digits[at["digit"] % 10])
            at["digit"] += 1
        elif letters and char.isalpha():
            made.append(letters[at["letter"] % len(letters)])
            at["letter"] += 1
        else:
            made.append(char)
    return "".join(made)


def _with_check(number: str, known: NumberFormat | None) -> str | None:
    """The number with a right check character; None where none makes it right."""
    if known is None or known.checksum is None:
        return number
    at = _check_place(number, known)
    return None if "?" in number else complete(known.checksum, f"{number[:at]}?{number[at + 1 :]}", known.tail)


def _check_place(number: str, known: NumberFormat) -> int:
    length = known.tail or len(number)
    return len(number) - length + ALGORITHMS[known.checksum or ""].position % length


def _spaced(number: str, typed: str) -> str:
    """The number with the spaces, dots and hyphens that the real one was typed with."""
    if not typed.isascii() or not typed.isprintable():
        return number
    chars = iter(number)
    spaced = "".join(next(chars, "") if clean_number(char) else char for char in typed).strip()
    return spaced if clean_number(spaced) == number else number


def wrong_numbers(valid: str, known: NumberFormat, others: Sequence[NumberFormat]) -> Iterator[tuple[str, str]]:
    """Numbers that are near the cleaned ``valid`` and have none of the forms, and what is wrong with each.

    One with a wrong check digit, where there is one, and one of another length.
    """

    def accepted(number: str) -> bool:
        return any(one.matches(number) and one.checks(number) for one in others)

    if known.checksum is not None:
        at = _check_place(valid, known)
        changed = (f"{valid[:at]}{digit}{valid[at + 1 :]}" for digit in _DIGITS[:10])
        wrong = next((one for one in changed if known.matches(one) and not accepted(one)), None)
        if wrong is not None:
            yield wrong, f"the check digit is {valid[at]}"
    for number, because in ((valid[:-1], "too short"), (f"{valid}0", "too long")):
        if clean_number(number) == number and not accepted(number):
            yield number, because
            return


def made_up_values(values: Collection[str], sampled: Mapping[str, str]) -> dict[str, str]:
    """Values for an example, by variable: of the shape of the ``sampled`` ones, which are a customer's.

    Countries and languages are nobody's and stay.
    """
    return {name: _made_up(name, sampled.get(name, "")) for name in values}


def _made_up(name: str, real: str) -> str:
    if name in ("country", "language"):
        return real or {"country": "FR", "language": "fr"}[name]
    if name in ("postcode", "pickup_postcode"):
        return POSTCODE if not real or re.fullmatch("[0-9]{5}", real) else _rows(real, _DIGITS, _LETTERS)
    made = _rows(real or "1234", _DIGITS, _LETTERS)
    return made if made != real else _rows(real, _DIGITS[4:], _LETTERS[4:])
