"""``schema``: the JSON Schema of a kind of file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from rakuten_orders.cli import console
from rakuten_orders.schema_export import json_schema
from rakuten_orders.schemas import KINDS


@click.command("schema")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to FILE.")
def command(kind: str, output: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a kind of file, for editors that complete and check YAML.

    \b
    Example:
      rakuten-orders schema carrier --output .schemas/carrier.json
    """
    schema = json_schema(kind)
    if output is None:
        console.show_json(schema)
        return
    # Not left to the shell: that of Windows writes UTF-16, which editors do not read as JSON.
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
