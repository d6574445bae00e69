"""What goes to the terminal: results to standard output, messages to standard error, both on any console."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import click

from rakuten_orders.cli.text import Screen, printable
from rakuten_orders.errors import ConfigError


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


def put(text: str, stream: IO[str]) -> None:
    """Print to one of the two streams what is fit for it, colours included."""
    click.echo(text, file=stream)


def screen(stream: IO[str]) -> Screen:
    """What the stream shows. Colours only on a terminal that has them and where NO_COLOR is not set (no-color.org)."""
    colours = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(getattr(stream, "encoding", None) or "utf-8", colours)


def speak_utf8() -> None:
    """Write UTF-8 to standard output from now on, whatever the console's encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def show_xml(document: str) -> None:
    """Print an XML document that says it is UTF-8, in ASCII where the stream is not that."""
    show(document if _speaks_utf8() else document.encode("ascii", "xmlcharrefreplace").decode("ascii"))


def show_json(document: object) -> None:
    """Print one JSON document to standard output, in ASCII where the stream is not UTF-8."""
    show(json.dumps(document, indent=2, ensure_ascii=not _speaks_utf8()))


def json_line(document: object) -> str:
    """One JSON document on one line, its line feed included, in ASCII where standard output is not UTF-8."""
    return json.dumps(document, ensure_ascii=not _speaks_utf8(), separators=(",", ":")) + "\n"


def ask(question: str, *, yes: bool) -> bool:
    """Ask on a terminal; ``yes`` answers beforehand. Raises ConfigError where nobody can be asked."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise ConfigError(f"{question} Nobody can be asked here.", "Add --yes to go on.")
    return click.confirm(question, err=True)


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
