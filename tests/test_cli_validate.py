"""``validate-rules``: what it says, how it counts, and how it exits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rakuten_orders import Engine
from rakuten_orders.cli.program import program
from rakuten_orders.cli.validate import command

CARRIER = """\
code: dupuis
name: Dupuis
tracking_url: 'https://dupuis.example/{{ tracking_number }}'
sources:
  - {note: a mail of the carrier, read: 2026-11-23}
examples:
  valid:
    - {tracking_number: 'D1', url: 'https://dupuis.example/D1'}
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with no configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``validate-rules``."""
    result = CliRunner().invoke(program, ["validate-rules", *arguments])
    return result.exit_code, result.stdout, result.stderr


def document(*arguments: str) -> tuple[int, Any]:
    """Exit code and JSON document; standard error must be silent."""
    code, printed, said = run("--format", "json", *arguments)
    assert said == ""
    return code, json.loads(printed)


def test_without_a_project_the_shipped_files_are_checked() -> None:
    """It says what it read, that nothing is wrong, and the digest that the engine has."""
    code, printed, said = run("--strict")
    assert (code, said) == (0, "")
    summary, digest = printed.splitlines()
    assert re.fullmatch(r"\d+ carriers, 3 rule files, \d+ tables?: 0 errors, 0 warnings", summary)
    assert digest == f"digest: {Engine.load().digest}"


def test_the_command_of_its_own_name_says_the_same() -> None:
    """``validate-rules`` by itself is the same command."""
    alone = CliRunner().invoke(command, [], prog_name="validate-rules")
    assert (alone.exit_code, alone.stdout, alone.stderr) == run()


def test_json_has_all_its_keys() -> None:
    """One document, all counts, every finding with its place."""
    write("carriers.d/dupuis.yaml", CARRIER.replace("name:", "nmae:"))
    code, found = document()
    assert code == 1
    assert list(found) == ["files", "errors", "warnings", "digest", "diagnostics"]
    assert [found[key] for key in ("files", "errors", "warnings", "digest")] == [1, 1, 0, None]
    (diagnostic,) = found["diagnostics"]
    assert list(diagnostic) == ["file", "line", "column", "code", "severity", "message", "hint"]
    assert [diagnostic[key] for key in ("file", "line", "column", "code", "severity")] == [
        *("carriers.d/dupuis.yaml", 2, 1, "unknown-key", "error"),
    ]


def test_text_shows_the_line_with_a_caret() -> None:
    """Place, code, the line, the caret, what was perhaps meant; then the summary."""
    write("carriers.d/dupuis.yaml", CARRIER.replace("name:", "nmae:"))
    code, printed, said = run()
    assert (code, said) == (1, "")
    first, line, caret, hint, summary, digest = printed.splitlines()
    assert first.startswith("carriers.d/dupuis.yaml:2:1: error: ")
    assert first.endswith("[unknown-key]")
    assert (line, caret) == ("    2 | nmae: Dupuis", "      | ^^^^")
    assert "name" in hint
    assert summary == "1 carrier, 0 rule files, 0 tables: 1 error, 0 warnings"
    assert digest == "digest: none, the set does not load"


def test_ten_mistakes_are_ten_findings() -> None:
    """One run tells them all, in the files' order."""
    for number in range(10):
        write(
            f"carriers.d/dupuis-{number}.yaml", CARRIER.replace("dupuis", f"dupuis-{number}").replace("name:", "nmae:")
        )
    code, found = document()
    assert (code, found["errors"]) == (1, 10)
    assert [diagnostic["file"] for diagnostic in found["diagnostics"]] == [
        f"carriers.d/dupuis-{number}.yaml" for number in range(10)
    ]


def test_a_warning_fails_only_when_strict() -> None:
    """Exit 0 with the warning told; exit 1 with ``--strict``."""
    write("carriers.d/dupuis.yaml", CARRIER.replace("name: Dupuis", "name: NO"))
    code, found = document()
    assert (code, found["errors"], found["warnings"]) == (0, 0, 1)
    assert found["diagnostics"][0]["code"] == "ambiguous-scalar"
    assert document("--strict")[0] == 1


def test_an_example_that_does_not_come_out_is_an_error() -> None:
    """The carriers' own examples are run."""
    write("carriers.d/dupuis.yaml", CARRIER.replace("example/D1", "example/D2"))
    code, found = document()
    assert code == 1
    assert found["diagnostics"][0]["code"] == "example-mismatch"


@pytest.mark.parametrize("path", ["carriers.d/dupuis.yaml", "carriers.d", ".", "./carriers.d/"])
def test_a_file_or_a_folder_can_be_named(path: str) -> None:
    """A file, a folder of carriers, a project: only what is named is counted."""
    write("carriers.d/dupuis.yaml", CARRIER)
    code, found = document(path)
    assert (code, found["files"], found["errors"]) == (0, 1, 0)


def test_nothing_to_check_is_wrong_usage() -> None:
    """Zero files exit 2, and so does a path that is not there."""
    Path("empty").mkdir()
    for path in ("empty", "gone.yaml"):
        code, printed, said = run(path)
        assert (code, printed) == (2, "")
        assert path in said


def test_every_connections_set_is_checked() -> None:
    """Without PATH the sets of all connections; with ``--connection`` that one alone."""
    connection = "    login: {0}\n    token: {{env: T}}\n    rules: {0}\n    back_office: {{folder: x}}\n"
    write("rakuten-orders.yaml", "connections:\n" + "".join(f"  {n}:\n{connection.format(n)}" for n in ("one", "two")))
    write("one/acceptance.yaml", "kind: acceptance\nships_from: FR\n")
    write("two/acceptance.yaml", "kind: acceptance\nships_from: XX\n")
    code, found = document()
    assert (code, found["files"], found["digest"]) == (1, 2, None)
    assert [diagnostic["file"] for diagnostic in found["diagnostics"]] == ["two/acceptance.yaml"]
    assert document("--connection", "one")[0] == 0
    assert document("--connection", "two")[0] == 1
    assert "digest of one: " in run()[1]
    assert run("--connection", "three")[0] == 2


def test_flags_add_folders() -> None:
    """``--carriers`` and ``--rules`` are checked on top of what the project has."""
    write("carriers.d/dupuis.yaml", CARRIER)
    write("more/durand.yaml", CARRIER.replace("dupuis", "durand").replace("Dupuis", "Durand"))
    write("own/transporters.yaml", "kind: transporters\ndefault: durand\n")
    code, found = document("--carriers", "more", "--rules", "own")
    assert (code, found["files"]) == (0, 3)
    code, found = document("--rules", "own")
    assert code == 1
    assert found["diagnostics"][0]["code"] == "unknown-carrier"


def test_the_configuration_is_no_rule_file() -> None:
    """It is not taken for a carrier: wrong usage, and what checks it."""
    write("rakuten-orders.yaml", "connections: {}\n")
    code, printed, said = run("rakuten-orders.yaml")
    assert (code, printed) == (2, "")
    assert "rakuten-orders connection list" in said
