"""Fault points: every durable step of a pass has a name, and a process can be made to die right before or after it.

A commit is named after the tables that its transaction wrote, a call after its action, a file after its folder. The
names come from what the job does and from nothing in the job, so that no step is left out.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rakuten_orders.connection import FolderBackOffice, RakutenClient, Store
from rakuten_orders.connection.store.database import Clock, Database

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b(?:\s+OR\s+\w+)?(?:\s+INTO|\s+FROM)?\s+(\w+)", re.IGNORECASE)


@dataclass(slots=True)
class Points:
    """What a process passes by.

    It dies the ``nth`` time that it comes to one of ``names``, or to any point if there are none. With 0 it lives.
    """

    trace: Path
    names: frozenset[str] = frozenset()
    nth: int = 0
    _met: int = 0

    def pass_(self, name: str) -> None:
        """Leaves a trace of the point, and ends here if this is where the process is to die."""
        with self.trace.open("a") as file:
            file.write(f"{name}\n")
        self._met += not self.names or name in self.names
        if self.nth and self._met == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_files(self) -> None:
        """Makes every renaming of a file a point, whoever does it."""
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename":
            self.pass_(f"before a file in {Path(arguments[1]).parent.name}/")


class PointedDatabase(Database):
    """A database whose commits are points."""

    points: Points
    busy_timeout_s: float | None = None

    def _execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            self._written: set[str] = set()
        elif found := _WRITES.match(sql):
            self._written.add(f"{found[1].lower()} {found[2]}")
        written = sorted(self._written - {"update leases"}) if sql == "COMMIT" else []
        if not written:
            return super()._execute(sql, values)
        name = " + ".join(written)
        self.points.pass_(f"before commit: {name}")
        cursor = super()._execute(sql, values)
        self.points.pass_(f"after commit: {name}")
        return cursor


class PointedStore(Store):
    """A store whose commits are points."""

    def __init__(self, path: Path, clock: Clock, points: Points, busy_timeout_s: float) -> None:
        PointedDatabase.points = points
        database = PointedDatabase.open(path, clock)
        database.row(f"PRAGMA busy_timeout = {int(busy_timeout_s * 1000)}")
        self._use(database, clock)


class PointedClient(RakutenClient):
    """A client whose calls are points."""

    points: Points

    def _call(self, action: str, *arguments: Any, **named: Any) -> Any:
        self.points.pass_(f"before call: {action}")
        answer = super()._call(action, *arguments, **named)
        self.points.pass_(f"after call: {action}")
        return answer


class PointedOffice(FolderBackOffice):
    """A folder whose deliveries and acknowledgements are points; so is each file, by `Points.watch_files`."""

    points: Points

    def deliver(self, message: Any) -> None:
        super().deliver(message)
        self.points.pass_("after delivery")

    def acknowledge(self, batch: Any, refused: Any = ()) -> None:
        super().acknowledge(batch, refused)
        self.points.pass_("after acknowledgement")
