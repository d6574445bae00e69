"""Tracking numbers: how they are cleaned, and what a format's pattern may be."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # a compiled pattern does not tell its structure
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from rakuten_orders.checksums import holds

MAX_NUMBER = 64
"""The longest cleaned tracking number that is looked at, in characters."""

# Spaces of all kinds, dashes, control characters, what has no width at all, and halves of characters.
_DROPPED = frozenset({"Zs", "Zl", "Zp", "Pd", "Cc", "Cf", "Cs"})


def clean_number(received: str) -> str:
    """The number as it is matched and sent: no spaces, dots, hyphens or invisible characters, in upper case.

    Leading zeros stay. Typographic hyphens count as hyphens: word processors put them in.
    """
    kept = (char for char in received if char not in ".\u2212" and unicodedata.category(char) not in _DROPPED)
    return "".join(kept).upper()


@dataclass(frozen=True)
class NumberFormat:
    """One format of a carrier's numbers: a pattern for the whole cleaned number, perhaps a check digit."""

    pattern: str
    checksum: str | None = None
    tail: int | None = None

    @cached_property
    def distinctive(self) -> bool:
        """Whether the pattern demands a letter of its own (a prefix, a country suffix), not just any."""
        return _fixed_letter(sre_parser.parse(self.pattern, re.ASCII))

    def matches(self, number: str) -> bool:
        """Whether the cleaned ``number`` has this form; the check digit is not looked at."""
        return len(number) <= MAX_NUMBER and _compiled(self.pattern).fullmatch(number) is not None

    def checks(self, number: str) -> bool:
        """Whether the check digit of a matching ``number`` is right; True where the format has none."""
        return self.checksum is None or holds(self.checksum, number, self.tail)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@dataclass(frozen=True, slots=True)
class PatternFault:
    """What is wrong with a pattern: the variant of ``bad-pattern``, and what to show."""

    variant: str
    shown: str = ""


def check_pattern(pattern: str, *, cleaned: Callable[[str], str] = clean_number) -> list[PatternFault]:
    """What is wrong with a pattern; empty where it is fit for what ``cleaned`` gives (cleaned numbers).

    A group of variable repetition that holds another one, or an alternation, could try for ever; what cleaning
    takes away can never be there.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = sre_parser.parse(pattern, re.ASCII)
            re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, Warning, ValueError) as fault:
        return [PatternFault("syntax", getattr(fault, "msg", "") or str(fault))]
    faults = []
    if any(_backtracks(node) for node in _repeats(tree)):
        faults.append(PatternFault("backtracks"))
    removed = sorted({char for char in _literals(tree) if cleaned(char) != char})
    if removed:
        faults.append(PatternFault("removed", " ".join("a space" if char.isspace() else char for char in removed)))
    if tree.getwidth()[0] > MAX_NUMBER:
        faults.append(PatternFault("long"))
    return faults


def _children(value: Any) -> Iterator[Any]:
    """The sub-patterns inside a node's argument."""
    if isinstance(value, sre_parser.SubPattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _children(part)


def _walk(tree: Any) -> Iterator[tuple[Any, Any]]:
    for operation, argument in tree:
        yield operation, argument
        for child in _children(argument):
            yield from _walk(child)


def _repeats(tree: Any) -> Iterator[tuple[Any, Any]]:
    return (node for node in _walk(tree) if node[0] in (sre.MAX_REPEAT, sre.MIN_REPEAT))


def _variable(argument: Any) -> bool:
    low, high, _body = argument
    return bool(low != high)


def _backtracks(node: tuple[Any, Any]) -> bool:
    """Whether a repeat of variable length holds an alternation or another such repeat."""
    _operation, argument = node
    if not _variable(argument) or argument[1] <= 1:
        return False
    inside = list(_walk(argument[2]))
    return any(
        operation is sre.BRANCH or (operation in (sre.MAX_REPEAT, sre.MIN_REPEAT) and _variable(inner))
        for operation, inner in inside
    )


def _literals(tree: Any) -> Iterator[str]:
    """The characters that a pattern demands literally, one by one (classes may hold what never comes)."""
    for operation, argument in _walk(tree):
        if operation is sre.LITERAL:
            yield chr(argument)


def _fixed_letter(tree: Any) -> bool:
    """Whether every way through ``tree`` passes a literal letter."""
    for operation, argument in tree:
        if operation is sre.LITERAL and chr(argument).isalpha():
            return True
        if operation is sre.BRANCH and all(_fixed_letter(branch) for branch in argument[1]):
            return True
        if operation is sre.SUBPATTERN and _fixed_letter(argument[-1]):
            return True
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[0] > 0 and _fixed_letter(argument[2]):
            return True
    return False
