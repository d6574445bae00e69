"""The JSON Schemas for editors: what ships passes them, and what the checker refuses for its shape does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from rakuten_orders.cli.program import program
from rakuten_orders.schema_export import json_schema
from rakuten_orders.schemas import KINDS

CHECKOUT = Path(__file__).parents[1]
SHIPPED = sorted([*CHECKOUT.glob("carriers.d/*.yaml"), *CHECKOUT.glob("rules/*.yaml")])


def as_an_editor_reads(text: str) -> Any:
    """YAML with types, and dates as text, as the YAML 1.2 readers of editors have it."""

    class EditorLoader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
            first: [entry for entry in entries if entry[0] != "tag:yaml.org,2002:timestamp"]
            for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return yaml.load(text, Loader=EditorLoader)


def kind_of(value: Any) -> set[str]:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"number", "integer"} if isinstance(value, int) else {"number"}
    return {names[type(value)]}


def faults(value: Any, schema: Any, root: Any) -> list[str]:
    """What the part of JSON Schema that is used here finds; a keyword that it does not know fails the test."""
    found: list[str] = []
    for word, wanted in schema.items():
        if word in COMPOUND:
            found += COMPOUND[word](value, schema, root)
        elif word not in WITHOUT_EFFECT and not SIMPLE[word](value, wanted):
            found.append(f"{value!r}: {word} {wanted!r}")
    return found


def properties(value: Any, schema: Any, root: Any) -> list[str]:
    present = [key for key in schema["properties"] if isinstance(value, dict) and key in value]
    return [fault for key in present for fault in faults(value[key], schema["properties"][key], root)]


def additional(value: Any, schema: Any, root: Any) -> list[str]:
    rest = [key for key in value if key not in schema.get("properties", {})] if isinstance(value, dict) else []
    if schema["additionalProperties"] is False:
        return [f"unknown {key}" for key in rest]
    return [fault for key in rest for fault in faults(value[key], schema["additionalProperties"], root)]


def items(value: Any, schema: Any, root: Any) -> list[str]:
    entries = value if isinstance(value, list) else []
    return [fault for entry in entries for fault in faults(entry, schema["items"], root)]


def some_of(word: str, enough: Callable[[int], bool]) -> Callable[[Any, Any, Any], list[str]]:
    def check(value: Any, schema: Any, root: Any) -> list[str]:
        fitting = sum(not faults(value, one, root) for one in schema[word])
        return [] if enough(fitting) else [f"{value!r}: {fitting} of {word}"]

    return check


def negated(value: Any, schema: Any, root: Any) -> list[str]:
    return [] if faults(value, schema["not"], root) else [f"{value!r}: what must not be"]


def then(value: Any, schema: Any, root: Any) -> list[str]:
    return [] if faults(value, schema["if"], root) else faults(value, schema["then"], root)


def reference(value: Any, schema: Any, root: Any) -> list[str]:
    return faults(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)


WITHOUT_EFFECT = {"$schema", "$defs", "title", "description", "format", "if"}
SIMPLE: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, wanted: bool(kind_of(value) & set([wanted] if isinstance(wanted, str) else wanted)),
    "enum": lambda value, wanted: any(value == one and type(value) is type(one) for one in wanted),
    "pattern": lambda value, wanted: not isinstance(value, str) or bool(re.search(wanted, value)),
    "minimum": lambda value, wanted: not isinstance(value, int) or value >= wanted,
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "minItems": lambda value, wanted: not isinstance(value, list) or len(value) >= wanted,
    "minProperties": lambda value, wanted: not isinstance(value, dict) or len(value) >= wanted,
    "required": lambda value, wanted: not isinstance(value, dict) or set(wanted) <= set(value),
}
COMPOUND: dict[str, Callable[[Any, Any, Any], list[str]]] = {
    "properties": properties,
    "additionalProperties": additional,
    "items": items,
    "anyOf": some_of("anyOf", lambda fitting: fitting >= 1),
    "oneOf": some_of("oneOf", lambda fitting: fitting == 1),
    "not": negated,
    "then": then,
    "$ref": reference,
}


def test_there_is_a_schema_of_every_kind() -> None:
    """The command prints it, and refuses a kind that there is not."""
    for kind in KINDS:
        result = CliRunner().invoke(program, ["schema", kind])
        assert (result.exit_code, result.stderr) == (0, "")
        assert json.loads(result.stdout) == json_schema(kind)
        assert json_schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert CliRunner().invoke(program, ["schema", "carriers"]).exit_code == 2


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_passes(path: Path) -> None:
    """An editor underlines nothing in a shipped file."""
    data = as_an_editor_reads(path.read_text(encoding="utf-8"))
    schema = json_schema(data.get("kind", "carrier"))
    assert faults(data, schema, schema) == []


CARRIER = as_an_editor_reads((CHECKOUT / "carriers.d" / "colissimo.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "change",
    [
        {"nmae": "Colissimo"},
        {"countries": ["France"]},
        {"on_mismatch": "ignore"},
        {"sources": [{"read": "2026-11-23"}]},
        {"sources": [{"read": "2026-11-23", "url": "https://a.example", "note": "both"}]},
        {"tracking_numbers": []},
        {"tracking_numbers": [{"pattern": "[0-9]{8}", "checksum": {"algorithm": "luna"}}]},
        {"search_page": "yes"},
        {"code": "Colissimo FR"},
        {"examples": {"invalid": []}},
    ],
    ids=str,
)
def test_a_carrier_of_the_wrong_shape_fails(change: dict[str, Any]) -> None:
    """Misspelt keys, wrong words and missing parts are underlined."""
    schema = json_schema("carrier")
    assert faults(CARRIER, schema, schema) == []
    assert faults(CARRIER | change, schema, schema) != []


def test_a_carrier_that_extends_needs_no_more_than_its_code() -> None:
    """What the shipped file says need not be said again; without ``extends`` it must."""
    schema = json_schema("carrier")
    assert faults({"code": "colissimo", "extends": "colissimo", "aliases": ["COLI"]}, schema, schema) == []
    assert faults({"code": "colissimo", "aliases": ["COLI"]}, schema, schema) != []


@pytest.mark.parametrize(
    ("when", "well"),
    [
        ({"transporter": {"equals_any_of": ["POST-NL"]}}, True),
        ({"any": [{"country": {"equals_any_of": "NL"}}, {"not": {"postcode": {"is_empty": True}}}]}, True),
        ({"transporter": {"equals": "POST-NL"}}, False),
        ({"any": []}, False),
        ({"transporter": "POST-NL"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_conditions_are_checked_at_every_depth(when: dict[str, Any], well: bool) -> None:
    """The condition words and their nesting are in the schema."""
    schema = json_schema("transporters")
    rules = {"kind": "transporters", "mappings": [{"when": when, "carrier": "postnl"}]}
    assert (faults(rules, schema, schema) == []) is well
