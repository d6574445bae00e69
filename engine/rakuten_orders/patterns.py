"""Which regular expressions rules and carriers may use: bounded in time, and fit for what they are held against.

Python's matcher tries one way after the other; ``(a+)+`` has more ways through sixty characters than can ever be
tried. So the ways are counted on the parsed pattern, and a pattern with too many is refused. Where the next character
tells whether a repeat goes on (``[a-z]+@``), there is one way only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # a compiled pattern does not tell its structure
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from rakuten_orders.pattern_chars import ANYTHING, NOTHING, REPEATS, Chars, before, begins, inside
from rakuten_orders.scalars import quoted

MAX_SOURCE = 500
MAX_GROUPS = 50

_TYPOGRAPHIC = "“”„«»‘’‚‹›"
_ANCHORS = (r"\A", r"\Z")
_SMALL: Chars = sum(1 << code for code in range(ord("a"), ord("z") + 1))
_REFERENCES = frozenset({sre.GROUPREF, sre.GROUPREF_EXISTS, sre.GROUPREF_IGNORE})
_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]?", re.DOTALL)
# What Python will read as operations on sets one day, and warns of.
_SET_OPERATION = re.compile(r"\A\[\^?\[|--|&&|~~|\|\|")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The longest text that a pattern is held against, and how many ways through it there may be."""

    longest: int
    ways: int


NUMBERS = Bounds(longest=64, ways=300_000)
"""For cleaned tracking numbers: the worst takes some tens of milliseconds."""

TEXTS = Bounds(longest=1000, ways=5_000_000)
"""For values in conditions: ``.*(red|blue).*`` is well."""


@dataclass(frozen=True, slots=True)
class PatternFault:
    """What is wrong with a pattern: the variant of ``bad-pattern``, and what to show."""

    variant: str
    shown: str = ""


def check_pattern(pattern: str, bounds: Bounds, cleaned: Callable[[str], str] = str) -> list[PatternFault]:
    """What is wrong with a pattern; empty where it is well.

    ``cleaned`` is what is done to texts beforehand: what it takes away or changes, a pattern must not demand.
    """
    return _checked(pattern, bounds, cleaned)[1]


@lru_cache(maxsize=1024)  # many carriers have the same forms
def check_number_pattern(pattern: str, cleaned: Callable[[str], str]) -> tuple[PatternFault, ...]:
    """The same for tracking numbers, which have no small letters and a greatest length."""
    tree, faults = _checked(pattern, NUMBERS, cleaned)
    if tree is not None and not pattern.isascii():
        foreign = "".join(dict.fromkeys(char for char in pattern if not char.isascii()))
        bare = pattern.strip(f"{_TYPOGRAPHIC} ")
        faults = [
            PatternFault("quotes", quoted(bare)) if pattern[0] in _TYPOGRAPHIC else PatternFault("foreign", foreign)
        ]
    if tree is not None and _has_flags(tree):
        faults = [PatternFault("flags")]  # what they make of the rest need not be told
    if tree is not None and tree.getwidth()[0] > NUMBERS.longest:
        faults.append(PatternFault("long"))
    return tuple(faults)


@lru_cache(maxsize=1024)
def parsed(pattern: str) -> Any:
    """The structure of a pattern, as ``re`` reads it; nobody changes it. Raises what ``re`` raises."""
    return sre_parser.parse(pattern, re.ASCII)


def lengths(pattern: str) -> tuple[int, int]:
    """The shortest and the longest text that a good pattern for numbers fits, at most the longest number."""
    low, high = parsed(pattern).getwidth()
    return int(low), min(int(high), NUMBERS.longest)


def has_anchor(pattern: str) -> bool:
    """Whether a good pattern says where the number begins or ends, which is understood."""
    return any(anchor in pattern for anchor in _ANCHORS) or any(sign in _SET.sub("", pattern) for sign in "^$")


def demands_letter(pattern: str) -> bool:
    """Whether every text that ``pattern`` fits has a certain letter."""
    return _fixed_letter(parsed(pattern))


def texts_that_fit(pattern: str) -> int:
    """About how many texts without small letters ``pattern`` fits: part by part, as if no two of them met."""
    return _texts(parsed(pattern))


def share_that_fits(pattern: str) -> float:
    """Which part of all texts of digits and capital letters ``pattern`` fits, of those as long as its longest."""
    longest = int(min(parsed(pattern).getwidth()[1], NUMBERS.longest))
    everything = 36**longest
    share: float = min(texts_that_fit(pattern), everything) / everything
    return share


def _checked(pattern: str, bounds: Bounds, cleaned: Callable[[str], str]) -> tuple[Any, list[PatternFault]]:
    """The parsed pattern, None where it cannot be used at all, and what is wrong with it."""
    if len(pattern) > MAX_SOURCE:
        return None, [PatternFault("source", str(MAX_SOURCE))]
    if pattern.count("(") > MAX_GROUPS:
        return None, [PatternFault("groups", str(MAX_GROUPS))]
    # Seen beforehand: Python's warning would be a line on somebody's standard error.
    operation = next((found for found in _SET.findall(pattern) if found[0] == "[" and _SET_OPERATION.search(found)), "")
    if operation:
        return None, [PatternFault("set", operation)]
    try:
        tree = parsed(pattern)
        if "(?<" in pattern:  # what looks behind itself is the one thing that parses and may not compile
            re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, ValueError) as fault:
        return None, [PatternFault("syntax", getattr(fault, "msg", "") or str(fault))]
    faults = [PatternFault("backtracks")] if _ways(tree, bounds, NOTHING) > bounds.ways else []
    removed = sorted(set(_demanded(tree, cleaned)))
    if removed:
        faults.append(PatternFault("removed", " ".join(removed)))
    return tree, faults


