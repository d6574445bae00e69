"""``orders forget``: personal data of old orders removed, what bookkeeping needs kept."""

from __future__ import annotations

import datetime as dt

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.cli.options import Project, project_options, span
from rakuten_orders.cli.stored import account_of, opened_store
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.store import Store


@click.command("forget")
@click.option(
    "--older-than", callback=span, required=True, metavar="TIME", help="Orders bought longer ago than this: 90d."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@project_options(connection=True)
def forget(project: Project, older_than: dt.timedelta, yes: bool) -> int:
    """Remove buyers' data of old orders that are over: names, addresses, the raw sale, messages.

    Ids, dates, statuses, SKUs, prices and tracking numbers stay. Orders that are not over, or in error, stay whole.

    \b
    Example:
      rakuten-orders orders forget --older-than 90d
    """
    with opened_store(project) as store:
        only = account_of(store, project.connection)
        labels = {one.login: one.label for one in store.accounts.all() if only in (None, one.login)}
        before = store.clock() - older_than
        found = {login: store.forgetting.older_than(login, before) for login in labels}
        busy = sum(len(one.busy) for one in found.values())
        if busy:
            console.say(f"{counted(busy, 'order(s)')} of that age not over, or in error: kept as they are.")
        number = sum(len(one.over) for one in found.values())
        if not number:
            console.show("Nothing to forget.")
            return ALL_WELL
        if not console.ask(f"Remove the buyers' data of {counted(number, 'order(s)')} for good?", yes=yes):
            console.say("Nothing was done.")
            return ALL_WELL
        waiting = [labels[login] for login in labels if found[login].over and not _forget(store, login, before)]
        store.forgetting.erase_free_pages()
    for label in waiting:
        console.say(f"{label}: a pass is at work on this account; run the command again when it has ended.")
    if len(waiting) < sum(bool(one.over) for one in found.values()):
        console.show(f"Forgot {counted(number, 'order(s)')}." if not waiting else "Forgot the others.")
    return FAILED if waiting else ALL_WELL


def _forget(store: Store, login: str, before: dt.datetime) -> bool:
    """Forget an account's orders, unless a pass is at work on it; whether it is done."""
    fence = store.leases.take(login)
    if fence is None:
        return False
    try:
        with store.transaction():
            store.leases.renew(login, fence)
            store.forgetting.forget(login, before)
    finally:
        store.leases.give_back(login, fence)
    return True
