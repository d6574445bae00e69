"""Shapes: what a schema refuses, where the finding stands, and what of a wrong file is left to look into."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rakuten_orders.connection import config
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.fitting import fits
from rakuten_orders.misfits import FileValidator
from rakuten_orders.rulefiles import Document, read_document
from rakuten_orders.schemas import FORMS, KINDS, TESTS, duration, mapping
from rakuten_orders.shape import check_shape

ROOT = Path(__file__).parents[1]
SHIPPED = {
    **{path.stem: ("carrier", path) for path in sorted(ROOT.glob("carriers.d/*.yaml"))},
    **{path.stem: (path.stem, path) for path in sorted(ROOT.glob("rules/*.yaml"))},
}
DATA = {name: (kind, yaml.load(path.read_text("utf-8"), yaml.BaseLoader)) for name, (kind, path) in SHIPPED.items()}

CARRIER = """\
code: x
name: X
tracking_url: 'https://x.example/?n={{ tracking_number }}'
sources:
  - note: a mail
    read: 2026-11-23
examples:
  valid:
    - tracking_number: '1'
      url: 'https://x.example/?n=1'
"""


def shape(text: str, kind: str = "carrier", *, partial: bool = False) -> tuple[Document, list[Diagnostic]]:
    document, findings = read_document("f.yaml", text.encode())
    assert document is not None, findings
    return check_shape(document, kind, partial=partial)


def found(text: str, kind: str = "carrier", *, partial: bool = False) -> list[tuple[int, int, str]]:
    return sorted((one.line, one.column, one.code) for one in shape(text, kind, partial=partial)[1])


def changed(old: str, new: str) -> str:
    assert CARRIER.count(old) == 1
    return CARRIER.replace(old, new)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_have_their_shape(name: str) -> None:
    """Nothing is said about them, and nothing is left out."""
    kind, path = SHIPPED[name]
    document, findings = shape(path.read_text(encoding="utf-8"), kind)
    assert findings == []
    assert document.sound
    assert document.data == {**DATA[name][1]}


class TestPlaces:
    """Every finding stands where a person has to write."""

    def test_an_unknown_key_stands_at_the_key(self) -> None:
        """With the nearest key as a hint; else with all there are."""
        text = changed("name: X\n", "name: X\nalias: [Y]\n")
        assert found(text) == [(3, 1, "unknown-key")]
        assert shape(text)[1][0].hint == 'did you mean "aliases"?'
        text = changed("      url: 'https", "      qqq: 1\n      url: 'https")
        assert found(text) == [(10, 7, "unknown-key")]
        assert "tracking_number, url" in shape(text)[1][0].hint

    def test_a_missing_key_stands_at_its_parents_first_key(self) -> None:
        """At the file's first key, or at that of the entry."""
        assert found(changed("name: X\n", "")) == [(1, 1, "missing-key")]
        assert found("# a comment\n\n" + changed("name: X\n", "")) == [(3, 1, "missing-key")]
        assert found(changed("    read: 2026-11-23\n", "")) == [(5, 5, "missing-key")]
        assert found(changed("  - note: a mail\n    read: 2026-11-23\n", "  - {}\n")) == [(5, 5, "missing-key")] * 2

    def test_a_wrong_value_stands_at_the_value(self) -> None:
        """A mapping where none is meant at its first key; nothing at all at the key that has nothing."""
        assert found(changed("name: X", "name: X\non_mismatch: ignore")) == [(3, 14, "wrong-value")]
        assert found(changed("read: 2026-11-23", "read: 23/11/2026")) == [(6, 11, "wrong-value")]
        assert found(changed("name: X", "name: [X]")) == [(2, 7, "wrong-type")]
        assert found(changed("name: X", "name:\n  a: b\n  c: d")) == [(3, 3, "wrong-type")]
        assert found(changed("name: X", "name:")) == [(2, 1, "empty-value")]
        assert found(changed("name: X", "name: ''")) == [(2, 1, "empty-value")]
        assert found(changed("name: X", "name: X\naliases:\n  -\n  - Y")) == [(4, 4, "empty-value")]
        assert found(changed("name: X", "name: X\naliases: []\ncountries: [FR, ZZ]")) == [(4, 17, "wrong-value")]


