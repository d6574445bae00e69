"""Passes in processes of their own: a parent that has everything loaded forks one for each.

Spoken to in JSON lines: ``{"do": "start", …}`` is answered with the process's id, ``{"do": "wait", "pid": …}`` with
its exit code, negative for the signal that ended it.
"""

from __future__ import annotations

import datetime as dt
import faulthandler
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rakuten_orders import Engine
from rakuten_orders.connection import passes, sync
from rakuten_orders.connection.config import Connection, FolderSettings
from rakuten_orders.connection.secret import Secret
from rakuten_orders.connection.store.database import utc_now
from rakuten_orders.errors import StoreError
from torture.points import PointedClient, PointedOffice, PointedStore, Points
from torture.secrecy import Ears

STORE_FAILED = 70
WENT_WRONG = 71


@dataclass(frozen=True, slots=True)
class Order:
    """How a pass is to be made, and what is to befall it.

    ``clock_s`` is added to the real time. ``die_at`` names points, none of them any; the process dies the ``nth``
    time that it comes to one (0: it lives). No file may grow beyond ``fsize`` bytes (0: no limit).
    """

    folder: str
    login: str
    token: str = field(repr=False)
    endpoint: str
    clock_s: float
    die_at: Sequence[str] = ()
    nth: int = 0
    fsize: int = 0
    busy_timeout_s: float = 30.0
    timeout_s: float = 5.0


@dataclass(slots=True)
class Passes:
    """The parent process, from outside."""

    log: Path
    _parent: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        path = os.pathsep.join((str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")))
        with self.log.open("a") as log:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "torture.passes"],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._parent:
            self._parent.kill()

    def start(self, order: Order) -> int:
        """Starts a pass; its process's id."""
        pid: int = self._ask({"do": "start", "order": asdict(order)})
        return pid

    def wait(self, pid: int) -> int:
        """Waits for a pass to end; its exit code, negative for a signal."""
        code: int = self._ask({"do": "wait", "pid": pid})
        return code

    def _ask(self, what: dict[str, Any]) -> Any:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(what) + "\n")
        self._parent.stdin.flush()
        answer = self._parent.stdout.readline()
        if not answer:
            raise RuntimeError(f"somebody ended the process that makes the passes ({self._parent.wait()})")
        return json.loads(answer)


def connection_of(order: Order) -> Connection:
    """The connection of the project in the folder."""
    folder = Path(order.folder)
    return Connection(
        "main",
        order.login,
        Secret("env", ("NOT_ASKED",), folder),
        FolderSettings(folder / "exchange"),
        since=dt.date(2026, 1, 1),
        endpoint=order.endpoint,
    )


def _pass(order: Order, engine: Engine) -> int:
    """One pass, in this process; its exit code."""
    points = Points(Path(order.folder) / f"trace.{os.getpid()}", frozenset(order.die_at), order.nth)
    points.watch_files()
    PointedClient.points = PointedOffice.points = points
    if order.fsize:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.fsize, resource.RLIM_INFINITY))
    connection = connection_of(order)

    def clock() -> dt.datetime:
        return utc_now() + dt.timedelta(seconds=order.clock_s)

    def sleep(seconds: float) -> None:
        time.sleep(min(seconds, 0.02))

    office = PointedOffice(Path(order.folder) / "exchange")
    ears = Ears(Path(order.folder))
    try:
        with (
            ears.listening(),
            PointedStore(Path(order.folder) / "orders.sqlite3", clock, points, order.busy_timeout_s) as store,
            PointedClient(
                order.login, order.token, endpoint=order.endpoint, timeout_s=order.timeout_s, sleep=sleep
            ) as client,
        ):
            result = sync(
                connection,
                store,
                office,
                engine,
                client=client,
                sleep=sleep,
                on_event=lambda event: ears.hear("an event", repr(event)),
            )
            ears.hear("a result", repr((result, connection, store, client, office)))
            return result.exit_code
    except StoreError:
        ears.hear_exception()
        return STORE_FAILED
    except BaseException:  # noqa: BLE001 - whatever it is, it is a finding
        traceback.print_exc()
        return WENT_WRONG


def main() -> None:
    """Loads everything once, then does what is asked on standard input."""
    faulthandler.enable()
    engine = Engine.load()
    assert passes is not None  # imported for the children's sake
    for line in sys.stdin:
        what = json.loads(line)
        if what["do"] == "start":
            pid = os.fork()
            if not pid:
                os._exit(_pass(Order(**what["order"]), engine))
            print(pid, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(what["pid"], 0)[1]), flush=True)


if __name__ == "__main__":
    main()
