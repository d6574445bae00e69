"""``carriers new`` and ``carriers detect``: as a support person types them, and as a script does."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from rakuten_orders.cli.new_carrier import word
from rakuten_orders.cli.program import program

CHECKOUT = Path(__file__).parents[1]
BINARIES = Path(sys.executable).parent
NAME = ("--name", "Transports Étoile")
NUMBER = ("--number", "EN 4471 0983")
URL = ("--url", "https://suivi.etoile.example/x?colis=EN44710983&cp=59000")
FILE = Path("carriers.d/transports-etoile.yaml")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with no configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``rakuten-orders …``."""
    result = CliRunner().invoke(program, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def new(*arguments: str) -> tuple[int, str, str]:
    return run("carriers", "new", *arguments)


def test_the_file_is_written_and_the_commands_to_check_it_work() -> None:
    """What is printed can be pasted: the file passes, and the customer's own page comes out."""
    code, printed, said = new(*NAME, *NUMBER, *URL)
    assert (code, said) == (0, "")
    assert printed.startswith(f"Wrote {FILE.as_posix()}\n")
    assert "Look at:" in printed
    check, track = (shlex.split(line) for line in printed.splitlines()[-2:])
    assert run(*check)[0] == 0
    assert "0 errors, 0 warnings" in run(*check)[1]
    assert run(*track[1:])[0] == 0
    assert "https://suivi.etoile.example/x?colis=EN44710983&cp=59000" in run(*track[1:])[1]
    text = FILE.read_bytes()
    assert b"4471" not in text
    assert b"\r" not in text
    assert b"59000" not in text


def test_nothing_is_overwritten() -> None:
    """Neither a carrier that is there, nor a file that cannot even be read."""
    FILE.parent.mkdir()
    FILE.write_text("code: [", encoding="utf-8")
    code, printed, said = new(*NAME, *NUMBER, *URL)
    assert (code, printed) == (2, "")
    assert "was not touched" in said
    assert "--code transports-etoile-2" in said
    assert FILE.read_text(encoding="utf-8") == "code: ["
    assert new(*NAME, *NUMBER, *URL, "--code", "transports-etoile-2")[0] == 0


def test_the_readmes_command_gives_the_readmes_file() -> None:
    """Word for word, but for the day."""
    readme = (CHECKOUT / "carriers.d" / "README.md").read_text(encoding="utf-8")
    command, text = (
        re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", readme, re.DOTALL)[1]
        for name in ("new", "transports-dupuis.yaml")
    )
    words = shlex.split(command.replace("\\\n", ""))
    assert run(*words[1:])[0] == 0
    written = Path("carriers.d/transports-dupuis.yaml").read_text(encoding="utf-8")
    assert re.sub("read: .*", "read: 2026-11-23", written) == text


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((), "--name, --number, --url"),
        (NAME, "--number, --url"),
        ((*NAME, *NUMBER), "--url"),
        ((*NUMBER, *URL), "--name"),
    ],
)
def test_what_is_missing_is_named(given: tuple[str, ...], missing: str) -> None:
    """Without a terminal nobody can be asked."""
    code, printed, said = new(*given)
    assert (code, printed) == (2, "")
    assert f"missing: {missing}." in said
    assert not FILE.parent.exists()


def test_every_reason_for_no_file_is_told_at_once() -> None:
    """Exit 2, and nothing is written."""
    code, printed, said = new("--name", "UPS", "--number", "1", "--url", URL[1], "--country", "ZZ")
    assert (code, printed) == (2, "")
    assert said.startswith("Error: no file was written\n")
    assert [line for line in said.splitlines() if line.startswith("  - ")] == [
        '  - "ZZ" is no country',
        next(line for line in said.splitlines() if '"UPS" is there already' in line),
        '  - the tracking number "1" is shorter than 4 characters',
    ]
    assert not FILE.parent.exists()


def test_one_source_is_enough() -> None:
    """A ticket or a page, not both."""
    assert new(*NAME, *NUMBER, *URL, "--source-note", "ticket 1", "--source-url", "https://a.example/")[0] == 2


def test_a_near_name_is_a_warning_where_nobody_can_be_asked() -> None:
    """The file is written all the same, so that it can be scripted."""
    code, printed, said = new("--name", "Lettre Suivi", *NUMBER, *URL)
    assert code == 0
    assert said.startswith('Warning: "Lettre Suivi" looks like La Poste')
    assert "Wrote carriers.d/lettre-suivi.yaml" in printed


