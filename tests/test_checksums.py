"""Check digits: published vectors, and what each algorithm promises, by property."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rakuten_orders.checksums import ALGORITHMS, LONGEST, complete, holds

VALID = {
    "s10": (
        "RR123456785CH RR435856426CN LX877279345FR CP547294513GB EE041029865US RA680297808NL CY020908625SE "
        "XP696982485FR EW112720413FR"
    ),
    "gs1-mod10": (
        "00340434161094015902 0073938000549297 9400111206206406260787 00759007733396619234 041441760228964 "
        "9171969010756003077385"
    ),
    "iso7064-mod37-36": (
        "13225150639240C 87030940365105E 008182709980000020033350276C 37796245741971R 54783035477787F "
        "777297727728022 037132608402637 880369086407318 09980000020033F"
    ),
    "gls-mod10-plus1": "366310000017 701498694281 585712688436 399938012728",
    "hermes-de-mod10": "18987935553797 83235518385742",
    "identcode-mod10-4-9": "565579033053",
    "evri-mod10": "HL51RE7266467274 H6WOJU2432027321 TP1PJK5025736276 T084293195784550",
    "ups-mod10": "1Z999AA10123456784 1Z4X2T621089293968 1Z3GWTZG9293063438",
    "ups-waybill-mod10": "K1506235620 J4603636537",
    "mod7": "2451080365 73891051146 505955121604 288142428173 71037396920 03839143593",
    "fedex12-mod11": "986578788855 477179081230",
    "fedex34-mod11": "1001921334250001000300779017972697",
    "mondial-relay-26": "12123456780101006623123454 56615154611255796422781630",
    "correos-mod23": "PZYR2B711671128A PRWEHP7065466523536114Z PXJ3NY8495909995441808D CDO9XF7948350712623457M",
    "tnt-mod7-or-mod11": "733545665 733545662",
    "mod11-2to7": "6769236777549",
    "sf-express": "386177780125 SF1510738481445",
    "luhn": "320595463938 07209562763",
    "ontrac-mod10": "C11031500001879",
}

INVALID = {
    "s10": "RR435856429CN LX877279343FR CP547294519GB",
    "gs1-mod10": "00340434161094015903 568283610012732",
    "iso7064-mod37-36": "13225150639240Z 37796245741971B 09980000020033D 87030940365105F",
    "gls-mod10-plus1": "701498694287 366310000018",
    "hermes-de-mod10": "18987935553794",
    "identcode-mod10-4-9": "565579033054",
    "evri-mod10": "HL51RE7266467270",
    "ups-mod10": "1Z4X2T621089293965",
    "ups-waybill-mod10": "K1506235622",
    "mod7": "2451080367 3318810010",
    "fedex12-mod11": "628285323874 996578788855",
    "fedex34-mod11": "1001901781990001000300617767839438",
    "mondial-relay-26": "12123456780101006623123455 12123456780101106623123454 12123456780201006623123454",
    "correos-mod23": "PRWEHP7065466523536114O",
    "tnt-mod7-or-mod11": "733545663",
    "mod11-2to7": "6769236777541",
    "sf-express": "386177780126",
    "luhn": "320595463939 07209562773",
    "ontrac-mod10": "C10000000000000 D10011345983012",
}

COLISSIMO = ("6A54658971007", "6C86969336060", "6L85785545373", "8R61032289016", "8V85054756356")


def pairs(table):
    return [pytest.param(name, number, id=f"{name}-{number}") for name, row in table.items() for number in row.split()]


def numbers(name):
    """Numbers of the algorithm's shape, at most 40 characters, whose check character is right."""
    algorithm = ALGORITHMS[name]
    shaped = st.from_regex(re.compile(algorithm.shape, re.ASCII), fullmatch=True).filter(lambda text: len(text) <= 40)
    blank = shaped.map(lambda text: _blanked(text, algorithm.position))
    if name == "mondial-relay-26":
        blank = st.from_regex("[0-9]{10}0[1-4]0[4-9][?][0-9]{10}[?]", fullmatch=True)
    return blank.map(lambda text: complete(name, text)).filter(lambda text: text is not None)


def _blanked(text, position):
    at = position % len(text)
    return f"{text[:at]}?{text[at + 1 :]}"


def test_every_algorithm_has_vectors():
    """No algorithm goes without published valid and invalid numbers."""
    assert set(VALID) == set(INVALID) == set(ALGORITHMS)


def test_names_are_keys_and_sorted():
    """The table is sorted by name, and each key is its algorithm's own name in kebab-case."""
    assert list(ALGORITHMS) == sorted(ALGORITHMS)
    assert all(name == algorithm.name for name, algorithm in ALGORITHMS.items())
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) for name in ALGORITHMS)


@pytest.mark.parametrize(("name", "number"), pairs(VALID))
def test_a_published_number_holds(name, number):
    """Published numbers hold under their algorithm."""
    assert holds(name, number)


@pytest.mark.parametrize(("name", "number"), pairs(INVALID))
def test_a_published_wrong_number_does_not(name, number):
    """Published wrong numbers do not hold."""
    assert not holds(name, number)


@pytest.mark.parametrize("number", COLISSIMO)
def test_only_the_tail_counts(number):
    """Colissimo's product code does not count: eleven digits do."""
    assert holds("gs1-mod10", number, 11)
    assert holds("gs1-mod10", "ZZ" + number[2:], 11)
    assert not holds("gs1-mod10", number)
    assert not holds("gs1-mod10", number[:-1] + str((int(number[-1]) + 1) % 10), 11)


def test_fedex_ground_96_keeps_fifteen():
    """Of a FedEx number that starts with 96 the last fifteen digits count."""
    assert holds("gs1-mod10", "9611020987654312345672", 15)


