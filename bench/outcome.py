"""What a row says: its figure against its target, or in what its outputs differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One measured case under a target: a peer, or the same in other circumstances. It has no target of its own."""

    name: str
    ratio: float
    lowest: float
    highest: float
    seconds: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One target.

    ``figure`` is the ratio that counts (``unit`` ``×``) or a size (``MiB``), ``lowest`` and ``highest`` its range over
    the rounds, None where the outputs ``differ``: that is then said, and nothing is timed. ``against`` names the
    floor, ``floor`` and ``ours`` are seconds an operation (``per``).
    """

    key: str
    name: str
    against: str
    target: float
    figure: float | None = None
    lowest: float = 0.0
    highest: float = 0.0
    unit: str = "×"
    per: str = ""
    floor: float | None = None
    ours: float | None = None
    differs: str = ""
    lines: tuple[Line, ...] = field(default=())

    @property
    def reached(self) -> bool:
        """Whether the figure is within the target."""
        return self.figure is not None and self.figure <= self.target

    @property
    def verdict(self) -> str:
        """``reached``, by how much it falls short, or in what the outputs differ."""
        if self.figure is None:
            return f"differs: {self.differs}"
        if self.reached:
            return "reached"
        return f"falls short by {max(1, round((self.figure / self.target - 1) * 100))} %"

    def shown(self) -> Iterable[str]:
        """The row as it is printed: one line, and below it those without a target."""
        if self.figure is None:
            yield f"{self.name:<44} {self.verdict}"
            return
        measured = spread(self.figure, self.lowest, self.highest, self.unit)
        yield f"{self.name:<44} {measured:<22} ≤ {quantity(self.target, self.unit):<8} {self.verdict}"
        if self.floor is not None and self.ours is not None:
            yield f"    {duration(self.ours)} against {duration(self.floor)} {self.per}: {self.against}"
        for line in self.lines:
            measured = spread(line.ratio, line.lowest, line.highest, self.unit)
            yield f"    {line.name:<40} {measured:<22} {line.note}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """The row as JSON data."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Row:
        """The row that ``to_json`` gave ``data`` for."""
        lines = tuple(Line(**line) for line in data["lines"])
        return Row(**{**data, "lines": lines})


def quantity(value: float, unit: str) -> str:
    """``1.27 ×``, ``24 MiB``."""
    return f"{number(value)} {unit}"


def spread(value: float, lowest: float, highest: float, unit: str) -> str:
    """``1.27 × (1.21–1.30)``; without the range where there is none."""
    shown = quantity(value, unit)
    return shown if lowest == highest else f"{shown} ({number(lowest)}–{number(highest)})"


def number(value: float) -> str:
    """Three figures that count, no exponent."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def duration(seconds: float) -> str:
    """``2.4 µs``, ``31 ms``, ``1.2 s``."""
    for factor, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= factor:
            return f"{number(seconds / factor)} {unit}"
    return f"{number(seconds * 1e6)} µs"


def difference(ours: object, floor: object, path: str = "") -> str:
    """Where two outputs differ, types included; empty where they do not."""
    here = path or "the result"
    if type(ours) is not type(floor):
        return f"{here} is {type(ours).__name__}, by hand {type(floor).__name__}"
    if hasattr(ours, "__dataclass_fields__"):
        names = list(ours.__dataclass_fields__)
        return next((d for n in names if (d := difference(getattr(ours, n), getattr(floor, n), f"{path}.{n}"))), "")
    if isinstance(ours, dict) and isinstance(floor, dict):
        if list(ours) != list(floor):
            return f"{here} has the keys {list(ours)}, by hand {list(floor)}"
        return next((d for key in ours if (d := difference(ours[key], floor[key], f"{path}[{key!r}]"))), "")
    if isinstance(ours, (list, tuple)) and isinstance(floor, (list, tuple)):
        if len(ours) != len(floor):
            return f"{here} has {len(ours)} entries, by hand {len(floor)}"
        pairs = enumerate(zip(ours, floor, strict=True))
        return next((d for at, (one, other) in pairs if (d := difference(one, other, f"{path}[{at}]"))), "")
    return "" if ours == floor and repr(ours) == repr(floor) else f"{here} is {ours!r}, by hand {floor!r}"
