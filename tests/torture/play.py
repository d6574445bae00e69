"""The play: round after round a pass is made, and something befalls it; every so often calm, and all is checked."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rakuten_orders.connection.simulator import DISTURBANCES, Fault, ReceivedCall, Simulator
from torture.invariants import broken
from torture.passes import STORE_FAILED, WENT_WRONG, Order, Passes
from torture.secrecy import TOKEN, heard, leaks, said_by_commands
from torture.world import Clock, World

FAULTS = (*DISTURBANCES, Fault.quota(), Fault.delay(0.6), Fault.slow(0.6))
TIMEOUT_S = 0.4
"""Shorter than the delays above, so that they are time-outs."""


@dataclass(slots=True)
class Summary:
    """What happened. ``points`` are the fault points that were passed, ``killed_at`` those that were died at."""

    seed: int
    kills: int = 0
    passes: int = 0
    calls: int = 0
    faults: int = 0
    orders: int = 0
    items: int = 0
    acts: int = 0
    repeated: int = 0
    checks: int = 0
    heard: int = 0
    befell: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    killed_at: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        befell = ", ".join(f"{what} {count}" for what, count in sorted(self.befell.items())) or "peace"
        missed = sorted(self.points.keys() - self.killed_at.keys())
        lines = [
            f"seed {self.seed}: {self.kills} kills in {self.passes} passes",
            f"  {self.calls} calls, {self.faults} of them faulted",
            f"  {self.orders} orders with {self.items} items, {self.acts} acts of buyers and sellers",
            f"  {len(self.killed_at)} of {len(self.points)} fault points died at; what befell the passes: {befell}",
            f"  {self.repeated} calls were answered as done before; {self.checks} checks of the five invariants",
            f"  {self.heard} things said, and all files, were searched for the token and the buyers",
            *(f"  never died at: {point}" for point in missed if self.kills),
            *(f"  BROKEN {sentence}" for sentence in self.broken),
        ]
        return "\n".join(
            [*lines, *([] if self.broken else ["  all five invariants hold, and nothing was told that must not be"])]
        )


@dataclass(slots=True)
class Play:
    """A world, the processes that make passes over it, and what is to befall them."""

    world: World
    passes: Passes
    chance: random.Random
    summary: Summary
    _closed: bool = False

    def round(self) -> None:
        """Something happens in the world, then a pass is made that something befalls."""
        world, chance = self.world, self.chance
        world.clock.ahead_s += chance.uniform(60, 2400)
        world.sell(chance.choice((0, 1, 1, 2)))
        for _ in range(chance.choice((0, 0, 1, 2))):
            world.act()
        world.ship_some(0.5)
        world.simulator.disturb(0.1, chance.randrange(2**32), FAULTS)
        befalls = {
            self.killed_at_a_point: 60,
            self.killed_at_some_time: 20,
            self.two_at_once: 6,
            self.disk_full: 6,
            self.store_locked: 3,
            self.clock_set_back: 3,
            self.marketplace_gone: 2,
        }
        befall = chance.choices(list(befalls), list(befalls.values()))[0]
        self.summary.befell[befall.__name__.replace("_", " ")] += 1
        befall()

    def killed_at_a_point(self) -> None:
        """The process dies right before or after a durable step: one at which few died so far, or any."""
        deaths = self.summary.killed_at
        fewest = min((deaths[point] for point in self.summary.points), default=0)
        rare = [point for point in sorted(self.summary.points) if deaths[point] == fewest]
        if not rare or self.chance.random() < 0.3:
            self.run(nth=self.chance.randint(1, 60))
        else:
            self.run(die_at=rare, nth=self.chance.choice((1, 1, 1, 2, 5)))

    def killed_at_some_time(self) -> None:
        """The process dies somewhere, perhaps in the middle of an instruction."""
        pid = self.start()
        time.sleep(self.chance.uniform(0, 0.3))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.end(pid)

    def two_at_once(self) -> None:
        """Two processes start at the same moment, and one of them may die."""
        first = self.start(nth=self.chance.choice((0, 20, 40)))
        second = self.start()
        self.end(first)
        self.end(second)

    def disk_full(self) -> None:
        """No file can grow beyond what the store's journal already is, or a little more."""
        sizes = [path.stat().st_size for path in self.world.folder.glob("orders.sqlite3*")]
        self.run(fsize=max(sizes, default=0) + self.chance.choice((0, 4096, 40960)) + 1)

    def store_locked(self) -> None:
        """Another process keeps the store locked, for longer than the job waits or not."""
        with closing(sqlite3.connect(self.world.folder / "orders.sqlite3", isolation_level=None, timeout=5)) as other:
            pid = self.start(busy_timeout_s=0.2)
            time.sleep(self.chance.uniform(0, 0.3))
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
                time.sleep(self.chance.choice((0.1, 0.5)))
                other.execute("ROLLBACK")
            self.end(pid)

    def clock_set_back(self) -> None:
        """The job's clock shows an earlier time than before."""
        self.run(clock_s=self.world.clock.ahead_s - self.chance.choice((600, 7200, 90000)))

    def marketplace_gone(self) -> None:
        """Nobody listens: every connection is refused."""
        self.world.simulator.close()
        self.run()
        self.world.simulator.start()

    def calm_down(self) -> None:
        """Calm is restored and two more passes are made; then everything is checked."""
        world = self.world
        world.simulator.calm()
        for hours in (25, 2):  # past every quota and standing refusal, and into the next day's catch-up
            world.clock.ahead_s += hours * 3600
            self.run(timeout_s=30)
            world.ship_some(1.0 if hours > 2 else 0.0)
        world.clock.ahead_s += 4 * 3600  # what waits for a number goes without one
        self.run(timeout_s=30)
        self.summary.checks += 1
        self.summary.broken += [*broken(world), *leaks(world.folder)]
        self.summary.heard = heard(world.folder)

    def run(self, **befalls: object) -> int:
        """One pass to its end."""
        return self.end(self.start(**befalls))

    def start(self, **befalls: object) -> int:
        """Starts a pass; its process's id."""
        world = self.world
        order = {
            "folder": str(world.folder),
            "login": world.simulator.login,
            "token": world.simulator.token,
            "endpoint": world.simulator.url,
            "clock_s": world.clock.ahead_s,
            "timeout_s": TIMEOUT_S,
            **befalls,
        }
        return self.passes.start(Order(**order))  # type: ignore[arg-type]

    def end(self, pid: int) -> int:
        """Waits for a pass to end, and counts how it did."""
        code = self.passes.wait(pid)
        trace = self.world.folder / f"trace.{pid}"
        points = trace.read_text().splitlines() if trace.exists() else []
        trace.unlink(missing_ok=True)
        self.summary.passes += 1
        self.summary.points.update(points)
        if code == -signal.SIGKILL:
            self.summary.kills += 1
            self.summary.killed_at.update(points[-1:])
        elif code == STORE_FAILED:
            self.summary.befell["the store failed"] += 1
        elif code < 0 or code == WENT_WRONG:
            self.summary.broken.append(f"a pass ended with {code}; see {self.passes.log}")
        return code


