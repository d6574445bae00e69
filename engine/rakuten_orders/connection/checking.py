"""Checking a connection, read-only: what works, and what a first pass would accept and create."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rakuten_orders.connection.account_pass import UNREACHABLE_REASONS, PassResult, error_of
from rakuten_orders.connection.back_offices import BackOffice
from rakuten_orders.connection.config import (
    Configuration,
    Connection,
    FolderSettings,
    HttpSettings,
    Notify,
    load_engine,
)
from rakuten_orders.connection.notifying import webhook_url
from rakuten_orders.connection.passes import open_back_office, open_client, open_store, sync
from rakuten_orders.connection.store import Account, Event
from rakuten_orders.connection.store.records import OrderError
from rakuten_orders.errors import BackOfficeError, ConfigError, RakutenError, RulesError
from rakuten_orders.messages import reason_text

Subject = Literal["rules", "token", "marketplace", "back_office", "notify", "pass"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: a sentence, and what is wrong with it, if anything."""

    subject: Subject
    message: str
    error: OrderError | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found of a connection. ``events`` are what the next pass would do; ``result`` sums them up."""

    connection: str
    checks: tuple[Check, ...]
    result: PassResult | None = None
    events: tuple[Event, ...] = ()

    @property
    def exit_code(self) -> int:
        """As of a pass: 3 where the marketplace or the back office could not be reached, 1 for anything else."""
        reasons = {check.error.reason for check in self.checks if check.error is not None}
        return 3 if reasons & UNREACHABLE_REASONS else int(bool(reasons))


def check_connection(
    configuration: Configuration,
    connection: Connection,
    *,
    rules: Sequence[Path] = (),
    carriers: Sequence[Path] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> CheckReport:
    """Checks rules, token, marketplace and back office, and rehearses a pass where all four work.

    Changes nothing anywhere. What fails is in the report; raises StoreError where the store cannot be read.
    """
    checks: list[Check] = []
    try:
        engine = load_engine(configuration.folder, connection, rules=rules, carriers=carriers)
        checks.append(Check("rules", f"{len(engine.catalogue)} carriers, set {engine.digest[:12]}"))
    except RulesError as fault:
        wrong = str(fault).splitlines()[0]
        checks.append(Check("rules", "do not load", OrderError("rules_invalid", wrong, "run validate-rules")))
        engine = None
    try:
        client = open_client(connection, sleep=sleep)
        checks.append(Check("token", f"found ({connection.token.kind} {connection.token.place[0]})"))
    except ConfigError as fault:
        error = OrderError("wrong_token", fault.message, fault.hint)
        checks.append(Check("token", "cannot be fetched", error))
        client = None
    if client is not None:
        with client:
            checks.append(_marketplace_check(client.new_sales, connection))
    events: list[Event] = []
    with ExitStack() as stack:
        store = stack.enter_context(open_store(configuration, dry_run=True))
        try:
            back_office = stack.enter_context(open_back_office(connection, store=store, sleep=sleep))
            checks.append(_back_office_check(back_office, connection, store.accounts.get(connection.key)))
        except ConfigError as fault:
            error = OrderError("backend_refused", fault.message, fault.hint)
            checks.append(Check("back_office", "cannot be used", error))
        if configuration.notify is not None:
            checks.append(_notify_check(configuration.notify))
        if engine is None or any(check.error for check in checks):
            return CheckReport(connection.label, tuple(checks))
        result = sync(connection, store, back_office, engine, on_event=events.append, dry_run=True, sleep=sleep)
    checks.append(Check("pass", _summary(result), result.error))
    return CheckReport(connection.label, tuple(checks), result, tuple(events))


def _marketplace_check(new_sales: Callable[[], Sequence[object]], connection: Connection) -> Check:
    try:
        waiting = len(new_sales())
    except RakutenError as fault:
        return Check("marketplace", f"{connection.endpoint} does not do what is asked", error_of(fault))
    return Check("marketplace", f"{connection.endpoint} answers; sales that wait for acceptance: {waiting}")


def _back_office_check(back_office: BackOffice, connection: Connection, account: Account | None) -> Check:
    settings = connection.back_office
    where = settings.url if isinstance(settings, HttpSettings) else settings.folder if settings else "your own"
    try:
        waiting = len(back_office.shipments(account.cursor if account else None).received)
        is_new = isinstance(settings, FolderSettings) and not _is_there(settings.folder)
    except BackOfficeError as fault:
        return Check("back_office", "cannot be used", error_of(fault))
    waits = "1 shipment waits" if waiting == 1 else f"{waiting} shipments wait"
    state = "is not there yet: the first order makes it" if is_new else f"is there; {waits}"
    return Check("back_office", f"{where} {state}")


def _notify_check(settings: Notify) -> Check:
    try:
        webhook_url(settings)
    except ConfigError as fault:
        return Check("notify", "nobody can be told", OrderError("", fault.message, fault.hint))
    return Check("notify", f"address found ({settings.url.kind} {settings.url.place[0]}); nothing is sent to it here")


def _is_there(folder: Path) -> bool:
    """Whether the folder exists. Raises BackOfficeError where it could not be written or made."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        fault = "Permission denied" if nearest.is_dir() else "Not a directory"
        raise BackOfficeError(
            *reason_text("backend_unreachable", "folder", folder=folder, fault=fault), reason="backend_unreachable"
        )
    return nearest == folder


def _summary(result: PassResult) -> str:
    counts = {**result.counts, "in error": len(result.errors)}
    words = {
        "taken_in": ("order", "taken in"),
        "accepted": ("item", "accepted"),
        "held": ("item", "held"),
        "skipped": ("item", "left out"),
        "delivered": ("order", "delivered"),
        "shipped": ("item", "confirmed as shipped"),
        "in error": ("order", "in error"),
    }
    counted = (
        f"{counts[code]} {noun if counts[code] == 1 else noun + 's'} {done}"
        for code, (noun, done) in words.items()
        if counts.get(code)
    )
    return ", ".join(counted) or "nothing to do"
