"""Faults on the wire, the interface for other processes, the command and the pytest fixture."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rakuten_orders.connection.simulator import (
    Fault,
    Simulator,
    connection_hint,
    make_sales,
    serve_forever,
    showcase,
)

ITEM = "8000000011"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(sales=showcase()) as running:
        yield running


@pytest.fixture
def http(simulator: Simulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.url, timeout=5, verify=False) as client:
        yield client


def accept(http: httpx.Client, simulator: Simulator, item_id: str = ITEM, timeout: float = 5) -> httpx.Response:
    account = {"login": simulator.login, "pwd": simulator.token}
    params = {"action": "acceptsale", "version": "2021-04-08", "itemid": item_id, "shippingfromcountry": "249"}
    return http.get("/sales_ws", params={**params, **account}, timeout=timeout)


def accepted(simulator: Simulator) -> int:
    return simulator.done("acceptsale", ITEM)


# Faults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.reset_before(), Fault.reset_after()])
def test_a_reset_loses_the_answer(simulator: Simulator, http: httpx.Client, fault: Fault) -> None:
    """The connection is reset, not closed in order; whether the marketplace acted is the fault's choice."""
    simulator.fail_next("acceptsale", fault)
    with pytest.raises(httpx.ReadError):
        accept(http, simulator)
    assert accepted(simulator) == int(fault.acts)
    assert simulator.item(ITEM).accepted is fault.acts
    again = accept(http, simulator)
    assert (b"CAPTURED" in again.content) is fault.acts
    assert accepted(simulator) == 1
    assert simulator.count("acceptsale", ITEM) == 2


@pytest.mark.parametrize("fault", [Fault.http_500(), Fault.http_500(acts=True), Fault.html(), Fault.html(acts=True)])
def test_an_http_error_says_nothing_of_what_was_done(simulator: Simulator, http: httpx.Client, fault: Fault) -> None:
    """Status 500 without a body, or a page for people, before or after acting."""
    simulator.fail_next("acceptsale", fault)
    answer = accept(http, simulator)
    assert answer.status_code == fault.status
    assert b"saleacceptanceresult" not in answer.content
    assert accepted(simulator) == int(fault.acts)


def test_an_html_page_can_come_with_status_200(simulator: Simulator, http: httpx.Client) -> None:
    """As from a proxy."""
    simulator.fail_next("acceptsale", Fault.html(status=200))
    answer = accept(http, simulator)
    assert answer.status_code == 200
    assert answer.content.startswith(b"<html>")


def test_an_answer_can_be_cut_off_as_if_it_were_whole(simulator: Simulator, http: httpx.Client) -> None:
    """Content-Length fits what came, and the root is never closed."""
    simulator.fail_next("acceptsale", Fault.cut_off())
    answer = accept(http, simulator)
    assert answer.status_code == 200
    assert answer.content.startswith(b"<saleacceptanceresult")
    assert b"</saleacceptanceresult>" not in answer.content
    assert accepted(simulator) == 1


def test_an_answer_can_break_off(simulator: Simulator, http: httpx.Client) -> None:
    """Less comes than Content-Length said."""
    simulator.fail_next("acceptsale", Fault.broken_off())
    with pytest.raises(httpx.RemoteProtocolError):
        accept(http, simulator)
    assert accepted(simulator) == 1


def test_a_late_answer_comes_after_the_act(simulator: Simulator, http: httpx.Client) -> None:
    """A caller that gives up too soon does not know that the item is accepted."""
    simulator.fail_next("acceptsale", Fault.delay(30))
    with pytest.raises(httpx.ReadTimeout):
        accept(http, simulator, timeout=0.2)
    assert accepted(simulator) == 1
    simulator.fail_next("acceptsale", Fault.delay(0.1))
    started = time.monotonic()
    assert b"CAPTURED" in accept(http, simulator).content
    assert time.monotonic() - started >= 0.1


def test_an_answer_can_trickle(simulator: Simulator, http: httpx.Client) -> None:
    """All of it comes, in pieces, over the given time."""
    simulator.fail_next("acceptsale", Fault.slow(0.2))
    started = time.monotonic()
    assert accept(http, simulator).content.rstrip().endswith(b"</saleacceptanceresult>")
    assert time.monotonic() - started >= 0.15


def test_error_documents_can_be_ordered(simulator: Simulator, http: httpx.Client) -> None:
    """One's own, the quota's, the server's; with any HTTP status; nothing is done."""
    simulator.fail_next("acceptsale", Fault.error_document("Odd", "Something <odd>", "one", "two", status=400))
    simulator.fail_next("acceptsale", Fault.quota())
    simulator.fail_next("acceptsale", Fault.server_error())
    first, second, third = (accept(http, simulator) for _ in range(3))
    assert first.status_code == 400
    assert b"<message>Something &lt;odd&gt;</message>" in first.content
    assert first.content.count(b"<detail>") == 2
    assert b"Quota exceeded." in second.content
    assert b"<type>ServerError</type>" in third.content
    assert accepted(simulator) == 0


