"""``validate-rules`` on the consoles and with the habits of Windows, and on terminals with and without colours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from rakuten_orders.cli.program import program

COMMAND = Path(sys.executable).with_name("validate-rules")
CARRIER = """\
code: dupuis
name: Dupuis
aliases: [Hélène, デュピュイ, NO]
tracking_url: 'https://dupuis.example/{{ trackin_number }}'
sources:
  - {note: a mail of the carrier, read: 2026-11-23}
examples:
  valid:
    - {tracking_number: 'D1', url: 'https://dupuis.example/D1'}
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in a folder with one carrier."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    write(CARRIER.encode())


def write(data: bytes) -> None:
    path = Path("carriers.d/dupuis.yaml")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def findings(*arguments: str) -> list[tuple[object, ...]]:
    """Place and code of each finding."""
    result = CliRunner().invoke(program, ["validate-rules", "--format", "json", *arguments])
    assert result.stderr == ""
    found = json.loads(result.stdout)["diagnostics"]
    return [tuple(diagnostic[key] for key in ("file", "line", "column", "code")) for diagnostic in found]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850", "utf-8"])
def test_a_console_of_another_encoding_shows_everything_in_its_place(encoding: str) -> None:
    """No traceback, and the carets stand under what is meant also where letters became escapes."""
    done = subprocess.run(
        [COMMAND],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    shown = done.stdout.decode(encoding).splitlines()
    line, carets = shown[1:3]
    if encoding == "utf-8":
        assert carets == f"      | {' ' * len('aliases: [Hélène, .........., ')}^^"
    else:
        start = carets.index("^")
        assert line[start : start + carets.count("^")] == "NO"
        assert "\\u30c7" in line


@pytest.mark.parametrize("data", [CARRIER.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + CARRIER.encode()])
def test_windows_line_ends_and_byte_order_marks_change_nothing(data: bytes) -> None:
    """The same findings at the same places, and the same lines shown."""
    expected, text = findings(), CliRunner().invoke(program, ["validate-rules"]).stdout
    write(data)
    assert findings() == expected != []
    assert CliRunner().invoke(program, ["validate-rules"]).stdout == text


@pytest.mark.parametrize(
    "arguments",
    [("carriers.d\\dupuis.yaml",), (".\\carriers.d\\",), ("--carriers", ".\\carriers.d")],
    ids=" ".join,
)
def test_paths_may_be_written_with_backslashes(arguments: tuple[str, ...]) -> None:
    """A path typed as on Windows is that path, and findings name the file with slashes."""
    assert {found[0] for found in findings(*arguments)} == {"carriers.d/dupuis.yaml"}


def test_a_configuration_from_windows_finds_its_folders() -> None:
    """``rules: rules\\main`` is the same folder on every system."""
    Path("rules/main").mkdir(parents=True)
    Path("rules/main/acceptance.yaml").write_text("kind: acceptance\nships_from: XX\n", encoding="utf-8")
    connection = "login: boutiquefr, token: {env: T}, back_office: {folder: x}, rules: 'rules\\main'"
    Path("rakuten-orders.yaml").write_text(f"connections: {{main: {{{connection}}}}}\n", encoding="utf-8")
    assert ("rules/main/acceptance.yaml", 2, 13, "wrong-value") in findings()


@pytest.mark.skipif(os.name == "nt", reason="there a backslash is no part of a name")
def test_a_name_with_a_backslash_is_that_name() -> None:
    """Where the file system knows such a name, the file is meant."""
    Path("a\\dupuis.yaml").write_text("", encoding="utf-8")
    assert [(found[0], found[3]) for found in findings("a\\dupuis.yaml")] == [("a\\dupuis.yaml", "empty-file")]


def test_a_path_that_is_not_there_is_named_with_slashes() -> None:
    """Wrong usage, whichever way it was typed."""
    result = CliRunner().invoke(program, ["validate-rules", "carriers.d\\gone.yaml"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no file or folder carriers.d/gone.yaml" in result.stderr


def on_a_terminal(environment: Iterable[tuple[str, str]]) -> str:
    """What ``validate-rules`` prints where standard output is a terminal."""
    import pty

    master, slave = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    with subprocess.Popen([COMMAND], stdout=slave, env=plain | {"TERM": "xterm"} | dict(environment)) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # Linux' way to say that nobody writes any more
                break
            if not part:
                break
            shown += part
        assert process.wait(30) == 1
    os.close(master)
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
def test_a_terminal_gets_colours_unless_they_are_not_wanted() -> None:
    """Colours on a terminal; none where NO_COLOR is set or the terminal has none; the text is the same."""
    plain = CliRunner().invoke(program, ["validate-rules"]).stdout
    assert "\x1b" not in plain
    coloured = on_a_terminal([("NO_COLOR", "")])  # empty is as good as not set
    assert "\x1b[1;31m^" in coloured
    for environment in ([("NO_COLOR", "1")], [("TERM", "dumb")]):
        assert on_a_terminal(environment) == plain
