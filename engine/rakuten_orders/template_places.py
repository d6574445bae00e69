"""Where the parts of a template stand in its source: Jinja's nodes know their line only, its tokens add up to it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cached_property
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError

Braces = Literal["variable", "if", "statement"]
"""Kinds of braces: ``{{ … }}``, ``{% if %}`` and ``{% elif %}``, and what begins another statement."""

_CONTROL = re.compile(r"(?<=\{[{%#])[-+]|-(?=\}\})|[-+](?=%\})")
_UNWANTED = {"raw_begin": "{% raw %}", "comment_begin": "{# comments #}"}
_MAYBE_UNWANTED = re.compile(r"\{#|\{%\s*raw\b")
_OPENING = re.compile(r"\{[{%#]")


def without_control(source: str) -> tuple[str, list[int]]:
    """The source with blanks for the signs of whitespace control (``{{-``), which would move offsets, and theirs."""
    return _CONTROL.sub(" ", source), [found.start() for found in _CONTROL.finditer(source)]


class Places:
    """Offsets in a template, told while its tree is walked in the source's order: ``enter`` each pair of braces."""

    def __init__(self, environment: Environment, source: str) -> None:
        self._environment = environment
        self._source = source
        self._entered: Counter[Braces] = Counter()
        self._current: Braces = "variable"

    def enter(self, kind: Braces) -> None:
        """Goes on to the next braces of that kind."""
        self._entered[kind] += 1
        self._current = kind

    def of(self, token: str) -> int:
        """The offset of a token in the braces that were entered; without one, of what stands first (behind ``if``)."""
        braces = self._tokens[self._current]
        number = self._entered[self._current]
        inside = braces[number - 1] if 0 < number <= len(braces) else []
        found = next((offset for offset, text in inside if text == token), None)
        first = inside[1:] if self._current == "if" else inside
        return found if found is not None else next((offset for offset, _text in first), 0)

    def unwanted(self) -> list[tuple[int, str]]:
        """Offsets and names of what leaves nothing in the tree, and is not in the language all the same."""
        if not _MAYBE_UNWANTED.search(self._source):
            return []
        return [(offset, _UNWANTED[kind]) for offset, kind, _text in self._lexed if kind in _UNWANTED]

    def literals(self) -> list[tuple[int, str]]:
        """The pieces of literal text, with their offsets."""
        return [(offset, text) for offset, kind, text in self._lexed if kind == "data"]

    @cached_property
    def _lexed(self) -> list[tuple[int, str, str]]:
        found = []
        offset = 0
        for _line, kind, text in self._environment.lex(self._source):
            found.append((offset, kind, text))
            offset += len(text)
        return found

    @cached_property
    def _tokens(self) -> defaultdict[Braces, list[list[tuple[int, str]]]]:
        """For each kind of braces, one after the other, what stands inside with its offset."""
        found: defaultdict[Braces, list[list[tuple[int, str]]]] = defaultdict(list)
        inside: list[tuple[int, str]] = []
        for offset, kind, text in self._lexed:
            if kind in ("variable_begin", "block_begin"):
                inside = []
            elif kind == "variable_end":
                found["variable"].append(inside)
            elif kind == "block_end":
                word = inside[0][1] if inside else ""
                if word in ("if", "elif"):
                    found["if"].append(inside)
                elif word != "else" and not word.startswith("end"):
                    found["statement"].append(inside)
            elif kind not in ("data", "whitespace"):
                inside.append((offset, text))
        return found


def error_place(environment: Environment, source: str) -> int:
    """The offset of the braces that cannot be read: the first ones with which what stands before becomes wrong.

    Where everything is only not finished, that of the last statement left open.
    """
    openings = [found.start() for found in _OPENING.finditer(source)] or [0]
    low, high = 0, len(openings)
    while low < high:
        middle = (low + high) // 2
        end = openings[middle + 1] if middle + 1 < len(openings) else len(source)
        if _is_wrong(environment, source[:end]):
            high = middle
        else:
            low = middle + 1
    return openings[low] if low < len(openings) else _open_statement(source)


def _is_wrong(environment: Environment, source: str) -> bool:
    """Whether no text behind ``source`` could make a template of it."""
    try:
        environment.parse(source)
    except TemplateSyntaxError as fault:
        return not (fault.message or "").startswith("Unexpected end of template")
    except (ValueError, RecursionError):
        return True
    return False


def _open_statement(source: str) -> int:
    """The offset of the last statement that is not ended."""
    left_open: list[int] = []
    for found in re.finditer(r"\{%\s*(\w+)", source):
        if found[1].startswith("end"):
            del left_open[-1:]
        elif found[1] not in ("else", "elif"):
            left_open.append(found.start())
    return left_open[-1] if left_open else 0
