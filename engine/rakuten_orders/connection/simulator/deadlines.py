"""How long the seller has to accept: three working days and to midnight, else Rakuten cancels."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
WORKING_DAYS = 3


def acceptance_deadline(bought_at: dt.datetime) -> dt.datetime:
    """The midnight that ends the third working day after the purchase, in Paris.

    "An order which was made on a Friday at 2pm, can be accepted until the next Wednesday at midnight"
    (official text quoted by a client). That French holidays are not working days is inferred.
    """
    day = bought_at.astimezone(PARIS).date()
    working = 0
    while working < WORKING_DAYS:
        day += dt.timedelta(days=1)
        working += _is_working(day)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), PARIS)


def _is_working(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[dt.date]:
    # Imported here because few simulators let time run out, and the calendars take a while to load.
    from holidays import country_holidays  # noqa: PLC0415

    return frozenset(country_holidays("FR", years=year))
