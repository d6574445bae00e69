"""The lines that findings point at, from files already read or read once for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rakuten_orders.cli.tokens import cell_length, token_length
from rakuten_orders.diagnostics import Diagnostic

_LINE_BREAK = re.compile(r"\r\n?|\n")  # what positions count as one
_SHOWN_BYTES = 16 * 2**20


class SourceLines:
    """The lines of files. ``texts`` holds files already read; others are read when first asked for."""

    def __init__(self, texts: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._texts = texts
        self._lines: dict[str, list[str]] = {}

    def line(self, found: Diagnostic) -> str | None:
        """The line of the finding, without its line break; None where there is none or the file cannot be read."""
        if found.file not in self._lines:
            self._lines[found.file] = _split(self._texts.get(found.file) or _read(found.file))
        lines = self._lines[found.file]
        return lines[found.line - 1] if found.line <= len(lines) else None

    def length(self, found: Diagnostic) -> int:
        """How many code points what the finding points at has; 1 where that is not known."""
        line = self.line(found)
        return 1 if line is None else pointed_length(found, line)


def pointed_length(found: Diagnostic, line: str) -> int:
    """How many code points of ``line`` belong to what the finding points at."""
    return (cell_length if found.file.lower().endswith(".csv") else token_length)(line, found.column)


def _read(file: str) -> bytes:
    """The beginning of the file; nothing where it cannot be read (a folder, a table handed in, a file gone since)."""
    try:
        # A pipe or a device would be waited for.
        if not Path(file).is_file():
            return b""
        with Path(file).open("rb") as opened:
            return opened.read(_SHOWN_BYTES)
    except (OSError, ValueError):
        return b""


def _split(data: bytes) -> list[str]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return _LINE_BREAK.split(data.decode(encoding, errors="replace")) if data else []