class TestOneMistakeOneFinding:
    """No mistake is told twice, and none is hidden by another."""

    @pytest.mark.parametrize("key", [key for key, rules in KINDS["carrier"].items() if rules.get("required")])
    def test_a_misspelt_required_key(self, key: str) -> None:
        """It is unknown, and not missing besides."""
        line = next(line for line in CARRIER.splitlines() if line.startswith(f"{key}:"))
        at = CARRIER.splitlines().index(line) + 1
        text = CARRIER.replace(f"\n{line}" if at > 1 else line, f"\nx{line}" if at > 1 else f"x{line}", 1)
        assert found(text) == [(at, 1, "unknown-key")]
        document, _ = shape(text)
        assert not document.lacks((key,))

    def test_two_unknown_keys_near_one_that_is_missing(self) -> None:
        """Each is told, and nothing more."""
        text = changed("name: X", "nmae: X\nnaem: Y")
        assert found(text) == [(2, 1, "unknown-key"), (3, 1, "unknown-key")]

    def test_a_misspelt_key_beside_the_right_one(self) -> None:
        """Only the misspelt one is told."""
        assert found(changed("name: X", "name: X\nnmae: Y")) == [(3, 1, "unknown-key")]

    def test_of_two_keys_that_exclude_each_other_the_later_is_told(self) -> None:
        """And where both are missing, one finding names both."""
        assert found(changed("note: a mail", "note: a mail\n    url: 'https://x.example'")) == [(6, 10, "wrong-value")]
        assert found(changed("note: a mail", "url: 'https://x.example'\n    note: a mail")) == [(6, 11, "wrong-value")]
        document, findings = shape(changed("- note: a mail\n    read", "- read"))
        (only,) = findings
        assert (only.line, only.column, only.message) == (5, 5, 'one of the keys "url" and "note" is missing')
        assert found(changed("note: a mail", "noet: a mail")) == [(5, 5, "unknown-key")]
        assert found(changed("note: a mail", "ulr: a mail")) == [(5, 5, "unknown-key")]
        assert document.data["sources"] == [{"read": "2026-11-23"}]

    def test_what_cannot_be_read_is_not_missing(self) -> None:
        """An alias, a tag or braces without quotes have their own finding; the key is there."""
        for value in ("*x", "!x", "&x", "{{ x }}", "&x X"):
            assert found(changed("name: X", f"name: {value}")) == []

    def test_ten_mistakes_are_ten_findings(self) -> None:
        """All of them at once, wherever they are."""
        text = """\
code: X Y
nmae: X
countries: [ZZ, FR, UK]
tracking_numbers:
  - pattern: '1'
    checksum: {algorithm: lunh}
  - {checksum: {algorithm: luhn, tail: zwei}}
tracking_url:
confidence: sure
sources: none
examples: {valid: []}
format: 2
"""
        assert found(text) == [
            (1, 7, "wrong-value"),
            (2, 1, "unknown-key"),
            (3, 13, "wrong-value"),
            (3, 21, "wrong-value"),
            (6, 27, "wrong-value"),
            (7, 6, "missing-key"),
            (7, 40, "wrong-value"),
            (8, 1, "empty-value"),
            (9, 13, "wrong-value"),
            (10, 10, "wrong-type"),
            (11, 12, "empty-value"),
            (12, 9, "wrong-value"),
        ]


