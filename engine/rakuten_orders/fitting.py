"""Whether data fits a schema: a plain yes or no, from the same rules that Cerberus explains a no by.

Nearly every file is right, and Cerberus takes as long for a right one as everything else of a load together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rakuten_orders.schemas import FORMS, Rules, rules_below


def fits(value: Any, rules: Rules) -> bool:
    """Whether ``value`` is as ``rules`` say; the depth of files is bounded by their reader."""
    if value is None:
        return bool(rules.get("nullable"))
    if isinstance(value, str):
        return _text_fits(value, rules)
    if not value and rules.get("empty") is False:
        return False
    if isinstance(value, dict):
        return _mapping_fits(value, rules)
    entry = rules.get("schema", {})
    return "list" in _types(rules) and all(fits(one, entry) for one in value)


def _text_fits(text: str, rules: Rules) -> bool:
    if "string" not in _types(rules):
        return False
    if rules.get("check_with") == "one_or_more":
        return _text_fits(text, rules["schema"])
    if not text:
        return rules.get("empty") is not False
    if "allowed" in rules and text not in rules["allowed"]:
        return False
    return rules.get("check_with") != "form" or FORMS[rules["meta"]["kind"]](text)


def _mapping_fits(data: Mapping[str, Any], rules: Rules) -> bool:
    if "dict" not in _types(rules):
        return False
    if "valuesrules" in rules or rules.get("check_with") == "condition":
        return all(fits(value, rules_below(rules, key)) for key, value in data.items())
    schema = rules.get("schema", {})
    if not data.keys() <= schema.keys():
        return False
    for key, value in data.items():
        if not fits(value, schema[key]):
            return False
    for key, one in schema.items():
        if ("required" in one or "excludes" in one) and not _stands_well(key, data, one):
            return False
    return True


def _stands_well(key: str, data: Mapping[str, Any], rules: Rules) -> bool:
    """Whether a key is there if it has to be, and alone if it has to be."""
    beside = rules.get("excludes") in data
    return not beside if key in data else beside or not rules.get("required")


def _types(rules: Rules) -> list[str]:
    types = rules.get("type", [])
    return types if isinstance(types, list) else [types]
