"""That narrowing down the formats that a number can fit loses none, and what is tried of all carriers is little."""

from __future__ import annotations

import re
import threading

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rakuten_orders import Engine
from rakuten_orders.candidates import Candidates
from rakuten_orders.detection import detect, plain_owner
from rakuten_orders.formats import MAX_NUMBER, NumberFormat, clean_number
from rakuten_orders.pattern_shapes import shapes
from rakuten_orders.patterns import check_number_pattern, parsed

CATALOGUE = Engine.load().catalogue
CARRIERS = CATALOGUE.carriers
FORMATS = sorted({known for carrier in CARRIERS for known in carrier.formats}, key=repr)
EXAMPLES = sorted(
    {clean_number(one["tracking_number"]) for carrier in CARRIERS for one in carrier.examples.get("valid", ())}
)

ATOM = st.sampled_from(
    ["A", "7", "[0-9]", "[A-Z]", "[A-Z0-9]", "[^A]", "[^0-9]", r"\d", r"\w", r"\S", ".", "é", "(?!9)", "(?=[0-9])", ""]
)
PATTERN = st.recursive(
    ATOM,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})")
        | st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,3}", "{3,70}", "{2,}", "*?"])).map(
            lambda made: f"({made[0]}){made[1]}"
        )
    ),
    max_leaves=6,
)
CHARS = st.text("AZ079é-٣_", max_size=12)
NUMBER = (
    CHARS
    | st.sampled_from(EXAMPLES)
    | st.sampled_from(FORMATS).flatmap(lambda known: st.from_regex(re.compile(known.pattern, re.ASCII), fullmatch=True))
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PATTERN, min_size=1, max_size=4), CHARS)
@example(["(A([0-9])*)+"], "A1A")  # fits more texts than a float can count
@example(["(?:a|BC){2,5}[0-9]?"], "BCBC7")
@example(["(?:A?){70}"], "")
@example(["[0-9]{60,80}"], "7" * 64)
@example(["[^A]"], "é")
def test_no_format_is_lost(patterns: list[str], number: str) -> None:
    """What fits is what would fit if each were tried."""
    known = [NumberFormat(pattern) for pattern in patterns if not check_number_pattern(pattern, clean_number)]
    owned = [(CARRIERS[0], one) for one in known]
    found = [one.known for one in Candidates(owned).fitting(number)]
    assert sorted(map(repr, found)) == sorted(repr(one) for one in known if one.fits(number))


@settings(max_examples=400, deadline=None)
@given(NUMBER)
def test_no_shipped_format_is_lost(number: str) -> None:
    """Nor of the carriers that come with the package, check digits and all."""
    found = {(one.carrier.code, one.known) for one in CATALOGUE.candidates.fitting(number)}
    assert found == {(one.code, known) for one in CARRIERS for known in one.formats if known.fits(number)}


@settings(max_examples=300, deadline=None)
@given(NUMBER)
def test_the_plain_owner_is_who_is_certain(number: str) -> None:
    """It is asked for with each shipment, so it is found without grading anybody."""
    certain = [one.carrier for one in detect(CATALOGUE, number) if one.grade == "certain"]
    owner = plain_owner(CATALOGUE, clean_number(number))
    assert (owner.code if owner else None) == (certain[0] if certain else None)
    assert len({CATALOGUE.by_code[code].operator for code in certain}) <= 1


def test_little_is_tried() -> None:
    """Of hundreds of formats about those are left that fit."""
    tried = fits = 0
    for number in EXAMPLES:
        tried += CATALOGUE.candidates._possible(number).bit_count()
        fits += sum(known.matches(number) for known in FORMATS)
    assert len(FORMATS) > 200
    assert fits <= tried <= 1.1 * fits


def test_shapes_are_told_by_length() -> None:
    """With letters in both cases, since flags may ignore it."""
    found = shapes(parsed("(?:AB|7){1,2}[0-9]"), MAX_NUMBER)
    assert {length: len(places) for length, places in found.items()} == {2: 2, 3: 3, 4: 4, 5: 5}
    assert found[2][0] == 1 << ord("7")
    assert found[5][0] == 1 << ord("A") | 1 << ord("a")


def test_threads_may_detect_at_a_time() -> None:
    """What is made when it is first asked for is made well, whoever asks at the same time."""
    fresh = Candidates((carrier, known) for carrier in CARRIERS for known in carrier.formats)
    expected = [len(CATALOGUE.candidates.fitting(number)) for number in EXAMPLES]
    came: list[list[int]] = []

    def work() -> None:
        came.append([len(fresh.fitting(number)) for number in EXAMPLES])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [expected] * 4