def test_all_flags_reach_the_file() -> None:
    """Values of the parcel are found in the address, the rest stands in the file."""
    code, _, said = new(
        *NAME,
        *("--number", "EN44710983", "--number", "EN 1111 2222", "--number", "EN33334444"),
        *("--url", "http://suivi.etoile.example/fr/EN44710983?z=59000&p=1012AB&t=4321&o=429492423&i=777001&c=BE"),
        *("--postcode", "59000", "--pickup-postcode", "1012 AB", "--phone-last4", "4321", "--country", "be"),
        *("--language", "fr", "--order", "429492423", "--item", "777001", "--alias", "Étoile Express"),
        *("--code", "etoile", "--note", "page sans https", "--source-note", "ticket 4711", "--operator", "etoile-sa"),
    )
    assert (code, said) == (0, "")
    text = Path("carriers.d/etoile.yaml").read_text(encoding="utf-8")
    for line in (
        "  - Étoile Express",
        "operator: etoile-sa",
        "countries: [BE]",
        "  - pattern: 'EN[0-9]{8}'",
        "tracking_url: 'http://suivi.etoile.example/{{ language }}/{{ tracking_number }}?z={{ postcode }}&p=",
        "note: 'page sans https'",
        "  - note: 'ticket 4711'",
    ):
        assert f"\n{line}" in text
    assert "&p={{ pickup_postcode | no_spaces }}&t={{ phone_last4 }}&o={{ order_id }}&i={{ item_id }}&c=" in text
    assert run("validate-rules", "--strict")[0] == 0


def test_another_folder_is_named_in_the_commands() -> None:
    """``--output`` may lie anywhere; what is printed finds it."""
    code, printed, _ = new(*NAME, *NUMBER, *URL, "--output", "mes transporteurs")
    assert code == 0
    check, track = (shlex.split(line) for line in printed.splitlines()[-2:])
    assert check == ["validate-rules", "--carriers", "mes transporteurs", "mes transporteurs/transports-etoile.yaml"]
    assert run(*check)[0] == 0
    assert run(*track[1:])[0] == 0
    assert new(*NAME, *NUMBER, *URL, "--output", "mes transporteurs", "--carriers", "mes transporteurs")[0] == 2


def test_a_configuration_that_was_named_is_named_again() -> None:
    """Its folder is the project's."""
    Path("shop").mkdir()
    Path("shop/rakuten-orders.yaml").write_text("connections: {}\n", encoding="utf-8")
    code, printed, said = new(*NAME, *NUMBER, *URL, "--config", "shop/rakuten-orders.yaml")
    assert (code, said) == (0, "")
    assert "validate-rules --config shop/rakuten-orders.yaml shop/carriers.d/transports-etoile.yaml" in printed


def test_a_search_page_is_written_when_it_is_said_so() -> None:
    """Its example has the bare address."""
    page = ("--url", "https://suivi.etoile.example/recherche")
    assert new(*NAME, *NUMBER, *page)[0] == 2
    assert new(*NAME, *NUMBER, *page, "--search-page")[0] == 0
    assert "search_page: true\n" in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EN44710983", "EN44710983"),
        ("a b", '"a b"'),
        ("L'Éclair", '"L\'Éclair"'),
        ("Étoile", "Étoile"),
        ("$x", "'$x'"),
        ('a"b', "'a\"b'"),
        ("佐川", "佐川"),
    ],
)
def test_words_of_a_command_line_are_quoted(text: str, expected: str) -> None:
    """In double quotes, which every system's shell takes, wherever that is safe."""
    assert word(text) == expected
    assert shlex.split(word(text)) == [text]


class Terminal:
    """``carriers new`` on a pseudo terminal: what it asks is waited for, then answered."""

    def __init__(self, *arguments: str) -> None:
        import pty

        self.end, other = pty.openpty()
        command = [str(BINARIES / "rakuten-orders"), "carriers", "new", *arguments]
        self.process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other)
        os.close(other)
        self.shown = ""
        self.read_to = 0

    def answer(self, question: str, answer: str) -> None:
        """Wait until ``question`` was asked, and type the answer."""
        self.until(question)
        os.write(self.end, f"{answer}\n".encode())

    def until(self, words: str) -> None:
        """Wait for words on the terminal, at most half a minute."""
        limit = time.monotonic() + 30
        while words not in self.shown[self.read_to :]:
            if not select.select([self.end], [], [], max(0.0, limit - time.monotonic()))[0]:
                break
            try:
                self.shown += os.read(self.end, 65536).decode()
            except OSError:  # the process has ended
                break
        assert words in self.shown[self.read_to :], self.shown
        self.read_to = self.shown.index(words, self.read_to) + len(words)

    def close(self) -> int:
        """The exit code."""
        code = self.process.wait(30)
        os.close(self.end)
        return code


needs_terminal = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo terminals on Windows")


