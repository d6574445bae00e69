"""``carriers``: the catalogue, listed, shown and asked."""

from __future__ import annotations

import json
import re
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


@pytest.mark.parametrize("name", ["france-express", "tatex"])
def test_the_number_is_needed_even_where_no_address_holds_it(name: str) -> None:
    """Rakuten wants it for a page on which the buyer types it in, and where there is no page."""
    assert re.search(r"^needs +tracking_number$", run("show", name)[1], re.MULTILINE)


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


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("RR301928379GB", "'RR301928379GB' has the form of Royal Mail, Chronopost, but its check digit is wrong"),
        ("1Z8R74Y90348291735", "has the form of UPS, but"),
        ("https://www.laposte.fr/outils/suivre-vos-envois?code=6A12345678905", "is an address: give the number alone"),
        ("1" * 65, "is longer than 64 characters"),
        (" - ", "holds no number"),
        ("HELLO WORLD", "'HELLOWORLD' fits the format of no carrier"),
    ],
)
def test_a_number_that_fits_nobody_is_told_why(number: str, answer: str) -> None:
    """Mistyped, pasted with the whole address, too long, or of no known form: each has a sentence of its own."""
    code, printed, said = run("detect", number)
    assert (code, printed) == (0, "")
    assert answer in said
    assert document("detect", number) == []


def codes(*arguments: str) -> list[str]:
    """The codes that ``list`` finds with these options."""
    return [carrier["code"] for carrier in document("list", *arguments)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colissimo", "colissimo"),
        ("Colisimo", "colissimo"),
        ("mondial rellay", "mondial-relay"),
        ("Chronoposte", "chronopost"),
        ("Fed Ex", "fedex"),
        ("Deutschland", "dpd-de"),
        ("Exapaq", "dpd-fr"),
        ("顺丰", "sf-express"),
    ],
)
def test_a_search_finds_what_was_meant(text: str, code: str) -> None:
    """By any name, by a part of it, in any script, and also misspelt."""
    assert code in codes("--search", text)


def test_a_search_names_the_best_first() -> None:
    """Exactly that name, then those that begin so, then those that hold it; among equals those that Rakuten lists."""
    found = codes("--search", "dpd")
    assert found[0] == "dpd-fr"
    assert set(found) > {"dpd-de", "dpd-uk", "seur"}
    assert found.index("dpd-uk") < found.index("dpd-at")
    assert codes("--search", "mondial")[0] == "mondial-relay"
    assert codes("--search", "la poste suivie")[0] == "la-poste"


def test_the_list_can_be_narrowed() -> None:
    """To a country, to what Rakuten has a name for, and to both."""
    listed = {carrier["code"]: carrier for carrier in document("list")}
    assert codes("--country", "es") == [code for code, one in listed.items() if "ES" in (one["countries"] or ())]
    assert codes("--rakuten") == [code for code, one in listed.items() if one["rakuten_name"]]
    both = codes("--rakuten", "--country", "ES")
    assert "ups" in both
    assert "seur" not in both


def test_a_search_that_finds_nothing_says_so() -> None:
    """No table, an empty array, and a message."""
    assert document("list", "--search", "qqqqzzzz") == document("list", "--search", "!") == []
    code, printed, said = run("list", "--search", "qqqqzzzz")
    assert (code, printed) == (0, "")
    assert "carriers list" in said


def test_the_page_of_a_carrier_has_all_of_it() -> None:
    """What is asked for, formats, examples, what Rakuten gets, the file, the sources."""
    code, printed, said = run("show", "Colis Prive")
    assert (code, said) == (0, "")
    for part in (
        "at Rakuten    Colis Prive",
        "needs         tracking_number, postcode",
        "[0-9A-Z]{12}",
        "https://colisprive.com/moncolis/pages/detailColis.aspx?numColis=",
        "carriers.d/colis-prive.yaml (shipped)",
        "(read 2026-11-23)",
    ):
        assert part in printed, part
    assert "check digit gs1-mod10 of the last 11 characters" in run("show", "colissimo")[1]
    assert "run by        dpd" in run("show", "DPD Germany")[1]
    assert "the buyer types the number in" in run("show", "China Post")[1]
    assert "Rakuten tracks it by itself" in run("show", "Mainway")[1]


def test_overlaps_have_an_entry_a_format() -> None:
    """With an example, its grade, and the carriers of other operators that it fits too."""
    found = document("overlaps")
    formats = [(one["code"], entry["pattern"]) for one in document("list") for entry in one["tracking_numbers"] or ()]
    assert [(entry["carrier"], entry["pattern"]) for entry in found] == formats
    german = next(entry for entry in found if entry["carrier"] == "dpd-de")
    others = [other["carrier"] for other in german["others"]]
    assert "chronopost" in others
    assert "dpd-fr" not in others
    assert all(entry["tracking_number"] and entry["grade"] for entry in found)


def test_overlaps_show_what_a_new_carrier_comes_close_to(tmp_path: Path) -> None:
    """A file of one's own is in the report, also where no example shows a format."""
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "neuf.yaml").write_text(
        "code: neuf\nname: Neuf\n"
        "tracking_numbers:\n  - pattern: '[0-9]{14}'\n  - pattern: 'NEUF[0-9]{4}'\n"
        "tracking_url: 'https://neuf.example/{{ tracking_number }}'\n"
        "sources:\n  - note: 'a ticket'\n    read: 2026-11-23\n"
        "examples:\n  valid:\n    - tracking_number: '01234567890123'\n"
        "      url: 'https://neuf.example/01234567890123'\n"
        "  invalid:\n    - tracking_number: '1'\n",
        encoding="utf-8",
    )
    fourteen, lettered = (entry for entry in document("overlaps") if entry["carrier"] == "neuf")
    assert "chronopost" in [other["carrier"] for other in fourteen["others"]]
    assert (lettered["tracking_number"], lettered["grade"], lettered["others"]) == (None, None, [])
    assert "no example" in run("overlaps")[1]
