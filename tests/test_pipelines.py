"""What users' repositories take from here: the hook for pre-commit, and README's pipelines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
BINARIES = Path(sys.executable).parent
CARRIER = (CHECKOUT / "tests" / "golden" / "project" / "carriers.d" / "calme.yaml").read_text(encoding="utf-8")


def example(name: str) -> Any:
    """README's YAML example of that name, and the name of its file in the first line."""
    found = re.search(rf"<!-- example: {name} -->\n```yaml\n# (\S+)\n(.*?)```", README, re.DOTALL)
    assert found, name
    # YAML 1.1 reads GitHub's `on` as true.
    return found[1], yaml.safe_load(found[2])


def hook() -> dict[str, Any]:
    (found,) = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_the_hook_runs_an_installed_command() -> None:
    """What pre-commit runs is a command that the package installs, on the whole project at once."""
    scripts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert hook()["entry"] in scripts
    assert (hook()["language"], hook()["pass_filenames"]) == ("python", False)


@pytest.mark.parametrize(
    ("file", "matters"),
    [
        ("carriers.d/dupuis.yaml", True),
        ("carriers.d/dupuis.yml", True),
        ("carriers.d/dupuis.yaml.txt", True),
        ("shop/carriers.d/dupuis.yaml", True),
        ("rules/order.yaml", True),
        ("rules/main/order.yaml", True),
        ("rules/tables/products.csv", True),
        ("rakuten-orders.yaml", True),
        ("README.md", False),
        ("carriers.d/README.md", False),
        ("src/rules.py", False),
        ("overrules/x.yaml", False),
    ],
)
def test_the_hook_runs_when_a_file_of_the_set_changes(file: str, matters: bool) -> None:
    """Also for files that would be overlooked; pre-commit searches the pattern in the path."""
    assert bool(re.search(hook()["files"], file)) is matters


def test_readme_names_the_hook() -> None:
    """The id in README's example is the hook's."""
    name, configuration = example("pre-commit")
    assert name == ".pre-commit-config.yaml"
    assert [entry["id"] for entry in configuration["repos"][0]["hooks"]] == [hook()["id"]]


def run(line: str, folder: Path) -> int:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAKUTEN")}
    environment["PATH"] = f"{BINARIES}{os.pathsep}{environment['PATH']}"
    return subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize(("wrong", "code"), [(False, 0), (True, 1)], ids=["clean", "with an error"])
def test_the_pipelines_of_readme_run(wrong: bool, code: int, tmp_path: Path) -> None:
    """Their lines run as they stand, exit as the pipeline needs it, and leave the reports that the next step reads."""
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "calme.yaml").write_text(
        CARRIER.replace("name:", "nmae:") if wrong else CARRIER, encoding="utf-8"
    )
    _, github = example("github")
    _, gitlab = example("gitlab")
    steps = github["jobs"]["validate-rules"]["steps"]
    job = gitlab["validate-rules"]
    lines = [line for line in [*(step.get("run", "") for step in steps), *job["script"]] if line]
    checks = [line for line in lines if line.startswith("validate-rules")]
    assert len(checks) == 3
    assert all(line.startswith(("python -m pip install git+", "validate-rules ")) for line in lines)
    assert [run(line, tmp_path) for line in checks] == [code] * 3
    sarif = (tmp_path / steps[-1]["with"]["sarif_file"]).read_text(encoding="utf-8")
    assert len(json.loads(sarif)["runs"][0]["results"]) == code
    assert f'failures="{code}"' in (tmp_path / job["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8")


def test_every_form_is_in_readme() -> None:
    """The table of forms has each that ``--format`` takes, in that order."""
    from rakuten_orders.cli.reports import FORMS

    section = README.split("## Rules and carriers under version control")[1]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)[: len(FORMS)]) == FORMS


def test_the_schemas_of_the_editors_page_are_written(tmp_path: Path) -> None:
    """The commands of carriers.d/README.md write what its settings name."""
    page = (CHECKOUT / "carriers.d" / "README.md").read_text(encoding="utf-8").split("## In the editor")[1]
    commands = re.findall(r"^    (rakuten-orders schema .+)$", page, re.MULTILINE)
    assert len(commands) == 4
    assert [run(command, tmp_path) for command in commands] == [0] * 4
    (settings,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    for file, pattern in json.loads(settings)["yaml.schemas"].items():
        schema = json.loads((tmp_path / file).read_text(encoding="utf-8"))
        assert schema["title"] == f"rakuten-orders: {Path(file).stem}"
        assert list(CHECKOUT.glob(pattern))
    for line in re.findall(r"^# .*\$schema[=:] ?(\S+)$", page, re.MULTILINE):
        assert (tmp_path / "carriers.d" / line).resolve().is_file()
