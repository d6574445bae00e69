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
    *("overdue", "due_soon", "undelivered", "unsent", "undone", "held", "rejected", "configured", "needs_person"),
]


def look(shop: Shop) -> Health:
    (found,) = health_of(shop.store)
    return found


def status(project: Project, *words: str) -> tuple[int, dict[str, Any]]:
    code, printed, said = project.run("status", "--json", *words)
    assert said == ""
    (found,) = json.loads(printed)
    return code, found


def accept_what_is_held(project: Project) -> None:
    """Decides on the showcase's only order on hold, and lets a pass do it."""
    assert project.run("orders", "accept", "400000006", "--yes")[0] == 0
    assert project.run("sync")[0] == 0


def test_a_connection_that_is_well(project: Project) -> None:
    """Exit 0, what is open by status, the set in force; every key is there."""
    assert project.run("sync")[0] == 0
    accept_what_is_held(project)
    code, found = status(project)
    assert (code, list(found)) == (0, KEYS)
    assert found["open"] == {"not_shipped": 6}
    assert (found["errors"], found["error"], found["overdue"], found["undelivered"]) == ({}, None, 0, 0)
    assert len(found["rules_digest"]) == 64
    assert found["last_pass"]["running"] is False
    assert 0 <= found["last_pass"]["seconds"] < 30
    assert 0 <= found["behind_s"] < 60
    assert project.run("status")[1].startswith("main: all well\n")


def test_an_order_on_hold_needs_a_person_until_it_is_decided(project: Project) -> None:
    """It waits for nobody else, and its deadline runs."""
    project.run("sync")
    code, found = status(project)
    said = "1 order on hold, to be decided: rakuten-orders orders list --status on_hold"
    assert (code, found["held"], found["needs_person"]) == (1, 1, [said])
    assert project.run("status")[1].startswith(f"main: a person is needed\n  ! {said}\n")
    project.run("orders", "release", "400000006", "--yes")
    code, found = status(project)
    assert (code, found["held"], found["undone"]) == (0, 0, 1)


def test_refused_shipment_files_need_a_person_until_they_are_taken_away(project: Project) -> None:
    """Rows or whole files: what was sent is not confirmed. The reasons beside them are not counted."""
    project.run("sync")
    accept_what_is_held(project)
    folder = project.folder / "exchange"
    (folder / "shipments/rows.csv").write_text("order_id,transporter,tracking_number\n999,UPS,1Z1\n")
    (folder / "shipments/whole.csv").write_text("order_id,carrier\n400000001,UPS\n")
    assert project.run("sync")[0] == 1
    assert len(list((folder / "rejected").iterdir())) == 3
    assert project.run("sync")[0] == 0
    code, found = status(project)
    assert (code, found["rejected"]) == (1, 2)
    (said,) = found["needs_person"]
    assert said.startswith("2 refused shipment files in ")
    assert "exchange/rejected: " in said
    (folder / "rejected/rows.csv").unlink()
    (folder / "rejected/whole.csv").unlink()
    assert status(project)[1]["rejected"] == 1  # its reason alone: something is left to look at
    (folder / "rejected/whole.csv.txt").unlink()
    assert status(project)[0] == 0


def test_a_connection_that_was_removed_is_shown_while_it_has_open_orders(project: Project) -> None:
    """No pass is missed, nobody is needed; one without orders is forgotten."""
    project.run("sync")
    added = ("--login", "autre", "--token-env", "RAKUTEN_TOKEN", "--endpoint", project.market.url)
    project.run("connection", "add", "second", *added, "--back-office-folder", "exchange2")
    project.run("sync", "second")
    assert project.run("connection", "remove", "second")[0] == 0
    assert project.run("status", "--max-age", "15m")[1].count("\n\n") == 0
    assert project.run("connection", "remove", "main")[0] == 0
    code, found = status(project, "--max-age", "15m")
    assert (code, found["connection"], found["configured"], found["needs_person"]) == (0, "main", False, [])
    code, printed, _ = project.run("status", "--max-age", "15m")
    assert (code, printed.splitlines()[0][:28]) == (0, "main: no connection any more")
    for line in printed.splitlines():
        if "handle-manually" in line:
            assert project.run(*line.split()[1:], "--yes")[0] == 0
    assert project.run("status", "--json", "--max-age", "15m")[:2] == (0, "[]\n")


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
    accept_what_is_held(project)
    project.run("ship", "400000001", "--transporter", "Transports Dupuis", "--number", "1")
    project.run("sync")
    code, found = status(project)
    assert (code, found["errors"]) == (1, {"unsupported_transporter": 1})
    assert found["needs_person"] == ["1 order in error: unsupported_transporter"]
    assert found["unsent"] == 1
    assert "  queued      1 shipment\n" in project.run("status")[1]
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
    accept_what_is_held(project)
    project.market.fail_next("getcurrentsales", Fault.quota())
    assert project.run("sync")[0] == 3
    code, printed, _ = project.run("status")
    assert (code, printed.splitlines()[0]) == (0, "main: hindered")
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


def test_a_back_office_has_an_hour_before_somebody_is_needed(shop: Shop) -> None:
    """Though Rakuten is read all the while: nothing is delivered, and nothing confirmed."""
    shop.sync()
    (shop.folder / "exchange").write_text("")
    for minutes in (0, 40):
        shop.clock.pass_(minutes=minutes)
        assert shop.sync().exit_code == 3
        assert (look(shop).is_hindered, look(shop).needs_person()) == (True, ())
    shop.clock.pass_(minutes=21)
    shop.sync()
    assert look(shop).behind_s == 0
    (said,) = look(shop).needs_person()
    assert said.startswith("backend_unreachable for more than an hour: ")
    (shop.folder / "exchange").unlink()
    assert shop.sync().exit_code == 0
    assert not look(shop).is_hindered
    (shop.folder / "exchange").write_text("")
    shop.sync()
    assert look(shop).needs_person() == ()


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
    held = "1 order on hold, to be decided: rakuten-orders orders list --status on_hold"
    assert look(shop).needs_person() == (held, "1 order to be accepted within 24 hours")


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
