"""The outermost command: help, unknown names, exit codes, and no traceback that a user can cause."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rakuten_orders import errors
from rakuten_orders.cli.failures import Guarded
from rakuten_orders.cli.program import program
from rakuten_orders.diagnostics import Diagnostic

COMMAND = Path(sys.executable).with_name("rakuten-orders")


def ending_with(outcome: BaseException | int | None) -> click.Command:
    """A guarded command that raises or returns this."""

    @click.command(cls=Guarded)
    def command() -> int | None:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return command


SHOWN = "x.yaml:1:2: error: no such key 'a' [unknown-key]\n  hint: did you mean 'b'?\n"
GONE = FileNotFoundError(2, "No such file or directory", "a\\b.xml")
DIAGNOSTIC = Diagnostic("x.yaml", 1, 2, "unknown-key", "error", "no such key 'a'", "did you mean 'b'?")


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (None, 0, ""),
        (1, 1, ""),
        (errors.ConfigError("an e-mail", "the name"), 2, "Error: an e-mail\n  the name\n"),
        (errors.ConfigError("wrong", "", [DIAGNOSTIC]), 2, f"{SHOWN}Error: wrong\n"),
        (errors.RulesError([DIAGNOSTIC]), 1, SHOWN),
        (errors.PayloadError("not XML", "give getnewsales"), 1, "Error: not XML\n  give getnewsales\n"),
        (errors.UnsupportedTransporter("nothing covers it"), 1, "Error: nothing covers it\n"),
        (errors.AuthenticationError("wrong token"), 1, "Error: wrong token\n"),
        (errors.NotAllowedError("a Professional account is needed"), 1, "Error: a Professional account is needed\n"),
        (errors.QuotaExceeded("until 15:00"), 3, "Error: until 15:00\n"),
        (errors.TransportError("no answer"), 3, "Error: no answer\n"),
        (errors.BackOfficeError("refused"), 1, "Error: refused\n"),
        (errors.BackOfficeError("gone", reason="backend_unreachable"), 3, "Error: gone\n"),
        (errors.StoreError("newer than this version"), 2, "Error: newer than this version\n"),
        (GONE, 2, "Error: a/b.xml: no such file or directory\n"),
        (KeyboardInterrupt(), 130, "\nStopped.\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_end_has_its_code_and_its_sentence(outcome: BaseException | int | None, code: int, said: str) -> None:
    """What a command raises or returns becomes the exit code and the sentence, on standard error alone."""
    result = CliRunner().invoke(ending_with(outcome))
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", said)


def test_an_unknown_command_names_the_nearest() -> None:
    """A slip of the finger is answered with what was meant."""
    result = CliRunner().invoke(program, ["exlpain"])
    assert result.exit_code == 2
    assert "no command 'exlpain'; did you mean explain?" in result.stderr


def test_a_wrong_option_is_wrong_usage() -> None:
    """Nothing on standard output, exit 2."""
    result = CliRunner().invoke(program, ["explain", "--jsno"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--jsno" in result.stderr


def test_explain_tells_meaning_and_remedy() -> None:
    """A reason of an order is explained with how to see what is supported and how to add a file."""
    result = CliRunner().invoke(program, ["explain", "unsupported_transporter"])
    assert result.exit_code == 0
    assert result.stdout.startswith("unsupported_transporter: a reason that an order shows\n")
    assert "rakuten-orders carriers list" in result.stdout
    assert "carriers.d/" in result.stdout


def test_explain_lists_every_code_without_one() -> None:
    """All codes and reasons, each once, each with a sentence."""
    result = CliRunner().invoke(program, ["explain"])
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.stdout.splitlines() if "  " in line]
    assert len(listed) == len(set(listed)) > 40
    assert {"unknown-key", "ambiguous-scalar", "sku_not_found", "rules_invalid"} <= set(listed)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("unknwon-key", "did you mean unknown-key"),
        ("unsupported-transporter", "did you mean unsupported_transporter"),
        ("zzzz", "'rakuten-orders explain' lists them all"),
    ],
)
def test_explain_of_an_unknown_code_names_the_nearest(code: str, hint: str) -> None:
    """Wrong usage, with what was meant or how to see all."""
    result = CliRunner().invoke(program, ["explain", code])
    assert (result.exit_code, result.stdout) == (2, "")
    assert hint in result.stderr


def test_what_was_typed_is_shown_without_control_characters() -> None:
    """A name that is quoted back moves no cursor."""
    result = CliRunner().invoke(program, ["explain", "a\x07b"])
    assert result.exit_code == 2
    assert "no code 'a\\x07b'" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
def test_a_reader_that_leaves_is_no_traceback() -> None:
    """``rakuten-orders explain | head -1``: the end of the pipe is the end, quietly, and told by the exit code."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([COMMAND, "explain"], stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_without_utf8_gets_escapes_instead_of_a_traceback(encoding: str) -> None:
    """What the console cannot show is written as an escape; the rest is as always."""
    done = subprocess.run(
        [COMMAND, "explain", "日本"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        check=False,
    )
    assert done.returncode == 2
    assert b"no code '\\u65e5\\u672c'" in done.stderr


def test_json_is_the_same_on_every_console() -> None:
    """Where the stream is not UTF-8, JSON is written in ASCII, and reads the same."""
    documents = [
        json.loads(
            subprocess.run(
                [COMMAND, "carriers", "list", "--json"],
                capture_output=True,
                env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
                check=True,
            ).stdout.decode(encoding)
        )
        for encoding in ("utf-8", "ascii")
    ]
    assert documents[0] == documents[1]
    assert "Colis Privé" in [carrier["name"] for carrier in documents[0]]
