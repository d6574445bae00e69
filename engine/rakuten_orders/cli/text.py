"""Plain text for terminals: widths as shown, tables, a finding with its source line and caret. All pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rakuten_orders.diagnostics import Diagnostic

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SHOWN = 100  # columns of a source line that are shown; longer lines are cut around the caret


def printable(text: str) -> str:
    """The text with control, direction and invisible characters written as escapes; line feeds stay.

    Files and marketplace texts are other people's: what they hold must not move the cursor or turn a line around.
    """
    return _CONTROL.sub(lambda found: _escape(found[0]), text)


def width(text: str) -> int:
    """Columns that a terminal takes for the text: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as wide as their widest cell, two spaces between, no spaces at the ends of lines."""
    lines = [[printable(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (room - width(cell)) for cell, room in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def counted(number: int, what: str) -> str:
    """``1 item``, ``2 items`` for ``item(s)``."""
    return f"{number} {what.replace('(s)', '' if number == 1 else 's')}"


def finding(found: Diagnostic, source: str | None) -> str:
    """A diagnostic as people read it: where, what, the source line with a caret, what to do.

    ``source`` is the line it points at, without line feed; None where the file cannot be shown.
    """
    head = f"{found.file}:{found.line}:{found.column}: {found.severity}: {found.message} [{found.code}]"
    parts = [printable(head)]
    if source is not None:
        parts.extend(_excerpt(source, found.line, found.column))
    if found.hint:
        parts.extend(f"  {line}" for line in printable(f"hint: {found.hint}").splitlines())
    return "\n".join(parts)


def _excerpt(source: str, line: int, column: int) -> tuple[str, str]:
    start = max(0, column - 1 - _SHOWN * 2 // 3) if len(source) > _SHOWN else 0
    shown = source[start : start + _SHOWN]
    cut = "…" if start else ""
    before = cut + printable(source[start : column - 1])
    number = str(line)
    return (
        f"{number:>5} | {cut}{printable(shown)}{'…' if start + _SHOWN < len(source) else ''}".rstrip(),
        f"      | {' ' * width(before)}^",
    )


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _escape(character: str) -> str:
    if character == "\t":
        return " "
    return f"\\x{ord(character):02x}" if character < "\u0100" else f"\\u{ord(character):04x}"
