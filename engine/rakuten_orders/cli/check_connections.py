"""``connection check``: what works, and what a first pass would accept and create; nothing is changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import UNREACHABLE
from rakuten_orders.cli.logs import keep_quiet
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import chosen
from rakuten_orders.cli.text import counted, table
from rakuten_orders.connection.checking import CheckReport, check_connection
from rakuten_orders.connection.store import Event


@click.command("check")
@click.argument("labels", metavar="[LABEL]...", nargs=-1)
@project_options()
def check(project: Project, labels: tuple[str, ...]) -> int:
    """Check connections without changing anything: what works, and what a first pass would accept and create.

    \b
    Example:
      rakuten-orders connection check main
    """
    keep_quiet()
    configuration, connections = chosen(project, labels)
    codes = []
    for connection in connections:
        report = check_connection(configuration, connection, rules=project.rules, carriers=project.carriers)
        console.show(_page(report))
        codes.append(report.exit_code)
    return UNREACHABLE if UNREACHABLE in codes else max(codes)


def _page(report: CheckReport) -> str:
    lines = [report.connection]
    for found in report.checks:
        name = found.subject.replace("_", " ")
        lines.append(f"  {'WRONG' if found.error else 'ok':<6}{name:<12} {found.message}")
        if found.error:
            reason = f"{found.error.reason}: " if found.error.reason else ""
            lines.append(f"        {reason}{found.error.message}\n        {found.error.hint}")
    orders = _orders(report)
    if orders:
        lines += ["", table(("ORDER", "THE NEXT PASS WOULD"), orders)]
    return "\n".join(lines)


def _orders(report: CheckReport) -> list[tuple[str, str]]:
    """For each order what the rehearsed pass did with it."""
    by_order: dict[str, list[Event]] = defaultdict(list)
    for event in report.events:
        if event.purchase_id is not None:
            by_order[event.purchase_id].append(event)
    return [(order, "; ".join(_deeds(events))) for order, events in sorted(by_order.items())]


def _deeds(events: Iterable[Event]) -> Iterable[str]:
    counts = Counter(event.code for event in events)
    if counts["accepted"]:
        yield f"accept {counted(counts['accepted'], 'item(s)')}"
    yield from (event.message for event in events if event.level != "info" or event.code == "skipped")
    if counts["delivered"]:
        yield "deliver it"
