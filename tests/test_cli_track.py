"""``track``: the update that would be sent, who decided it, and what stands in its way."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rakuten_orders.cli.program import program
from rakuten_orders.cli.rule_set import collector_paused

KEYS = [
    "carrier",
    "transporter_name",
    "tracking_number",
    "tracking_number_received",
    "tracking_url",
    "decided_by",
    "warnings",
]
RELAY = ("--transporter", "mondial relay", "--number", "12 34 56 78", "--postcode", "75011")
URL = "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition=12345678&codePostal=75011"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with no configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


def track(*arguments: str) -> tuple[int, Any]:
    """Exit code and JSON document of ``track --json``; standard error must be silent."""
    result = CliRunner().invoke(program, ["track", "--json", *arguments])
    assert result.stderr == ""
    return result.exit_code, json.loads(result.stdout)


def test_the_update_has_all_its_keys() -> None:
    """What would be sent, the number as it came too, and who decided."""
    code, document = track(*RELAY)
    assert code == 0
    assert list(document) == KEYS
    assert list(document.values()) == ["mondial-relay", "Mondial Relay", "12345678", "12 34 56 78", URL, "name", []]


def test_without_json_people_read_it() -> None:
    """The same facts, a line each."""
    result = CliRunner().invoke(program, ["track", *RELAY])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "transporter_name  Mondial Relay",
        "tracking_number   12345678   (received: 12 34 56 78)",
        f"tracking_url      {URL}",
        "carrier           mondial-relay, decided by the transporter's name",
    ]


def test_a_number_that_was_pasted_over_lines_stays_on_its_line() -> None:
    """And moves no cursor."""
    result = CliRunner().invoke(program, ["track", *RELAY[:2], "--number", "12 34\n56\x1b78", *RELAY[4:]])
    assert result.stdout.splitlines()[1] == "tracking_number   12345678   (received: 12 34 56\\x1b78)"


@pytest.mark.parametrize(
    ("arguments", "reason", "said"),
    [
        (("--transporter", "Transports Dupuis", "--number", "1"), "unsupported_transporter", "Transports Dupuis"),
        (("--number", "1"), "missing_transporter", ""),
        (("--transporter", "Colissimo"), "missing_tracking_number", ""),
        (("--transporter", "Mondial Relay", "--number", "12345678"), "missing_input", "postcode"),
        (("--transporter", "x", "--number", "1", "--url", "ftp://example.com/1"), "url_invalid", "http"),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else None,
)
def test_what_cannot_be_sent_has_its_reason(arguments: tuple[str, ...], reason: str, said: str) -> None:
    """Exit 1, and an error with reason, message and hint."""
    code, document = track(*arguments)
    assert code == 1
    assert list(document["error"]) == ["reason", "message", "hint"]
    assert document["error"]["reason"] == reason
    assert said in document["error"]["message"] + document["error"]["hint"]


def test_a_failure_for_people_goes_to_standard_error() -> None:
    """Nothing on standard output; the reason, the sentence, what to do."""
    result = CliRunner().invoke(program, ["track", "--transporter", "Mondial Rely", "--number", "1"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("unsupported_transporter: ")
    assert "Mondial Relay" in result.stderr


def test_a_url_of_the_back_office_needs_no_carrier() -> None:
    """With a URL an unknown transporter goes as Autre, decided by the URL."""
    code, document = track("--transporter", "Dupuis", "--number", "A1", "--url", "https://dupuis.example/A1")
    assert code == 0
    assert [document[key] for key in ("carrier", "transporter_name", "tracking_url", "decided_by")] == [
        None,
        "Autre",
        "https://dupuis.example/A1",
        "url",
    ]


def test_odd_characters_are_encoded_where_they_stand() -> None:
    """Whatever a number holds, the URL stays the carrier's."""
    code, document = track("--transporter", "Relais Colis", "--number", "a/b?c=d&e#f é")
    assert code == 0
    assert document["tracking_url"].endswith("A%2FB%3FC%3DD%26E%23F%C3%89")
    assert document["warnings"]


def test_a_number_is_not_needed_where_rakuten_takes_none() -> None:
    """For a shipping type that is confirmed without a number, the hint says so."""
    code, document = track("--transporter", "La Poste", "--shipping-type", "Normal")
    assert code == 1
    assert document["error"]["reason"] == "missing_tracking_number"
    assert document["error"]["hint"] == "'Normal' is confirmed without a number, 3h after the shipment came."


@pytest.mark.parametrize(
    ("after", "said"),
    [("", "at once"), (", after: 90s", "90s after"), (", after: 60s", "1m after"), (", after: 48h", "2d after")],
)
def test_the_time_without_a_number_is_told_as_rules_have_it(tmp_path: Path, after: str, said: str) -> None:
    """In whole units, for the connection that is asked for."""
    (tmp_path / "rakuten-orders.yaml").write_text(CONFIGURATION, encoding="utf-8")
    for folder in ("own", "rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "rules" / "transporters.yaml").write_text(
        f"kind: transporters\nwithout_number: [{{when: {{connection: {{equals_any_of: [main]}}}}{after}}}]\n",
        encoding="utf-8",
    )
    words = ("--transporter", "La Poste", "--shipping-type", "Suivi")
    assert f"without a number, {said}" in track(*words, "--connection", "main")[1]["error"]["hint"]
    assert "without a number" not in track(*words)[1]["error"]["hint"]


