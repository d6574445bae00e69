"""One module a target, or a few that belong together: both sides made ready, compared, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bench.outcome import Row
from bench.rows import loading, mapping, parsing, starting, tracking
from bench.setting import Setting

MEASURES: Mapping[str, Callable[[Setting], Iterator[Row]]] = {
    "map": mapping.measure,
    "parse": parsing.measure,
    "track": tracking.measure,
    "load": loading.measure,
    "cold": starting.measure,
}
"""What measures each row, by the word it is asked for with."""
