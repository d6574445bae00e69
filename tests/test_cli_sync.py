"""``sync``, ``orders``, ``ship`` and ``test-order`` against a marketplace over real HTTP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rakuten_orders.cli.program import program
from rakuten_orders.connection.simulator import Fault, Simulator, make_sales, showcase
from rakuten_orders.connection.store import Store

COMMAND = Path(sys.executable).with_name("rakuten-orders")
NUMBER = "6A12345678905"


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    result = CliRunner().invoke(program, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def orders() -> dict[str, Any]:
    """All orders as ``orders list --json`` prints them, by id."""
    code, printed, said = run("orders", "list", "--json")
    assert (code, said) == (0, "")
    return {order["order_id"]: order for order in json.loads(printed)}


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A marketplace with seven sales, and an empty project folder that is connected to it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    with Simulator(sales=showcase()) as simulator:
        monkeypatch.setenv("RAKUTEN_TOKEN", simulator.token)
        added = ("--login", simulator.login, "--token-env", "RAKUTEN_TOKEN", "--endpoint", simulator.url)
        assert run("connection", "add", "main", *added, "--back-office-folder", "exchange")[0] == 0
        yield simulator


def test_a_pass_tells_what_it_did(market: Simulator) -> None:
    """One line a connection; the second pass changes nothing."""
    code, printed, said = run("sync")
    assert (code, said) == (0, "")
    assert printed == ("main: 7 orders taken in, 7 items accepted, 1 item held, 1 item left out, 5 orders delivered\n")
    calls = market.count("acceptsale")
    assert run("sync") == (0, "main: nothing new\n", "")
    assert run("sync", "--dry-run") == (0, "main: nothing to do\n", "")
    assert market.count("acceptsale") == calls


def test_a_dry_run_writes_and_sends_nothing(market: Simulator, tmp_path: Path) -> None:
    """No file, no call that changes anything; the line says what would have been done."""
    code, printed, _ = run("sync", "--dry-run")
    assert code == 0
    assert printed.startswith("main: a pass would bring: 7 orders taken in")
    assert not market.count("acceptsale")
    assert [path.name for path in tmp_path.iterdir()] == ["rakuten-orders.yaml"]


def test_check_says_what_a_first_pass_would_do(market: Simulator, tmp_path: Path) -> None:
    """What works, order by order what would be accepted, held and left out; nothing is changed."""
    code, printed, said = run("connection", "check", "main")
    assert (code, said) == (0, "")
    assert [line.split()[0] for line in printed.splitlines()[1:5]] == ["ok"] * 4
    assert "400000001  accept 3 items" in printed
    assert "negotiated price" in printed
    assert not market.count("acceptsale")
    assert not (tmp_path / "orders.sqlite3").exists()


def test_check_tells_how_the_back_offices_folder_is(market: Simulator, tmp_path: Path) -> None:
    """Not there yet, there, or where no folder can be; a typing mistake in its path is seen before orders go there."""
    assert f"{tmp_path / 'exchange'} is not there yet" in run("connection", "check")[1]
    run("sync")
    assert "exchange is there; 0 shipments wait" in run("connection", "check")[1]
    shutil.rmtree(tmp_path / "exchange")
    config = tmp_path / "rakuten-orders.yaml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("exchange", "orders.sqlite3/exchange"), encoding="utf-8"
    )
    code, printed, _ = run("connection", "check")
    assert code == 3
    assert "WRONG back office" in printed


def test_what_is_refused_is_said_with_where_it_is(market: Simulator, tmp_path: Path) -> None:
    """Which line, why, and what to do with it; a rehearsal moves nothing and says so by not saying where."""
    run("sync")
    (tmp_path / "exchange" / "shipments" / "parcels.csv").write_text("order_id\n999\n", encoding="utf-8")
    code, _, said = run("sync", "--dry-run")
    assert (code, said) == (1, "parcels.csv:2: unknown_order: there is no order 999\n")
    code, _, said = run("sync")
    assert code == 1
    assert said.startswith("parcels.csv:2: unknown_order: there is no order 999\n  ")
    assert "rejected/" in said
    assert run("sync")[0] == 0


@pytest.mark.parametrize("command", [("sync",), ("connection", "check")], ids=" ".join)
def test_a_marketplace_out_of_reach_is_exit_three(market: Simulator, command: tuple[str, ...]) -> None:
    """Which address, and what happens next."""
    market.close()
    code, printed, said = run(*command)
    assert code == 3
    assert "marketplace_unreachable" in printed + said
    assert market.url in printed + said
    assert "nothing new" not in printed


@pytest.mark.parametrize("command", [("sync",), ("connection", "check")], ids=" ".join)
def test_a_wrong_token_is_exit_one(
    market: Simulator, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """The sentence says where the token is found; the token that was sent is shown nowhere."""
    monkeypatch.setenv("RAKUTEN_TOKEN", "wrong-token-1234")
    code, printed, said = run(*command)
    assert code == 1
    assert "wrong_token" in printed + said
    assert "Mes informations développeur" in printed + said
    assert "wrong-token-1234" not in printed + said
    assert not market.done("acceptsale")


def test_a_quota_that_is_used_up_is_exit_three(market: Simulator) -> None:
    """It says until when, and nothing is lost."""
    market.fail_next("getnewsales", Fault.quota())
    code, _, said = run("sync")
    assert code == 3
    assert "quota_exceeded" in said


def test_a_token_that_is_not_there_is_exit_two(market: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable's name, and how to set it."""
    monkeypatch.delenv("RAKUTEN_TOKEN")
    code, printed, said = run("sync")
    assert (code, printed) == (2, "")
    assert "export RAKUTEN_TOKEN=" in said
    assert not market.calls


