"""The report as workflow commands of GitHub Actions, which show each finding at its line in the pull request.

A command is a line ``::error file=…,line=…::message``. In the message ``%``, CR and LF are percent-encoded, in
properties ``:`` and ``,`` too: otherwise a file's text could end the command and begin another.
"""

from __future__ import annotations

from collections.abc import Mapping

from rakuten_orders.cli import console
from rakuten_orders.cli.checked import Checked
from rakuten_orders.cli.source_lines import SourceLines
from rakuten_orders.cli.text import printable
from rakuten_orders.diagnostics import Diagnostic

_COMMANDS = {"error": "error", "warning": "warning", "information": "notice"}
_DATA = {ord("%"): "%25", ord("\r"): "%0D", ord("\n"): "%0A"}
_PROPERTY = {**_DATA, ord(":"): "%3A", ord(","): "%2C"}


def show(checked: Checked) -> None:
    """Print a command for each finding, then the summary for those who read the log. In UTF-8, as runners read it."""
    sources = SourceLines(dict(checked.texts))
    console.speak_utf8()
    for found in sorted(checked.diagnostics):
        console.show(_command(found, sources.length(found)))
    console.show(checked.summary())


def _command(found: Diagnostic, length: int) -> str:
    properties = {
        "file": found.file,
        "line": found.line,
        "endLine": found.line,
        "col": found.column,
        "endColumn": found.column + length,
        "title": found.code,
    }
    written = ",".join(f"{name}={_escaped(str(value), _PROPERTY)}" for name, value in properties.items())
    message = f"{found.message}\n{found.hint}" if found.hint else found.message
    return f"::{_COMMANDS[found.severity]} {written}::{_escaped(message, _DATA)}"


def _escaped(text: str, signs: Mapping[int, str]) -> str:
    return printable(text).translate(signs)
