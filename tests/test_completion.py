"""Completion in shells, by the protocol that click's scripts for bash, zsh and fish speak."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BINARIES = Path(sys.executable).parent


def completed(shell: str, words: str, word: str) -> list[str]:
    """What the command answers the shell that completes ``word``, the last of ``words``."""
    program, *rest = words.split()
    cword = word if shell == "fish" else str(len(rest))
    done = subprocess.run(
        [BINARIES / program],
        env=os.environ
        | {f"_{program.replace('-', '_').upper()}_COMPLETE": f"{shell}_complete"}
        | {"COMP_WORDS": words, "COMP_CWORD": cword},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_are_completed(shell: str) -> None:
    """In each shell, the one that fits; where the shell shows such, with its summary."""
    answer = "\n".join(completed(shell, "rakuten-orders exp", "exp"))
    assert "explain" in answer
    assert "validate" not in answer
    assert ("Explain a code or an order's reason, and its remedy." in answer) is (shell != "bash")


@pytest.mark.parametrize(
    ("words", "word", "offered"),
    [
        ("rakuten-orders schema tr", "tr", ["plain,transporters"]),
        ("rakuten-orders explain unsupp", "unsupp", ["plain,unsupported_transporter"]),
        ("rakuten-orders explain second", "second", ["plain,second-document"]),
        ("rakuten-orders validate-rules --str", "--str", ["plain,--strict"]),
        ("validate-rules --format s", "s", ["plain,sarif"]),
        ("validate-rules carr", "carr", ["file,carr"]),
    ],
)
def test_what_follows_is_completed_too(words: str, word: str, offered: list[str]) -> None:
    """Kinds, codes, options and their values; a path is left to the shell."""
    assert completed("bash", words, word) == offered


def test_completing_a_command_imports_none() -> None:
    """A shell asks after each key: the names come from a table."""
    program = "import sys; from rakuten_orders.cli.program import program; program.main(prog_name='rakuten-orders')"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        env=os.environ
        | {"_RAKUTEN_ORDERS_COMPLETE": "bash_complete", "COMP_WORDS": "rakuten-orders ", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "plain,validate-rules" in done.stdout.splitlines()
    assert "rakuten_orders.cli.program" in done.stderr
    assert not {"yaml", "jinja2", "httpx", "rakuten_orders.engine"} & {
        line.rpartition("|")[2].strip() for line in done.stderr.splitlines()
    }


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_by_the_line_in_readme() -> None:
    """The line that README says to put into ``~/.bashrc`` makes bash itself complete both commands."""
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    lines = [line for line in readme.splitlines() if line.startswith('eval "$(') and "=bash_source " in line]
    assert len(lines) == 2
    asked = (
        "compopt() { :; }\n"  # complains where no key was pressed
        "COMP_WORDS=(rakuten-orders expl); COMP_CWORD=1; _rakuten_orders_completion rakuten-orders\n"
        'echo "${COMPREPLY[@]}"\n'
        "complete -p rakuten-orders validate-rules\n"
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join([*lines, asked])],
        env=os.environ | {"PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert shown[0] == "explain"
    assert [line.split()[-1] for line in shown[1:]] == ["rakuten-orders", "validate-rules"]
