"""The whole loop in a process of its own: ``python -m bench.looping FOLDER URL [--store | RECORDING]``

New sales are accepted and delivered in a first pass, the back office reports a shipment for each, a second pass
confirms them, a third finds nothing left. It prints JSON: the CPU seconds of the passes (``cpu``), those of them in the
store's database (``store``, with --store), and how many orders of this run there are and are shipped. With RECORDING it
keeps what it asked, what was answered, and what it committed, for the floor to do the same.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.marketplace import Replies
from rakuten_orders.connection import Connection, FolderBackOffice, FolderSettings, RakutenClient, Secret, Store, sync
from rakuten_orders.connection.simulator import DEFAULT_LOGIN, DEFAULT_TOKEN
from rakuten_orders.connection.store.database import Database
from rakuten_orders.engine import Engine

Step = tuple[Any, ...]
"""``("call", method, path and query, content type, body)`` or ``("commit", statements with their values)``."""

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@dataclass(slots=True)
class Recording:
    """The calls and commits of a run, in their order, and the answers."""

    steps: list[Step] = field(default_factory=list)
    replies: Replies = field(default_factory=list)
    _written: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def begin(self) -> None:
        """Listens to httpx and to the store's database."""
        send, execute = httpx.HTTPTransport.handle_request, Database._execute

        def sent(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            body, kind = request.read(), request.headers.get("Content-Type", "")
            target: bytes = request.extensions.get("target", request.url.raw_path)
            self.steps.append(("call", request.method, target.decode("ascii"), kind, body))
            response = send(transport, request)
            self.replies.append((response.status_code, response.read()))
            response.close()
            return httpx.Response(response.status_code, headers=response.headers, stream=_Again(self.replies[-1][1]))

        def executed(database: Database, sql: str, values: Any = ()) -> Any:
            if sql.lstrip().upper().startswith(_WRITES):
                self._written.append((sql, tuple(values)))
            elif sql == "COMMIT" and self._written:
                self.steps.append(("commit", self._written))
                self._written = []
            return execute(database, sql, values)

        httpx.HTTPTransport.handle_request = sent  # type: ignore[method-assign,assignment]
        Database._execute = executed  # type: ignore[method-assign,assignment]


class _Again(httpx.SyncByteStream):
    """A body that was read already."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


@dataclass(slots=True)
class StoreTime:
    """CPU seconds in the store's database, from the call of its methods to their return."""

    seconds: float = 0.0
    _inside: bool = False

    def begin(self) -> None:
        """Listens to the database's methods."""
        for name in ("rows", "row", "_execute"):
            setattr(Database, name, self._timed(getattr(Database, name)))

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            if self._inside:
                return method(*arguments)
            self._inside = True
            start = time.process_time()
            try:
                return method(*arguments)
            finally:
                self.seconds += time.process_time() - start
                self._inside = False

        return timed


def run(folder: Path, url: str) -> tuple[float, int, int]:
    """The CPU seconds of the three passes, how many orders came, and how many of them are shipped."""
    office = FolderBackOffice(folder / "exchange")
    secret = Secret("env", ("NOT_ASKED",), folder)
    since = dt.date(2020, 1, 1)
    connection = Connection("main", DEFAULT_LOGIN, secret, FolderSettings(office.folder), since=since, endpoint=url)
    engine = Engine.load()
    spent = 0.0
    with Store(folder / "orders.sqlite3") as store, RakutenClient(DEFAULT_LOGIN, DEFAULT_TOKEN, endpoint=url) as client:
        for turn in range(3):
            if turn == 1:
                _ship(office.folder)
            start = time.process_time()
            result = sync(connection, store, office, engine, client=client)
            spent += time.process_time() - start
            if result.exit_code:
                raise SystemExit(f"the pass went wrong: {result.error or result.errors}")
        delivered = [file.stem for file in (office.folder / "orders").glob("*.json")]
        found = [store.orders.get(DEFAULT_LOGIN, purchase_id) for purchase_id in delivered]
    return spent, len(found), sum(order is not None and order.status == "shipped" for order in found)


def _ship(folder: Path) -> None:
    """The back office sends everything that it was given."""
    orders = sorted((folder / "orders").glob("*.json"))
    shipments = folder / "shipments"
    shipments.mkdir(exist_ok=True)
    with (shipments / "today.csv").open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["order_id", "transporter", "tracking_number"])
        writer.writerows([file.stem, "Colissimo", "6A12345678905"] for file in orders)


def main(folder: str, url: str, what: str = "") -> None:
    """Runs the loop and prints what it took."""
    recorded, database = Recording(), StoreTime()
    if what == "--store":
        database.begin()
    elif what:
        recorded.begin()
    cpu, orders, shipped = run(Path(folder), url)
    if recorded.steps:
        Path(what).write_bytes(pickle.dumps((recorded.steps, recorded.replies)))
    print(json.dumps({"cpu": cpu, "store": database.seconds, "orders": orders, "shipped": shipped}))


if __name__ == "__main__":
    main(*sys.argv[1:])
