"""Check digits of tracking numbers, by the names that carrier files use.

A check digit that holds shows that a number is well formed, neither that it exists nor who owns it.
Each algorithm has a shape that the cleaned number must have and one short function from the number
without its check character to the characters that may stand there. Everything is total: any text gives
True or False.

Sources, unless a docstring names another: github.com/jkeen/tracking_number_data
(CHECKSUM_ALGORITHMS.md and couriers/) and github.com/plhery/universal-parcel-scraper (carriers/ and
core/detection/), which agree on the vectors that the tests hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import cycle, product
from operator import mul
from types import MappingProxyType

LONGEST = 64
"""The longest cleaned tracking number that is looked at, in characters."""

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ANY_LENGTH = range(2, LONGEST + 1)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One way to compute a check character.

    ``shape`` is the pattern of the whole number, ``lengths`` the lengths it can have. ``expected`` gives
    the characters that may stand at ``position``, from the number without that one. ``takes_tail`` says
    that a number may have characters in front that do not count, so that ``tail`` makes sense.
    ``catches_any_digit`` promises that a valid number with any one digit changed to another no longer
    holds. ``about`` is the sentence of the table in carriers.d/README.md.
    """

    name: str
    shape: str
    lengths: Collection[int]
    expected: Callable[[str], str]
    about: str
    position: int = -1
    takes_tail: bool = False
    catches_any_digit: bool = False

    def check(self, number: str, tail: int | None = None) -> bool:
        """Whether the cleaned ``number`` holds; with ``tail``, whether its last ``tail`` characters do."""
        if tail is not None:
            if not 0 < tail <= len(number):
                return False
            number = number[-tail:]
        if len(number) not in self.lengths or not _shape(self.shape)(number):
            return False
        at = self.position % len(number)
        return number[at] in self.expected(number[:at] + number[at + 1 :])

    def fits(self, length: int, tail: int | None = None) -> bool:
        """Whether a number of ``length`` characters can hold at all."""
        return length in self.lengths if tail is None else length >= tail > 0 and tail in self.lengths


