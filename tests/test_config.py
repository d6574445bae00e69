"""The configuration: what is read, what is refused and where, and edits that leave other lines alone."""

from __future__ import annotations

import datetime as dt
import stat
import sys
from pathlib import Path

import pytest

from rakuten_orders.cli import failures
from rakuten_orders.connection.config import (
    FolderSettings,
    HttpSettings,
    carrier_folders,
    load_configuration,
    load_engine,
    rule_folders,
)
from rakuten_orders.connection.config_edit import add_connection, remove_connection
from rakuten_orders.connection.secret import Secret
from rakuten_orders.errors import ConfigError

GOOD = """\
# The shop's two accounts.
connections:
  main:   # the old one
    login: boutiquefr
    token: {env: RAKUTEN_TOKEN}
    since: 2026-11-01
    rules: rules/main
    carriers: carriers.d/main
    versions: {getcurrentsales: 2021-10-29}
    back_office: {folder: ./exchange}

  second:
    login: Autre-Boutique
    token:
      command: [pass, show, rakuten]
    getnewsales_every: 1s
    endpoint: http://127.0.0.1:8080/
    back_office:
      url: https://erp.example.com/api
      header: {name: Authorization, value: {env: ERP_AUTH}}
      secret: {file: hmac.key}

# Who is told.
notify: {url: {env: NOTIFY_URL}, format: slack}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rakuten-orders.yaml"


def findings(path: Path, text: str) -> list[tuple[int, int, str]]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_configuration(path)
    return [(found.line, found.column, found.code) for found in caught.value.diagnostics]


def connection(text: str) -> str:
    lines = ["login: boutiquefr", "token: {env: T}", "back_office: {folder: ./x}"]
    changed = {line.split(":", 1)[0]: line for line in text.splitlines()}
    kept = [changed.pop(line.split(":", 1)[0], line) for line in lines]
    return "connections:\n  main:\n" + "".join(f"    {line}\n" for line in [*kept, *changed.values()])


def test_everything_that_is_written_is_read(path: Path) -> None:
    """Paths become absolute, below the configuration's folder; defaults fill the rest."""
    path.write_text(GOOD)
    main, second = load_configuration(path).connections
    assert (main.label, main.login, main.since) == ("main", "boutiquefr", dt.date(2026, 11, 1))
    assert main.endpoint == "https://ws.fr.shopping.rakuten.com"
    assert main.getnewsales_every == dt.timedelta(minutes=10)
    assert main.rules == path.parent / "rules/main"
    assert main.carriers == (path.parent / "carriers.d/main",)
    assert main.versions == {"getcurrentsales": "2021-10-29"}
    assert main.back_office == FolderSettings(path.parent / "exchange")
    assert (second.key, second.endpoint) == ("autre-boutique", "http://127.0.0.1:8080")
    assert second.token == Secret("command", ("pass", "show", "rakuten"), path.parent)
    assert isinstance(second.back_office, HttpSettings)
    assert second.back_office.header == ("Authorization", Secret("env", ("ERP_AUTH",), path.parent))
    notify = load_configuration(path).notify
    assert notify is not None
    assert notify.format == "slack"


def test_a_missing_file_is_named(path: Path) -> None:
    """With the way to make one."""
    with pytest.raises(ConfigError, match=r"rakuten-orders\.yaml does not exist") as caught:
        load_configuration(path)
    assert "connection add" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("login: shop@example.com", (3, 12, "email-as-login")),
        ("tokn: {env: T}", (6, 5, "unknown-key")),
        ("since: yesterday", (6, 12, "wrong-value")),
        ("getnewsales_every: often", (6, 24, "wrong-value")),
        ("getnewsales_every: 5m", (6, 24, "asked-too-often")),
        ("endpoint: ws.example.com", (6, 15, "bad-address")),
        ("endpoint: http://ws.example.com", (6, 15, "bad-address")),
        ("endpoint: https://u:p@ws.example.com", (6, 15, "bad-address")),
        ("endpoint: https://ws.example.com/?pwd=1", (6, 15, "bad-address")),
        ("token: secret", (4, 12, "one-of")),
        ("token: [secret]", (4, 12, "one-of")),
        ("token:", (4, 11, "one-of")),
        ("token: {secret}", (4, 13, "one-of")),
        ("token: {env: 9f-3a}", (4, 18, "one-of")),
        ("token: {evn: T}", (4, 13, "unknown-key")),
        ("back_office: exchange", (5, 18, "one-of")),
        ("token: {env: A, file: B}", (4, 13, "one-of")),
        ("token: {}", (4, 12, "one-of")),
        ("back_office: {folder: x, url: 'https://x.example'}", (5, 19, "one-of")),
        ("back_office: {folder: x, secret: {env: A}}", (5, 30, "one-of")),
        ("back_office: {url: ftp://x.example}", (5, 24, "bad-address")),
        ("rules: [a, b]", (6, 12, "wrong-type")),
    ],
)
def test_a_mistake_has_its_place(path: Path, change: str, expected: tuple[int, int, str]) -> None:
    """Line and column of the value, or of the key where the key is wrong."""
    assert expected in findings(path, connection(change))


