"""The named transforms of ``then`` and the types of ``type``: text in, value out."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rakuten_orders.model import Value

RAKUTEN_ZONE = "Europe/Paris"
"""Rakuten's times carry no zone; they are taken for French time (inferred)."""

RAKUTEN_DATETIME = "%d/%m/%Y-%H:%M"
"""How Rakuten writes a time (seen in samples)."""


def remove_accents(text: str) -> str:
    """``Église`` becomes ``Eglise``; letters that are no letter plus accent (``ø``, ``œ``) stay."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")


def _first_of_list(text: str) -> str:
    """The first entry of a list separated (and perhaps ended) by ``;``, as Rakuten writes several EANs."""
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

_INTEGER = re.compile(r"[-+]?[0-9]{1,1000}", re.ASCII)
_DECIMAL = re.compile(r"[-+]?[0-9]{1,1000}(\.[0-9]{1,1000})?", re.ASCII)
_TRUE = frozenset({"y", "yes", "true", "1", "oui", "o"})
_FALSE = frozenset({"n", "no", "false", "0", "non"})


def _text(text: str) -> Value:
    return text


def _integer(text: str) -> Value:
    if not _INTEGER.fullmatch(text):
        raise ValueError("a whole number")
    return int(text)


def _decimal(text: str) -> Value:
    """A decimal with a dot; its digits stay as received (``9.90`` is not ``9.9``)."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("a decimal such as 9.90")
    return Decimal(text)


def _boolean(text: str) -> Value:
    folded = text.casefold()
    if folded not in _TRUE | _FALSE:
        raise ValueError("Y or N, true or false, 1 or 0")
    return folded in _TRUE


TYPES: Mapping[str, Callable[[str], Value]] = MappingProxyType(
    {"text": _text, "integer": _integer, "decimal": _decimal, "boolean": _boolean, "date": _text, "datetime": _text}
)
"""Readers by type; they raise ValueError saying what was expected. Dates take a format: see ``typed``."""


def typed(name: str, date_format: str | None, zone: str | None) -> Callable[[str], Value]:
    """The reader for a type: text to value, raising ValueError that says what was expected.

    ``date_format`` is strptime's (default: Rakuten's own for ``datetime``, ISO 8601 for ``date``); ``zone`` is the
    zone of a datetime whose format has none (default Europe/Paris).
    """
    if name == "datetime":
        return _datetime_reader(date_format or RAKUTEN_DATETIME, ZoneInfo(zone or RAKUTEN_ZONE))
    if name == "date":
        return _date_reader(date_format)
    return TYPES[name]


def _datetime_reader(date_format: str, zone: ZoneInfo) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        try:
            moment = dt.datetime.strptime(text, date_format)  # noqa: DTZ007 - the rule names the zone
        except ValueError:
            raise ValueError(f"a time written as {date_format}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    return read


def _date_reader(date_format: str | None) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        try:
            if date_format is None:
                return _day(text)
            return dt.datetime.strptime(text, date_format).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise ValueError(f"a date written as {date_format or '2026-11-23'}") from None

    return read


def _day(text: str) -> dt.date:
    """A day in ISO 8601, with or without a time, or in Rakuten's own form. Raises ValueError for anything else."""
    for form in (RAKUTEN_DATETIME, "%d/%m/%Y"):
        with contextlib.suppress(ValueError):
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    return dt.datetime.fromisoformat(text).date()


def known_zone(name: str) -> bool:
    """Whether ``name`` is a time zone of the tz database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
