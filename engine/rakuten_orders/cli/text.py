"""Plain text for terminals: widths as shown, tables, a finding with its source line and carets. All pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rakuten_orders.diagnostics import Diagnostic

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_BOLD = 1
_COLOURS = {"error": 31, "warning": 33, "information": 36}  # red, yellow, cyan
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


@dataclass(frozen=True, slots=True)
class Screen:
    """What a text is shown on: the encoding of its characters, and whether it shows colours."""

    encoding: str = "utf-8"
    colours: bool = False

    def shows(self, text: str) -> str:
        """The text as it comes out: what the encoding lacks, and control characters, as escapes."""
        return printable(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def painted(self, text: str, *colours: int) -> str:
        """The text between the terminal's signs for these colours, where the screen has any."""
        return f"\x1b[{';'.join(map(str, colours))}m{text}\x1b[0m" if self.colours and text else text


UTF8 = Screen()


def finding(found: Diagnostic, source: str | None, length: int = 1, screen: Screen = UTF8) -> str:
    """A diagnostic as people read it: where, what, the source line with what is meant underlined, what to do.

    ``source`` is the line it points at, without line feed; None where the file cannot be shown. ``length`` is how
    many of its code points are meant.
    """
    colour = _COLOURS[found.severity]
    parts = [
        screen.painted(screen.shows(f"{_one_line(found.file)}:{found.line}:{found.column}:"), _BOLD)
        + screen.painted(f" {found.severity}:", _BOLD, colour)
        + screen.shows(f" {found.message} [{found.code}]")
    ]
    if source is not None:
        parts.extend(_excerpt(found, source, length, screen))
    if found.hint:
        parts.extend(f"  {line}" for line in screen.shows(f"hint: {found.hint}").splitlines())
    return "\n".join(parts)


def _excerpt(found: Diagnostic, source: str, length: int, screen: Screen) -> tuple[str, str]:
    """The line, cut where it is too long, and the line below it with the carets."""
    at = found.column - 1
    start = max(0, at - _SHOWN * 2 // 3) if len(source) > _SHOWN else 0
    end = start + _SHOWN
    ellipsis = "…" if screen.shows("…") == "…" else "..."
    before = (ellipsis if start else "") + screen.shows(source[start:at])
    meant = screen.shows(source[at : min(at + length, end)])
    after = screen.shows(source[min(at + length, end) : end]) + (ellipsis if end < len(source) else "")
    carets = "^" * max(width(meant), 1)
    return (
        f"{found.line:>5} | {before}{meant}{after}".rstrip(),
        f"      | {' ' * width(before)}{screen.painted(carets, _BOLD, _COLOURS[found.severity])}",
    )


def _one_line(name: str) -> str:
    """A file's name, which may hold a line feed."""
    return name.replace("\n", "\\n")


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _escape(character: str) -> str:
    if character == "\t":
        return " "
    return f"\\x{ord(character):02x}" if character < "\u0100" else f"\\u{ord(character):04x}"
