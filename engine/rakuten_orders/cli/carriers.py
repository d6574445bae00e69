"""``carriers``: the catalogue, listed, shown and asked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

import click

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.cli import console, options
from rakuten_orders.cli.new_carrier import command as new
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.overlaps import command as overlaps
from rakuten_orders.cli.page.command import page
from rakuten_orders.cli.rule_set import load_engine
from rakuten_orders.cli.text import counted, table
from rakuten_orders.formats import MAX_NUMBER, NumberFormat, clean_number
from rakuten_orders.marketplace import OTHER_TRANSPORTER
from rakuten_orders.schemas import CARRIER
from rakuten_orders.tracking_urls import VARIABLES

_SUSPECTS = 5  # carriers that are named where a check digit is wrong

_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("carriers")
def command() -> None:
    """List, show, add and detect carriers.

    \b
    Example:
      rakuten-orders carriers list
    """


command.add_command(page)


@command.command("list")
@click.option("--country", metavar="C", callback=options.country, help="Only those that deliver there (two letters).")
@click.option("--rakuten", is_flag=True, help="Only those that Rakuten has a name for.")
@click.option("--search", metavar="TEXT", help="Only those with TEXT in a name, or named nearly so.")
@click.option("--markdown", is_flag=True, help="A Markdown table.")
@_json
@project_options(connection=True)
def list_carriers(
    project: Project, *, country: str | None, rakuten: bool, search: str | None, markdown: bool, as_json: bool
) -> None:
    """List the supported carriers, shipped ones and your own.

    \b
    Example:
      rakuten-orders carriers list --country ES --search correos
    """
    catalogue = load_engine(project).catalogue
    found = [
        carrier
        for carrier in (catalogue if search is None else catalogue.search(search))
        if _delivers_to(carrier, country) and (carrier.listed or not rakuten)
    ]
    if as_json:
        console.show_json([_document(carrier) for carrier in found])
    elif markdown:
        console.show("\n".join(_markdown(found)))
    elif found:
        console.show(table(("CODE", "NAME", "AT RAKUTEN", "DELIVERS TO", "FROM"), [_row(carrier) for carrier in found]))
    else:
        console.say(f"None of {len(catalogue)} carriers is like that; 'rakuten-orders carriers list' lists them all.")


def _row(carrier: Carrier) -> tuple[str, ...]:
    sent_as = carrier.rakuten_name or f"{OTHER_TRANSPORTER}, with the URL"
    return carrier.code, carrier.name, sent_as, " ".join(carrier.countries), carrier.origin


def _markdown(carriers: Iterable[Carrier]) -> Iterator[str]:
    yield "| carrier | code | at Rakuten | delivers to | needs besides the number | its numbers |"
    yield "|---|---|---|---|---|---|"
    for carrier in carriers:
        needs = sorted(carrier.template.required - {"tracking_number"}) if carrier.template else []
        checked = "check digit" if any(known.checksum for known in carrier.formats) else "format"
        cells = (
            carrier.name,
            f"`{carrier.code}`",
            carrier.rakuten_name or OTHER_TRANSPORTER,
            " ".join(carrier.countries),
            "typed in by the buyer" if carrier.search_page else ", ".join(needs),
            checked if carrier.formats else "",
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _delivers_to(carrier: Carrier, country: str | None) -> bool:
    """Whether the file names the country; any carrier where none is asked for."""
    return country is None or country in carrier.countries


@command.command("show")
@click.argument("name")
@_json
@project_options(connection=True)
def show_carrier(project: Project, name: str, as_json: bool) -> None:
    """Show one carrier, by its code, its name or an alias.

    \b
    Example:
      rakuten-orders carriers show "Mondial Relay"
    """
    catalogue = load_engine(project).catalogue
    carrier = catalogue.get(name) or catalogue.find(name)
    if carrier is None:
        near = catalogue.nearest(name)
        hint = f"did you mean {' or '.join(near)}?" if near else "'rakuten-orders carriers list' lists them all"
        raise click.UsageError(f"no carrier '{name}'; {hint}")
    if as_json:
        console.show_json(_document(carrier))
    else:
        console.show(_page(carrier))


command.add_command(new)


@command.command("detect")
@click.argument("number")
@click.option(
    "--country",
    metavar="C",
    callback=options.country,
    help="The recipient's country, two letters: who delivers there comes first.",
)
@_json
@project_options(connection=True)
def detect(project: Project, number: str, country: str | None, as_json: bool) -> None:
    """Say which carriers a tracking number fits, the surest first. It only ever suggests.

    Certain: a check digit holds and the form is nobody else's. Likely: the form has letters of this carrier, or the
    check digit holds for few. Possible: the length fits.

    \b
    Example:
      rakuten-orders carriers detect 6A12345678905
    """
    engine = load_engine(project)
    found = engine.detect(number, country=country)
    if as_json:
        console.show_json([{"carrier": one.carrier, "grade": one.grade, "because": one.because} for one in found])
    elif found:
        names = engine.catalogue.by_code
        rows = [(one.carrier, names[one.carrier].name, one.grade, one.because) for one in found]
        console.show(table(("CARRIER", "NAME", "GRADE", "BECAUSE"), rows))
    else:
        console.say(_nobody(engine.catalogue, number))


def _nobody(catalogue: CarrierCatalogue, number: str) -> str:
    """That a number fits no carrier, and what that is worth."""
    cleaned = clean_number(number)
    if not cleaned:
        return f"'{number}' holds no number."
    if "://" in number:
        return f"'{number}' is an address: give the number alone, as it stands on the label or in the address."
    if len(cleaned) > MAX_NUMBER:
        return f"'{number}' is longer than {MAX_NUMBER} characters: no tracking number is."
    suspects = _suspects(catalogue, cleaned)
    if suspects:
        more = f" and {len(suspects) - _SUSPECTS} more" if len(suspects) > _SUSPECTS else ""
        shown = f"{', '.join(suspects[:_SUSPECTS])}{more}"
        return f"'{cleaned}' has the form of {shown}, but its check digit is wrong: compare it with the label."
    silent = sum(not carrier.formats for carrier in catalogue)
    rest = f" {counted(silent, 'carrier(s)')} of {len(catalogue)} name no format and may have it." if silent else ""
    return f"'{cleaned}' fits the format of no carrier.{rest}"


def _suspects(catalogue: CarrierCatalogue, cleaned: str) -> list[str]:
    """The names of those whose form a number has, whatever its check digit: the narrowest form first."""
    room = {
        carrier.name: min(fitting)
        for carrier in catalogue
        if (fitting := [known.room for known in carrier.formats if known.matches(cleaned)])
    }
    return sorted(room, key=lambda name: room[name])


command.add_command(overlaps)


def _document(carrier: Carrier) -> dict[str, object]:
    """The file's keys, each of them there (null where the file has none), and where it was read."""
    keys = (key for key in CARRIER if key not in ("extends", "format"))
    return {key: carrier.facts.get(key) for key in keys} | {"file": carrier.file, "origin": carrier.origin}


