"""Loading: ``Engine.load`` of all shipped carriers and rules against ``CSafeLoader`` reading the same files.

Each sample is the first load of a fresh process, imports done: that is what people wait for, and nothing is warm. The
code of templates and of the order rules, which the engine makes when it first needs it, is made here too.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.floors.reading import read
from bench.measuring import compared
from bench.outcome import Row
from bench.processes import by_turns, told
from bench.setting import ROOT, Setting
from bench.work import with_timing
from rakuten_orders.engine import Engine

FOLDERS = (str(ROOT / "rules"), str(ROOT / "carriers.d"))

_LOAD = """
import time
from rakuten_orders import Engine, templates
start = time.process_time()
engine = Engine.load()
engine._ruleset.order.generated
for carrier in engine.catalogue:
    if carrier.template:
        templates._compiled(carrier.template.source)
print(time.process_time() - start)
"""


def measure(setting: Setting) -> Iterator[Row]:
    """The row."""
    row = prepare()
    if not row.differs:
        cases = {"ours": told("-c", _LOAD), "floor": told("-m", "bench.floors.reading", *FOLDERS)}
        samples = by_turns(cases, setting.processes)
        ours, floor = (compared(samples[name], samples["floor"]) for name in ("ours", "floor"))
        row = with_timing(row, ours, floor)
    yield row


def prepare() -> Row:
    """The row; both sides have to have read the same carriers."""
    engine = Engine.load()
    return Row(
        key="load",
        name=f"load {len(engine.catalogue)} carriers and the rules",
        against="CSafeLoader reading the same files",
        target=6.0,
        per="a load",
        differs=_difference(engine),
    )


def _difference(engine: Engine) -> str:
    """What the carriers of both sides have in common is their text; types are the engine's own to give."""
    files = {data["code"]: data for data in read([FOLDERS[1]]).values()}
    if files.keys() != set(engine.catalogue.by_code):
        return "the carriers that were read"
    for carrier in engine.catalogue:
        data = files[carrier.code]
        ours = (carrier.name, list(carrier.aliases), carrier.template.source if carrier.template else None)
        floor = (data["name"], data.get("aliases", []), data.get("tracking_url"))
        if ours != floor:
            return f"the carrier {carrier.code}: {ours}, by hand {floor}"
    return ""
