"""A job that runs every so often until it is asked to stop."""

from __future__ import annotations

import datetime as dt
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


Round = Callable[[Callable[[], bool]], object]


def run_every(every: dt.timedelta, *rounds: Round) -> None:
    """Runs each of ``rounds`` now and then every so often, until SIGTERM or SIGINT.

    The first signal lets the step in hand finish: a round gets a function that tells whether to stop. A second one
    ends the process at once. A round that takes longer than ``every`` is followed by the next without a pause, and
    none piles up. Several rounds have a thread each: a slow one holds none of the others up. Signals are heard in
    the main thread alone. What a round raises ends them all, and is raised.
    """
    stop = threading.Event()
    failures: list[BaseException] = []

    def repeat(round_: Round) -> None:
        try:
            while not stop.is_set():
                began = time.monotonic()
                round_(stop.is_set)
                stop.wait(max(0.0, every.total_seconds() - (time.monotonic() - began)))
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits
            failures.append(fault)
            stop.set()

    with _stopping(stop):
        threads = [threading.Thread(target=repeat, args=(round_,), daemon=True) for round_ in rounds[1:]]
        for thread in threads:
            thread.start()
        for round_ in rounds[:1]:
            repeat(round_)
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            # As the signal would have ended the process without us: no cleaning up, the store survives that.
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    before = {number: signal.signal(number, heard) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