def _ways(tree: Any, bounds: Bounds, follow: Chars) -> int:
    """In how many ways a text can be gone through, at most, where one of ``follow`` comes behind.

    Somewhere above the limit counting stops.
    """
    ways = 1
    for operation, argument in reversed(list(tree)):
        ways *= _ways_of(operation, argument, bounds, follow)
        if ways > bounds.ways:
            return ways
        follow = before(operation, argument, follow)
    return ways


def _ways_of(operation: Any, argument: Any, bounds: Bounds, follow: Chars) -> int:
    if operation is sre.BRANCH:
        return sum(_ways(branch, bounds, follow) for branch in argument[1])
    if operation in REPEATS:
        low, high, body = argument
        first = begins(body)
        ways = _ways(body, bounds, first.chars | follow)
        if ways == 1 and not first.nullable and not first.chars & follow:
            return 1
        return _turns(ways, int(low), min(int(high), max(bounds.longest, int(low))), bounds.ways)
    if operation in _REFERENCES:
        return bounds.ways + 1  # what they match depends on the text; nobody needs them here
    behind = follow if operation is sre.SUBPATTERN else ANYTHING
    return max((_ways(inner, bounds, behind) for inner in inside(argument)), default=1)


def _turns(ways: int, low: int, high: int, limit: int) -> int:
    """The ways through ``low`` to ``high`` turns of something that has so many ways."""
    if ways == 1:
        return high - low + 1
    total = 0
    for turns in range(low, high + 1):
        total += ways ** min(turns, limit.bit_length())
        if total > limit:
            break
    return total


def _has_flags(tree: Any) -> bool:
    """Whether flags such as ``(?i)`` are set, for the whole pattern or for a group."""
    if isinstance(tree, sre_parser.SubPattern) and tree.state.flags & ~re.ASCII.value:
        return True
    return any(
        (operation is sre.SUBPATTERN and bool(argument[1] or argument[2]))
        or any(_has_flags(inner) for inner in inside(argument))
        for operation, argument in tree
    )


def _demanded(tree: Any, cleaned: Callable[[str], str]) -> Iterator[str]:
    """What has to be there for the pattern to fit, and never is in a cleaned number."""
    for operation, argument in tree:
        if operation is sre.LITERAL and cleaned(chr(argument)) != chr(argument):
            yield "a space" if chr(argument).isspace() else chr(argument)
        elif operation is sre.IN:
            shown = _never(argument, cleaned)
            if shown:
                yield shown
        elif not (operation in REPEATS and argument[0] == 0) and operation is not sre.ASSERT_NOT:
            for inner in inside(argument):
                yield from _demanded(inner, cleaned)


def _never(members: Any, cleaned: Callable[[str], str]) -> str:
    """A set of characters as it is written, where none of them is ever in a cleaned number; else empty."""
    shown = []
    for operation, argument in members:
        if operation is sre.LITERAL:
            low, high = argument, argument
        elif operation is sre.RANGE:
            low, high = argument
        elif operation is sre.CATEGORY and argument is sre.CATEGORY_SPACE:
            shown.append("a space")
            continue
        else:
            return ""
        if high > 0xFF or any(cleaned(chr(code)) == chr(code) for code in range(low, high + 1)):
            return ""
        shown.append(chr(low) if low == high else f"{chr(low)}-{chr(high)}")
    return " ".join("a space" if entry.isspace() else entry for entry in shown)


def _fixed_letter(tree: Any) -> bool:
    """Whether every way through ``tree`` passes a literal letter."""
    for operation, argument in tree:
        if operation is sre.LITERAL and chr(argument).isalpha():
            return True
        if operation is sre.BRANCH and all(_fixed_letter(branch) for branch in argument[1]):
            return True
        if operation is sre.SUBPATTERN and _fixed_letter(argument[-1]):
            return True
        if operation in REPEATS and argument[0] > 0 and _fixed_letter(argument[2]):
            return True
    return False


def _texts(tree: Any) -> int:
    """How many texts go through ``tree``; of what is not counted (conditions, references) there is one."""
    total = 1
    for operation, argument in tree:
        if operation is sre.IN:
            total *= max(1, (begins([(operation, argument)]).chars & ~_SMALL).bit_count())
        elif operation is sre.ANY:
            total *= (ANYTHING & ~_SMALL).bit_count()
        elif operation is sre.BRANCH:
            total *= sum(_texts(branch) for branch in argument[1])
        elif operation is sre.SUBPATTERN:
            total *= _texts(argument[-1])
        elif operation in REPEATS:
            low, high, body = argument
            each = _texts(body)
            total *= sum(each**turns for turns in range(low, min(int(high), max(NUMBERS.longest, low)) + 1))
    return total
