"""With which characters a part of a regular expression can begin, told from its parsed form.

A set of characters is an ``int``: a bit for each ASCII character, in both cases, and one for all others together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import _constants as sre  # type: ignore[attr-defined]  # a compiled pattern does not tell its structure
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

Chars = int

OTHERS: Chars = 1 << 128
NOTHING: Chars = 0
ANYTHING: Chars = (OTHERS << 1) - 1

REPEATS = frozenset({sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT})
_GROUPS = frozenset({sre.SUBPATTERN, sre.ATOMIC_GROUP})


@dataclass(frozen=True, slots=True)
class Beginning:
    """The characters that a pattern can begin with, and whether it fits the empty text too."""

    chars: Chars
    nullable: bool


def begins(tree: Any) -> Beginning:
    """What a pattern can begin with."""
    chars = NOTHING
    for operation, argument in tree:
        first = _begins_with(operation, argument)
        chars |= first.chars
        if not first.nullable:
            return Beginning(chars, nullable=False)
    return Beginning(chars, nullable=True)


def before(operation: Any, argument: Any, follow: Chars) -> Chars:
    """What can come at a node behind which one of ``follow`` comes."""
    first = _begins_with(operation, argument)
    return first.chars | (follow if first.nullable else NOTHING)


def inside(argument: Any) -> Iterator[Any]:
    """The patterns inside a node's argument."""
    if isinstance(argument, sre_parser.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for part in argument:
            yield from inside(part)


def _begins_with(operation: Any, argument: Any) -> Beginning:
    if operation in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return Beginning(NOTHING, nullable=True)
    if operation is sre.BRANCH:
        ways = [begins(branch) for branch in argument[1]]
        chars = NOTHING
        for way in ways:
            chars |= way.chars
        return Beginning(chars, any(way.nullable for way in ways))
    if operation in REPEATS:
        first = begins(argument[2])
        return Beginning(first.chars, first.nullable or argument[0] == 0)
    if operation in _GROUPS:
        return begins(next(inside(argument)))
    if operation is sre.IN:
        return Beginning(_members(argument), nullable=False)
    if operation is sre.LITERAL:
        return Beginning(_range(argument, argument), nullable=False)
    if operation is sre.NOT_LITERAL:
        return Beginning(_all_but([(sre.LITERAL, argument)]), nullable=False)
    if operation is sre.ANY:
        return Beginning(ANYTHING, nullable=False)
    return Beginning(ANYTHING, nullable=True)


def _members(members: Any) -> Chars:
    chars = NOTHING
    for operation, argument in members:
        if operation is sre.LITERAL:
            chars |= _range(argument, argument)
        elif operation is sre.RANGE:
            chars |= _range(*argument)
        elif operation is sre.CATEGORY and argument is sre.CATEGORY_DIGIT:
            chars |= _range(ord("0"), ord("9")) | OTHERS
        elif operation is sre.CATEGORY and argument is sre.CATEGORY_WORD:
            chars |= _range(ord("0"), ord("9")) | _range(ord("A"), ord("Z")) | _range(ord("_"), ord("_")) | OTHERS
        elif operation is sre.CATEGORY and argument is sre.CATEGORY_SPACE:
            chars |= _range(9, 13) | _range(28, 32) | OTHERS
        elif operation is sre.NEGATE:
            return _all_but(members[1:])
        else:
            return ANYTHING
    return chars


def _all_but(members: Any) -> Chars:
    """What a set leaves that says what is not in it; single characters and ranges only, each in its own case."""
    kept = ANYTHING
    for operation, argument in members:
        if operation is sre.LITERAL:
            kept &= ~(1 << argument) if argument < 128 else ANYTHING
        elif operation is sre.RANGE:
            low, high = argument
            kept &= ~sum(1 << code for code in range(low, min(high, 127) + 1))
        else:
            return ANYTHING
    return kept


@cache
def _range(low: int, high: int) -> Chars:
    """The characters from ``low`` to ``high``; letters in both cases, because flags may ignore it."""
    chars = OTHERS if high > 127 else NOTHING
    for code in range(low, min(high, 127) + 1):
        for char in {chr(code), chr(code).upper(), chr(code).lower()}:
            chars |= 1 << ord(char)
    return chars
