"""One item's life at the marketplace: a frozen state and the acts that lead from one to the next.

Acts of the seller raise ``Refusal`` where Rakuten refuses. Acts of the buyer and of Rakuten itself are
the test's to choose; an impossible one is a ValueError.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from rakuten_orders.connection.simulator import refusals
from rakuten_orders.connection.simulator.sales import SimulatedItem
from rakuten_orders.marketplace import ItemStage, item_stage


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the item's history, as getiteminfos shows it."""

    at: dt.datetime
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message about the item; ``from_rakuten`` for customer service, which getiteminfos shows as ``mail``."""

    at: dt.datetime
    content: str
    from_rakuten: bool = False
    unread: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A buyer's claim (``type`` as Rakuten writes it: DAMAGED, NOT_RECEIVED ...)."""

    at: dt.datetime
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class ItemState:
    """What the marketplace knows of one item.

    ``status`` is Rakuten's word: REQUESTED, REMINDED, COMMITTED, PENDING, REFUSED, CANCELLED, ON_HOLD or
    CLOSED, or whatever the seeded XML said. ``accepted`` stays True once the buyer was debited.
    ``ships_from`` and ``import_country`` are the numbers that acceptsale brought.
    """

    item_id: str
    purchase_id: str
    advert_id: str
    is_preorder: bool
    shipping_price: Decimal
    status: str
    accepted: bool
    shipped: bool = False
    ships_from: int | None = None
    import_country: int | None = None
    transporter_name: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    cancel_comment: str | None = None
    claim: Claim | None = None
    messages: tuple[Message, ...] = ()
    log: tuple[LogEntry, ...] = ()

    @property
    def stage(self) -> ItemStage:
        """What the status means for the seller."""
        return item_stage(self.status)


def first_state(item: SimulatedItem, purchase_id: str, bought_at: dt.datetime) -> ItemState:
    """The item as it enters the marketplace; whatever waits for no decision was accepted before."""
    return ItemState(
        item_id=item.item_id,
        purchase_id=purchase_id,
        advert_id=item.fields.get("advertid", ""),
        is_preorder=item.fields.get("ispreorder", "N").upper() == "Y",
        shipping_price=item.shipping_price,
        status=item.status,
        accepted=item_stage(item.status) is not ItemStage.UNDECIDED,
        shipped=item.shipped,
        log=(LogEntry(bought_at, "ITEM_REQUESTED", "L'acheteur vous a passé commande pour cet article."),),
    )


# The seller's acts ---------------------------------------------------------------------------------------------------


def accept(state: ItemState, at: dt.datetime, ships_from: int | None, import_country: int | None) -> ItemState:
    """The buyer is debited; a preorder then waits for stock."""
    _require_undecided(state)
    status = "PENDING" if state.is_preorder else "COMMITTED"
    accepted = replace(state, status=status, accepted=True, ships_from=ships_from, import_country=import_country)
    return _logged(accepted, at, "ITEM_COMMITTED", "Vous avez confirmé la commande de cet article.")


def refuse(state: ItemState, at: dt.datetime) -> ItemState:
    """The seller declines before acceptance; the item leaves both lists of sales."""
    _require_undecided(state)
    return _logged(replace(state, status="REFUSED"), at, "ITEM_REFUSED", "Vous avez refusé la commande de cet article.")


def ship(state: ItemState, at: dt.datetime, transporter: str, number: str, url: str | None) -> ItemState:
    """The parcel left; number, name and URL are fixed from now on."""
    if state.shipped:
        raise refusals.already_shipped(state.item_id)
    if state.stage is not ItemStage.SHIPPABLE:
        raise refusals.wrong_status(state.item_id)
    shipped = replace(state, shipped=True, transporter_name=transporter, tracking_number=number, tracking_url=url)
    return _logged(shipped, at, "TRACKING", "Vous avez expédié cet article.")


def cancel(state: ItemState, at: dt.datetime, comment: str) -> ItemState:
    """The seller cancels after acceptance; in a claim also after shipment (an action offered in samples)."""
    in_claim = state.stage is ItemStage.IN_CLAIM
    pending = state.stage in {ItemStage.SHIPPABLE, ItemStage.AWAITING_STOCK} and not state.shipped
    if not (in_claim or pending):
        raise refusals.not_cancellable()
    cancelled = replace(state, status="CANCELLED", cancel_comment=comment, claim=None)
    return _logged(cancelled, at, "ITEM_CANCELLED", "Vous avez annulé la vente de cet article.")


