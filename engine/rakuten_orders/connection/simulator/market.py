"""The marketplace's memory: sales, the state of their items, and what each call may see of them.

Knows neither XML nor HTTP, and takes no lock: ``Simulator`` holds one around every call.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from rakuten_orders.connection.simulator import items, refusals
from rakuten_orders.connection.simulator.deadlines import PARIS, acceptance_deadline
from rakuten_orders.connection.simulator.items import ItemState
from rakuten_orders.connection.simulator.sales import (
    ADDRESS_BLOCKS,
    DELIVERY,
    SimulatedItem,
    SimulatedSale,
    with_fields,
)
from rakuten_orders.marketplace import ItemStage

DATE_FORMAT = "%d/%m/%Y-%H:%M"
"""Rakuten's date and time: no seconds, no zone, Paris (seen in samples; the zone is inferred)."""


Position = tuple[str, str, int]
"""Time of purchase, purchase id, and the negative number of the sale's block; newest first is descending."""


@dataclass(frozen=True, slots=True)
class ListedSale:
    """A sale with those of its items that a list shows, each as it was put in and as it stands now."""

    sale: SimulatedSale
    bought_at: dt.datetime
    accepted: bool
    items: tuple[tuple[SimulatedItem, ItemState], ...]
    block: int = 0

    @property
    def position(self) -> Position:
        """Where it stands in a list that is sorted by date."""
        return (*_sale_position(self.sale.purchase_id, self.bought_at), -self.block)


