"""``Simulator``: the marketplace, its account, its counts and faults, behind one lock."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Literal, Self

from rakuten_orders.connection.simulator import items, refusals
from rakuten_orders.connection.simulator.actions import ACTIONS, Action
from rakuten_orders.connection.simulator.call import Call
from rakuten_orders.connection.simulator.faults import DISTURBANCES, Fault, FaultPlan
from rakuten_orders.connection.simulator.items import ItemState
from rakuten_orders.connection.simulator.market import ListedSale, Market
from rakuten_orders.connection.simulator.refusals import Refusal
from rakuten_orders.connection.simulator.rendering import document, error_document
from rakuten_orders.connection.simulator.requests import Request
from rakuten_orders.connection.simulator.sales import SimulatedSale, from_sale
from rakuten_orders.connection.simulator.server import Reply, Server
from rakuten_orders.payload import parse_sales

DEFAULT_LOGIN = "boutiquefr"
DEFAULT_TOKEN = "jeton-de-demonstration"  # noqa: S105 - opens nothing but the simulator


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A call that arrived, whatever came of it.

    ``outcome`` is ``done`` if the marketplace did what was asked, ``refused`` with an error document's
    sentences in ``detail``, or ``faulted`` if a fault came before it did anything. ``fault`` names the
    fault that the caller saw, also where the call was done.
    """

    action: str
    item_ids: tuple[str, ...]
    purchase_id: str
    at: dt.datetime
    outcome: Literal["done", "refused", "faulted"]
    detail: str = ""
    fault: str | None = None

    @property
    def item_id(self) -> str | None:
        """The item that the call was about; the first, where a file named several."""
        return self.item_ids[0] if self.item_ids else None


def real_time() -> dt.datetime:
    """The present, as an aware time."""
    return dt.datetime.now(dt.UTC)


