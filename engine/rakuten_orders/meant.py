"""What somebody meant by a word that is not known: by its looks, else by what it says in French or elsewhere."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection

from rakuten_orders.messages import words
from rakuten_orders.names import fold, nearest

_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})(?:er)?[ ./-](?P<month>[0-9]{1,2}|[^\W\d]+)[ ./-](?P<year>[0-9]{4})")
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})[ ./-](?P<month>[0-9]{1,2})[ ./-](?P<day>[0-9]{1,2})")
_DURATION = re.compile(
    r"(?P<number>[1-9][0-9]{0,5}) *(?P<unit>s|sec|seconde?s?|m|mins?|minutes?|h|heures?|hours?|d|days?|j|jours?)"
)
_AMOUNT = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})*|[0-9]+)(?:[.,](?P<decimals>[0-9]+))? *(?:€|EUR)?"
)


def meant_key(name: str, known: Collection[str]) -> str | None:
    """The key or variable of ``known`` that ``name`` was probably meant to be; None if nothing tells."""
    return nearest(name, known) or _translated("keys", name, known)


def meant_value(value: str, known: Collection[str]) -> str | None:
    """The value of ``known`` that ``value`` was probably meant to be; None if nothing tells."""
    return nearest(value, known) or _translated("values", value, known)


def meant_country(text: str) -> str:
    """The code of the country that ``text`` names in words or with another code; else the text in capitals."""
    return str(words("countries").get(fold(text), text.strip().upper()))


def meant_day(text: str) -> str | None:
    """A day that is written as people in France write it, in the form 2026-11-23; None where it is none."""
    text = unicodedata.normalize("NFKC", text)
    found = _DAY_FIRST.fullmatch(text) or _YEAR_FIRST.fullmatch(text)
    if found is None:
        return None
    months: Collection[str] = words("months")
    month = found["month"]
    number = int(month) if month.isdigit() else [*months, ""].index(name) + 1 if (name := fold(month)) in months else 0
    try:
        return dt.date(int(found["year"]), number, int(found["day"])).isoformat()
    except ValueError:
        return None


def meant_duration(text: str) -> str | None:
    """A length of time in words, as ``3h``; None where it is none."""
    found = _DURATION.fullmatch(text.casefold())
    return f"{found['number']}{found['unit'][0].replace('j', 'd')}" if found else None


def meant_amount(text: str) -> str | None:
    """An amount as people in France write it, with a dot and without blanks; None where it is none."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    whole = re.sub(r"[^0-9]", "", found["whole"])
    return f"{whole}.{found['decimals']}" if found["decimals"] else whole


def _translated(section: str, word: str, known: Collection[str]) -> str | None:
    found = words(section).get(fold(word), ())
    return next((one for one in ([found] if isinstance(found, str) else found) if one in known), None)
