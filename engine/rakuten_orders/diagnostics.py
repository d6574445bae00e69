"""A finding about a file: where, what, how bad, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding in a file. Sorts by file, line, column, code.

    ``line`` and ``column`` count from 1, columns in code points. ``file`` is the path as it was given,
    with ``/``. ``code`` is stable kebab-case; ``explain CODE`` says more. ``hint`` is empty where there
    is nothing to add. ``meant`` is the text that was probably meant at that place, where the checker knows one; it is
    no part of what a finding says, and two findings that differ only in it are equal.
    """

    file: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    hint: str = ""
    meant: str = field(default="", compare=False)

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message} [{self.code}]"
        return f"{text}\n  {self.hint}" if self.hint else text

    def to_json(self) -> dict[str, str | int]:
        """The finding under the keys that ``validate-rules --format json`` prints."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }
