"""Coverage: what the examples of a file reach, point by point, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rakuten_orders.checking import check, gather
from rakuten_orders.cli.program import program

CARRIER = """\
code: transports-dupuis
name: Transports Dupuis
tracking_numbers:
  - pattern: 'DU[0-9]{8}'
  - pattern: '[0-9]{12}'
tracking_url: 'https://www.example.com/{% if postcode %}{{ postcode }}/{% endif %}{{ tracking_number }}'
sources:
  - note: a mail
    read: 2026-11-23
examples:
  valid:
"""
PLAIN = "    - {tracking_number: DU12345678, url: 'https://www.example.com/DU12345678'}\n"
WITH_POSTCODE = (
    "    - {tracking_number: '123456789012', postcode: '75011', url: 'https://www.example.com/75011/123456789012'}\n"
)
INVALID = "  invalid:\n    - {tracking_number: '1', because: too short}\n"


def missing(folder: Path) -> list[tuple[int, str]]:
    """Line and sentence of each point of the folder's files that no example reaches."""
    report = check(*gather([folder]), coverage=True)
    assert not report.count("error"), report.diagnostics
    return [(point.missing.line, point.missing.message) for point in report.points if not point.reached]


def test_a_format_and_both_ways_of_a_test_are_points(tmp_path: Path) -> None:
    """One example reaches one format and one way; the second reaches the rest."""
    file = tmp_path / "transports-dupuis.yaml"
    file.write_text(CARRIER + PLAIN + INVALID)
    assert missing(tmp_path) == [
        (5, "no example has a number of this form"),
        (6, "no example comes to the text behind this test"),
    ]
    file.write_text(CARRIER + PLAIN + WITH_POSTCODE + INVALID)
    assert missing(tmp_path) == []


TRANSPORTERS = """\
kind: transporters
mappings:
  - {when: {tracking_number: {ends_with: '3345'}}, carrier: dhl-express}
  - {when: {country: {equals_any_of: [NL]}}, carrier: postnl}
without_number:
  - {when: {shipping_type: {equals_any_of: [Normal]}}}
examples:
"""


@pytest.mark.parametrize(
    ("examples", "lines"),
    [
        ("  - {shipment: {tracking_number: '13345'}, expect: {carrier: dhl-express}}\n", [4, 6]),
        ("  - {shipment: {tracking_number: '13345', country: NL}, expect: {carrier: dhl-express}}\n", [4, 6]),
        ("  - {shipment: {tracking_number: 3STBDG123456789, country: NL}, expect: {carrier: postnl}}\n", [3, 6]),
        ("  - {shipment: {shipping_type: Normal}, expect: {without_number: 1s}}\n", [3, 4]),
    ],
)
def test_the_rule_that_decides_is_reached_and_no_other(tmp_path: Path, examples: str, lines: list[int]) -> None:
    """A later rule that would hold too is not reached by an example that an earlier one decides."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "transporters.yaml").write_text(TRANSPORTERS + examples)
    report = check(*gather([folder]), coverage=True)
    assert [point.missing.line for point in report.points if not point.reached] == lines


def test_an_acceptance_rule_is_reached_by_an_item_that_it_decides(tmp_path: Path) -> None:
    """An item that is skipped does not reach the hold that would hold it too."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "acceptance.yaml").write_text(
        "kind: acceptance\nships_from: FR\n"
        "hold:\n  - {when: {item.isnego: {equals_any_of: [Y]}}, because: negotiated}\n"
        "skip:\n  - {when: {item.isrsl: {equals_any_of: [Y]}}, because: theirs}\n"
        "examples:\n"
        "  - {sale: {purchaseid: '1'}, items: [{itemid: '1', isrsl: Y, isnego: Y}], expect: [skip]}\n"
    )
    assert missing(folder) == [(4, "no example is decided by this rule")]


def test_a_field_with_a_condition_is_reached_where_it_holds(tmp_path: Path) -> None:
    """Fields without a condition are no points."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "order.yaml").write_text(
        "kind: order\norder:\n  order_id: purchaseid\n"
        "  gift: {value: '1', when: {purchasedate: {is_not_empty: true}}}\n"
        "lines:\n  sku: {from: sku, when: {ean: {is_empty: true}}}\n"
        "examples:\n  - {sale: {purchaseid: '1'}, items: [{itemid: '1', sku: A}], expect: {order: {order_id: '1'}}}\n"
    )
    assert missing(folder) == [(4, "in no example does this field's condition hold")]


def test_what_is_shipped_is_covered() -> None:
    """Each format, test and rule of the shipped files is reached by an example of its file."""
    report = check(*gather([]), coverage=True)
    assert len(report.points) > 60
    assert [str(point.missing) for point in report.points if not point.reached] == []


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A carrier's file of whose four points two are reached, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("transports-dupuis.yaml").write_text(CARRIER + PLAIN + INVALID)
    return "transports-dupuis.yaml"


def test_the_command_lists_what_is_missing_and_counts(carrier: str) -> None:
    """Coverage alone is information, and nothing fails for it."""
    result = CliRunner().invoke(program, ["validate-rules", carrier, "--coverage", "--strict"])
    assert result.exit_code == 0
    assert "transports-dupuis.yaml:5:14: information: no example has a number of this form" in result.stdout
    assert "coverage: 2 of 4 reached by examples (50 %)\n" in result.stdout


@pytest.mark.parametrize(("least", "code"), [("50", 0), ("51", 1)])
def test_the_command_fails_below_what_is_asked_for(carrier: str, least: str, code: int) -> None:
    """The summary says what was asked for and what there is."""
    result = CliRunner().invoke(program, ["validate-rules", carrier, "--min-coverage", least])
    assert result.exit_code == code
    assert ("less than the 51 % asked for" in result.stdout) == bool(code)


def test_coverage_is_not_told_unless_it_is_asked_for(carrier: str) -> None:
    """Neither as findings nor in the summary."""
    result = CliRunner().invoke(program, ["validate-rules", carrier])
    assert result.exit_code == 0
    assert "coverage" not in result.stdout
    assert "not-covered" not in result.stdout
