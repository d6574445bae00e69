"""What a change of rules would change, on stored orders, before it is in force."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from rakuten_orders.connection.planning import plan_change
from rakuten_orders.connection.simulator import make_sales

if TYPE_CHECKING:
    from conftest import Project, Shop

ORDER_RULES = """\
kind: order
order:
  order_id: purchaseid
  note: {value: hello}
lines:
  sku: sku
"""
DUPUIS = """\
code: dupuis
name: Transports Dupuis
tracking_url: 'https://dupuis.example/{{ tracking_number }}'
sources:
  - {note: a mail of the carrier, read: 2026-11-23}
examples:
  valid:
    - {tracking_number: 'D1', url: 'https://dupuis.example/D1'}
"""


@pytest.fixture
def taken_in(project: Project) -> Project:
    """A project whose first pass is made."""
    assert project.run("sync")[0] == 0
    return project


def write(project: Project, name: str, text: str) -> None:
    path = project.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def plan(project: Project, *words: str) -> dict[str, Any]:
    code, printed, said = project.run("plan", "--json", *words)
    assert (code, said) == (0, "")
    (found,) = json.loads(printed)
    return found


def test_without_a_change_nothing_changes(taken_in: Project) -> None:
    """One line, and every key in JSON."""
    code, printed, said = taken_in.run("plan")
    assert (code, said) == (0, "")
    assert printed.startswith("main: nothing changed (")
    found = plan(taken_in)
    assert list(found) == [
        *("connection", "digest_in_force", "digest_new", "orders", "shipments", "mapped_differently", "would_fail"),
        *("would_pass", "decided_differently", "tracked_differently"),
    ]
    assert found["digest_in_force"] == found["digest_new"]


def test_orders_that_map_differently_are_shown_field_by_field(taken_in: Project) -> None:
    """Counts by field, examples with both values; what is in force stays so."""
    write(taken_in, "rules/order.yaml", ORDER_RULES)
    found = plan(taken_in, "--examples", "2")
    assert found["orders"] == 7
    differs = found["mapped_differently"]
    assert differs["count"] == 7
    assert len(differs["examples"]) == 2
    changes = {change["field"]: (change["before"], change["after"]) for change in differs["examples"][0]["changes"]}
    assert changes["note"] == (None, "hello")
    assert changes["ship_to.city"][1] is None
    assert differs["fields"]["note"] == 7
    printed = taken_in.run("plan")[1]
    assert "7 orders would map differently" in printed
    assert "note: (nothing) -> 'hello'" in printed
    assert plan(taken_in)["digest_in_force"] == found["digest_in_force"]


def test_orders_that_would_fail_and_pass(taken_in: Project) -> None:
    """Each with its first problem."""
    table = "lines:\n  internal_id: {from: sku, table: products, required: true}\n"
    write(taken_in, "rules/order.yaml", "kind: order\norder:\n  order_id: purchaseid\n" + table)
    write(taken_in, "rules/tables/products.csv", "key,value\nX,1\n")
    found = plan(taken_in)
    assert found["would_fail"]["count"] == 7
    assert found["would_fail"]["examples"][0]["reason"] == "sku_not_found"
    assert taken_in.run("sync")[0] == 0
    (taken_in.folder / "rules" / "order.yaml").unlink()
    assert plan(taken_in)["would_pass"]["count"] == 7
    assert "7 orders would pass that fail now" in taken_in.run("plan")[1]


def test_what_is_delivered_is_told_from_what_a_change_touches(taken_in: Project) -> None:
    """Seven orders, of which five are delivered and one is Rakuten's to ship: the rest waits to be decided."""
    write(taken_in, "rules/order.yaml", ORDER_RULES)
    found = plan(taken_in)["mapped_differently"]
    assert (found["count"], found["settled"]) == (7, 6)
    assert [one["settled"] for one in found["examples"]] == [False, True, True, True, True]
    assert found["examples"][0]["order_id"] == "400000006"
    said = "7 orders would map differently; 6 of them delivered or over already: only a later change at Rakuten maps an"
    assert said in taken_in.run("plan")[1]
    write(taken_in, "rules/order.yaml", ORDER_RULES.replace("{value: hello}", "{from: purchasedate, type: integer}"))
    found = plan(taken_in)["would_fail"]
    assert (found["count"], found["settled"], found["examples"][0]["order_id"]) == (7, 6, "400000006")


def test_a_shipment_that_was_sent_is_not_sent_again(taken_in: Project) -> None:
    """It would come out differently, and is told as what it is."""
    taken_in.run("ship", "400000001", "--transporter", "Colissimo", "--number", "6A12345678905")
    assert taken_in.run("sync")[0] == 0
    write(
        taken_in,
        "rules/transporters.yaml",
        "kind: transporters\nmappings:\n  - {when: {transporter: {equals_any_of: [Colissimo]}}, carrier: ups}\n",
    )
    found = plan(taken_in)["tracked_differently"]
    assert (found["count"], found["settled"]) == (1, 1)
    assert "sent differently; all of them sent or over already: nothing is sent again" in taken_in.run("plan")[1]


