"""What a change of rules, carriers or tables would change: stored orders through two engines, compared.

Nothing is written or sent: delivered orders are not mapped again by a change of rules alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rakuten_orders.comparing import same_value
from rakuten_orders.connection.lifecycle import FINAL, UNDECIDED
from rakuten_orders.connection.order_state import restricted, told_items
from rakuten_orders.connection.parcels import completed
from rakuten_orders.connection.store import OrderRecord, ShipmentRecord, Store
from rakuten_orders.engine import Engine
from rakuten_orders.errors import ShipmentError
from rakuten_orders.formats import clean_number
from rakuten_orders.model import MapResult, Order, Sale, Shipment, json_value

Plain = str | int | bool | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a mapped order that would come out differently; None: it would not be there."""

    field: str
    before: Plain
    after: Plain


@dataclass(frozen=True, slots=True)
class MappingChange:
    """An order that would map differently. ``settled``: as it is now it is delivered, or nothing is left to do."""

    order_id: str
    changes: tuple[FieldChange, ...]
    settled: bool


@dataclass(frozen=True, slots=True)
class MappingFailure:
    """An order that maps with one set and not with the other, and the first problem there.

    ``settled``: as it is now it is delivered, or nothing is left to do.
    """

    order_id: str
    reason: str
    field: str
    message: str
    settled: bool


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """An item that waits for acceptance and would be decided differently."""

    order_id: str
    item_id: str
    before: str
    after: str
    because: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """What would be sent for a shipment, or the reason why nothing would be."""

    carrier: str | None = None
    transporter_name: str | None = None
    tracking_url: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TrackingChange:
    """A shipment for which something else would be sent. ``settled``: it is dealt with already."""

    order_id: str
    transporter: str | None
    tracking_number: str | None
    before: Tracked
    after: Tracked
    settled: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change for one connection's stored orders; ``orders`` and ``shipments`` were looked at."""

    connection: str
    digest_in_force: str
    digest_new: str
    orders: int = 0
    shipments: int = 0
    mapped: tuple[MappingChange, ...] = ()
    would_fail: tuple[MappingFailure, ...] = ()
    would_pass: tuple[MappingFailure, ...] = ()
    decided: tuple[DecisionChange, ...] = ()
    tracked: tuple[TrackingChange, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.mapped or self.would_fail or self.would_pass or self.decided or self.tracked)


def plan_change(store: Store, login: str, label: str, before: Engine, after: Engine) -> Plan:
    """Compares two engines on an account's stored orders and shipments."""
    if before.digest == after.digest:
        return Plan(label, before.digest, after.digest)
    shipments: dict[str, list[ShipmentRecord]] = defaultdict(list)
    for record in store.shipments.all(login):
        if not record.shipment.cancel:
            shipments[record.purchase_id].append(record)
    found = _Found()
    comparison = before.compared_with(after)
    for order in store.orders.remembered(login):
        found.orders += 1
        sale, accepted = _comparable(order)
        if comparison.may_differ(sale, accepted=accepted):
            (old,), (new,) = before.map(sale, accepted=accepted), after.map(sale, accepted=accepted)
            found.compare(old, new, settled=_is_settled(order))
        found.decided += _decision_changes(order, before, after)
        for record in shipments.get(order.purchase_id, ()):
            found.shipments += 1
            found.tracked += _tracking_changes(order, record, label, before, after)
    return Plan(
        label,
        before.digest,
        after.digest,
        found.orders,
        found.shipments,
        tuple(sorted(found.mapped, key=_settled)),
        tuple(sorted(found.would_fail, key=_settled)),
        tuple(sorted(found.would_pass, key=_settled)),
        tuple(found.decided),
        tuple(sorted(found.tracked, key=_settled)),
        dict(Counter(_rule_name(change.field) for one in found.mapped for change in one.changes).most_common()),
    )


