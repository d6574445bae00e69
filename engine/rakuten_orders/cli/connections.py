"""``connection``: seller accounts added, listed, checked, removed."""

from __future__ import annotations

import datetime as dt
import os
import shlex
from pathlib import Path

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.check_connections import check
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.text import table
from rakuten_orders.connection.config import Connection, FolderSettings, load_configuration
from rakuten_orders.connection.config_edit import Values, add_connection, remove_connection
from rakuten_orders.connection.lifecycle import PARIS
from rakuten_orders.errors import ConfigError


def _variable(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """The name that was typed. Raises BadParameter, which does not quote it, where it is rather the token itself."""
    if name and name not in os.environ and name != name.upper():
        raise click.BadParameter(
            "no such variable is set here. Give a variable's name, as RAKUTEN_TOKEN, not the token."
        )
    return name


@click.group("connection")
def command() -> None:
    """Add, list, check and remove connections to seller accounts.

    \b
    Example:
      rakuten-orders connection list
    """


@command.command("add")
@click.argument("label")
@click.option("--login", required=True, metavar="L", help="The account's name, not the e-mail address.")
@click.option("--token-env", callback=_variable, metavar="NAME", help="The environment variable that holds the token.")
@click.option("--token-file", metavar="PATH", help="The file that holds the token.")
@click.option("--token-command", metavar="WORDS", help="The command that prints the token.")
@click.option("--back-office-folder", metavar="PATH", help="The folder that orders and shipments are exchanged in.")
@click.option("--back-office-url", metavar="URL", help="The address of an HTTP back office, for a program of yours.")
@click.option(
    "--endpoint", metavar="URL", help="The marketplace: the sandbox, or a simulator.  [default: Rakuten France]"
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Accepted sales bought before this day are not taken in (2026-11-23).  [default: today]",
)
@project_options()
def add(  # noqa: PLR0917 - click passes them by name
    project: Project,
    label: str,
    login: str,
    token_env: str | None,
    token_file: str | None,
    token_command: str | None,
    back_office_folder: str | None,
    back_office_url: str | None,
    endpoint: str | None,
    since: dt.datetime | None,
) -> None:
    """Add a connection to the configuration file, which is made where it does not exist.

    The token itself is not written: name where it is. It comes from the seller account, "Mon compte", "Mes informations
    développeur".

    \b
    Example:
      rakuten-orders connection add main --login boutiquefr --token-env RAKUTEN_TOKEN \\
          --back-office-folder exchange
    """
    command_words = shlex.split(token_command) if token_command else None
    values: Values = {
        "login": login,
        "token": _one_of("token", env=token_env, file=_from_file(project, token_file), command=command_words),
        "since": (since.date() if since else dt.datetime.now(PARIS).date()).isoformat(),
        **({"endpoint": endpoint} if endpoint else {}),
        "back_office": _one_of("back-office", folder=_from_file(project, back_office_folder), url=back_office_url),
    }
    if project.config.exists():
        load_configuration(project.config)  # what is wrong with the file is told with its places
    try:
        add_connection(project.config, label, values)
    except ConfigError as error:
        raise _without_places(error) from None
    next_ = f"rakuten-orders connection check {label}{project.again}"
    console.show(f"Added {label} to {project.config.as_posix()}. Next: {next_}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@project_options()
def list_connections(project: Project, as_json: bool) -> None:
    """List the connections of the configuration file.

    \b
    Example:
      rakuten-orders connection list
    """
    connections = load_configuration(project.config).connections
    if as_json:
        console.show_json([_document(connection) for connection in connections])
        return
    if not connections:
        console.say("No connections yet. Add one: rakuten-orders connection add LABEL --login … (see --help)")
        return
    rows = [
        (one.label, one.login, one.endpoint, f"{one.token.kind} {one.token.place[0]}", _exchange(one))
        for one in connections
    ]
    console.show(table(("LABEL", "LOGIN", "MARKETPLACE", "TOKEN FROM", "BACK OFFICE"), rows))


@command.command("remove")
@click.argument("label")
@project_options()
def remove(project: Project, label: str) -> None:
    """Remove a connection from the configuration file. Its orders stay in the store.

    \b
    Example:
      rakuten-orders connection remove main
    """
    remove_connection(project.config, label)
    console.show(f"Removed {label} from {project.config.as_posix()}. Its orders stay in the store.")


command.add_command(check)


def _from_file(project: Project, path: str | None) -> str | None:
    """A path that was typed, as it is written in the configuration, whose paths begin at its own folder."""
    if not path or Path(path).expanduser().is_absolute() or project.folder.resolve() == Path.cwd():
        return path
    return Path(os.path.relpath(path, project.folder)).as_posix()


def _one_of(name: str, **given: str | list[str] | None) -> dict[str, str | list[str]]:
    """The one entry that was given. Raises UsageError for none and for several."""
    found = {key: value for key, value in given.items() if value}
    if len(found) != 1:
        raise click.UsageError(f"give one of {', '.join(f'--{name}-{key}' for key in given)}")
    return found


def _without_places(error: ConfigError) -> ConfigError:
    """The error about what was typed: the places are those of a file that was not written."""
    wrong = next((found for found in error.diagnostics if found.severity == "error"), None)
    return ConfigError(wrong.message, wrong.hint) if wrong else error


def _exchange(connection: Connection) -> str:
    settings = connection.back_office
    assert settings is not None  # noqa: S101 - the configuration has to name one
    return settings.folder.as_posix() if isinstance(settings, FolderSettings) else settings.url


def _document(connection: Connection) -> dict[str, object]:
    return {
        "label": connection.label,
        "login": connection.login,
        "endpoint": connection.endpoint,
        "since": connection.since.isoformat() if connection.since else None,
        "token_from": connection.token.kind,
        "back_office": _exchange(connection),
        "rules": connection.rules.as_posix() if connection.rules else None,
        "carriers": [folder.as_posix() for folder in connection.carriers],
    }
