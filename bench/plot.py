"""The plot, drawn from the result file: a bar a target on a logarithmic scale, the target as a line across it.

It is read on light and on dark pages: colours follow the reader's, and nothing is painted behind.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from bench.outcome import Row, number

FILE = Path(__file__).parent / "plot.svg"

_WIDTH, _LEFT, _RIGHT, _TOP = 860, 290, 150, 58
_BAR, _THIN, _GAP = 16, 9, 12
_LOW, _HIGH = 0.5, 200.0
_TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200)
_TITLE = "Time against code written by hand: 1 is as fast (logarithmic)"
_KEY = "The line across a bar is its target. Grey: others on the same work, or the same under other conditions."
_STYLE = """
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .small { font-size: 11px; fill: #59636e }
  .grid { stroke: #d1d9e0 } .floor { stroke: #59636e }
  .met { fill: #1a7f37 } .missed { fill: #bc4c00 } .peer { fill: #8c959f } .target { stroke: #1f2328; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .grid { stroke: #3d444d } .floor { stroke: #9198a1 }
    .met { fill: #3fb950 } .missed { fill: #db6d28 } .peer { fill: #656c76 } .target { stroke: #f0f6fc }
  }
"""


def draw(rows: Sequence[Row]) -> str:
    """The SVG of all targets that are ratios, with the peers below theirs."""
    bars = list(_bars([row for row in rows if row.unit == "×" and row.figure is not None]))
    height = bars[-1][0] + 34 if bars else _TOP
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{_TITLE}">',
        f"<style>{_STYLE}</style>",
        f'<text x="0" y="16">{_TITLE}</text>',
        f'<text class="small" x="0" y="34">{_KEY}</text>',
    ]
    return "\n".join([*head, *_grid(height), *(line for _bottom, drawn in bars for line in drawn), "</svg>\n"])


def write(rows: Sequence[Row]) -> None:
    """Keeps the plot."""
    FILE.write_text(draw(rows), encoding="utf-8")


def _grid(height: int) -> Iterator[str]:
    for tick in _TICKS:
        kind, x = "floor" if tick == 1 else "grid", _x(tick)
        yield f'<line class="{kind}" x1="{x}" y1="{_TOP - 8}" x2="{x}" y2="{height - 22}"/>'
        yield f'<text class="small" x="{x}" y="{height - 8}" text-anchor="middle">{tick:g} ×</text>'


def _bars(rows: Sequence[Row]) -> Iterator[tuple[int, list[str]]]:
    """For each bar its lower edge and what draws it."""
    top = _TOP
    for row in rows:
        assert row.figure is not None  # noqa: S101 - only those are drawn
        x = _x(row.target)
        drawn = _bar(row.name, row.figure, top, "met" if row.reached else "missed", row.target)
        drawn.append(f'<line class="target" x1="{x}" y1="{top - 3}" x2="{x}" y2="{top + _BAR + 3}"/>')
        yield top + _BAR, drawn
        top += _BAR + _GAP // 2
        for line in row.lines:
            yield top + _THIN, _bar(line.name, line.ratio, top, "peer")
            top += _THIN + _GAP // 2
        top += _GAP // 2


def _bar(name: str, ratio: float, top: int, kind: str, target: float = 1.0) -> list[str]:
    start, end = sorted((_x(1), _x(ratio)))
    thin = kind == "peer"
    label = f"{number(ratio)} ×" if thin else f"{number(ratio)} × (≤ {number(target)})"
    small, height = (' class="small"', _THIN) if thin else ("", _BAR)
    middle, width = top + height / 2 + (4 if thin else 4.5), max(1.5, round(end - start, 1))
    return [
        f'<text{small} x="{_LEFT - 10}" y="{middle:g}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="{kind}" x="{start}" y="{top}" width="{width}" height="{height}" rx="2"/>',
        f'<text{small} x="{max(end, _x(target)) + 8:g}" y="{middle:g}">{label}</text>',
    ]


def _x(ratio: float) -> float:
    """Where a ratio stands."""
    share = math.log(min(max(ratio, _LOW), _HIGH) / _LOW) / math.log(_HIGH / _LOW)
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)
