"""``python -m bench``: every target with its figure, and the result file."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import plot, result, table
from bench.outcome import Row
from bench.rows import MEASURES
from bench.setting import Setting


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, and with ``--write`` keeps what came out. 1 where an output differs, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less data, no peers")
    parser.add_argument("--no-peers", action="store_true", help="do not ask others to do the same work")
    parser.add_argument("--write", action="store_true", help="write bench/result.json, bench/plot.svg, README's table")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(MEASURES)}")
    given = parser.parse_args(arguments)
    unknown = set(given.rows) - set(MEASURES)
    if unknown:
        parser.error(f"no row is called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    if given.write and (given.quick or given.rows or given.no_peers):
        parser.error("--write keeps whole runs only")
    with tempfile.TemporaryDirectory(prefix="rakuten-orders-bench-") as scratch:
        setting = Setting.for_daily_use(Path(scratch)) if given.quick else Setting.whole(Path(scratch))
        if given.no_peers:
            setting = setting.without_peers()
        rows = list(_shown(setting, given.rows or list(MEASURES)))
    if given.write:
        result.write(rows)
        plot.write(rows)
        table.write(rows, result.read()[1])
    return 1 if any(row.differs for row in rows) else 0


def _shown(setting: Setting, keys: Sequence[str]) -> Iterator[Row]:
    """The rows, printed as soon as each is measured."""
    begun = time.monotonic()
    for key in keys:
        for row in MEASURES[key](setting):
            print(*row.shown(), sep="\n", flush=True)
            yield row
    print(f"({time.monotonic() - begun:.0f} s)")


if __name__ == "__main__":
    raise SystemExit(main())
