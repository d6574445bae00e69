"""Whole processes: what they take, what they say of themselves, and what memory they had at most."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.setting import ROOT

Sampled = Callable[[], float]

_PEAK = """
import os, sys
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class ProcessFailedError(Exception):
    """A process that was to be measured did not do its work; the message ends with what it said."""


def python(*arguments: str, cwd: Path | None = None) -> str:
    """What a Python process with these arguments printed. Raises ProcessFailedError, unless its exit code is 0."""
    done = _run(*arguments, cwd=cwd)
    if done.returncode:
        raise ProcessFailedError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.stdout


def _run(*arguments: str, cwd: Path | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *arguments], cwd=cwd or ROOT, env=environment(), capture_output=True, text=True, check=False
    )


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
    done = _run("-c", _PEAK, *arguments, cwd=cwd)
    if done.returncode:
        raise ProcessFailedError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return int(done.stderr.split()[-1])


def spent(call: Callable[[], object]) -> Sampled:
    """A sample of the CPU seconds that a call takes in this process."""

    def sample() -> float:
        gc.collect()
        start = time.process_time()
        call()
        return time.process_time() - start

    return sample


def by_turns(cases: Mapping[str, Sampled], rounds: int) -> dict[str, Sequence[float]]:
    """Samples of each case, one of each in every round, after one that does not count."""
    for sample in cases.values():
        sample()
    samples: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds):
        for name in list(cases)[:: -1 if turn % 2 else 1]:
            samples[name].append(cases[name]())
    return dict(samples)


def environment() -> dict[str, str]:
    """Without what would let one side read or write other files than the other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAKUTEN_ORDERS_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
