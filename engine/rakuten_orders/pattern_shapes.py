"""Which characters can stand where in the texts that a regular expression fits, for each length of them.

What is told is never too little: every text that fits has such a shape. It may be too much, where what stands in one
place depends on another.
"""

from __future__ import annotations

from collections.abc import Mapping
from re import _constants as sre  # type: ignore[attr-defined]  # a compiled pattern does not tell its structure
from typing import Any

from rakuten_orders.pattern_chars import ANYTHING, REPEATS, Chars, begins, inside

Shapes = Mapping[int, tuple[Chars, ...]]
"""By length, the set of characters that can stand in each place."""

_NOTHING_TAKEN: Shapes = {0: ()}
_SINGLE = frozenset({sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY})
_GROUPS = frozenset({sre.SUBPATTERN, sre.ATOMIC_GROUP})
_BETWEEN = frozenset({sre.AT, sre.ASSERT, sre.ASSERT_NOT})


def shapes(tree: Any, longest: int) -> Shapes:
    """The shapes of the texts of at most ``longest`` characters that the parsed pattern fits."""
    found = _NOTHING_TAKEN
    for operation, argument in tree:
        found = _behind(found, _shapes_of(operation, argument, longest), longest)
    return found


def _shapes_of(operation: Any, argument: Any, longest: int) -> Shapes:
    if operation in _SINGLE:
        return {1: (begins([(operation, argument)]).chars,)}
    if operation in _BETWEEN:
        return _NOTHING_TAKEN
    if operation in _GROUPS:
        return shapes(next(inside(argument)), longest)
    if operation is sre.BRANCH:
        found: Shapes = {}
        for branch in argument[1]:
            found = _either(found, shapes(branch, longest))
        return found
    if operation in REPEATS:
        low, high, body = argument
        return _repeated(shapes(body, longest), min(int(low), longest), min(int(high), longest), longest)
    return {length: (ANYTHING,) * length for length in range(longest + 1)}


def _repeated(body: Shapes, low: int, high: int, longest: int) -> Shapes:
    """The shapes of ``low`` to ``high`` turns; more turns than ``longest`` add nothing that is not told already."""
    if body.keys() == {1}:
        return {turns: body[1] * turns for turns in range(low, high + 1)}
    turn = _NOTHING_TAKEN
    found: Shapes = {}
    for number in range(high + 1):
        if number >= low:
            found = _either(found, turn)
        turn = _behind(turn, body, longest)
    return found


def _either(one: Shapes, other: Shapes) -> Shapes:
    merged = dict(one)
    for length, places in other.items():
        known = merged.get(length)
        merged[length] = tuple(a | b for a, b in zip(known, places, strict=True)) if known else places
    return merged


def _behind(first: Shapes, second: Shapes, longest: int) -> Shapes:
    if len(first) == len(second) == 1:
        ((begin, end),) = zip(first.values(), second.values(), strict=True)
        return {len(begin) + len(end): begin + end} if len(begin) + len(end) <= longest else {}
    found: Shapes = {}
    for before, begin in first.items():
        further = {before + after: begin + end for after, end in second.items() if before + after <= longest}
        found = _either(found, further)
    return found
