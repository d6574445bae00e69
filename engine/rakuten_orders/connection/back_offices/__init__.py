"""Where orders go and shipments come from: the protocol, and its values.

Delivery is at least once: a message may come again after a crash, with the same key and content, and whoever
takes it must do nothing the second time. Shipments are acknowledged only when they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rakuten_orders.model import Shipment

MessageType = Literal["order.created", "order.updated", "order.cancelled", "order.claimed"]


@dataclass(frozen=True, slots=True)
class Message:
    """What the back office is told of an order.

    ``order_id`` is Rakuten's purchase id. ``key`` is ``login:purchaseid`` for the first message and
    ``login:purchaseid:<sequence>`` for later ones. ``order`` is the mapped order as JSON data.
    """

    order_id: str
    type: MessageType
    key: str
    connection: str
    sequence: int
    order: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        """The message as it is sent."""
        return {
            "type": self.type,
            "key": self.key,
            "connection": self.connection,
            "sequence": self.sequence,
            "order": self.order,
        }


@dataclass(frozen=True, slots=True)
class Received:
    """A shipment as it came.

    ``source`` tells it from all others, and stays the same when it is read again; ``place`` is for people.
    """

    source: str
    shipment: Shipment
    place: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A shipment that cannot be taken in: source and place as of `Received`, the reason's code and a sentence."""

    source: str
    reason: str
    message: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Shipments that were read together. ``refused`` could not be read; ``cursor`` is where to go on from."""

    received: tuple[Received, ...] = ()
    refused: tuple[Refusal, ...] = ()
    cursor: str | None = None


class BackOffice(Protocol):
    """What `sync` needs of a back office. Raises BackOfficeError where it refuses or cannot be reached."""

    def deliver(self, message: Message) -> None:
        """Takes a message. Comes at least once: the same ``key`` again must change nothing."""

    def shipments(self, cursor: str | None) -> Batch:
        """The shipments after ``cursor`` (None: from the beginning). Reading changes nothing."""

    def acknowledge(self, batch: Batch, refused: Sequence[Refusal] = ()) -> None:
        """The batch is stored and need not be given again; ``refused`` could not be used, beyond its own."""


__all__ = ["BackOffice", "Batch", "Message", "MessageType", "Received", "Refusal"]
