"""``status``: how each connection stands, for people and for health checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.cli.options import Project, project_options, span
from rakuten_orders.cli.stored import store_path
from rakuten_orders.connection.config import load_configuration
from rakuten_orders.connection.health import Health, health_of
from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.connection.store import Store
from rakuten_orders.errors import ConfigError


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--max-age", callback=span, metavar="TIME", help="Also exit 1 where the last pass ended longer ago: 15m.")
@project_options(connection=True)
def command(project: Project, as_json: bool, max_age: dt.timedelta | None) -> int:
    """Show how each connection stands: its last pass, what is open, in error and late, the rules in force.

    Exits 1 where a person is needed, so it serves as a health check: orders in error, on hold or late, refused
    shipment files, and what stops a connection (the network or a quota only after an hour).

    \b
    Example:
      rakuten-orders status --max-age 15m
    """
    found = _healths(project)
    if as_json:
        console.show_json([one.to_json(max_age) for one in found])
    elif found:
        console.show("\n\n".join("\n".join(_page(one, max_age)) for one in found))
    else:
        console.say("No connections yet. Add one: rakuten-orders connection add LABEL --login … (see --help)")
    return FAILED if any(one.needs_person(max_age) for one in found) else ALL_WELL


def _healths(project: Project) -> list[Health]:
    configuration = None
    if project.named or project.connection is not None or project.config.exists():
        configuration = load_configuration(project.config)
    path = store_path(project)
    with Store(path) if path.exists() else Store.in_memory() as store:
        found = health_of(store, configuration)
    if project.connection is None:
        return found
    chosen = [one for one in found if one.connection == project.connection]
    if not chosen:
        known = ", ".join(one.connection for one in found) or "none yet"
        raise ConfigError(f"there is no connection {project.connection}", f"There are: {known}")
    return chosen


def _page(one: Health, max_age: dt.timedelta | None) -> Iterator[str]:
    if not one.configured:
        yield from _removed(one)
        return
    reasons = one.needs_person(max_age)
    yield f"{one.connection}: {'a person is needed' if reasons else 'hindered' if one.is_hindered else 'all well'}"
    for reason in reasons:
        yield f"  ! {reason}"
    for name, value in _facts(one):
        yield f"  {name:<12}{value}"


def _removed(one: Health) -> Iterator[str]:
    open_ = one.figures.open if one.figures else {}
    yield f"{one.connection}: no connection any more, so nothing is done for its open orders; to take them over:"
    for status in open_:
        yield f"  rakuten-orders orders handle-manually --connection {one.connection} --status {status}"
    yield f"  {'open':<12}{_counts(open_)}"


def _facts(one: Health) -> Iterator[tuple[str, str]]:
    account, figures = one.account, one.figures
    yield "last pass", _last_pass(one)
    if account is None or figures is None:
        return
    behind = one.behind_s
    yield "sales read", "never" if behind is None else f"{_span(behind)} ago"
    yield "open", _counts(figures.open) or "nothing"
    if figures.errors:
        yield "in error", _counts(figures.errors)
    if figures.overdue or figures.due_soon:
        yield "deadlines", f"{figures.overdue} passed, {figures.due_soon} within a day"
    waiting = {"message": figures.undelivered, "shipment": figures.unsent, "decision": figures.undone}
    waits = [f"{number} {name}{'s' if number > 1 else ''}" for name, number in waiting.items() if number]
    if waits:
        yield "queued", ", ".join(waits)
    if account.error is not None and not one.account_needs_person:
        yield "hindered by", f"{account.error.reason}: {account.error.message}"
    if account.error is not None and account.error.hint:
        yield "what to do", account.error.hint
    if account.quota_until is not None and account.quota_until > one.now:
        yield "quota", f"used up until {_at(account.quota_until)}"
    yield "rules", (account.rules_digest or "none yet")[:12]


def _last_pass(one: Health) -> str:
    account = one.account
    if account is None or account.started_at is None:
        return "none yet"
    if one.is_running:
        return f"began {_at(account.started_at)} and is at work, or was ended before its end"
    assert account.finished_at is not None  # noqa: S101 - it is not running
    return f"ended {_at(account.finished_at)}, after {_span(one.last_pass_s or 0.0)}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _at(moment: dt.datetime) -> str:
    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M:%S}"
