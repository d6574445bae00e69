"""The report as SARIF 2.1.0 (OASIS, with errata 01), for code scanning: every finding, and what its rule means.

Columns are counted in code points, and said to be. Of the rules, those are told that something was found for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from rakuten_orders import messages
from rakuten_orders.cli import console
from rakuten_orders.cli.checked import Checked
from rakuten_orders.cli.explain import first_sentence
from rakuten_orders.cli.source_lines import SourceLines
from rakuten_orders.diagnostics import Diagnostic

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "information": "note"}

Object = dict[str, Any]


def show(checked: Checked) -> None:
    """Print one run with its results in the files' order."""
    findings = sorted(checked.diagnostics)
    sources = SourceLines(dict(checked.texts))
    severities = {found.code: found.severity for found in findings}
    rules = {code: index for index, code in enumerate(sorted(severities))}
    driver = {
        "name": "validate-rules",
        "fullName": "validate-rules of rakuten-orders",
        "version": version("rakuten-orders"),
        "rules": [_rule(code, severities[code]) for code in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, sources.length(found), rules) for found in findings],
    }
    console.show_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, severity: str) -> Object:
    rule: Object = {"id": code, "defaultConfiguration": {"level": _LEVELS[severity]}}
    known = messages.explanation(code)
    if known is None:
        return rule
    return rule | {
        "shortDescription": {"text": f"{first_sentence(known.meaning)}."},
        "fullDescription": {"text": known.meaning},
        "help": {"text": _help(known), "markdown": _help_in_markdown(known)},
    }


def _help(known: messages.Explanation) -> str:
    return "\n\n".join((known.meaning, known.why, known.mend, f"Wrong:\n{known.wrong}", f"Right:\n{known.right}"))


def _help_in_markdown(known: messages.Explanation) -> str:
    examples = (f"{title}:\n\n```yaml\n{body}\n```" for title, body in (("Wrong", known.wrong), ("Right", known.right)))
    return "\n\n".join((known.meaning, known.why, known.mend, *examples))


def _result(found: Diagnostic, length: int, rules: Mapping[str, int]) -> Object:
    region = {
        "startLine": found.line,
        "startColumn": found.column,
        "endLine": found.line,
        "endColumn": found.column + length,
    }
    place = {"artifactLocation": {"uri": _uri(found.file)}, "region": region}
    return {
        "ruleId": found.code,
        "ruleIndex": rules[found.code],
        "level": _LEVELS[found.severity],
        # Braces are not doubled, as the standard has it for messages with arguments: readers undo that only where there
        # are arguments, and what stands here is to be pasted.
        "message": {"text": f"{found.message}\n{found.hint}" if found.hint else found.message},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    """The file as a URI: relative as it was given, so that readers resolve it from the repository's root."""
    if PurePath(file).is_absolute():
        return PurePath(file).as_uri()
    # A colon in the first segment would be taken for a scheme.
    return quote(file.encode("utf-8", "surrogateescape"), safe="/")
