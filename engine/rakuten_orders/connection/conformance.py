"""Whether a back office of your own keeps the protocol: tests to run on it with pytest.

Subclass `BackOfficeConformance` in your tests, give it the back office, and say how to look into it::

    import pytest
    from rakuten_orders.connection.conformance import BackOfficeConformance

    class TestMyBackOffice(BackOfficeConformance):
        @pytest.fixture
        def back_office(self, tmp_path):
            return MyBackOffice(tmp_path)

        def messages(self, back_office):
            return back_office.everything_it_took()

        def hand_in(self, back_office, shipment):
            back_office.outbox.append(shipment)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rakuten_orders.connection.back_offices import BackOffice, Message, Received

MESSAGE = Message(
    "429492423",
    "order.created",
    "boutiquefr:429492423",
    "main",
    1,
    {
        "order_id": "429492423",
        "ship_to": {"name": "Zoé Œuvre-Nguyễn", "city": "L’Haÿ-les-Roses"},
        "is_test": True,
        "lines": [{"sku": "0017", "item_ids": ["1"], "quantity": 1, "price": "9.90"}],
    },
)
"""A message as a pass delivers it; ``is_test`` is true, so that nothing is sent to anybody."""

SHIPMENT: Mapping[str, object] = {
    "order_id": "429492423",
    "transporter": "Colissimo",
    "tracking_number": "6A12345678905",
}
"""A shipment under the keys of the contract."""


class BackOfficeConformance:
    """The promises that `sync` relies on, a test each. The subclass has a fixture ``back_office``, empty each time."""

    def messages(self, back_office: BackOffice) -> Sequence[Mapping[str, object]]:
        """The messages that the back office has taken and acted on, oldest first, as ``Message.to_json`` gives them."""
        raise NotImplementedError

    def hand_in(self, back_office: BackOffice, shipment: Mapping[str, object]) -> None:
        """Puts a shipment where the back office will give it from."""
        raise NotImplementedError

    def test_a_message_is_taken_whole(self, back_office: BackOffice) -> None:
        """Every field and every character arrives."""
        back_office.deliver(MESSAGE)
        assert list(self.messages(back_office)) == [MESSAGE.to_json()]

    def test_a_message_that_comes_again_changes_nothing(self, back_office: BackOffice) -> None:
        """Delivery is at least once: the same key again does nothing and is no error."""
        for _ in range(3):
            back_office.deliver(MESSAGE)
        assert [message["key"] for message in self.messages(back_office)] == [MESSAGE.key]

    def test_later_messages_of_an_order_are_taken_too(self, back_office: BackOffice) -> None:
        """They have keys of their own, and come after the first."""
        later = replace(MESSAGE, type="order.cancelled", key=f"{MESSAGE.key}:2", sequence=2)
        for message in (MESSAGE, later, MESSAGE):
            back_office.deliver(message)
        assert [message["key"] for message in self.messages(back_office)] == [MESSAGE.key, later.key]

    def test_without_shipments_there_are_none(self, back_office: BackOffice) -> None:
        """Nothing to give is no error, whether it was asked before or not."""
        assert back_office.shipments(None).received == ()

    def test_a_shipment_is_given(self, back_office: BackOffice) -> None:
        """With what was handed in."""
        self.hand_in(back_office, SHIPMENT)
        (received,) = back_office.shipments(None).received
        shipment = received.shipment
        assert (shipment.order_id, shipment.transporter, shipment.tracking_number) == tuple(SHIPMENT.values())

    def test_what_is_not_acknowledged_is_given_again_under_the_same_name(self, back_office: BackOffice) -> None:
        """A process may be killed before it has stored what it read; ``source`` tells that it is the same."""
        self.hand_in(back_office, SHIPMENT)
        first, again = (back_office.shipments(None) for _ in range(2))
        assert [one.source for one in first.received] == [one.source for one in again.received]
        assert len(first.received) == 1

    def test_shipments_have_names_of_their_own(self, back_office: BackOffice) -> None:
        """Two parcels of one order are two shipments."""
        self.hand_in(back_office, SHIPMENT)
        self.hand_in(back_office, {**SHIPMENT, "tracking_number": "6A12345678912"})
        received = _all(back_office)
        assert len({one.source for one in received}) == 2
        assert {one.shipment.tracking_number for one in received} == {"6A12345678905", "6A12345678912"}

    def test_what_is_acknowledged_is_not_given_again(self, back_office: BackOffice) -> None:
        """And what is handed in afterwards is."""
        self.hand_in(back_office, SHIPMENT)
        batch = back_office.shipments(None)
        back_office.acknowledge(batch)
        assert back_office.shipments(batch.cursor).received == ()
        self.hand_in(back_office, {**SHIPMENT, "order_id": "430"})
        later = back_office.shipments(batch.cursor).received
        assert [one.shipment.order_id for one in later] == ["430"]


def _all(back_office: BackOffice) -> list[Received]:
    """Everything that it gives, batch by batch, acknowledged as `sync` does it."""
    received: list[Received] = []
    cursor: str | None = None
    while True:
        batch = back_office.shipments(cursor)
        received += batch.received
        back_office.acknowledge(batch)
        if batch.cursor is None or batch.cursor == cursor:
            return received
        cursor = batch.cursor
