"""``simulator``: a marketplace on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from rakuten_orders.cli import console
from rakuten_orders.connection.simulator import Simulator, connection_hint, serve_forever, showcase
from rakuten_orders.errors import ConfigError


@click.command("simulator")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port on 127.0.0.1.  [default: a free one]")
@click.option(
    "--sales",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Sales to offer: an answer of getnewsales or getcurrentsales; may be repeated.  [default: seven made ones]",
)
def command(port: int, files: tuple[Path, ...]) -> None:
    """Run a local marketplace that speaks Rakuten's protocol, on this machine only, until Ctrl-C.

    \b
    Example:
      rakuten-orders simulator --port 8765
    """
    market = Simulator(port=port)
    try:
        for file in files:
            market.add_xml(file.read_bytes())
        if not files:
            market.add(*showcase())
    except ValueError as error:
        raise ConfigError(f"the sales cannot be offered: {error}") from None
    try:
        market.start()
    except OSError as error:
        message = f"port {port} on 127.0.0.1 cannot be used: {(error.strerror or str(error)).lower()}"
        raise ConfigError(message, "Choose another with --port, or leave --port out.") from None
    console.show(connection_hint(market))
    serve_forever(market)
