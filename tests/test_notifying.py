"""Telling people by a webhook: what is new, at most once an hour, once more when it is over."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.connection.config import Notify
from rakuten_orders.connection.notifying import notify
from rakuten_orders.connection.secret import Secret
from rakuten_orders.connection.simulator import Fault
from rakuten_orders.connection.troubles import AT_MOST_EVERY, news, still
from rakuten_orders.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project, Shop

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
TROUBLES = st.dictionaries(
    st.sampled_from(["a", "b", "wrong_token"]), st.sets(st.sampled_from("123")).map(lambda ids: tuple(sorted(ids)))
)


class Webhook(ThreadingHTTPServer):
    """Takes messages, or answers with the status that a test wants."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/services/marked-webhook?key=marked-key"
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            self.server.messages.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    running = Webhook()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def settings(webhook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notify:
    monkeypatch.setenv("NOTIFY_URL", webhook.url)
    return Notify(Secret("env", ("NOTIFY_URL",), tmp_path))


def pass_(shop: Shop, settings: Notify, **options: Any) -> None:
    shop.sync(**options)
    notify(shop.store, "boutiquefr", settings)


def test_nothing_is_said_while_all_is_well(shop: Shop, settings: Notify, webhook: Webhook) -> None:
    """Neither before the first pass nor after it."""
    assert notify(shop.store, "boutiquefr", settings) is None
    shop.simulator.add(shop.sale())
    pass_(shop, settings)
    assert webhook.messages == []


def test_errors_are_told_by_reason_and_the_end_once(shop: Shop, settings: Notify, webhook: Webhook) -> None:
    """At most one message an hour; what comes within it is told after it; one more when it is over."""
    shop.simulator.add(shop.sale("429", ""), shop.sale("430", ""), shop.sale("431"))
    pass_(shop, settings)
    (first,) = webhook.messages
    assert (first["connection"], first["needs_person"]) == ("main", True)
    assert first["reasons"] == [{"reason": "sku_missing", "orders": ["429", "430"], "new": ["429", "430"]}]
    assert first["text"] == "main: a person is needed\n- sku_missing: 2 orders (429, 430)"
    shop.ship("431", transporter="Transports Dupuis")
    for _ in range(5):
        shop.clock.pass_(minutes=10)
        pass_(shop, settings)
    assert len(webhook.messages) == 1
    shop.clock.pass_(minutes=10)
    pass_(shop, settings)
    second = webhook.messages[1]
    assert {one["reason"]: one["new"] for one in second["reasons"]} == {
        "sku_missing": [],
        "unsupported_transporter": ["431"],
    }
    shop.clock.pass_(hours=2)
    pass_(shop, settings)
    assert len(webhook.messages) == 2
    for item_id in ("42901", "43001"):
        shop.simulator.cancel_by_buyer(item_id)
    shop.ship("431")
    pass_(shop, settings)
    assert webhook.messages[2]["text"] == "main: all is well again"
    assert (webhook.messages[2]["needs_person"], webhook.messages[2]["reasons"]) == (False, [])
    shop.clock.pass_(hours=2)
    pass_(shop, settings)
    assert len(webhook.messages) == 3


def test_a_wrong_token_is_the_accounts_own(shop: Shop, settings: Notify, webhook: Webhook) -> None:
    """A reason without orders; the network is none until it has lasted an hour."""
    pass_(shop, settings, token="wrong")
    assert webhook.messages[0]["reasons"] == [{"reason": "wrong_token", "orders": [], "new": []}]
    shop.clock.pass_(hours=2)
    pass_(shop, settings)
    assert webhook.messages[1]["needs_person"] is False
    shop.simulator.fail_next("*", Fault.reset_before(), times=999)
    pass_(shop, settings)
    assert len(webhook.messages) == 2
    shop.clock.pass_(hours=1, minutes=1)
    pass_(shop, settings)
    assert webhook.messages[2]["reasons"][0]["reason"] == "marketplace_unreachable"


def test_deadlines_that_are_near_are_told(shop: Shop, settings: Notify, webhook: Webhook) -> None:
    """A day before."""
    shop.simulator.add(shop.sale("429", isnego="Y"))
    pass_(shop, settings)
    assert webhook.messages == []
    shop.clock.now = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
    pass_(shop, settings)
    assert webhook.messages[0]["reasons"][0] == {
        "reason": "not_accepted_in_time, soon",
        "orders": ["429"],
        "new": ["429"],
    }


def test_what_did_not_arrive_is_told_by_the_next_pass(
    shop: Shop, settings: Notify, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the webhook answers, and where nobody is there; its address is in no log."""
    caplog.set_level(logging.DEBUG)
    shop.simulator.add(shop.sale("429", ""))
    for status in (500, 404, 302):
        webhook.status = status
        pass_(shop, settings)
    assert webhook.messages == []
    assert "notify_failed" in caplog.text
    webhook.status = 200
    pass_(shop, settings)
    assert len(webhook.messages) == 1
    assert "marked-webhook" not in caplog.text
    assert "marked-key" not in caplog.text


def test_slack_and_mattermost_take_the_text(shop: Shop, settings: Notify, webhook: Webhook) -> None:
    """One key, ``text``."""
    shop.simulator.add(shop.sale("429", ""))
    pass_(shop, Notify(settings.url, "slack"))
    assert webhook.messages == [{"text": "main: a person is needed\n- sku_missing: 1 order (429)"}]


def test_an_address_that_cannot_be_used_is_a_mistake_of_the_configuration(
    shop: Shop, settings: Notify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told without it."""
    shop.simulator.add(shop.sale("429", ""))
    shop.sync()
    monkeypatch.setenv("NOTIFY_URL", "http://hooks.example/marked-webhook")
    with pytest.raises(ConfigError) as caught:
        notify(shop.store, "boutiquefr", settings)
    assert "marked-webhook" not in str(caught.value)


def test_sync_notifies_where_it_is_configured(
    project: Project, settings: Notify, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off by default, and in a rehearsal."""
    project.run("sync")
    project.run("ship", "400000001", "--transporter", "Transports Dupuis", "--number", "1")
    assert project.run("sync")[0] == 1
    path = project.folder / "rakuten-orders.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "notify: {url: {env: NOTIFY_URL}}\n", encoding="utf-8")
    assert project.run("sync", "--dry-run")[0] == 1
    assert webhook.messages == []
    assert "ok    notify       address found (env NOTIFY_URL)" in project.run("connection", "check")[1]
    with monkeypatch.context() as without:
        without.delenv("NOTIFY_URL")
        code, printed, _ = project.run("connection", "check")
        assert (code, "WRONG notify " in printed, "NOTIFY_URL is not set" in printed) == (1, True, True)
    assert webhook.messages == []
    assert project.run("sync")[0] == 1
    assert [message["reasons"][0]["reason"] for message in webhook.messages] == ["unsupported_transporter"]
    assert project.run("sync")[0] == 1
    assert len(webhook.messages) == 1


def test_rules_that_do_not_load_are_told_once_and_their_end(
    project: Project, settings: Notify, webhook: Webhook, tmp_path: Path
) -> None:
    """By the webhook, in the account's history and by ``status``: not again with each pass."""
    path = project.folder / "rakuten-orders.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "notify: {url: {env: NOTIFY_URL}}\n", encoding="utf-8")
    project.run("sync")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/order.yaml").write_text("nonsense", encoding="utf-8")
    assert [project.run("sync")[0] for _ in range(3)] == [1, 1, 1]
    assert [one["reason"] for message in webhook.messages for one in message["reasons"]] == ["rules_invalid"]
    code, printed, _ = project.run("status")
    assert (code, printed.count("rules_invalid")) == (1, 1)
    (tmp_path / "rules/order.yaml").unlink()
    assert project.run("sync")[0] == 0
    with project.store() as store:
        told = [event.code for event in store.orders.events("boutiquefr", None)]
        assert told == ["rules_invalid", "mended"]
        store.accounts.set_told("boutiquefr", {"rules_invalid": ()}, store.clock() - AT_MOST_EVERY)
    project.run("sync")
    assert [message["needs_person"] for message in webhook.messages] == [True, False]
    assert "rules_invalid" not in project.run("status")[1]


@given(now=TROUBLES, told=TROUBLES)
def test_there_is_news_exactly_where_something_is_new_or_all_is_over(now: Any, told: Any) -> None:
    """Whatever is wrong and whatever was told."""
    found = news("main", now, told, at=NOW, last_sent=None)
    is_new = any(reason not in told or set(ids) - set(told[reason]) for reason, ids in now.items())
    assert (found is not None) == (is_new or (bool(told) and not now))
    assert news("main", now, told, at=NOW, last_sent=NOW - AT_MOST_EVERY / 2) is None
    if now:
        assert news("main", now, now, at=NOW, last_sent=None) is None


@given(now=TROUBLES, told=TROUBLES)
def test_what_ends_and_comes_again_is_news_again(now: Any, told: Any) -> None:
    """Only what was told and still is so is kept as told."""
    kept = still(told, now)
    assert all(reason in now and set(ids) <= set(now[reason]) & set(told[reason]) for reason, ids in kept.items())
    assert still(kept, now) == kept
