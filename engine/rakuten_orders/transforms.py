"""The named transforms of ``then`` and the types of ``type``: text in, value out."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from zoneinfo import ZoneInfo

from rakuten_orders.model import Value
from rakuten_orders.values import RAKUTEN_DATETIME, RAKUTEN_ZONE, read_decimal, read_time

Reader = Callable[[str], Value]
"""Text to a value; raises ValueError saying what was expected, and never quotes the text."""


def remove_accents(text: str) -> str:
    """``Église`` becomes ``Eglise``; letters that are no letter plus accent (``ø``, ``œ``, ``が``) stay."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f"))


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")


def _first_of_list(text: str) -> str:
    """The first entry of a list separated (and perhaps ended) by ``;``, as Rakuten writes EANs (seen in samples)."""
    return next((entry.strip() for entry in text.split(";") if entry.strip()), "")


TRANSFORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "strip": str.strip,
        "upper": str.upper,
        "lower": str.lower,
        "collapse_spaces": _collapse_spaces,
        "remove_accents": remove_accents,
        "digits": _digits,
        "first_of_list": _first_of_list,
    }
)
"""The words of ``then``. Each is total: any text gives a text."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,1000}")
TRUTH: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("y", "yes", "true", "1", "oui", "o"), True) | dict.fromkeys(("n", "no", "false", "0", "non"), False)
)
"""What ``boolean`` takes, in small letters."""


def _integer(text: str) -> Value:
    if not _INTEGER.fullmatch(text):
        raise ValueError("a whole number")
    return int(text)


def _decimal(text: str) -> Value:
    """A decimal with a dot; its decimals stay as received (``9.90`` is not ``9.9``)."""
    found = read_decimal(text)
    if found is None:
        raise ValueError("a decimal such as 9.90")
    return found


def _boolean(text: str) -> Value:
    found = TRUTH.get(text.lower())
    if found is None:
        raise ValueError("Y or N, true or false, 1 or 0")
    return found


def _day(text: str) -> Value:
    found = read_time(text)
    if found is None:
        raise ValueError("a date written as 2026-11-23")
    return found.date()


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads a day written as ``date_format``, in strptime's words."""

    date_format: str

    def __call__(self, text: str) -> dt.date:
        """The day. Raises ValueError saying what was expected."""
        try:
            return _strptime(text, self.date_format).date()
        except ValueError:
            raise ValueError(f"a date written as {self.date_format}") from None


@dataclass(frozen=True, slots=True)
class DatetimeReader:
    """Reads a time written as ``date_format``, in strptime's words; ``zone`` is for texts that name none."""

    date_format: str
    zone: ZoneInfo

    def __call__(self, text: str) -> dt.datetime:
        """The time, with a zone. Raises ValueError saying what was expected."""
        try:
            moment = _strptime(text, self.date_format)
        except ValueError:
            raise ValueError(f"a time written as {self.date_format}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


def _date_reader(date_format: str | None, _zone: str | None) -> Reader:
    return _day if date_format is None else DateReader(date_format)


def _datetime_reader(date_format: str | None, zone: str | None) -> Reader:
    return DatetimeReader(date_format or RAKUTEN_DATETIME, ZoneInfo(zone or RAKUTEN_ZONE))


def _strptime(text: str, date_format: str) -> dt.datetime:
    if any(char.isdecimal() and not char.isascii() for char in text):
        raise ValueError("strptime takes the digits of any script")
    return dt.datetime.strptime(text, date_format)  # noqa: DTZ007 - the caller knows the zone


def _plain(read: Reader) -> Callable[[str | None, str | None], Reader]:
    """A type that neither a format nor a zone changes."""
    return lambda _date_format, _zone: read


TYPES: Mapping[str, Callable[[str | None, str | None], Reader]] = MappingProxyType(
    {
        "text": _plain(str),
        "integer": _plain(_integer),
        "decimal": _plain(_decimal),
        "boolean": _plain(_boolean),
        "date": _date_reader,
        "datetime": _datetime_reader,
    }
)
"""The words of ``type``, and for each its reader, made from strptime's format and the zone that a rule gives.

Where a rule gives none, a ``date`` is ISO 8601 or Rakuten's form, a ``datetime`` Rakuten's form in French time.
"""

# Words for months, days and zones are left out: strptime reads them in the machine's language.
_DIRECTIVES = frozenset("dmyYHMSfz")


def known_format(date_format: str) -> bool:
    """Whether a date can be read by ``date_format``: day, month and year once each, and no directive but ours."""
    named = [letter for letter in re.findall(r"%(.?)", date_format, re.DOTALL) if letter != "%"]
    return (
        _DIRECTIVES.issuperset(named)
        and len(set(named)) == len(named)
        and {"d", "m"}.issubset(named)
        and len({"y", "Y"}.intersection(named)) == 1
    )


def known_zone(name: str) -> bool:
    """Whether ``name`` is a time zone of the tz database, spelt as there, whatever this machine has besides."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())
