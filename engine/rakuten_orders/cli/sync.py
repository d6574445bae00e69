"""``sync``: one pass over the connections, or one every so often."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, UNREACHABLE, exit_code, report
from rakuten_orders.cli.findings import show_findings
from rakuten_orders.cli.logs import LogFormat, logging_to_stderr
from rakuten_orders.cli.options import Project, project_options, span
from rakuten_orders.cli.rule_set import chosen
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.account_pass import PassResult
from rakuten_orders.connection.config import Configuration, Connection
from rakuten_orders.connection.notifying import notify
from rakuten_orders.connection.passes import open_store, sync_connection
from rakuten_orders.connection.repeating import run_every
from rakuten_orders.connection.store import Store
from rakuten_orders.errors import RakutenOrdersError

_LOG = logging.getLogger("rakuten_orders.passes")
_COUNTED: Mapping[str, str] = {
    "taken_in": "order(s) taken in",
    "accepted": "item(s) accepted",
    "held": "item(s) held",
    "skipped": "item(s) left out",
    "delivered": "order(s) delivered",
    "order.updated": "update(s) delivered",
    "order.cancelled": "cancellation(s) delivered",
    "order.claimed": "claim(s) delivered",
    "shipment_received": "shipment(s) received",
    "shipped": "item(s) confirmed as shipped",
    "refused": "item(s) refused",
    "cancelled": "item(s) cancelled",
    "mended": "error(s) mended",
}


@click.command("sync")
@click.argument("labels", metavar="[LABEL]...", nargs=-1)
@click.option("--every", callback=span, metavar="TIME", help="Go on making passes: 90s, 5m, 1h. Ctrl-C ends it.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Write a log to standard error, a line a fact, instead of messages for people.",
)
@click.option("--dry-run", is_flag=True, help="Read and decide everything, write and send nothing.")
@project_options()
def command(
    project: Project, labels: tuple[str, ...], every: dt.timedelta | None, log_format: LogFormat | None, dry_run: bool
) -> int:
    """Take orders in and confirm shipments, for all connections or those with these LABELs.

    Exits 1 while an order that it handles is in error, 3 where the marketplace or the back office cannot be reached.

    \b
    Example:
      rakuten-orders sync --every 5m
    """
    configuration, connections = chosen(project, labels)
    with logging_to_stderr(log_format), open_store(configuration, dry_run=dry_run) as store:
        teller = Log() if log_format else People()
        passes = Passes(project, configuration, store, teller, dry_run=dry_run)
        if every is None:
            codes = [passes.one(connection) for connection in connections]
            return UNREACHABLE if UNREACHABLE in codes else max(codes)
        run_every(every, *(passes.repeated(connection) for connection in connections))
        return ALL_WELL


class Passes:
    """A pass over a connection, told to whoever listens; people are notified where that is configured."""

    def __init__(
        self, project: Project, configuration: Configuration, store: Store, teller: People | Log, *, dry_run: bool
    ) -> None:
        self._project = project
        self._configuration = configuration
        self._store = store
        self._teller = teller
        self._dry_run = dry_run

    def one(
        self, connection: Connection, should_stop: Callable[[], bool] = lambda: False, *, repeated: bool = False
    ) -> int:
        """One pass; its exit code. What stops one connection does not stop the others."""
        try:
            result = sync_connection(
                self._configuration,
                connection,
                self._store,
                rules=self._project.rules,
                carriers=self._project.carriers,
                dry_run=self._dry_run,
                paced=repeated,
                should_stop=should_stop,
            )
            self._teller.tell(result, only_news=repeated)
            if self._configuration.notify is not None and not self._dry_run:
                notify(self._store, connection.key, self._configuration.notify)
        except RakutenOrdersError as error:
            self._teller.fail(connection.label, error, only_news=repeated)
            return exit_code(error)
        return result.exit_code

    def repeated(self, connection: Connection) -> Callable[[Callable[[], bool]], int]:
        """The pass as something that is done every so often."""
        return lambda should_stop: self.one(connection, should_stop, repeated=True)


class People:
    """Tells people: what was done to standard output, troubles to standard error, neither again and again."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def tell(self, result: PassResult, *, only_news: bool) -> None:
        """What came of a pass; with ``only_news`` what was not told of the connection before."""
        trouble = "\n".join(_trouble(result))
        is_news = self._told.get(result.connection) != trouble
        self._told[result.connection] = trouble
        if not only_news or is_news or any(result.counts.get(code) for code in _COUNTED):
            console.show(_summary(result))
        if trouble and (is_news or not only_news):
            show_findings(result.diagnostics, err=True)
            console.say(trouble)

    def fail(self, label: str, error: RakutenOrdersError, *, only_news: bool) -> None:
        """What kept a pass from being made."""
        if not only_news or self._told.get(label) != str(error):
            report(error)
        self._told[label] = str(error)


class Log:
    """Tells the log: one record a pass and one a trouble, with codes and ids alone."""

    def tell(self, result: PassResult, *, only_news: bool) -> None:  # noqa: ARG002 - a log has every pass
        """What came of a pass."""
        counts = {**result.counts, "in_error": len(result.errors)}
        self._write(logging.INFO, result.connection, "pass_busy" if result.busy else "pass_ended", counts=counts)
        for error in (result.rules_error, result.error):
            if error is not None:
                self._write(logging.ERROR, result.connection, error.reason)
        for order_id, error in result.errors.items():
            self._write(logging.ERROR, result.connection, error.reason, order_id=order_id)
        for refusal in result.refused:
            self._write(logging.ERROR, result.connection, refusal.reason)

    def fail(self, label: str, error: RakutenOrdersError, *, only_news: bool) -> None:  # noqa: ARG002 - the same
        """What kept a pass from being made."""
        self._write(logging.ERROR, label, type(error).__name__)

    @staticmethod
    def _write(level: int, label: str, code: str, **about: object) -> None:
        extra = {"connection": label, "code": code, **about}
        _LOG.log(level, "%s %s %s", label, about.get("order_id", "-"), code, extra=extra)


def _summary(result: PassResult) -> str:
    if result.busy:
        return f"{result.connection}: another pass is at work on this account"
    done = [counted(result.counts[code], what) for code, what in _COUNTED.items() if result.counts.get(code)]
    nothing = "nothing done" if result.error else "nothing to do" if result.dry_run else "nothing new"
    would = "a pass would bring: " if result.dry_run and done else ""
    in_error = f"; {counted(len(result.errors), 'order(s)')} in error" if result.errors else ""
    return f"{result.connection}: {would}{', '.join(done) or nothing}{in_error}"


def _trouble(result: PassResult) -> Iterator[str]:
    """What a person has to know, a paragraph each."""
    for error in dict.fromkeys((result.rules_error, result.error)):
        if error is not None:
            yield f"{error.reason}: {error.message}\n  {error.hint}"
    for order_id, error in result.errors.items():
        yield f"{order_id}: {error.reason}: {error.message}\n  {error.hint}"
    for refusal in result.refused:
        place = (refusal.place or refusal.source).replace("\n", " ")
        yield f"{place}: {refusal.reason}: {refusal.message}"
    if result.refused and not result.dry_run:
        yield "  what was refused is in the back office's rejected/: mend it there, and move it back to shipments/"
