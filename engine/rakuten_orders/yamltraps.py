"""The YAML parser's complaints, in words that help somebody who does not know YAML."""

from __future__ import annotations

import re

import yaml

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding

# What PyYAML's pure parser says, and the variant of `yaml-syntax` that explains it. First match counts.
_COMPLAINTS = (
    (r"found character '\\t' that cannot start any token", "tab"),
    (r"mapping values are not allowed", "colon"),
    (r"found character '[@`%]'", "reserved"),
    (r"while scanning a quoted scalar|found unexpected end of stream", "quote"),
    (r"while scanning a double-quoted scalar", "escape"),
    (r"while parsing a flow (mapping|sequence)", "flow"),
    (r"while scanning an (alias|anchor)", "reserved"),
    (r"while scanning a block scalar", "block"),
    (r"could not find expected ':'", "no_colon"),
    (r"while parsing a block (mapping|collection)|expected <block end>|expected '<document start>'", "indentation"),
)


def syntax_finding(file: str, text: str, fault: Exception) -> Diagnostic:
    """The finding for what the parser raised on ``text``, at the place where a person has to look."""
    fault = _pure_fault(text) or fault
    mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = " ".join(str(part) for part in (getattr(fault, "context", ""), getattr(fault, "problem", "")) if part)
    variant = next((variant for complaint, variant in _COMPLAINTS if re.search(complaint, said)), "other")
    if variant in ("quote", "flow", "block"):
        start = getattr(fault, "context_mark", None)
        if start is not None:
            return finding("yaml-syntax", file, start.line + 1, start.column + 1, variant, line=line)
    if variant in ("indentation", "colon") and _tab_indented(text, line):
        variant = "tab"
    return finding("yaml-syntax", file, line, column, variant, line=line)


def _pure_fault(text: str) -> Exception | None:
    """The same fault as the Python parser tells it: its words are better than the C parser's."""
    try:
        for _event in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        return fault
    return None


def _tab_indented(text: str, line: int) -> bool:
    lines = text.splitlines()
    return line <= len(lines) and lines[line - 1].lstrip(" ").startswith("\t")
