"""Cold ``track``: the whole process against one that only imports click, jinja2 and yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench.measuring import compared
from bench.outcome import Row
from bench.processes import by_turns, python, whole
from bench.setting import Setting
from bench.work import with_timing
from rakuten_orders.engine import Engine
from rakuten_orders.model import Shipment

_CLI = ("-c", "import sys; from rakuten_orders.cli import main; sys.exit(main())")
_TRACK = (*_CLI, "track", "--transporter", "Mondial Relay", "--number", "12 34 56 78", "--postcode", "75011", "--json")


def measure(setting: Setting) -> Iterator[Row]:
    """The row."""
    row = prepare(setting)
    if not row.differs:
        cases = {
            "ours": whole(*_TRACK, cwd=setting.scratch),
            "floor": whole("-c", "import click, jinja2, yaml", cwd=setting.scratch),
        }
        samples = by_turns(cases, 2 * setting.processes)
        ours, floor = (compared(samples[name], samples["floor"]) for name in ("ours", "floor"))
        row = with_timing(row, ours, floor)
    yield row


def prepare(setting: Setting) -> Row:
    """The row; the process has to say what the engine says."""
    shipment = Shipment(transporter="Mondial Relay", tracking_number="12 34 56 78", postcode="75011")
    update = Engine.load().track(shipment)
    said = json.loads(python(*_TRACK, cwd=setting.scratch))
    return Row(
        key="cold",
        name="cold track",
        against="a process that imports click, jinja2 and yaml",
        target=4.0,
        per="a process",
        differs="" if said["tracking_url"] == update.tracking_url else f"the URL: {said['tracking_url']}",
    )