class TestKindsOfText:
    """Texts that stand for something have its form."""

    @pytest.mark.parametrize(
        ("key", "good", "bad"),
        [
            ("search_page", ["true", "false", "'true'"], ["yes", "True", "1", "oui"]),
            ("countries", ["[FR, BE]", "['NO']"], ["[fr]", "[FRA]", "[EU]", "[ZZ]", "[ＦＲ]", "[UK]"]),
            ("operator", ["la-poste", "x1", "'1'"], ["La-Poste", "la_poste", "-x", "x-", "x--y", "é"]),
            ("on_mismatch", ["warn", "refuse"], ["Warn", "ignore"]),
            ("format", ["1", "'1'"], ["2", "01", "one"]),
            ("extends", ["x"], ["X"]),
        ],
    )
    def test_forms(self, key: str, good: list[str], bad: list[str]) -> None:
        """What is not of the form is one finding."""
        for value in good:
            assert found(f"{CARRIER}{key}: {value}\n") == []
        for value in bad:
            assert [code for _line, _column, code in found(f"{CARRIER}{key}: {value}\n")] == ["wrong-value"], value

    @pytest.mark.parametrize("day", ["2026-11-23", "'2026-11-23'", "2024-02-29"])
    def test_days(self, day: str) -> None:
        """A day, quoted or not."""
        assert found(changed("2026-11-23", day)) == []

    @pytest.mark.parametrize(
        "day", ["2026-02-29", "2026-W47-1", "20261123", "2026-11-23T10:00", "２０２６-11-23", "soon"]
    )
    def test_no_days(self, day: str) -> None:
        """Weeks, times and days that never were are none."""
        assert found(changed("2026-11-23", day)) == [(6, 11, "wrong-value")]

    def test_spans_of_time(self) -> None:
        """A number and a unit."""
        spans = {"90s": 90, "10m": 600, "3h": 10_800, "2d": 172_800}
        assert {text: int(span.total_seconds()) for text in spans if (span := duration(text))} == spans
        assert [duration(text) for text in ("0s", "3", "h", "3 h", "-3h", "1234567d", "3H", "３h", "")] == [None] * 9

    def test_one_entry_instead_of_a_list(self) -> None:
        """It has to be what an entry has to be."""
        rules = "kind: order\norder: {{a: {{from: purchaseid, then: {}}}}}\nlines: {{b: sku}}\n"
        assert found(rules.format("upper"), "order") == []
        assert found(rules.format("[upper, lower]"), "order") == []
        assert found(rules.format("uper"), "order") == [(2, 37, "wrong-value")]
        assert found(rules.format("[uper]"), "order") == [(2, 38, "wrong-value")]
        assert found(rules.format("''"), "order") == [(2, 31, "empty-value")]
        assert found(rules.format("[]"), "order") == [(2, 31, "empty-value")]

    def test_the_empty_text_may_be_compared(self) -> None:
        """In a condition it stands for what is missing, in a list or alone."""
        text = "kind: acceptance\nships_from: FR\nhold: [{{when: {{item.sku: {{equals_any_of: {}}}}}, because: x}}]\n"
        assert found(text.format("['', Y]"), "acceptance") == []
        assert found(text.format("''"), "acceptance") == []
        assert found(text.format(""), "acceptance") == [(3, 27, "empty-value")]
        assert found(text.format("[]"), "acceptance") == [(3, 27, "empty-value")]


