"""How each connection stands, from what the store holds: no marketplace is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rakuten_orders.connection.account_pass import UNREACHABLE_REASONS
from rakuten_orders.connection.config import Configuration, Connection, FolderSettings
from rakuten_orders.connection.deadlines import WARNED_BEFORE
from rakuten_orders.connection.store import Account, Store
from rakuten_orders.connection.store.overview import Figures

PATIENCE = dt.timedelta(hours=1)
"""How long the network or a quota may be in the way before somebody should look."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one connection stands. ``account`` is None before its first pass; ``now`` is when it was looked at.

    ``error_since`` is when the account's error began, ``rejected`` the folder that refused shipment files lie in and
    how many. Not ``configured``: the connection was removed, and its orders are still open.
    """

    connection: str
    login: str
    now: dt.datetime
    account: Account | None = None
    figures: Figures | None = None
    error_since: dt.datetime | None = None
    rejected: tuple[Path | None, int] = (None, 0)
    configured: bool = True

    @property
    def is_running(self) -> bool:
        """Whether a pass has begun and not ended: one is at work, or it was killed."""
        account = self.account
        if account is None or account.started_at is None:
            return False
        return account.finished_at is None or account.finished_at < account.started_at

    @property
    def last_pass_s(self) -> float | None:
        """How long the last pass took, in seconds; None where none has ended, or one has begun since."""
        account = self.account
        if account is None or account.started_at is None or account.finished_at is None or self.is_running:
            return None
        return (account.finished_at - account.started_at).total_seconds()

    @property
    def behind_s(self) -> float | None:
        """How long ago Rakuten's accepted sales were last read to their end, in seconds; None: never."""
        read = self.account.read_current_at if self.account else None
        return None if read is None else max(0.0, (self.now - read).total_seconds())

    @property
    def account_needs_person(self) -> bool:
        """Whether what stops the account will not mend itself, or has not for an hour."""
        error = self.account.error if self.account else None
        if error is None or error.reason not in UNREACHABLE_REASONS:
            return error is not None
        return self.hindered_s is None or self.hindered_s > PATIENCE.total_seconds()

    @property
    def hindered_s(self) -> float | None:
        """For how long what stops the account has, in seconds; None: ever since the first pass."""
        if self.account and self.account.error and self.account.error.reason == "backend_unreachable":
            return None if self.error_since is None else (self.now - self.error_since).total_seconds()
        return self.behind_s

    @property
    def is_hindered(self) -> bool:
        """Whether something stops the account that may pass by itself, or not."""
        return self.configured and self.account is not None and self.account.error is not None

    def needs_person(self, max_age: dt.timedelta | None = None) -> tuple[str, ...]:
        """Why somebody should look, a sentence each. ``max_age`` is how long ago the last pass may have ended.

        A connection that was removed needs nobody: no pass will be made.
        """
        return tuple(self._reasons(max_age)) if self.configured else ()

    def to_json(self, max_age: dt.timedelta | None = None) -> dict[str, object]:
        """The same under the keys that ``status --json`` prints."""
        account, figures = self.account, self.figures
        quota = account.quota_until if account and account.quota_until and account.quota_until > self.now else None
        return {
            "connection": self.connection,
            "login": self.login,
            "last_pass": {
                "started_at": _text(account.started_at if account else None),
                "finished_at": _text(account.finished_at if account else None),
                "seconds": self.last_pass_s,
                "running": self.is_running,
            },
            "behind_s": self.behind_s,
            "error": account.error.to_json() if account and account.error else None,
            "quota_until": _text(quota),
            "rules_digest": account.rules_digest if account else None,
            "open": dict(figures.open) if figures else {},
            "errors": dict(figures.errors) if figures else {},
            "overdue": figures.overdue if figures else 0,
            "due_soon": figures.due_soon if figures else 0,
            "undelivered": figures.undelivered if figures else 0,
            "unsent": figures.unsent if figures else 0,
            "undone": figures.undone if figures else 0,
            "held": figures.held if figures else 0,
            "rejected": self.rejected[1],
            "configured": self.configured,
            "needs_person": list(self.needs_person(max_age)),
        }

    def _reasons(self, max_age: dt.timedelta | None) -> Iterator[str]:
        account, figures = self.account, self.figures
        finished = account.finished_at if account else None
        if max_age is not None and (finished is None or self.now - finished > max_age):
            yield "no pass has ended yet" if finished is None else f"the last pass ended at {_text(finished)}"
        if account is not None and account.error is not None and self.account_needs_person:
            lasts = ""
            if account.error.reason in UNREACHABLE_REASONS:
                lasts = " ever since the first pass" if self.hindered_s is None else " for more than an hour"
            yield f"{account.error.reason}{lasts}: {account.error.message}"
        folder, number = self.rejected
        if folder is not None and number:
            files = "1 refused shipment file" if number == 1 else f"{number} refused shipment files"
            yield f"{files} in {folder.as_posix()}: mend and move to shipments/, or take away"
        if figures is not None:
            yield from _order_reasons(figures)


def health_of(store: Store, configuration: Configuration | None = None) -> list[Health]:
    """How the connections stand, by label: those of the configuration, and removed ones that have open orders.

    Without a configuration, all that the store knows.
    """
    if configuration is None:
        found = [connection_health(store, account.login) for account in store.accounts.all()]
    else:
        found = [_configured(store, connection) for connection in configuration.connections]
        configured = {connection.key for connection in configuration.connections}
        others = [one.login for one in store.accounts.all() if one.login not in configured]
        gone = (replace(connection_health(store, login), configured=False) for login in others)
        found += [one for one in gone if one.figures and one.figures.open]
    return sorted(found, key=lambda one: (one.connection, one.login))


def connection_health(store: Store, login: str) -> Health:
    """How one account stands, by its login, casefolded."""
    now, account = store.clock(), store.accounts.get(login)
    figures = store.overview.figures(login, now, WARNED_BEFORE)
    error = account.error if account else None
    since = store.overview.error_since(login, error.reason) if error else None
    return Health(account.label if account else login, login, now, account, figures, since)


def _configured(store: Store, connection: Connection) -> Health:
    if store.accounts.get(connection.key) is None:
        return Health(connection.label, connection.key, store.clock())
    return replace(connection_health(store, connection.key), rejected=_rejected(connection))


def _rejected(connection: Connection) -> tuple[Path | None, int]:
    """The folder that refused shipment files lie in, and how many do; the reasons beside them do not count."""
    if not isinstance(connection.back_office, FolderSettings):
        return None, 0
    folder = connection.back_office.folder / "rejected"
    try:
        names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    except OSError:  # not there yet, or a share that is not mounted, which a pass says
        return folder, 0
    return folder, sum(name.removesuffix(".txt") not in names or not name.endswith(".txt") for name in names)


def _order_reasons(figures: Figures) -> Iterator[str]:
    if figures.held:
        yield f"{_orders(figures.held)} on hold, to be decided: rakuten-orders orders list --status on_hold"
    for reason, number in sorted(figures.errors.items()):
        if reason not in UNREACHABLE_REASONS:
            yield f"{_orders(number)} in error: {reason}"
    late = figures.overdue - figures.errors.get("not_accepted_in_time", 0)
    if late > 0:
        yield f"{_orders(late)} not accepted in time"
    if figures.due_soon:
        yield f"{_orders(figures.due_soon)} to be accepted within {WARNED_BEFORE.total_seconds() / 3600:.0f} hours"


def _orders(number: int) -> str:
    return "1 order" if number == 1 else f"{number} orders"


def _text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
