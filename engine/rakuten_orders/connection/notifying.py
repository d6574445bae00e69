"""Telling people by a webhook that they are needed, and once when that is over.

At most one message an hour and account, by reason; what was told is kept in the store, so that it is not told again
after a restart. A webhook that cannot be reached is tried again by the next pass.
"""

from __future__ import annotations

import json
import logging

import httpx

from rakuten_orders.connection.account_pass import UNREACHABLE_REASONS
from rakuten_orders.connection.addresses import address_problem
from rakuten_orders.connection.bounded import BoundedTransport
from rakuten_orders.connection.config import Notify
from rakuten_orders.connection.deadlines import WARNED_BEFORE
from rakuten_orders.connection.faults import HTTPX_ERRORS
from rakuten_orders.connection.health import connection_health
from rakuten_orders.connection.lifecycle import UNDECIDED
from rakuten_orders.connection.store import Store
from rakuten_orders.connection.troubles import DUE_SOON, News, Troubles, news, still
from rakuten_orders.errors import ConfigError

TIMEOUT_S = 10.0
log = logging.getLogger("rakuten_orders.notify")


def notify(store: Store, login: str, settings: Notify) -> News | None:
    """Sends what there is to say about an account; what was sent, None where there was nothing or it did not arrive.

    Raises ConfigError where the webhook's address cannot be fetched or used.
    """
    account = store.accounts.get(login)
    if account is None:
        return None
    now = troubles(store, login)
    told, last_sent = store.accounts.told(login)
    found = news(account.label, now, told, at=store.clock(), last_sent=last_sent)
    if found is None:
        if still(told, now) != told and now:
            store.accounts.set_told(login, still(told, now), last_sent)
        return None
    if not _post(settings, found):
        log.warning("%s - notify_failed", account.label, extra={"connection": account.label, "code": "notify_failed"})
        return None
    store.accounts.set_told(login, now, found.at)
    return found


def troubles(store: Store, login: str) -> Troubles:
    """What needs a person in an account, by reason."""
    health = connection_health(store, login)
    found: dict[str, list[str]] = {}
    if health.account_needs_person and health.account and health.account.error:
        found[health.account.error.reason] = []
    for order in store.orders.select(logins=[login], in_error=True):
        if order.error is not None and order.error.reason not in UNREACHABLE_REASONS:
            found.setdefault(order.error.reason, []).append(order.purchase_id)
    for status in sorted(UNDECIDED):
        for order in store.orders.select(logins=[login], status=status):
            if order.deadline is not None and health.now <= order.deadline <= health.now + WARNED_BEFORE:
                found.setdefault(DUE_SOON, []).append(order.purchase_id)
    return {reason: tuple(order_ids) for reason, order_ids in sorted(found.items())}


def webhook_url(settings: Notify) -> str:
    """The webhook's address, a secret. Raises ConfigError where it cannot be fetched or used."""
    url = settings.url.resolve()
    problem = address_problem(url.partition("?")[0])
    if problem:
        raise ConfigError(f"the address of notify cannot be used: {problem}", "See notify in the configuration.")
    return url


def _post(settings: Notify, found: News) -> bool:
    url = webhook_url(settings)
    document = found.to_json() if settings.format == "json" else {"text": found.text}
    transport = BoundedTransport(TIMEOUT_S, tls=url.startswith("https:"), hidden=lambda line: line.replace(url, "•••"))
    with httpx.Client(transport=transport, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        try:
            with client.stream(
                "POST",
                url,
                content=json.dumps(document, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json", "User-Agent": "rakuten-orders"},
            ) as response:
                return 200 <= response.status_code < 300
        except HTTPX_ERRORS:
            return False