def test_the_projects_carriers_are_used(tmp_path: Path) -> None:
    """``carriers.d`` beside the configuration comes on top of the shipped ones, and so does a folder that is named."""
    for folder, code in (("carriers.d", "dupuis"), ("more", "durand")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{code}.yaml").write_text(CARRIER.format(code=code), encoding="utf-8")
    assert track("--transporter", "DUPUIS", "--number", "D1")[1]["tracking_url"] == "https://dupuis.example/D1"
    code, document = track("--transporter", "durand", "--number", "D1", "--carriers", "more")
    assert (code, document["carrier"]) == (0, "durand")
    assert track("--transporter", "durand", "--number", "D1")[0] == 1


def test_rules_that_do_not_load_are_told(tmp_path: Path) -> None:
    """Exit 1: in JSON as a reason, for people as findings with their place."""
    (tmp_path / "carriers.d").mkdir()
    wrong = CARRIER.format(code="dupuis").replace("name:", "nmae:")
    (tmp_path / "carriers.d" / "dupuis.yaml").write_text(wrong, encoding="utf-8")
    code, document = track(*RELAY)
    assert (code, document["error"]["reason"]) == (1, "rules_invalid")
    assert "carriers.d/dupuis.yaml:2" in document["error"]["message"]
    result = CliRunner().invoke(program, ["track", *RELAY])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "carriers.d/dupuis.yaml:2:1: error: " in result.stderr
    assert "    2 | nmae: dupuis\n      | ^^^^\n" in result.stderr


def test_a_configuration_that_was_named_must_be_there() -> None:
    """The default one need not exist; a named one must: exit 2."""
    result = CliRunner().invoke(program, ["track", *RELAY, "--config", "nowhere/rakuten-orders.yaml"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere/rakuten-orders.yaml does not exist" in result.stderr


def test_a_connection_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    """``--connection`` needs the configuration; the nearest label is named."""
    result = CliRunner().invoke(program, ["track", *RELAY, "--connection", "mian"])
    assert result.exit_code == 2
    assert "rakuten-orders.yaml does not exist" in result.stderr
    (tmp_path / "rakuten-orders.yaml").write_text(CONFIGURATION, encoding="utf-8")
    result = CliRunner().invoke(program, ["track", *RELAY, "--connection", "mian"])
    assert result.exit_code == 2
    assert "did you mean main?" in result.stderr


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--country", "France", "'France' is no country: write two letters, such as FR"),
        ("--country", "zz", "'zz' is no country"),
        ("--language", "français", "'français' is no language: write two letters, such as fr"),
        ("--language", "ÉÈ", "'ÉÈ' is no language"),
    ],
)
def test_countries_and_languages_are_codes(option: str, text: str, said: str) -> None:
    """What is no code is refused before it could land in a URL."""
    result = CliRunner().invoke(program, ["track", *RELAY, option, text])
    assert result.exit_code == 2
    assert said in result.stderr


def test_blank_codes_are_left_out_and_case_does_not_matter() -> None:
    """``--country "$COUNTRY"`` works with an empty variable, and with small letters."""
    postnl = ("--transporter", "PostNL", "--number", "3SABCD1234567", "--postcode", "75011")
    small, capital = (track(*postnl, "--country", code) for code in ("de", "DE"))
    assert small == capital
    assert "DE" in small[1]["tracking_url"]
    assert track(*RELAY, "--language", "", "--country", "")[1]["tracking_url"] == URL


def test_a_connections_own_carriers_are_used(tmp_path: Path) -> None:
    """A connection's set is the project's with its own on top."""
    (tmp_path / "rakuten-orders.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "dupuis.yaml").write_text(CARRIER.format(code="dupuis"), encoding="utf-8")
    assert track("--transporter", "dupuis", "--number", "D1")[0] == 1
    assert track("--transporter", "dupuis", "--number", "D1", "--connection", "main")[0] == 0


CONFIGURATION = """\
connections:
  main:
    login: boutiquefr
    token: {env: RAKUTEN_TOKEN}
    carriers: own
    back_office: {folder: exchange}
"""

CARRIER = """\
code: {code}
name: {code}
tracking_url: 'https://{code}.example/{{{{ tracking_number }}}}'
sources:
  - note: a mail of the carrier
    read: 2026-11-23
examples:
  valid:
    - tracking_number: 'D1'
      url: 'https://{code}.example/D1'
"""


def load_what_is_broken() -> None:
    with collector_paused():
        assert not gc.isenabled()
        raise LookupError


def test_the_garbage_collector_is_only_paused() -> None:
    """It is on again after loading, however that ended, and stays off where it was."""
    assert gc.isenabled()
    with pytest.raises(LookupError):
        load_what_is_broken()
    assert gc.isenabled()
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
