"""``connection``: accounts written to, read from and taken out of the configuration file."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from rakuten_orders.cli.program import program
from rakuten_orders.connection.config import HttpSettings, load_configuration
from rakuten_orders.connection.lifecycle import PARIS

ADD = ("add", "main", "--login", "boutiquefr")
TOKEN = ("--token-env", "RAKUTEN_TOKEN")
FOLDER = ("--back-office-folder", "exchange")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with no configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``connection …``."""
    result = CliRunner().invoke(program, ["connection", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_add_writes_the_configuration() -> None:
    """The file is made, valid, holds no token, and takes in nothing older than today."""
    code, printed, said = run(*ADD, *TOKEN, *FOLDER)
    assert (code, said) == (0, "")
    assert "rakuten-orders connection check main" in printed
    (connection,) = load_configuration(Path("rakuten-orders.yaml")).connections
    assert (connection.label, connection.login) == ("main", "boutiquefr")
    assert connection.since == dt.datetime.now(PARIS).date()
    assert "token: {env: RAKUTEN_TOKEN}" in Path("rakuten-orders.yaml").read_text(encoding="utf-8")


def test_a_second_connection_goes_below_the_first() -> None:
    """What stands in the file already stays as it is, comments included."""
    assert run(*ADD, *TOKEN, *FOLDER)[0] == 0
    path = Path("rakuten-orders.yaml")
    path.write_text("# ours\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    code, _, said = run(
        "add", "outlet", "--login", "outletfr", "--token-file", "token.txt", "--since", "2026-11-01", *FOLDER
    )
    assert (code, said) == (0, "")
    assert path.read_text(encoding="utf-8").startswith(before)
    code, printed, said = run("list", "--json")
    assert (code, said) == (0, "")
    assert [(one["label"], one["login"], one["token_from"]) for one in json.loads(printed)] == [
        ("main", "boutiquefr", "env"),
        ("outlet", "outletfr", "file"),
    ]
    assert json.loads(printed)[1]["since"] == "2026-11-01"


def test_list_for_people_shows_no_secret() -> None:
    """Where the token is, never the token."""
    run(*ADD, "--token-command", "pass show rakuten/hunter2", *FOLDER)
    code, printed, said = run("list")
    assert (code, said) == (0, "")
    assert printed.splitlines()[1].startswith("main   boutiquefr  https://ws.fr.shopping.rakuten.com  command pass ")
    assert "hunter2" not in printed


def test_an_email_as_login_is_refused_at_once() -> None:
    """The account's name, not the e-mail, and where to find it; nothing is written."""
    code, printed, said = run("add", "main", "--login", "lise@example.com", *TOKEN, *FOLDER)
    assert (code, printed) == (2, "")
    assert re.search(r"name.*not .*e-mail", said, re.DOTALL | re.IGNORECASE)
    assert not Path("rakuten-orders.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*ADD, *FOLDER), "--token-env, --token-file, --token-command"),
        ((*ADD, *TOKEN, "--token-file", "x", *FOLDER), "--token-env, --token-file, --token-command"),
        ((*ADD, *TOKEN), "--back-office-folder, --back-office-url"),
        ((*ADD, *TOKEN, *FOLDER, "--since", "yesterday"), "--since"),
        ((*ADD, *TOKEN, *FOLDER, "--endpoint", "http://marketplace.example"), "https://"),
        (("add", "my shop", "--login", "boutiquefr", *TOKEN, *FOLDER), "my shop"),
    ],
    ids=["no token", "two tokens", "no back office", "no date", "no https", "bad label"],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """Exit 2, a sentence that names what is wrong, and no file."""
    code, printed, message = run(*arguments)
    assert (code, printed) == (2, "")
    assert said in message
    assert not Path("rakuten-orders.yaml").exists()


@pytest.mark.parametrize("token", ["c0ffee-9f3a", "c0ffee9f3a", "9F3A-COFFEE"])
def test_a_token_instead_of_its_variable_is_refused(token: str) -> None:
    """It is what people paste first. It is not written, and not said again."""
    code, printed, said = run(*ADD, "--token-env", token, *FOLDER)
    assert (code, printed) == (2, "")
    assert "RAKUTEN_TOKEN" in said
    assert token not in said
    assert not Path("rakuten-orders.yaml").exists()


def test_a_variable_in_small_letters_is_one_if_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some tools set such."""
    monkeypatch.setenv("rakuten_token", "x")
    assert run(*ADD, "--token-env", "rakuten_token", *FOLDER)[0] == 0


def test_a_project_elsewhere_gets_the_paths_that_were_meant(tmp_path: Path) -> None:
    """Typed paths begin where one types, those in the file at the file; and the next command names the file."""
    Path("shop 1").mkdir()
    code, printed, said = run(
        *ADD, "--token-file", "secrets/token", "--back-office-folder", "shop 1/x", "--config", "shop 1/a.yaml"
    )
    assert (code, said) == (0, "")
    assert printed.endswith(" check main --config 'shop 1/a.yaml'\n")
    (connection,) = load_configuration(Path("shop 1/a.yaml")).connections
    assert connection.token.place == ("../secrets/token",)
    assert json.loads(run("list", "--json", "--config", "shop 1/a.yaml")[1])[0]["back_office"] == str(
        tmp_path / "shop 1" / "x"
    )


def test_a_folder_that_is_not_there_is_named() -> None:
    """Not some file of ours in it."""
    code, printed, said = run(*ADD, *TOKEN, *FOLDER, "--config", "nowhere/shop.yaml")
    assert (code, printed) == (2, "")
    assert said == "Error: the folder nowhere does not exist\n  Make it first.\n"


def test_an_http_back_office_is_an_address() -> None:
    """Its header and secret are entered by hand, as README says."""
    assert run(*ADD, *TOKEN, "--back-office-url", "https://erp.example/hook")[::2] == (0, "")
    (connection,) = load_configuration(Path("rakuten-orders.yaml")).connections
    assert connection.back_office == HttpSettings("https://erp.example/hook")


def test_a_label_is_taken_once() -> None:
    """A second one of that name is refused, with the way out."""
    run(*ADD, *TOKEN, *FOLDER)
    before = Path("rakuten-orders.yaml").read_bytes()
    code, _, said = run(*ADD, *TOKEN, *FOLDER)
    assert code == 2
    assert "rakuten-orders connection remove main" in said
    assert Path("rakuten-orders.yaml").read_bytes() == before


def test_remove_takes_out_what_add_wrote() -> None:
    """Only that connection; an unknown label names the nearest."""
    run(*ADD, *TOKEN, *FOLDER)
    code, _, said = run("remove", "mian")
    assert code == 2
    assert "did you mean main?" in said
    code, printed, said = run("remove", "main")
    assert (code, said) == (0, "")
    assert load_configuration(Path("rakuten-orders.yaml")).connections == ()
    code, printed, said = run("list")
    assert (code, printed) == (0, "")
    assert "connection add" in said


def test_a_configuration_with_mistakes_shows_them_all() -> None:
    """File, line, key, the line itself with a caret; exit 2."""
    Path("shop.yaml").write_text("conections: {}\n", encoding="utf-8")
    code, printed, said = run("list", "--config", "shop.yaml")
    assert (code, printed) == (2, "")
    assert said.startswith("shop.yaml:1:1: error: ")
    assert "    1 | conections: {}\n      | ^^^^^^^^^^\n" in said
    assert "connections" in said


def test_the_configuration_can_be_named_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """``RAKUTEN_ORDERS_CONFIG``; the flag wins over it."""
    Path("elsewhere").mkdir()
    monkeypatch.setenv("RAKUTEN_ORDERS_CONFIG", "elsewhere/shop.yaml")
    assert run(*ADD, *TOKEN, *FOLDER)[0] == 0
    assert Path("elsewhere/shop.yaml").exists()
    assert run("list", "--config", "other.yaml")[0] == 2
