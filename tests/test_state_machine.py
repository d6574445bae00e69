"""Hypothesis drives the job against the simulator: buyers, seller, back office, network and clock act at random."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rakuten_orders.connection import Store, sync
from rakuten_orders.connection.lifecycle import order_status
from rakuten_orders.connection.simulator import DISTURBANCES, Fault, Simulator
from torture.invariants import broken, engine
from torture.passes import Order, connection_of
from torture.points import PointedClient, PointedOffice, PointedStore, Points
from torture.world import ACTS, World

MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
WRITES = ("acceptsale", "refusesale", "cancelitem", "settrackingpackageinfos", "importitemshippingstatus", "*")


class Clock:
    """A clock that stands still until it is moved; ``job_s`` is how far the job's own is off."""

    def __init__(self) -> None:
        self.now = MONDAY
        self.job_s = 0.0

    def __call__(self) -> dt.datetime:
        return self.now

    def of_job(self) -> dt.datetime:
        return self.now + dt.timedelta(seconds=self.job_s)


class Died(BaseException):
    """The process ends here, as far as that can be had within one."""


class DyingPoints(Points):
    """Points that end a pass, not the process."""

    def pass_(self, name: str) -> None:
        self._met += 1
        if self.nth and self._met == self.nth:
            raise Died


class Job(RuleBasedStateMachine):
    """A marketplace, a back office and a job between them, over real HTTP, real files and a real store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.simulator = Simulator(clock=self.clock, page_size=3).start()
        self.world = World(Path(self.folder.name), self.simulator, self.clock, random.Random(0))

    @initialize(seed=st.integers(0, 999))
    def open_shop(self, seed: int) -> None:
        self.world.chance = random.Random(seed)
        self.world.sell(3)

    @rule(count=st.integers(1, 3))
    def buyers_buy(self, count: int) -> None:
        self.world.sell(count)

    @rule(name=st.sampled_from(ACTS), seed=st.integers(0, 99))
    def somebody_acts(self, name: str, seed: int) -> None:
        self.world.chance = random.Random(seed)
        self.world.act(name)

    @rule(share=st.sampled_from((0.4, 1.0)))
    def back_office_ships(self, share: float) -> None:
        self.world.ship_some(share)

    @rule(
        action=st.sampled_from(WRITES), fault=st.sampled_from((*DISTURBANCES, Fault.quota())), times=st.integers(1, 4)
    )
    def network_fails(self, action: str, fault: Fault, times: int) -> None:
        self.simulator.fail_next(action, fault, times)

    @rule(hours=st.sampled_from((1, 4, 26)))
    def time_passes(self, hours: int) -> None:
        self.clock.now += dt.timedelta(hours=hours)

    @rule(hours=st.sampled_from((-30, -1, 0, 500)))
    def jobs_clock_is_set(self, hours: int) -> None:
        self.clock.job_s = hours * 3600.0

    @rule(nth=st.sampled_from((0, 0, 1, 3, 7, 12, 20, 33, 50)))
    def a_pass(self, nth: int) -> None:
        """A pass to its end, or to the point where it dies."""
        order = Order(self.folder.name, self.simulator.login, self.simulator.token, self.simulator.url, 0)
        points = DyingPoints(Path(self.folder.name) / "trace", nth=nth)
        PointedClient.points = PointedOffice.points = points
        with (
            suppress(Died),
            PointedStore(Path(self.folder.name) / "orders.sqlite3", self.clock.of_job, points, 5.0) as store,
            PointedClient(order.login, order.token, endpoint=order.endpoint, sleep=lambda _s: None) as client,
        ):
            office = PointedOffice(Path(self.folder.name) / "exchange")
            sync(connection_of(order), store, office, engine(), client=client, sleep=lambda _s: None)

    @invariant()
    @precondition(lambda self: (Path(self.folder.name) / "orders.sqlite3").exists())
    def an_orders_status_follows_from_its_items(self) -> None:
        with Store(Path(self.folder.name) / "orders.sqlite3") as store:
            for order in store.orders.select():
                assert order.status is order_status(item.status for item in order.items)

    def teardown(self) -> None:
        """Calm is restored, passes are made on the next days, and the five invariants hold."""
        try:
            self.simulator.calm()
            self.clock.job_s = 0.0
            for hours in (26, 4, 4):
                self.clock.now += dt.timedelta(hours=hours)
                self.a_pass(0)
            assert broken(self.world) == []
        finally:
            self.simulator.close()
            self.folder.cleanup()


TestJob = Job.TestCase
TestJob.settings = settings(
    max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
)
