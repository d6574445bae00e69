"""``validate-rules``: every finding about rules and carriers, and what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from rakuten_orders.checking import Report, check, gather
from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, FAILED, Guarded
from rakuten_orders.cli.findings import show_findings
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import connections_in_force
from rakuten_orders.cli.text import counted
from rakuten_orders.connection.config import Connection, carrier_folders, rule_folders
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.errors import ConfigError, RulesError


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, in all sets together: file names by sort, findings, contents, and each set's digest."""

    carriers: frozenset[str] = frozenset()
    rule_files: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    diagnostics: frozenset[Diagnostic] = frozenset()
    texts: tuple[tuple[str, bytes], ...] = ()
    digests: tuple[tuple[str, str | None], ...] = ()

    def count(self, severity: str) -> int:
        """How many findings are of that severity."""
        return sum(found.severity == severity for found in self.diagnostics)


@click.command("validate-rules", cls=Guarded, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@project_options(connection=True)
def command(project: Project, paths: tuple[str, ...], form: str, strict: bool) -> int:
    """Check rules and carriers: files, templates, tables, collisions, and their examples.

    Without PATH: the project folder's own files, for every connection, with the shipped ones as context; where it has
    none, the shipped.

    \b
    Example:
      validate-rules carriers.d/my-carrier.yaml
    """
    try:
        checked = _check_all(project, paths)
    except RulesError as error:
        checked = Checked(diagnostics=frozenset(error.diagnostics))
    if form == "json":
        console.show_json(_document(checked))
    else:
        show_findings(sorted(checked.diagnostics), dict(checked.texts))
        console.show(_summary(checked))
    return FAILED if checked.count("error") or (strict and checked.count("warning")) else ALL_WELL


def _check_all(project: Project, paths: Sequence[str]) -> Checked:
    """Check the set of each connection that matters. Raises ConfigError where there is no file to check."""
    if any(Path(path).resolve() == project.config.resolve() for path in paths):
        file = project.config.as_posix()
        raise ConfigError(
            f"{file} is the configuration, and holds no rules", "rakuten-orders connection list checks it"
        )
    connections: Iterable[Connection | None] = connections_in_force(project) or (None,)
    checked = Checked()
    for connection in connections:
        checked = _check_one(project, connection, paths, checked)
    if not (checked.carriers or checked.rule_files or checked.tables or checked.diagnostics):
        raise ConfigError(
            f"there is nothing to check in {', '.join(paths).replace(chr(92), '/')}",
            "name carriers (*.yaml), rules (*.yaml), tables (*.csv), or folders that hold them",
        )
    return checked


def _check_one(project: Project, connection: Connection | None, paths: Sequence[str], before: Checked) -> Checked:
    sources, own = gather(
        paths,
        rule_folders(project.folder, connection, project.rules),
        carrier_folders(project.folder, connection, project.carriers),
    )
    report: Report = check(sources, own)
    label = connection.label if connection else ""
    return Checked(
        before.carriers | (own & {source.file for layer in sources.carriers for source in layer.files}),
        before.rule_files | (own & {source.file for layer in sources.rules for source in layer.rules}),
        before.tables | (own & {source.file for layer in sources.rules for source in layer.tables}),
        before.diagnostics | frozenset(report.diagnostics),
        (*before.texts, *report.texts.items()),
        (*before.digests, (label, report.digest)),
    )


def _document(checked: Checked) -> Mapping[str, object]:
    digests = {digest for _, digest in checked.digests}
    return {
        "files": len(checked.carriers | checked.rule_files | checked.tables),
        "errors": checked.count("error"),
        "warnings": checked.count("warning"),
        "digest": digests.pop() if len(digests) == 1 else None,
        "diagnostics": [found.to_json() for found in sorted(checked.diagnostics)],
    }


def _summary(checked: Checked) -> str:
    read = ", ".join(
        (
            counted(len(checked.carriers), "carrier(s)"),
            counted(len(checked.rule_files), "rule file(s)"),
            counted(len(checked.tables), "table(s)"),
        )
    )
    found = f"{counted(checked.count('error'), 'error(s)')}, {counted(checked.count('warning'), 'warning(s)')}"
    return "\n".join((f"{read}: {found}", *_digest_lines(checked)))


def _digest_lines(checked: Checked) -> Iterable[str]:
    several = len({digest for _, digest in checked.digests}) > 1
    for label, digest in checked.digests if several else checked.digests[:1]:
        whose = f"digest of {label}" if several else "digest"
        yield f"{whose}: {digest}" if digest else f"{whose}: none, the set does not load"
