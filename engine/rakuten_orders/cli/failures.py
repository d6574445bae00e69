"""The one place where what went wrong becomes a sentence and an exit code.

0 all well, 1 findings or failed orders, 2 wrong usage or configuration, 3 the marketplace or the back office could
not be reached. Beyond those, as shells know them: 130 after Ctrl-C, 141 when the reader of a pipe has left.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from rakuten_orders import errors
from rakuten_orders.cli import console
from rakuten_orders.cli.findings import show_findings
from rakuten_orders.connection.config_lines import shown_line

ALL_WELL, FAILED, WRONG_USAGE, UNREACHABLE = 0, 1, 2, 3
INTERRUPTED, READER_LEFT = 130, 141

_CODES: tuple[tuple[type[errors.RakutenOrdersError], int], ...] = (
    (errors.ConfigError, WRONG_USAGE),
    (errors.StoreError, WRONG_USAGE),
    (errors.TransportError, UNREACHABLE),
    (errors.QuotaExceeded, UNREACHABLE),
    (errors.RakutenOrdersError, FAILED),
)


class Guarded(click.Command):
    """A command that always ends with an exit code of the table above and, where needed, a sentence."""

    def main(self, *args: Any, **settings: Any) -> NoReturn:
        """Run and exit. Commands return their exit code; None is 0."""
        console.prepare()
        sys.exit(self.run(*args, **settings))

    def run(self, *args: Any, **settings: Any) -> int:
        """Run as ``main`` does, and return the exit code instead of exiting with it."""
        run = super().main
        return _outcome(lambda: run(*args, **settings | {"standalone_mode": False}))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and write out what it printed while a reader that left can still be told apart."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            return _reader_left()
        return result


def exit_code(error: errors.RakutenOrdersError) -> int:
    """The exit code for an error of this package."""
    if isinstance(error, errors.BackOfficeError) and error.reason == "backend_unreachable":
        return UNREACHABLE
    return next(code for kind, code in _CODES if isinstance(error, kind))


def report(error: errors.RakutenOrdersError) -> None:
    """Print the error for a person to standard error: what, where it has a place, and what to do."""
    findings = getattr(error, "diagnostics", ())
    # Only a configuration's line may hold a secret, where somebody wrote it by mistake.
    show_findings(findings, err=True, shown_line=shown_line if isinstance(error, errors.ConfigError) else str)
    if isinstance(error, errors.RulesError) and findings:
        return
    message = getattr(error, "message", str(error))
    hint = getattr(error, "hint", "")
    console.say(f"Error: {message}" + (f"\n  {hint}" if hint else ""))


def _outcome(run: Callable[[], object]) -> int:
    try:
        result = run()
        sys.stdout.flush()
    except errors.RakutenOrdersError as error:
        report(error)
        return exit_code(error)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        console.say(shown.getvalue().rstrip("\n"))
        return WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        console.say("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        console.say(f"Error: {_os_sentence(error)}")
        return WRONG_USAGE
    return result if isinstance(result, int) else ALL_WELL


def _os_sentence(error: OSError) -> str:
    what = (error.strerror or str(error)).lower()
    where = os.fsdecode(error.filename).replace("\\", "/") if isinstance(error.filename, str | bytes) else ""
    return f"{where}: {what}" if where else what


def _reader_left() -> int:
    # Python flushes once more at exit and would complain again: let it write to nowhere.
    sys.stdout.flush = lambda: None  # type: ignore[method-assign]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return READER_LEFT
