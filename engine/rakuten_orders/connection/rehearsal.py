"""A pass without consequences: everything is read and decided, nothing is written or sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from rakuten_orders.connection.account_pass import Marketplace
from rakuten_orders.connection.answers import ItemInfos, TodoItem
from rakuten_orders.connection.back_offices import BackOffice, Batch, Message, Refusal
from rakuten_orders.connection.queries import ShippingStatusLine
from rakuten_orders.connection.verdicts import Outcome
from rakuten_orders.model import Sale


class ReadOnlyMarketplace:
    """A marketplace that is read, and that seems to do what it is asked."""

    def __init__(self, marketplace: Marketplace) -> None:
        self._real = marketplace

    def new_sales(self) -> tuple[Sale, ...]:
        """As the real one."""
        return self._real.new_sales()

    def current_sales(self, since: dt.date, *, pending_preorders: bool = False) -> Iterator[Sale]:
        """As the real one."""
        return self._real.current_sales(since, pending_preorders=pending_preorders)

    def shipping_information(self, purchase_id: str) -> Mapping[str, str]:
        """As the real one."""
        return self._real.shipping_information(purchase_id)

    def billing_information(self, purchase_id: str) -> Mapping[str, Mapping[str, str]]:
        """As the real one."""
        return self._real.billing_information(purchase_id)

    def item_infos(self, item_id: str) -> ItemInfos:
        """As the real one."""
        return self._real.item_infos(item_id)

    def todo_list(self) -> Sequence[TodoItem]:
        """As the real one."""
        return self._real.todo_list()

    def accept(self, item_id: str, *, ships_from: int) -> Outcome:  # noqa: ARG002 - the protocol's
        """Sends nothing."""
        return Outcome.DONE

    def refuse(self, item_id: str) -> Outcome:  # noqa: ARG002 - the protocol's
        """Sends nothing."""
        return Outcome.DONE

    def cancel(self, item_id: str, comment: str) -> Outcome:  # noqa: ARG002 - the protocol's
        """Sends nothing."""
        return Outcome.DONE

    def send_tracking(
        self,
        item_id: str,  # noqa: ARG002 - the protocol's
        *,
        transporter_name: str,  # noqa: ARG002
        tracking_number: str,  # noqa: ARG002
        tracking_url: str | None,  # noqa: ARG002
    ) -> Outcome:
        """Sends nothing."""
        return Outcome.DONE

    def import_shipping_status(self, lines: Sequence[ShippingStatusLine]) -> Outcome:  # noqa: ARG002 - the protocol's
        """Sends nothing."""
        return Outcome.DONE


class ReadOnlyBackOffice:
    """A back office whose shipments are read, and that gets nothing."""

    def __init__(self, back_office: BackOffice) -> None:
        self._real = back_office

    def deliver(self, message: Message) -> None:
        """Delivers nothing."""

    def shipments(self, cursor: str | None) -> Batch:
        """As the real one."""
        return self._real.shipments(cursor)

    def acknowledge(self, batch: Batch, refused: Sequence[Refusal] = ()) -> None:
        """Acknowledges nothing."""
