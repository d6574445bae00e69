"""The store: every order, each step, its outcome and its reason, in one SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rakuten_orders.connection.store.accounts import Accounts, RuleSets
from rakuten_orders.connection.store.database import Clock, Database, utc_now
from rakuten_orders.connection.store.decisions import Decisions
from rakuten_orders.connection.store.forgetting import Forgetting
from rakuten_orders.connection.store.leases import LeaseLostError, Leases
from rakuten_orders.connection.store.maintenance import Maintenance
from rakuten_orders.connection.store.orders import Orders
from rakuten_orders.connection.store.outbox import Intents, Messages
from rakuten_orders.connection.store.overview import Overview
from rakuten_orders.connection.store.records import (
    Account,
    Event,
    HandAction,
    HandDecision,
    Intent,
    ItemRecord,
    OrderError,
    OrderRecord,
    ShipmentRecord,
)
from rakuten_orders.connection.store.shipments import Shipments


class Store:
    """The store's file, opened. A context manager; threads may share it.

    Orders are keyed by (login casefolded, purchaseid), items by (login casefolded, itemid), never by a
    connection's label. What a ``with store.transaction()`` block writes is on disk when it ends, together or
    not at all. The file is readable by its owner only and never holds a token.

    Raises StoreError where the file cannot be opened, is damaged, or was written by a newer version.
    """

    def __init__(self, path: Path | str, *, clock: Clock = utc_now) -> None:
        self._use(Database.open(Path(path), clock), clock)

    def _use(self, database: Database, clock: Clock) -> None:
        self._db = database
        self.clock = clock
        self.accounts = Accounts(database)
        self.rule_sets = RuleSets(database)
        self.leases = Leases(database, clock)
        self.orders = Orders(database)
        self.shipments = Shipments(database)
        self.intents = Intents(database)
        self.messages = Messages(database)
        self.decisions = Decisions(database)
        self.overview = Overview(database)
        self.maintenance = Maintenance(database)
        self.forgetting = Forgetting(database)

    @classmethod
    def in_memory(cls, *, clock: Clock = utc_now) -> Store:
        """A store that nothing is kept of, as for a test order."""
        store = cls.__new__(cls)
        store._use(Database.in_memory(clock), clock)
        return store

    @classmethod
    def copy_of(cls, path: Path | str, *, clock: Clock = utc_now) -> Store:
        """A copy of a store's file in memory, for what must not write to it. Raises StoreError."""
        store = cls.__new__(cls)
        store._use(Database.copy_of(Path(path), clock), clock)
        try:
            store.leases.forget_all()
        except BaseException:
            store.close()
            raise
        return store

    def scratch_copy(self) -> Store:
        """A copy in memory, where a pass can be tried without consequences, also while another one runs."""
        copy = Store.__new__(Store)
        copy._use(self._db.copy_in_memory(), self.clock)
        copy.leases.forget_all()
        return copy

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within happen together or not at all, durably."""
        with self._db.transaction():
            yield

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


__all__ = [
    "Account",
    "Event",
    "HandAction",
    "HandDecision",
    "Intent",
    "ItemRecord",
    "LeaseLostError",
    "OrderError",
    "OrderRecord",
    "ShipmentRecord",
    "Store",
]
