"""``ship``: shipments handed in by a person, one or a file of them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from rakuten_orders.cli import console, options
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import connections_in_force
from rakuten_orders.cli.stored import account_of, opened_store, person
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.back_offices.shipment_files import EXAMPLE, read_shipment_file
from rakuten_orders.connection.config import load_engine
from rakuten_orders.connection.receiving import foreseen, hand_in
from rakuten_orders.connection.rules_in_force import last_valid
from rakuten_orders.connection.store import Store
from rakuten_orders.engine import Engine
from rakuten_orders.errors import ConfigError, RulesError
from rakuten_orders.formats import clean_number
from rakuten_orders.model import Shipment


@click.command("ship")
@click.argument("order_id", metavar="[ID]", required=False)
@click.option("--transporter", metavar="T", help="The transporter, in your words.")
@click.option("--number", "tracking_number", metavar="N", help="The tracking number.")
@click.option("--item", "item_ids", metavar="ID", multiple=True, help="Only this item; may be repeated.")
@click.option("--url", "tracking_url", metavar="U", help="A tracking URL to send instead of the carrier's.")
@click.option("--postcode", metavar="P", help="The recipient's postcode, where the sale's is not the right one.")
@click.option("--country", metavar="C", callback=options.country, help="The recipient's country, two letters.")
@click.option("--pickup-postcode", metavar="P", help="The collection point's postcode.")
@click.option("--phone-last4", metavar="D", help="The last four digits of the recipient's phone.")
@click.option("--language", metavar="L", callback=options.language, help="The tracking page's language, two letters.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file, or JSON lines (.jsonl), with a shipment a row.",
)
@click.option("--by", metavar="NAME", help="Who hands it in.  [default: the system user]")
@project_options(connection=True)
def command(
    *,
    project: Project,
    order_id: str | None,
    file: Path | None,
    by: str | None,
    item_ids: tuple[str, ...],
    **shipment: str | None,
) -> int:
    """Hand in a shipment by hand, or many from a file. The next pass confirms them at Rakuten.

    \b
    Example:
      rakuten-orders ship 400000001 --transporter Colissimo --number 6A12345678905
    """
    if (order_id is None) is (file is None):
        raise click.UsageError("give an order's ID, or a file with --from")
    if file is not None and (item_ids or any(shipment.values())):
        raise click.UsageError("with --from, everything else about a shipment stands in the file")
    if shipment["tracking_number"] is not None and not clean_number(shipment["tracking_number"]):
        raise click.UsageError("--number is empty: leave it out where there is no number")
    rows = (
        _rows(file)
        if file is not None
        else _by_hand(Shipment(order_id=order_id, item_ids=item_ids or None, **shipment))  # type: ignore[arg-type]
    )
    return _hand_in_all(project, rows, person(by))


def _hand_in_all(project: Project, rows: Iterator[tuple[str, str, Shipment | str]], by: str) -> int:
    """Store what can be stored; say how much, and what stands in the way of the rest."""
    taken = failed = 0
    with opened_store(project) as store:
        login = account_of(store, project.connection)
        foresight = _Foresight(project, store, login)
        for place, source, shipment in rows:
            if isinstance(shipment, str):
                failed += 1
                console.say(f"{place}{shipment}")
                continue
            error = hand_in(store, shipment, source=source, by=by, login=login)
            if error is None:
                taken += 1
                foresight.warn(place, shipment)
            else:
                failed += 1
                console.say(f"{place}{error.reason}: {error.message}\n  {error.hint}")
    if taken:
        next_ = f"The next pass sends {'it' if taken == 1 else 'them'} on: rakuten-orders sync{project.again}"
        console.show(f"Took in {counted(taken, 'shipment(s)')}. {next_}")
    return FAILED if failed else ALL_WELL


class _Foresight:
    """Warns of what the next pass will find wrong with a shipment, by the rules as they are now."""

    def __init__(self, project: Project, store: Store, login: str | None) -> None:
        self._project = project
        self._store = store
        self._login = login
        self._engines: dict[str, Engine | None] = {}

    def warn(self, place: str, shipment: Shipment) -> None:
        """Say so at once; the shipment is stored all the same, as what it lacks can be mended."""
        for order in self._store.orders.find(shipment.order_id or ""):
            if self._login not in (None, order.login):
                continue
            engine = self._engine(order.login)
            error = foreseen(order, shipment, engine, self._label(order.login)) if engine else None
            if error is not None:
                ahead = f"order {order.purchase_id} will be in error until this is mended"
                console.say(f"{place}warning: {ahead}: {error.reason}: {error.message}\n  {error.hint}")

    def _engine(self, login: str) -> Engine | None:
        """The account's rules; where they do not load, the last that did, as for a pass."""
        if login not in self._engines:
            label = self._label(login)
            try:
                connections = connections_in_force(replace(self._project, connection=None))
                own = next((one for one in connections if one.label == label), None)
                self._engines[login] = load_engine(
                    self._project.folder, own, rules=self._project.rules, carriers=self._project.carriers
                )
            except (RulesError, ConfigError):
                self._engines[login] = last_valid(self._store, login)
        return self._engines[login]

    def _label(self, login: str) -> str:
        account = self._store.accounts.get(login)
        return account.label if account else login


def _by_hand(shipment: Shipment) -> Iterator[tuple[str, str, Shipment | str]]:
    yield "", f"by-hand/{uuid.uuid4()}", shipment


def _rows(file: Path) -> Iterator[tuple[str, str, Shipment | str]]:
    """For each row where it stands, a name that the same content always has, and the shipment or what is wrong."""
    data = file.read_bytes()
    found = read_shipment_file(file.name, data)
    if found.problem:
        raise ConfigError(f"{file.as_posix()}: {found.problem}", f"In CSV the first line is as in {EXAMPLE}")
    # A file that is handed in twice is stored once.
    content = hashlib.sha256(data).hexdigest()
    for row in found.rows:
        yield f"{file.as_posix()}:{row.line}: ", f"file/{content}:{row.line}", row.shipment or row.problem
