"""One pass over one account: what its steps share, and what comes of it."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from rakuten_orders.connection.answers import ItemInfos, TodoItem
from rakuten_orders.connection.back_offices import BackOffice, Refusal
from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.connection.queries import ShippingStatusLine
from rakuten_orders.connection.store import Event, OrderError, OrderRecord, Store
from rakuten_orders.connection.store.orders import is_live
from rakuten_orders.connection.store.records import Level
from rakuten_orders.connection.verdicts import Outcome
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.engine import Engine
from rakuten_orders.errors import (
    AuthenticationError,
    NotAllowedError,
    QuotaExceeded,
    RakutenOrdersError,
    TransportError,
)
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Sale

log = logging.getLogger("rakuten_orders.sync")
log.addHandler(logging.NullHandler())  # a library is silent unless its user sets logging up

STOPS_ACCOUNT = (AuthenticationError, NotAllowedError, QuotaExceeded)
"""What Rakuten says to the account rather than to a call: the pass ends, and no order is touched."""

UNREACHABLE_REASONS = frozenset({"marketplace_unreachable", "backend_unreachable", "quota_exceeded"})


class Marketplace(Protocol):
    """What a pass asks of Rakuten; `RakutenClient` is the one that does it."""

    def new_sales(self) -> tuple[Sale, ...]: ...
    def current_sales(self, since: dt.date, *, pending_preorders: bool = False) -> Iterator[Sale]: ...
    def shipping_information(self, purchase_id: str) -> Mapping[str, str]: ...
    def billing_information(self, purchase_id: str) -> Mapping[str, Mapping[str, str]]: ...
    def item_infos(self, item_id: str) -> ItemInfos: ...
    def todo_list(self) -> Sequence[TodoItem]: ...
    def accept(self, item_id: str, *, ships_from: int) -> Outcome: ...
    def refuse(self, item_id: str) -> Outcome: ...
    def cancel(self, item_id: str, comment: str) -> Outcome: ...
    def send_tracking(
        self, item_id: str, *, transporter_name: str, tracking_number: str, tracking_url: str | None
    ) -> Outcome: ...
    def import_shipping_status(self, lines: Sequence[ShippingStatusLine]) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class PassResult:
    """What one pass over one connection did.

    ``counts`` tells how often each kind of event happened (``taken_in``, ``accepted``, ``delivered``,
    ``shipped`` …). ``errors`` are the orders that are in error after it, by order id. ``error`` is what stopped the
    account, ``rules_error`` that its rules do not load, for the reasons in ``diagnostics``. ``refused`` are
    shipments that could not be taken in. ``busy`` is a pass that left because another one was at work.
    """

    connection: str
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, OrderError] = field(default_factory=dict)
    error: OrderError | None = None
    rules_error: OrderError | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    refused: tuple[Refusal, ...] = ()
    busy: bool = False
    dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """0 all well, 1 something is in error, 3 the marketplace or the back office could not be reached."""
        reasons = {error.reason for error in (self.error, *self.errors.values()) if error is not None}
        if reasons & UNREACHABLE_REASONS:
            return 3
        return 1 if self.error or self.rules_error or self.errors or self.refused else 0


class Stopped(Exception):
    """The pass was asked to end after the step in hand."""


@dataclass(slots=True)
class AccountPass:
    """What the steps of a pass share. ``errors`` grows while they run; all else they write is in the store."""

    login: str
    label: str
    store: Store
    marketplace: Marketplace
    back_office: BackOffice
    engine: Engine
    fence: int
    on_event: Callable[[Event], None] | None = None
    should_stop: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = lambda _seconds: None
    is_test: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    errors: dict[str, OrderError] = field(default_factory=dict)
    error: OrderError | None = None
    rules_error: OrderError | None = None
    busy: bool = False
    refused: list[Refusal] = field(default_factory=list)
    _unsent: list[Event] = field(default_factory=list)
    _depth: int = 0
    _known: dict[str, OrderRecord] = field(default_factory=dict)
    _knows_live: bool = False

    @property
    def now(self) -> dt.datetime:
        """The present time, aware."""
        return self.store.clock()

    @property
    def today(self) -> dt.date:
        """The present day in Europe/Paris, whose days Rakuten counts by."""
        return self.now.astimezone(PARIS).date()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the store, as long as the lease is ours; events are told once it is on disk."""
        if self._depth:
            yield
            return
        self._depth = 1
        try:
            with self.store.transaction():
                self.store.leases.renew(self.login, self.fence)
                yield
        except BaseException:
            self._unsent.clear()
            self.read_anew()
            raise
        finally:
            self._depth = 0
        told, self._unsent = self._unsent, []
        for event in told:
            self._tell(event)

    def note(
        self, purchase_id: str | None, code: str, message: str, level: Level = "info", *, item_id: str | None = None
    ) -> None:
        """Adds to the history, in the transaction that makes it true."""
        with self.transaction():
            self.announce(self.store.orders.add_event(self.login, purchase_id, level, code, message, item_id=item_id))

    def announce(self, event: Event) -> None:
        """Tells of an event that was stored, once the transaction at hand is on disk."""
        self._unsent.append(event)

    def step(self) -> None:
        """Between two steps: raises Stopped where the pass was asked to end."""
        if self.should_stop():
            raise Stopped

    def fail(self, purchase_id: str, error: OrderError) -> None:
        """Something is wrong with an order; the first that is found in a pass is the one that is shown."""
        self.errors.setdefault(purchase_id, error)

    @contextmanager
    def guarded(self, purchase_id: str) -> Iterator[None]:
        """Keeps what is wrong with one order from stopping the others.

        A fault of ours, or calls about it to which no usable answer comes while Rakuten answers others. Where it
        answers none, TransportError is raised, as everything else that stops the account.
        """
        try:
            yield
        except TransportError as fault:
            if not fault.sent or not self._is_answered():
                raise
            log.warning("%s %s: no usable answer to %s", self.label, purchase_id, fault.action)
            self.fail(purchase_id, error_of(fault))
        except (RakutenOrdersError, Stopped):
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, the other orders go on
            # The class and the place only: the text may hold what the order holds.
            place = _place(fault)
            log.error("%s %s: %s at %s", self.label, purchase_id, type(fault).__name__, place)
            name = f"{type(fault).__name__} at {place}"
            self.fail(purchase_id, reason("mapping_failed", "internal", fault=name))

    def _is_answered(self) -> bool:
        """Whether Rakuten answers a question that no order is at fault in."""
        try:
            self.marketplace.current_sales(self.today)
        except TransportError:
            return False
        return True

    def result(self, *, dry_run: bool) -> PassResult:
        """What has come of the pass."""
        return PassResult(
            self.label,
            dict(self.counts),
            dict(self.errors),
            self.error,
            self.rules_error,
            refused=tuple(self.refused),
            busy=self.busy,
            dry_run=dry_run,
        )

    def order(self, purchase_id: str) -> OrderRecord | None:
        """The order as it is stored, or None. Nobody else writes it while the lease is ours, so it is read once."""
        found = self._known.get(purchase_id)
        if found is None:
            found = self.store.orders.get(self.login, purchase_id)
            if found is not None:
                self._known[purchase_id] = found
        return found

    def live(self) -> list[OrderRecord]:
        """The account's orders that have something left to do, oldest first."""
        if not self._knows_live:
            for order in self.store.orders.live(self.login):
                self._known.setdefault(order.purchase_id, order)
            self._knows_live = True
        return sorted(filter(is_live, self._known.values()), key=_age)

    def save(self, before: OrderRecord | None, after: OrderRecord) -> bool:
        """Writes an order where it changed; whether it did."""
        if before == after:
            return False
        with self.transaction():
            self.store.orders.save(after, self._known.get(after.purchase_id))
            self._known[after.purchase_id] = after
        return True

    def read_anew(self) -> None:
        """Forgets what was read of orders: the store may hold something else."""
        self._known.clear()
        self._knows_live = False

    def show_errors(self) -> None:
        """Writes what was found to be wrong to the orders, and clears what is not wrong any more."""
        live = {order.purchase_id: order for order in self.live()}
        failed = {order.purchase_id: order for order in self.store.orders.select(logins=[self.login], in_error=True)}
        for purchase_id, order in {**failed, **live}.items():
            if purchase_id in self.errors or purchase_id in live or not self._is_lasting(order):
                self._show_error(order, self.errors.get(purchase_id))
        self.add_errors(self.errors.keys() - live.keys() - failed.keys())

    def add_errors(self, purchase_ids: Collection[str] | None = None) -> None:
        """Writes what was found to be wrong, and clears nothing: for a pass that did not look at everything."""
        for purchase_id in sorted(self.errors if purchase_ids is None else purchase_ids):
            order = self.order(purchase_id)
            if order is not None:
                self._show_error(order, self.errors[purchase_id])

    def _is_lasting(self, order: OrderRecord) -> bool:
        """Whether the error of an order with nothing left to do tells of what cannot be mended any more.

        That it was not accepted in time, or of a shipment that was refused for good.
        """
        if order.error is not None and order.error.reason == "not_accepted_in_time":
            return True
        last = self.store.shipments.of_order(self.login, order.purchase_id)[-1:]
        return any(record.state == "refused" and record.error == order.error for record in last)

    def _show_error(self, order: OrderRecord, error: OrderError | None) -> None:
        if error == order.error:
            return
        with self.transaction():
            self.save(order, replace(order, error=error))
            if error is None:
                assert order.error is not None  # noqa: S101 - they differ
                self.note(order.purchase_id, "mended", f"no longer: {order.error.message}")
            else:
                self.note(order.purchase_id, error.reason, error.message, "error")

    def _tell(self, event: Event) -> None:
        self.counts[event.code] += 1
        level = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}[event.level]
        about = {"connection": self.label, "order_id": event.purchase_id, "item_id": event.item_id, "code": event.code}
        log.log(level, "%s %s %s", self.label, event.purchase_id or "-", event.code, extra=about)
        if self.on_event is not None:
            self.on_event(event)


def _age(order: OrderRecord) -> tuple[float, str]:
    return (order.bought_at.timestamp() if order.bought_at else 0.0, order.purchase_id)


def reason(code: str, variant: str = "", **params: object) -> OrderError:
    """An error with the catalogue's sentences."""
    return OrderError(code, *reason_text(code, variant, **params))


def error_of(fault: RakutenOrdersError) -> OrderError:
    """An exception of this package, as an order or an account shows it."""
    code = getattr(fault, "reason", "mapping_failed")
    return OrderError(code, getattr(fault, "message", str(fault)), getattr(fault, "hint", ""))


def _place(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
