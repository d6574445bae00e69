"""The project's store, for commands that look into it or hand something in."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rakuten_orders.cli.options import Project
from rakuten_orders.connection.config import STORE, load_configuration
from rakuten_orders.connection.store import Store
from rakuten_orders.errors import ConfigError


def store_path(project: Project) -> Path:
    """Where the project's store is, or will be. Raises ConfigError where a configuration that was named is missing."""
    if project.named and not project.config.exists():
        load_configuration(project.config)
    return project.folder / STORE


def no_store(project: Project) -> ConfigError:
    """What to say where the project has no store: the folder may be the wrong one."""
    return ConfigError(
        f"{store_path(project).as_posix()} does not exist: no order was taken in yet",
        "Take orders in first: rakuten-orders sync. Or name the project: --config FILE",
    )


@contextmanager
def opened_store(project: Project) -> Iterator[Store]:
    """The store, opened. Raises ConfigError where there is none yet, StoreError for one that cannot be used."""
    with Store(existing_store(project)) as store:
        yield store


def existing_store(project: Project) -> Path:
    """Where the project's store is. Raises ConfigError where there is none yet."""
    path = store_path(project)
    if not path.exists():
        raise no_store(project)
    return path


def account_of(store: Store, label: str | None) -> str | None:
    """The login of the connection with this label, None without one. Raises ConfigError for an unknown label."""
    if label is None:
        return None
    for account in store.accounts.all():
        if account.label == label:
            return account.login
    known = ", ".join(account.label for account in store.accounts.all()) or "none"
    raise ConfigError(f"no orders of a connection {label} are stored", f"There are orders of: {known}")


def person(named: str | None) -> str:
    """Who does something by hand: whoever was named, else the system user. Raises UsageError where there is none."""
    try:
        return named or getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        raise click.UsageError("this system user has no name: say who you are with --by") from None