@dataclass(slots=True)
class _Found:
    """What was found so far; orders are looked at one by one, and forgotten again."""

    orders: int = 0
    shipments: int = 0
    mapped: list[MappingChange] = field(default_factory=list)
    would_fail: list[MappingFailure] = field(default_factory=list)
    would_pass: list[MappingFailure] = field(default_factory=list)
    decided: list[DecisionChange] = field(default_factory=list)
    tracked: list[TrackingChange] = field(default_factory=list)

    def compare(self, old: MapResult, new: MapResult, *, settled: bool) -> None:
        """Notes where an order maps differently, or with one set alone."""
        if old.order is None or new.order is None:
            if old.order is not None:
                self.would_fail.append(_failure(new, settled=settled))
            elif new.order is not None:
                self.would_pass.append(_failure(old, settled=settled))
        else:
            change = _mapping_change(old.order, new.order, settled=settled)
            if change.changes:
                self.mapped.append(change)


def _comparable(order: OrderRecord) -> tuple[Sale, bool]:
    """The sale as it is mapped at this stage, and whether it is accepted."""
    if not UNDECIDED.isdisjoint([item.status for item in order.items]):
        return order.sale, False
    live = {item_id for item_id, state in told_items(order.items).items() if state != "cancelled"}
    return (restricted(order.sale, live) if 0 < len(live) < len(order.sale.items) else order.sale), True


def _is_settled(order: OrderRecord) -> bool:
    """Whether no pass maps the order again as it is now: it is delivered so, or over without having been."""
    if order.error is not None and order.error.reason == "backend_refused":
        return False  # made anew with other rules
    return order.seen_of == order.told_of if order.sequence else order.status in FINAL


def _settled(change: MappingChange | MappingFailure | TrackingChange) -> bool:
    """What sorts that first which the change touches at once."""
    return change.settled


def _mapping_change(old: Order, new: Order, *, settled: bool) -> MappingChange:
    before, after = _flat(old), _flat(new)
    changes = tuple(
        FieldChange(name, before.get(name), after.get(name))
        for name in dict.fromkeys((*before, *after))
        if not same_value(before.get(name), after.get(name))
    )
    return MappingChange(old.order_id, changes, settled)


def _flat(order: Order) -> dict[str, Plain]:
    """Every field under one name; a line's under its first item where there are several lines."""
    fields = {name: json_value(value) for name, value in order.fields.items()}
    for line in order.lines:
        prefix = "lines" if len(order.lines) == 1 else f"lines[{line.item_ids[0]}]"
        fields |= {f"{prefix}.{name}": json_value(value) for name, value in line.fields.items()}
    return fields


def _rule_name(name: str) -> str:
    """The field as its rule calls it: without the item that tells one line from another."""
    line, bracket, rest = name.partition("[")
    return line + rest.partition("]")[2] if bracket else name


def _failure(result: MapResult, *, settled: bool) -> MappingFailure:
    first = result.problems[0]
    return MappingFailure(result.order_id, first.reason, first.field, first.message, settled)


def _decision_changes(order: OrderRecord, before: Engine, after: Engine) -> Iterator[DecisionChange]:
    waiting = [item.item_id for item in order.items if item.status in UNDECIDED]
    if not waiting:
        return
    sale = restricted(order.sale, waiting)
    for old, new in zip(before.decide(sale), after.decide(sale), strict=True):
        if old.action != new.action:
            because = new.because or old.because
            yield DecisionChange(order.purchase_id, old.item_id, old.action, new.action, because)


def _tracking_changes(
    order: OrderRecord, record: ShipmentRecord, label: str, before: Engine, after: Engine
) -> Iterator[TrackingChange]:
    shipment = completed(record.shipment, order.sale)
    if not clean_number(shipment.tracking_number or ""):
        return
    old, new = (_tracked(engine, shipment, label) for engine in (before, after))
    if old != new:
        yield TrackingChange(
            order.purchase_id, shipment.transporter, shipment.tracking_number, old, new, record.state != "open"
        )


def _tracked(engine: Engine, shipment: Shipment, label: str) -> Tracked:
    try:
        update = engine.track(shipment, connection=label)
    except ShipmentError as fault:
        return Tracked(error=fault.reason)
    return Tracked(update.carrier, update.transporter_name, update.tracking_url)
