"""Numbers as they are cleaned, and patterns: what is refused, and that what is taken never runs away."""

from __future__ import annotations

import re
import threading
import time
import warnings

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rakuten_orders.formats import MAX_NUMBER, NumberFormat, clean_number
from rakuten_orders.patterns import MAX_SOURCE, NUMBERS, TEXTS, PatternFault, check_number_pattern, check_pattern


def faults(pattern: str) -> list[str]:
    return [fault.variant for fault in check_number_pattern(pattern, clean_number)]


class TestCleaning:
    """Spaces, dots and hyphens go, letters become capital, zeros stay."""

    @pytest.mark.parametrize(
        ("received", "cleaned"),
        [
            (" 6a 12345.67890-5 ", "6A12345678905"),
            ("001", "001"),
            ("1\u00a02\u202f3\u200b4\ufeff", "1234"),
            ("12\u201134\u2013\u2212\u2014\u2010", "1234"),
            ("a/b?c=d&e#f é", "A/B?C=D&E#FÉ"),
            ("1\t2\r\n3\x00", "123"),
            ("1\ud8002", "12"),
            ("", ""),
            ("日本1", "日本1"),
        ],
    )
    def test_what_goes(self, received: str, cleaned: str) -> None:
        """What people and word processors put between digits is taken out, nothing else."""
        assert clean_number(received) == cleaned

    @given(st.text())
    @example("²٣Ⅻß")
    def test_letters_and_digits_of_any_script_stay(self, received: str) -> None:
        """A text is cleaned as its characters are one by one."""
        assert clean_number(received) == "".join(map(clean_number, received))
        assert clean_number(f"-{received}é") == f"{clean_number(received)}É"

    @given(st.text())
    def test_cleaning_is_done_once(self, received: str) -> None:
        """What is cleaned stays as it is, for whatever text."""
        assert clean_number(clean_number(received)) == clean_number(received)


class TestFormats:
    """A number has a format when the whole of it matches, and its check digit holds."""

    def test_the_whole_number(self) -> None:
        """Alternatives and ends are anchored; digits are ASCII; a line end is no digit."""
        known = NumberFormat("[0-9]{2}|[0-9]{4}")
        assert [number for number in ("12", "123", "1234", "12345", "12\n", "١٢") if known.matches(number)] == [
            "12",
            "1234",
        ]
        assert not NumberFormat(r"\d+").matches("１２")
        assert not NumberFormat("[0-9]*").matches("1" * (MAX_NUMBER + 1))

    def test_the_check_digit(self) -> None:
        """A format without one takes every number of its form."""
        assert NumberFormat("[A-Z0-9]*").checks("6A12345678904")
        known = NumberFormat("[0-9][A-Z][0-9]{11}", "gs1-mod10", 11)
        assert [known.checks(number) for number in ("6A12345678905", "6A12345678904")] == [True, False]

    @pytest.mark.parametrize(
        ("pattern", "distinctive"),
        [
            ("[0-9]{10}", False),
            ("[A-Z]{2}[0-9]{9}FR", True),
            ("1Z[0-9A-Z]{16}", True),
            ("AB[0-9]|CD[0-9]", True),
            ("AB[0-9]|[0-9]{9}", False),
            ("(?:AB)?[0-9]{9}", False),
            ("(?:AB){1,2}[0-9]{9}", True),
            ("(AB)[0-9]{9}", True),
        ],
    )
    def test_letters_of_its_own(self, pattern: str, distinctive: bool) -> None:
        """A format is distinctive where no number has it without a certain letter."""
        assert NumberFormat(pattern).distinctive is distinctive


