"""The checker: ``validate-rules`` on the shipped files with all examples against Cerberus alone; whole processes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench.measuring import compared
from bench.outcome import Row
from bench.processes import by_turns, python, whole
from bench.setting import ROOT, Setting
from bench.work import with_timing

_VALIDATE = ("-c", "import sys; from rakuten_orders.cli import validate_rules_main; sys.exit(validate_rules_main())")
_FLOOR = ("-m", "bench.floors.checker", str(ROOT / "carriers.d"), str(ROOT / "rules"))


def measure(setting: Setting) -> Iterator[Row]:
    """The row."""
    row = prepare(setting)
    if not row.differs:
        cases = {"ours": whole(*_VALIDATE, cwd=setting.scratch), "floor": whole(*_FLOOR)}
        samples = by_turns(cases, setting.processes)
        ours, floor = (compared(samples[name], samples["floor"]) for name in ("ours", "floor"))
        row = with_timing(row, ours, floor)
    yield row


def prepare(setting: Setting) -> Row:
    """The row; both sides have to read the same files and find nothing wrong."""
    report = json.loads(python(*_VALIDATE, "--format", "json", cwd=setting.scratch))
    files, wrong = map(int, python(*_FLOOR).split())
    tables = len(list((ROOT / "rules" / "tables").glob("*.csv")))
    ours, floor = (report["files"] - tables, report["errors"]), (files, wrong)
    return Row(
        key="check",
        name=f"check {files} files with all examples",
        against="a process that reads the files with CSafeLoader and Cerberus",
        target=3.0,
        per="a process",
        differs="" if ours == floor else f"files and errors: {ours}, by hand {floor}",
    )
