"""What must hold whatever happened: each function gives the sentences of what does not."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from rakuten_orders import Engine, Shipment
from rakuten_orders.connection import FolderBackOffice, RakutenClient, Store, sync
from rakuten_orders.connection.config import Connection, FolderSettings
from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.connection.secret import Secret
from rakuten_orders.connection.simulator import ItemState, Simulator
from rakuten_orders.connection.store import OrderRecord
from rakuten_orders.marketplace import ItemStage
from torture.world import World

_SHIPPED = ("settrackingpackageinfos", "importitemshippingstatus")


@cache
def engine() -> Engine:
    """The shipped rules and carriers."""
    return Engine.load()


def broken(world: World) -> list[str]:
    """What does not hold, a sentence each; empty where all is well."""
    with closing(Store(world.folder / "orders.sqlite3", clock=world.clock)) as store:
        orders = {order.purchase_id: order for order in store.orders.select()}
        return [
            *_once(world, orders),
            *_delivered(world, orders),
            *_not_waiting(world, orders),
            *_not_against_the_rules(world),
            *_agreeing(world, store, orders),
        ]


def _once(world: World, orders: dict[str, OrderRecord]) -> Iterator[str]:
    """1. Each accepted item was accepted once, each shipped one confirmed once, with number, name and URL."""
    for state in world.simulator.items():
        item_id = state.item_id
        accepted = world.simulator.done("acceptsale", item_id)
        confirmed = sum(world.simulator.done(action, item_id) for action in _SHIPPED)
        if accepted > 1 or confirmed > 1:
            yield f"1: item {item_id} was accepted {accepted} times and confirmed {confirmed} times"
        if state.accepted and item_id not in world.by_hand and accepted != 1:
            yield f"1: item {item_id} is accepted, by {accepted} calls"
        if state.shipped and item_id not in world.by_hand and confirmed != 1:
            yield f"1: item {item_id} is shipped, by {confirmed} calls"
        if confirmed:
            yield from _confirmed_well(world, state, orders)


def _confirmed_well(world: World, state: ItemState, orders: dict[str, OrderRecord]) -> Iterator[str]:
    if state.tracking_number not in world.numbers[state.item_id]:
        yield f"1: item {state.item_id} has the number {state.tracking_number}, which nobody gave"
    if state.tracking_number == "Oui":
        return
    item = orders[state.purchase_id].item(state.item_id)
    sent = (state.transporter_name, state.tracking_number, state.tracking_url)
    if item is None or (item.transporter, item.tracking_number, item.tracking_url) != sent:
        yield f"1: item {state.item_id} is confirmed as {sent}, and stored as {item}"
    elif item.carrier in ("colissimo", "dpd"):
        shipment = Shipment(transporter=item.carrier, tracking_number=state.tracking_number, order_id="x")
        update = engine().track(shipment)
        if (update.transporter_name, update.tracking_url) != (state.transporter_name, state.tracking_url):
            yield f"1: item {state.item_id} went with {sent}, not with {update}"


def _delivered(world: World, orders: dict[str, OrderRecord]) -> Iterator[str]:
    """2. Each order is at the back office once by its key, none is missing, no field differs from a calm run's."""
    messages = world.messages()
    keys = [message["key"] for message in messages.values()]
    if len(keys) != len(set(keys)):
        yield "2: a key was delivered twice"
    for order in orders.values():
        name = f"{order.purchase_id}.json"
        if order.sequence and messages.get(name, {}).get("key") != f"{order.login}:{order.purchase_id}":
            yield f"2: order {order.purchase_id} was told and is not there"
    calm = _calm_messages(world)
    for purchase_id in filter(world.is_good, world.sales):
        name = f"{purchase_id}.json"
        if name not in messages:
            yield f"2: order {purchase_id} is missing"
        elif messages[name] != calm[name]:
            yield f"2: order {purchase_id} differs from that of a calm run"


def _calm_messages(world: World) -> dict[str, dict[str, object]]:
    """What a run without any disturbance delivers of the same sales."""
    with (
        tempfile.TemporaryDirectory() as name,
        Simulator(clock=world.clock, sales=world.sales.values()) as simulator,
        RakutenClient(simulator.login, simulator.token, endpoint=simulator.url) as client,
        closing(Store(Path(name) / "orders.sqlite3", clock=world.clock)) as store,
    ):
        folder = Path(name) / "exchange"
        secret = Secret("env", ("NOT_ASKED",), folder)
        since = dt.date(2026, 1, 1)
        connection = Connection("main", simulator.login, secret, FolderSettings(folder), since, endpoint=simulator.url)
        sync(connection, store, FolderBackOffice(folder), engine(), client=client)
        calm = World(Path(name), simulator, world.clock, world.chance)
        return calm.messages()


def _not_waiting(world: World, orders: dict[str, OrderRecord]) -> Iterator[str]:
    """3. No good order waits for a bad one: what was handed in for it is confirmed."""
    for purchase_id in filter(world.is_good, world.sales):
        order = orders.get(purchase_id)
        if order is None or order.error is not None:
            yield f"3: order {purchase_id} is {order and order.error}"
        elif purchase_id in world.handed_in and order.status is not Status.SHIPPED:
            yield f"3: order {purchase_id} is {order.status}, though its shipment was handed in"


def _not_against_the_rules(world: World) -> Iterator[str]:
    """4. Nothing was accepted that the rules hold, and nothing shipped that was cancelled."""
    for sale in world.sales.values():
        held = any(one.fields.get(mark) == "Y" for one in sale.items for mark in ("isnego", "ispreorder"))
        for one in sale.items:
            state = world.simulator.item(one.item_id)
            refuses = held or one.fields.get("isrsl") == "Y" or not one.fields.get("sku")
            if refuses and world.simulator.done("acceptsale", one.item_id):
                yield f"4: item {one.item_id} was accepted against the rules"
            if state.stage is ItemStage.GONE and any(world.simulator.done(act, one.item_id) for act in _SHIPPED):
                yield f"4: item {one.item_id} was shipped and is cancelled"


_AGREES: dict[ItemStage, set[Status]] = {
    ItemStage.UNDECIDED: {Status.AWAITING_CONFIRMATION, Status.ON_HOLD},
    ItemStage.SHIPPABLE: {Status.NOT_SHIPPED, Status.WAITING},
    ItemStage.AWAITING_STOCK: {Status.ON_HOLD},
    ItemStage.IN_CLAIM: {Status.NOT_SHIPPED, Status.WAITING},
    ItemStage.GONE: {Status.CANCELLED, Status.REFUSED},
}


def _agreeing(world: World, store: Store, orders: dict[str, OrderRecord]) -> Iterator[str]:
    """5. The store is sound, no outcome is unknown, and every status agrees with the marketplace's."""
    checked = [tuple(row) for row in store._db.rows("PRAGMA integrity_check")]
    if checked != [("ok",)]:
        yield f"5: the store is damaged: {checked}"
    for login in {order.login for order in orders.values()}:
        yield from (f"5: {intent} is not known" for intent in store.intents.of_unknown_outcome(login))
    for order in orders.values():
        for item in order.items:
            state = world.simulator.item(item.item_id)
            allowed = {Status.SHIPPED} if state.shipped else _AGREES[state.stage]
            if item.status not in allowed and not world.is_left_out(item.item_id):
                yield f"5: item {item.item_id} is {item.status} here and {state.status} at Rakuten ({state.shipped})"
