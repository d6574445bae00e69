"""How it is timed: calibrated samples, the cases of a row interleaved, ratios within a round, medians of them.

A ratio compares two samples that were taken one after the other, so that what slows the whole machine down for a
second slows both. What counts is the process's CPU time: other programs get none of it. Samples are of equal length,
whatever one call takes.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """What is timed; ``units`` of work are in a call."""

    call: Call
    units: int = 1


@dataclass(frozen=True, slots=True)
class Method:
    """How long and how often: seconds a sample, rounds, the least calls in a sample."""

    sample_s: float
    rounds: int
    least: int = 1


@dataclass(frozen=True, slots=True)
class Timing:
    """One case against the floor: seconds a unit of work (median), the ratio (median over the rounds) and its range."""

    seconds: float
    ratio: float
    lowest: float
    highest: float


def compared(samples: Sequence[float], floor: Sequence[float]) -> Timing:
    """The timing of ``samples`` against the floor's, round by round."""
    ratios = [one / other for one, other in zip(samples, floor, strict=True)]
    return Timing(statistics.median(samples), statistics.median(ratios), min(ratios), max(ratios))


def interleaved(cases: Mapping[str, Case], floor: str, method: Method) -> dict[str, Timing]:
    """Each case's timing against the case called ``floor``: one sample of each in every round.

    What exists before is frozen for the garbage collector, which stays on: it costs what the case itself causes.
    """
    gc.collect()
    gc.freeze()
    try:
        calls = {name: _calls(case, method) for name, case in cases.items()}
        samples: dict[str, list[float]] = {name: [] for name in cases}
        for turn in range(method.rounds):
            # Forwards and backwards by turns: none is always the one behind the garbage of another.
            for name in list(cases)[:: -1 if turn % 2 else 1]:
                samples[name].append(_sample(cases[name], calls[name]) / cases[name].units)
    finally:
        gc.unfreeze()
    return {name: compared(samples[name], samples[floor]) for name in cases}


def _calls(case: Case, method: Method) -> int:
    """How many calls make a sample; what is measured is warm afterwards."""
    case.call()
    once = _sample(case, 1)
    return max(method.least, math.ceil(method.sample_s / max(once, 1e-9)))


def _sample(case: Case, calls: int) -> float:
    """Seconds a call."""
    gc.collect()
    call, clock = case.call, time.process_time
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls
