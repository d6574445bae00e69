"""Advice: warnings about files that load and are probably not what was meant; nothing of it stops a set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.checking import check, gather
from rakuten_orders.conditions import compile_condition
from rakuten_orders.subsumption import covers

CARRIER = """\
code: dupuis
name: Dupuis
tracking_numbers:
  - pattern: '{pattern}'
    checksum: {{algorithm: s10}}
tracking_url: 'https://www.example.com/{branch}{{{{ tracking_number }}}}'
confidence: {confidence}
sources:
  - note: {note}
    read: 2026-11-23
examples:
  valid:
    - {{tracking_number: RR123456785FR, country: FR, url: 'https://www.example.com/{start}RR123456785FR'}}
  invalid:
    - {{tracking_number: '1', because: too short}}
"""
GOOD = {"pattern": "[A-Z]{2}[0-9]{9}FR", "branch": "", "start": "", "confidence": "high", "note": "a mail"}


def advice(folder: Path, **change: str) -> list[tuple[int, str]]:
    """Line and code of what the checker says of the carrier with that change; the set loads all the same."""
    (folder / "dupuis.yaml").write_text(CARRIER.format(**{**GOOD, **change}), encoding="utf-8")
    report = check(*gather([folder]))
    assert report.digest is not None
    return [(found.line, found.code) for found in report.diagnostics if found.severity == "warning"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"pattern": "^[A-Z]{2}[0-9]{9}FR$"}, [(4, "superfluous-anchor")]),
        ({"pattern": "RR123456785FR|[0-9]{8}"}, []),
        ({"branch": '{% if country == "FR" %}fr/{% endif %}', "start": "fr/"}, [(6, "no-else")]),
        ({"branch": '{% if country == "FR" %}fr/{% else %}en/{% endif %}', "start": "fr/"}, []),
        ({"branch": "{% if country %}{{ country }}/{% endif %}", "start": "FR/"}, []),
        ({"note": "“a mail”"}, [(9, "look-alike")]),
        ({"note": "a mail of １２"}, [(9, "look-alike")]),
        ({"note": "mail #12 of Dupuis"}, [(9, "swallowed-text")]),
        ({"note": "a mail # answered by Dupuis"}, []),
        ({"note": "'mail #12 of Dupuis'"}, []),
    ],
)
def test_a_carrier(tmp_path: Path, change: dict[str, str], expected: list[tuple[int, str]]) -> None:
    """Each piece of advice at its line, and none for what is well."""
    assert advice(tmp_path, **change) == expected


def test_a_check_digit_that_no_number_of_the_form_can_have(tmp_path: Path) -> None:
    """S10 has thirteen characters."""
    text = CARRIER.format(**{**GOOD, "pattern": "FR[0-9]{8}"})
    (tmp_path / "dupuis.yaml").write_text(text)
    found = [one for one in check(*gather([tmp_path])).diagnostics if one.severity == "warning"]
    assert [(one.line, one.code) for one in found] == [(5, "checksum-length")]
    assert "10 to 10" in found[0].message


def rules(folder: Path, text: str) -> list[tuple[int, str, str]]:
    (folder / "rules").mkdir()
    (folder / "rules" / "transporters.yaml").write_text("kind: transporters\nmappings:\n" + text)
    report = check(*gather([folder / "rules"]))
    assert report.digest is not None
    return [(found.line, found.code, found.message) for found in report.diagnostics]


def test_a_rule_behind_a_wider_one(tmp_path: Path) -> None:
    """The earlier rule's line is named; a narrower rule in front is well."""
    found = rules(
        tmp_path,
        "  - {when: {country: {equals_any_of: [NL]}, postcode: {is_not_empty: true}}, carrier: postnl}\n"
        "  - {when: {country: {equals_any_of: [NL, BE]}}, carrier: bpost}\n"
        "  - {when: {country: {equals_any_of: [BE]}, transporter: {equals_any_of: [X]}}, carrier: ups}\n",
    )
    assert [(line, code) for line, code, _message in found] == [(5, "unreachable-rule")]
    assert "line 4" in found[0][2]


def test_a_rule_twice(tmp_path: Path) -> None:
    """Repetition is told as such."""
    rule = "  - {when: {country: {equals_any_of: [NL]}}, carrier: postnl}\n"
    assert rules(tmp_path, rule + rule) == [(4, "unreachable-rule", "this rule repeats the one in line 3")]


def test_tables(tmp_path: Path) -> None:
    """Keys that look alike, with both lines, and a table that nothing looks into."""
    folder = tmp_path / "rules" / "tables"
    folder.mkdir(parents=True)
    (folder / "products.csv").write_text("key,value\n0017,1\nA,2\n17,3\n")
    report = check(*gather([tmp_path / "rules"]))
    assert [(found.line, found.code) for found in report.diagnostics] == [(1, "unused"), (4, "similar-keys")]
    assert "0017 (line 2)" in report.diagnostics[1].message


TESTS = st.dictionaries(
    st.sampled_from(
        [
            "equals_any_of",
            "not_equals_any_of",
            "contains_any_of",
            "starts_with",
            "ends_with",
            "is_not_empty",
            "is_empty",
        ]
    ),
    st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=3),
    min_size=1,
    max_size=2,
).map(lambda tests: {word: "true" if word.startswith("is_") else values for word, values in tests.items()})
WHENS = st.dictionaries(st.sampled_from(["x", "y"]), TESTS, min_size=1)


@given(WHENS, WHENS, st.dictionaries(st.sampled_from(["x", "y"]), st.text("ab", max_size=3)))
def test_what_is_covered_never_holds_alone(wide: Any, narrow: Any, values: dict[str, str]) -> None:
    """Where the narrower condition holds, so does the one that covers it."""

    def lookup(name: str) -> str | None:
        return values.get(name) or None

    if covers(wide, narrow) and compile_condition(narrow)(lookup):
        assert compile_condition(wide)(lookup)


def test_covering_is_found() -> None:
    """The cases that people write."""
    assert covers({"x": {"starts_with": "a"}}, {"x": {"equals_any_of": ["ab", "ac"]}})
    assert covers({"x": {"contains_any_of": ["b"]}}, {"x": {"ends_with": "ab"}, "y": {"is_empty": "true"}})
    assert covers({"x": {"not_equals_any_of": ["a"]}}, {"x": {"equals_any_of": ["b"]}})
    assert not covers({"x": {"equals_any_of": ["a"]}}, {"x": {"equals_any_of": ["a", "b"]}})
    assert not covers({"any": [{"x": {"is_empty": "true"}}]}, {"x": {"is_empty": "true"}})
