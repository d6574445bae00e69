"""Logs and every other output: ids and codes, never a name, an address or a token, whatever goes wrong."""

from __future__ import annotations

import io
import json
import logging
import os
import random
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rakuten_orders.connection.simulator import DISTURBANCES, Fault, Simulator

if TYPE_CHECKING:
    from conftest import Project, Shop

COMMAND = Path(sys.executable).with_name("rakuten-orders")
TOKEN = "marked-token-4711"
NAMES = ("Geheimnis", "Oriane", "impasse du Secret", "0639984321", "secret-login", "geheimnis@example.com")


def test_a_log_is_a_line_a_fact(project: Project) -> None:
    """``--log-format json``: every line of standard error is JSON, standard output is empty."""
    project.run("sync")
    project.run("ship", "400000001", "--transporter", "Transports Dupuis", "--number", "1")
    code, printed, said = project.run("sync", "--log-format", "json")
    assert (code, printed) == (1, "")
    records = [json.loads(line) for line in said.splitlines()]
    assert all(list(record)[:4] == ["at", "level", "logger", "message"] for record in records)
    about = [(record["level"], record.get("code"), record.get("order_id")) for record in records]
    assert ("error", "unsupported_transporter", "400000001") in about
    ended = next(record for record in records if record.get("code") == "pass_ended")
    assert (ended["connection"], ended["counts"]["in_error"]) == ("main", 1)


def test_a_log_for_people(project: Project) -> None:
    """``--log-format text``: the time, the level, what happened."""
    code, printed, said = project.run("sync", "--log-format", "text")
    assert (code, printed) == (0, "")
    assert all((line[10] == "T" and " info " in line) or " warning" in line for line in said.splitlines())
    assert "main 400000001 taken_in" in said


def test_a_log_tells_what_kept_a_pass_from_being_made(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the exit code stays what it is."""
    monkeypatch.delenv("RAKUTEN_TOKEN")
    code, printed, said = project.run("sync", "--log-format", "json")
    assert (code, printed) == (2, "")
    assert json.loads(said.splitlines()[-1])["code"] == "ConfigError"


def test_without_it_the_log_stays_off_the_terminal(project: Project) -> None:
    """Messages for people are enough."""
    assert project.run("sync")[2] == ""
    assert logging.getLogger("rakuten_orders").level == logging.NOTSET


@pytest.fixture
def marked(shop: Shop) -> Any:
    """The shop's marketplace under a marked token."""
    with Simulator(clock=shop.clock, token=TOKEN) as simulator:
        shop.simulator.close()
        shop.simulator = simulator
        from dataclasses import replace

        shop.connection = replace(shop.connection, endpoint=simulator.url)
        yield shop


def test_no_output_holds_a_name_or_the_token_whatever_goes_wrong(marked: Shop) -> None:
    """Forty passes under faults: the log of everything at every level, results, exceptions, the database."""
    shop = marked
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    told: list[str] = []
    choose = random.Random(11)
    try:
        for number in range(40):
            order_id = str(500 + number)
            shop.simulator.add(shop.sale(order_id, choose.choice(("A-1", "", "B-2")), isnego=choose.choice("YNNN")))
            if number == 20:
                shop.simulator.fail_next("getnewsales", Fault.quota())
            shop.simulator.disturb(0.25, number, DISTURBANCES)
            if number > 3:
                transporter = choose.choice(("Colissimo", "Oriane Geheimnis", "Mondial Relay", "Chronopost"))
                shop.ship(str(500 + number - 3), transporter=transporter, number=choose.choice(("6A12345678905", "x")))
            try:
                result = shop.sync(on_event=lambda event: told.append(f"{event.code} {event.purchase_id}"))
                told.append(str(result.counts))
            except Exception:  # noqa: BLE001 - whatever it is, its text is an output
                told.append(traceback.format_exc())
            shop.clock.pass_(minutes=11)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    lines = log.getvalue()
    assert lines.count("\n") > 1000
    assert any("taken_in" in line for line in told)
    assert [word for word in (*NAMES, TOKEN) if word in lines + "\n".join(told)] == []
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    assert [path.name for path in files if TOKEN.encode() in path.read_bytes()] == []


@pytest.mark.skipif(os.name == "nt", reason="looks at processes as Linux shows them")
def test_commands_under_faults_print_no_name_and_no_token(project: Project) -> None:
    """Of a process of its own: standard output, standard error and its arguments."""
    project.market.fail_next("acceptsale", Fault.reset_after())
    project.market.fail_next("getcurrentsales", Fault.html())
    printed = ""
    for words in (("sync",), ("sync", "--log-format", "json")):
        done = subprocess.run([COMMAND, *words], cwd=project.folder, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        printed += done.stdout + done.stderr
    assert "main" in printed
    for word in (project.market.token, "Camille", "Modèle", "Fictive", "Voorbeeld"):
        assert word not in printed