@pytest.mark.parametrize("tail", [0, -1, 12, 10**9])
def test_an_impossible_tail_does_not_hold(tail):
    """A tail of nothing, or longer than the number, holds nothing."""
    assert not holds("gs1-mod10", "54658971007", tail)


def test_both_tnt_schemes_hold_side_by_side():
    """Of ten endings of eight digits exactly the two schemes' two hold."""
    assert [end for end in "0123456789" if holds("tnt-mod7-or-mod11", f"73354566{end}")] == ["2", "5"]


def test_ukrposhta_accepts_the_documented_exception():
    """Where eleven comes out, 0 and 1 are both accepted."""
    assert [end for end in "0123456789" if holds("mod11-2to7", f"000000000000{end}")] == ["0", "1"]


@given(name=st.sampled_from(sorted(ALGORITHMS)), text=st.text(max_size=80), tail=st.none() | st.integers())
def test_any_text_gives_an_answer(name, text, tail):
    """Whatever the text and the tail, the answer is True or False."""
    assert holds(name, text, tail) in {True, False}


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_shape_is_ascii_and_its_lengths_are_stated(name, data):
    """What holds is ASCII and of a stated length; digits of other scripts and lower case never hold."""
    number = data.draw(numbers(name))
    algorithm = ALGORITHMS[name]
    assert holds(name, number)
    assert number.isascii()
    assert algorithm.fits(len(number))
    assert not holds(name, number + "\n")
    for altered in (number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), number.lower()):
        assert altered == number or not holds(name, altered)


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_changed_check_digit_fails(name, data):
    """Of all characters at the check's place only those that the scheme gives hold: one, or two for two schemes."""
    number = data.draw(numbers(name))
    at = ALGORITHMS[name].position % len(number)
    right = [
        found for found in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if holds(name, number[:at] + found + number[at + 1 :])
    ]
    assert number[at] in right
    assert len(right) <= (2 if name in {"tnt-mod7-or-mod11", "mod11-2to7"} else 1)


@pytest.mark.parametrize("name", [name for name, algorithm in ALGORITHMS.items() if algorithm.catches_any_digit])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_one_changed_digit_fails_where_that_is_promised(name, data):
    """A valid number with any one digit changed no longer holds."""
    number = data.draw(numbers(name))
    places = [at for at, character in enumerate(number) if character.isdigit()]
    assume(places)
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[at]]))
    assert not holds(name, number[:at] + other + number[at + 1 :])


UNNOTICED = {
    "evri-mod10": ("H656198672147287", "H656198672147237"),
    "fedex12-mod11": ("021323173820", "021323173830"),
    "fedex34-mod11": ("0" * 34, "1" + "0" * 33),
    "identcode-mod10-4-9": ("000000000000", "500000000000"),
    "mod11-2to7": ("0000000000000", "0000000000060"),
    "mod7": ("0000000000", "7000000000"),
    "mondial-relay-26": ("21588019470101311292942020", "21588019470101311292942070"),
    "ontrac-mod10": ("C85068537053640", "C85068537053690"),
    "s10": ("RR000000005FR", "RR000300005FR"),
    "sf-express": ("000000000000", "100000000000"),
    "tnt-mod7-or-mod11": ("000000000", "700000000"),
    "ups-mod10": ("1Z0000000000000000", "1Z0500000000000000"),
    "ups-waybill-mod10": ("A0000000000", "A0500000000"),
}


def test_where_nothing_is_promised_a_change_can_pass():
    """Each algorithm without the promise lets some pair of numbers through that differ in one digit."""
    assert set(UNNOTICED) == {name for name, algorithm in ALGORITHMS.items() if not algorithm.catches_any_digit}


@pytest.mark.parametrize(("name", "pair"), UNNOTICED.items(), ids=UNNOTICED)
def test_the_unnoticed_pair_holds(name, pair):
    """Both numbers of such a pair hold, and they differ in one digit."""
    first, second = pair
    assert holds(name, first)
    assert holds(name, second)
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 1


def test_complete_fills_in_what_is_asked():
    """A question mark becomes the character that makes the number hold; two can be computed together."""
    assert complete("s10", "RR12345678?FR") == "RR123456785FR"
    assert complete("gs1-mod10", "6A1234567890?", 11) == "6A12345678905"
    assert complete("mondial-relay-26", "12123456780101?0662312345?") == "12123456780101006623123454"
    assert complete("s10", "RR123456785FR") == "RR123456785FR"


def test_complete_gives_none_where_nothing_holds():
    """A shape that the algorithm does not take has no right character."""
    assert complete("s10", "RR1234?FR") is None
    assert complete("s10", "RR123456784FR") is None


def test_complete_computes_at_most_two():
    """Three unknown characters are refused rather than searched."""
    with pytest.raises(ValueError, match="at most two"):
        complete("luhn", "12???")


def test_an_unknown_algorithm_is_a_fault():
    """The names are closed: another one is a KeyError."""
    with pytest.raises(KeyError):
        holds("mod97", "1234")


@pytest.mark.parametrize(
    ("name", "length", "tail", "fits"),
    [
        ("s10", 13, None, True),
        ("s10", 12, None, False),
        ("correos-mod23", 20, None, False),
        ("gs1-mod10", 13, 11, True),
        ("gs1-mod10", 10, 11, False),
        ("gs1-mod10", 1, None, False),
        ("gs1-mod10", LONGEST + 1, None, False),
        ("gs1-mod10", 13, 0, False),
    ],
)
def test_fits_tells_lengths_that_can_hold(name, length, tail, fits):
    """An algorithm knows which lengths it can hold, also where only the tail counts."""
    assert ALGORITHMS[name].fits(length, tail) is fits
