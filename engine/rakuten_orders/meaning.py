"""What rules name: paths, fields and values of conditions. Shared by the three kinds of rule files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rakuten_orders.conditions import GROUPS, OPERATORS, Normaliser, as_list
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.meant import meant_amount, meant_key
from rakuten_orders.paths import Level, is_known, nearest_path, resolve
from rakuten_orders.patterns import TEXTS, check_pattern
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.values import read_decimal, read_french_time

_NO_FIELDS: Mapping[str, Normaliser | None] = MappingProxyType({})

_EMPTY_IS_MEANT = ("equals_any_of", "not_equals_any_of")
"""Here the empty text stands for a missing value; anywhere else it would fit everything."""


def path_finding(
    document: Document, place: Sequence[str | int], path: str, level: Level, *, at_key: bool = False
) -> Diagnostic | None:
    """The finding for a path that Rakuten's payloads do not have, None for one that they have."""
    if is_known(resolve(path, level)):
        return None
    if level == "order" and resolve(path, "lines").scope in ("item", "billing") and is_known(resolve(path, "lines")):
        return document.finding("unknown-path", place, "item", at_key=at_key, path=path)
    near = nearest_path(path, level)
    variant = "nearest" if near else ""
    when = "" if near is None or resolve(near, level).before else " (filled after acceptance)"
    return document.finding("unknown-path", place, variant, at_key=at_key, path=path, nearest=near, when=when)


def path_condition_findings(
    document: Document, place: Path, when: Mapping[str, Any], level: Level, *, unlisted: bool = False
) -> Iterator[Diagnostic]:
    """What is wrong with the meaning of a ``when`` on paths at ``level``; ``unlisted`` takes any path."""
    for here, path, tests in _tested(place, when):
        found = None if unlisted else path_finding(document, here, path, level, at_key=True)
        if found is not None:
            yield found
        yield from _value_findings(document, here, tests, None)


def field_condition_findings(
    document: Document, place: Path, when: Mapping[str, Any], fields: Mapping[str, Normaliser | None]
) -> Iterator[Diagnostic]:
    """What is wrong with the meaning of a ``when`` on ``fields``, which have their normalisers."""
    for here, field, tests in _tested(place, when):
        if field not in fields:
            near = meant_key(field, list(fields))
            variant = "" if near else "list"
            known = ", ".join(fields)
            yield document.finding("unknown-key", here, variant, at_key=True, name=field, nearest=near, known=known)
        yield from _value_findings(document, here, tests, fields.get(field))


def _tested(place: Path, when: Mapping[str, Any]) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """Every field that a condition tests, however deep: where it stands, its name, its tests."""
    for key, value in when.items():
        here = (*place, key)
        if key == "not":
            yield from _tested(here, value)
        elif key in GROUPS:
            for index, entry in enumerate(value):
                yield from _tested((*here, index), entry)
        else:
            yield here, key, value


def _value_findings(
    document: Document, place: Path, tests: Mapping[str, Any], normalise: Normaliser | None
) -> Iterator[Diagnostic]:
    for word, values in tests.items():
        for index, value in enumerate(as_list(values)):
            here = (*place, word) if isinstance(values, str) else (*place, word, index)
            yield from _one_value_findings(document, here, word, value, normalise)


def _one_value_findings(
    document: Document, place: Path, word: str, value: str, normalise: Normaliser | None
) -> Iterator[Diagnostic]:
    takes = OPERATORS[word].takes
    if takes == "number" and read_decimal(value) is None:
        near = meant_amount(value)
        variant = "number_meant" if near else "number"
        yield document.finding("wrong-value", place, variant, name=word, value=value, nearest=near)
    elif takes == "date" and read_french_time(value) is None:
        yield document.finding("wrong-value", place, "moment", name=word, value=value)
    elif takes == "pattern":
        yield from _pattern_findings(document, place, value, normalise)
    elif takes == "texts" and _nothing_left(word, value, normalise):
        yield document.finding("wrong-value", place, "nothing", name=word, value=value)


def _nothing_left(word: str, value: str, normalise: Normaliser | None) -> bool:
    if not value and word in _EMPTY_IS_MEANT:
        return False
    return not (normalise(value) if normalise else value)


def _pattern_findings(
    document: Document, place: Path, pattern: str, normalise: Normaliser | None
) -> Iterator[Diagnostic]:
    def survives(char: str) -> str:
        """The character as it comes out of a normalised value; patterns on those are compared without case."""
        return char if normalise is None or normalise(char).casefold() == char.casefold() else ""

    for fault in check_pattern(pattern, TEXTS, survives):
        variant = "compared" if fault.variant == "removed" else fault.variant
        yield document.finding("bad-pattern", place, variant, shown=fault.shown)