class TestPatterns:
    """What a pattern may be."""

    @pytest.mark.parametrize(
        "pattern",
        [
            *("[0-9]{8}|[0-9]{10}|[0-9]{12}", "[A-Z]{2}[0-9]{9}[A-Z]{2}", "1Z[0-9A-Z]{16}", r"\d{8,10}", "[0-9]{1,64}"),
            *(
                "[0-9]+",
                "[A-Z]+[0-9]+",
                "(?:DU|TD)?[0-9]{8}",
                "([0-9]{4}){2,4}",
                "(?:[A-Z]{2}[0-9]{3}){1,3}",
                "^[0-9]{8}$",
            ),
            *(
                "(?!00)[0-9]{8}",
                "(?=[0-9]*7)[0-9]{8}",
                "[0-9]{8}(?<!00)",
                "(?:[1-9]|10)[A-Z]{3}",
                "[A-Z0-9 -]{8}",
                "A/[0-9]{3}",
            ),
            *(
                "AB ?[0-9]{4}-?[0-9]{4}",
                "[^a-z]{8}",
                ".{8}",
                "(A|B)*",
                "[A-Za-z]{4}",
                "(?:[0-9]{1,3}){5}",
                "(?>[0-9]+)A",
                "[0-9]++",
            ),
            *("(?:[A-Z]+[0-9]+)+", "((A|B)*C)*", "(?:A[0-9]*)*B", "(?:[^/]*/)*[0-9]"),
        ],
    )
    def test_what_is_well(self, pattern: str) -> None:
        """Formats as carriers have them, in the forms in which people write them."""
        assert faults(pattern) == []

    @pytest.mark.parametrize(
        "pattern",
        [
            *(
                "(A+)+",
                "(A|AB)*",
                r"(\d{1,3}){2,}",
                "([0-9]+)*",
                "(?:A|A){32}",
                "(?:[0-9]|[0-9]{2}){40}",
                "(?:[0-9]{1,3}){40}",
            ),
            *(
                "[0-9]*" * 8 + "1",
                "[0-9A-Z]*" * 8 + "A",
                "(?:[0-9]*A?)*B",
                "(?:[0-9]?){64}A",
                "(?:(?:A?)*)*",
                "(?:A*){4,}",
                "((AB|A)*C?)*",
                "[A-Z]*[0-9]*" * 9 + "_",
                "(?=(?:A+)+B)A",
                "(?:A|(?:B|C*)*)*",
            ),
            *(r"([A-Z])\1*", r"(?P<x>A)(?P=x)", "(A)?(?(1)B|C)", "(?:A|B|AB|BA){0,64}", "([0-9]+?)+?"),
        ],
    )
    def test_what_could_take_for_ever(self, pattern: str) -> None:
        """Too many ways through sixty-four characters are refused, however they come about."""
        assert faults(pattern) == ["backtracks"]

    @pytest.mark.parametrize(
        ("pattern", "shown"),
        [
            ("[0-9]{4} [0-9]{4}", "a space"),
            ("[0-9]{4}-[0-9]{4}", "-"),
            (r"[0-9]{4}\.[0-9]{4}", "."),
            (r"[0-9]{4}\s[0-9]{4}", "a space"),
            ("du[0-9]{8}", "d u"),
            ("[a-z]{2}[0-9]{8}", "a-z"),
            ("[ -]{1,2}[0-9]", "a space -"),
            ("(?:AB-|CD)[0-9]", "-"),
            ("(?:a){1,2}", "a"),
        ],
    )
    def test_what_cleaning_takes_away(self, pattern: str, shown: str) -> None:
        """A pattern that demands what is never there is refused; what it may do without is no matter."""
        assert check_number_pattern(pattern, clean_number) == (PatternFault("removed", shown),)

    @pytest.mark.parametrize(
        ("pattern", "variants"),
        [
            ("[0-9]{65}", ["long"]),
            ("[0-9]{60}[A-Z]{5,9}", ["long"]),
            ("(?i)[0-9]{8}du", ["flags"]),
            ("(?i:DU)[0-9]{8}", ["flags"]),
            ("(?x)[0-9]{8}", ["flags"]),
            ("[0-9", ["syntax"]),
            ("(", ["syntax"]),
            ("*", ["syntax"]),
            ("A{99999999999}", ["syntax"]),
            ("A(?i)", ["syntax"]),
            (r"\p{L}", ["syntax"]),
            ("[[0-9]A]", ["set"]),
            ("[0-9--5]", ["set"]),
            ("[a||b]", ["set"]),
            ("A" * (MAX_SOURCE + 1), ["source"]),
            ("(" * 5000, ["source"]),
            ("(" * 60 + ")" * 60, ["groups"]),
            ("(" * 50 + "A" + ")" * 50, []),
        ],
    )
    def test_other_faults(self, pattern: str, variants: list[str]) -> None:
        """Each fault is told by its name."""
        assert sorted(faults(pattern)) == variants

    @pytest.mark.parametrize(
        "pattern",
        [
            ".*(rouge|bleu).*",
            "[A-Z -]{1,20}",
            "(?i)lot.*",
            "TEST-.*",
            r"\w+@\w+\.\w+",
            r"[^@]+@[^@.]+(\.[^@.]+)+",
            "a||b",
        ],
    )
    def test_patterns_for_texts(self, pattern: str) -> None:
        """In conditions small letters, spaces and flags are right, and texts are longer."""
        assert check_pattern(pattern, TEXTS) == []

    @pytest.mark.parametrize("pattern", ["(.+)+", ".*a.*b.*c", "(a|ab)*", "(["])
    def test_wrong_patterns_for_texts(self, pattern: str) -> None:
        """But not everything."""
        assert len(check_pattern(pattern, TEXTS)) == 1

    def test_no_warning_gets_out(self) -> None:
        """Not even where several threads check patterns at a time, and none changes what warnings do."""
        patterns = ["[[0-9]A]", "[0-9--5]", "[0-9]{8}", "[a&&b]", "(a"] * 50
        before = list(warnings.filters)
        threads = [threading.Thread(target=lambda: [faults(pattern) for pattern in patterns]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert warnings.filters == before


ATOMS = ["A", "[0-9]", "[0-9A-Z]", "[A-Z]", r"\d", ".", "AB", "1", "[^A]", ""]
REPEATS = ["", "?", "*", "+", "{2}", "{1,3}", "{2,}", "{0,9}", "*?", "+?", "{8}", "{1,64}", "{30}"]
PATTERNS = st.recursive(
    st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map(
        lambda pair: pair[0] + (pair[1] if pair[0] else "")
    ),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=5).map("".join)
        | st.tuples(st.lists(inner, min_size=1, max_size=3).map("|".join), st.sampled_from(REPEATS)).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
        | inner.map(lambda pattern: f"(?={pattern})")
    ),
    max_leaves=10,
)
HOSTILE = ["0" * 64, "A" * 64, "0" * 63 + "!", "A" * 63 + "!", "AB" * 32, "A1" * 31 + "!!", "1" * 32 + "A" * 32]


@settings(max_examples=300, deadline=None)
@given(PATTERNS)
def test_what_is_taken_ends_soon(pattern: str) -> None:
    """No pattern that is taken needs more than a moment for any number, not even for those made to keep it busy."""
    assume(not check_pattern(pattern, NUMBERS))
    compiled = re.compile(pattern, re.ASCII)
    for number in HOSTILE:
        started = time.process_time()
        compiled.fullmatch(number)
        assert time.process_time() - started < 2


@settings(max_examples=300, deadline=None)
@given(st.text("[]()|{}?*+^$\\.-&~AB01,:=!<>#i ", max_size=24))
def test_any_text_as_a_pattern(text: str) -> None:
    """There is a fault, or Python takes the pattern without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if not check_number_pattern(text, clean_number):
            re.compile(text, re.ASCII)
