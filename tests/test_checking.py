"""A connection checked without touching anything, and a marked order tried without reaching the marketplace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rakuten_orders import Engine
from rakuten_orders.connection import Configuration, check_connection, try_order
from rakuten_orders.connection.config import FolderSettings

if TYPE_CHECKING:
    from conftest import Shop


@pytest.fixture
def project(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    monkeypatch.setenv("NOT_ASKED", shop.simulator.token)
    return Configuration(shop.folder / "rakuten-orders.yaml", (shop.connection,))


def test_a_check_says_what_a_first_pass_would_do(shop: Shop, project: Configuration) -> None:
    """And does none of it."""
    shop.simulator.add(shop.sale(), shop.sale("430", isnego="Y"), shop.sale("431", ""))
    rows = shop.everything()
    report = check_connection(project, shop.connection)
    assert [(check.subject, check.error) for check in report.checks] == [
        ("rules", None),
        ("token", None),
        ("marketplace", None),
        ("back_office", None),
        ("pass", None),
    ]
    assert report.checks[-1].message == "3 orders taken in, 1 item accepted, 1 item held, 1 order in error"
    assert report.result is not None
    assert report.result.errors.keys() == {"431"}
    assert (report.exit_code, shop.changed(), shop.everything()) == (0, 0, rows)
    assert not shop.office.folder.exists()


def test_a_check_says_everything_that_does_not_work(
    shop: Shop, project: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only the first."""
    monkeypatch.delenv("NOT_ASKED")
    (shop.folder / "rules").mkdir()
    (shop.folder / "rules/order.yaml").write_text("kind: order\n")
    (shop.folder / "file").write_text("")
    broken = replace(shop.connection, back_office=FolderSettings(shop.folder / "file"))
    report = check_connection(project, broken)
    assert [check.error.reason for check in report.checks if check.error] == [
        "rules_invalid",
        "wrong_token",
        "backend_unreachable",
    ]
    assert report.exit_code == 3
    assert report.result is None


def test_a_marketplace_that_does_not_answer_as_it_should(
    shop: Shop, project: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong token and a closed port are told apart."""

    def found() -> tuple[list[str], int]:
        report = check_connection(project, shop.connection, sleep=shop.pauses.append)
        return [check.error.reason for check in report.checks if check.error], report.exit_code

    monkeypatch.setenv("NOT_ASKED", "wrong")
    assert found() == (["wrong_token"], 1)
    shop.simulator.close()
    assert found() == (["marketplace_unreachable"], 3)


def test_a_test_order_is_marked_and_reaches_nobody(shop: Shop) -> None:
    """It goes through the rules of the connection, against a marketplace of its own."""
    trial = try_order(shop.connection, shop.engine)
    assert trial.message is not None
    order = trial.message["order"]
    assert trial.order_id.startswith("TEST-")
    assert order["is_test"] is True
    assert order["ship_to"]["name"] == "NE PAS EXPÉDIER"
    assert (shop.simulator.calls, shop.messages()) == ([], {})


def test_a_test_order_is_delivered_where_that_is_asked_for(shop: Shop) -> None:
    """And takes none of the shipments that wait there."""
    shop.ship("429")
    trial = try_order(shop.connection, shop.engine, back_office=shop.office)
    (message,) = shop.messages().values()
    assert message["order"]["order_id"] == trial.order_id
    assert len(shop.office.shipments().received) == 1


def test_a_test_order_shows_why_the_rules_stop_it(shop: Shop, engine_with: Callable[..., Engine]) -> None:
    """A table that does not have its SKU, or a hold."""
    rules = "kind: order\norder: {id: purchaseid}\nlines: {internal_id: {from: sku, table: products}}\n"
    table = {"rules/order.yaml": rules, "rules/tables/products.csv": "key,value\nA-1,P-1\n"}
    engine = engine_with(table)
    trial = try_order(shop.connection, engine)
    assert trial.message is None
    assert [error.reason for error in trial.result.errors.values()] == ["sku_not_found"]
    assert try_order(shop.connection, engine, skus=["A-1"]).message is not None
    hold = "kind: acceptance\nships_from: FR\nhold: [{when: {item.sku: {is_not_empty: true}}, because: never}]\n"
    held = try_order(shop.connection, engine_with({"rules/acceptance.yaml": hold}), skus=["A-1"])
    assert (held.message, "never" in held.held_because) == (None, True)
