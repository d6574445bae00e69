"""``track``: the update that would be sent for a shipment, and who decided it."""

from __future__ import annotations

import datetime as dt

import click

from rakuten_orders.cli import console, options
from rakuten_orders.cli.failures import FAILED
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import load_engine
from rakuten_orders.cli.text import printable
from rakuten_orders.engine import Engine
from rakuten_orders.errors import MissingTrackingNumber, RulesError, ShipmentError
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Shipment, TrackingUpdate

_DECIDED = {
    "mapping": "a mapping of the transporter rules",
    "name": "the transporter's name",
    "default": "the default of the transporter rules",
    "url": "the URL that was given",
}


@click.command("track")
@click.option("--transporter", metavar="T", help="What the back office calls the transporter.")
@click.option("--number", metavar="N", help="The tracking number, as the back office gives it.")
@click.option("--postcode", metavar="P", help="The recipient's postcode.")
@click.option("--country", metavar="C", callback=options.country, help="The recipient's country, two letters.")
@click.option("--pickup-postcode", metavar="P", help="The collection point's postcode.")
@click.option("--phone-last4", metavar="D", help="The last four digits of the recipient's phone.")
@click.option(
    "--language",
    metavar="L",
    callback=options.language,
    help="The page's language, two letters; else it follows the country.",
)
@click.option("--shipping-type", metavar="S", help="Rakuten's shipping type, such as Normal.")
@click.option("--url", metavar="U", help="A tracking URL that the back office gives.")
@click.option("--order", metavar="ID", help="The order's id, where a template uses it.")
@click.option("--item", metavar="ID", help="The item's id, where a template uses it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@project_options(connection=True)
def command(
    *,
    project: Project,
    as_json: bool,
    transporter: str | None,
    number: str | None,
    order: str | None,
    item: str | None,
    url: str | None,
    **recipient: str | None,
) -> int:
    """Show the tracking update that would be sent to Rakuten for a shipment, and who decided it.

    \b
    Example:
      rakuten-orders track --transporter "Mondial Relay" --number "12 34 56 78" --postcode 75011
    """
    shipment = Shipment(
        transporter=transporter,
        tracking_number=number,
        tracking_url=url,
        order_id=order,
        item_ids=(item,) if item else None,
        **recipient,  # type: ignore[arg-type]
    )
    try:
        engine = load_engine(project)
        update = engine.track(shipment, connection=project.connection)
    except ShipmentError as error:
        hint = _hint(error, engine, shipment, project.connection)
        return _failed(error.reason, error.message, hint, as_json=as_json)
    except RulesError as error:
        if not as_json:
            raise
        return _failed("rules_invalid", str(error).splitlines()[0], reason_text("rules_invalid")[1], as_json=True)
    if as_json:
        console.show_json(_document(update))
    else:
        console.show(_sentences(update))
    return 0


def _document(update: TrackingUpdate) -> dict[str, object]:
    return {
        "carrier": update.carrier,
        "transporter_name": update.transporter_name,
        "tracking_number": update.tracking_number,
        "tracking_number_received": update.tracking_number_received,
        "tracking_url": update.tracking_url,
        "decided_by": update.decided_by,
        "warnings": list(update.warnings),
    }


def _sentences(update: TrackingUpdate) -> str:
    number = update.tracking_number
    if number != update.tracking_number_received:
        number += f"   (received: {' '.join(printable(update.tracking_number_received).split())})"
    lines = [
        f"transporter_name  {update.transporter_name}",
        f"tracking_number   {number}",
        f"tracking_url      {update.tracking_url or '(none: Rakuten tracks this transporter by itself)'}",
        f"carrier           {update.carrier or '(none)'}, decided by {_DECIDED[update.decided_by]}",
    ]
    return "\n".join([*lines, *(f"warning: {warning}" for warning in update.warnings)])


def _hint(error: ShipmentError, engine: Engine, shipment: Shipment, connection: str | None) -> str:
    """The error's hint; that none is needed where Rakuten takes this shipping type without a number."""
    rule = engine.without_number(shipment, connection=connection) if isinstance(error, MissingTrackingNumber) else None
    if rule is not None:
        when = f"{_span(rule.after)} after the shipment came" if rule.after else "at once"
        return f"'{shipment.shipping_type}' is confirmed without a number, {when}."
    return error.hint


def _span(time: dt.timedelta) -> str:
    """A length of time as rule files write it."""
    seconds = int(time.total_seconds())
    units = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
    return next(f"{seconds // length}{unit}" for unit, length in units if seconds % length == 0)


def _failed(reason: str, message: str, hint: str, *, as_json: bool) -> int:
    if as_json:
        console.show_json({"error": {"reason": reason, "message": message, "hint": hint}})
    else:
        console.say(f"{reason}: {message}" + (f"\n  {hint}" if hint else ""))
    return FAILED
