"""A shop to test with: a simulated marketplace, a store, a folder back office, and a clock that all of them read."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chromium import Chromium, program
from rakuten_orders import Engine
from rakuten_orders.cli.program import program as commands
from rakuten_orders.connection import FolderBackOffice, PassResult, Store, sync
from rakuten_orders.connection.client import RakutenClient
from rakuten_orders.connection.config import Connection, FolderSettings
from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.connection.secret import Secret
from rakuten_orders.connection.simulator import (
    Address,
    SimulatedSale,
    Simulator,
    delivery,
    item,
    showcase,
    to_home,
)

MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
BUYER = Address(
    lastname="Geheimnis",
    firstname="Oriane",
    address1="17 impasse du Secret",
    zipcode="75011",
    city="PARIS",
    phonenumber1="0639984321",
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        """Moves the clock on."""
        self.now += dt.timedelta(**span)


class Shop:
    """One account, its store and its back office, around a simulated marketplace."""

    BUYER = BUYER

    def __init__(self, folder: Path, simulator: Simulator, clock: Clock, engine: Engine) -> None:
        self.folder = folder
        self.simulator = simulator
        self.clock = clock
        self.store = Store(folder / "orders.sqlite3", clock=clock)
        self.office = FolderBackOffice(folder / "exchange")
        self.engine = engine
        self.pauses: list[float] = []
        self.connection = Connection(
            "main",
            simulator.login,
            Secret("env", ("NOT_ASKED",), folder),
            FolderSettings(folder / "exchange"),
            since=dt.date(2026, 11, 1),
            endpoint=simulator.url,
        )

    @staticmethod
    def sale(purchase_id: str = "429", *skus: str, shipping_type: str = "Suivi", **options: Any) -> SimulatedSale:
        """A sale of one unit of each SKU (``A-1`` without any), its items numbered ``<purchase_id>01`` and so on.

        ``addresses``, ``age``, ``status`` and ``shipped`` may be given; further options are elements of each item.
        """
        addresses = options.pop("addresses", None) or to_home(BUYER)
        age = options.pop("age", dt.timedelta(hours=1))
        state = {name: options.pop(name) for name in ("status", "shipped") if name in options}
        units = tuple(
            item(f"{purchase_id}{number:02}", sku, "9.90", fields=options, **state)
            for number, sku in enumerate(skus or ("A-1",), 1)
        )
        mail = {"buyer_login": "secret-login", "buyer_email": "geheimnis@example.com"}
        return SimulatedSale(purchase_id, delivery(shipping_type, addresses, **mail), units, age)

    def sync(self, **options: Any) -> PassResult:
        """One pass, with a client of its own; ``engine``, ``office``, ``token``, ``connection`` replace the shop's."""
        connection = options.pop("connection", self.connection)
        token = options.pop("token", self.simulator.token)
        engine, office = options.pop("engine", self.engine), options.pop("office", self.office)
        endpoint = connection.endpoint
        with RakutenClient(connection.login, token, endpoint=endpoint, sleep=self.pauses.append) as client:
            return sync(connection, self.store, office, engine, client=client, sleep=self.pauses.append, **options)

    def ship(self, order_id: str, transporter: str = "Colissimo", number: str = "6A12345678905", **more: str) -> None:
        """Drops a file with one shipment."""
        row = {"order_id": order_id, "transporter": transporter, "tracking_number": number, **more}
        folder = self.office.folder / "shipments"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{len(list(self.office.folder.rglob('*.csv'))):04}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)

    def messages(self) -> dict[str, dict[str, Any]]:
        """The delivered messages by file name."""
        folder = self.office.folder / "orders"
        return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}

    def order(self, purchase_id: str = "429") -> Any:
        """The stored order."""
        found = self.store.orders.get(self.connection.key, purchase_id)
        assert found is not None
        return found

    def status(self, purchase_id: str = "429") -> Status:
        """The stored order's status."""
        status: Status = self.order(purchase_id).status
        return status

    def reason(self, purchase_id: str = "429") -> str | None:
        """The reason of the stored order's error."""
        error = self.order(purchase_id).error
        return None if error is None else error.reason

    def codes(self, purchase_id: str | None = "429") -> list[str]:
        """The codes of an order's events (None: the account's), oldest first."""
        return [event.code for event in self.store.orders.events(self.connection.key, purchase_id)]

    def changed(self, *names: str) -> int:
        """How many calls that change something took effect at the marketplace."""
        writes = names or (
            *("acceptsale", "refusesale", "cancelitem"),
            *("settrackingpackageinfos", "importitemshippingstatus"),
        )
        return sum(call.action in writes and call.outcome == "done" for call in self.simulator.calls)

    def everything(self) -> list[tuple[Any, ...]]:
        """All rows of the store but for the times of passes."""
        tables = ("orders", "items", "events", "intents", "messages", "shipments", "left_out", "rule_sets")
        return [tuple(row) for table in tables for row in self.store._db.rows(f"SELECT * FROM {table}")]


class Project:
    """A project folder that is connected to a simulated marketplace, and the commands run in it."""

    def __init__(self, folder: Path, market: Simulator) -> None:
        self.folder = folder
        self.market = market

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        result = CliRunner().invoke(commands, list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    def orders(self) -> dict[str, Any]:
        """All orders as ``orders list --json`` prints them, by id."""
        code, printed, said = self.run("orders", "list", "--json")
        assert (code, said) == (0, "")
        return {order["order_id"]: order for order in json.loads(printed)}

    def store(self) -> Store:
        """The project's store, to be closed by whoever asks."""
        return Store(self.folder / "orders.sqlite3")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A marketplace with seven sales, and an empty folder, the current one, that is connected to it as ``main``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    with Simulator(sales=showcase()) as simulator:
        monkeypatch.setenv("RAKUTEN_TOKEN", simulator.token)
        opened = Project(tmp_path, simulator)
        added = ("--login", simulator.login, "--token-env", "RAKUTEN_TOKEN", "--endpoint", simulator.url)
        assert opened.run("connection", "add", "main", *added, "--back-office-folder", "exchange")[0] == 0
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shipped_engine() -> Engine:
    """The shipped rules and carriers, loaded once: an engine is immutable."""
    return Engine.load()


@pytest.fixture
def shop(tmp_path: Path, clock: Clock, shipped_engine: Engine) -> Iterator[Shop]:
    with Simulator(clock=clock) as simulator:
        opened = Shop(tmp_path, simulator, clock, shipped_engine)
        yield opened
        opened.store.close()


@pytest.fixture
def engine_with(tmp_path: Path) -> Callable[..., Engine]:
    """Loads the shipped rules with files of the test's own on top: ``engine_with(**{"rules/order.yaml": text})``."""

    def load(files: dict[str, str]) -> Engine:
        for name, text in files.items():
            path = tmp_path / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        folders = [tmp_path / "project" / name for name in ("rules", "carriers.d")]
        rules, carriers = ([folder] if folder.is_dir() else [] for folder in folders)
        return Engine.load(rules, carriers)

    return load


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A real browser. Where there is none it is skipped with the reason, or fails where NEED_CHROMIUM is set."""
    if program() is None:
        missing = "no Chromium here (Debian and Ubuntu: apt-get install chromium)"
        if os.environ.get("NEED_CHROMIUM"):
            pytest.fail(missing)
        pytest.skip(missing)
    with Chromium() as browser:
        yield browser
