"""The marketplace's answers: bytes to values, pure, one function for each kind.

Each raises ErrorDocument for an error document, whatever the HTTP status, and PayloadError for anything
that is not the answer to what was asked. Every answer has ``lastversion``, the newest version that the
server knows of the action (seen in samples): the only machine-readable news of one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from rakuten_orders.documents import ROOTS, read_document
from rakuten_orders.errors import PayloadError
from rakuten_orders.model import Sale
from rakuten_orders.payload import SALE_RECORDS, metropolitan, sales_in
from rakuten_orders.xmlrecords import Record

T = TypeVar("T")

# The root and the status word that say that a write was done (seen in samples; the exact case by two clients).
CONFIRMATIONS: Mapping[str, tuple[str, str]] = {
    "acceptsale": ("saleacceptanceresult", "Accepted"),
    "refusesale": ("saleacceptanceresult", "Refused"),
    "cancelitem": ("cancelitemresult", "CANCELLED"),
    "settrackingpackageinfos": ("setshippingpackageinfosresult", "OK"),
    "importitemshippingstatus": ("importresult", "OK"),
}


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What an answer says, and the newest version of its action; empty where it does not tell."""

    value: T
    last_version: str


@dataclass(frozen=True, slots=True)
class SalesPage:
    """One page of getcurrentsales.

    ``next_token`` is empty on the last page. ``purchase_date`` is the echo of the day that was asked for
    (``dd/mm/yyyy``), empty where the server did not take it.
    """

    sales: tuple[Sale, ...]
    next_token: str
    purchase_date: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of an item's log: ``created`` as Rakuten writes it, ``code`` such as ITEM_REQUESTED or TRACKING."""

    created: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class ItemInfos:
    """The state of one item, as getiteminfos tells it.

    ``shipped`` is None where neither the flag (versions since 2017-08-07, what a client sees) nor the log tells.
    ``claim`` has the paths below ``<claim>``, and is None without one. ``actions`` are the codes of what the
    seller may do, ``log`` is in the answer's order, ``fields`` has the paths below ``<item>``.
    """

    item_id: str
    purchase_id: str
    status: str
    shipped: bool | None
    claim: Mapping[str, str] | None
    actions: tuple[str, ...]
    log: tuple[LogEntry, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TodoItem:
    """An item that waits for the seller, and why.

    Causes are CLAIM, UNREAD_MESSAGE_FROM_CUSTOMER_SERVICE and UNREAD_MESSAGE_FROM_BUYER (official page).
    """

    item_id: str
    causes: tuple[str, ...]


def new_sales(data: bytes) -> Answer[tuple[Sale, ...]]:
    """getnewsales: the sales that wait for a decision."""
    root = read_document(data, ["getnewsalesresult"], SALE_RECORDS)
    return _answer(root, sales_in(root))


def current_sales(data: bytes) -> Answer[SalesPage]:
    """getcurrentsales: one page."""
    root = read_document(data, ["getcurrentsalesresult"], SALE_RECORDS)
    page = SalesPage(
        sales=sales_in(root),
        next_token=root.fields.get("response.nexttoken", ""),
        purchase_date=root.fields.get("request.purchasedate", ""),
    )
    return _answer(root, page)


def shipping_information(data: bytes) -> Answer[Mapping[str, str]]:
    """getshippinginformation: the paths below ``<shippinginformation>``."""
    root = read_document(data, ["getshippinginformationresult"], {"shippinginformation"})
    fields = root.records[0].fields if root.records else {}
    return _answer(root, metropolitan(fields))


def billing_information(data: bytes) -> Answer[Mapping[str, Mapping[str, str]]]:
    """getbillinginformation: for each item id the paths below ``<item>``."""
    root = read_document(data, ["getbillinginformationresult"], {"item"})
    return _answer(root, {item.fields.get("itemid", ""): item.fields for item in root.records})


def item_infos(data: bytes) -> Answer[ItemInfos]:
    """getiteminfos: the state of one item."""
    root = read_document(data, ["getiteminfosresult"], {"item", "claim", "action", "itemlog"})
    if not root.records:
        raise PayloadError("the answer to getiteminfos came without an item")
    item = root.records[0]
    log = tuple(_log_entry(entry.fields) for entry in _below(item, "itemlog"))
    infos = ItemInfos(
        item_id=item.fields.get("itemid", ""),
        purchase_id=root.fields.get("response.purchaseid", ""),
        status=item.fields.get("itemstatus", ""),
        shipped=_shipped(item.fields, log),
        claim=next((claim.fields for claim in _below(item, "claim")), None),
        actions=tuple(action.fields.get("actioncode", "") for action in _below(item, "action")),
        log=log,
        fields=item.fields,
    )
    return _answer(root, infos)


def todo_list(data: bytes) -> Answer[tuple[TodoItem, ...]]:
    """getitemtodolist: the items that wait for the seller."""
    root = read_document(data, ["getitemtodolistresult"], {"item", "cause"})
    items = (
        TodoItem(
            item_id=item.fields.get("itemid", ""),
            causes=tuple(cause.fields.get("", "") for cause in _below(item, "cause")),
        )
        for item in root.records
    )
    return _answer(root, tuple(items))


def confirmation(action: str) -> Callable[[bytes], Answer[str]]:
    """A reader of the answer to a write: its status word, which must be the one that says "done"."""
    root_name, word = CONFIRMATIONS[action]

    def read(data: bytes) -> Answer[str]:
        root = read_document(data, [root_name], ())
        status = root.fields.get("response.status", "")
        if status.casefold() != word.casefold():
            raise PayloadError(f"{ROOTS[root_name]} came without the status {word}")
        return _answer(root, status)

    return read


def _answer(root: Record, value: T) -> Answer[T]:
    return Answer(value, root.fields.get("response.lastversion", ""))


def _below(record: Record, name: str) -> Collection[Record]:
    return [child for child in record.records if child.name == name]


def _log_entry(fields: Mapping[str, str]) -> LogEntry:
    return LogEntry(
        created=fields.get("creationdate", ""),
        code=fields.get("itemlogcode", ""),
        description=fields.get("description", ""),
    )


def _shipped(fields: Mapping[str, str], log: tuple[LogEntry, ...]) -> bool | None:
    if "shipped" in fields:
        return fields["shipped"] == "1"
    return True if any(entry.code == "TRACKING" for entry in log) else None
