"""The options that every command shares, and what they say about the project folder."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from rakuten_orders.given_paths import given_path
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.schemas import duration

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_CONFIG = "rakuten-orders.yaml"
CONFIG_VARIABLE = "RAKUTEN_ORDERS_CONFIG"


@dataclass(frozen=True, slots=True)
class Project:
    """Where a command works: the configuration file, whether it was named, and the folders that flags add.

    Without a configuration file its folder is still the project folder.
    """

    config: Path
    named: bool = False
    rules: tuple[Path, ...] = ()
    carriers: tuple[Path, ...] = ()
    connection: str | None = None

    @property
    def folder(self) -> Path:
        """The project folder: the configuration file's."""
        return self.config.parent

    @property
    def again(self) -> str:
        """What a command that is typed next needs to work in the same project; mostly nothing."""
        if not self.named or os.environ.get(CONFIG_VARIABLE) == str(self.config):
            return ""
        return f" --config {shlex.quote(self.config.as_posix())}"


def project_options(*, connection: bool = False) -> Callable[[Command], Command]:
    """Add --config, --rules, --carriers and, where it matters, --connection; the command gets a ``project``."""

    def decorate(command: Command) -> Command:
        def build(**arguments: Any) -> Any:
            config = arguments.pop("config")
            project = Project(
                Path(config or DEFAULT_CONFIG),
                config is not None,
                arguments.pop("rules"),
                arguments.pop("carriers"),
                arguments.pop("connection_label", None),
            )
            return command(project=project, **arguments)

        build.__doc__ = command.__doc__
        build.__name__ = command.__name__
        build.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
        for option in _OPTIONS[: None if connection else -1]:
            build = option(build)
        return build  # type: ignore[return-value]

    return decorate


class GivenPath(click.Path):
    """A path as click checks it, written with slashes or with Windows' backslashes."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The checked path."""
        return super().convert(given_path(value) if isinstance(value, str) else value, param, ctx)


def span(_context: click.Context, _option: click.Parameter, text: str | None) -> dt.timedelta | None:
    """The time span that was typed, for an option's ``callback``. Raises BadParameter for what is none."""
    if text is None:
        return None
    found = duration(text)
    if found is None:
        raise click.BadParameter(f"'{text}' is no time span: write 90s, 5m, 1h or 2d")
    return found


def country(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """The country that was typed, in capitals, for an option's ``callback``; None where it is blank.

    Raises BadParameter for what is no code of ISO 3166-1 alpha-2.
    """
    code = (text or "").strip().upper()
    if not code:
        return None
    if numeric_country(code) is None:
        raise click.BadParameter(f"'{text}' is no country: write two letters, such as FR")
    return code


def language(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """The language that was typed, in small letters, for an option's ``callback``; None where it is blank.

    Raises BadParameter for what is not two letters.
    """
    code = (text or "").strip().lower()
    if not code:
        return None
    if not re.fullmatch("[a-z]{2}", code):
        raise click.BadParameter(f"'{text}' is no language: write two letters, such as fr")
    return code


_FOLDER = GivenPath(exists=True, file_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--carriers",
        type=_FOLDER,
        multiple=True,
        metavar="FOLDER",
        help="A folder of carriers on top of all others; may be repeated.",
    ),
    click.option(
        "--rules",
        type=_FOLDER,
        multiple=True,
        metavar="FOLDER",
        help="A folder of rules that comes before all others; may be repeated.",
    ),
    click.option(
        "--config",
        envvar=CONFIG_VARIABLE,
        metavar="FILE",
        help=f"The configuration; its folder is the project's.  [default: ./{DEFAULT_CONFIG}]",
    ),
    click.option("--connection", "connection_label", metavar="LABEL", help="This connection: its rules, its orders."),
)
