"""``carriers page``: the supported carriers as a web page for sellers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.page.words import LANGUAGES
from rakuten_orders.cli.rule_set import load_engine


@click.command("page")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@click.option(
    "--output",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that gets index.html; made where it is missing.",
)
@project_options(connection=True)
def page(project: Project, language: str, output: Path) -> None:
    """Write a page of the supported carriers for sellers: one file, to be opened or put on any web server.

    \b
    Example:
      rakuten-orders carriers page --lang fr --output public
    """
    from rakuten_orders.cli.page.rendering import render_page  # noqa: PLC0415 - the other commands don't wait for it

    engine = load_engine(project)
    html = render_page(engine, language, made_on=dt.datetime.now(dt.UTC).astimezone().date())
    output.mkdir(parents=True, exist_ok=True)
    file = output / "index.html"
    file.write_text(html, encoding="utf-8", newline="\n")
    console.show(f"{file.as_posix()}: {len(engine.catalogue)} carriers")