def play(seed: int, kills: int, folder: Path, *, calm_every: int = 40) -> Summary:
    """Plays until so many processes were killed; stops at the first invariant that does not hold."""
    chance = random.Random(seed)
    summary = Summary(seed)
    clock = Clock()
    with (
        Simulator(clock=clock, token=TOKEN, page_size=7, auto_cancel=True) as simulator,
        Passes(folder / "passes.log") as passes,
    ):
        world = World(folder, simulator, clock, chance)
        stage = Play(world, passes, chance, summary)
        world.sell(8)
        rounds = 0
        while summary.kills < kills and not summary.broken:
            stage.round()
            rounds += 1
            if rounds % calm_every == 0:
                stage.calm_down()
        if not summary.broken:
            stage.calm_down()
            summary.broken += said_by_commands(folder)
        return counted(summary, world, simulator.calls)


def counted(summary: Summary, world: World, calls: Sequence[ReceivedCall]) -> Summary:
    """The summary with what the marketplace saw."""
    summary.calls = len(calls)
    summary.faults = sum(call.fault is not None for call in calls)
    summary.orders, summary.items = len(world.sales), len(world.simulator.items())
    summary.acts = world.acts
    summary.repeated = sum("CAPTURED" in call.detail or "déjà" in call.detail for call in calls)
    return summary


def in_a_folder_of_its_own(play_: Callable[[Path], Summary]) -> Summary:
    """A play in a temporary folder, which stays where something was broken."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    summary = play_(folder)
    if summary.broken:
        summary.broken.append(f"what is left of it is in {folder}")
    else:
        shutil.rmtree(folder)
    return summary