def test_without_a_connection_there_is_nothing_to_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration is needed: exit 2, and how to make it. An unknown label names the nearest."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    code, printed, said = run("sync")
    assert (code, printed) == (2, "")
    assert "rakuten-orders connection add" in said


def test_an_unknown_label_names_the_nearest(market: Simulator) -> None:
    """Wrong usage, before anything is asked."""
    code, _, said = run("sync", "mian")
    assert code == 2
    assert "did you mean main?" in said
    assert not market.calls


def test_rules_that_do_not_load_do_not_stop_the_orders(market: Simulator, tmp_path: Path) -> None:
    """The last valid ones stay in force; the findings are shown; exit 1."""
    assert run("sync")[0] == 0
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "dupuis.yaml").write_text("code: dupuis\nnmae: Dupuis\n", encoding="utf-8")
    assert run("ship", "400000001", "--transporter", "Colissimo", "--number", NUMBER)[0] == 0
    code, printed, said = run("sync")
    assert code == 1
    assert "3 items confirmed as shipped" in printed
    assert "carriers.d/dupuis.yaml:2:1: error: " in said
    assert "rules_invalid" in said


def test_orders_have_all_their_keys(market: Simulator) -> None:
    """As the contract says, null where there is nothing."""
    run("sync")
    listed = orders()
    assert len(listed) == 7
    order = listed["400000006"]
    assert list(order) == ["connection", "order_id", "status", "error", "deadline", "items", "events", "next"]
    assert [order[key] for key in ("connection", "order_id", "status", "error")] == [
        "main",
        "400000006",
        "on_hold",
        None,
    ]
    assert order["deadline"][-6:] in ("+01:00", "+02:00")
    (item,) = order["items"]
    assert list(item) == [
        *("item_id", "sku", "status", "rakuten_status", "transporter", "tracking_number", "tracking_url"),
    ]
    assert item["transporter"] is None
    assert list(order["events"][0]) == ["at", "level", "code", "message", "by"]
    code, printed, said = run("orders", "show", "400000006", "--json")
    assert (code, said) == (0, "")
    assert json.loads(printed) == order


def test_orders_are_chosen_by_status_and_error(market: Simulator) -> None:
    """``--status`` and ``--errors`` narrow the list; nobody in it is a sentence, not an empty table."""
    run("sync")
    assert "400000006" in run("orders", "list", "--status", "on_hold")[1]
    assert "400000001" not in run("orders", "list", "--status", "on_hold")[1]
    assert run("orders", "list", "--errors") == (0, "", "No such orders.\n")
    assert run("orders", "list", "--status", "lost")[0] == 2


def test_orders_of_a_project_that_never_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No store is made by looking."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    code, printed, said = run("orders", "list")
    assert (code, printed) == (0, "")
    assert "rakuten-orders sync" in said
    assert run("orders", "list", "--json") == (0, "[]\n", "")
    for words, expected in ((("orders", "show", "1"), 1), (("ship", "1", "--number", NUMBER), 2)):
        code, printed, said = run(*words)
        assert (code, printed) == (expected, "")
        assert "orders.sqlite3 does not exist" in said
        assert "--config" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("orders", "list"), ("orders", "show", "400000001"), ("ship", "400000001")])
