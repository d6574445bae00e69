"""The report as JUnit XML, the form of test results that build servers show.

There is no standard, so this is what all known readers take (Jenkins, GitLab, GitHub's and Azure's actions): a test
case has at most one failure, each has ``classname`` and a ``name`` of its own, counts are right, times are there. A
finding is a failed case of its file; one that does not fail the check passes and tells itself in ``system-out``. A file
without findings is one case that passes, so that a clean run is no empty one.
"""

from __future__ import annotations

import re

from rakuten_orders.cli import console
from rakuten_orders.cli.checked import Checked
from rakuten_orders.cli.source_lines import SourceLines
from rakuten_orders.cli.text import finding, printable
from rakuten_orders.diagnostics import Diagnostic

_SUITE = "validate-rules"
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;"})


def show(checked: Checked) -> None:
    """Print one suite: a case for each finding, in the files' order, and for each file without one."""
    sources = SourceLines(dict(checked.texts))
    findings = sorted(checked.diagnostics)
    silent = checked.files - {found.file for found in findings}
    cases = [(found.file, _case_of(checked, found, sources)) for found in findings]
    cases += [(file, _case(file, "no findings", "")) for file in silent]
    failures = sum(map(checked.fails, findings))
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0" time="0"'
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="{_SUITE}" {counts}>',
        f'  <testsuite name="{_SUITE}" {counts}>',
        *(case for _, case in sorted(cases, key=lambda entry: entry[0])),
        "  </testsuite>",
        "</testsuites>",
    )
    console.show_xml("\n".join(lines))


def _case_of(checked: Checked, found: Diagnostic, sources: SourceLines) -> str:
    told = finding(found, sources.line(found), sources.length(found))
    if checked.fails(found):
        message, kind = _attribute(found.message), _attribute(found.code)
        outcome = f'      <failure message="{message}" type="{kind}">{_text(told)}</failure>'
    else:
        outcome = f"      <system-out>{_text(told)}</system-out>"
    # The name has to be unique in its file: several keys may be missing at one place.
    return _case(found.file, f"{found.line}:{found.column}: {found.message} [{found.code}]", outcome)


def _case(file: str, name: str, outcome: str) -> str:
    # GitLab links `file`; Jenkins groups by `classname`.
    attributes = {"classname": file, "name": name, "file": file, "time": "0"}
    written = " ".join(f'{key}="{_attribute(value)}"' for key, value in attributes.items())
    return f"    <testcase {written}>\n{outcome}\n    </testcase>" if outcome else f"    <testcase {written}/>"


def _text(text: str) -> str:
    return _cleaned(text).translate(_TEXT)


def _attribute(text: str) -> str:
    return _cleaned(text).translate(_ATTRIBUTE)


def _cleaned(text: str) -> str:
    return _REFUSED.sub("\ufffd", printable(text))
