"""New sales, the seller's decision on them, and accepted sales."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import partial
from itertools import islice

from rakuten_orders.connection.simulator import documents, items, refusals
from rakuten_orders.connection.simulator.call import SELLER, Answer, Call
from rakuten_orders.connection.simulator.market import ListedSale, Position
from rakuten_orders.connection.simulator.rendering import Node
from rakuten_orders.marketplace import country_numbers

COUNTRY_DEMANDED_SINCE = "2021-04-08"
"""First version of acceptsale that demands ``shippingfromcountry`` (seen in samples)."""


def new_sales(call: Call) -> Answer:
    """getnewsales: everything that waits for the seller's decision, on one page."""
    sales = documents.sales_list(call.market.new_sales(), call.version)
    return call.echo("version", "user"), [call.last_version, SELLER, sales]


def accept(call: Call) -> Answer:
    """acceptsale: one item; the older version knows no countries."""
    demanded = call.version >= COUNTRY_DEMANDED_SINCE
    ships_from = _country(call, "shippingfromcountry", demanded=demanded)
    imported = _country(call, "importcountry", demanded=False)
    call.act(partial(items.accept, ships_from=ships_from, import_country=imported))
    countries = [name for name in ("shippingfromcountry", "importcountry") if demanded and call.param(name)]
    echoed: list[Node] = [(name, call.param(name)) for name in countries]
    scheme: list[Node] = [("onestopshop", [("type", "IOSS"), ("value", "IM0000000000")])] if imported else []
    response = [call.last_version, ("status", "Accepted"), *echoed, *(scheme if demanded else [])]
    return call.echo("version", "user", "itemid", *countries), response


def refuse(call: Call) -> Answer:
    """refusesale: one item, before acceptance."""
    call.act(items.refuse)
    return call.echo("user", "version", "itemid"), [call.last_version, ("status", "Refused")]


def _country(call: Call, name: str, *, demanded: bool) -> int | None:
    """An ISO 3166-1 number; France is 249, and 250 is refused (official text quoted by a client)."""
    text = call.param(name)
    if not text:
        if demanded:
            raise refusals.mandatory(name)
        return None
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) not in country_numbers():
        raise refusals.invalid(name)
    return int(text)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page of getcurrentsales is of, and the position that it starts behind; carried by ``nexttoken``."""

    since: dt.date | None
    pending_preorders: bool
    not_shipped_only: bool
    after: Position | None = None

    def token(self, after: Position) -> str:
        """The token of the page that starts behind a sale's position."""
        since = self.since and self.since.isoformat()
        data = json.dumps([since, self.pending_preorders, self.not_shipped_only, after])
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str) -> _Page:
        """The page that a token stands for, its day and filters included: clients may send the token alone."""
        try:
            data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            since, pending, not_shipped, (bought_at, purchase, block) = json.loads(data)
            return cls(since and dt.date.fromisoformat(since), pending, not_shipped, (bought_at, purchase, block))
        except (ValueError, TypeError):
            raise refusals.invalid("nexttoken") from None


def current_sales(call: Call) -> Answer:
    """getcurrentsales: a page of accepted sales; a malformed day is neither used nor echoed."""
    since = _date(call.param("purchasedate"))
    page = _Page(since, call.param("ispendingpreorder").lower() == "y", call.param("notshippeditemsonly") == "true")
    token = call.param("nexttoken")
    if token not in {"", "0"}:
        page = _Page.from_token(token)
    shown, next_token = _cut(call, page)
    dated: list[Node] = [("purchasedate", f"{since:%d/%m/%Y}")] if since else []
    echo: list[Node] = [
        *call.echo("version", "user"),
        *dated,
        ("nexttoken", token),
        ("ispendingpreorder", str(page.pending_preorders).lower()),
    ]
    sales = documents.sales_list(shown, call.version)
    return echo, [call.last_version, ("nexttoken", next_token), SELLER, sales]


def _cut(call: Call, page: _Page) -> tuple[list[ListedSale], str]:
    """The page's sales and the next page's token; new sales and cancellations in between shift nothing."""
    rest = call.market.current_sales(
        page.since,
        pending_preorders=page.pending_preorders,
        not_shipped_only=page.not_shipped_only,
        after=page.after,
    )
    shown = list(islice(rest, call.page_size))
    return shown, page.token(shown[-1].position) if next(rest, None) else ""


def _date(text: str) -> dt.date | None:
    """A day as ``yyyy-mm-dd``; anything else is ignored without a word (what a client's live test saw)."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def shipping_information(call: Call) -> Answer:
    """getshippinginformation: of a sale with an accepted item."""
    shipping = documents.shipping_information(call.market.purchase(call.param("purchaseid")))
    return call.echo("user", "purchaseid", "version"), [SELLER, call.last_version, shipping]


def billing_information(call: Call) -> Answer:
    """getbillinginformation: of a sale with an accepted item."""
    billing = documents.billing_information(call.market.purchase(call.param("purchaseid")), call.version)
    return call.echo("user", "purchaseid", "version"), [SELLER, call.last_version, billing]