def test_a_configuration_that_is_named_has_to_be_there(market: Simulator, words: tuple[str, ...]) -> None:
    """Otherwise the orders of another project, whose folder one stands in, would be shown."""
    run("sync")
    code, printed, said = run(*words, "--config", "gone.yaml")
    assert (code, printed) == (2, "")
    assert "gone.yaml does not exist" in said


def test_rules_that_never_loaded_are_told_once_and_nothing_is_done(market: Simulator, tmp_path: Path) -> None:
    """The line does not say that there was nothing new: nobody looked."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "order.yaml").write_text("kind: ordr\n", encoding="utf-8")
    code, printed, said = run("sync")
    assert (code, printed) == (1, "main: nothing done\n")
    assert said.count("rules_invalid") == 1
    assert "rules/order.yaml:1:7: error" in said


def test_a_folder_that_vanished_is_said_and_not_made_anew(market: Simulator) -> None:
    """An unmounted share would be filled beside it otherwise. Once it is back, what waited is delivered."""
    assert run("sync")[0] == 0
    exchange = Path("exchange")
    delivered = len(list((exchange / "orders").iterdir()))
    exchange.rename("unmounted")
    market.add(*make_sales(4, 1))
    code, _, said = run("sync")
    assert code == 3
    assert "backend_unreachable: orders were delivered to" in said
    assert "mount it" in said
    assert not exchange.exists()
    assert run("connection", "check", "main")[0] == 3
    Path("unmounted").rename("exchange")
    assert run("sync")[0] == 0
    assert len(list((exchange / "orders").iterdir())) == delivered + 1


def test_a_shipment_by_hand_is_confirmed_by_the_next_pass(market: Simulator) -> None:
    """It is stored with who handed it in; Rakuten gets it once, for each item."""
    run("sync")
    code, printed, said = run("ship", "400000001", "--transporter", "colissimo", "--number", NUMBER, "--by", "lise")
    assert (code, said) == (0, "")
    assert "rakuten-orders sync" in printed
    assert orders()["400000001"]["events"][-1]["by"] == "lise"
    assert run("sync")[0] == 0
    order = orders()["400000001"]
    assert order["status"] == "shipped"
    for item in order["items"]:
        assert market.done("settrackingpackageinfos", item["item_id"]) == 1
        assert (item["transporter"], item["tracking_number"]) == ("Colissimo", NUMBER)


def test_what_will_be_wrong_with_a_shipment_is_said_at_once(market: Simulator, tmp_path: Path) -> None:
    """It is taken in all the same: the name that was meant stands there, and a file or another shipment mends it."""
    run("sync")
    code, printed, said = run("ship", "400000001", "--transporter", "Colisimo", "--number", NUMBER)
    assert code == 0
    assert "Took in 1 shipment." in printed
    assert said.startswith("warning: order 400000001 will be in error until this is mended: unsupported_transporter: ")
    assert "Colissimo" in said
    rows = f"order_id,transporter,tracking_number\n400000003,Transports Dupuis,D1\n400000005,Colissimo,{NUMBER}\n"
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    code, printed, said = run("ship", "--from", "rows.csv")
    assert (code, "Took in 2 shipments." in printed) == (0, True)
    assert said.startswith("rows.csv:2: warning: order 400000003 will be in error until this is mended: ")
    assert said.count("warning") == 1
    code, _, said = run("sync")
    assert (code, said.count("unsupported_transporter")) == (1, 2)


def test_a_shipment_of_what_is_shipped_is_warned_of_as_that(market: Simulator) -> None:
    """Whatever else may be wrong with it; the same number again is no mistake."""
    run("sync")
    run("ship", "400000001", "--transporter", "Colissimo", "--number", NUMBER)
    run("sync")
    assert run("ship", "400000001", "--transporter", "Colisimo", "--number", NUMBER)[2] == ""
    said = run("ship", "400000001", "--transporter", "Colisimo", "--number", "6A999")[2]
    assert "already_shipped: " in said
    assert "unsupported_transporter" not in said
    assert run("sync")[0] == 1
    assert orders()["400000001"]["error"]["reason"] == "already_shipped"


def test_a_shipment_is_looked_at_with_the_rules_in_force(market: Simulator, tmp_path: Path) -> None:
    """Where those in the files do not load, the last that did tell what will be."""
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "dupuis.yaml").write_text(DUPUIS, encoding="utf-8")
    run("sync")
    (tmp_path / "carriers.d" / "dupuis.yaml").write_text("nonsense", encoding="utf-8")
    assert run("ship", "400000001", "--transporter", "Transports Dupuis", "--number", "D12345678")[2] == ""
    assert "unsupported_transporter" in run("ship", "400000003", "--transporter", "Dupond", "--number", "1")[2]


def test_some_items_of_an_order_can_be_shipped(market: Simulator) -> None:
    """``--item``: the rest stays, and the order is partial."""
    run("sync")
    first, *rest = [item["item_id"] for item in orders()["400000001"]["items"]]
    assert run("ship", "400000001", "--transporter", "colissimo", "--number", NUMBER, "--item", first)[0] == 0
    run("sync")
    assert orders()["400000001"]["status"] == "partial"
    assert not any(market.count("settrackingpackageinfos", item) for item in rest)


def test_a_transporter_that_nothing_covers_is_shown_and_mended(market: Simulator, tmp_path: Path) -> None:
    """Exit 1 while it is in error; a file in carriers.d mends it, without a command for the order."""
    run("sync")
    run("ship", "400000005", "--transporter", "Transports Dupuis", "--number", "D1")
    code, _, said = run("sync")
    assert code == 1
    assert "400000005: unsupported_transporter: " in said
    assert "400000005" in run("orders", "list", "--errors")[1]
    assert "unsupported_transporter" in run("orders", "show", "400000005")[1]
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "dupuis.yaml").write_text(DUPUIS, encoding="utf-8")
    assert run("sync")[0] == 0
    order = orders()["400000005"]
    assert (order["status"], order["error"]) == ("shipped", None)
    assert order["items"][0]["tracking_url"] == "https://dupuis.example/D1"


def test_shipments_from_a_file(market: Simulator, tmp_path: Path) -> None:
    """Good rows are taken in once, however often the file is given; bad ones are told with their line."""
    run("sync")
    (tmp_path / "parcels.csv").write_text(
        f"order_id;transporter;tracking_number\n400000001;Colissimo;{NUMBER}\n999;Colissimo;1\n;Colissimo;2\n",
        encoding="utf-8",
    )
    for _ in range(2):
        code, _, said = run("ship", "--from", "parcels.csv")
        assert code == 1
        assert "parcels.csv:3: unknown_order: " in said
        assert "parcels.csv:4: order_id is missing" in said
    run("sync")
    assert orders()["400000001"]["status"] == "shipped"
    codes = [event["code"] for event in orders()["400000001"]["events"]]
    assert codes.count("shipment_received") == 1
    (tmp_path / "parcels.csv").write_text(f"order_id,carrier,number\n400000001,Colissimo,{NUMBER}\n", encoding="utf-8")
    code, _, said = run("ship", "--from", "parcels.csv")
    assert code == 2
    assert 'parcels.csv: "carrier" is not known; did you mean transporter? "number" is not known; did you mean' in said


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("400000001", "--from", "parcels.csv"),
        ("--from", "parcels.csv", "--number", "1"),
        ("--from", "gone.csv"),
        ("400000001", "--transporter", "Colissimo", "--number", ""),
        ("400000001", "--transporter", "Colissimo", "--number", " - "),
    ],
    ids=["nothing", "both", "file and number", "no file", "empty number", "no number"],
)
def test_ship_is_told_one_thing(market: Simulator, tmp_path: Path, words: tuple[str, ...]) -> None:
    """An order or a file, not both: wrong usage."""
    (tmp_path / "parcels.csv").write_text("order_id\n1\n", encoding="utf-8")
    assert run("ship", *words)[0] == 2


def test_a_test_order_goes_through_the_rules_and_nowhere_else(market: Simulator, tmp_path: Path) -> None:
    """It prints the message that a back office gets, marked as a test; the marketplace hears nothing."""
    code, printed, said = run("test-order", "main")
    assert code == 0
    message = json.loads(printed)
    assert message["order"]["is_test"] is True
    assert message["order"]["order_id"].startswith("TEST-")
    assert "NE PAS EXPÉDIER" in message["order"]["ship_to"]["name"]
    assert "--to-back-office" in said
    assert not market.calls
    assert [path.name for path in tmp_path.iterdir()] == ["rakuten-orders.yaml"]


def test_a_test_order_can_be_delivered(market: Simulator, tmp_path: Path) -> None:
    """With ``--to-back-office`` its file is there."""
    code, printed, _ = run("test-order", "main", "--sku", "MUG", "--to-back-office")
    assert code == 0
    message = json.loads(printed)
    written = tmp_path / "exchange" / "orders" / f"{message['order']['order_id']}.json"
    assert json.loads(written.read_text(encoding="utf-8")) == message
    assert message["order"]["lines"][0]["sku"] == "MUG"
    assert not market.calls


def test_a_test_order_that_the_rules_stop_says_why(market: Simulator, tmp_path: Path) -> None:
    """Exit 1 and the reason; nothing on standard output."""
    (tmp_path / "rules").mkdir()
    rules = (
        "kind: acceptance\nships_from: FR\nhold:\n  - {when: {item.sku: {equals_any_of: [MUG]}}, because: 'no mugs'}\n"
    )
    (tmp_path / "rules" / "acceptance.yaml").write_text(rules, encoding="utf-8")
    code, printed, said = run("test-order", "main", "--sku", "MUG")
    assert (code, printed) == (1, "")
    assert "no mugs" in said
    (tmp_path / "rules/tables").mkdir()
    (tmp_path / "rules/tables/products.csv").write_text("key,value\nVASE,1\n", encoding="utf-8")
    lines = "lines:\n  internal_id: {from: sku, table: products, required: true}\n"
    (tmp_path / "rules/order.yaml").write_text(
        f"kind: order\norder:\n  order_id: purchaseid\n{lines}", encoding="utf-8"
    )
    code, _, said = run("test-order", "main")
    assert (code, "sku_not_found" in said, "made up. Try one of yours: --sku" in said) == (1, True, True)
    assert run("test-order", "main", "--sku", "VASE")[0] == 0
    assert "made up" not in run("test-order", "main", "--sku", "VASES")[2]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_sync_every_goes_on_until_it_is_stopped(market: Simulator, tmp_path: Path, number: signal.Signals) -> None:
    """It makes passes, says only what is new, and ends well when it is asked to."""
    with subprocess.Popen(
        [COMMAND, "sync", "--every", "1s"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 15
        while market.count("getcurrentsales") < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        printed, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "")
    assert printed.count("\n") == 1
    assert market.count("getnewsales") == 1


def test_a_time_span_is_read_strictly(market: Simulator) -> None:
    """``--every 5`` is no time span; the answer says how to write one."""
    code, _, said = run("sync", "--every", "5")
    assert code == 2
    assert "5m" in said
    assert not market.calls


DUPUIS = """\
code: dupuis
name: Dupuis
aliases: [Transports Dupuis]
tracking_url: 'https://dupuis.example/{{ tracking_number }}'
sources:
  - {note: a mail of the carrier, read: 2026-11-23}
