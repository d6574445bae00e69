"""Passes every so often: SIGTERM and SIGINT finish the step in hand, a second signal ends at once."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rakuten_orders.connection.repeating import run_every

JOB = """
import datetime as dt, sys, time
from rakuten_orders.connection.repeating import run_every
def round_(should_stop):
    print("began", flush=True)
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end and not (should_stop() and sys.argv[2] == "heeds"):
        time.sleep(0.01)
    print("ended", flush=True)
run_every(dt.timedelta(seconds=60), round_)
"""


def job(seconds: float, manner: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", JOB, str(seconds), manner], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "began\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", [0, 30], ids=["between_rounds", "within_a_round"])
def test_a_signal_lets_the_step_in_hand_finish(number: signal.Signals, seconds: float) -> None:
    """The round hears of it, ends, and no other one begins."""
    with job(seconds, "heeds") as process:
        process.send_signal(number)
        assert process.stdout is not None
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 0
    assert rest == "ended\n"


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    """However long the step in hand takes."""
    with job(60, "ignores") as process:
        process.send_signal(signal.SIGTERM)
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
        assert process.returncode == -signal.SIGTERM


def test_rounds_that_take_long_do_not_pile_up() -> None:
    """The next begins when the last has ended; threads may run it, without signals."""
    rounds: list[int] = []
    running = threading.Event()

    def round_(should_stop) -> None:
        assert not running.is_set()
        running.set()
        rounds.append(len(rounds))
        running.clear()
        if len(rounds) == 3:
            raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        run_every(dt.timedelta(0), round_)
    assert rounds == [0, 1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_slow_round_holds_none_of_the_others_up() -> None:
    """Each has a thread of its own; what one raises ends them all, and is raised."""
    began, release = threading.Event(), threading.Event()
    rounds: list[str] = []

    def slow(should_stop) -> None:
        rounds.append("slow")
        began.set()
        release.wait(10)

    def fast(should_stop) -> None:
        began.wait(10)
        rounds.append("fast")
        if rounds.count("fast") == 5:
            release.set()
            raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        run_every(dt.timedelta(0), slow, fast)
    assert rounds.count("slow") == 1
    assert rounds.count("fast") == 5
