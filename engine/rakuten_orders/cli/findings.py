"""Diagnostics printed with the source lines they point at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from rakuten_orders.cli import console, text
from rakuten_orders.diagnostics import Diagnostic

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML counts as one
_SHOWN_BYTES = 16 * 2**20


def show_findings(
    findings: Iterable[Diagnostic],
    texts: Mapping[str, bytes] = MappingProxyType({}),
    *,
    err: bool = False,
    shown_line: Callable[[str], str] = str,
) -> None:
    """Print each finding with its line and a caret. ``texts`` holds files already read; others are read once each.

    ``shown_line`` gives what may be seen of a line.
    """
    lines: dict[str, list[str]] = {}
    for found in findings:
        if found.file not in lines:
            lines[found.file] = _lines(texts.get(found.file) or _read(found.file))
        source = lines[found.file]
        shown = text.finding(found, shown_line(source[found.line - 1]) if found.line <= len(source) else None)
        (console.say if err else console.show)(shown)


def _read(file: str) -> bytes:
    """The beginning of the file; nothing where it cannot be read (a folder, a table handed in, a file gone since)."""
    try:
        with Path(file).open("rb") as opened:
            return opened.read(_SHOWN_BYTES)
    except (OSError, ValueError):
        return b""


def _lines(data: bytes) -> list[str]:
    return _LINE_BREAK.split(data.decode("utf-8-sig", errors="replace")) if data else []
