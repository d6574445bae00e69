"""The JSON Schemas for editors: what ships passes them, and what the checker refuses for its shape does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from rakuten_orders.cli.program import program
from rakuten_orders.schema_export import json_schema
from rakuten_orders.schemas import KINDS

CHECKOUT = Path(__file__).parents[1]
SHIPPED = sorted([*CHECKOUT.glob("carriers.d/*.yaml"), *CHECKOUT.glob("rules/*.yaml")])


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2 with its core schema, as the readers of editors have it: ``NO`` is text, ``012`` is 12, no dates."""


EditorLoader.yaml_implicit_resolvers = {}
for name, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{pattern})\Z"), first)
EditorLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def as_an_editor_reads(text: str) -> Any:
    """The values of a file. Raises YAMLError, or ValueError for a key that is none, where an editor says so itself."""
    return yaml.load(text, Loader=EditorLoader)


def faults(value: Any, kind: str) -> list[str]:
    """What the schema of that kind finds, by a validator that takes all of the standard."""
    validator = Draft202012Validator(json_schema(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind: str) -> None:
    """It follows the standard's own schema, and is written in the dialect that it names."""
    assert json_schema(kind)["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(json_schema(kind))


def undescribed(schema: Any, path: str) -> Iterator[str]:
    """The keys, and the places for keys of any name, that say nothing about themselves."""
    if isinstance(schema, list):
        for entry in schema:
            yield from undescribed(entry, path)
    elif isinstance(schema, dict):
        places = dict(schema.get("properties", {}))
        if isinstance(schema.get("additionalProperties"), dict):
            places["*"] = schema["additionalProperties"]
        for key, below in places.items():
            if "description" not in below and "$ref" not in below:
                yield f"{path}.{key}"
        for word, below in schema.items():
            yield from undescribed(below, f"{path}.{word}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_described(kind: str) -> None:
    """Whoever rests the mouse on a key reads what it is."""
    assert list(undescribed(json_schema(kind), kind)) == []


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
    assert faults(data, data.get("kind", "carrier")) == []


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
    assert faults(CARRIER, "carrier") == []
    assert faults(CARRIER | change, "carrier") != []


def test_a_carrier_that_extends_needs_no_more_than_its_code() -> None:
    """What the shipped file says need not be said again; without ``extends`` it must."""
    assert faults({"code": "colissimo", "extends": "colissimo", "aliases": ["COLI"]}, "carrier") == []
    assert faults({"code": "colissimo", "aliases": ["COLI"]}, "carrier") != []


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
    rules = {"kind": "transporters", "mappings": [{"when": when, "carrier": "postnl"}]}
    assert (faults(rules, "transporters") == []) is well


SHAPE = {"empty-file", "unknown-key", "missing-key", "wrong-type", "wrong-value", "empty-value"}
"""Findings that a schema has as well; all others are about the text of the file, or about its meaning."""

MEANING = {
    # Two keys, or a key and the file's name, have to be looked at together.
    *("code-of-the-file-copied-from", "example-without-url", "extends-another-carrier", "from-and-value"),
    *("name-inside-a-name", "no-invalid-example", "no-tracking-url", "nothing-to-read-from", "nothing-to-remove"),
    *("template-without-with", "confidence-low-without-a-note", "extends-with-other-numbers-alone"),
    *("kiala-without-url", "tail-for-all-characters", "copied-with-its-code", "extended-under-another-name"),
    # A value is one of a list that only the checker has: countries, Rakuten's names, zones, fields.
    *("field-of-the-engine", "misspelt-field-in-a-condition", "rakuten-name-in-capitals", "united-kingdom-as-uk"),
    *("countries-all", "field-in-french", "field-name-with-capitals", "name-is-only-punctuation", "zone-that-is-none"),
    # A value is read otherwise beside another word.
    *("text-where-a-day-is-compared", "text-where-a-number-is-compared"),
    *("amount-with-comma", "amount-with-euro", "date-format-in-words", "default-with-decimal-comma"),
}
"""Cases that have such a finding and pass the schema all the same, since it is about what a value means."""

TEXT = {"brackets-beyond-measure", "indented-with-no-break-spaces", "line-numbers-copied", "two-kinds-in-one-file"}
"""Cases whose text the checker refuses before it looks at their shape, which is wrong as well."""

NO_KIND = {"carrier-among-rules", "kind-acceptation", "kind-that-is-none", "misspelt-kind", "no-kind"}
"""Rule files that do not say which schema is theirs."""


def corpus() -> Iterator[Any]:
    """Every file of the corpora, with its kind and the codes that are expected of it."""
    for path in sorted(CHECKOUT.glob("tests/*/*/**/*.yaml")):
        area, sort = path.relative_to(CHECKOUT / "tests").parts[:2]
        if area not in ("carriers", "rules"):
            continue
        alone = path.parent.name == sort
        out = path.with_suffix(".out") if alone else path.parent.with_suffix(".out")
        expected = out.read_text(encoding="utf-8").splitlines() if sort == "err" else []
        codes = {line.split()[-1] for line in expected if alone or line.startswith(f"{path.name}:")}
        yield pytest.param(area, path, codes, id=f"{area}-{sort}-{path.stem if alone else path.parent.name}")


@pytest.mark.parametrize(("area", "path", "codes"), list(corpus()))
def test_an_editor_and_the_checker_agree(area: str, path: Path, codes: set[str]) -> None:
    """A file that is silent is so in an editor, and one whose shape is wrong has a fault there, but for ``MEANING``."""
    try:
        data = as_an_editor_reads(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, ValueError):
        assert codes - SHAPE, "an editor cannot read it"
        return
    kind = "carrier" if area == "carriers" else data.get("kind")
    if kind not in KINDS:
        assert path.stem in NO_KIND or path.parent.name in NO_KIND
        return
    found = faults(data, kind)
    name = path.stem if path.with_suffix(".out").exists() else path.parent.name
    assert bool(found) is bool(name in TEXT or (codes & SHAPE and not {name, path.stem} & MEANING)), found


def test_what_may_differ_is_there() -> None:
    """No exception is listed for a case that is gone."""
    assert {path.stem for path in CHECKOUT.glob("tests/*/err/*")} >= MEANING | NO_KIND | TEXT
