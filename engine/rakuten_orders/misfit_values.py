"""Values that do not fit a schema, as findings that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cerberus import errors

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.meant import meant_country, meant_day, meant_duration, meant_key, meant_value
from rakuten_orders.names import code_of
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.scalars import quoted, read_differently
from rakuten_orders.schemas import FORMS, RULE_KINDS, TESTS, Rules
from rakuten_orders.yamlnodes import Node

_BULLET = re.compile(r"(?:[-•–—*·]\s*)")
_BETWEEN = re.compile(r"\s*[,;|\r\n]\s*")
_BETWEEN_COUNTRIES = re.compile(r"\W+(?:(?:et|and|ou|or)\W+)?")
_AROUND = ' <>"“”„«»‘’\u00a0'
_NEEDS_QUOTES = re.compile(r"[\[\]{},:#&*!|>'\"%@`]|\A[-?]")


def value_finding(document: Document, path: Path, error: Any, rules: Rules) -> Diagnostic:
    """The finding for a value that is there and wrong by Cerberus' ``error``; ``rules`` are those for its place."""
    value = error.value
    name = _name(path)
    if value is None or error.code in (errors.EMPTY_NOT_ALLOWED.code, errors.NOT_NULLABLE.code):
        variant = "entry" if isinstance(path[-1], int) else ""
        return document.finding("empty-value", path, variant, at_key=True, name=path[-1])
    if error.code == errors.UNALLOWED_VALUE.code:
        allowed = list(RULE_KINDS) if path == ("kind",) else [str(one) for one in error.constraint]
        near = meant_value(str(value), allowed)
        variant = "nearest" if near else ""
        choices = ", ".join(allowed)
        return document.finding("wrong-value", path, variant, name=name, value=value, known=choices, nearest=near)
    if error.code == errors.CUSTOM.code:
        return _form_finding(document, path, str(error.info[0]), value)
    return _type_finding(document, path, error, rules)


def _form_finding(document: Document, path: Path, kind: str, value: str) -> Diagnostic:
    """The finding for a text that has not the form of its kind, with the text that has it where that can be told."""
    near = _MEANT[kind](value) if kind in _MEANT else None
    several = _countries(value) if kind == "country" else []
    if len(several) > 1 and all(map(FORMS[kind], several)):
        near = ", ".join(several)
    elif near is None or not FORMS[kind](near):
        return document.finding("wrong-value", path, kind, name=_name(path), value=value)
    return document.finding("wrong-value", path, f"{kind}_meant", name=_name(path), value=value, nearest=near)


_MEANT: Mapping[str, Callable[[str], str | None]] = {
    "country": meant_country,
    "date": meant_day,
    "duration": meant_duration,
    "flag": lambda text: meant_value(text, ("true", "false")),
    "code": code_of,
    "address": lambda text: f"https://{text.strip(_AROUND)}",
}


def _type_finding(document: Document, path: Path, error: Any, rules: Rules) -> Diagnostic:
    """The finding for a list, a text or keys where something else is wanted."""
    wanted = error.constraint if isinstance(error.constraint, list) else [error.constraint]
    found = type(error.value).__name__
    name = _name(path)
    group = meant_key(name, ("any", "all")) if found == "list" and rules.get("schema") is TESTS else None
    if group is not None:
        return document.finding("unknown-key", path, at_key=True, name=name, nearest=group)
    variant, meant = _shaped(document, path, wanted, found, rules)
    expected = _type_names(wanted)
    return document.finding(
        "wrong-type", path, variant, name=name, meant=meant, expected=expected, found=_type_names([found])
    )


def _shaped(document: Document, path: Path, wanted: Sequence[str], found: str, rules: Rules) -> tuple[str, str]:
    """The variant of ``wrong-type``, and the text to write."""
    node = document.node(path)
    written = document.text[node.index : node.end] if found == "str" else ""
    entry = rules.get("schema", {})
    if wanted == ["list"] and entry.get("type") == "string" and found == "str":
        return "list", _flow_list(written if node.plain else str(node.value), entry)
    if wanted == ["list"] and found == "dict":
        return "entries", next(iter(node.keys), "")
    if wanted == ["list"] and found == "str" and "dict" in entry.get("type", ()):
        return "entry", f"{_first_key(entry, str(node.value))}: {written}"
    if "dict" in wanted and found == "str" and isinstance(path[-1], int) and "schema" in rules:
        return "entry", f"{_first_key(rules, str(node.value))}: {written}"
    if rules.get("schema") is TESTS:
        return "test", f"{{equals_any_of: [{written}]}}" if found == "str" else "{equals_any_of: […]}"
    if rules.get("check_with") == "condition":
        return "condition", ""
    if wanted == ["string"] and (end := _end(node, document.text)):
        return "text", quoted(document.text[node.index : end])
    return "", ""


def _flow_list(written: str, entry: Rules) -> str:
    """The list that was meant by a text, as it can be pasted: ``[FR, BE]``."""
    if entry["meta"]["kind"] == "country":
        entries = _countries(written)
    else:
        entries = [_BULLET.sub("", piece, count=1) for piece in _BETWEEN.split(written.strip())]
    return f"[{', '.join(_scalar(one) for one in entries if one)}]"


def _countries(written: str) -> list[str]:
    """The countries that a text lists, as their codes where they are known."""
    words = [word for word in _BETWEEN_COUNTRIES.split(written) if word]
    return [code if FORMS["country"](code := meant_country(word)) else word for word in words]


def _scalar(text: str) -> str:
    return quoted(text) if _NEEDS_QUOTES.search(text) or read_differently(text) else text


def _first_key(entry: Rules, value: str) -> str:
    """The key that a text without one most likely belongs behind."""
    keys: list[str] = [key for key, rules in entry.get("schema", {}).items() if rules.get("required")]
    address = value.startswith(("http://", "https://"))
    return next((key for key in keys if (key == "url") == address), keys[0] if keys else "…")


def _end(node: Node, text: str) -> int:
    """Where a list or keys in brackets on one line end in the text; 0 where they are not written so."""
    if text[node.index] not in "[{":
        return 0
    line = re.compile(r"[^\r\n]*").match(text, node.index)
    closing = line[0].rfind("]" if text[node.index] == "[" else "}") if line else -1
    return node.index + closing + 1 if closing > 0 else 0


def _name(path: Path) -> str:
    """The last key of ``path``: a list's entries go by the list's name."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _type_names(types: Sequence[Any]) -> str:
    words = {"string": "text", "str": "text", "dict": "keys and values", "list": "a list", "NoneType": "nothing"}
    return " or ".join(words.get(str(name), str(name)) for name in types)
