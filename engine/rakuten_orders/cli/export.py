"""``orders export``: everything that the store has of the orders, for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.stored import account_of, opened_store
from rakuten_orders.connection.exporting import COLUMNS, exported


@click.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="A row an item, or a line of JSON an order.",
)
@project_options(connection=True)
def export(project: Project, form: str) -> None:
    """Print all orders: what was received beside what was sent, and every event.

    As CSV each item's status, price, transporter, tracking number and URL; a URL can hold the buyer's postcode. As
    JSON lines also the sale and the messages to the back office, with the buyers' names and addresses.

    \b
    Example:
      rakuten-orders orders export --format jsonl
    """
    with opened_store(project) as store:
        only = account_of(store, project.connection)
        logins = [account.login for account in store.accounts.all() if only in (None, account.login)]
        if form == "csv":
            console.show(_line(COLUMNS))
        for order in exported(store, logins):
            if form == "jsonl":
                console.show(console.json_line(order.to_json()).rstrip("\n"))
            for row in order.rows() if form == "csv" else ():
                console.show(_line([row[column] for column in COLUMNS]))


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().removesuffix("\n")
