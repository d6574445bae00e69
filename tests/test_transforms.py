"""The transforms of ``then`` and the types of ``type``."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.transforms import TRANSFORMS, TYPES, known_format, known_zone


def read(name, text, date_format=None, zone=None):
    return TYPES[name](date_format, zone)(text)


def refusal(name, text, date_format=None):
    """What the type says that it expects; None where it takes the text."""
    try:
        read(name, text, date_format)
    except ValueError as fault:
        return str(fault)
    return None


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("strip", "  a b \u00a0", "a b"),
        ("upper", "straße é", "STRASSE É"),
        ("lower", "ÀB-12", "àb-12"),
        ("collapse_spaces", " 4  bis\t\n rue\u00a0X ", "4 bis rue X"),
        ("collapse_spaces", "\n", ""),
        ("remove_accents", "Église Noël çà", "Eglise Noel ca"),
        ("remove_accents", "E\u0301glise", "Eglise"),
        ("remove_accents", "Søren cœur Straße ½ m² ﬁ", "Søren cœur Straße ½ m² ﬁ"),
        ("remove_accents", "が 한글 हिन्दी", "が 한글 हिन्दी"),
        ("digits", "+33 (0)6 12.34", "3306" + "1234"),
        ("digits", "abc ٣ ³", ""),
        ("first_of_list", "5453003570233;", "5453003570233"),
        ("first_of_list", " ; 1 ;2;", "1"),
        ("first_of_list", "12", "12"),
        ("first_of_list", ";;", ""),
    ],
)
def test_a_transform_does_what_its_line_says(word, text, expected):
    """Each word of ``then`` on ordinary and on awkward texts."""
    assert TRANSFORMS[word](text) == expected


@given(st.sampled_from(sorted(TRANSFORMS)), st.text())
def test_transforms_are_total_and_settle(word, text):
    """Any text gives a text, and doing it again changes nothing more."""
    once = TRANSFORMS[word](text)
    assert isinstance(once, str)
    assert TRANSFORMS[word](once) == once


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("0017", 17), ("-5", -5), ("+5", 5), ("9" * 1000, int("9" * 1000))]
)
def test_an_integer_is_digits_with_a_sign(text, expected):
    """Leading zeros and a sign are taken, whatever the length."""
    assert read("integer", text) == expected


@pytest.mark.parametrize("text", ["", "1.0", "1e3", "1_000", " 1", "--1", "٣", "１", "0x10", "1\n", "9" * 1001])
def test_what_is_no_integer_is_refused(text):
    """Nothing but ASCII digits is a whole number."""
    with pytest.raises(ValueError, match="a whole number"):
        read("integer", text)


@pytest.mark.parametrize("text", ["9.90", "0.10", "100", "-0.5", "1234567890.123456789"])
def test_a_decimal_is_not_rounded(text):
    """The decimals stay as received, trailing zeros included."""
    found = read("decimal", text)
    assert isinstance(found, Decimal)
    assert str(found) == text


@pytest.mark.parametrize("text", ["1,50", "1e3", "1 000.00", "€9.90", "9.", "NaN", "٩.٩"])
def test_what_is_no_decimal_is_refused(text):
    """A comma, an exponent or a currency sign is an error, never a guess."""
    with pytest.raises(ValueError, match=r"a decimal such as 9\.90"):
        read("decimal", text)


@pytest.mark.parametrize("text", ["Y", "y", "yes", "True", "1", "OUI", "o"])
def test_words_for_true(text):
    """The words for yes in English, French and Rakuten's own, in any case."""
    assert read("boolean", text) is True


@pytest.mark.parametrize("text", ["N", "no", "FALSE", "0", "non"])
def test_words_for_false(text):
    """The words for no."""
    assert read("boolean", text) is False


@pytest.mark.parametrize("text", ["", "on", "2", "vrai", "yeſ", "１", " Y"])
def test_other_words_are_no_boolean(text):
    """What is neither yes nor no is an error, look-alikes of other scripts too."""
    with pytest.raises(ValueError, match="Y or N"):
        read("boolean", text)


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("2026-11-23", None, dt.date(2026, 11, 23)),
        ("23/11/2026-23:59", None, dt.date(2026, 11, 23)),
        ("23/11/2026", None, dt.date(2026, 11, 23)),
        ("2026-11-23T23:30:00Z", None, dt.date(2026, 11, 23)),
        ("23.11.26", "%d.%m.%y", dt.date(2026, 11, 23)),
        ("le 23 à 11 de 2026", "le %d à %m de %Y", dt.date(2026, 11, 23)),
        ("100% 23/11/2026", "100%% %d/%m/%Y", dt.date(2026, 11, 23)),
    ],
)
def test_a_date_is_the_day_that_stands_there(text, date_format, expected):
    """ISO 8601, Rakuten's form or the format; a zone does not move the day."""
    found = read("date", text, date_format)
    assert found == expected
    assert type(found) is dt.date


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("11/23/2026", None, "2026-11-23"),
        ("20261123", None, "2026-11-23"),
        ("31/02/2026", None, "2026-11-23"),
        ("2026-11-23", "%d/%m/%Y", "%d/%m/%Y"),
        ("23/11/٢٠٢٦", "%d/%m/%Y", "%d/%m/%Y"),
        ("23/11/2026 ", "%d/%m/%Y", "%d/%m/%Y"),
    ],
)
def test_what_is_no_date_is_refused(text, date_format, expected):
    """The error says how a date is written, and does not quote the text."""
    with pytest.raises(ValueError, match="a date written as") as caught:
        read("date", text, date_format)
    assert str(caught.value) == f"a date written as {expected}"


