"""Where a character of a text stands in the file: lines and columns, also inside YAML's scalars.

A scalar's text is not what is written: quotes and escapes go, lines are folded. But no style of YAML adds, drops or
moves a character that is not blank, so each is found again by counting those.
"""

from __future__ import annotations

import re

_BREAK = re.compile(r"\r\n?|\n")
_BLANK = " \t\r\n"
# What stands inside double quotes: an escape, a line joined to the next, or a character.
_UNITS = re.compile(r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U00[01][0-9A-Fa-f]{5}|\\[\r\n][ \t\r\n]*|\\.|.", re.DOTALL)
_QUOTED = re.compile(r"''|[^ \t\r\n]")


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at ``index``; columns count code points."""
    breaks = list(_BREAK.finditer(text, 0, index))
    return len(breaks) + 1, index - (breaks[-1].end() if breaks else 0) + 1


def index_at(text: str, line: int, column: int) -> int:
    """The index of the character at a line and column, from 1; the text's length for a place behind it."""
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]
    return min(starts[line - 1] + column - 1, len(text)) if line <= len(starts) else len(text)


def raw_offset(raw: str, value: str, offset: int) -> int:
    """The offset in a scalar as written (``raw``, quotes included) of the character at ``offset`` of its text.

    Exact for every character that is not blank, and for blanks within a line.
    """
    written = _written(raw)
    blanks = len(value[:offset]) - len(value[:offset].rstrip(_BLANK))
    before = sum(char not in _BLANK for char in value[:offset])
    if offset < len(value) and value[offset] not in _BLANK:
        return written[before] if before < len(written) else 0
    start = written[before - 1] + 1 if 0 < before <= len(written) else written[0] if written else 0
    return min(start + blanks, max(len(raw) - 1, 0))


def _written(raw: str) -> list[int]:
    """The offsets of a scalar's characters that are not blank, as written."""
    if raw.startswith('"'):
        return [found.start() for found in _UNITS.finditer(raw, 1, max(len(raw) - 1, 1)) if not _is_blank(found[0])]
    if raw.startswith("'"):
        return [found.start() for found in _QUOTED.finditer(raw, 1, max(len(raw) - 1, 1))]
    first = 0
    if raw.startswith(("|", ">")):
        header = _BREAK.search(raw)
        first = header.end() if header else len(raw)
    return [index for index in range(first, len(raw)) if raw[index] not in _BLANK]


def _is_blank(unit: str) -> bool:
    """Whether a character or escape inside double quotes stands for a blank, or (a line joined) for nothing."""
    if unit[0] != "\\":
        return unit in _BLANK
    if len(unit) > 2 and unit[1] in "xuU":
        digits = unit[2:]
        return chr(int(digits, 16)) in _BLANK
    return unit[1] in "ntr" or unit[1] in _BLANK
