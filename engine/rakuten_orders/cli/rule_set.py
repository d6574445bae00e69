"""The rules and carriers that a command works with: the project's, a connection's, and those of the flags."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from rakuten_orders.cli.options import Project
from rakuten_orders.connection.config import Configuration, Connection, load_configuration
from rakuten_orders.connection.config import load_engine as load_project_engine
from rakuten_orders.engine import Engine
from rakuten_orders.errors import ConfigError


def load_engine(project: Project) -> Engine:
    """The engine for ``project``. Raises RulesError, and ConfigError where the configuration is needed and wrong."""
    connection = connection_of(project)
    with collector_paused():
        return load_project_engine(project.folder, connection, rules=project.rules, carriers=project.carriers)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Run without the garbage collector, which would go through all that is being loaded, over and over, for nothing.

    What is there afterwards stays, so it is left out of later rounds too.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def connection_of(project: Project) -> Connection | None:
    """The connection that was asked for; None where none was. A configuration that was named must be there."""
    if project.connection is not None:
        return load_configuration(project.config).connection(project.connection)
    if project.named:
        load_configuration(project.config)
    return None


def connections_in_force(project: Project) -> tuple[Connection, ...]:
    """The connections whose sets matter: the one that was asked for, else all that the project has, perhaps none."""
    if project.connection is not None or project.named or project.config.exists():
        found = load_configuration(project.config)
        return found.connections if project.connection is None else (found.connection(project.connection),)
    return ()


def configuration(project: Project) -> Configuration:
    """The configuration, for commands that need a connection. Raises ConfigError where there is none."""
    found = load_configuration(project.config)
    if not found.connections:
        raise ConfigError(
            f"{project.config.as_posix()} has no connection yet",
            "Add one: rakuten-orders connection add LABEL --login … (see --help)",
        )
    return found


def chosen(project: Project, labels: tuple[str, ...]) -> tuple[Configuration, tuple[Connection, ...]]:
    """The configuration, and its connections with these labels, all of them where none is given."""
    found = configuration(project)
    return found, tuple(map(found.connection, dict.fromkeys(labels))) or found.connections
