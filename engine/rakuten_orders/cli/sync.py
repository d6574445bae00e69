"""``sync``: one pass over the connections, or one every so often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, UNREACHABLE, exit_code, report
from rakuten_orders.cli.findings import show_findings
from rakuten_orders.cli.logs import keep_quiet
from rakuten_orders.cli.options import Project, project_options, span
from rakuten_orders.cli.rule_set import chosen
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.account_pass import PassResult
from rakuten_orders.connection.config import Configuration, Connection
from rakuten_orders.connection.passes import open_store, sync_connection
from rakuten_orders.connection.repeating import run_every
from rakuten_orders.connection.store import Store
from rakuten_orders.errors import RakutenOrdersError

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
@click.option("--dry-run", is_flag=True, help="Read and decide everything, write and send nothing.")
@project_options()
def command(project: Project, labels: tuple[str, ...], every: dt.timedelta | None, dry_run: bool) -> int:
    """Take orders in and confirm shipments, for all connections or those with these LABELs.

    Exits 1 while an order that it handles is in error, 3 where the marketplace or the back office cannot be reached.

    \b
    Example:
      rakuten-orders sync --every 5m
    """
    keep_quiet()
    configuration, connections = chosen(project, labels)
    with open_store(configuration, dry_run=dry_run) as store:
        round_ = Round(project, configuration, connections, store, dry_run=dry_run)
        if every is None:
            return round_.run()
        run_every(every, lambda should_stop: round_.run(should_stop, paced=True))
        return ALL_WELL


class Round:
    """A pass over each connection, told to a person; what was told before is not told again."""

    def __init__(
        self,
        project: Project,
        configuration: Configuration,
        connections: tuple[Connection, ...],
        store: Store,
        *,
        dry_run: bool,
    ) -> None:
        self._project = project
        self._configuration = configuration
        self._connections = connections
        self._store = store
        self._dry_run = dry_run
        self._told: dict[str, str] = {}

    def run(self, should_stop: Callable[[], bool] = lambda: False, *, paced: bool = False) -> int:
        """One pass over each connection; the exit code of all together. ``paced`` says only what is new."""
        codes = [ALL_WELL]
        for connection in self._connections:
            if should_stop():
                break
            try:
                result = self._pass(connection, should_stop, paced=paced)
            except RakutenOrdersError as error:
                # What stops one connection does not stop the others.
                report(error)
                codes.append(exit_code(error))
            else:
                self._tell(result, only_news=paced)
                codes.append(result.exit_code)
        return UNREACHABLE if UNREACHABLE in codes else max(codes)

    def _pass(self, connection: Connection, should_stop: Callable[[], bool], *, paced: bool) -> PassResult:
        return sync_connection(
            self._configuration,
            connection,
            self._store,
            rules=self._project.rules,
            carriers=self._project.carriers,
            dry_run=self._dry_run,
            paced=paced,
            should_stop=should_stop,
        )

    def _tell(self, result: PassResult, *, only_news: bool) -> None:
        trouble = "\n".join(_trouble(result))
        is_news = self._told.get(result.connection) != trouble
        self._told[result.connection] = trouble
        if not only_news or is_news or any(result.counts.get(code) for code in _COUNTED):
            console.show(_summary(result))
        if trouble and (is_news or not only_news):
            show_findings(result.diagnostics, err=True)
            console.say(trouble)


def _summary(result: PassResult) -> str:
    if result.busy:
        return f"{result.connection}: another pass is at work on this account"
    done = [counted(result.counts[code], what) for code, what in _COUNTED.items() if result.counts.get(code)]
    nothing = "nothing done" if result.error else "nothing to do" if result.dry_run else "nothing new"
    would = "would have " if result.dry_run and done else ""
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
