"""``carriers``: the catalogue, listed, shown and asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rakuten_orders import Engine
from rakuten_orders.cli.program import program

KEYS = [
    "code",
    "name",
    "aliases",
    "rakuten_name",
    "operator",
    "countries",
    "tracking_numbers",
    "on_mismatch",
    "tracking_url",
    "search_page",
    "confidence",
    "note",
    "sources",
    "examples",
    "file",
    "origin",
]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with no configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``carriers …``."""
    result = CliRunner().invoke(program, ["carriers", *arguments])
    return result.exit_code, result.stdout, result.stderr


def document(*arguments: str) -> Any:
    """The JSON document that a command prints, alone."""
    code, printed, said = run(*arguments, "--json")
    assert (code, said) == (0, "")
    return json.loads(printed)


def test_the_list_has_every_carrier_with_every_key() -> None:
    """The files' keys, all of them there, plus where the carrier was read."""
    listed = document("list")
    assert [carrier["code"] for carrier in listed] == sorted(carrier.code for carrier in Engine.load().catalogue)
    assert len(listed) >= 240
    assert all(set(carrier) == set(KEYS) for carrier in listed)
    relay = next(carrier for carrier in listed if carrier["code"] == "mondial-relay")
    assert relay["file"].endswith("carriers.d/mondial-relay.yaml")
    assert relay["origin"] == "shipped"
    assert relay["examples"]["valid"][0]["url"].startswith("https://www.mondialrelay.fr/")


def test_the_list_for_people_has_a_line_a_carrier() -> None:
    """A head, then a line for each."""
    code, printed, said = run("list")
    assert (code, said) == (0, "")
    assert printed.startswith("CODE ")
    assert len(printed.splitlines()) == len(document("list")) + 1


@pytest.mark.parametrize("name", ["mondial-relay", "MONDIAL RELAY", "Mondial  Rélay"])
def test_a_carrier_is_found_by_code_and_by_name(name: str) -> None:
    """Without regard to case, accents, spaces and punctuation."""
    assert document("show", name)["code"] == "mondial-relay"
    printed = run("show", name)[1]
    assert "needs" in printed
    assert "postcode" in printed


def test_an_unknown_carrier_names_the_nearest() -> None:
    """Wrong usage, with what was perhaps meant."""
    code, printed, said = run("show", "Mondial Rely")
    assert (code, printed) == (2, "")
    assert "did you mean Mondial Relay" in said


def test_detection_grades_what_a_number_fits() -> None:
    """An array, the surest first; nothing fits nonsense."""
    number = document("show", "colissimo")["examples"]["valid"][0]["tracking_number"]
    found = document("detect", number)
    assert set(found[0]) == {"carrier", "grade", "because"}
    assert "colissimo" in [one["carrier"] for one in found]
    grades = [("certain", "likely", "possible").index(one["grade"]) for one in found]
    assert grades == sorted(grades)
    assert document("detect", "?") == []
    code, printed, said = run("detect", "?")
    assert (code, printed) == (0, "")
    assert "'?'" in said