def test_faults_are_for_an_action_an_item_and_a_number_of_times(simulator: Simulator, http: httpx.Client) -> None:
    """Others pass; an action of * means any."""
    simulator.fail_next("acceptsale", Fault.http_500(), times=2, item_id=ITEM)
    assert accept(http, simulator, "8000000012").status_code == 200
    assert [accept(http, simulator).status_code for _ in range(3)] == [500, 500, 200]
    simulator.fail_next("*", Fault.http_500())
    assert accept(http, simulator, "8000000013").status_code == 500
    simulator.fail_next("getnewsales", Fault.http_500())
    simulator.calm()
    assert accept(http, simulator, "8000000013").status_code == 200
    outcomes = [(call.outcome, call.fault) for call in simulator.calls if call.item_id == ITEM]
    assert outcomes == [("faulted", "http_500"), ("faulted", "http_500"), ("done", None)]


def test_disturbance_is_repeatable_by_seed() -> None:
    """Equal seeds, rates and calls, equal faults; about as many as asked for; calm ends it."""

    def faults(seed: int) -> list[str | None]:
        with Simulator() as simulator, httpx.Client(base_url=simulator.url, verify=False) as http:
            simulator.disturb(0.3, seed, [Fault.http_500(), Fault.html()])
            for _ in range(100):
                accept(http, simulator)
            simulator.calm()
            assert accept(http, simulator).status_code == 200
            return [call.fault for call in simulator.calls]

    first = faults(1)
    assert first == faults(1) != faults(2)
    assert 15 <= len([fault for fault in first if fault]) <= 45
    assert first[-1] is None


def test_calls_tell_what_was_asked_and_never_the_token(simulator: Simulator, http: httpx.Client) -> None:
    """A record has action, item and outcome; neither it nor a repr has the token."""
    accept(http, simulator)
    accept(http, simulator)
    done, refused = simulator.calls
    assert (done.action, done.item_id, done.outcome) == ("acceptsale", ITEM, "done")
    assert refused.outcome == "refused"
    assert "CAPTURED" in refused.detail
    assert simulator.token not in repr((simulator, simulator.calls))


# Coming and going -----------------------------------------------------------------------------------------------------


def test_it_can_be_unreachable_and_come_back(simulator: Simulator) -> None:
    """Closed, it refuses connections; started again, it has the same address and memory."""
    url = simulator.url
    with httpx.Client(base_url=url) as http:
        accept(http, simulator)
        simulator.close()
        with pytest.raises(httpx.TransportError):
            accept(http, simulator)
        with pytest.raises(httpx.ConnectError):
            accept(http, simulator)
        simulator.start()
        assert b"CAPTURED" in accept(http, simulator).content
    assert simulator.url == url


def test_it_closes_at_once_while_an_answer_waits(simulator: Simulator, http: httpx.Client) -> None:
    """A pending delay does not hold up the end of a test."""
    simulator.fail_next("acceptsale", Fault.delay(60))
    failures: list[httpx.TransportError] = []

    def call() -> None:
        try:
            accept(http, simulator, timeout=60)
        except httpx.TransportError as error:
            failures.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    while not simulator.calls:
        time.sleep(0.01)
    started = time.monotonic()
    simulator.close()
    caller.join(timeout=5)
    assert time.monotonic() - started < 2
    assert len(failures) == 1


def test_it_has_no_address_before_it_starts() -> None:
    """The port is known once it listens."""
    with pytest.raises(ValueError, match="started"):
        _ = Simulator().url


