"""What goes to the terminal: results to standard output, messages to standard error, both on any console."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from rakuten_orders.cli.text import printable


def prepare() -> None:
    """Make both streams print what their encoding lacks as ``\\xe9`` instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(text: str) -> None:
    """Print a result to standard output."""
    # The stream is named: left to itself, click writes UTF-8 to a console that says it is ASCII.
    click.echo(text, file=sys.stdout)


def say(text: str) -> None:
    """Print a message for a person to standard error, control characters made visible."""
    click.echo(printable(text), file=sys.stderr)


def show_json(document: object) -> None:
    """Print one JSON document to standard output, in ASCII where the stream is not UTF-8."""
    show(json.dumps(document, indent=2, ensure_ascii=not _speaks_utf8()))


def json_line(document: object) -> str:
    """One JSON document on one line, its line feed included, in ASCII where standard output is not UTF-8."""
    return json.dumps(document, ensure_ascii=not _speaks_utf8(), separators=(",", ":")) + "\n"


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with each bit of work done.

    It moves a bar on standard error where that is a terminal that shows nothing else, and ``length`` is not 0.
    """
    if length == 0 or not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def _speaks_utf8() -> bool:
    return (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "").replace("_", "") == "utf8"
