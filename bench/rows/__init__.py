"""One module a target, or a few that belong together: both sides made ready, compared, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bench.outcome import Row
from bench.rows import checking, detection, loading, mapping, memory, parsing, planning, starting, syncing, tracking
from bench.setting import Setting

MEASURES: Mapping[str, Callable[[Setting], Iterator[Row]]] = {
    "map": mapping.measure,
    "parse": parsing.measure,
    "memory": memory.measure,
    "track": tracking.measure,
    "detect": detection.measure,
    "load": loading.measure,
    "check": checking.measure,
    "cold": starting.measure,
    "sync": syncing.measure,
    "plan": planning.measure,
}
"""What measures each row, by the word it is asked for with."""
