"""The command ``rakuten-orders``: its commands by name, none of them imported yet."""

from __future__ import annotations

import click

from rakuten_orders.cli.failures import Guarded
from rakuten_orders.cli.lazy import Entry, LazyGroup


class Program(Guarded, LazyGroup):
    """The outermost group: lazy, and guarded against tracebacks."""


def _entry(module: str, summary: str) -> Entry:
    return Entry(f"rakuten_orders.cli.{module}", summary)


@click.command(
    cls=Program,
    entries={
        "demo": _entry("demo", "Show the whole loop against a local marketplace."),
        "validate-rules": _entry("validate", "Check rules and carriers, and run their examples."),
        "explain": _entry("explain", "Explain a code or an order's reason, and its remedy."),
        "carriers": _entry("carriers", "List, show, add and detect carriers."),
        "track": _entry("track", "Show the tracking update that would be sent for a shipment."),
        "map": _entry("map_files", "Map Rakuten's XML to orders."),
        "connection": _entry("connections", "Add, list, check and remove connections."),
        "sync": _entry("sync", "Take orders in and confirm shipments, once or repeatedly."),
        "orders": _entry("orders", "List, show, export and forget orders, or decide by hand."),
        "ship": _entry("ship", "Hand in shipments by hand or from a file."),
        "status": _entry("status", "Show how each connection stands; exit 1 where a person is needed."),
        "store": _entry("store_file", "Copy the store while it is in use, or check it."),
        "plan": _entry("plan", "Show what a change of rules would change on the stored orders."),
        "test-order": _entry("test_order", "Send a marked order through a connection's rules."),
        "schema": _entry("schema", "Print the JSON Schema of a kind of file, for editors."),
        "simulator": _entry("simulator", "Run a local marketplace that speaks Rakuten's protocol."),
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="rakuten-orders", message="%(prog)s %(version)s")
def program() -> None:
    """An order connection for the Rakuten France marketplace, driven by rules and carriers that are plain data.

    \b
    Example:
      rakuten-orders demo
    """
