"""The sync job: the loop's CPU time against its bare calls and commits, and the store's time in a large store."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.marketplace import marketplace
from bench.measuring import compared
from bench.outcome import Row
from bench.processes import python
from bench.setting import Setting
from bench.work import with_timing
from rakuten_orders.connection import Store

_SEED = 7
_FEW = 1000
_BASE = 200
"""Orders that a large store is made of copies of."""


def measure(setting: Setting) -> Iterator[Row]:
    """Both rows."""
    yield loop(setting)
    yield growth(setting)


def loop(setting: Setting) -> Row:
    """The loop, recorded once for its floor, then both by turns."""
    recording = setting.scratch / "recording"
    shipped = [_run(setting.scratch / "recorded", _SEED, setting.synced, str(recording))["shipped"]]
    ours, floor = [], []
    for turn in range(setting.loops):
        said = _run(setting.scratch / f"loop{turn}", _SEED, setting.synced)
        ours.append(said["cpu"] / setting.synced)
        shipped.append(said["shipped"])
        floor.append(_floor(setting.scratch / f"floor{turn}.sqlite3", recording) / setting.synced)
    row = Row(
        key="sync",
        name=f"sync of {setting.synced:,} orders through the loop",
        against="the same httpx calls and commits",
        target=2.0,
        per="an order",
        differs="" if min(shipped) == setting.synced else f"{min(shipped)} of {setting.synced} orders are shipped",
    )
    return row if row.differs else with_timing(row, compared(ours, floor), compared(floor, floor))


def growth(setting: Setting) -> Row:
    """The store's own time for each of some new orders, with few and with many in it already."""
    new = min(_BASE, setting.synced)
    few = min(_FEW, setting.stored)
    base = setting.scratch / "base"
    _run(base, _SEED + 1, new)
    many = _copied(base, setting.scratch / "many", setting.stored)
    few_stored = _copied(base, setting.scratch / "few", few)
    samples: dict[Path, list[float]] = {few_stored: [], many: []}
    for turn in range(setting.loops):
        for folder, found in samples.items():
            found.append(_run(folder, _SEED + 2 + turn, new, "--store")["store"] / new)
    row = Row(
        key="store",
        name=f"the store's time with {setting.stored:,} orders",
        against=f"with {few:,} orders",
        target=1.2,
        per="a new order",
    )
    return with_timing(
        row, compared(samples[many], samples[few_stored]), compared(samples[few_stored], samples[few_stored])
    )


def _run(folder: Path, seed: int, orders: int, *what: str) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    shutil.rmtree(folder / "exchange", ignore_errors=True)
    with marketplace("sales", str(seed), str(orders)) as url:
        said: dict[str, Any] = json.loads(python("-m", "bench.looping", str(folder), url, *what).splitlines()[-1])
    return said


def _floor(store: Path, recording: Path) -> float:
    Store(store).close()
    with marketplace("replay", str(recording)) as url:
        return float(python("-m", "bench.floors.syncing", str(recording), str(store), url))


def _copied(base: Path, folder: Path, orders: int) -> Path:
    """A folder whose store has as many finished orders: copies of those in ``base`` under other ids."""
    folder.mkdir()
    shutil.copy(base / "orders.sqlite3", folder)
    with closing(sqlite3.connect(folder / "orders.sqlite3")) as connection:
        stored = connection.execute("SELECT count(*) FROM orders").fetchone()[0]
        connection.execute("CREATE TEMP TABLE copies (i)")
        connection.executemany("INSERT INTO copies VALUES (?)", [(number,) for number in range(1, orders // stored)])
        for table in ("orders", "items", "shipments", "intents", "messages", "events"):
            _multiply(connection, table)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def _multiply(connection: sqlite3.Connection, table: str) -> None:
    """Adds a copy of each row for each of the copies; ids of rows are new, ids of Rakuten have the copy's number."""
    columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})") if name != "id"]
    own = {"purchase_id", "item_id", "key", "source"}
    values = [f"{name} || '-' || i" if name in own else name for name in columns]
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM copies CROSS JOIN {table}"  # noqa: S608
    )
