"""A row's two sides, made ready and compared; timing is what is left to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import TypeVar

from bench.measuring import Case, Method, Timing, interleaved
from bench.outcome import Line, Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Other:
    """A case without a target: a peer, or the same work in other circumstances; the note says what differs."""

    case: Case
    note: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A row that waits for its figures: the engine's case, the floor's, and others."""

    row: Row
    ours: Case
    floor: Case
    others: Mapping[str, Other] = field(default_factory=dict)


def in_turn(parts: Sequence[T], call: Callable[[T], object], units: int) -> Case:
    """The case that does ``call`` to the next of the parts, over and over: samples stay short.

    ``units`` of work are in a part.
    """
    following = cycle(parts).__next__
    return Case(lambda: call(following()), units)


def timed(work: Work, method: Method) -> Row:
    """The row with its figures, unless its outputs differ: then nothing is timed."""
    if work.row.differs:
        return work.row
    cases = {"floor": work.floor, "ours": work.ours, **{name: other.case for name, other in work.others.items()}}
    timings = interleaved(cases, "floor", method)
    lines = tuple(line(name, timings[name], other.note) for name, other in work.others.items())
    return with_timing(work.row, timings["ours"], timings["floor"], lines)


def with_timing(row: Row, ours: Timing, floor: Timing, lines: tuple[Line, ...] = ()) -> Row:
    """``row`` with the ratio of ``ours`` to the floor as its figure."""
    return replace(
        row,
        figure=ours.ratio,
        lowest=ours.lowest,
        highest=ours.highest,
        ours=ours.seconds,
        floor=floor.seconds,
        lines=lines,
    )


def line(name: str, timing: Timing, note: str = "") -> Line:
    """A line below a row."""
    return Line(name, timing.ratio, timing.lowest, timing.highest, timing.seconds, note)