def allocate_stock(state: ItemState, at: dt.datetime) -> ItemState:
    """A preorder gets its stock and can be shipped."""
    return _logged(replace(state, status="COMMITTED"), at, "ITEM_COMMITTED", "Le stock de cet article est confirmé.")


# The buyer's and Rakuten's acts --------------------------------------------------------------------------------------


def cancel_by_buyer(state: ItemState, at: dt.datetime) -> ItemState:
    """The buyer changes their mind before the parcel leaves (within the first hour, official page; not enforced)."""
    possible = {ItemStage.UNDECIDED, ItemStage.SHIPPABLE, ItemStage.AWAITING_STOCK}
    if state.shipped or state.stage not in possible:
        raise ValueError(f"item {state.item_id} is {state.status}, shipped: {state.shipped}; it cannot be cancelled")
    return _logged(replace(state, status="CANCELLED"), at, "ITEM_CANCELLED", "L'acheteur a annulé sa commande.")


def time_out(state: ItemState, at: dt.datetime) -> ItemState:
    """Rakuten cancels what was not accepted in time."""
    _require(state, ItemStage.UNDECIDED, "time out")
    return _logged(replace(state, status="CANCELLED"), at, "ITEM_CANCELLED", "Vous n'avez pas confirmé à temps.")


def remind(state: ItemState, at: dt.datetime) -> ItemState:
    """Rakuten reminds the seller by e-mail; the item shows as REMINDED."""
    _require(state, ItemStage.UNDECIDED, "be reminded of")
    return _logged(replace(state, status="REMINDED"), at, "PM_REMIND", "Un rappel vous a été envoyé par e-mail.")


def open_claim(state: ItemState, at: dt.datetime, type_: str, comment: str) -> ItemState:
    """The buyer complains: the item is on hold."""
    _require(state, ItemStage.SHIPPABLE, "be claimed")
    claimed = replace(state, status="ON_HOLD", claim=Claim(at, type_, comment))
    return _logged(claimed, at, "AMICABLE_CLAIM_CREATION", "L'acheteur a ouvert une réclamation.")


def settle_claim(state: ItemState, at: dt.datetime) -> ItemState:
    """Both agree: the item is as it was before the claim."""
    _require(state, ItemStage.IN_CLAIM, "have its claim settled")
    settled = replace(state, status="COMMITTED", claim=None)
    return _logged(settled, at, "AMICABLE_CLAIM_CLOSED", "La réclamation est close.")


def close(state: ItemState, at: dt.datetime) -> ItemState:
    """The buyer rates a shipped item; the sale of it is over."""
    if not (state.shipped and state.stage is ItemStage.SHIPPABLE):
        raise ValueError(f"item {state.item_id} is {state.status}, shipped: {state.shipped}; it cannot be closed")
    return _logged(replace(state, status="CLOSED"), at, "ITEM_CLOSED", "L'acheteur vous a noté.")


def receive_message(state: ItemState, at: dt.datetime, content: str, *, from_rakuten: bool) -> ItemState:
    """The buyer, or Rakuten's customer service, writes about the item."""
    return replace(state, messages=(*state.messages, Message(at, content, from_rakuten)))


def read_messages(state: ItemState) -> ItemState:
    """All messages count as read: the side effect of getiteminfos (what production clients warn of)."""
    return replace(state, messages=tuple(replace(one, unread=False) for one in state.messages))


def _require_undecided(state: ItemState) -> None:
    if state.stage is ItemStage.UNDECIDED:
        return
    raise refusals.already_gone() if state.stage is ItemStage.GONE else refusals.already_accepted()


def _require(state: ItemState, stage: ItemStage, act: str) -> None:
    if state.stage is not stage:
        raise ValueError(f"item {state.item_id} is {state.status}; it cannot {act}")


def _logged(state: ItemState, at: dt.datetime, code: str, description: str) -> ItemState:
    return replace(state, log=(*state.log, LogEntry(at, code, description)))
