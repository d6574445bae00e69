"""``orders``: every order with its status, and all of one order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.decide import COMMANDS
from rakuten_orders.cli.export import export
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.cli.forget import forget
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.stored import account_of, no_store, opened_store, store_path
from rakuten_orders.cli.text import table
from rakuten_orders.connection.lifecycle import PARIS, UNDECIDED, Status
from rakuten_orders.connection.next_step import next_steps
from rakuten_orders.connection.store import Event, OrderRecord
from rakuten_orders.messages import reason_text

_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@dataclass(frozen=True, slots=True)
class Shown:
    """An order with the connection that it came by, its history, and what comes next."""

    connection: str
    order: OrderRecord
    events: tuple[Event, ...]
    next: str

    def to_json(self) -> dict[str, object]:
        """The order under the keys that ``--json`` prints."""
        order = self.order
        return {
            "connection": self.connection,
            "order_id": order.purchase_id,
            "status": order.status,
            "error": order.error.to_json() if order.error else None,
            "deadline": order.deadline.astimezone(PARIS).isoformat() if order.deadline else None,
            "items": [
                {
                    "item_id": item.item_id,
                    "sku": item.sku or None,
                    "status": item.status,
                    "rakuten_status": item.rakuten_status or None,
                    "transporter": item.transporter,
                    "tracking_number": item.tracking_number,
                    "tracking_url": item.tracking_url,
                }
                for item in order.items
            ],
            "events": [event.to_json() for event in self.events],
            "next": self.next,
        }


@click.group("orders")
def command() -> None:
    """List orders with their status, show one, decide by hand, export, forget.

    \b
    Example:
      rakuten-orders orders list --errors
    """


for _command in (*COMMANDS, export, forget):
    command.add_command(_command)


@command.command("list")
@click.option(
    "--status",
    type=click.Choice([str(status) for status in Status if status is not Status.SKIPPED]),
    metavar="S",
    help=f"Only orders in this status: {', '.join(status for status in Status if status is not Status.SKIPPED)}.",
)
@click.option("--errors", is_flag=True, help="Only orders in error.")
@_json
@project_options(connection=True)
def list_orders(project: Project, status: str | None, errors: bool, as_json: bool) -> None:
    """List the orders, oldest first, with their status and what is wrong.

    \b
    Example:
      rakuten-orders orders list --errors
    """
    found = _select(project, Status(status) if status else None, in_error=errors)
    if as_json:
        console.show_json([one.to_json() for one in found])
    elif found:
        rows = [
            (one.order.purchase_id, one.connection, one.order.status, _accept_by(one.order), _note(one.order))
            for one in found
        ]
        console.show(table(("ORDER", "CONNECTION", "STATUS", "ACCEPT BY", "NOTE"), rows))
    else:
        console.say(_none(project, chosen=bool(status or errors)))


@command.command("show")
@click.argument("order_id", metavar="ID")
@_json
@project_options(connection=True)
def show_order(project: Project, order_id: str, as_json: bool) -> int:
    """Show one order: its items, what is wrong, what happened to it, and what comes next.

    \b
    Example:
      rakuten-orders orders show 400000001
    """
    found = _select(project, order_id=order_id)
    if len(found) > 1:
        labels = ", ".join(one.connection for one in found)
        raise click.UsageError(f"several connections have an order {order_id} ({labels}): name one with --connection")
    if not found:
        message, hint = reason_text("unknown_order", order=order_id, items="")
        console.say(f"{message}\n  {hint}" if store_path(project).exists() else _none(project))
        return FAILED
    if as_json:
        console.show_json(found[0].to_json())
    else:
        console.show(_page(found[0]))
    return ALL_WELL


def _select(
    project: Project, status: Status | None = None, *, in_error: bool = False, order_id: str | None = None
) -> list[Shown]:
    """The orders in the project's store, of one connection if one is named; none where there is no store yet."""
    if not store_path(project).exists():
        return []
    with opened_store(project) as store:
        labels = {account.login: account.label for account in store.accounts.all()}
        only = account_of(store, project.connection)
        logins = [login for login in labels if only in (None, login)]
        if order_id is None:
            found = store.orders.select(logins=logins, status=status, in_error=in_error)
        else:
            found = [order for order in store.orders.find(order_id) if order.login in logins]
        return [
            Shown(labels[order.login], order, tuple(store.orders.events(order.login, order.purchase_id)), next_)
            for order, next_ in zip(found, next_steps(store, found), strict=True)
        ]


def _none(project: Project, *, chosen: bool = False) -> str:
    """Why there is no order to show."""
    if not store_path(project).exists():
        why = no_store(project)
        return f"{why.message}\n  {why.hint}"
    return "No such orders." if chosen else "No orders yet: 'rakuten-orders sync' takes them in."


def _accept_by(order: OrderRecord) -> str:
    return _shown(order.deadline) if order.deadline and order.status in UNDECIDED else ""


def _note(order: OrderRecord) -> str:
    if order.error:
        return f"{order.error.reason}: {order.error.message}"
    return "; ".join(dict.fromkeys(item.because for item in order.items if item.because))


def _shown(moment: dt.datetime) -> str:
    """A time as people read it, in Rakuten's own zone."""
    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}"


def _page(shown: Shown) -> str:
    order = shown.order
    facts = [
        ("status", str(order.status)),
        ("connection", shown.connection),
        ("bought", _shown(order.bought_at) if order.bought_at else ""),
        ("accept by", _accept_by(order)),
        ("error", f"{order.error.reason}: {order.error.message}" if order.error else ""),
        ("what to do", order.error.hint if order.error else ""),
        ("next", shown.next),
    ]
    items = [
        (
            item.item_id,
            item.sku,
            item.status,
            item.rakuten_status,
            item.transporter or "",
            item.tracking_number or "",
            item.because or item.tracking_url or "",
        )
        for item in order.items
    ]
    history = [(_shown(event.at), event.level, event.message, event.by or "") for event in shown.events]
    return "\n".join(
        (
            f"Order {order.purchase_id}",
            *(f"  {name:<11}{value}" for name, value in facts if value),
            "",
            table(("ITEM", "SKU", "STATUS", "AT RAKUTEN", "TRANSPORTER", "NUMBER", "TRACKING URL OR NOTE"), items),
            "",
            table(("WHEN", "LEVEL", "WHAT HAPPENED", "BY"), history),
        )
    )
