"""Which carriers a number fits, how surely, and that nothing is called certain too easily."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders import Engine
from rakuten_orders.detection import FEW, GRADES, detect
from rakuten_orders.formats import clean_number
from rakuten_orders.loading import load
from rakuten_orders.sources import CarriersLayer, SourceFile, Sources

FRENCH = "{pattern: 'X[A-Z][0-9]{9}FR', checksum: {algorithm: s10}}"
ANY_POST = "{pattern: '[A-Z]{2}[0-9]{9}[A-Z]{2}', checksum: {algorithm: s10}}"
THIRTEEN = "{pattern: '[0-9A-Z]{13}'}"
FIVES = "{pattern: '[0-9]{13}', checksum: {algorithm: gs1-mod10}}"
LETTERED = "{pattern: 'AB[0-9]{11}'}"

NUMBER, WRONG = "XA123456785FR", "XA123456784FR"


def catalogue(**formats):
    """A catalogue of carriers by code, each with its operator (or none) and formats."""
    files = []
    for code, (operator, *known) in formats.items():
        lines = [
            f"code: {code}",
            f"name: {code}",
            *([f"operator: {operator}"] if operator else []),
            f"tracking_numbers: [{', '.join(known)}]",
            f"tracking_url: 'https://{code}.example/?n={{{{ tracking_number }}}}'",
            "sources: [{note: made up, read: 2026-11-23}]",
            "examples:",
            "  valid: [{tracking_number: '1', url: 'https://x.example/?n=1'}]",
            "  invalid: [{tracking_number: '2'}]",
        ]
        files.append(SourceFile(f"carriers.d/{code}.yaml", "\n".join(lines).encode()))
    loaded = load(Sources((), (CarriersLayer("shipped", tuple(files)),)))
    assert len(loaded.catalogue) == len(formats), loaded.diagnostics
    return loaded.catalogue


SMALL = catalogue(post=(None, FRENCH), any=(None, ANY_POST), thirteen=(None, THIRTEEN), fives=(None, FIVES))
SHIPPED = Engine.load()


def grades(number, **formats):
    return {found.carrier: found.grade for found in detect(catalogue(**formats), number)}


def test_certain_needs_a_check_digit_and_a_letter_of_its_own():
    """With one of the two alone, or neither, a number is never certain."""
    assert grades(NUMBER, post=(None, FRENCH)) == {"post": "certain"}
    assert grades(NUMBER, any=(None, ANY_POST)) == {"any": "likely"}
    assert grades("AB12345678901", lettered=(None, LETTERED)) == {"lettered": "likely"}
    assert grades(NUMBER, thirteen=(None, THIRTEEN)) == {"thirteen": "possible"}


def test_certain_leaves_one_operator():
    """As soon as another operator's letters stand there too, checked or not, no more is certain."""
    assert grades(NUMBER, one=(None, FRENCH), two=(None, FRENCH)) == {"one": "likely", "two": "likely"}
    unchecked = "{pattern: 'XA[0-9]{9}FR'}"
    assert grades(NUMBER, one=(None, FRENCH), two=(None, unchecked)) == {"one": "likely", "two": "likely"}


def test_who_takes_any_letters_takes_nothing_away():
    """Whose numbers may begin and end with any letters says nothing against the one whose letters they are.

    Nor does the check digit, which all posts compute alike, speak for the former; for a company of the latter it does.
    """
    assert grades(NUMBER, one=(None, FRENCH), any=(None, ANY_POST)) == {"one": "certain", "any": "possible"}
    assert grades(NUMBER, one=(None, FRENCH), any=("one", ANY_POST)) == {"one": "certain", "any": "likely"}
    assert grades(NUMBER, one=(None, FRENCH), two=(None, FRENCH), any=(None, ANY_POST)) == {
        "one": "likely",
        "two": "likely",
        "any": "possible",
    }
    unchecked = "{pattern: 'XA[0-9]{9}FR'}"
    assert grades(NUMBER, one=(None, unchecked), any=(None, ANY_POST)) == {"one": "likely", "any": "likely"}


def test_letters_that_many_have_say_little():
    """A form with letters that more than a few operators share is only possible."""
    few = {f"c{index}": (None, LETTERED) for index in range(FEW)}
    assert set(grades("AB12345678901", **few).values()) == {"likely"}
    many = {f"c{index}": (None, LETTERED) for index in range(FEW + 1)}
    assert set(grades("AB12345678901", **many).values()) == {"possible"}


def test_carriers_of_one_operator_do_not_compete():
    """Two carriers that one operator runs are certain together."""
    found = grades(NUMBER, one=("both", FRENCH), two=("both", FRENCH))
    assert found == {"one": "certain", "two": "certain"}


def test_a_letter_that_stands_there_by_chance_says_nothing():
    """One letter before any letters and digits is not a form of one's own; before digits alone it is."""
    assert grades("A12345678", loose=(None, "{pattern: 'A[0-9A-Z]{8}'}")) == {"loose": "possible"}
    assert grades("A12345678", tight=(None, "{pattern: 'A[0-9]{8}'}")) == {"tight": "likely"}


def test_a_shape_that_fits_anything_takes_nothing_away():
    """What only counts characters is possible, and leaves the certain one certain."""
    assert grades(NUMBER, one=(None, FRENCH), thirteen=(None, THIRTEEN)) == {"one": "certain", "thirteen": "possible"}


def test_a_wrong_check_digit_is_no_fit():
    """Then only formats without one are left."""
    assert grades(WRONG, one=(None, FRENCH)) == {}
    assert grades(WRONG, one=(None, FRENCH, THIRTEEN)) == {"one": "possible"}


