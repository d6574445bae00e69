"""Two jobs on one project, as people start them: ``sync --every 1s`` twice, under faults, for as long as is wanted."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from rakuten_orders.connection.config_edit import add_connection
from rakuten_orders.connection.simulator import Simulator
from torture.passes import Passes
from torture.play import Play, Summary, counted
from torture.secrecy import TOKEN, in_arguments
from torture.world import Clock, World

VARIABLE = "SIDE_BY_SIDE_TOKEN"


def side_by_side(seed: int, minutes: float, folder: Path) -> Summary:
    """Buyers buy, people act, the back office ships, while two jobs run; then calm, and the five invariants."""
    chance = random.Random(seed)
    summary = Summary(seed)
    clock = Clock()
    with Simulator(clock=clock, token=TOKEN, page_size=7) as simulator, Passes(folder / "passes.log") as passes:
        world = World(folder, simulator, clock, chance)
        simulator.disturb(0.1, seed)
        with ExitStack() as jobs:
            world.sell(5)
            started = [jobs.enter_context(_job(folder, simulator, number)) for number in (1, 2)]
            for job in started:
                jobs.callback(job.kill)
            end = time.monotonic() + 60 * minutes
            while time.monotonic() < end:
                world.sell(chance.choice((0, 1, 1)))
                world.act()
                world.ship_some(0.3)
                time.sleep(chance.uniform(0.5, 2))
            for job in started:
                summary.broken += in_arguments(job.pid)
                job.send_signal(signal.SIGTERM)
            for job in started:
                if (code := job.wait(120)) != 0:
                    summary.broken.append(f"a job ended with {code}; see {folder}")
        calls = simulator.calls
        Play(world, passes, chance, summary).calm_down()
        return counted(summary, world, calls)


def _job(folder: Path, simulator: Simulator, number: int) -> subprocess.Popen[bytes]:
    configuration = folder / "rakuten-orders.yaml"
    if not configuration.exists():
        values = {
            "login": simulator.login,
            "token": {"env": VARIABLE},
            "since": "2026-01-01",
            "getnewsales_every": "1s",
            "endpoint": simulator.url,
            "back_office": {"folder": "exchange"},
        }
        add_connection(configuration, "main", values)
    command = Path(sys.executable).parent / "rakuten-orders"
    with (folder / f"job-{number}.log").open("w") as log:
        return subprocess.Popen(
            [
                command,
                "sync",
                "--every",
                "1s",
                "--config",
                configuration,
                "--log-format",
                "json" if number == 1 else "text",
            ],
            env={**os.environ, VARIABLE: simulator.token},
            stdout=log,
            stderr=log,
        )
