"""How a connection stands, and when a person is needed; the deadline by which a sale has to be accepted."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from rakuten_orders.connection.health import Health, health_of
from rakuten_orders.connection.simulator import Fault

if TYPE_CHECKING:
    from conftest import Project, Shop

KEYS = [
    *("connection", "login", "last_pass", "behind_s", "error", "quota_until", "rules_digest", "open", "errors"),
    *("overdue", "due_soon", "undelivered", "unsent", "undone", "needs_person"),
]


def look(shop: Shop) -> Health:
    (found,) = health_of(shop.store)
    return found


def status(project: Project, *words: str) -> tuple[int, dict[str, Any]]:
    code, printed, said = project.run("status", "--json", *words)
    assert said == ""
    (found,) = json.loads(printed)
    return code, found


def test_a_connection_that_is_well(project: Project) -> None:
    """Exit 0, what is open by status, the set in force; every key is there."""
    assert project.run("sync")[0] == 0
    code, found = status(project)
    assert (code, list(found)) == (0, KEYS)
    assert found["open"] == {"on_hold": 1, "not_shipped": 5}
    assert (found["errors"], found["error"], found["overdue"], found["undelivered"]) == ({}, None, 0, 0)
    assert len(found["rules_digest"]) == 64
    assert found["last_pass"]["running"] is False
    assert 0 <= found["last_pass"]["seconds"] < 30
    assert 0 <= found["behind_s"] < 60
    assert project.run("status")[1].startswith("main: all well\n")


def test_before_the_first_pass(project: Project) -> None:
    """The connection is shown, nothing is made, and only a health check that asks for a pass complains."""
    code, found = status(project)
    assert (code, list(found)) == (0, KEYS)
    assert found["last_pass"] == {"started_at": None, "finished_at": None, "seconds": None, "running": False}
    assert not (project.folder / "orders.sqlite3").exists()
    code, found = status(project, "--max-age", "15m")
    assert (code, found["needs_person"]) == (1, ["no pass has ended yet"])
    assert "none yet" in project.run("status")[1]


def test_without_connections_there_is_nothing_to_show(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list, exit 0; an unknown label is exit 2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    from click.testing import CliRunner

    from rakuten_orders.cli.program import program

    assert CliRunner().invoke(program, ["status", "--json"]).stdout == "[]\n"
    assert CliRunner().invoke(program, ["status", "--connection", "main"]).exit_code == 2


def test_an_order_in_error_needs_a_person(project: Project) -> None:
    """Exit 1, counted by reason."""
    project.run("sync")
    project.run("ship", "400000001", "--transporter", "Transports Dupuis", "--number", "1")
    project.run("sync")
    code, found = status(project)
    assert (code, found["errors"]) == (1, {"unsupported_transporter": 1})
    assert found["needs_person"] == ["1 order in error: unsupported_transporter"]
    assert found["unsent"] == 1
    assert "  ! 1 order in error: unsupported_transporter" in project.run("status")[1]


def test_a_wrong_token_needs_a_person(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's error, with what to do."""
    monkeypatch.setenv("RAKUTEN_TOKEN", "wrong")
    project.run("sync")
    code, found = status(project)
    assert (code, found["error"]["reason"]) == (1, "wrong_token")
    assert "Mes informations développeur" in project.run("status")[1]


def test_what_hinders_for_now_is_shown_while_nobody_is_needed(project: Project) -> None:
    """What to do would stand there without what it is about."""
    project.run("sync")
    project.market.fail_next("getcurrentsales", Fault.quota())
    assert project.run("sync")[0] == 3
    code, printed, _ = project.run("status")
    assert (code, "all well" in printed) == (0, True)
    assert "  hindered by quota_exceeded: Rakuten's hourly number of requests is used up" in printed


def test_the_network_has_an_hour_before_somebody_is_needed(shop: Shop) -> None:
    """What mends itself is shown and waited for."""
    shop.sync()
    shop.simulator.fail_next("*", Fault.reset_before(), times=99)
    assert shop.sync().exit_code == 3
    found = look(shop)
    assert found.account is not None
    assert found.account.error is not None
    assert found.account.error.reason == "marketplace_unreachable"
    assert found.needs_person() == ()
    shop.clock.pass_(minutes=61)
    shop.sync()
    (said,) = look(shop).needs_person()
    assert said.startswith("marketplace_unreachable for more than an hour")
    assert look(shop).behind_s == 61 * 60


def test_a_quota_is_shown_with_its_end(shop: Shop) -> None:
    """And the passes that it stops are ended ones."""
    shop.sync()
    shop.simulator.fail_next("getnewsales", Fault.quota())
    shop.sync()
    shop.clock.pass_(minutes=5)
    shop.sync()
    found = look(shop)
    assert found.to_json()["quota_until"] == "2026-11-23T10:00:00+00:00"
    assert not found.is_running
    assert found.needs_person() == ()


def test_a_pass_that_was_killed_is_seen(shop: Shop) -> None:
    """It began and did not end."""
    shop.sync()
    shop.clock.pass_(minutes=5)
    shop.store.accounts.mark("boutiquefr", "started_at", shop.clock())
    found = look(shop)
    assert found.is_running
    assert found.last_pass_s is None


def test_an_old_pass_is_found_by_its_age(shop: Shop) -> None:
    """As a health check asks for it."""
    shop.sync()
    shop.clock.pass_(minutes=20)
    assert look(shop).needs_person(dt.timedelta(minutes=30)) == ()
    assert look(shop).needs_person(dt.timedelta(minutes=15)) == ("the last pass ended at 2026-11-23T09:00:00+00:00",)


def test_a_deadline_is_warned_of_a_day_before_and_an_error_after(shop: Shop) -> None:
    """Bought on Monday, to be accepted until the end of Thursday: warned of once, from the end of Wednesday on."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    shop.sync()
    shop.clock.now = dt.datetime(2026, 11, 25, 20, 0, tzinfo=dt.UTC)
    shop.sync()
    assert "not_accepted_in_time" not in shop.codes()
    for _ in range(2):
        shop.clock.pass_(hours=4)
        assert shop.sync().exit_code == 0
    warnings = [event for event in shop.store.orders.events("boutiquefr", "429") if event.level == "warning"]
    assert [event.code for event in warnings] == ["held", "not_accepted_in_time"]
    assert "2026-11-26 23:59" in warnings[1].message
    assert look(shop).needs_person() == ("1 order to be accepted within 24 hours",)


def test_what_was_not_accepted_in_time_is_in_error(shop: Shop) -> None:
    """Whatever else is wrong with it, and also where Rakuten cannot be asked whether it has cancelled it."""
    shop.simulator.add(shop.sale("429", ""))
    shop.sync()
    assert shop.reason() == "sku_missing"
    shop.simulator.fail_next("*", Fault.reset_before(), times=999)
    shop.clock.now = dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.UTC)
    shop.sync()
    assert shop.reason() == "not_accepted_in_time"
    assert look(shop).figures.overdue == 1
    assert "1 order in error: not_accepted_in_time" in look(shop).needs_person()
