"""Whole processes: what they take, what they say of themselves, and what memory they had at most."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.setting import ROOT

Sampled = Callable[[], float]

_PEAK = """
import os, sys
pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(os.waitstatus_to_exitcode(status) > 1)
"""


class ProcessFailedError(Exception):
    """A process that was to be measured did not do its work; the message ends with what it said."""


def python(*arguments: str, cwd: Path | None = None, input: str | None = None) -> str:  # noqa: A002 - as subprocess
    """What a Python process with these arguments printed. Raises ProcessFailedError, unless its exit code is 0 or 1."""
    command = [sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603 - our own programs
        command, cwd=cwd or ROOT, env=_environment(), input=input, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise ProcessFailedError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


def whole(*arguments: str, cwd: Path | None = None) -> Sampled:
    """A sample of the CPU seconds, user and system, that a whole Python process takes."""

    def sample() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        python(*arguments, cwd=cwd)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return sample


def told(*arguments: str, cwd: Path | None = None) -> Sampled:
    """A sample of the seconds that a process prints as its last line."""
    return lambda: float(python(*arguments, cwd=cwd).split()[-1])


def peak(*arguments: str, cwd: Path | None = None) -> int:
    """The most memory that a Python process had resident, in bytes; what it prints is dropped.

    Linux hands a forking process's own size on to its child's figure, so that a small process has to start it.
    """
    return int(python("-c", f"{_PEAK}", *arguments, cwd=cwd).split()[-1])


def by_turns(cases: Mapping[str, Sampled], rounds: int) -> dict[str, Sequence[float]]:
    """Samples of each case, one of each in every round, after one that does not count."""
    for sample in cases.values():
        sample()
    samples: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds):
        for name in list(cases)[:: -1 if turn % 2 else 1]:
            samples[name].append(cases[name]())
    return dict(samples)


def _environment() -> dict[str, str]:
    """Without what would let one side read or write other files than the other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAKUTEN_ORDERS_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
