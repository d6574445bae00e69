"""Patterns of tracking numbers as JavaScript reads them, from their parsed form.

Only what means the same in both languages is written; the rest is None, and the page says so instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from re import _constants as sre  # type: ignore[attr-defined]  # a compiled pattern does not tell its structure
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any


class _OnlyPython(Exception):
    """A part of a pattern for which JavaScript has no equal."""


def javascript(pattern: str) -> str | None:
    """The source of a JavaScript expression (flag ``u``, without anchors) that fits the same whole cleaned numbers.

    None where the pattern has what JavaScript lacks or reads in its own way: possessive repeats, atomic groups,
    looking back, references.
    """
    try:
        return _sequence(sre_parser.parse(pattern, re.ASCII))
    except _OnlyPython:
        return None


def _sequence(tree: Any) -> str:
    return "".join(_node(operation, argument) for operation, argument in tree)


def _node(operation: Any, argument: Any) -> str:
    write = _WRITERS.get(operation)
    if write is None:
        raise _OnlyPython(str(operation))
    return write(argument)


def _character(code: int) -> str:
    char = chr(code)
    return char if char.isascii() and char.isalnum() else f"\\u{{{code:x}}}"


def _set(members: Any) -> str:
    return f"[{''.join(_member(operation, argument) for operation, argument in members)}]"


def _member(operation: Any, argument: Any) -> str:
    if operation is sre.NEGATE:
        return "^"
    if operation is sre.LITERAL:
        return _character(argument)
    if operation is sre.RANGE:
        low, high = argument
        return f"{_character(low)}-{_character(high)}"
    return _category(argument)


def _category(category: Any) -> str:
    # \s differs (Python's is ASCII here), but no cleaned number holds a blank of either kind.
    return _named(_CATEGORIES, category)


def _named(names: Mapping[Any, str], key: Any) -> str:
    if key not in names:
        raise _OnlyPython(str(key))
    return names[key]


def _branch(argument: Any) -> str:
    return f"(?:{'|'.join(map(_sequence, argument[1]))})"


def _group(argument: Any) -> str:
    *_, set_flags, cleared_flags, body = argument
    if set_flags or cleared_flags:
        raise _OnlyPython("flags")
    return f"(?:{_sequence(body)})"


def _repeat(argument: Any) -> str:
    low, high, body = argument
    single = len(body) == 1 and body[0][0] in (sre.LITERAL, sre.IN, sre.ANY, sre.SUBPATTERN)
    repeated = _sequence(body) if single else f"(?:{_sequence(body)})"
    if low == high:
        return repeated if low == 1 else f"{repeated}{{{low}}}"
    return f"{repeated}{{{low},{'' if high is sre.MAXREPEAT else high}}}"


def _ahead(sign: str) -> Callable[[Any], str]:
    def write(argument: Any) -> str:
        direction, body = argument
        if direction < 0:
            raise _OnlyPython("looking back")
        return f"(?{sign}{_sequence(body)})"

    return write


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
}
_PLACES = {
    sre.AT_BEGINNING: "^",
    sre.AT_BEGINNING_STRING: "^",
    sre.AT_END: "$",
    sre.AT_END_STRING: "$",
    sre.AT_BOUNDARY: r"\b",
    sre.AT_NON_BOUNDARY: r"\B",
}
_WRITERS: Mapping[Any, Callable[[Any], str]] = {
    sre.LITERAL: _character,
    sre.NOT_LITERAL: lambda code: f"[^{_character(code)}]",
    sre.ANY: lambda _: r"[^\n]",
    sre.IN: _set,
    sre.BRANCH: _branch,
    sre.SUBPATTERN: _group,
    # How greedy a repeat is decides which way is tried first, not whether the whole number fits.
    sre.MAX_REPEAT: _repeat,
    sre.MIN_REPEAT: _repeat,
    sre.AT: lambda place: _named(_PLACES, place),
    sre.ASSERT: _ahead("="),
    sre.ASSERT_NOT: _ahead("!"),
}
