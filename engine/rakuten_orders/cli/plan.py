"""``plan``: what would change on the stored orders between the rules in force and those that would load now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import connections_in_force
from rakuten_orders.cli.stored import opened_store
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.config import Connection, load_engine
from rakuten_orders.connection.planning import (
    DecisionChange,
    MappingChange,
    MappingFailure,
    Plan,
    Tracked,
    TrackingChange,
    plan_change,
)
from rakuten_orders.connection.rules_in_force import last_valid
from rakuten_orders.connection.store import Store
from rakuten_orders.errors import ConfigError

T = TypeVar("T")

_SETTLED = {
    "order(s)": "delivered or over already: only a later change at Rakuten maps an order again",
    "shipment(s)": "sent or over already: nothing is sent again",
}
"""What is said of orders and shipments that a change of rules alone does not touch any more."""


@click.command("plan")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--examples", type=click.IntRange(0), default=5, show_default=True, help="How many of each to show.")
@project_options(connection=True)
def command(project: Project, as_json: bool, examples: int) -> int:
    """Show what a change of rules, carriers or tables would change on the stored orders, before it is in force.

    Nothing is written or sent. Delivered orders are not mapped again by a change alone.

    \b
    Example:
      rakuten-orders plan --examples 10
    """
    connections = connections_in_force(project)
    if not connections:
        raise ConfigError(f"{project.config.as_posix()} has no connection yet", "Run it in the project's folder.")
    with opened_store(project) as store:
        plans = [plan for connection in connections if (plan := _plan(project, store, connection)) is not None]
    if as_json:
        console.show_json([_document(plan, examples) for plan in plans])
    for plan in () if as_json else plans:
        console.show("\n".join(_page(plan, examples)))
    return ALL_WELL


def _plan(project: Project, store: Store, connection: Connection) -> Plan | None:
    before = last_valid(store, connection.key)
    if before is None:
        console.say(f"{connection.label}: no set is in force yet; the first pass uses what loads now")
        return None
    after = load_engine(project.folder, connection, rules=project.rules, carriers=project.carriers)
    return plan_change(store, connection.key, connection.label, before, after)


def _document(plan: Plan, examples: int) -> dict[str, object]:
    def part(found: Sequence[Any]) -> dict[str, object]:
        shown = [dataclasses.asdict(one) for one in found[:examples]]
        return {"count": len(found), "settled": _settled(found), "examples": shown}

    return {
        "connection": plan.connection,
        "digest_in_force": plan.digest_in_force,
        "digest_new": plan.digest_new,
        "orders": plan.orders,
        "shipments": plan.shipments,
        "mapped_differently": {**part(plan.mapped), "fields": dict(plan.fields)},
        "would_fail": part(plan.would_fail),
        "would_pass": part(plan.would_pass),
        "decided_differently": part(plan.decided),
        "tracked_differently": part(plan.tracked),
    }


def _page(plan: Plan, examples: int) -> Iterator[str]:
    sets = f"{plan.digest_in_force[:12]} in force, {plan.digest_new[:12]} now"
    if plan.digest_in_force == plan.digest_new:
        yield f"{plan.connection}: nothing changed ({plan.digest_new[:12]} in force)"
        return
    looked = f"{counted(plan.orders, 'order(s)')} and {counted(plan.shipments, 'shipment(s)')} looked at"
    yield f"{plan.connection}: {sets}; {looked}"
    if plan.is_empty:
        yield "  nothing would come out differently"
    yield from _part("would map differently", plan.mapped, examples, _mapping, fields=plan.fields)
    yield from _part("would fail", plan.would_fail, examples, _failure)
    yield from _part("would pass that fail now", plan.would_pass, examples, _failure)
    yield from _part("would be decided differently", plan.decided, examples, _decision, noun="item(s)")
    yield from _part("would be sent differently", plan.tracked, examples, _tracking, noun="shipment(s)")


def _part(
    title: str,
    found: Sequence[T],
    examples: int,
    lines: Callable[[T], Iterator[str]],
    *,
    noun: str = "order(s)",
    fields: Mapping[str, int] | None = None,
) -> Iterator[str]:
    if not found:
        return
    settled = _settled(found)
    which = "" if not settled else "all of them" if settled == len(found) else f"{settled} of them"
    yield f"  {counted(len(found), noun)} {title}" + (f"; {which} {_SETTLED[noun]}" if which else "")
    if fields:
        yield "    fields: " + ", ".join(f"{name} ({number})" for name, number in fields.items())
    for one in found[:examples]:
        yield from (f"    {line}" for line in lines(one))
    if len(found) > examples:
        yield f"    and {len(found) - examples} more"


def _settled(found: Sequence[Any]) -> int:
    """Of how many changes nothing comes as things are: orders that were delivered, shipments that were sent."""
    return sum(getattr(one, "settled", False) for one in found)


def _mapping(one: MappingChange) -> Iterator[str]:
    yield one.order_id
    for change in one.changes:
        yield f"  {change.field}: {_shown(change.before)} -> {_shown(change.after)}"


def _failure(one: MappingFailure) -> Iterator[str]:
    yield f"{one.order_id}: {one.reason}: {one.message}"


def _decision(one: DecisionChange) -> Iterator[str]:
    because = f" ({one.because})" if one.because else ""
    yield f"{one.order_id}, item {one.item_id}: {one.before} -> {one.after}{because}"


def _tracking(one: TrackingChange) -> Iterator[str]:
    yield f"{one.order_id}: {one.transporter or 'no transporter'} {one.tracking_number or ''}"
    yield f"  now    {_update(one.before)}"
    yield f"  then   {_update(one.after)}"


def _update(tracked: Tracked) -> str:
    if tracked.error is not None:
        return f"error {tracked.error}"
    return (
        f"{tracked.carrier or 'no carrier'}, as {tracked.transporter_name}, {tracked.tracking_url or 'without a URL'}"
    )


def _shown(value: object) -> str:
    return "(nothing)" if value is None else repr(value) if isinstance(value, str) else str(value)
