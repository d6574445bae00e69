"""The job: one pass over a connection, over all of a project's, and one every so often.

The order of steps: find out what became of calls whose answer was lost; new sales, decided, checked and accepted
item by item; accepted sales and what only other services tell of them; mapping and delivery; shipments in;
shipments confirmed, one item at a time.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rakuten_orders.connection.accepting import accept_new
from rakuten_orders.connection.account_pass import AccountPass, Marketplace, PassResult, Stopped, error_of, reason
from rakuten_orders.connection.back_offices import BackOffice
from rakuten_orders.connection.back_offices.folder import FolderBackOffice
from rakuten_orders.connection.back_offices.http import HttpBackOffice
from rakuten_orders.connection.client import RakutenClient
from rakuten_orders.connection.config import Configuration, Connection, FolderSettings, load_engine
from rakuten_orders.connection.deadlines import watch_deadlines
from rakuten_orders.connection.deciding import apply_decisions, carry_out_refusals, close_decisions
from rakuten_orders.connection.delivering import deliver_messages, make_messages
from rakuten_orders.connection.intake import ask_after_vanished, read_details, take_current_sales, take_new_sales
from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.connection.outbox import settle_unknown
from rakuten_orders.connection.receiving import receive_shipments
from rakuten_orders.connection.rehearsal import ReadOnlyBackOffice, ReadOnlyMarketplace
from rakuten_orders.connection.rules_in_force import rules_in_force
from rakuten_orders.connection.shipping import send_shipments
from rakuten_orders.connection.store import Event, LeaseLostError, Store
from rakuten_orders.connection.store.database import Clock, utc_now
from rakuten_orders.connection.store.records import Account, OrderError
from rakuten_orders.connection.todo import read_todo_list
from rakuten_orders.engine import Engine
from rakuten_orders.errors import ConfigError, QuotaExceeded, RakutenError

OnEvent = Callable[[Event], None]
ShouldStop = Callable[[], bool]


def never() -> bool:
    """No reason to stop."""
    return False


def sync(
    connection: Connection,
    store: Store,
    back_office: BackOffice,
    engine: Engine,
    *,
    client: Marketplace | None = None,
    on_event: OnEvent | None = None,
    dry_run: bool = False,
    paced: bool = False,
    should_stop: ShouldStop = never,
    sleep: Callable[[float], None] = time.sleep,
    is_test: bool = False,
    rules_error: OrderError | None = None,
) -> PassResult:
    """One pass over one connection.

    ``client`` is made from the connection unless one is given. ``on_event`` is told of everything that happens, once
    it is on disk. ``dry_run`` reads and decides, on a copy of the store, and writes and sends nothing. ``paced`` asks
    for new sales only as often as the connection allows. ``should_stop`` is asked between steps. ``sleep`` waits
    between attempts. ``is_test`` marks the orders. ``rules_error`` says why ``engine`` is not what the
    files say now, and is shown with the account. Time is the store's clock.

    What goes wrong with orders or the account is in the result. Raises ConfigError where the token cannot be
    fetched, and StoreError. Two passes over one account do not run at once: the second returns, ``busy``.
    """
    with ExitStack() as stack:
        if client is None:
            client = stack.enter_context(open_client(connection, sleep=sleep))
        if dry_run:
            store = stack.enter_context(store.scratch_copy())
            client, back_office = ReadOnlyMarketplace(client), ReadOnlyBackOffice(back_office)
        account = enter(store, connection)
        fence = store.leases.take(connection.key)
        if fence is None:
            return PassResult(connection.label, busy=True, dry_run=dry_run)
        stack.callback(store.leases.give_back, connection.key, fence)
        run = AccountPass(connection.key, connection.label, store, client, back_office, engine, fence)
        run.on_event, run.should_stop, run.sleep, run.is_test = on_event, should_stop, sleep, is_test
        run.rules_error = rules_error
        _run(run, account, ask_new=not paced or _may_ask(account, connection, run.now))
        return run.result(dry_run=dry_run)


def sync_connection(
    configuration: Configuration,
    connection: Connection,
    store: Store,
    *,
    rules: Sequence[Path] = (),
    carriers: Sequence[Path] = (),
    on_event: OnEvent | None = None,
    dry_run: bool = False,
    paced: bool = False,
    should_stop: ShouldStop = never,
    sleep: Callable[[float], None] = time.sleep,
) -> PassResult:
    """One pass over a connection of a project, with its rules read anew.

    Rules that do not load are not used: the last valid ones stay in force, and ``rules_error`` says why; where there
    are none, nothing is done, and ``error`` says so too. The other parameters are those of `sync` and `load_engine`.
    Raises as `sync` does.
    """
    with ExitStack() as stack:
        if dry_run:
            store = stack.enter_context(store.scratch_copy())
        enter(store, connection)
        force = rules_in_force(
            store,
            connection.key,
            lambda: load_engine(configuration.folder, connection, rules=rules, carriers=carriers),
        )
        if force.engine is None:
            store.accounts.set_error(connection.key, force.error)
            return PassResult(
                connection.label,
                error=force.error,
                rules_error=force.error,
                diagnostics=force.diagnostics,
                dry_run=dry_run,
            )
        result = sync(
            connection,
            store,
            stack.enter_context(open_back_office(connection, store=store, sleep=sleep)),
            force.engine,
            on_event=on_event,
            dry_run=dry_run,
            paced=paced,
            should_stop=should_stop,
            sleep=sleep,
            rules_error=force.error,
        )
        return replace(result, rules_error=force.error, diagnostics=force.diagnostics)


def open_store(configuration: Configuration, *, dry_run: bool = False, clock: Clock = utc_now) -> Store:
    """The project's store; for a rehearsal a copy of it in memory. Raises StoreError."""
    if dry_run:
        there = configuration.store.exists()
        return Store.copy_of(configuration.store, clock=clock) if there else Store.in_memory(clock=clock)
    return Store(configuration.store, clock=clock)