def test_a_check_digit_that_holds_for_many_says_little():
    """For a few operators it makes a number likely, for more only possible."""
    few = {f"c{index}": (None, FIVES) for index in range(FEW)}
    assert set(grades("4006381333931", **few).values()) == {"likely"}
    many = {f"c{index}": (None, FIVES) for index in range(FEW + 1)}
    assert set(grades("4006381333931", **many).values()) == {"possible"}
    one_operator = {f"c{index}": ("same", FIVES) for index in range(FEW + 1)}
    assert set(grades("4006381333931", **one_operator).values()) == {"likely"}


def test_the_best_format_of_a_carrier_counts():
    """Of several formats that fit, the surest gives the grade, wherever it stands in the file."""
    assert (
        grades(NUMBER, one=(None, THIRTEEN, FRENCH))
        == grades(NUMBER, one=(None, FRENCH, THIRTEEN))
        == {"one": "certain"}
    )
    crowd = {f"c{index}": (None, ANY_POST) for index in range(FEW + 1)}
    unchecked = "{pattern: 'X[A-Z][0-9]{9}FR'}"
    assert grades(NUMBER, both=(None, ANY_POST, unchecked), **crowd)["both"] == "likely"


def test_the_best_come_first():
    """By grade, then by code, each with a reason."""
    found = detect(catalogue(z=(None, FRENCH), y=(None, THIRTEEN), x=(None, THIRTEEN)), "xa 12345.6785-fr")
    assert [(one.carrier, one.grade) for one in found] == [("z", "certain"), ("x", "possible"), ("y", "possible")]
    assert len({one.because for one in found}) == 2


def order(number, country=None):
    return [one.carrier for one in SHIPPED.detect(number, country)]


def test_the_country_is_a_tie_break():
    """All candidates are named whatever the country; those that deliver there come first among those of one grade."""
    plain, german = order("12345678901234"), order("12345678901234", "de")
    assert sorted(plain) == sorted(german)
    assert german.index("dpd-de") < german.index("dpd-fr")
    assert order("12345678901234", "FR").index("dpd-fr") < order("12345678901234", "FR").index("dpd-de")
    assert {one.grade for one in SHIPPED.detect("12345678901234", "FR")} == {"possible"}
    assert order("XY123456785FR", "DE")[0] == "chronopost"


def test_those_that_rakuten_lists_come_first():
    """Where no country tells, a French seller's own carriers come before the world's; narrow forms before wide."""
    listed = [SHIPPED.catalogue.get(code).rakuten_name is not None for code in order("12345678901234")]
    assert listed == sorted(listed, reverse=True)
    assert any(listed)
    assert not all(listed)
    wide, narrow = "{pattern: '[0-9A-Z]{13}'}", "{pattern: '[0-9]{13}'}"
    found = detect(catalogue(a=(None, wide), b=(None, narrow)), "1234567890123")
    assert [one.carrier for one in found] == ["b", "a"]


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z999AA10123456784", "ups"),
        ("RB123456785DE", "deutsche-post"),
        ("XY123456785FR", "chronopost"),
        ("LK234567895CH", "swiss-post"),
        ("RR234567895JP", "japan-post"),
    ],
)
def test_a_check_digit_and_letters_of_its_own_are_certain(number, carrier):
    """Of the shipped carriers one is left."""
    best = SHIPPED.detect(number)[0]
    assert (best.carrier, best.grade) == (carrier, "certain")


@pytest.mark.parametrize("number", ["RR301928378GB", "EN135792461JP", "EC204060800US"])
def test_a_post_comes_before_who_takes_the_numbers_of_all_posts(number):
    """Chronopost has numbers with the letters of any country, and stands behind the post whose letters they are."""
    found = {one.carrier: one.grade for one in SHIPPED.detect(number)}
    assert found.pop("chronopost") == "possible"
    assert "possible" not in found.values()


@pytest.mark.parametrize("number", ["3SABCD1234567", "YT1234567890123456", "JJD0001234567890123", "H1234567890123456"])
def test_letters_without_a_check_digit_are_never_certain(number):
    """Anybody can write them."""
    assert "certain" not in {one.grade for one in SHIPPED.detect(number)}


@pytest.mark.parametrize("number", ["", " ", "?", "A" * 65, "٣" * 13, "\ud800"])
def test_what_is_no_number_fits_nothing(number):
    """Neither nothing nor too much nor digits of another script."""
    assert grades(number, thirteen=(None, THIRTEEN), any=(None, ANY_POST)) == {}


@given(st.text(st.characters()) | st.from_regex(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", fullmatch=True))
def test_detection_is_total(number):
    """Any text gives each carrier at most once, graded and sorted."""
    found = detect(SMALL, number)
    assert len({one.carrier for one in found}) == len(found)
    assert [GRADES.index(one.grade) for one in found] == sorted(GRADES.index(one.grade) for one in found)


@pytest.mark.parametrize("number", ["12345678", "123456789012", "12345678901234", "1234567890"])
def test_plain_digits_are_never_certain(number):
    """A number without a letter fits dozens of carriers of the world."""
    assert "certain" not in {found.grade for found in SHIPPED.detect(number)}


@given(st.text("0123456789 ", min_size=1, max_size=30))
def test_no_row_of_digits_is_certain(number):
    """Whatever check digits hold by chance."""
    assert "certain" not in {found.grade for found in SHIPPED.detect(number)}
    assert SHIPPED.detect(number) == SHIPPED.detect(clean_number(number))
