"""Texts read as numbers and points in time: the one place that says what such a text looks like.

Only ASCII digits count. What is not written as expected gives None, never a guess.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

RAKUTEN_ZONE = "Europe/Paris"
"""Rakuten's times carry no zone; they are taken for French time (inferred)."""

RAKUTEN_DATETIME = "%d/%m/%Y-%H:%M"
"""How Rakuten writes a time, in strptime's words (seen in samples)."""

is_decimal = re.compile(r"[-+]?[0-9]{1,1000}(?:\.[0-9]{1,1000})?").fullmatch
"""Whether a text is a decimal as ``read_decimal`` takes it."""

# Rakuten's form, seconds where getoperations has them (seen in samples); a day alone is how people write it.
_RAKUTEN = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?:-([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?)?"
)


def read_decimal(text: str) -> Decimal | None:
    """``text`` as a decimal: ASCII digits, perhaps a sign, perhaps a dot and decimals, as many as there are."""
    return Decimal(text) if is_decimal(text) else None


def read_time(text: str) -> dt.datetime | None:
    """``text`` as a point in time: ISO 8601 or Rakuten's own form. A day is its midnight.

    The result has a zone only where the text has one.
    """
    try:
        if _ISO.fullmatch(text):
            return dt.datetime.fromisoformat(text)
        match = _RAKUTEN.fullmatch(text)
        if match is None:
            return None
        day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
        return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the caller knows the zone
    except ValueError:
        return None


def read_french_time(text: str) -> dt.datetime | None:
    """The same as a French local time without a zone, so that any two of them compare."""
    found = read_time(text)
    if found is None or found.tzinfo is None:
        return found
    try:
        return found.astimezone(ZoneInfo(RAKUTEN_ZONE)).replace(tzinfo=None)
    except OverflowError:  # within a day of year 1 or of year 9999
        return None