class TestConditions:
    """Conditions are checked as deep as they go."""

    TEXT = "kind: acceptance\nships_from: FR\nhold:\n  - when: {}\n    because: x\n"

    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            ("{a: {is_empty: true}}", []),
            ("{any: [{a: {is_empty: true}}, {not: {all: [{b: {starts_with: x}}]}}]}", []),
            ("{}", [(4, 5, "empty-value")]),
            ("yes", [(4, 11, "wrong-type")]),
            ("{a: x}", [(4, 15, "wrong-type")]),
            ("{a: {}}", [(4, 12, "empty-value")]),
            ("{a: {is_emtpy: true}}", [(4, 16, "unknown-key")]),
            ("{a: {is_empty: 'false'}}", [(4, 26, "wrong-value")]),
            ("{any: {a: {is_empty: true}}}", [(4, 18, "wrong-type")]),
            ("{any: []}", [(4, 12, "empty-value")]),
            ("{not: [{a: {is_empty: true}}]}", [(4, 17, "wrong-type")]),
            ("{any: [{a: {is_empty: true}}, {not: {b: {strats_with: x}}}]}", [(4, 52, "unknown-key")]),
            ("{a: {starts_with: {b: c}}}", [(4, 30, "wrong-type")]),
            ("{a: {starts_with: [[b]]}}", [(4, 30, "wrong-type")]),
        ],
    )
    def test_shapes(self, when: str, expected: object) -> None:
        """What is wrong is found at its place."""
        assert found(self.TEXT.format(when), "acceptance") == expected


class TestLookAlikes:
    """Unquoted texts that other tools change: told where text is meant, silent where they are right."""

    @pytest.mark.parametrize(
        "value", ["NO", "012", "0012389", "1_000", "12:30", "2026-11-23", "1e3", "1.10", "true", "null", "0x1F"]
    )
    def test_where_text_is_meant(self, value: str) -> None:
        """The text stays as written, with a warning at its place; quoted it is silent."""
        document, findings = shape(changed("name: X", f"name: {value}"))
        (only,) = findings
        assert (only.line, only.column, only.code, only.severity) == (2, 7, "ambiguous-scalar", "warning")
        assert document.data["name"] == value
        assert document.sound
        assert found(changed("name: X", f"name: '{value}'")) == []
        assert found(changed("name: X", f'name: "{value}"')) == []

    def test_everywhere_in_a_carrier(self) -> None:
        """In lists, examples and patterns too; not at days, flags and numbers."""
        text = changed("name: X", "name: X\naliases: [012]\ncountries: [FR, NO]\ntracking_numbers: [{pattern: 0123}]")
        text = text.replace("'1'", "0012345").replace("read: 2026-11-23", "read: '2026-11-23'") + "search_page: false\n"
        assert found(text) == [
            (3, 11, "ambiguous-scalar"),
            (4, 17, "ambiguous-scalar"),
            (5, 30, "ambiguous-scalar"),
            (12, 24, "ambiguous-scalar"),
        ]

    def test_where_a_number_or_a_day_is_compared(self) -> None:
        """A condition that compares numbers or days takes them plain; one that compares texts does not."""
        text = "kind: acceptance\nships_from: FR\nhold: [{{when: {{a: {{{}}}}}, because: x}}]\n"
        for silent in ("is_less_than: 1.10", "is_before: 2026-01-01", "is_on_or_after: [2026-01-01]", "is_empty: true"):
            assert found(text.format(silent), "acceptance") == [], silent
        for told in ("equals_any_of: 1.10", "starts_with: [2026-01-01]", "matches: 012", "not_equals_any_of: true"):
            assert [code for *_, code in found(text.format(told), "acceptance")] == ["ambiguous-scalar"], told

    def test_where_a_field_has_a_type(self) -> None:
        """A constant of a field that becomes a number or a day is right as it is."""
        text = "kind: order\norder: {{a: {{value: {}}}}}\nlines: {{b: {{from: sku, default: {}}}}}\n"
        assert found(text.format("1.10, type: decimal", "true, type: boolean"), "order") == []
        assert [code for *_, code in found(text.format("1.10, type: text", "2026-01-01"), "order")] == [
            "ambiguous-scalar"
        ] * 2

    def test_names_that_a_file_gives_itself(self) -> None:
        """A field called "no" is called "false" elsewhere; keys of the format never are in doubt."""
        assert found("kind: order\norder: {no: purchaseid}\nlines: {b: sku, 012: sku}\n", "order") == [
            (2, 9, "ambiguous-scalar"),
            (3, 17, "ambiguous-scalar"),
        ]

    def test_not_below_a_key_that_is_unknown(self) -> None:
        """What would be meant there nobody knows."""
        assert found(changed("name: X", "name: X\nserach_page: true")) == [(3, 1, "unknown-key")]


