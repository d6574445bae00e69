"""Diagnostics printed with the source lines they point at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from rakuten_orders.cli import console, text
from rakuten_orders.cli.source_lines import SourceLines, pointed_length
from rakuten_orders.diagnostics import Diagnostic


def show_findings(
    findings: Iterable[Diagnostic],
    texts: Mapping[str, bytes] = MappingProxyType({}),
    *,
    err: bool = False,
    shown_line: Callable[[str], str] = str,
) -> None:
    """Print each finding with its line and carets. ``texts`` holds files already read; others are read once each.

    ``shown_line`` gives what may be seen of a line.
    """
    sources = SourceLines(texts)
    stream = sys.stderr if err else sys.stdout
    screen = console.screen(stream)
    for found in findings:
        source = sources.line(found)
        line = None if source is None else shown_line(source)
        length = 1 if line is None else pointed_length(found, line)
        console.put(text.finding(found, line, length, screen), stream)
