"""The digest of a set: equal values, equal digest, on any machine, however the files are written.

What is digested is the canonical JSON of the loaded values: tables in, comments, examples and formatting out. A key
that says what holds without it is out too, and the short form of a value is the long one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from rakuten_orders.order_rules import expand_field
from rakuten_orders.schemas import KINDS, Rules, condition_entry, duration

_LEFT_OUT = ("examples", "format", "extends")
_HAVE_OTHER_FORMS = ("field", "duration")


def digest_of(
    rules: Mapping[str, Mapping[str, Any]],
    carriers: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Mapping[str, str]],
) -> str:
    """The digest, in hex: of valid rule files by kind, valid carriers by code, and the entries of tables by name."""
    values = {
        "rules": {kind: _file(kind, data) for kind, data in rules.items()},
        "carriers": {code: {"operator": code, **_file("carrier", data)} for code, data in carriers.items()},
        "tables": {name: dict(entries) for name, entries in tables.items()},
    }
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _file(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return _mapping({key: value for key, value in data.items() if key not in _LEFT_OUT}, KINDS[kind])


def _mapping(data: Mapping[str, Any], schema: Mapping[str, Rules]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, given in data.items():
        rules = schema[key]
        value = _canonical(given, rules)
        if value != rules.get("default") and (value or not isinstance(value, (list, dict))):
            found[key] = value
    return found


def _canonical(value: Any, rules: Rules) -> Any:
    """The one form of a valid value."""
    meta = rules.get("meta", {})
    if meta.get("list"):
        return [value] if isinstance(value, str) else value
    if isinstance(value, str) and meta.get("kind") not in _HAVE_OTHER_FORMS:
        return value
    if meta.get("kind") == "field":
        return _mapping(expand_field(value), rules["schema"])
    if meta.get("kind") == "condition":
        return {key: _canonical(entry, condition_entry(key)) for key, entry in value.items()}
    if meta.get("kind") == "duration":
        span = duration(value)
        return span.total_seconds() if span is not None else value
    if isinstance(value, dict):
        if "valuesrules" in rules:
            return {key: _canonical(entry, rules["valuesrules"]) for key, entry in value.items()}
        return _mapping(value, rules["schema"])
    if isinstance(value, list):
        return [_canonical(entry, rules["schema"]) for entry in value]
    return value
