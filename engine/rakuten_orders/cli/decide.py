"""``orders accept|refuse|release|cancel|resend|handle-manually``: what people decide by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.stored import account_of, opened_store, person
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.by_hand import LOCAL, apply_at_once, decide, effect, objection
from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.connection.store import HandAction, OrderRecord, Store
from rakuten_orders.messages import reason_text, reasons

Command = TypeVar("Command", bound=Callable[..., Any])

_IDS = click.argument("order_ids", metavar="ID...", nargs=-1, required=True)
_SOME_IDS = click.argument("order_ids", metavar="[ID]...", nargs=-1)
_BY = click.option("--by", metavar="NAME", help="Who decides.  [default: the system user]")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_BECAUSE = click.option("--because", default="", metavar="TEXT", help="Why; kept in the order's history.")
_REASON = click.option(
    "--reason", type=click.Choice(reasons()), metavar="R", help="All orders in error for this reason."
)
_STATUS = click.option(
    "--status",
    type=click.Choice([str(status) for status in Status if status is not Status.SKIPPED]),
    metavar="S",
    help="All orders in this status; with --reason, those of them.",
)


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in (_YES, _BY, *reversed(options)):
            command = option(command)
        return command

    return decorate


@click.command("accept")
@_options(_IDS, _BECAUSE)
@project_options(connection=True)
def accept(project: Project, order_ids: tuple[str, ...], because: str, by: str | None, yes: bool) -> int:
    """Accept orders as they are, though a rule holds them or they cannot be mapped yet. The buyer is debited.

    The next pass does it.

    \b
    Example:
      rakuten-orders orders accept 400000006 --because "the price was agreed on"
    """
    return _decide(project, "accept", order_ids, because=because, by=by, yes=yes)


@click.command("refuse")
@_options(_IDS, _BECAUSE)
@project_options(connection=True)
def refuse(project: Project, order_ids: tuple[str, ...], because: str, by: str | None, yes: bool) -> int:
    """Refuse orders that are not accepted yet. The next pass does it.

    \b
    Example:
      rakuten-orders orders refuse 400000006 --because "out of stock"
    """
    return _decide(project, "refuse", order_ids, because=because, by=by, yes=yes)


@click.command("release")
@_options(_IDS, _BECAUSE)
@project_options(connection=True)
def release(project: Project, order_ids: tuple[str, ...], because: str, by: str | None, yes: bool) -> int:
    """Let held orders go on as if no rule held them: the next pass checks and accepts them like the others.

    \b
    Example:
      rakuten-orders orders release 400000006
    """
    return _decide(project, "release", order_ids, because=because, by=by, yes=yes)


@click.command("cancel")
@_options(
    _IDS,
    click.option("--because", required=True, metavar="TEXT", help="Why: Rakuten demands it, and takes 400 characters."),
)
@project_options(connection=True)
def cancel(project: Project, order_ids: tuple[str, ...], because: str, by: str | None, yes: bool) -> int:
    """Cancel what is accepted and not shipped. The next pass does it.

    \b
    Example:
      rakuten-orders orders cancel 400000001 --because "broken in the warehouse"
    """
    if not because.strip():
        raise click.UsageError("Rakuten takes no cancellation without a reason: give --because")
    return _decide(project, "cancel", order_ids, because=because, by=by, yes=yes)


@click.command("resend")
@_options(_SOME_IDS, _REASON, _STATUS, _BECAUSE)
@project_options(connection=True)
def resend(project: Project, order_ids: tuple[str, ...], **options: Any) -> int:
    """Try again at once what failed with orders; deliver those without an error to the back office once more.

    The next pass does it.

    \b
    Example:
      rakuten-orders orders resend --reason backend_refused
    """
    return _decide(project, "resend", order_ids, **options)


@click.command("handle-manually")
@_options(_SOME_IDS, _REASON, _STATUS, _BECAUSE)
@project_options(connection=True)
def handle_manually(project: Project, order_ids: tuple[str, ...], **options: Any) -> int:
    """Take orders over: nothing more is sent for them, and their error is put aside.

    \b
    Example:
      rakuten-orders orders handle-manually 400000001 --because "brought to the buyer by hand"
    """
    return _decide(project, "handle-manually", order_ids, **options)


COMMANDS = (accept, refuse, release, cancel, resend, handle_manually)


def _decide(
    project: Project,
    action: HandAction,
    order_ids: Sequence[str],
    *,
    because: str = "",
    reason: str | None = None,
    status: str | None = None,
    by: str | None,
    yes: bool,
) -> int:
    """Say what will be done, ask, and record it; what is not possible for an order is said and stops none other."""
    if not order_ids and reason is None and status is None:
        raise click.UsageError("give orders' IDs, --reason or --status")
    who = person(by)
    with opened_store(project) as store:
        login = account_of(store, project.connection)
        orders, obstacles = _chosen(store, login, order_ids, reason, status)
        refused = {order.purchase_id: objection(action, order) for order in orders}
        obstacles += [sentence for sentence in refused.values() if sentence]
        for sentence in obstacles:
            console.say(sentence)
        possible = [order for order in orders if not refused[order.purchase_id]]
        if not possible:
            if not obstacles:
                console.say("No such orders.")
            return FAILED if obstacles else ALL_WELL
        for order in possible:
            console.say(effect(action, order))
        if not console.ask(f"Go on with {counted(len(possible), 'order(s)')}?", yes=yes):
            console.say("Nothing was done.")
            return ALL_WELL
        for order in possible:
            decide(store, order, action, by=who, because=because.strip())
        logins = {order.login for order in possible} if action in LOCAL else set()
        applied = [apply_at_once(store, each) for each in sorted(logins)]
        done = bool(applied) and all(applied)
    console.show(_outcome(project, action, len(possible), done=done))
    return FAILED if obstacles else ALL_WELL


def _outcome(project: Project, action: HandAction, number: int, *, done: bool) -> str:
    orders = counted(number, "order(s)")
    if done and action == "handle-manually":
        return f"Took over {orders}."
    return f"Decided to {action} {orders}. The next pass does it: rakuten-orders sync{project.again}"


def _chosen(
    store: Store, login: str | None, order_ids: Iterable[str], reason: str | None, status: str | None
) -> tuple[list[OrderRecord], list[str]]:
    """The orders that were named or that fit, and why some that were named cannot be."""
    if not order_ids:
        found = store.orders.select(
            logins=None if login is None else [login],
            status=Status(status) if status else None,
            in_error=reason is not None,
        )
        return [order for order in found if reason in (None, order.error.reason if order.error else None)], []
    orders: list[OrderRecord] = []
    obstacles: list[str] = []
    for order_id in dict.fromkeys(order_ids):
        named = [order for order in store.orders.find(order_id) if login in (None, order.login)]
        if len(named) == 1:
            orders += [order for order in named if _fits(order, reason, status)]
        elif named:
            labels = ", ".join(account.label for account in store.accounts.all())
            obstacles.append(f"several connections have an order {order_id}: name one of {labels} with --connection")
        else:
            obstacles.append("\n  ".join(reason_text("unknown_order", order=order_id, items="")))
    return orders, obstacles


def _fits(order: OrderRecord, reason: str | None, status: str | None) -> bool:
    in_error_for = order.error.reason if order.error else None
    return reason in (None, in_error_for) and status in (None, str(order.status))
