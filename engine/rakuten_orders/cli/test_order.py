"""``test-order``: a marked order through a connection's rules, against a marketplace of its own."""

from __future__ import annotations

from contextlib import nullcontext

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import FAILED
from rakuten_orders.cli.logs import keep_quiet
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import configuration
from rakuten_orders.connection.config import load_engine
from rakuten_orders.connection.passes import open_back_office
from rakuten_orders.connection.trial import Trial, try_order


@click.command("test-order")
@click.argument("label")
@click.option("--sku", "skus", metavar="SKU", multiple=True, help="A unit of this SKU; may be repeated.")
@click.option("--to-back-office", is_flag=True, help="Deliver it to the connection's back office, marked as a test.")
@project_options()
def command(project: Project, label: str, skus: tuple[str, ...], to_back_office: bool) -> int:
    """Send a marked order (TEST-…, "NE PAS EXPÉDIER") through a connection's rules, and print what a back office gets.

    It plays against a simulator of its own and cannot reach the marketplace.

    \b
    Example:
      rakuten-orders test-order main --sku MUG-BLEU
    """
    keep_quiet()
    found = configuration(project)
    connection = found.connection(label)
    engine = load_engine(found.folder, connection, rules=project.rules, carriers=project.carriers)
    with open_back_office(connection) if to_back_office else nullcontext() as back_office:
        trial = try_order(connection, engine, skus=skus, back_office=back_office)
    for line in _troubles(trial, skus):
        console.say(line)
    if trial.message is None:
        return FAILED
    console.show_json(trial.message)
    where = f"delivered to the back office of {label}" if to_back_office else "delivered nowhere: --to-back-office does"
    console.say(f"{trial.order_id}: accepted and mapped by the rules of {label}, {where}.")
    return trial.result.exit_code


def _troubles(trial: Trial, skus: tuple[str, ...]) -> list[str]:
    """What stood in the order's way, a paragraph each."""
    errors = [*trial.result.errors.values(), *([trial.result.error] if trial.result.error else [])]
    troubles = [f"{trial.order_id}: {error.reason}: {error.message}\n  {error.hint}" for error in errors]
    if not skus and any(error.reason.startswith("sku_") for error in errors):
        troubles.append("Its SKU is made up. Try one of yours: --sku SKU")
    if trial.held_because:
        troubles.append(f"{trial.order_id}: not accepted by the acceptance rules: {trial.held_because}")
    return troubles
