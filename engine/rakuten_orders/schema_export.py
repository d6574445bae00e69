"""JSON Schema (2020-12) for editors, derived from the Cerberus schemas: the one definition of a valid file.

An editor reads YAML with types, the loader reads text: a number or ``true`` stands for its text here wherever the
loader takes it. What needs more than one value to judge (paths, templates, collisions) is ``validate-rules``' alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rakuten_orders.conditions import OPERATORS
from rakuten_orders.schemas import KINDS

JsonSchema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALAR = ["string", "number", "boolean"]
_CONDITION = {"$ref": "#/$defs/condition"}
_KINDS: Mapping[str, JsonSchema] = {
    "flag": {"enum": [True, False, "true", "false"]},
    "date": {"type": "string", "format": "date"},
    "integer": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[1-9][0-9]*$"}]},
    "duration": {"type": "string", "pattern": "^[1-9][0-9]{0,5}[smhd]$"},
    "country": {"type": "string", "pattern": "^(?!FX)[A-Z]{2}$"},
    "address": {"type": "string", "pattern": r"^https?://[^\s/?#.]+\.[^\s]+$"},
    "code": {"type": ["string", "integer"], "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
}


def json_schema(kind: str) -> JsonSchema:
    """The JSON Schema of a kind of file: ``carrier``, ``order``, ``transporters`` or ``acceptance``.

    Raises KeyError for another kind.
    """
    keys = KINDS[kind]
    schema: JsonSchema = {"$schema": _DIALECT, "title": f"rakuten-orders: {kind}", **_object(keys)}
    if "extends" in keys:
        schema["if"] = {"not": {"required": ["extends"]}}
        schema["then"] = {"required": schema["required"]}
        schema["required"] = ["code"]
    if _mentions_conditions(schema):
        schema["$defs"] = {"condition": _condition(), "test": _test()}
    return schema


def _of(rules: Mapping[str, Any]) -> JsonSchema:
    """The JSON Schema of one value, from its Cerberus rules."""
    meta = rules.get("meta", {})
    types = rules["type"] if isinstance(rules["type"], list) else [rules["type"]]
    if meta.get("kind") == "condition":
        forms: list[JsonSchema] = [dict(_CONDITION)]
    else:
        forms = [_form(kind, rules, types) for kind in types]
    schema = forms[0] if len(forms) == 1 else {"anyOf": forms}
    return {"description": meta["about"], **schema} if meta.get("about") else schema


def _form(kind: str, rules: Mapping[str, Any], types: list[str]) -> JsonSchema:
    """The value as one of the types that it may have."""
    may_be_empty = rules.get("empty", kind != "string")
    if kind == "string":
        # Beside a list, the rules of the entries hold for the one value too.
        inner = rules["schema"] if "list" in types else rules
        return _scalar(inner, may_be_empty=inner.get("empty", False))
    if kind == "list":
        return {"type": "array", "items": _of(rules["schema"]), **({} if may_be_empty else {"minItems": 1})}
    form: JsonSchema = _object(rules["schema"]) if "schema" in rules else {"type": "object"}
    if "valuesrules" in rules:
        form["additionalProperties"] = _of(rules["valuesrules"])
    return form if may_be_empty else {**form, "minProperties": 1}


def _scalar(rules: Mapping[str, Any], *, may_be_empty: bool) -> JsonSchema:
    if "allowed" in rules:
        return {"enum": [value for text in rules["allowed"] for value in _spellings(text)]}
    known = _KINDS.get(rules.get("meta", {}).get("kind", "text"))
    if known is not None:
        return dict(known)
    return {"type": _SCALAR} if may_be_empty else {"type": _SCALAR, "minLength": 1}


def _spellings(text: str) -> list[object]:
    """What an editor may read where the loader sees ``text``."""
    if text in ("true", "false"):
        return [text, text == "true"]
    return [text, int(text)] if text.isdecimal() else [text]


def _object(keys: Mapping[str, Mapping[str, Any]]) -> JsonSchema:
    alternatives = [name for name, rules in keys.items() if rules.get("required") and "excludes" in rules]
    required = [name for name, rules in keys.items() if rules.get("required") and name not in alternatives]
    schema: JsonSchema = {
        "type": "object",
        "properties": {name: _of(rules) for name, rules in keys.items()},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    if alternatives:
        schema["oneOf"] = [{"required": [name]} for name in alternatives]
    return schema


def _condition() -> JsonSchema:
    several = {"type": "array", "items": _CONDITION, "minItems": 1}
    groups = {
        "any": {"description": "conditions of which one must hold", **several},
        "all": {"description": "conditions that must all hold", **several},
        "not": {"description": "a condition that must not hold", **_CONDITION},
    }
    return {
        "description": "fields and what must hold of them; all of them must hold",
        "type": "object",
        "minProperties": 1,
        "properties": groups,
        "additionalProperties": {"$ref": "#/$defs/test"},
    }


def _test() -> JsonSchema:
    value = {"anyOf": [{"type": _SCALAR}, {"type": "array", "items": {"type": _SCALAR}, "minItems": 1}]}
    return {
        "description": "tests of a field; all of them must hold",
        "type": "object",
        "minProperties": 1,
        "properties": {
            name: {"description": operator.about, **({"enum": [True, "true"]} if operator.takes == "true" else value)}
            for name, operator in OPERATORS.items()
        },
        "additionalProperties": False,
    }


def _mentions_conditions(schema: object) -> bool:
    if isinstance(schema, dict):
        return schema.get("$ref") == _CONDITION["$ref"] or any(map(_mentions_conditions, schema.values()))
    return isinstance(schema, list) and any(map(_mentions_conditions, schema))