def test_an_order_in_error_is_touched(taken_in: Project) -> None:
    """Whether it could not be mapped, or the back office refused what was made of it."""
    table = "lines:\n  internal_id: {from: sku, table: products, required: true}\n"
    write(taken_in, "rules/order.yaml", "kind: order\norder:\n  order_id: purchaseid\n" + table)
    write(taken_in, "rules/tables/products.csv", "key,value\nX,1\n")
    taken_in.market.add(*make_sales(5, 1))
    taken_in.run("sync")
    (taken_in.folder / "rules" / "order.yaml").unlink()
    found = plan(taken_in)["would_pass"]
    assert found["count"] - found["settled"] == 2  # the new one, and the one on hold


def test_items_that_would_be_decided_differently(taken_in: Project) -> None:
    """Only what still waits to be accepted."""
    write(taken_in, "rules/acceptance.yaml", "kind: acceptance\nships_from: FR\n")
    found = plan(taken_in)["decided_differently"]
    assert found["count"] == 1
    (example,) = found["examples"]
    assert (example["order_id"], example["before"], example["after"]) == ("400000006", "hold", "accept")
    assert "hold -> accept" in taken_in.run("plan")[1]


def test_shipments_that_would_be_sent_differently(taken_in: Project) -> None:
    """Another carrier, name or URL, or an error more or less."""
    taken_in.run("ship", "400000001", "--transporter", "Transports Dupuis", "--number", "D1")
    taken_in.run("ship", "400000002", "--transporter", "Colissimo", "--number", "6A12345678905")
    assert taken_in.run("sync")[0] == 1
    write(taken_in, "carriers.d/dupuis.yaml", DUPUIS)
    found = plan(taken_in)
    assert found["shipments"] == 2
    (change,) = found["tracked_differently"]["examples"]
    assert change["before"]["error"] == "unsupported_transporter"
    assert change["after"] == {
        "carrier": "dupuis",
        "transporter_name": "Autre",
        "tracking_url": "https://dupuis.example/D1",
        "error": None,
    }
    printed = taken_in.run("plan")[1]
    assert "1 shipment would be sent differently" in printed
    assert "now    error unsupported_transporter" in printed
    assert "then   dupuis, as Autre, https://dupuis.example/D1" in printed


def test_rules_that_do_not_load_are_shown(taken_in: Project) -> None:
    """With their places, exit 1."""
    write(taken_in, "carriers.d/dupuis.yaml", "code: dupuis\n")
    code, printed, said = taken_in.run("plan")
    assert (code, printed) == (1, "")
    assert "carriers.d/dupuis.yaml:1:1: error: " in said


def test_before_the_first_pass_there_is_nothing_to_compare(project: Project) -> None:
    """No store: exit 2, and what to do."""
    code, _, said = project.run("plan")
    assert code == 2
    assert "rakuten-orders sync" in said


def test_a_connection_without_a_set_is_told(taken_in: Project) -> None:
    """The others are compared all the same."""
    added = ("--login", "autre", "--token-env", "RAKUTEN_TOKEN", "--endpoint", taken_in.market.url)
    taken_in.run("connection", "add", "second", *added, "--back-office-folder", "exchange2")
    code, printed, said = taken_in.run("plan")
    assert code == 0
    assert printed.startswith("main: nothing changed")
    assert said.startswith("second: no set is in force yet")


def test_a_thousand_orders_take_a_second_or_two(shop: Shop, engine_with: Any) -> None:
    """Fast enough to be run before every change."""
    sales = make_sales(3, 1000)
    shop.simulator.add(*sales)
    shop.simulator.page_size = 1000
    after = engine_with({"rules/order.yaml": ORDER_RULES})
    from rakuten_orders.connection.order_state import first_record

    parsed = {sale.purchase_id: sale for sale in client_sales(shop)}
    shop.store.accounts.enter("boutiquefr", "main", since=None, today=shop.clock().date())
    with shop.store.transaction():
        for sale in parsed.values():
            shop.store.orders.save(
                first_record("boutiquefr", sale, [item.item_id for item in sale.items], complete=False)
            )
    began = time.monotonic()
    found = plan_change(shop.store, "boutiquefr", "main", shop.engine, after)
    took = time.monotonic() - began
    assert len(found.mapped) == found.orders == len(parsed) >= 900
    assert took < 4  # seconds, on a slow machine that is busy with other tests; about one on its own


def client_sales(shop: Shop) -> tuple[Any, ...]:
    from rakuten_orders.connection import RakutenClient

    with RakutenClient(shop.simulator.login, shop.simulator.token, endpoint=shop.simulator.url) as client:
        return client.new_sales()
