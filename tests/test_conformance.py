"""The protocol's promises, held by both back offices and by README's receiver, as users hold theirs to them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from rakuten_orders.connection import FolderBackOffice, HttpBackOffice
from rakuten_orders.connection.back_offices import BackOffice
from rakuten_orders.connection.conformance import BackOfficeConformance

if TYPE_CHECKING:
    from conftest import Shop

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
HEADER = ("Authorization", "Bearer t-4711")
SECRET = "s-0815"


class TestFolder(BackOfficeConformance):
    """The folder back office."""

    @pytest.fixture
    def back_office(self, tmp_path: Path) -> FolderBackOffice:
        return FolderBackOffice(tmp_path / "exchange")

    def messages(self, back_office: BackOffice) -> Sequence[Mapping[str, object]]:
        assert isinstance(back_office, FolderBackOffice)
        files = (back_office.folder / "orders").iterdir()
        return sorted((json.loads(path.read_bytes()) for path in files), key=lambda message: message["sequence"])

    def hand_in(self, back_office: BackOffice, shipment: Mapping[str, object]) -> None:
        assert isinstance(back_office, FolderBackOffice)
        folder = back_office.folder / "shipments"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{len(list(folder.iterdir()))}.jsonl").write_text(json.dumps(shipment) + "\n")


def receiver() -> str:
    """README's receiver, with a way in for a test: whatever is put to it is a shipment or a question."""
    found = re.search(r"<!-- example: receiver -->\n```python\n(.*?)```", README, re.DOTALL)
    assert found
    assert len(found[1].splitlines()) <= 60
    return found[1]


LOOK = """
def do_PUT(self):
    body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
    shipments.extend(body)
    return self.answer(200, {"messages": list(taken.values())})


Receiver.do_PUT = do_PUT
Receiver.log_message = lambda *_: None
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[str]:
    """The receiver in a process of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    *definitions, last = receiver().rstrip().rpartition("\n")
    program = "".join(definitions) + LOOK + last
    environment = {**os.environ, "PORT": str(port), "ORDERS_AUTHORIZATION": HEADER[1], "ORDERS_SECRET": SECRET}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=tmp_path) as process:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
        process.kill()


class TestReceiver(BackOfficeConformance):
    """The HTTP back office and README's receiver, together."""

    @pytest.fixture
    def back_office(self, running: str) -> Iterator[HttpBackOffice]:
        with HttpBackOffice(running, header=HEADER, secret=SECRET) as office:
            yield office

    def messages(self, back_office: BackOffice) -> Sequence[Mapping[str, object]]:
        return self._put(back_office, [])

    def hand_in(self, back_office: BackOffice, shipment: Mapping[str, object]) -> None:
        self._put(back_office, [shipment])

    def _put(self, back_office: BackOffice, shipments: list[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
        assert isinstance(back_office, HttpBackOffice)
        answer = httpx.put(back_office.url, json=shipments, trust_env=False)
        found: list[Mapping[str, object]] = answer.json()["messages"]
        return found


def test_the_receiver_closes_the_loop(running: str, shop: Shop) -> None:
    """As README has it: it takes orders, ships them with a URL of its own, and Rakuten hears of it."""
    shop.simulator.add(shop.sale("429"), shop.sale("430"))
    with HttpBackOffice(running, header=HEADER, secret=SECRET) as office:
        for _ in range(2):
            assert shop.sync(office=office).exit_code == 0
    assert [str(shop.status(order_id)) for order_id in ("429", "430")] == ["shipped", "shipped"]
    assert shop.order("429").items[0].tracking_url == "https://tracking.example/SUIVI000001"


@pytest.mark.parametrize(("header", "secret"), [(("Authorization", "no"), SECRET), (HEADER, "no")])
def test_the_receiver_lets_nobody_else_in(
    running: str,
    shop: Shop,
    header: tuple[str, str],
    secret: str,
) -> None:
    """A wrong header or signature: nothing is taken, and the connection says so."""
    shop.simulator.add(shop.sale())
    with HttpBackOffice(running, header=header, secret=secret) as office:
        result = shop.sync(office=office)
    assert result.error is not None
    assert result.error.reason == "backend_refused"
    assert httpx.put(running, json=[], trust_env=False).json()["messages"] == []