class TestExtending:
    """A carrier that extends another may lack what that one has."""

    def test_only_the_code_is_needed(self) -> None:
        """And what is there has to be right all the same."""
        assert found("code: x\nextends: x\n", partial=True) == []
        assert found("extends: x\n", partial=True) == [(1, 1, "missing-key")]
        assert found("code: x\nextends: x\nexamples: {invalid: [{tracking_number: '1'}]}\n", partial=True) == []
        assert found("code: x\nextends: x\nsources: [{read: 2026-11-23}]\n", partial=True) == [(3, 12, "missing-key")]
        assert found("code: x\nextends: x\nexamples: {valid: [{}]}\n", partial=True) == [(3, 20, "missing-key")]


class TestTheDefinition:
    """One definition: Cerberus' rules, read twice."""

    @pytest.mark.parametrize("schema", [*KINDS.values(), config.SCHEMA], ids=[*KINDS, "configuration"])
    def test_schemas_are_what_cerberus_takes(self, schema: dict[str, Any]) -> None:
        """Cerberus itself finds nothing wrong with them."""
        FileValidator(schema)

    @pytest.mark.parametrize("schema", [*KINDS.values(), config.SCHEMA], ids=[*KINDS, "configuration"])
    def test_schemas_use_no_rule_that_only_cerberus_knows(self, schema: dict[str, Any]) -> None:
        """What says yes without Cerberus knows all of them, and every kind with a form."""
        known = {"type", "empty", "allowed", "check_with", "schema", "valuesrules", "required", "excludes", "nullable"}

        def used(rules: dict[str, Any]) -> set[str]:
            below = rules.get("schema", {})
            parts = [rules["valuesrules"]] if "valuesrules" in rules else []
            parts += [below] if "type" in below and not isinstance(below["type"], dict) else list(below.values())
            return set(rules).union(*map(used, parts))

        assert used(mapping("all", schema)) - {"meta", "default"} <= known
        kinds = {"integer": "1", "flag": "true", "date": "2026-11-23", "duration": "1h", "country": "FR", "code": "x"}
        kinds["address"] = "https://example.com/suivi"
        assert all(FORMS[kind](text) and not FORMS[kind]("?") for kind, text in kinds.items())
        assert FORMS.keys() == kinds.keys()