@cache
def _shape(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


def holds(algorithm: str, number: str, tail: int | None = None) -> bool:
    """Whether ``number``, cleaned, has a right check character; only its last ``tail`` characters count.

    Raises KeyError for a name that is not in ``ALGORITHMS``.
    """
    return ALGORITHMS[algorithm].check(number, tail)


def complete(algorithm: str, number: str, tail: int | None = None) -> str | None:
    """``number`` with each ``?`` (at most two) replaced so that it holds; None where nothing does.

    Digits are tried before letters. Raises KeyError for an unknown name, ValueError for more than two.
    """
    first, *rest = number.split("?")
    if len(rest) > 2:
        raise ValueError("at most two characters can be computed")
    for characters in product(_CHARACTERS, repeat=len(rest)):
        candidate = first + "".join(found + part for found, part in zip(characters, rest, strict=True))
        if holds(algorithm, candidate, tail):
            return candidate
    return None


def _weighted(values: Sequence[int], weights: Sequence[int]) -> int:
    """Sum of the values from the left, times the weights over and over."""
    return sum(map(mul, values, cycle(weights)))


def _digits(text: str) -> list[int]:
    return list(map(int, text))


def _complement(total: int) -> str:
    return str(-total % 10)


def _ups_values(text: str) -> list[int]:
    """Digits as themselves, letters as UPS counts them: A 2, B 3 … H 9, I 0 … Z 7."""
    return [int(character) if character.isdigit() else (ord(character) - 63) % 10 for character in text]


@cache
def _library(name: str) -> Callable[[str], str]:
    """How python-stdnum computes that check digit; imported late, because it needs half of Python's own library."""
    function: Callable[[str], str] = import_module(f"stdnum.{name}").calc_check_digit
    return function


def _s10_digit(serial: str) -> str:
    """Weights 8 6 4 2 3 5 9 7 over eight digits; 11 less the rest modulo 11; 10 becomes 0, 11 becomes 5."""
    check = 11 - _weighted(_digits(serial), (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return {10: "0", 11: "5"}.get(check, str(check))


def _s10(body: str) -> str:
    """The S10 digit of the serial between the service letters and the country.

    Source: UPU standard S10-12. Two rests give 5, so one changed digit can pass.
    """
    return _s10_digit(body[2:10])


def _gs1(body: str) -> str:
    """Weights 3 1 3 … from the right; ten's complement. Source: GS1 General Specifications, 7.9."""
    return _library("ean")(body)


def _iso7064(body: str) -> str:
    """ISO/IEC 7064 MOD 37,36 over digits and letters. Source: DPD Parcel Label Specification 2.4.1."""
    return _library("iso7064.mod_37_36")(body)


def _luhn(body: str) -> str:
    """Every second digit from the right doubled and its digits added; ten's complement (ISO/IEC 7812-1)."""
    return _library("luhn")(body)


def _gls(body: str) -> str:
    """Weights 3 1 3 … from the right, plus 1; ten's complement."""
    return _complement(_weighted(_digits(body)[::-1], (3, 1)) + 1)


def _hermes_de(body: str) -> str:
    """Weights 3 1 3 … from the left over thirteen digits; ten's complement."""
    return _complement(_weighted(_digits(body), (3, 1)))


def _identcode(body: str) -> str:
    """Weights 4 9 4 … from the left; ten's complement. 4 and 10 share a factor: not every change shows."""
    return _complement(_weighted(_digits(body), (4, 9)))


def _evri(body: str) -> str:
    """Letters as UPS counts them, weights 2 1 2 … from the left; the sum's last digit itself."""
    return str(_weighted(_ups_values(body), (2, 1)) % 10)


def _ups(body: str) -> str:
    """Weights 1 2 1 … from the left over what follows 1Z; ten's complement."""
    return _complement(_weighted(_ups_values(body[2:]), (1, 2)))


def _ups_waybill(body: str) -> str:
    """As ``_ups``, over the digits behind the letter."""
    return _complement(_weighted(_digits(body[1:]), (1, 2)))


def _ontrac(body: str) -> str:
    """As ``_ups``, the letter in front included."""
    return _complement(_weighted(_ups_values(body), (1, 2)))


def _mod7(body: str) -> str:
    """The number without its last digit, modulo 7: digits seven apart look the same to it."""
    return str(int(body) % 7)


def _fedex12(body: str) -> str:
    """Weights 3 1 7 … from the left; modulo 11, of which the last digit: 0 and 10 look the same."""
    return str(_weighted(_digits(body), (3, 1, 7)) % 11 % 10)


def _fedex34(body: str) -> str:
    """Weights 1 7 3 … over the last thirteen digits before the check; modulo as ``_fedex12``."""
    return str(_weighted(_digits(body[-13:]), (1, 7, 3)) % 11 % 10)


def _mod11(body: str) -> int:
    """11 less the rest modulo 11 of the digits from the right times 2 3 4 5 6 7 …: 1 to 11."""
    return 11 - _weighted(_digits(body)[::-1], (2, 3, 4, 5, 6, 7)) % 11


def _mod11_2to7(body: str) -> str:
    """``_mod11``; 10 and 11 become 0, and 1 is accepted for 11, as one documented number has it."""
    return {10: "0", 11: "01"}.get(_mod11(body), str(_mod11(body)))


def _mondial_relay(body: str) -> str:
    """brand 2, shipment 8, parcel 2, parcels 2, check, routing 10, check; both checks by ``_mod11``.

    Nothing fits where the first check is wrong or the parcel is not one of the parcels. Source: Mondial
    Relay label specification 2.4, pages 5 to 7.
    """
    label, first, routing = body[:14], body[14], body[15:]
    parcel, parcels = int(label[10:12]), int(label[12:14])
    if first != str(_mod11(label) % 11 % 10) or not 1 <= parcel <= parcels:
        return ""
    return str(_mod11(routing) % 11 % 10)


def _correos(body: str) -> str:
    """Sum of the characters' ASCII codes modulo 23, as an index into the letters of the Spanish DNI."""
    return "TRWAGMYFPDXBNJZSQVHLCKE"[sum(map(ord, body)) % 23]


def _tnt(body: str) -> str:
    """Two schemes live together: modulo 7, or the S10 digit. Source: TNT ExpressConnect documentation."""
    return _mod7(body) + _s10_digit(body)


def _sf_express(body: str) -> str:
    """The eight digits behind the area from the right times 1 3 5 … 15, tens and units of each product added.

    The three digits of the area, and ``SF`` with a digit before it, do not count; ten's complement.
    """
    products = [digit * weight for digit, weight in zip(_digits(body[-8:])[::-1], range(1, 16, 2), strict=True)]
    return _complement(sum(value // 10 + value % 10 for value in products))


_ALL = (
    Algorithm(
        "correos-mod23",
        "[A-Z0-9]{15}(?:[A-Z0-9]{7})?[A-Z]",
        (16, 23),
        _correos,
        "Correos in Spain: 16 or 23 characters, the last one a letter.",
        catches_any_digit=True,
    ),
    Algorithm("evri-mod10", "[A-Z0-9]{15}[0-9]", (16,), _evri, "Evri in Britain: 16 characters, the last one a digit."),
    Algorithm("fedex12-mod11", "[0-9]{12}", (12,), _fedex12, "FedEx Express: 12 digits."),
    Algorithm("fedex34-mod11", "[0-9]{34}", (34,), _fedex34, "The barcode of FedEx Express labels: 34 digits."),
    Algorithm("gls-mod10-plus1", "[0-9]{12}", (12,), _gls, "GLS: 12 digits.", catches_any_digit=True),
    Algorithm(
        "gs1-mod10",
        "[0-9]{2,64}",
        _ANY_LENGTH,
        _gs1,
        "The barcode standard of GS1: SSCC, USPS, Canada Post, FedEx Ground; Colissimo with `tail: 11`.",
        takes_tail=True,
        catches_any_digit=True,
    ),
    Algorithm(
        "hermes-de-mod10", "[0-9]{14}", (14,), _hermes_de, "Hermes in Germany: 14 digits.", catches_any_digit=True
    ),
    Algorithm("identcode-mod10-4-9", "[0-9]{12}", (12,), _identcode, "Identcode of Deutsche Post and DHL: 12 digits."),
    Algorithm(
        "iso7064-mod37-36",
        "[A-Z0-9]{2,64}",
        _ANY_LENGTH,
        _iso7064,
        "DPD, Chronopost and letters of La Poste: 14 characters and a digit or letter.",
        takes_tail=True,
        catches_any_digit=True,
    ),
    Algorithm(
        "luhn",
        "[0-9]{2,64}",
        _ANY_LENGTH,
        _luhn,
        "As on bank cards: Purolator, Old Dominion.",
        takes_tail=True,
        catches_any_digit=True,
    ),
    Algorithm(
        "mod11-2to7", "[0-9]{2,64}", _ANY_LENGTH, _mod11_2to7, "Ukrposhta in Ukraine: 13 digits.", takes_tail=True
    ),
    Algorithm(
        "mod7",
        "[0-9]{2,64}",
        _ANY_LENGTH,
        _mod7,
        "DHL Express, Aramex, Blue Dart, Japan Post, Yamato, Sagawa: 10 to 12 digits.",
        takes_tail=True,
    ),
    Algorithm(
        "mondial-relay-26", "[0-9]{26}", (26,), _mondial_relay, "The barcode of Mondial Relay labels: 26 digits."
    ),
    Algorithm("ontrac-mod10", "[CD][0-9]{14}", (15,), _ontrac, "OnTrac: C or D and 14 digits."),
    Algorithm(
        "s10",
        "[A-Z]{2}[0-9]{9}[A-Z]{2}",
        (13,),
        _s10,
        "Postal operators of the whole world: 2 letters, 9 digits, the 2 letters of the country.",
        position=10,
    ),
    Algorithm(
        "sf-express", "(?:SF[0-9])?[0-9]{12}", (12, 15), _sf_express, "SF Express: 12 digits, or SF and 13 digits."
    ),
    Algorithm("tnt-mod7-or-mod11", "[0-9]{9}", (9,), _tnt, "TNT: 9 digits."),
    Algorithm("ups-mod10", "1Z[A-Z0-9]{15}[0-9]", (18,), _ups, "UPS: 1Z and 16 characters, the last one a digit."),
    Algorithm(
        "ups-waybill-mod10",
        "[AHJKTV][0-9]{10}",
        (11,),
        _ups_waybill,
        "Waybills of UPS: one of A, H, J, K, T, V and 10 digits.",
    ),
)

ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({algorithm.name: algorithm for algorithm in _ALL})
"""Every algorithm that a carrier file can name, sorted by name."""

__all__ = ["ALGORITHMS", "LONGEST", "Algorithm", "complete", "holds"]
