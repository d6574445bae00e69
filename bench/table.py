"""README's table, made from the result file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.outcome import Row, duration, quantity, spread
from bench.setting import ROOT

README = ROOT / "README.md"

_PLACE = re.compile(r"(<!-- table: performance -->\n).*?(<!-- end -->)", re.DOTALL)


def lines(rows: Sequence[Row], about: Mapping[str, Any]) -> Iterator[str]:
    """The table, head included, a line a target; then when, of what and on what it was measured."""
    yield "| what | by the engine | against | figure (range) | target | |"
    yield "|---|---:|---|---:|---:|---|"
    for row in rows:
        ours = f"{duration(row.ours)} {row.per}" if row.ours is not None else ""
        floor = f"{row.against}: {duration(row.floor)}" if row.floor is not None else row.against
        figure = "" if row.figure is None else spread(row.figure, row.lowest, row.highest, row.unit)
        yield f"| {row.name} | {ours} | {floor} | {figure} | {quantity(row.target, row.unit)} | {row.verdict} |"
    machine = about["machine"]
    yield ""
    commit = about.get("commit") or "unknown"
    where = f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}"
    yield f"Measured on {about['date']} at commit {commit}: {where}."


def write(rows: Sequence[Row], about: Mapping[str, Any], readme: Path = README) -> None:
    """Puts the table in its place."""
    text = readme.read_text(encoding="utf-8")
    table = "\n".join(lines(rows, about))
    readme.write_text(_PLACE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text), encoding="utf-8")
