"""Which formats a number can fit at all, found without trying each: by its length and the characters in each place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rakuten_orders.formats import MAX_NUMBER, NumberFormat
from rakuten_orders.model import Detection, Grade
from rakuten_orders.pattern_chars import OTHERS, Chars
from rakuten_orders.pattern_shapes import Shapes, shapes
from rakuten_orders.patterns import parsed

if TYPE_CHECKING:
    from rakuten_orders.carriers import Carrier


class Candidate:
    """A carrier by one of its formats, and what detection asks of the two."""

    __slots__ = ("_found", "carrier", "checked", "distinctive", "known", "operator", "rank")

    def __init__(self, carrier: Carrier, known: NumberFormat) -> None:
        self.carrier = carrier
        self.known = known
        self.operator = carrier.operator
        self.distinctive = known.distinctive
        self.checked = known.checksum is not None
        self.rank = (not carrier.listed, known.room, carrier.code)
        self._found: dict[tuple[Grade, str], Detection] = {}

    def graded(self, grade: Grade, because: str) -> Detection:
        """The carrier with a grade and the reason for it."""
        found = self._found.get((grade, because))
        if found is None:
            found = self._found[grade, because] = Detection(self.carrier.code, grade, because)
        return found


class _Place(NamedTuple):
    """The formats, a bit for each, that can have a character in one place of a number, and those for all others."""

    by_char: Mapping[str, int]
    others: int


class Candidates:
    """The formats of all carriers, each tried once whoever has it, and only where it can fit.

    What is known of a length is made when the first such number comes. Threads may share it: at worst two make the
    same.
    """

    def __init__(self, owned: Iterable[tuple[Carrier, NumberFormat]]) -> None:
        owners: dict[NumberFormat, list[int]] = {}
        self._entries = sorted((Candidate(*one) for one in owned), key=lambda entry: entry.rank)
        for position, entry in enumerate(self._entries):
            owners.setdefault(entry.known, []).append(position)
        self._formats = tuple(owners.items())
        self._shapes = tuple(shapes(parsed(known.pattern), MAX_NUMBER) for known in owners)
        self._lengths: dict[int, tuple[int, Sequence[_Place]]] = {}

    def fitting(self, number: str) -> list[Candidate]:
        """Those that the cleaned ``number`` fits, check digit included.

        First those that Rakuten lists, then those with the narrower format, then by code.
        """
        found: list[int] = []
        holds: dict[tuple[str | None, int | None], bool] = {}
        left = self._possible(number)
        while left:
            lowest = left & -left
            left ^= lowest
            known, positions = self._formats[lowest.bit_length() - 1]
            if not known.matches(number):
                continue
            if known.checksum is not None:
                # Many carriers share an algorithm; it says the same of a number every time.
                check = (known.checksum, known.tail)
                if check not in holds:
                    holds[check] = known.checks(number)
                if not holds[check]:
                    continue
            found += positions
        found.sort()
        return [self._entries[position] for position in found]

    def _possible(self, number: str) -> int:
        """The formats, a bit for each, that have the number's length and can have its characters in their places."""
        length = len(number)
        if length > MAX_NUMBER:
            return 0
        known = self._lengths.get(length)
        if known is None:
            known = self._lengths[length] = _of_length(self._shapes, length)
        left, places = known
        for char, (by_char, others) in zip(number, places, strict=True):
            left &= by_char.get(char, others)
            if not left:
                break
        return left


def _of_length(of_formats: Sequence[Shapes], length: int) -> tuple[int, Sequence[_Place]]:
    """The formats that fit texts of that length, and for each place of those what can stand there."""
    every = 0
    at: list[dict[Chars, int]] = [{} for _ in range(length)]
    for number, by_length in enumerate(of_formats):
        if length in by_length:
            bit = 1 << number
            every |= bit
            for place, chars in zip(at, by_length[length], strict=True):
                place[chars] = place.get(chars, 0) | bit
    return every, tuple(map(_place, at))


def _place(formats: Mapping[Chars, int]) -> _Place:
    by_char: dict[str, int] = {}
    others = 0
    for chars, bits in formats.items():
        others |= bits if chars & OTHERS else 0
        for char in _characters(chars):
            by_char[char] = by_char.get(char, 0) | bits
    return _Place({char: by_char.get(char, 0) for char in _ASCII}, others)


_ASCII = tuple(map(chr, range(128)))


@cache
def _characters(chars: Chars) -> tuple[str, ...]:
    return tuple(char for code, char in enumerate(_ASCII) if chars >> code & 1)