examples:
  valid:
    - {tracking_number: 'D1', url: 'https://dupuis.example/D1'}
"""


@pytest.mark.parametrize("command", [("sync", "--dry-run"), ("connection", "check")], ids=" ".join)
def test_a_rehearsal_leaves_the_store_as_it_is(market: Simulator, tmp_path: Path, command: tuple[str, ...]) -> None:
    """To the byte, though the account is new, the rules have changed, sales wait and a decision is open."""
    assert run("sync")[0] == 0
    assert run("orders", "accept", "400000006", "--yes")[0] == 0
    market.add(*make_sales(7, 3))
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "dupuis.yaml").write_text(DUPUIS, encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    calls = market.count("acceptsale")
    code, printed, _ = run(*command)
    assert code == 0
    assert "3 orders taken in" in printed
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert market.count("acceptsale") == calls


def test_a_rehearsal_runs_beside_a_pass(market: Simulator, tmp_path: Path) -> None:
    """Another process has the store open and writes to it: the copy is of what is committed."""
    assert run("sync")[0] == 0
    with Store(tmp_path / "orders.sqlite3") as store, store.transaction():
        store.orders.add_event(market.login, None, "info", "x", "not committed")
        assert run("sync", "--dry-run") == (0, "main: nothing to do\n", "")