class Simulator:
    """A marketplace with a memory that speaks Rakuten France's protocol on 127.0.0.1.

    A context manager: it serves between ``start`` and ``close`` and keeps its memory over both, so that it
    can also be unreachable for a while. Everything may be called from any thread.

    login, token: of its one account. port: 0 for any free one. page_size: sales on a page of
    getcurrentsales. clock: an aware time, for purchase dates, quota and deadlines. quota_per_hour: calls
    in one clock hour, None for no limit. professional: False for an account that may not use the web
    services. auto_cancel: cancel what is not accepted in three working days. split_sales: list every
    item in a ``<sale>`` of its own (one client reports that). partial_imports: whether
    importitemshippingstatus does the good lines of a file with a bad one (not known of the real one).
    """

    def __init__(
        self,
        *,
        login: str = DEFAULT_LOGIN,
        token: str = DEFAULT_TOKEN,
        port: int = 0,
        sales: Iterable[SimulatedSale] = (),
        page_size: int = 50,
        clock: Callable[[], dt.datetime] = real_time,
        quota_per_hour: int | None = None,
        professional: bool = True,
        auto_cancel: bool = False,
        split_sales: bool = False,
        partial_imports: bool = True,
    ) -> None:
        self.login = login
        self.token = token
        self.page_size = page_size
        self.quota_per_hour = quota_per_hour
        self.professional = professional
        self.partial_imports = partial_imports
        self._lock = threading.RLock()
        self._market = Market(clock, auto_cancel=auto_cancel, split_sales=split_sales)
        self._faults = FaultPlan()
        self._calls: list[ReceivedCall] = []
        self._effects: Counter[tuple[str, str | None]] = Counter()
        self._calls_in_hour: Counter[dt.datetime] = Counter()
        self._port = port
        self._server: Server | None = None
        self.add(*sales)

    # Serving ----------------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Listens, on the same port as before where it was closed."""
        if self._server is None:
            self._server = Server(self._port, self)
            self._port = self._server.port
        return self

    def close(self) -> None:
        """Stops listening and drops every open connection; the memory stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Simulator login={self.login!r} port={self._port} serving={self._server is not None}>"

    @property
    def url(self) -> str:
        """The endpoint to give to a client, ``http://127.0.0.1:PORT``. Raises ValueError before the first start."""
        if not self._port:
            raise ValueError("the simulator has no address before it is started")
        return f"http://127.0.0.1:{self._port}"

    # Sales ------------------------------------------------------------------------------------------------------------

    def add(self, *sales: SimulatedSale) -> None:
        """Takes new sales in, one by one.

        Raises ValueError for a purchase or an item that is there already; the sales before it stay.
        """
        with self._lock:
            for sale in sales:
                self._market.add(sale)

    def add_xml(self, data: bytes) -> tuple[str, ...]:
        """Takes in the sales of a getnewsales or getcurrentsales answer, as they stand; their purchase ids.

        Raises PayloadError for other bytes and ValueError as ``add`` does.
        """
        sales = [from_sale(sale) for sale in parse_sales(data)]
        self.add(*sales)
        return tuple(sale.purchase_id for sale in sales)

    def item(self, item_id: str) -> ItemState:
        """An item as the marketplace sees it now. Raises KeyError for an unknown one."""
        with self._lock:
            self._market.let_time_pass()
            return self._known(item_id)

    def items(self) -> tuple[ItemState, ...]:
        """All items as the marketplace sees them now."""
        with self._lock:
            self._market.let_time_pass()
            return self._market.all_items()

    def listed(self) -> tuple[list[ListedSale], list[ListedSale]]:
        """The sales that getnewsales and getcurrentsales would list now."""
        with self._lock:
            self._market.let_time_pass()
            return self._market.new_sales(), list(self._market.current_sales(None))

    # Counts -----------------------------------------------------------------------------------------------------------

    @property
    def calls(self) -> list[ReceivedCall]:
        """All calls that arrived, oldest first."""
        with self._lock:
            return list(self._calls)

    def count(self, action: str, item_id: str | None = None) -> int:
        """How many calls of an action arrived, for one item if it is given, answered or not."""
        return sum(call.action == action and (item_id is None or item_id in call.item_ids) for call in self.calls)

    def done(self, action: str, item_id: str | None = None) -> int:
        """How many times an action took effect, for one item if it is given."""
        with self._lock:
            return self._effects[action, item_id]

    # Acts of the buyer, and of Rakuten --------------------------------------------------------------------------------

    def cancel_by_buyer(self, item_id: str) -> None:
        """The buyer cancels, before or after acceptance; ValueError once the parcel has left."""
        self._act(item_id, items.cancel_by_buyer)

    def claim(self, item_id: str, type_: str = "NOT_RECEIVED", comment: str = "Je n'ai rien reçu.") -> None:
        """The buyer opens a claim on an accepted item; it shows in getitemtodolist."""
        self._act(item_id, partial(items.open_claim, type_=type_, comment=comment))

    def settle_claim(self, item_id: str) -> None:
        """The claim ends in agreement."""
        self._act(item_id, items.settle_claim)

    def message(self, item_id: str, content: str, *, from_rakuten: bool = False) -> None:
        """The buyer writes, or Rakuten's customer service; getitemtodolist tells until getiteminfos is read."""
        self._act(item_id, partial(items.receive_message, content=content, from_rakuten=from_rakuten))

    def rate(self, item_id: str) -> None:
        """The buyer rates a shipped item, which closes it."""
        self._act(item_id, items.close)

    def change_address(self, purchase_id: str, **changes: str) -> None:
        """Changes elements (``zipcode="69001"``) of the address that the parcel goes to."""
        with self._lock:
            self._market.change_address(purchase_id, changes)

    def remind(self, item_id: str) -> None:
        """Rakuten reminds the seller to accept: the item becomes REMINDED."""
        self._act(item_id, items.remind)

    def time_out(self, item_id: str) -> None:
        """Rakuten cancels the item because it was not accepted in time."""
        self._act(item_id, items.time_out)

    # Acts of the seller in Rakuten's own back office ------------------------------------------------------------------

    def accept_by_hand(self, item_id: str) -> None:
        """The seller accepts on Rakuten's site; counted as no call."""
        self._act(item_id, partial(items.accept, ships_from=249, import_country=None))

    def refuse_by_hand(self, item_id: str) -> None:
        """The seller refuses on Rakuten's site."""
        self._act(item_id, items.refuse)

    def ship_by_hand(self, item_id: str, transporter: str = "Colissimo", number: str = "6C00000000015") -> None:
        """The seller enters a number on Rakuten's site."""
        self._act(item_id, partial(items.ship, transporter=transporter, number=number, url=None))

    # Faults -----------------------------------------------------------------------------------------------------------

    def fail_next(self, action: str, fault: Fault, times: int = 1, item_id: str | None = None) -> None:
        """The next calls of an action (``*``: any), about one item if it is given, meet a fault."""
        with self._lock:
            self._faults.plan(action, fault, times, item_id)

    def disturb(self, rate: float, seed: int, faults: Sequence[Fault] = DISTURBANCES) -> None:
        """From now on a share of all calls (0 to 1) meets a fault, chosen at random and repeatable by seed."""
        with self._lock:
            self._faults.disturb(rate, seed, faults)

    def calm(self) -> None:
        """No faults from now on."""
        with self._lock:
            self._faults.calm()

    # Answering --------------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Reply:
        """Does what a call asks, counts it, and says what is to be sent back, and how badly."""
        with self._lock:
            self._market.let_time_pass()
            fault = self._faults.take(request.action, request.item_ids)
            if fault is not None and not fault.acts:
                self._record(request, "faulted", fault=fault)
                return Reply(_refusal_document(fault.refusal) if fault.refusal else b"", fault)
            done: list[str] = []
            try:
                body = self._perform(request, done)
            except Refusal as refusal:
                self._record(request, "refused", detail=str(refusal), fault=fault, done=done)
                return Reply(_refusal_document(refusal), fault)
            self._record(request, "done", fault=fault, done=done or request.item_ids)
            return Reply(body, fault)

    def _perform(self, request: Request, done: list[str]) -> bytes:
        action = self._authorised(request)
        for name in action.required:
            if not request.params.get(name, "").strip():
                raise refusals.mandatory(name)
        call = Call(self._market, request, action.last_version, self.page_size, self.partial_imports, done)
        echo, response = action.answer(call)
        return document(action.root, action.namespace, action.declaration, [("request", echo), ("response", response)])

    def _authorised(self, request: Request) -> Action:
        """The action that is asked for, if this caller may. Raises the refusal otherwise, in Rakuten's order."""
        if not request.action:
            raise refusals.mandatory("action")
        action = ACTIONS.get(request.action)
        if action is None:
            raise refusals.invalid("action")
        for name in ("login", "pwd", "version"):
            if not request.params.get(name):
                raise refusals.mandatory(name)
        if request.params["login"].casefold() != self.login.casefold() or request.params["pwd"] != self.token:
            raise refusals.wrong_login()
        if not self.professional:
            raise refusals.no_rights()
        self._use_quota()
        if request.params["version"] not in action.versions:
            raise refusals.invalid("version")
        return action

    def _use_quota(self) -> None:
        hour = self._market.now().replace(minute=0, second=0, microsecond=0)
        if self.quota_per_hour is not None and self._calls_in_hour[hour] >= self.quota_per_hour:
            raise refusals.quota_exceeded()
        self._calls_in_hour[hour] += 1

    def _record(
        self,
        request: Request,
        outcome: Literal["done", "refused", "faulted"],
        *,
        detail: str = "",
        fault: Fault | None = None,
        done: Sequence[str] = (),
    ) -> None:
        self._calls.append(
            ReceivedCall(
                action=request.action,
                item_ids=request.item_ids,
                purchase_id=request.params.get("purchaseid", ""),
                at=self._market.now(),
                outcome=outcome,
                detail=detail,
                fault=fault.kind if fault else None,
            )
        )
        self._effects.update((request.action, item_id) for item_id in done)
        if outcome == "done" or done:
            self._effects[request.action, None] += 1

    def _act(self, item_id: str, act: Callable[[ItemState, dt.datetime], ItemState]) -> None:
        with self._lock:
            self._market.let_time_pass()
            self._known(item_id)
            try:
                self._market.change(item_id, act)
            except Refusal as refusal:
                raise ValueError(str(refusal)) from refusal

    def _known(self, item_id: str) -> ItemState:
        try:
            return self._market.item(item_id)
        except Refusal:
            raise KeyError(item_id) from None


def _refusal_document(refusal: Refusal) -> bytes:
    return error_document(refusal.type, refusal.code, refusal.message, refusal.details)
