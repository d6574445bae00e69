"""``validate-rules``: every finding about rules and carriers, and what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from rakuten_orders.checking import Report, check, gather
from rakuten_orders.cli import mend_files, reports
from rakuten_orders.cli.checked import Checked
from rakuten_orders.cli.failures import ALL_WELL, FAILED, Guarded
from rakuten_orders.cli.options import GivenPath, Project, project_options
from rakuten_orders.cli.rule_set import collector_paused, connections_in_force
from rakuten_orders.cli.text import printable
from rakuten_orders.connection.config import Connection, carrier_folders, rule_folders
from rakuten_orders.errors import ConfigError, RulesError
from rakuten_orders.sources import Sources, resolved


@click.command("validate-rules", cls=Guarded, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=GivenPath(path_type=str))
@click.option("--format", "form", type=click.Choice(reports.FORMS), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option("--coverage", is_flag=True, help="Also list what no example reaches.")
@click.option("--min-coverage", "least", metavar="N", type=click.IntRange(0, 100), help="Exit 1 below N percent.")
@click.option("--fix", is_flag=True, help="Mend what can safely be mended, then check.")
@click.option("--diff", is_flag=True, help="Only show what --fix would change.")
@project_options(connection=True)
def command(
    *,
    project: Project,
    paths: tuple[str, ...],
    form: str,
    strict: bool,
    coverage: bool,
    least: int | None,
    fix: bool,
    diff: bool,
) -> int:
    """Check rules and carriers: files, templates, tables, collisions, and their examples.

    Without PATH: the project folder's own files, for every connection, with the shipped ones as context; where it has
    none, the shipped.

    \b
    Example:
      validate-rules carriers.d/my-carrier.yaml
    """
    if diff and (fix or form != "text"):
        raise click.UsageError("--diff only shows what --fix would change: it goes with neither --fix nor --format")
    _refuse_configuration(project, paths)
    try:
        if fix:
            paths = _fix(project, paths, form)
        checked = _check_all(project, paths, coverage=coverage or least is not None)
    except RulesError as error:
        checked = Checked(diagnostics=frozenset(error.diagnostics))
    checked = replace(checked, strict=strict, least=least or 0)
    if diff:
        for change in mend_files.changes(_sets(project, paths), paths):
            click.echo(mend_files.diff(change), nl=False)
            for line in change.withheld:
                click.echo(printable(line), err=True)
    else:
        reports.show(form, checked)
    return FAILED if checked.failed else ALL_WELL


def _refuse_configuration(project: Project, paths: Sequence[str]) -> None:
    """Raises ConfigError where a path is the configuration, which is neither to be checked nor mended as rules."""
    if any(resolved(path) == resolved(project.config) for path in paths):
        file = project.config.as_posix()
        raise ConfigError(
            f"{file} is the configuration, and holds no rules", "rakuten-orders connection list checks it"
        )


def _check_all(project: Project, paths: Sequence[str], *, coverage: bool) -> Checked:
    """Check the set of each connection that matters. Raises ConfigError where there is no file to check."""
    connections: Iterable[Connection | None] = connections_in_force(project) or (None,)
    checked = Checked()
    for connection in connections:
        checked = _check_one(project, connection, paths, checked, coverage=coverage)
    if not (checked.carriers or checked.rule_files or checked.tables or checked.diagnostics):
        raise ConfigError(
            f"there is nothing to check in {', '.join(paths).replace(chr(92), '/')}",
            "name carriers (*.yaml), rules (*.yaml), tables (*.csv), or folders that hold them",
        )
    return checked


def _fix(project: Project, paths: Sequence[str], form: str) -> tuple[str, ...]:
    """Mend the files, tell what was done, and return the paths as they are called now."""
    names: dict[Path, str] = {}
    for change in mend_files.changes(_sets(project, paths), paths):
        mend_files.write(change)
        names[resolved(change.file)] = change.name
        for line in (*change.done, *change.withheld):
            click.echo(printable(line), err=form != "text")
    return tuple(names.get(resolved(path), path) for path in paths)


def _sets(project: Project, paths: Sequence[str]) -> list[tuple[Sources, frozenset[str]]]:
    """The set of each connection that matters."""
    connections: Iterable[Connection | None] = connections_in_force(project) or (None,)
    return [_gather(project, connection, paths) for connection in connections]


def _gather(project: Project, connection: Connection | None, paths: Sequence[str]) -> tuple[Sources, frozenset[str]]:
    return gather(
        paths,
        rule_folders(project.folder, connection, project.rules),
        carrier_folders(project.folder, connection, project.carriers),
    )


def _check_one(
    project: Project, connection: Connection | None, paths: Sequence[str], before: Checked, *, coverage: bool
) -> Checked:
    sources, own = _gather(project, connection, paths)
    with collector_paused():
        report: Report = check(sources, own, coverage=coverage)
    missing = frozenset(point.missing for point in report.points if not point.reached)
    label = connection.label if connection else ""
    return Checked(
        before.carriers | (own & {source.file for layer in sources.carriers for source in layer.files}),
        before.rule_files | (own & {source.file for layer in sources.rules for source in layer.rules}),
        before.tables | (own & {source.file for layer in sources.rules for source in layer.tables}),
        before.diagnostics | frozenset(report.diagnostics) | missing,
        (*before.texts, *report.texts.items()),
        (*before.digests, (label, report.digest)),
        (before.points or frozenset()) | frozenset(report.points) if coverage else None,
    )