def _page(carrier: Carrier) -> str:
    template = carrier.template
    # Rakuten wants the number even where the page does not.
    needs = (template.required if template else frozenset()) | {"tracking_number"}
    entries: list[tuple[str, str | list[str]]] = [
        ("code", carrier.code),
        ("name", carrier.name),
        ("aliases", ", ".join(carrier.aliases)),
        ("at Rakuten", carrier.rakuten_name or f"{OTHER_TRANSPORTER}, with the tracking URL"),
        ("run by", "" if carrier.operator == carrier.code else carrier.operator),
        ("delivers to", " ".join(carrier.countries)),
        ("needs", ", ".join(name for name in VARIABLES if name in needs)),
        ("uses if known", ", ".join(name for name in VARIABLES if name in template.optional) if template else ""),
        ("tracking URL", template.source if template else "(Rakuten tracks it by itself)"),
        ("", "a page on which the buyer types the number in" if carrier.search_page else ""),
        ("formats", [_format(known) for known in carrier.formats] or "not known: any number is taken"),
        ("on mismatch", carrier.on_mismatch if carrier.formats else ""),
        ("examples", [_example(example) for example in carrier.examples.get("valid", ())]),
        ("wrong", [_example(example) for example in carrier.examples.get("invalid", ())]),
        ("confidence", carrier.confidence),
        ("note", carrier.note),
        ("file", f"{carrier.file} ({carrier.origin})"),
        (
            "sources",
            [f"{source.get('url') or source.get('note')} (read {source['read']})" for source in carrier.sources],
        ),
    ]
    return "\n".join(
        f"{name if line == 0 else '':<14}{textwrap.shorten(text, 2000)}"
        for name, value in entries
        for line, text in enumerate([value] if isinstance(value, str) else value)
        if text
    )


def _format(known: NumberFormat) -> str:
    tail = f" of the last {known.tail} characters" if known.tail else ""
    return f"{known.pattern}  check digit {known.checksum}{tail}" if known.checksum else known.pattern


def _example(example: Mapping[str, str]) -> str:
    """The number, what else is given with it, and what comes out or is wrong."""
    given = [f"{name} {value}" for name, value in example.items() if name not in ("tracking_number", "url", "because")]
    result = example.get("url") or example.get("because", "")
    number = ", ".join([example["tracking_number"], *given])
    return f"{number}: {result}" if result else number
