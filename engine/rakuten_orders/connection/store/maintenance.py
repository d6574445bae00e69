"""Looking after the store's file: copies that can be restored, and whether it is whole."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from rakuten_orders.connection.lifecycle import Status, order_status
from rakuten_orders.connection.store.database import Database
from rakuten_orders.errors import StoreError

SEQUENCES_LEFT_FREE = 1000
"""By how much a copy's message numbers are ahead: keys that the original uses after the copy are not used again."""


class Maintenance:
    """What is done to the file as a whole."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def backup(self, path: Path) -> None:
        """Writes a copy that is whole, one file, and can take the store's place, also while a pass is at work.

        Raises StoreError where the file exists or cannot be written.
        """
        unfinished = path.with_name(f".{path.name}.tmp")
        try:
            # Created with its mode rather than changed afterwards: it is never readable by others.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            with closing(sqlite3.connect(unfinished)) as target:
                self._db.copy_into(target)
                _make_restorable(target)
            unfinished.replace(path)
        except FileExistsError:
            raise StoreError(f"{path.as_posix()} exists. Choose another name, or move it away.") from None
        except (OSError, sqlite3.Error) as fault:
            unfinished.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            what = fault.strerror if isinstance(fault, OSError) else str(fault)
            raise StoreError(f"{path.as_posix()} cannot be written: {what}.") from fault

    def problems(self) -> list[str]:
        """What is wrong with the file, a sentence each; empty where it is whole. Raises StoreError for a wreck."""
        with self._db.transaction(reading=True):
            found = [f"the file is damaged: {row[0]}" for row in self._db.rows("PRAGMA integrity_check")]
            if found == ["the file is damaged: ok"]:
                found = []
            found += [
                f"a row of {row['table']} refers to a row of {row['parent']} that is not there"
                for row in self._db.rows("PRAGMA foreign_key_check")
            ]
            return found + self._disagreements()

    def _disagreements(self) -> list[str]:
        """Orders whose status does not follow from their items'."""
        rows = self._db.rows(
            "SELECT login, purchase_id, orders.status AS status, group_concat(items.status) AS items "
            "FROM orders LEFT JOIN items USING (login, purchase_id) GROUP BY login, purchase_id"
        )
        found: list[str] = []
        for row in rows:
            items = [Status(word) for word in row["items"].split(",")] if row["items"] else [Status.MANUAL]
            expected = order_status(items)
            if row["status"] != expected:
                found.append(f"order {row['purchase_id']} is {row['status']}, but its items make it {expected}")
        return found


def _make_restorable(copy: sqlite3.Connection) -> None:
    """One file without a log beside it, nobody's lease, and no key that the original may use from now on."""
    copy.execute("DELETE FROM leases")
    copy.execute("UPDATE orders SET sequence = sequence + ? WHERE sequence > 0", (SEQUENCES_LEFT_FREE,))
    copy.execute("UPDATE accounts SET numbered_above = numbered_above + ?, restored = 1", (SEQUENCES_LEFT_FREE,))
    copy.commit()
    copy.execute("PRAGMA journal_mode = DELETE")
