"""``store``: a copy of the store while it is in use, and whether it is whole."""

from __future__ import annotations

from pathlib import Path

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import ALL_WELL, FAILED
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.stored import existing_store, opened_store, store_path
from rakuten_orders.connection.store import Store
from rakuten_orders.errors import StoreError


@click.group("store")
def command() -> None:
    """Copy the store while it is in use, or check it.

    \b
    Example:
      rakuten-orders store check
    """


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@project_options()
def backup(project: Project, file: Path) -> None:
    """Write a copy of the store to FILE, also while a pass is at work. It holds buyers' addresses, as the store does.

    \b
    Example:
      rakuten-orders store backup orders-2026-11-23.sqlite3
    """
    with opened_store(project) as store:
        store.maintenance.backup(file)
        where = store_path(project).as_posix()
    console.show(f"Wrote {file.as_posix()}. To restore it: end all passes, put it in the place of {where}.")


@command.command("check")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@project_options()
def check(project: Project, file: Path | None) -> int:
    """Check the store, or a copy of it: whether the file is whole, and whether what it says agrees.

    \b
    Example:
      rakuten-orders store check orders-2026-11-23.sqlite3
    """
    file = file or existing_store(project)
    way_out = "Restore it from a backup: see 'Backup and restore' in README.md"
    try:
        with Store.copy_of(file) as copy:
            problems = copy.maintenance.problems()
    except StoreError as fault:
        problems, way_out = [fault.message], fault.hint or way_out
    for problem in problems:
        console.say(problem)
    if problems:
        console.say(way_out)
        return FAILED
    console.show(f"{file.as_posix()} is whole.")
    return ALL_WELL