class Market:
    """Everything that the simulated marketplace remembers."""

    def __init__(self, clock: Callable[[], dt.datetime], *, auto_cancel: bool, split_sales: bool) -> None:
        self._clock = clock
        self.auto_cancel = auto_cancel
        self.split_sales = split_sales
        self._sales: dict[str, SimulatedSale] = {}
        self._bought_at: dict[str, dt.datetime] = {}
        self._items: dict[str, ItemState] = {}
        self._oldest_first: list[tuple[str, str]] = []

    def now(self) -> dt.datetime:
        """The clock's time, in Paris."""
        return self._clock().astimezone(PARIS)

    def add(self, sale: SimulatedSale) -> None:
        """Takes a new sale in. Raises ValueError for an id that is known, missing or doubled, or an unreadable date."""
        ids = [one.item_id for one in sale.items]
        known = [item_id for item_id in ids if item_id in self._items]
        if sale.purchase_id in self._sales or known:
            raise ValueError(f"sale {sale.purchase_id} is there already {known or ''}".rstrip())
        if not (sale.purchase_id and all(ids) and len(set(ids)) == len(ids)):
            raise ValueError(f"sale {sale.purchase_id} has no id, an item without one, or two items with the same")
        bought_at = self._purchase_time(sale)
        insort(self._oldest_first, _sale_position(sale.purchase_id, bought_at))
        self._sales[sale.purchase_id] = sale
        self._bought_at[sale.purchase_id] = bought_at
        for one in sale.items:
            self._items[one.item_id] = items.first_state(one, sale.purchase_id, bought_at)

    def item(self, item_id: str) -> ItemState:
        """The item's state. Raises the refusal that Rakuten gives for an unknown one."""
        state = self._items.get(item_id)
        if state is None:
            raise refusals.invalid("itemid")
        return state

    def all_items(self) -> tuple[ItemState, ...]:
        """Every item's state, in the order in which they were added."""
        return tuple(self._items.values())

    def shipping_type(self, purchase_id: str) -> str:
        """The sale's shipping type, as Rakuten labels it."""
        return self._sales[purchase_id].fields.get(f"{DELIVERY}.shippingtype", "")

    def change(self, item_id: str, act: Callable[[ItemState, dt.datetime], ItemState]) -> None:
        """Does something to one item; nothing changes where ``act`` raises."""
        self._items[item_id] = act(self.item(item_id), self.now())

    def change_address(self, purchase_id: str, changes: Mapping[str, str]) -> None:
        """Replaces elements in the address that parcels go to: delivery address, else pick-up point, else billing."""
        sale = self._sales[purchase_id]
        prefixes = [f"{DELIVERY}.{block}." for block in ADDRESS_BLOCKS]
        prefix = next(prefix for prefix in prefixes if any(path.startswith(prefix) for path in sale.fields))
        self._sales[purchase_id] = with_fields(sale, {f"{prefix}{name}": text for name, text in changes.items()})

    def confirm_preorder(self, advert_id: str, stock: int) -> int:
        """Gives ``stock`` units to the advert's waiting preorders, oldest first; how many go on waiting."""
        if all(state.advert_id != advert_id for state in self._items.values()):
            raise refusals.invalid("advertid")
        waiting = [
            state
            for state in self._items.values()
            if state.advert_id == advert_id and state.stage is ItemStage.AWAITING_STOCK
        ]
        waiting.sort(key=lambda state: self._bought_at[state.purchase_id])
        for state in waiting[:stock]:
            self.change(state.item_id, items.allocate_stock)
        return max(0, len(waiting) - stock)

    def purchase(self, purchase_id: str) -> ListedSale:
        """A sale with its accepted items, for shipping and billing. Raises a refusal before any is accepted."""
        if purchase_id not in self._sales:
            raise refusals.invalid("purchaseid")
        listed = self._listed(self._sales[purchase_id], lambda state: state.accepted)
        if not listed.items:
            raise refusals.not_confirmed_yet()
        return listed

    def new_sales(self) -> list[ListedSale]:
        """Sales with items to decide on, newest first."""
        return list(self._newest_first(lambda state: state.stage is ItemStage.UNDECIDED))

    def current_sales(
        self,
        since: dt.date | None,
        *,
        pending_preorders: bool = False,
        not_shipped_only: bool = False,
        after: Position | None = None,
    ) -> Iterator[ListedSale]:
        """Accepted sales bought on ``since`` or later, newest first; cancelled, shipped and claimed items included.

        Begins behind the position ``after``, where one is given.

        Preorders that wait for stock show only with ``pending_preorders``, and then alone (inferred). What
        was refused or cancelled before acceptance shows nowhere (inferred).
        """

        def shown(state: ItemState) -> bool:
            waiting = state.stage is ItemStage.AWAITING_STOCK
            return state.accepted and waiting is pending_preorders and not (not_shipped_only and state.shipped)

        return takewhile(lambda one: since is None or one.bought_at.date() >= since, self._newest_first(shown, after))

    def let_time_pass(self) -> None:
        """Cancels what was not accepted in time, if ``auto_cancel`` is on."""
        if not self.auto_cancel:
            return
        now = self.now()
        for state in self._items.values():
            deadline = acceptance_deadline(self._bought_at[state.purchase_id])
            if state.stage is ItemStage.UNDECIDED and now >= deadline:
                self._items[state.item_id] = items.time_out(state, deadline)

    def _newest_first(self, shown: Callable[[ItemState], bool], after: Position | None = None) -> Iterator[ListedSale]:
        end = len(self._oldest_first)
        if after is not None:
            end = bisect_right(self._oldest_first, after[:2])
        for _, purchase_id in reversed(self._oldest_first[:end]):
            listed = self._listed(self._sales[purchase_id], shown)
            for block in self._blocks(listed) if listed.items else ():
                if after is None or block.position < after:
                    yield block

    def _listed(self, sale: SimulatedSale, shown: Callable[[ItemState], bool]) -> ListedSale:
        states = [(one, self._items[one.item_id]) for one in sale.items]
        return ListedSale(
            sale=sale,
            bought_at=self._bought_at[sale.purchase_id],
            accepted=any(state.accepted for _, state in states),
            items=tuple((one, state) for one, state in states if shown(state)),
        )

    def _blocks(self, listed: ListedSale) -> Iterable[ListedSale]:
        if not self.split_sales:
            return (listed,)
        return (
            ListedSale(listed.sale, listed.bought_at, listed.accepted, (one,), block)
            for block, one in enumerate(listed.items)
        )

    def _purchase_time(self, sale: SimulatedSale) -> dt.datetime:
        text = sale.fields.get("purchasedate")
        if text is None:
            return (self.now() - sale.age).replace(second=0, microsecond=0)
        try:
            return dt.datetime.strptime(text, DATE_FORMAT).replace(tzinfo=PARIS)
        except ValueError:
            raise ValueError(f"sale {sale.purchase_id}: purchasedate is not written as dd/mm/yyyy-HH:MM") from None


def _sale_position(purchase_id: str, bought_at: dt.datetime) -> tuple[str, str]:
    return (bought_at.isoformat(), purchase_id)
