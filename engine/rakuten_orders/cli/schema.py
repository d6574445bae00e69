"""``schema``: the JSON Schema of a kind of file."""

from __future__ import annotations

import click

from rakuten_orders.cli import console
from rakuten_orders.schema_export import json_schema
from rakuten_orders.schemas import KINDS


@click.command("schema")
@click.argument("kind", type=click.Choice(list(KINDS)))
def command(kind: str) -> None:
    """Print the JSON Schema (2020-12) of a kind of file, for editors that complete and check YAML.

    \b
    Example:
      rakuten-orders schema carrier > carrier.schema.json
    """
    console.show_json(json_schema(kind))
