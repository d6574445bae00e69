"""Tracking numbers: how they are cleaned, and the formats that a carrier's numbers have."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rakuten_orders.checksums import holds
from rakuten_orders.patterns import NUMBERS, demands_letter, share_that_fits, texts_that_fit

MAX_NUMBER = NUMBERS.longest
"""The longest cleaned tracking number that is looked at, in characters."""

_BY_CHANCE = 0.01

# Spaces of all kinds, dashes, control characters, what has no width at all, and halves of characters.
_DROPPED = frozenset({"Zs", "Zl", "Zp", "Pd", "Cc", "Cf", "Cs"})


def clean_number(received: str) -> str:
    """The number as it is matched and sent: no spaces, dots, hyphens or invisible characters, in upper case.

    Leading zeros stay. Typographic hyphens count as hyphens: word processors put them in.
    """
    if received.isalnum():
        return received.upper()
    if received.isascii():
        return received.translate(_DROPPED_OF_ASCII).upper()
    return "".join(char for char in received if not _is_dropped(char)).upper()


def _is_dropped(char: str) -> bool:
    return char in ".\u2212" or unicodedata.category(char) in _DROPPED


_DROPPED_OF_ASCII = dict.fromkeys(code for code in range(128) if _is_dropped(chr(code)))


@dataclass(frozen=True)
class NumberFormat:
    """One format of a carrier's numbers: a pattern for the whole cleaned number, perhaps a check digit."""

    pattern: str
    checksum: str | None = None
    tail: int | None = None

    @cached_property
    def distinctive(self) -> bool:
        """Whether the pattern demands a letter of its own (a prefix, a country suffix), and little fits it by chance.

        ``A`` before nine letters or digits of any kind says nothing: one such number in 36 begins with it.
        """
        return demands_letter(self.pattern) and share_that_fits(self.pattern) < _BY_CHANCE

    @cached_property
    def room(self) -> int:
        """How many numbers have this form, as a power of ten: the fewer, the more it says that a number has it."""
        return round(math.log10(texts_that_fit(self.pattern))) - (1 if self.checksum else 0)

    @cached_property
    def telling(self) -> bool:
        """Whether more than its length says whose a number is that has this form: a check digit, or letters."""
        return self.checksum is not None or self.distinctive

    @cached_property
    def _fullmatch(self) -> Callable[[str], object]:
        return _compiled(self.pattern).fullmatch

    def fits(self, number: str) -> bool:
        """Whether the cleaned ``number`` has this form and the right check digit."""
        return self.matches(number) and self.checks(number)

    def matches(self, number: str) -> bool:
        """Whether the cleaned ``number`` has this form; the check digit is not looked at."""
        return len(number) <= MAX_NUMBER and self._fullmatch(number) is not None

    def checks(self, number: str) -> bool:
        """Whether the check digit of a matching ``number`` is right; True where the format has none."""
        return self.checksum is None or holds(self.checksum, number, self.tail)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