class TestEffort:
    """Checking takes as long as the file is."""

    @pytest.mark.parametrize(
        ("kind", "head", "line"),
        [
            ("carrier", "code: x\ncountries:\n", "  - zz\n"),
            ("carrier", "code: x\nsources:\n", "  - {urlx: a, reed: b}\n"),
            ("carrier", "code: x\nexamples:\n valid:\n", "  - [a]\n"),
            ("acceptance", "kind: acceptance\nhold:\n", "  - {when: {a: {is_emtpy: true, foo: x}}, becuase: x}\n"),
        ],
    )
    def test_many_mistakes_stay_cheap(self, kind: str, head: str, line: str) -> None:
        """Four thousand wrong entries are told in a moment: the time does not grow with their square."""
        document, _ = read_document("f.yaml", (head + line * 4000).encode())
        assert document is not None
        started = time.process_time()
        _, findings = check_shape(document, kind)
        assert time.process_time() - started < 4
        assert len(findings) >= 4000

    def test_a_good_set_loads_without_cerberus(self) -> None:
        """Nobody waits for it who has nothing wrong."""
        program = "import sys; from rakuten_orders import Engine; Engine.load(); print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert "rakuten_orders.fitting" in done.stdout.split()
        assert "cerberus" not in done.stdout.split()

    def test_threads_do_not_mix_up_their_files(self) -> None:
        """Several threads that check at a time each find what is in their own file."""
        texts = [changed("name: X", f"name: X\n{'x' * (n + 1)}: 1") for n in range(8)]
        expected = [shape(text)[1] for text in texts]
        got: list[Any] = [None] * len(texts)

        def work(index: int) -> None:
            got[index] = [shape(texts[index])[1] for _ in range(20)]

        threads = [threading.Thread(target=work, args=(index,)) for index in range(len(texts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [[findings] * 20 for findings in expected]


ANYTHING = st.recursive(
    st.none() | st.sampled_from(["", "x", "true", "FR", "2026-11-23", "3h", "1", "{{ x }}", "sku", "upper"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*KINDS["carrier"], *KINDS["order"], *TESTS, "any", "not", "a", "from"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in below for place in _places(entry, (*path, key)))]


CONFIGURATION: dict[str, Any] = {
    "connections": {
        "main": {
            "login": "boutiquefr",
            "token": {"env": "T"},
            "since": "2026-11-01",
            "getnewsales_every": "1h",
            "carriers": ["a", "b"],
            "versions": {"getcurrentsales": "2017-08-07"},
            "back_office": {"url": "x", "header": {"name": "a", "value": {"command": ["a", "b"]}}},
        },
        "second": {"login": "x", "token": {"command": "a"}, "carriers": "a", "back_office": {"folder": "x"}},
    },
    "notify": {"url": {"env": "N"}, "format": "slack"},
}


@st.composite
def nearly(draw: st.DrawFn, files: dict[str, tuple[str, Any]]) -> tuple[str, Any]:
    """A file's data with up to three values replaced, taken out, or put under another key."""
    kind, data = files[draw(st.sampled_from(list(files)))]
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(0, 3))):
        places = _places(data)[1:]
        if not places:
            break
        *parents, last = draw(st.sampled_from(places))
        inside = data
        for step in parents:
            inside = inside[step]
        act = draw(st.sampled_from(["replace", "drop", "rename"]))
        if act == "replace":
            inside[last] = draw(ANYTHING)
        elif act == "drop" or not isinstance(inside, dict):
            del inside[last]
        else:
            inside[draw(st.sampled_from([f"x{last}", str(last)[1:] or "x", "because"]))] = inside.pop(last)
    return kind, data


ANY_FILE = nearly(DATA) | st.tuples(
    st.sampled_from(list(KINDS)), st.dictionaries(st.sampled_from(list(KINDS["order"])), ANYTHING)
)


@settings(max_examples=300, deadline=None)
@given(ANY_FILE)
def test_any_structure(kind_and_data: tuple[str, Any]) -> None:
    """Whatever the data, checking ends with findings that have a place; what is left only lacks something."""
    kind, data = kind_and_data
    text = json.dumps(data, ensure_ascii=False, indent=1).replace(": null", ":")
    document, findings = read_document("f.yaml", text.encode())
    if document is None:
        return
    for partial in (False, True):
        left, findings = check_shape(document, kind, partial=partial and kind == "carrier")
        assert all(1 <= one.line <= text.count("\n") + 1 for one in findings)
        assert left.sound == (document.sound and not any(one.severity == "error" for one in findings))
        _, more = check_shape(left, kind, partial=partial and kind == "carrier")
        assert {one.code for one in more} <= {"missing-key", "empty-value", "ambiguous-scalar"}


@settings(max_examples=300, deadline=None)
@given(ANY_FILE | nearly({"main": ("configuration", CONFIGURATION)}))
def test_yes_and_no_are_cerberus_yes_and_no(kind_and_data: tuple[str, Any]) -> None:
    """The quick answer is always the one that Cerberus gives."""
    kind, data = kind_and_data
    schema = {**KINDS, "configuration": config.SCHEMA}[kind]
    assert fits(data, mapping("all", schema)) == FileValidator(schema, is_child=True).validate(data, normalize=False)