@pytest.mark.parametrize(
    ("text", "date_format", "zone", "expected"),
    [
        ("23/11/2026-09:05", None, None, "2026-11-23T09:05:00+01:00"),
        ("01/07/2026-09:05", None, None, "2026-07-01T09:05:00+02:00"),
        ("01/07/2026-09:05", None, "America/Martinique", "2026-07-01T09:05:00-04:00"),
        ("25/10/2026-02:30", None, None, "2026-10-25T02:30:00+02:00"),
        ("29/03/2026-02:30", None, None, "2026-03-29T02:30:00+01:00"),
        ("2026-11-23 09:05:07 -0300", "%Y-%m-%d %H:%M:%S %z", "Europe/Paris", "2026-11-23T09:05:07-03:00"),
        ("23/11/2026 09:05:07.25", "%d/%m/%Y %H:%M:%S.%f", None, "2026-11-23T09:05:07.250000+01:00"),
        ("23/11/2026", "%d/%m/%Y", None, "2026-11-23T00:00:00+01:00"),
    ],
)
def test_a_datetime_has_its_zone(text, date_format, zone, expected):
    """The text's own zone, else the rule's, else French time; clock changes as the specification says."""
    assert read("datetime", text, date_format, zone).isoformat() == expected


def test_a_time_that_the_clock_change_leaves_out_is_a_real_moment():
    """Half past two on the last Sunday of March is half past three in summer time."""
    found = read("datetime", "29/03/2026-02:30")
    assert found.astimezone(dt.UTC) == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", ["", "23/11/2026", "2026-11-23T09:05", "23/11/2026-24:00", "23/11/٢٠٢٦-09:05", "23/11/2026-09:05 "]
)
def test_what_is_no_datetime_is_refused(text):
    """The error says how a time is written."""
    with pytest.raises(ValueError, match="a time written as %d/%m/%Y-%H:%M"):
        read("datetime", text)


@given(st.sampled_from(sorted(TYPES)), st.text())
def test_a_type_takes_a_text_or_says_what_it_expects(name, text):
    """Any text gives a value or a ValueError that does not quote it."""
    assert refusal(name, text) != ""
    assert "§" not in (refusal(name, f"{text}§{text}") or "")


@pytest.mark.parametrize(
    "date_format", ["%d/%m/%Y", "%d/%m/%Y-%H:%M", "%y%m%d", "%Y-%m-%dT%H:%M:%S.%f%z", "%% %d %m %Y"]
)
def test_formats_of_day_month_and_year_are_known(date_format):
    """A format has day, month and year, and perhaps a time and an offset."""
    assert known_format(date_format)


@pytest.mark.parametrize(
    "date_format",
    [
        "",
        "dd/mm/yyyy",
        "%d/%m",
        "%Y",
        "%d/%m/%Y/%y",
        "%d/%d/%m/%Y",
        "%d %B %Y",
        "%d/%m/%Y %p",
        "%c",
        "%d/%m/%Y %Z",
        "%d/%m/%Y %",
        "%Q",
    ],
)
def test_other_formats_are_not(date_format):
    """What strptime cannot read, reads in the machine's language, or reads no day by is refused."""
    assert not known_format(date_format)


@given(st.text("dmyYHMSfz%/- :à", max_size=20), st.text(max_size=20))
def test_a_known_format_reads_or_refuses(date_format, text):
    """No format that is let through makes strptime raise anything but a refusal."""
    if known_format(date_format):
        assert "written as" in (refusal("date", text, date_format) or "written as")
        assert "written as" in (refusal("datetime", text, date_format) or "written as")


@pytest.mark.parametrize("name", ["Europe/Paris", "UTC", "Indian/Reunion", "America/Argentina/Buenos_Aires"])
def test_zones_of_the_database_are_known(name):
    """The names of the tz database."""
    assert known_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Paris", "europe/paris", "Europe", "../../etc/passwd", "localtime", "Europe/Paris\0", "CEST"]
)
def test_other_zones_are_not(name):
    """Neither other spellings nor what only this machine has."""
    assert not known_zone(name)
