"""A marked order through a connection's rules, against a marketplace of its own: it cannot reach the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rakuten_orders.connection.account_pass import PassResult
from rakuten_orders.connection.back_offices import BackOffice, Batch, Message, Refusal
from rakuten_orders.connection.client import RakutenClient
from rakuten_orders.connection.config import Connection
from rakuten_orders.connection.passes import sync
from rakuten_orders.connection.simulator import Simulator, marked_sale
from rakuten_orders.connection.store import Event, Store
from rakuten_orders.connection.store.database import Clock, utc_now
from rakuten_orders.engine import Engine


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test order: its message, as a back office gets it, unless something stopped it.

    ``held_because`` is why the acceptance rules held it or left it out. ``result`` is the pass's, ``events`` what
    happened.
    """

    order_id: str
    message: Mapping[str, object] | None
    result: PassResult
    events: tuple[Event, ...]
    held_because: str = ""


def try_order(
    connection: Connection,
    engine: Engine,
    *,
    skus: Sequence[str] = (),
    back_office: BackOffice | None = None,
    clock: Clock = utc_now,
) -> Trial:
    """Takes a marked sale in from a simulator of its own, accepts it there, maps it and delivers it.

    The order is called ``TEST-…``, is addressed to "NE PAS EXPÉDIER", and says ``is_test: true``. ``skus`` are its
    units, one of a made-up SKU without any. It goes to ``back_office`` where one is given, which gives no shipments
    for it. Nothing of it is kept in a store.
    """
    reference = clock().strftime("%Y%m%d-%H%M%S")
    sale = marked_sale(reference, *skus)
    recorder = _Recorder(back_office)
    events: list[Event] = []
    with (
        Simulator(login=connection.login, sales=[sale]) as simulator,
        RakutenClient(connection.login, simulator.token, endpoint=simulator.url) as client,
        Store.in_memory(clock=clock) as store,
    ):
        result = sync(connection, store, recorder, engine, client=client, on_event=events.append, is_test=True)
        order = store.orders.get(connection.key, sale.purchase_id)
    because = "; ".join(dict.fromkeys(item.because for item in order.items if item.because)) if order else ""
    return Trial(sale.purchase_id, recorder.message, result, tuple(events), because)


class _Recorder:
    """Keeps the message that is delivered, and hands it on where there is somewhere to hand it to."""

    def __init__(self, real: BackOffice | None) -> None:
        self._real = real
        self.message: Mapping[str, object] | None = None

    def deliver(self, message: Message) -> None:
        """Keeps the message, and hands it on."""
        self.message = message.to_json()
        if self._real is not None:
            self._real.deliver(message)

    def shipments(self, cursor: str | None) -> Batch:  # noqa: ARG002 - the protocol's
        """None: the real ones are not a test order's business."""
        return Batch()

    def acknowledge(self, batch: Batch, refused: Sequence[Refusal] = ()) -> None:
        """Nothing was given."""
