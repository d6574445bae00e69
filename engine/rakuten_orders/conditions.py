"""``when``: conditions in Channable's words, compiled to trees that are functions.

A condition is a function of a lookup (path or field name to text, None where there is none). What is compared
as a number or a time and can't be read as one does not hold.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from rakuten_orders.values import read_decimal, read_french_time

Lookup = Callable[[str], str | None]
Test = Callable[[str | None], bool]
Normaliser = Callable[[str], str]

GROUPS = ("any", "all", "not")

LONGEST_MATCHED = 1000
"""What is longer, in characters, is matched by no regular expression: it might take for ever."""

_EXACT: Mapping[str, Normaliser] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Operator:
    """One condition word: what it takes, what it means, and how its test is made of the values."""

    takes: Literal["texts", "pattern", "number", "date", "true"]
    about: str
    make: Callable[[Sequence[str]], Test]


def _equals(values: Sequence[str]) -> Test:
    wanted = frozenset(values)
    return lambda value: (value or "") in wanted


def _not_equals(values: Sequence[str]) -> Test:
    unwanted = frozenset(values)
    return lambda value: (value or "") not in unwanted


def _contains(values: Sequence[str]) -> Test:
    return lambda value: value is not None and any(part in value for part in values)


def _starts_with(values: Sequence[str]) -> Test:
    starts = tuple(values)
    return lambda value: value is not None and value.startswith(starts)


def _ends_with(values: Sequence[str]) -> Test:
    ends = tuple(values)
    return lambda value: value is not None and value.endswith(ends)


def _matches(values: Sequence[str], flags: int = re.DOTALL) -> Test:
    patterns = [re.compile(value, flags) for value in values]
    return lambda value: (
        value is not None and len(value) <= LONGEST_MATCHED and any(pattern.fullmatch(value) for pattern in patterns)
    )


def _is_empty(_values: Sequence[str]) -> Test:
    return lambda value: not value


def _is_not_empty(_values: Sequence[str]) -> Test:
    return bool


def _number_test(holds: Callable[[Decimal, Decimal], bool]) -> Callable[[Sequence[str]], Test]:
    def make(values: Sequence[str]) -> Test:
        limits = [limit for limit in map(read_decimal, values) if limit is not None]

        def test(value: str | None) -> bool:
            found = None if value is None else read_decimal(value)
            return found is not None and any(holds(found, limit) for limit in limits)

        return test

    return make


def _time_test(holds: Callable[[dt.datetime, dt.datetime], bool]) -> Callable[[Sequence[str]], Test]:
    def make(values: Sequence[str]) -> Test:
        limits = [limit for limit in map(read_french_time, values) if limit is not None]

        def test(value: str | None) -> bool:
            found = None if value is None else read_french_time(value)
            return found is not None and any(holds(found, limit) for limit in limits)

        return test

    return make


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "equals_any_of": Operator("texts", "the value is one of these", _equals),
        "not_equals_any_of": Operator("texts", "the value is none of these", _not_equals),
        "contains_any_of": Operator("texts", "one of these stands in the value", _contains),
        "starts_with": Operator("texts", "the value begins with one of these", _starts_with),
        "ends_with": Operator("texts", "the value ends with one of these", _ends_with),
        "matches": Operator("pattern", "a regular expression fits the whole value", _matches),
        "is_empty": Operator("true", "there is no value", _is_empty),
        "is_not_empty": Operator("true", "there is a value", _is_not_empty),
        "is_less_than": Operator("number", "the value is a smaller number", _number_test(Decimal.__lt__)),
        "is_less_or_equal_to": Operator("number", "a smaller number, or equal", _number_test(Decimal.__le__)),
        "is_greater_than": Operator("number", "the value is a greater number", _number_test(Decimal.__gt__)),
        "is_greater_or_equal_to": Operator("number", "a greater number, or equal", _number_test(Decimal.__ge__)),
        "is_before": Operator("date", "the value is an earlier day or time", _time_test(dt.datetime.__lt__)),
        "is_on_or_after": Operator("date", "the value is this day or time, or later", _time_test(dt.datetime.__ge__)),
    }
)
"""The fourteen tests. A missing value is None; it is the empty text for the two that compare for equality."""


@dataclass(frozen=True, slots=True)
class FieldTests:
    """All tests of one field, by their words. ``normalise`` is what is done to the value before."""

    field: str
    tests: tuple[tuple[str, Test], ...]
    normalise: Normaliser | None

    def __call__(self, lookup: Lookup) -> bool:
        """Whether all of them hold."""
        value = lookup(self.field)
        if value is not None and self.normalise is not None:
            value = self.normalise(value) or None
        return all(test(value) for _word, test in self.tests)


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that hold together (``all``), or one of which holds (``any``)."""

    word: Literal["any", "all"]
    parts: tuple[Condition, ...]

    def __call__(self, lookup: Lookup) -> bool:
        """Whether they do."""
        holds = any if self.word == "any" else all
        return holds(part(lookup) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    part: Condition

    def __call__(self, lookup: Lookup) -> bool:
        """Whether the condition does not hold."""
        return not self.part(lookup)


Condition = FieldTests | Group | Not
"""A compiled ``when``: a function of a lookup, and a tree that code can be made from."""


def compile_condition(when: Mapping[str, Any], *, normalised: Mapping[str, Normaliser] = _EXACT) -> Condition:
    """A checked ``when``, compiled. ``normalised`` has, by field, what is done to both sides before comparing.

    The patterns of ``matches`` stay as they are; on a normalised field they are compared without case.
    """
    parts = [_compile_entry(key, value, normalised) for key, value in when.items()]
    return parts[0] if len(parts) == 1 else Group("all", tuple(parts))


def _compile_entry(key: str, value: Any, normalised: Mapping[str, Normaliser]) -> Condition:
    if key == "not":
        return Not(compile_condition(value, normalised=normalised))
    if key in GROUPS:
        parts = tuple(compile_condition(entry, normalised=normalised) for entry in value)
        return Group("any" if key == "any" else "all", parts)
    normalise = normalised.get(key)
    tests = ((word, _test(word, as_list(values), normalise)) for word, values in value.items())
    return FieldTests(key, tuple(tests), normalise)


def _test(word: str, values: Sequence[str], normalise: Normaliser | None) -> Test:
    operator = OPERATORS[word]
    if normalise is None:
        return operator.make(values)
    if operator.takes == "pattern":
        return _matches(values, re.DOTALL | re.IGNORECASE)
    return operator.make([normalise(value) for value in values] if operator.takes == "texts" else values)


def as_list(value: Any) -> list[str]:
    """A scalar is a list of one."""
    return [value] if isinstance(value, str) else list(value)
