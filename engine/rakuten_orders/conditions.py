"""``when``: conditions in Channable's words, compiled to functions.

A condition is a function of a lookup (path or field name to text, None where there is none). What is compared
as a number or a date and can't be read as one does not hold.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

Lookup = Callable[[str], str | None]
Condition = Callable[[Lookup], bool]
Test = Callable[[str | None], bool]

GROUPS = ("any", "all", "not")

_PARIS = ZoneInfo("Europe/Paris")


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


def _matches(values: Sequence[str]) -> Test:
    patterns = [re.compile(value) for value in values]
    return lambda value: value is not None and any(pattern.fullmatch(value[:1000]) for pattern in patterns)


def _is_empty(_values: Sequence[str]) -> Test:
    return lambda value: not value


def _is_not_empty(_values: Sequence[str]) -> Test:
    return bool


def _number_test(holds: Callable[[Decimal, Decimal], bool]) -> Callable[[Sequence[str]], Test]:
    def make(values: Sequence[str]) -> Test:
        limits = [limit for limit in map(number, values) if limit is not None]

        def test(value: str | None) -> bool:
            found = number(value)
            return found is not None and any(holds(found, limit) for limit in limits)

        return test

    return make


def _date_test(holds: Callable[[dt.datetime, dt.datetime], bool]) -> Callable[[Sequence[str]], Test]:
    def make(values: Sequence[str]) -> Test:
        limits = [limit for limit in map(moment, values) if limit is not None]

        def test(value: str | None) -> bool:
            found = moment(value)
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
        "is_before": Operator("date", "the value is an earlier day or time", _date_test(dt.datetime.__lt__)),
        "is_on_or_after": Operator("date", "the value is this day or time, or later", _date_test(dt.datetime.__ge__)),
    }
)


def compile_condition(
    when: Mapping[str, Any], *, normalised: Mapping[str, Callable[[str], str]] = MappingProxyType({})
) -> Condition:
    """A checked ``when`` as a function. ``normalised`` has, by field, what is done to both sides before comparing."""
    parts = [_compile_entry(key, value, normalised) for key, value in when.items()]
    if len(parts) == 1:
        return parts[0]
    return lambda lookup: all(part(lookup) for part in parts)


def _compile_entry(key: str, value: Any, normalised: Mapping[str, Callable[[str], str]]) -> Condition:
    if key == "not":
        inner = compile_condition(value, normalised=normalised)
        return lambda lookup: not inner(lookup)
    if key in GROUPS:
        inners = [compile_condition(entry, normalised=normalised) for entry in value]
        some = any if key == "any" else all
        return lambda lookup: some(inner(lookup) for inner in inners)
    normalise = normalised.get(key, str)
    tests = [_test(word, as_list(values), normalise) for word, values in value.items()]

    def holds(lookup: Lookup) -> bool:
        found = lookup(key)
        compared = None if found is None else normalise(found)
        return all(test(compared) for test in tests)

    return holds


def _test(word: str, values: Sequence[str], normalise: Callable[[str], str]) -> Test:
    operator = OPERATORS[word]
    return operator.make([normalise(value) for value in values] if operator.takes == "texts" else values)


def as_list(value: Any) -> list[str]:
    """A scalar is a list of one."""
    return [value] if isinstance(value, str) else list(value)


def number(text: str | None) -> Decimal | None:
    """``text`` as a decimal number; None for anything else (``NaN`` and ``Infinity`` too)."""
    if not text or not re.fullmatch(r"[-+]?[0-9]{1,1000}(\.[0-9]{1,1000})?", text.strip(), re.ASCII):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def moment(text: str | None) -> dt.datetime | None:
    """``text`` as a local time: ISO 8601 (a day is its midnight) or Rakuten's own form; None for anything else."""
    if not text:
        return None
    text = text.strip()
    for date_format in ("%d/%m/%Y-%H:%M", "%d/%m/%Y-%H:%M:%S", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, date_format)  # noqa: DTZ007 - compared as local French times
        except ValueError:
            continue
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(_PARIS).replace(tzinfo=None) if found.tzinfo else found
