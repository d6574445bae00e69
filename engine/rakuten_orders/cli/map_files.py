"""``map``: Rakuten's XML to orders, JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import FAILED
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import load_engine
from rakuten_orders.engine import Engine
from rakuten_orders.errors import PayloadError
from rakuten_orders.model import MapResult, Sale, json_value
from rakuten_orders.payload import iter_sales, parse_sales

WHOLE = 16 * 2**20
"""Documents up to this size are read whole: there the blocks of one purchase merge wherever they stand."""

_CHUNK = 2**18
_WORTH_A_BAR = 2**20


@click.command("map")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option("--why", is_flag=True, help="Add for each field the rule (file, line) and the path it came from.")
@click.option("--json", is_flag=True, expose_value=False, help="JSON lines: what this command prints in any case.")
@project_options(connection=True)
def command(project: Project, files: tuple[str, ...], why: bool) -> int:
    """Map Rakuten's XML (getnewsales, getcurrentsales; - for standard input) to orders, one JSON line a sale.

    \b
    Example:
      rakuten-orders map getcurrentsales.xml
    """
    engine = load_engine(project)
    failed = False
    with console.progress("Mapping", _bytes_to_read(files)) as advance:
        for file in files:
            try:
                for sale in _sales(file, advance):
                    (result,) = engine.map(sale)
                    failed |= result.order is None
                    sys.stdout.write(console.json_line(_document(result, engine, sale if why else None)))
            except PayloadError as error:
                failed = True
                name = "standard input" if file == "-" else file.replace("\\", "/")
                console.say(f"{name}: {error}")
    return FAILED if failed else 0


def _document(result: MapResult, engine: Engine, explained: Sale | None) -> dict[str, object]:
    document: dict[str, object] = {
        "order_id": result.order_id,
        "order": None if result.order is None else result.order.to_json(),
        "problems": [
            {"reason": found.reason, "field": found.field, "message": found.message, "hint": found.hint}
            for found in result.problems
        ],
    }
    if explained is not None:
        document["why"] = [
            {
                "field": step.field,
                "item_id": step.item_id,
                "value": json_value(step.value),
                "file": step.file,
                "line": step.line,
                "source": step.source,
            }
            for step in engine.trace(explained)
        ]
    return document


def _sales(file: str, advance: Callable[[int], None]) -> Iterator[Sale]:
    with click.open_file(file, "rb") as opened:
        chunks = _chunks(opened, advance)
        start, size = [], 0
        for chunk in chunks:
            start.append(chunk)
            size += len(chunk)
            if size > WHOLE:
                yield from iter_sales(chain(start, chunks))
                return
        yield from parse_sales(b"".join(start))


def _chunks(opened: IO[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := opened.read(_CHUNK):
        yield chunk
        advance(len(chunk))


def _bytes_to_read(files: tuple[str, ...]) -> int:
    """The size of all files, 0 where it is unknown or too small for a progress bar to be of use."""
    if "-" in files:
        return 0
    size = sum(Path(file).stat().st_size for file in files)
    return size if size >= _WORTH_A_BAR else 0
