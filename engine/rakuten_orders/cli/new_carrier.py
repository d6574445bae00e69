"""``carriers new``: a finished carrier file from a tracking number and the address of its page."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.new_carrier_dialogue import finished, sentence
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import connection_of
from rakuten_orders.connection.config import CARRIERS, carrier_folders, rule_folders
from rakuten_orders.errors import ConfigError
from rakuten_orders.new_carrier import SAMPLED, Draft, Given, Place
from rakuten_orders.sources import read_sources, shown

_FLAGS: Mapping[str, str] = {"order_id": "order", "item_id": "item"}
_UNKNOWN: Mapping[str, str] = {"postcode": "75011", "pickup_postcode": "75011", "country": "FR", "language": "fr"}


@click.command("new")
@click.option("--name", metavar="NAME", default="", help="The carrier's name as people know it.")
@click.option("--number", "numbers", metavar="N", multiple=True, help="A real tracking number; several show its form.")
@click.option("--url", "urls", metavar="URL", multiple=True, help="The address of that parcel's page; may be repeated.")
@click.option("--postcode", metavar="P", multiple=True, help="The recipient's postcode, if the address may hold it.")
@click.option(
    "--country", metavar="C", multiple=True, help="The recipient's country, two letters; also: it delivers there."
)
@click.option("--pickup-postcode", metavar="P", multiple=True, help="The collection point's postcode.")
@click.option("--phone-last4", metavar="D", multiple=True, help="The last four digits of the recipient's phone.")
@click.option("--language", metavar="L", multiple=True, help="The page's language, if the page has others too.")
@click.option("--order", "order_id", metavar="ID", multiple=True, help="The order's id, if the address may hold it.")
@click.option("--item", "item_id", metavar="ID", multiple=True, help="The item's id, if the address may hold it.")
@click.option("--alias", "aliases", metavar="NAME", multiple=True, help="What a back office calls it; may be repeated.")
@click.option("--code", metavar="CODE", default="", help="The file's name without .yaml.  [default: from the name]")
@click.option("--operator", metavar="CODE", default="", help="The company, where the site is another carrier's too.")
@click.option("--checksum", metavar="NAME", default="", help="The check digit of its numbers, such as gs1-mod10:11.")
@click.option("--search-page", is_flag=True, help="The address cannot hold the number: buyers type it in.")
@click.option("--same-digits", is_flag=True, help="Digits beside the number are the same for all parcels.")
@click.option("--note", metavar="TEXT", default="", help="What a colleague should know.")
@click.option("--source-note", metavar="TEXT", default="", help="Where this is from: a ticket, a mail.")
@click.option("--source-url", metavar="URL", default="", help="Where this is from: a page.")
@click.option("--force", is_flag=True, help="Take names that another carrier has.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder.  [default: the project's carriers.d]",
)
@project_options(connection=True)
def command(
    *,
    project: Project,
    output: Path | None,
    source_note: str,
    source_url: str,
    **typed: str | bool | tuple[str, ...],
) -> None:
    """Write a carrier's file from one tracking number and the address of its tracking page.

    The number, postcode and country in the address become variables, and digits in the examples are made up. From
    several numbers a pattern is proposed. On a terminal what is missing is asked for.

    \b
    Example:
      rakuten-orders carriers new --name "Transports Dupuis" --number 00123456 \\
          --url "https://suivi.transports-dupuis.example/colis?ref=00123456&cp=75011"
    """
    if source_note and source_url:
        raise click.UsageError("give --source-note or --source-url, not both")
    values = {name: typed.pop(name) for name in SAMPLED}
    today = dt.datetime.now(dt.UTC).astimezone().date()
    given = Given(**typed, values=values, source_note=source_note, source_url=source_url, day=today)  # type: ignore[arg-type]
    folder = project.folder / CARRIERS if output is None else output
    place = _place(project, folder)
    given, made = finished(given, place)
    file = _write(folder, made)
    console.show("\n".join(_report(file, given, made, _flags(project, place, folder))))


def _place(project: Project, folder: Path) -> Place:
    """The set that the file will belong to, read without regard to what is wrong elsewhere in it."""
    connection = connection_of(project)
    folders = carrier_folders(project.folder, connection, project.carriers)
    sources = read_sources(rule_folders(project.folder, connection, project.rules), folders)
    name = shown(folder)
    wanted = folder.resolve()
    layers = (Path(source.file).parent.resolve() for layer in sources.carriers for source in layer.files[:1])
    origins = [layer.origin for layer in sources.carriers]
    at = next((index for index, path in enumerate(layers) if path == wanted), None)
    return Place(name, sources, origins.index(name) if name in origins else at)


def _write(folder: Path, made: Draft) -> Path:
    """The file, written. Raises ConfigError where one of that name is there."""
    file = folder / f"{made.code}.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(made.text)
    except FileExistsError:
        raise ConfigError(
            f"{shown(file)} is there already and was not touched",
            f"open it in an editor, or choose another code: --code {made.code}-2",
        ) from None
    return file


def _report(file: Path, given: Given, made: Draft, flags: str) -> Iterator[str]:
    """What was written, what to look at, and how to check it."""
    yield f"Wrote {shown(file)}"
    looks = [remark for remark in made.remarks if remark.weight == "look"]
    if looks:
        yield "\nLook at:"
    for remark in looks:
        yield sentence(remark)
    needed = "".join(
        f" --{_FLAGS.get(name, name).replace('_', '-')} {word(value or _UNKNOWN.get(name, '1234'))}"
        for name, value in made.inputs.items()
        if name != "language"
    )
    yield "\nThen check it, and open the address that comes out:"
    yield f"  validate-rules{flags} {word(shown(file))}"
    yield f"  rakuten-orders track{flags} --transporter {word(given.name)} --number {word(made.number)}{needed}"


def _flags(project: Project, place: Place, folder: Path) -> str:
    """The flags with which the commands find the file's folder."""
    config = f" --config {word(project.config.as_posix())}" if project.named else ""
    others = "".join(f" --carriers {word(one.as_posix())}" for one in project.carriers)
    found = place.layer is not None or folder.resolve() == (project.folder / CARRIERS).resolve()
    return config + others + ("" if found else f" --carriers {word(shown(folder))}")


def word(text: str) -> str:
    """The text as one word of a command line, in double quotes where the shells of all systems take them."""
    if re.fullmatch(r"[\w./:@+-]+", text):
        return text
    return shlex.quote(text) if re.search(r'["$`!\\%]', text) else f'"{text}"'
