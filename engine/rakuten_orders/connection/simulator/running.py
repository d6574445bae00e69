"""The simulator as a command: how to connect to it, and waiting until it is stopped."""

from __future__ import annotations

import shlex
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rakuten_orders.connection.simulator.simulator import Simulator

_WAKE_S = 0.2


def connection_hint(simulator: Simulator) -> str:
    """What to type in another terminal to connect to a running simulator."""
    undecided, current = simulator.listed()
    return f"""\
Rakuten's protocol is spoken at {simulator.url}; sales to accept: {len(undecided)}, accepted: {len(current)}.
To connect, in another terminal:

  export RAKUTEN_TOKEN={shlex.quote(simulator.token)}
  rakuten-orders connection add simulated --login {shlex.quote(simulator.login)} --token-env RAKUTEN_TOKEN \\
      --back-office-folder ./exchange --endpoint {simulator.url}
  rakuten-orders sync simulated

What the marketplace saw: {simulator.url}/_simulator/state and {simulator.url}/_simulator/calls
Ctrl-C stops it; it forgets everything then.
"""


def serve_forever(simulator: Simulator) -> None:
    """Serves until SIGINT or SIGTERM, then returns; call it from the main thread."""
    with simulator, _stop_signals() as stopped:
        # In short waits: a signal that another thread receives does not end this thread's wait.
        while not stopped.wait(_WAKE_S):
            pass


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; the former handlers come back afterwards."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