def test_all_mistakes_come_at_once(path: Path) -> None:
    """Nobody has to run it ten times."""
    text = connection("sinc: '2026-11-01'\nversions: x\nback_office: {foldr: z}")
    found = findings(path, text)
    assert sorted(code for *_, code in found) == ["unknown-key", "unknown-key", "wrong-type"]
    assert found == sorted(found)


def test_mistakes_of_form_and_of_meaning_come_together(path: Path) -> None:
    """One that keeps a value from being read does not hide the others, and none makes another."""
    text = connection(
        "login: shop@example.com\nsinc: x\nendpoint: http://ws.example.com\ntoken: {evn: T}\nback_office: {foldr: x}"
    )
    again = "  other:\n    login: shop@example.com\n    token: {env: T, file: f}\n    back_office: [x]\n"
    assert [code for *_, code in findings(path, text + again)] == [
        *("email-as-login", "unknown-key", "unknown-key", "unknown-key", "bad-address"),
        *("duplicate-account", "email-as-login", "one-of", "wrong-type"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        "token: 9f3a-c0ffee",
        "token: {9f3a-c0ffee}",
        "token: {9f3a-c0ffee: }",
        "token: {key: 9f3a-c0ffee}",
        "token: [9f3a-c0ffee]",
        "token: {env: 9f3a-c0ffee}",
        "tokn: 9f3a-c0ffee",
        "token: 9f3a-c0ffee: x",
        "token: '9f3a-c0ffee",
        "back_office: {url: 'https://u:9f3a-c0ffee@erp.example'}",
        "endpoint: https://u:9f3a-c0ffee@ws.example.com",
        "back_office: {url: 'https://erp.example', header: {name: A, value: 9f3a-c0ffee}}",
    ],
)
def test_a_secret_that_stands_in_the_file_is_quoted_by_nothing(
    path: Path, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """People paste the token where its place belongs; what they are told goes into logs and tickets."""
    path.write_text(connection(wrong), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_configuration(path)
    failures.report(caught.value)
    said = capsys.readouterr().err
    assert "rakuten-orders.yaml:" in said
    assert "c0ffee" not in said


def test_harmless_lines_are_shown(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the caret below the place that is meant."""
    path.write_text(connection("since: yesterday"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_configuration(path)
    failures.report(caught.value)
    assert "    6 |     since: yesterday\n      |            ^^^^^^^^^\n" in capsys.readouterr().err


def test_an_account_under_two_labels_is_refused(path: Path) -> None:
    """Logins are compared without case."""
    again = connection("login: BoutiqueFR").split("\n", 1)[1].replace("main", "other")
    assert findings(path, connection("") + again) == [(7, 12, "duplicate-account")]


def test_a_label_that_cannot_be_typed_is_refused(path: Path) -> None:
    """The key itself is marked."""
    assert findings(path, connection("").replace("main:", "'my shop':")) == [(2, 3, "bad-label")]


def test_an_empty_list_of_connections_is_valid(path: Path) -> None:
    """It is what remains when the last one is removed."""
    for text in ("connections:\n", "connections: {}\n"):
        path.write_text(text)
        assert load_configuration(path).connections == ()


def test_an_unknown_label_gets_the_nearest(path: Path) -> None:
    """A typing mistake on the command line."""
    path.write_text(GOOD)
    with pytest.raises(ConfigError) as caught:
        load_configuration(path).connection("secnd")
    assert caught.value.hint == "did you mean second?"


def test_a_token_is_fetched_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, a file beside the configuration, or a command's output; blanks around it go."""
    monkeypatch.setenv("TOKEN_HERE", " t0ken\n")
    (tmp_path / "token.txt").write_text("t0ken\n")
    command = (sys.executable, "-c", "print('t0ken')")
    for secret in (
        Secret("env", ("TOKEN_HERE",), tmp_path),
        Secret("file", ("token.txt",), tmp_path),
        Secret("command", command, tmp_path),
    ):
        assert secret.resolve() == "t0ken"
        assert "t0ken" not in repr(secret)


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        (("env", ("NOT_SET_ANYWHERE",)), "the environment variable NOT_SET_ANYWHERE is not set"),
        (("file", ("missing.txt",)), "the file missing.txt cannot be read: no such file or directory"),
        (("file", ("empty.txt",)), "the file empty.txt is empty"),
        (("command", ("no-such-program-here",)), "the command no-such-program-here could not be started"),
        (("command", (sys.executable, "-c", "raise SystemExit('t0ken')")), "ended with 1"),
    ],
)
def test_a_token_that_cannot_be_fetched_says_where_it_was_looked_for(
    tmp_path: Path, secret: tuple[str, tuple[str, ...]], message: str
) -> None:
    """And never what was found there."""
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(ConfigError) as caught:
        Secret(*secret, tmp_path).resolve()  # type: ignore[arg-type]
    assert message in caught.value.message
    assert "t0ken" not in str(caught.value) + caught.value.hint


VALUES = {
    "login": "boutique-3",
    "token": {"env": "TOKEN_3"},
    "since": "2026-11-23",
    "endpoint": "http://127.0.0.1:9999",
    "back_office": {"folder": "./exchange 3"},
}


def test_a_connection_is_added_and_removed_without_touching_other_lines(path: Path) -> None:
    """Comments, blank lines and order stay; removing gives the first text back."""
    path.write_text(GOOD)
    path.chmod(0o640)
    added = add_connection(path, "third", VALUES)
    assert [c.label for c in added.connections] == ["main", "second", "third"]
    assert added.connections[2].login == "boutique-3"
    assert added.connections[2].since == dt.date(2026, 11, 23)
    assert added.notify is not None
    lines = path.read_text().splitlines()
    assert [line for line in lines if line in GOOD.splitlines()] == GOOD.splitlines()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    remove_connection(path, "third")
    assert path.read_text() == GOOD


def test_the_first_connection_makes_the_file(path: Path) -> None:
    """And removing it leaves a valid one."""
    assert add_connection(path, "main", VALUES).diagnostics == ()
    assert load_configuration(path).connection("main").login == "boutique-3"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert remove_connection(path, "main").connections == ()
    assert path.read_text() == "connections: {}\n"


def test_the_last_line_need_not_end(path: Path) -> None:
    """Editors differ; CRLF stays CRLF."""
    path.write_bytes(connection("").replace("\n", "\r\n").rstrip().encode())
    add_connection(path, "other", VALUES)
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert len(load_configuration(path).connections) == 2


@pytest.mark.parametrize("login", ["012", "NO", "it's", "a: b", "é@".replace("@", ""), "# x", "[x]"])
def test_any_text_is_written_so_that_it_is_read_again(path: Path, login: str) -> None:
    """Quoted where another reader would take it for something else."""
    configuration = add_connection(path, "main", {**VALUES, "login": login})
    assert configuration.connections[0].login == login
    assert configuration.diagnostics == ()


@pytest.mark.parametrize(
    ("label", "values", "message"),
    [("main", VALUES, "already"), ("third", {**VALUES, "login": "x@example.com"}, "mistake")],
)
def test_an_edit_that_would_not_be_valid_changes_nothing(
    path: Path, label: str, values: dict[str, str], message: str
) -> None:
    """The file is written only when its new text was read and found right."""
    path.write_text(GOOD)
    with pytest.raises(ConfigError, match=message):
        add_connection(path, label, values)
    assert path.read_text() == GOOD
    assert list(path.parent.iterdir()) == [path]


def test_connections_on_one_line_are_left_to_their_author(path: Path) -> None:
    """Said, rather than mangled."""
    text = "connections: {main: {login: a, token: {env: T}, back_office: {folder: x}}}\n"
    path.write_text(text)
    for edit in (lambda: add_connection(path, "b", VALUES), lambda: remove_connection(path, "main")):
        with pytest.raises(ConfigError, match="one line"):
            edit()
    assert path.read_text() == text


def test_folders_are_layered_project_first_then_the_connection_then_flags(path: Path) -> None:
    """The nearest is the last."""
    path.write_text(GOOD)
    folder = path.parent
    for name in ("rules", "carriers.d", "extra"):
        (folder / name).mkdir()
    main, second = load_configuration(path).connections
    extra = folder / "extra"
    assert rule_folders(folder, main, [extra]) == (folder / "rules", folder / "rules/main", extra)
    assert carrier_folders(folder, main) == (folder / "carriers.d", folder / "carriers.d/main")
    assert rule_folders(folder, second) == (folder / "rules",)
    assert load_engine(folder, second).digest == load_engine(folder / "nowhere").digest
