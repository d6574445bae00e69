"""One SQLite file: opening it safely, migrating it forward, transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rakuten_orders.connection.store.schema import MIGRATIONS
from rakuten_orders.errors import StoreError

Clock = Callable[[], datetime]
"""Gives the present time, aware."""

BUSY_TIMEOUT_S = 30.0


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """An aware time as the store keeps it: ISO 8601 in UTC, which sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """A time out of the store, aware."""
    return None if text is None else datetime.fromisoformat(text)


class Database:
    """A connection to the store's file. One thread at a time uses it; others wait for its lock.

    Every read and write stands in a ``with transaction()``; transactions nest and commit with the outermost,
    durably (WAL, ``synchronous=FULL``).
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock, name: str = "") -> None:
        self.name = name or f"memory {id(self)}"
        self._connection = connection
        self._lock = threading.RLock()
        self._depth = 0
        self._clock = clock

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Database:
        """Opens or creates the file, readable by its owner only. Raises StoreError."""
        try:
            # Created with its mode rather than changed afterwards: it is never readable by others.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = _connect(str(path), "journal_mode = WAL")
        except (OSError, sqlite3.Error) as fault:
            message, hint = _opening_failed(path, fault)
            raise StoreError(message, hint) from fault
        database = cls(connection, clock, str(path.resolve()))
        try:
            database.migrate(str(path))
        except BaseException:
            connection.close()
            raise
        return database

    @classmethod
    def in_memory(cls, clock: Clock) -> Database:
        """An empty store that is gone when it is closed."""
        database = cls(_connect(":memory:"), clock)
        database.migrate("the store in memory")
        return database

    @classmethod
    def copy_of(cls, path: Path, clock: Clock) -> Database:
        """What the file holds, in memory and at this version's schema; the file is only read. Raises StoreError."""
        with ExitStack() as unless_done:
            target = _connect(":memory:")
            unless_done.callback(target.close)
            try:
                # Not mode=ro: that leaves files beside it which only a connection that may write takes away again.
                with closing(_connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as source:
                    source.backup(target)
            except sqlite3.Error as fault:
                message, hint = _opening_failed(path, fault)
                raise StoreError(message, hint) from fault
            database = cls(target, clock)
            database.migrate(str(path))
            unless_done.pop_all()
        return database

    def copy_in_memory(self) -> Database:
        """The same data in memory: what is written there is gone with it."""
        with self._lock:
            target = _connect(":memory:")
            self._connection.backup(target)
        return Database(target, self._clock)

    def copy_into(self, target: sqlite3.Connection) -> None:
        """Copies what is committed to another database, also while others write."""
        with self._lock:
            self._connection.backup(target)

    def vacuum(self) -> None:
        """Builds the file anew without what was deleted, and empties the log beside it. Raises StoreError."""
        with self._lock:
            self._execute("PRAGMA secure_delete = ON")
            self._execute("VACUUM")
            busy = self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreError("the store is in use, so its log still holds what was removed. Run the command again.")

    def migrate(self, name: str) -> None:
        """Brings the schema up to this version. Raises StoreError for a newer one or a damaged file."""
        try:
            version = self._version()
            while version < len(MIGRATIONS):
                with self.transaction():
                    version = self._version()  # another process may have been faster
                    if version < len(MIGRATIONS):
                        for statement in _statements(MIGRATIONS[version]):
                            self._connection.execute(statement)
                        version += 1
                        self._connection.execute(f"PRAGMA user_version = {version}")
        except sqlite3.DatabaseError as fault:
            raise StoreError(f"{name} cannot be used: {fault}. Restore it from a backup, or move it away.") from fault
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{name} was written by a newer version of rakuten-orders (its schema is {version}, "
                f"this version knows {len(MIGRATIONS)}). Update rakuten-orders."
            )

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[None]:
        """All within happens together or not at all, and is on disk when the outermost one ends.

        ``reading`` sees one state of the data and keeps nobody from writing.
        """
        with self._lock:
            if self._depth:
                yield
                return
            self._execute("BEGIN" if reading else "BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                self._execute("COMMIT")
            finally:
                self._depth = 0
                self._take_back()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row of a query."""
        with self._lock:
            found: sqlite3.Row | None = self._execute(sql, values).fetchone()
            return found

    def write(self, sql: str, *values: object) -> int:
        """Runs one statement in a transaction; the number of rows it changed."""
        with self._lock:
            if self._depth:
                return self._execute(sql, values).rowcount
            with self.transaction():
                return self._execute(sql, values).rowcount

    def insert(self, sql: str, *values: object) -> int:
        """Runs one INSERT in a transaction; the new row's id, 0 where it was ignored."""
        with self._lock:
            if not self._depth:
                with self.transaction():
                    return self.insert(sql, *values)
            cursor = self._execute(sql, values)
            return (cursor.lastrowid or 0) if cursor.rowcount > 0 else 0

    def now(self) -> str:
        """The present time as the store keeps it."""
        return stamp(self._clock())

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _take_back(self) -> None:
        """Undoes what was not committed; SQLite itself may have done so, as on a full disk."""
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # the fault that led here is the one to tell
                self._connection.execute("ROLLBACK")

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.IntegrityError:
            raise  # a fault of ours, not the file's
        except sqlite3.Error as fault:
            raise StoreError(f"the store cannot be used: {fault}") from fault

    def _version(self) -> int:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return version


def _connect(path: str, *settings: str, uri: bool = False) -> sqlite3.Connection:
    # Transactions are begun by hand (isolation_level None); the lock above replaces the same-thread check.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=uri)
    connection.row_factory = sqlite3.Row
    try:
        for setting in ("foreign_keys = ON", "synchronous = FULL", *settings):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one: ``executescript`` would commit the open transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _opening_failed(path: Path, fault: Exception) -> tuple[str, str]:
    restore = "Restore it from a backup: see 'Backup and restore' in README.md"
    if isinstance(fault, sqlite3.DatabaseError) and "not a database" in str(fault):
        return f"{path} is not a SQLite database.", restore
    if "locked" in str(fault):
        return f"{path} is in use by another program.", "Wait for it, or end it."
    if "malformed" in str(fault) or "disk I/O error" in str(fault):
        return f"{path} is damaged: {fault}.", restore
    what = fault.strerror if isinstance(fault, OSError) else str(fault)
    return f"{path} cannot be opened: {what}.", "Its folder must exist and be writable."
