"""Whether one condition holds wherever another does, as far as that can be read off their words.

Sound, not complete: what is said to be covered is; what is not said may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rakuten_orders.conditions import GROUPS, as_list

_PARTS = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains_any_of": str.__contains__,
}
_NARROWER = {
    "starts_with": ("equals_any_of", "starts_with"),
    "ends_with": ("equals_any_of", "ends_with"),
    "contains_any_of": ("equals_any_of", "starts_with", "ends_with", "contains_any_of"),
}
_FILLED = ("equals_any_of", "starts_with", "ends_with", "contains_any_of")


def covers(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Whether ``wide`` holds for everything that ``narrow`` holds for."""
    if wide == narrow:
        return True
    if any(key in GROUPS for key in wide):
        return False
    return all(
        field in narrow and all(_implied(word, as_list(values), narrow[field]) for word, values in tests.items())
        for field, tests in wide.items()
    )


def _implied(word: str, values: Sequence[str], tests: Mapping[str, Any]) -> bool:
    """Whether a test holds for every value that passes ``tests`` of the same field."""
    if word in tests and set(as_list(tests[word])) == set(values):
        return True
    if word == "equals_any_of" and word in tests:
        return set(as_list(tests[word])) <= set(values)
    if word == "not_equals_any_of" and "equals_any_of" in tests:
        return not set(as_list(tests["equals_any_of"])) & set(values)
    if word == "is_not_empty":
        return any(other in tests and all(as_list(tests[other])) for other in _FILLED)
    if word in _PARTS:
        return any(
            other in tests and all(any(_PARTS[word](text, value) for value in values) for text in as_list(tests[other]))
            for other in _NARROWER[word]
        )
    return False