@needs_terminal
def test_a_person_is_asked_one_by_one() -> None:
    """The name is compared before anything else is asked; what is typed wrongly can be typed again."""
    terminal = Terminal()
    terminal.answer("Name of the carrier", "ups")
    terminal.until("is there already")
    terminal.answer("Name of the carrier", "Transports Étoile")
    terminal.answer("A tracking number of it", "N° 0045 8812")
    terminal.answer("Another number", "")
    terminal.answer("Address", "http://suivi.etoile.example/x?colis=00458821")
    terminal.answer("Postcode", "FR")
    terminal.answer("3 to 10 characters and a digit", "")
    terminal.answer("Country", "")
    terminal.answer("Where do you have this from", "ticket 12")
    terminal.until("but this does: 00458821")
    terminal.answer("(number, address, search)", "number")
    terminal.answer("The tracking number", "00458821")
    terminal.answer("Another number", "")
    terminal.answer("Does the page open with https://", "n")
    terminal.until(f"Wrote {FILE.as_posix()}")
    assert terminal.close() == 0
    text = FILE.read_text(encoding="utf-8")
    assert "note: 'the page has only http'\n" in text
    assert "  - note: 'ticket 12'\n" in text


@needs_terminal
def test_a_doubt_is_asked_about() -> None:
    """A near name, then the company of a known site; what was said yes to is not asked again."""
    terminal = Terminal("--number", "8700 1234", "--url", "https://www.laposte.fr/lettre?n=87001234")
    terminal.answer("Name of the carrier", "Lettre Suivi")
    terminal.answer("Go on with a new carrier?", "y")
    terminal.answer("Postcode", "FR")
    terminal.answer("3 to 10 characters and a digit", "")
    terminal.answer("Country", "")
    terminal.answer("Where do you have this from", "https://www.laposte.fr/aide")
    terminal.answer("Is it the same company (la-poste)?", "y")
    terminal.until("Wrote carriers.d/lettre-suivi.yaml")
    assert terminal.close() == 0
    assert terminal.shown.count("Go on with a new carrier?") == 1
    text = Path("carriers.d/lettre-suivi.yaml").read_text(encoding="utf-8")
    assert "operator: la-poste\n" in text
    assert "  - url: 'https://www.laposte.fr/aide'\n" in text


@needs_terminal
def test_a_no_stops_and_writes_nothing() -> None:
    """As Ctrl-C does."""
    terminal = Terminal("--name", "Lettre Suivi", *NUMBER, *URL)
    terminal.answer("Go on with a new carrier?", "n")
    assert terminal.close() == 130
    assert not FILE.parent.exists()


@needs_terminal
@pytest.mark.parametrize(
    ("arguments", "question", "answer", "line"),
    [
        (("--number", "5551234", "--url", "https://e.example/?n=05551234"), "the same for all parcels?", "y", "0{{ tr"),
        (("--number", "55512345", "--url", "https://e.example/suivi"), "(number, address, search)", "search", "true"),
        (("--number", "55512345", "--url", "http://e.example/55512345"), "open with https://", "y", "'https://e"),
    ],
)
def test_what_an_address_leaves_open_is_asked(
    arguments: tuple[str, ...], question: str, answer: str, line: str
) -> None:
    """Digits around the number, a page to search on, encryption."""
    terminal = Terminal(*NAME, *arguments)
    terminal.answer(question, answer)
    terminal.until("Wrote")
    assert terminal.close() == 0
    assert line in FILE.read_text(encoding="utf-8")


def test_detection_asks_where_the_parcel_goes() -> None:
    """Of one grade those come first that deliver there; nobody is left out, and no grade changes for it."""
    here = json.loads(run("carriers", "detect", "12345678", "--country", "nl", "--json")[1])
    everywhere = json.loads(run("carriers", "detect", "12345678", "--json")[1])
    assert here != everywhere
    assert sorted(map(str, here)) == sorted(map(str, everywhere))
    countries = {one["code"]: one["countries"] for one in json.loads(run("carriers", "list", "--json")[1])}
    there = [not countries[one["carrier"]] or "NL" in countries[one["carrier"]] for one in here]
    grades = [one["grade"] for one in here]
    for grade in set(grades):
        of_grade = [delivers for delivers, its in zip(there, grades, strict=True) if its == grade]
        assert of_grade == sorted(of_grade, reverse=True)
    code, printed, said = run("carriers", "detect", "12345678", "--country", "Belgique")
    assert (code, printed) == (2, "")
    assert "two letters" in said


def test_detection_is_a_table_for_people() -> None:
    """Code, name, grade and why."""
    code, printed, said = run("carriers", "detect", "6A 12345 67890 5")
    assert (code, said) == (0, "")
    assert re.match(r"CARRIER +NAME +GRADE +BECAUSE\n", printed)
    assert re.search(r"^colissimo +Colissimo +likely +the check digit holds, as for few others$", printed, re.MULTILINE)


@pytest.mark.parametrize(
    ("number", "words"),
    [("zz", "'ZZ' fits the format of no carrier"), (" - ", "holds no number"), ("1" * 65, "longer than 64 characters")],
)
def test_a_number_that_fits_nobody_says_so(number: str, words: str) -> None:
    """With what that is worth; nothing on standard output, an empty array for programs."""
    code, printed, said = run("carriers", "detect", "--", number)
    assert (code, printed) == (0, "")
    assert words in said
    assert json.loads(run("carriers", "detect", "--json", "--", number)[1]) == []