def test_many_callers_at_once_accept_once() -> None:
    """Ten threads that accept the same twenty items debit each buyer once."""
    with Simulator(sales=make_sales(3, 20)) as simulator:
        ids = [state.item_id for state in simulator.items()]

        def accept_all() -> None:
            with httpx.Client(base_url=simulator.url, verify=False) as http:
                for item_id in ids:
                    accept(http, simulator, item_id)

        threads = [threading.Thread(target=accept_all) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [simulator.done("acceptsale", item_id) for item_id in ids] == [1] * len(ids)
        assert [simulator.count("acceptsale", item_id) for item_id in ids] == [10] * len(ids)


# The interface for other processes ------------------------------------------------------------------------------------


def test_other_processes_can_read_state_and_counts(simulator: Simulator, http: httpx.Client) -> None:
    """JSON below /_simulator/."""
    accept(http, simulator)
    accept(http, simulator)
    state = http.get("/_simulator/state").json()["items"][0]
    assert (state["item_id"], state["status"], state["ships_from"]) == (ITEM, "COMMITTED", 249)
    calls = http.get("/_simulator/calls").json()["calls"]
    assert [call["outcome"] for call in calls] == ["done", "refused"]
    count = http.get("/_simulator/count", params={"action": "acceptsale", "item_id": ITEM}).json()
    assert count == {"received": 2, "done": 1}
    assert http.get("/_simulator/count?action=refusesale").json() == {"received": 0, "done": 0}


def test_other_processes_can_act(simulator: Simulator, http: httpx.Client) -> None:
    """Buyers' acts and faults by name, with their parameters."""
    accept(http, simulator)
    claim = {"act": "claim", "item_id": ITEM, "type_": "DAMAGED"}
    assert http.post("/_simulator/acts", json=claim).json() == {"done": "claim"}
    claimed = simulator.item(ITEM).claim
    assert claimed is not None
    assert claimed.type == "DAMAGED"
    faults = [
        {"kind": "http_500"},
        {"kind": "error_document", "code": "Odd", "message": "odd", "details": ["why"], "status": 418},
    ]
    for fault in faults:
        answer = http.post("/_simulator/faults", json={"action": "acceptsale", "fault": fault})
        assert answer.status_code == 200
    assert [accept(http, simulator).status_code for _ in range(3)] == [500, 418, 200]
    assert http.post("/_simulator/faults", json={"rate": 1, "seed": 1}).status_code == 200
    assert http.post("/_simulator/faults", json={"calm": True}).status_code == 200
    assert accept(http, simulator).status_code == 200


def test_other_processes_can_add_sales(simulator: Simulator, http: httpx.Client) -> None:
    """Made up by seed, the showcase, or Rakuten's XML."""
    made = http.post("/_simulator/sales", json={"make": {"seed": 1, "n": 3}}).json()
    assert made == {"added": ["5001000000", "5001000001", "5001000002"]}
    account = {"login": simulator.login, "pwd": simulator.token}
    listed = http.get("/sales_ws", params={"action": "getnewsales", "version": "2017-08-07", **account}).content
    with Simulator() as other:
        added = httpx.post(f"{other.url}/_simulator/sales", content=listed).json()["added"]
        assert len(added) == 10
        assert httpx.post(f"{other.url}/_simulator/sales", json={"showcase": True}).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("acts", {"act": "close"}, "no such act"),
        ("acts", {"act": "claim", "item_id": "nowhere"}, "KeyError"),
        ("acts", {"act": "rate", "item_id": ITEM}, "cannot be closed"),
        ("acts", {"act": "claim", "wrong": 1}, "TypeError"),
        ("acts", [], "TypeError"),
        ("faults", {"action": "acceptsale", "fault": {"kind": "earthquake"}}, "no such fault"),
        ("faults", {"action": "acceptsale", "fault": {"kind": "delay", "minutes": 1}}, "no such fault"),
        ("faults", {"action": "acceptsale", "fault": {"kind": "error_document"}}, "no such fault"),
        ("sales", {"make": {"seed": 1}}, "KeyError"),
    ],
)
def test_what_cannot_be_done_is_said(http: httpx.Client, path: str, body: object, error: str) -> None:
    """Status 400 and a sentence, and the server goes on."""
    answer = http.post(f"/_simulator/{path}", json=body)
    assert answer.status_code == 400
    assert error in answer.json()["error"]
    assert http.get("/_simulator/state").status_code == 200


def test_unknown_paths_name_the_known_ones(http: httpx.Client) -> None:
    """Status 404 and the list."""
    answer = http.get("/_simulator/status")
    assert answer.status_code == 404
    assert "GET state" in answer.json()["error"]


# Command and fixture --------------------------------------------------------------------------------------------------


def test_the_hint_tells_how_to_connect(simulator: Simulator) -> None:
    """Token, login, address and the command, to be copied."""
    hint = connection_hint(simulator)
    assert f"export RAKUTEN_TOKEN={simulator.token}\n" in hint
    assert f"--login {simulator.login} --token-env RAKUTEN_TOKEN" in hint
    assert f"--endpoint {simulator.url}\n" in hint
    assert "sales to accept: 7, accepted: 0" in hint


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(number: signal.Signals) -> None:
    """In a process of its own, either signal ends it in order."""
    code = (
        "import threading\n"
        "from rakuten_orders.connection.simulator import Simulator, serve_forever\n"
        "simulator = Simulator().start()\n"
        "print(simulator.url, flush=True)\n"
        "threading.Timer(0.5, print, ['serving'], {'flush': True}).start()\n"
        "serve_forever(simulator)\n"
        "print('closed', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert process.stdout.readline() == "serving\n"
        assert httpx.get(f"{url}/_simulator/state").json() == {"items": []}
        process.send_signal(number)
        process.wait(timeout=10)
        assert process.returncode == 0
        assert process.stdout.read() == "closed\n"


def test_serving_leaves_the_signal_handlers_as_they_were() -> None:
    """An embedder's own handlers come back."""
    former = signal.getsignal(signal.SIGTERM)
    simulator = Simulator()
    timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGTERM])
    timer.start()
    serve_forever(simulator)
    timer.join()
    assert signal.getsignal(signal.SIGTERM) is former


def test_the_fixture_gives_a_running_simulator(rakuten_simulator: Simulator) -> None:
    """Found by pytest through the installed entry point; empty and reachable."""
    assert rakuten_simulator.items() == ()
    assert httpx.get(f"{rakuten_simulator.url}/_simulator/calls").json() == {"calls": []}


def test_the_plugin_is_light_for_runs_that_do_not_use_it(tmp_path: Path) -> None:
    """pytest loads it in every run; neither HTTP client nor server come with it."""
    code = (
        "import sys, rakuten_orders.connection.pytest_plugin\n"
        "heavy = {'httpx', 'http.server', 'sqlite3', 'rakuten_orders.connection.simulator'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
