"""Unquoted look-alikes: exactly what PyYAML or a reader of YAML 1.2 would change."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rakuten_orders.scalars import read_differently

# The core schema of YAML 1.2 (section 10.3.2).
CORE = re.compile(
    r"null|Null|NULL|~|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
)
# A number that every reader writes again as it was written.
CANONICAL = re.compile(r"-?(0|[1-9][0-9]{0,14})|-?(0|[1-9][0-9]*)\.(0|[0-9]*[1-9])")


def changed(text: str) -> bool:
    """Whether one of the two makes something else of a plain scalar."""
    pyyaml = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str"
    if not (pyyaml or CORE.fullmatch(text)):
        return False
    digits = sum(char.isdigit() for char in text)
    return not (CANONICAL.fullmatch(text) and digits <= 15) or text == "-0"


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("NO", "false"),
        ("yes", "true"),
        ("On", "true"),
        ("true", "true"),
        ("null", "nothing"),
        ("~", "nothing"),
        ("012", "an octal number"),
        ("-010", "an octal number"),
        ("0012389", "the number 12389"),
        ("00", "an octal number"),
        ("0x1F", "a number in another base"),
        ("0o17", "a number in another base"),
        ("0b11", "a number in another base"),
        ("1_000", "the number 1000"),
        ("12:30", "a number in base 60"),
        ("190:20:30.15", "a number in base 60"),
        ("2026-11-23", "a date"),
        ("2026-11-23T10:00:00Z", "a time"),
        ("2026-1-2 10:00:00", "a time"),
        ("2024-13-45", "a date"),
        ("1e3", "a number"),
        (".5", "a number"),
        ("1.10", "the number 1.1"),
        ("5.", "the number 5.0"),
        ("+1", "the number 1"),
        ("-0", "the number 0"),
        (".inf", "a special number"),
        (".NaN", "a special number"),
        ("1234567890123456", "a number that some round"),
        ("9" * 5000, "a number that some round"),
        ("=", "a sign of its own"),
    ],
)
def test_what_others_read(text: str, reading: str) -> None:
    """The warning says what comes out elsewhere."""
    assert read_differently(text) == reading


@pytest.mark.parametrize(
    "text",
    [
        *("75011", "0", "-5", "9.9", "0.5", "-0.0", "123456789012345", "1.0"),
        *("FR", "y", "n", "nO", "tRUE", "08:15h", "0:30", "1:60", "2026-1-2", "23/11/2026-09:05", "2026-11-23 Paris"),
        *("._", "_1", "1e", "1.2.3", "0b", "４９０", "１", "-", "+", ".", "..", "0012389A", "1,23", "e3", "x"),
    ],
)
def test_what_others_keep(text: str) -> None:
    """Nothing is said about what stays as it is everywhere."""
    assert read_differently(text) is None
    assert not changed(text)


@given(
    st.text("0123456789_+-.:eExXobBTZinfNa ", min_size=1, max_size=16)
    | st.from_regex(yaml.SafeLoader.yaml_implicit_resolvers["1"][0][1], fullmatch=True)
    | st.from_regex(CORE, fullmatch=True)
    | st.text(min_size=1, max_size=6)
)
@example("._")
@example("0b_")
@example("0x_")
@example("1__")
@example("+.5")
@example("12345678.12345678")
@example("190:20:30._")
@example("=")
@example("<<")
def test_as_the_readers_themselves(text: str) -> None:
    """Exactly the scalars that PyYAML's own rules or the core schema of YAML 1.2 resolve to another value are told."""
    assume(text == text.strip() and text.isascii())
    assume(text not in ("!", "&", "*"))  # PyYAML has a rule for them, but no plain scalar is one of them
    assert (read_differently(text) is not None) == changed(text)
