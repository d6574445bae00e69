"""The demo's play, step by step: each runs real commands and checks what it announced."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from rakuten_orders.carriers import Carrier
from rakuten_orders.cli import console
from rakuten_orders.cli.demo import world
from rakuten_orders.cli.demo.stage import Stage
from rakuten_orders.cli.text import table
from rakuten_orders.connection.simulator import Simulator
from rakuten_orders.engine import Engine


class Play:
    """The marketplace, the stage, and what the steps hand on to each other."""

    def __init__(self, stage: Stage, market: Simulator, shipped_order_rules: str) -> None:
        self.stage = stage
        self.market = market
        self.order_rules = shipped_order_rules
        self.items = {sale.purchase_id: [item.item_id for item in sale.items] for sale in world.sales()}
        self.parcels = world.parcels({carrier.code: _example_number(carrier) for carrier in Engine.load().catalogue})

    def steps(self) -> tuple[Callable[[], None], ...]:
        """The steps in their order."""
        return (
            self.connect,
            self.write_rules,
            self.take_orders_in,
            self.look_at_an_order,
            self.confirm_shipments,
            self.meet_an_unknown_transporter,
            self.add_a_carrier,
            self.end,
        )

    def connect(self) -> None:
        """A connection to the marketplace on this machine."""
        self.stage.step(
            "Connect",
            f"A marketplace that speaks Rakuten's protocol runs at {self.market.url}.",
            f"{len(self.items)} sales wait there. The token comes from the environment, the orders go to a folder.",
        )
        self.stage.run(
            *("connection", "add", "demo", "--login", self.market.login, "--token-env", "RAKUTEN_TOKEN"),
            *("--back-office-folder", "exchange", "--endpoint", self.market.url),
        )
        self.stage.run("connection", "check", "demo")
        self.stage.holds(not self.market.count("acceptsale"), "checking changed nothing at the marketplace")

    def write_rules(self) -> None:
        """The seller's own product ids, by a table."""
        self.stage.step(
            "Say what the back office calls a product",
            "Rules are files. This seller's products have numbers of their own, so one line of the order rules",
            "gets a table: Rakuten's SKU in, the back office's id out.",
        )
        rules = self.stage.folder / "rules" / "order.yaml"
        rules.parent.mkdir()
        rules.write_text(world.order_rules(self.order_rules), encoding="utf-8")
        console.show("\nrules/order.yaml is the shipped one with an example of ours and another line for that field:")
        console.show(f"    {world.ID_BY_TABLE}")
        self.stage.write("rules/tables/products.csv", world.products_csv())
        self.stage.run("validate-rules")

    def take_orders_in(self) -> None:
        """The first pass: what is accepted, what is held, what fails."""
        self.stage.step(
            "Take the orders in",
            "One pass asks for new sales, decides by the acceptance rules, maps each sale for a check, and only then",
            "accepts it: a sale that cannot be mapped is not accepted, so the buyer is not debited.",
        )
        self.stage.run("sync", code=1)
        orders = self._orders(shown=True)
        held, unknown = orders[world.NEGOTIATED], orders[world.UNKNOWN_SKU]
        self.stage.holds(held["status"] == "on_hold", f"{world.NEGOTIATED} is held: its price was negotiated")
        self.stage.holds(_reason(unknown) == "sku_not_found", f"{world.UNKNOWN_SKU} has a SKU that is in no table")
        hints = f"{_error(unknown, 'message')} {_error(unknown, 'hint')}"
        self.stage.holds("0705" in hints, "its error names the near miss 0705, and takes it for nothing else")
        self.stage.holds(
            orders[world.FULFILLED]["status"] == "manual", f"{world.FULFILLED} is shipped by Rakuten itself"
        )
        accepted = [
            self.market.done("acceptsale", item) for parcel in self.parcels for item in self.items[parcel.order_id]
        ]
        self.stage.holds(set(accepted) == {1}, f"each of the other {len(accepted)} items was accepted exactly once")
        others = (world.NEGOTIATED, world.UNKNOWN_SKU, world.FULFILLED)
        untouched = not any(self.market.count("acceptsale", item) for order in others for item in self.items[order])
        self.stage.holds(untouched, "nothing was asked for the items of the other three")

    def look_at_an_order(self) -> None:
        """What the back office got."""
        self.stage.step("What the back office got", "Each order is a file; two units of one offer are one line.")
        name = f"exchange/orders/{world.TWO_LINES}.json"
        message = json.loads((self.stage.folder / name).read_text(encoding="utf-8"))
        order = message["order"]
        ship_to = order["ship_to"]
        console.show(f"\n{name}, in part:")
        console.show(
            f"    key      {message['key']}\n    type     {message['type']}\n    ordered  {order['ordered_at']}"
        )
        console.show(f"    ship to  {ship_to['name']}, {ship_to['street1']}, {ship_to['postcode']} {ship_to['city']}\n")
        columns = ("quantity", "internal_id", "sku", "unit_price", "title")
        console.show(table(columns, [[str(line[column]) for column in columns] for line in order["lines"]]))
        quantities = [line["quantity"] for line in order["lines"]]
        self.stage.holds(quantities == [2, 1], "three units are two lines, of 2 and 1")
        ids = [line["internal_id"] for line in order["lines"]]
        self.stage.holds(ids == [world.PRODUCTS["MUG-BLEU"], world.PRODUCTS["THEIERE-1L"]], "the products have our ids")
        files = sorted(path.stem for path in (self.stage.folder / "exchange" / "orders").glob("*.json"))
        self.stage.holds(
            files == sorted(parcel.order_id for parcel in self.parcels), f"{len(files)} orders are delivered"
        )

    def confirm_shipments(self) -> None:
        """The warehouse's file, and what Rakuten received for it."""
        self.stage.step("Confirm the shipments", "The warehouse reports its parcels, in its own words.")
        self.stage.write("exchange/shipments/monday.csv", world.shipments_csv(self.parcels))
        self.stage.run("sync", code=1)
        covered = [parcel for parcel in self.parcels if parcel.order_id != world.UNCOVERED]
        console.show(
            "\nWhat Rakuten received:\n" + table(_RECEIVED, [row for one in covered for row in self._received(one)])
        )
        for parcel in covered:
            self._check_received(parcel)
        put_away = (self.stage.folder / "exchange" / "done" / "monday.csv").exists()
        self.stage.holds(put_away, "the warehouse's file is put away in exchange/done/")

    def meet_an_unknown_transporter(self) -> None:
        """An error on one order, which says how to mend it."""
        self.stage.step(
            "A transporter that nothing covers",
            f"{world.UNCOVERED} went with {world.NEW_TRANSPORTER}. Rakuten takes no such name, and no tracking page is",
            "known, so nothing is sent; the order says so.",
        )
        self.stage.run("orders", "show", world.UNCOVERED)
        order = self._orders()[world.UNCOVERED]
        self.stage.holds(_reason(order) == "unsupported_transporter", "its reason is unsupported_transporter")
        self.stage.holds(world.NEW_TRANSPORTER in _error(order, "message"), "it says what was received")
        (item,) = self.items[world.UNCOVERED]
        self.stage.holds(not self.market.count("settrackingpackageinfos", item), "Rakuten was not called for it")

    def add_a_carrier(self) -> None:
        """One file mends it, and the order goes through by itself."""
        self.stage.step("Add the carrier", "A carrier is a file. No code changes, and nobody has to touch the order.")
        self.stage.write("carriers.d/transports-dupuis.yaml", world.NEW_CARRIER)
        self.stage.run("validate-rules")
        self.stage.run("sync", code=1)
        parcel = self.parcels[-1]
        console.show("\nWhat Rakuten received:\n" + table(_RECEIVED, self._received(parcel)))
        self._check_received(parcel)

    def end(self) -> None:
        """A pass more changes nothing; the table of orders."""
        self.stage.step("One pass more, and the orders", "A pass with nothing to do does nothing.")
        before = self._changes()
        self.stage.run("sync", code=1)
        self.stage.holds(self._changes() == before, "it sent nothing to Rakuten")
        orders = self._orders(shown=True)
        expected = {parcel.order_id: "shipped" for parcel in self.parcels} | {
            world.NEGOTIATED: "on_hold",
            world.UNKNOWN_SKU: "awaiting_confirmation",
            world.FULFILLED: "manual",
        }
        self.stage.holds(
            {order: found["status"] for order, found in orders.items()} == expected,
            f"{len(self.parcels)} orders are shipped, two wait for a person, one is Rakuten's",
        )

    def _orders(self, *, shown: bool = False) -> dict[str, Mapping[str, object]]:
        if shown:
            self.stage.run("orders", "list")
        printed = self.stage.ask("orders", "list", "--json")
        return {order["order_id"]: order for order in json.loads(printed)}

    def _received(self, parcel: world.Parcel) -> list[tuple[str, ...]]:
        states = [self.market.item(item) for item in self.items[parcel.order_id]]
        return [
            (
                parcel.order_id,
                one.item_id,
                one.transporter_name or "",
                one.tracking_number or "",
                one.tracking_url or "",
            )
            for one in states
        ]

    def _check_received(self, parcel: world.Parcel) -> None:
        announced = self._announced(parcel)
        for _, item, name, number, url in self._received(parcel):
            same = (name, number, url) == announced and name == parcel.transporter_name
            once = self.market.done("settrackingpackageinfos", item) == 1
            self.stage.holds(
                same and once, f"{parcel.order_id}: {name} {number}, as `track` announces it, exactly once"
            )

    def _announced(self, parcel: world.Parcel) -> tuple[str, str, str]:
        """What ``rakuten-orders track`` says of the parcel, with what the sale tells of its recipient."""
        update = json.loads(self.stage.ask("track", "--json", *parcel.as_typed()))
        keys = ("transporter_name", "tracking_number", "tracking_url")
        name, number, url = (update.get(key) or "" for key in keys)  # nothing of it where the shipment cannot be sent
        return name, number, url

    def _changes(self) -> int:
        return sum(self.market.count(action) for action in ("acceptsale", "settrackingpackageinfos"))


_RECEIVED = ("ORDER", "ITEM", "TRANSPORTER", "NUMBER", "URL")


def _reason(order: Mapping[str, object]) -> str:
    return _error(order, "reason")


def _error(order: Mapping[str, object], key: str) -> str:
    error = order["error"]
    return str(error[key]) if isinstance(error, dict) else ""


def _example_number(carrier: Carrier) -> str:
    """A number that is surely in the carrier's form: the first of its file's examples."""
    return str(carrier.examples["valid"][0]["tracking_number"])
