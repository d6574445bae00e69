"""Texts read as numbers and points in time: what is taken, what is refused, and that nothing raises."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rakuten_orders.values import read_decimal, read_french_time, read_time


@pytest.mark.parametrize("text", ["0", "9.90", "-1.5", "+2", "007.50", "1" * 1000, f"0.{'3' * 1000}"])
def test_a_decimal_keeps_all_its_digits(text):
    """ASCII digits with a sign and a dot are read exactly, however many there are."""
    found = read_decimal(text)
    assert found is not None
    assert f"{found:f}".lstrip("-").rjust(len(text.lstrip("+-")), "0") == text.lstrip("+-")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1,50",
        "1.",
        ".5",
        "1e3",
        "1E+3",
        "0x1F",
        "1_000",
        "NaN",
        "Infinity",
        "-",
        "١٢",
        "１２",
        "²",
        "1 000",
        "1\n",
    ],
)
def test_what_is_no_plain_decimal_is_none(text):
    """No comma, exponent, word, space or digit of another script passes for a number."""
    assert read_decimal(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23", "2026-11-23T00:00:00"),
        ("2026-11-23T14:30", "2026-11-23T14:30:00"),
        ("2026-11-23 14:30:59", "2026-11-23T14:30:59"),
        ("2026-11-23T14:30:59.25", "2026-11-23T14:30:59.250000"),
        ("23/11/2026-14:30", "2026-11-23T14:30:00"),
        ("23/11/2026-14:30:59", "2026-11-23T14:30:59"),
        ("23/11/2026", "2026-11-23T00:00:00"),
        ("29/02/2028", "2028-02-29T00:00:00"),
    ],
)
def test_both_ways_of_writing_a_time_are_read(text, expected):
    """ISO 8601 and Rakuten's form, with or without a time of day."""
    assert read_time(text).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "23.11.2026",
        "11/23/2026",
        "29/02/2026",
        "2026-13-01",
        "20261123",
        "2026-W48-1",
        "2026-11-23T24:00",
        "2026-11-23x14:30",
        "23/11/26",
        "3/1/2026",
        "23/11/2026 14:30",
        "23/11/2026-25:00",
        "2026-11-23T14",
        "٢٣/11/2026",
        "2026-11-23\n",
        "0000-01-01",
    ],
)
def test_what_is_no_time_is_none(text):
    """A day that the calendar lacks and any other way of writing are no time, on every version of Python."""
    assert read_time(text) is None


def test_a_time_with_a_zone_becomes_french_time():
    """Times with an offset are compared as the French clock shows them, in winter and in summer."""
    assert read_french_time("2026-11-23T23:30:00Z").isoformat() == "2026-11-24T00:30:00"
    assert read_french_time("2026-07-01T12:00+0000").isoformat() == "2026-07-01T14:00:00"
    assert read_french_time("23/11/2026-14:30").isoformat() == "2026-11-23T14:30:00"


@given(st.text() | st.from_regex(r"[-+]?[0-9.,eE+-]{0,40}", fullmatch=True))
def test_a_decimal_is_read_or_not_but_nothing_raises(text):
    """Any text gives a finite decimal or None."""
    found = read_decimal(text)
    assert found is None or (isinstance(found, Decimal) and found.is_finite())


@given(
    st.text()
    | st.datetimes(timezones=st.none() | st.timezones()).map(lambda moment: moment.isoformat())
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2}", fullmatch=True)
)
@example("0001-01-01T00:00+14:00")
@example("9999-12-31T23:59-12:00")
def test_a_time_is_read_or_not_but_nothing_raises(text):
    """Any text gives a time without a zone or None, at the ends of the calendar too."""
    found = read_french_time(text)
    assert found is None or found.tzinfo is None