def open_client(connection: Connection, *, sleep: Callable[[float], None] = time.sleep) -> RakutenClient:
    """A client for the connection, its token fetched now. Raises ConfigError where that fails."""
    return RakutenClient(
        connection.login,
        connection.token.resolve(),
        endpoint=connection.endpoint,
        versions=connection.versions,
        sleep=sleep,
    )


@contextmanager
def open_back_office(
    connection: Connection, *, store: Store | None = None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[BackOffice]:
    """The back office that the connection names, its secrets fetched now. Raises ConfigError where that fails.

    ``store`` tells whether it had orders before: a folder that had is not made anew where it is missing.
    """
    settings = connection.back_office
    if isinstance(settings, FolderSettings):
        were_there = store is not None and store.messages.any_delivered(connection.key)
        yield FolderBackOffice(settings.folder, were_there=were_there)
        return
    if settings is None:
        raise ConfigError(f"the connection {connection.label} names no back office", "Give one to sync.")
    header = (settings.header[0], settings.header[1].resolve()) if settings.header else None
    secret = settings.secret.resolve() if settings.secret else None
    with HttpBackOffice(settings.url, header=header, secret=secret, sleep=sleep) as office:
        yield office


def enter(store: Store, connection: Connection) -> Account:
    """The connection's account in the store, made where it is new."""
    today = store.clock().astimezone(PARIS).date()
    return store.accounts.enter(connection.key, connection.label, since=connection.since, today=today)


def _may_ask(account: Account, connection: Connection, now: dt.datetime) -> bool:
    # A time that lies ahead comes from a clock that was set back since.
    last = account.asked_new_at
    return last is None or last > now or now - last >= connection.getnewsales_every


def _run(run: AccountPass, account: Account, *, ask_new: bool) -> None:
    """The pass itself; what stops it is in ``run.error``."""
    store, login = run.store, run.login
    store.accounts.mark(login, "started_at", run.now)
    try:
        apply_decisions(run)
        if account.quota_until is not None and run.now < account.quota_until <= run.now + dt.timedelta(hours=1):
            run.error = _quota_error(account.quota_until)
            store.accounts.mark(login, "finished_at", run.now)
            return
        _steps(run, account, ask_new=ask_new)
    except Stopped:
        run.add_errors()
        store.accounts.mark(login, "finished_at", run.now)
        return
    except LeaseLostError:
        run.busy = True
        return
    except QuotaExceeded:
        until = run.now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
        store.accounts.set_quota(login, until)
        run.error = _quota_error(until)
        watch_deadlines(run)
        run.add_errors()
    except RakutenError as fault:
        run.error = error_of(fault)
        watch_deadlines(run)
        run.add_errors()
    else:
        run.show_errors()
        store.accounts.set_quota(login, None)
        if account.restored:
            _note_restored(run)
    _show_account_error(run, account)
    store.accounts.mark(login, "finished_at", run.now)


def _steps(run: AccountPass, account: Account, *, ask_new: bool) -> None:
    settle_unknown(run)
    carry_out_refusals(run)
    waiting = take_new_sales(run) if ask_new else None
    accept_new(run, waiting)
    current = take_current_sales(run, account)
    ask_after_vanished(run, waiting, current)
    read_todo_list(run, account)
    read_details(run)
    make_messages(run)
    deliver_messages(run)
    if run.error is None:
        receive_shipments(run)
    send_shipments(run)
    close_decisions(run)
    watch_deadlines(run)


def _note_restored(run: AccountPass) -> None:
    with run.transaction():
        run.store.accounts.caught_up(run.login)
        run.note(None, "restored", "the store is a copy; what happened since was asked of Rakuten", "warning")


def _quota_error(until: dt.datetime) -> OrderError:
    return reason("quota_exceeded", "until", until=until.astimezone(PARIS).strftime("%H:%M"))


def _show_account_error(run: AccountPass, account: Account) -> None:
    """Notes on the account what stopped it, and that it goes again, when that changes."""
    error = run.error or run.rules_error
    if error == account.error:
        return
    with run.transaction():
        run.store.accounts.set_error(run.login, error)
        if error is not None:
            run.note(None, error.reason, error.message, "error")
        elif account.error is not None:
            run.note(None, "mended", f"no longer: {account.error.message}")
