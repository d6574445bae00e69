"""Who runs an account's pass: one process at a time, even when one is killed or sleeps."""

from __future__ import annotations

import datetime as dt
import os
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

from rakuten_orders.connection.store.database import Database, stamp
from rakuten_orders.errors import StoreError

LEASE = dt.timedelta(minutes=10)
"""How long a lease holds without a sign of life; each step of a pass sees to it that it goes on."""

SIGN_EVERY = dt.timedelta(minutes=1)

CLOCKS_DIFFER_BY = dt.timedelta(hours=1)
"""How far the clocks of two hosts may be apart. A lease that ends later comes from a clock that was set back since."""

_held: set[tuple[str, str, int]] = set()
"""The leases that passes of this process hold now: store, login, fence. One of this process that is not among them is
of a pass that could not give it back, as on a full disk."""


class LeaseLostError(StoreError):
    """Another pass has taken the account over; this one must write and send nothing more."""


class Leases:
    """The table ``leases``. The fence grows with each holder, and a write with an old one is refused."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._db = database
        self._clock = clock

    def take(self, login: str) -> int | None:
        """The fence of a new lease on the account, or None where another pass holds it.

        The lease of a process that no longer lives on this host is taken over at once, any other when it ends.
        """
        now = self._clock()
        with self._db.transaction():
            row = self._db.row("SELECT * FROM leases WHERE login = ?", login)
            if row is not None and self._is_held(row, now):
                return None
            fence = 1 if row is None else row["fence"] + 1
            self._db.write(
                "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?)",
                *(login, fence, os.getpid(), _process(os.getpid()), socket.gethostname(), stamp(now + LEASE)),
            )
        _held.add((self._db.name, login, fence))
        return fence

    def _is_held(self, row: sqlite3.Row, now: dt.datetime) -> bool:
        if not stamp(now) < row["expires_at"] <= stamp(now + LEASE + CLOCKS_DIFFER_BY):
            return False
        if row["host"] != socket.gethostname():
            return True
        if row["pid"] == os.getpid() and row["process"] == _process(os.getpid()):
            return (self._db.name, row["login"], row["fence"]) in _held
        return not _is_gone(row["pid"], row["process"])

    def renew(self, login: str, fence: int) -> None:
        """Shows a sign of life. Raises LeaseLostError where the lease is another's; call it in each transaction.

        The sign is written once a minute: a lease that is looked at holds for nine more at least.
        """
        row = self._db.row("SELECT fence, expires_at FROM leases WHERE login = ?", login)
        if row is None or row["fence"] != fence:
            raise LeaseLostError("another pass has taken over this account; this one ends")
        latest = self._clock() + LEASE
        if not stamp(latest - SIGN_EVERY) < row["expires_at"] <= stamp(latest):
            self._db.write("UPDATE leases SET expires_at = ? WHERE login = ?", stamp(latest), login)

    def give_back(self, login: str, fence: int) -> None:
        """Ends the lease, if it is still ours."""
        _held.discard((self._db.name, login, fence))
        self._db.write("UPDATE leases SET expires_at = '' WHERE login = ? AND fence = ?", login, fence)

    def forget_all(self) -> None:
        """Ends every lease: those of a store that was copied are not the copy's."""
        self._db.write("DELETE FROM leases")


def _is_gone(pid: int, process: str) -> bool:
    """Whether a process of this host certainly lives no more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it lives, as another user
    return _process(pid) != process


def _process(pid: int) -> str:
    """What tells a process from a later one that got its pid: its start time, where the system shows it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return fields[19]
    except (OSError, IndexError):
        return ""
