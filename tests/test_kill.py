"""A process that runs passes is killed with SIGKILL while it waits for an answer: nothing is lost or done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rakuten_orders.connection.config_edit import add_connection
from rakuten_orders.connection.simulator import Fault, Simulator
from rakuten_orders.connection.store import Store

if TYPE_CHECKING:
    from conftest import Shop

# Imports once, then runs each pass in a process of its own: `pass` on standard input starts one.
PASSES = """
import os, sys
from pathlib import Path
from rakuten_orders.connection import load_configuration, load_engine, open_store, sync_connection
import rakuten_orders.connection.passes, holidays
load_engine(Path(sys.argv[1]).parent)
for _ in sys.stdin:
    pid = os.fork()
    if not pid:
        configuration = load_configuration(Path(sys.argv[1]))
        store = open_store(configuration)
        os._exit(sync_connection(configuration, configuration.connections[0], store).exit_code)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""
ORDERS = ("500", "501", "502")
ITEMS = tuple(f"{order}{number}" for order in ORDERS for number in ("01", "02"))


class Project:
    """A project folder whose passes run in processes of their own."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder, self.simulator = folder, simulator
        self.config = folder / "rakuten-orders.yaml"
        values = {
            "login": simulator.login,
            "token": {"env": "KILL_TEST_TOKEN"},
            "since": "2026-01-01",
            "endpoint": simulator.url,
            "back_office": {"folder": "exchange"},
        }
        add_connection(self.config, "main", values)

        self.parent = subprocess.Popen(
            [sys.executable, "-c", PASSES, str(self.config)],
            env={**os.environ, "KILL_TEST_TOKEN": simulator.token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start_pass(self) -> int:
        """Starts a process with one pass; its id."""
        assert self.parent.stdin is not None
        self.parent.stdin.write("pass\n")
        self.parent.stdin.flush()
        return int(self._answer())

    def end_of_pass(self) -> int:
        """Waits for the end of the process: its exit code, or less than 0 for the signal that killed it."""
        return os.waitstatus_to_exitcode(int(self._answer()))

    def finish_pass(self) -> int:
        """One pass to its end; its exit code."""
        self.start_pass()
        return self.end_of_pass()

    def _answer(self) -> str:
        assert self.parent.stdout is not None
        return self.parent.stdout.readline()

    def hand_in_shipments(self) -> None:
        folder = self.folder / "exchange/shipments"
        folder.mkdir(parents=True, exist_ok=True)
        rows = [f"{order},Colissimo,6A{order}45678905" for order in ORDERS]
        (folder / "all.csv").write_text("\n".join(["order_id,transporter,tracking_number", *rows]))

    def messages(self) -> dict[str, Any]:
        folder = self.folder / "exchange/orders"
        return {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}

    def check(self) -> None:
        """Each item accepted once and confirmed once, each order delivered, the store sound and all shipped."""
        for item_id in ITEMS:
            assert self.simulator.done("acceptsale", item_id) == 1
            assert self.simulator.done("settrackingpackageinfos", item_id) == 1
            assert self.simulator.item(item_id).tracking_number == f"6A{item_id[:3]}45678905"
        assert self.messages().keys() == {f"{order}.json" for order in ORDERS}
        with closing(Store(self.folder / "orders.sqlite3")) as store:
            assert {order.purchase_id: str(order.status) for order in store.orders.select()} == dict.fromkeys(
                ORDERS, "shipped"
            )
            assert [tuple(row) for row in store._db.rows("PRAGMA integrity_check")] == [("ok",)]


@pytest.fixture
def project(tmp_path: Path, shop: Shop) -> Iterator[Project]:
    sales = [shop.sale(order, "A-1", "A-2") for order in ORDERS]
    with Simulator(sales=sales) as simulator:
        (tmp_path / "killed").mkdir()
        made = Project(tmp_path / "killed", simulator)
        with made.parent:
            yield made
            made.parent.kill()


def wait_for(condition, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("action", "item_id"),
    [
        ("getnewsales", None),
        ("acceptsale", "50001"),
        ("acceptsale", "50102"),
        ("getcurrentsales", None),
        ("getshippinginformation", None),
        ("settrackingpackageinfos", "50101"),
    ],
)
def test_a_pass_killed_while_it_waits_for_an_answer(project: Project, action: str, item_id: str | None) -> None:
    """The marketplace has acted, the process is gone before it learnt of it; the next pass finds out."""
    if action == "settrackingpackageinfos":
        assert project.finish_pass() == 0
        project.hand_in_shipments()
    project.simulator.fail_next(action, Fault.delay(3), item_id=item_id)
    pid = project.start_pass()
    wait_for(lambda: project.simulator.count(action, item_id))
    os.kill(pid, signal.SIGKILL)
    assert project.end_of_pass() == -signal.SIGKILL
    project.simulator.calm()
    assert project.finish_pass() == 0
    project.hand_in_shipments()
    assert project.finish_pass() == 0
    project.check()
    if item_id is not None:
        assert project.simulator.count(action, item_id) == 1, "it was not even asked twice"
