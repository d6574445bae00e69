"""``demo``: the whole loop against a local marketplace, in a temporary folder, narrated."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from rakuten_orders._data import data_dir
from rakuten_orders.cli import console
from rakuten_orders.cli.demo.play import Play
from rakuten_orders.cli.demo.stage import Stage, inside
from rakuten_orders.cli.demo.world import sales
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.connection.simulator import Simulator


@click.command("demo")
def command() -> int:
    """Show the whole loop against a local marketplace: orders in, shipments out, an error and its remedy.

    It plays in a temporary folder, which is gone afterwards, and exits 1 if anything differs from what it announces.

    \b
    Example:
      rakuten-orders demo
    """
    console.show("The whole loop, in a temporary folder and against a marketplace on this machine: nothing leaves it.")
    order_rules = (data_dir("rules") / "order.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="rakuten-orders-demo-") as name, Simulator() as market:
        folder = Path(name).resolve()
        market.add(*sales())
        with inside(folder, RAKUTEN_TOKEN=market.token):
            broken = _perform(folder, market, order_rules)
    if broken:
        console.say("\nNot as announced:\n" + "\n".join(f"  {fact}" for fact in broken))
        return FAILED
    console.show("\nAll of it came as announced. README.md says how to go on from here.")
    return ALL_WELL


def _perform(folder: Path, market: Simulator, order_rules: str) -> list[str]:
    """Play all steps; what did not come true."""
    stage = Stage(folder)
    play = Play(stage, market, order_rules)
    try:
        for step in play.steps():
            step()
    except (KeyError, OSError) as missing:
        # An order or a file that was announced is not there: the play cannot go on.
        stage.holds(False, f"the demo goes on to its end (and does not miss {missing})")
    return stage.broken
