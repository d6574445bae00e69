"""A call on its way through a web service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from rakuten_orders.connection.simulator.items import ItemState
from rakuten_orders.connection.simulator.market import Market
from rakuten_orders.connection.simulator.rendering import Node
from rakuten_orders.connection.simulator.requests import Request

Answer = tuple[list[Node], list[Node]]
"""Children of ``<request>``, the echo, and of ``<response>``."""

SELLER: Node = ("sellerid", "100000001")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that passed authentication: what it wants, of which marketplace, and how that answers.

    ``newest_version`` is what every answer names as ``lastversion``. A service appends the items that it
    changed to ``done``, so that a refusal half-way through a file still tells what took effect.
    """

    market: Market
    request: Request
    newest_version: str
    page_size: int
    partial_imports: bool
    done: list[str]

    @property
    def version(self) -> str:
        """The version that was asked for."""
        return self.request.params["version"]

    @property
    def last_version(self) -> Node:
        """The element that announces the newest version."""
        return ("lastversion", self.newest_version)

    def param(self, name: str) -> str:
        """A parameter's text without surrounding blanks, empty where it is missing."""
        return self.request.params.get(name, "").strip()

    def echo(self, *names: str) -> list[Node]:
        """Parameters as elements of ``<request>``; ``user`` is the login."""
        return [(name, self.param("login" if name == "user" else name)) for name in names]

    def act(self, act: Callable[[ItemState, dt.datetime], ItemState]) -> None:
        """Changes the item that the call names."""
        self.market.change(self.param("itemid"), act)
        self.done.append(self.param("itemid"))
