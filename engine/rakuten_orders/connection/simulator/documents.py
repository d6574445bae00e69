"""What the marketplace shows of sales and items, as element trees in Rakuten's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from rakuten_orders.connection.simulator.items import ItemState, LogEntry, Message
from rakuten_orders.connection.simulator.labels import PrepaidLabel, prepaid_label
from rakuten_orders.connection.simulator.market import DATE_FORMAT, ListedSale
from rakuten_orders.connection.simulator.rendering import Node, tree
from rakuten_orders.connection.simulator.sales import ADDRESS_BLOCKS, DELIVERY, SimulatedItem
from rakuten_orders.marketplace import ItemStage

WORDS_OF_TODAY_SINCE = "2016-03-16"
"""First version whose lists say REQUESTED and COMMITTED and have ``shipped`` (what production clients do)."""

_OLD_WORDS = {
    ItemStage.UNDECIDED: "TO_CONFIRM",
    ItemStage.SHIPPABLE: "ACCEPTED",
    ItemStage.IN_CLAIM: "PENDING_CLAIM",
}
_PERSON = ("civility", "lastname", "firstname")
_POSTAL = ("address1", "address2", "zipcode", "city", "state", "country", "countryalpha2")
_ADDRESS = (*_PERSON, *_POSTAL, "phonenumber1", "phonenumber2")
_POINT = (*_PERSON, "id", "name", "address", "zipcode", "city", "country", "contractlevel")
_BLOCKS = {"deliveryaddress": _ADDRESS, "collectionpointaddress": _POINT, "billingaddress": _ADDRESS}
_ONLY_WHEN_FILLED = frozenset({"state", "contractlevel"})
_SALE_HEAD = ("shippingtype", "isfullrsl", "purchasebuyerlogin", "purchasebuyeremail")
_ITEM_HEAD = ("sku", "advertid", "advertpricelisted.amount", "advertpricelisted.currency", "itemid", "headline")
_ITEM_TAIL = (
    *("isnego", "negotiationcomment", "price.amount", "price.currency"),
    *("isrsl", "isbn", "ean", "paymentstatus", "sellerscore"),
)
_COMMISSION, _VAT = Decimal("0.12"), Decimal("0.20")
_CENT = Decimal("0.01")


def sales_list(listed: Iterable[ListedSale], version: str) -> Node:
    """``<sales>`` of getnewsales and getcurrentsales."""
    return ("sales", [("sale", _sale(one, version)) for one in listed])


def shipping_information(listed: ListedSale) -> Node:
    """``<shippinginformation>``: shipping price, label, buyer and addresses of an accepted sale (seen in samples)."""
    fields = {path.removeprefix(f"{DELIVERY}."): text for path, text in listed.sale.fields.items()}
    shipping_type = fields.get("shippingtype", "")
    cost = sum((state.shipping_price for _, state in listed.items), Decimal(0))
    buyer = {name: fields.get(name, "") for name in ("purchasebuyerlogin", "purchasebuyeremail")}
    addresses = {path: text for path, text in fields.items() if path.split(".")[0] in ADDRESS_BLOCKS}
    return (
        "shippinginformation",
        [
            ("shippingtype", shipping_type),
            ("prepaidlabel", _label(prepaid_label(shipping_type, listed.sale.purchase_id))),
            ("purchaseshippingcostprice", _money(cost)),
            *tree(buyer, ()),
            *tree(addresses, _address_paths(addresses)),
        ],
    )


def billing_information(listed: ListedSale, version: str) -> Node:
    """``<billinginformation>`` of the accepted items: prices, commissions, what is paid out (seen in samples)."""
    items: list[Node] = [("item", _billed(item, state, version)) for item, state in listed.items]
    return ("billinginformation", [("items", items)])


def item_informations(state: ItemState, version: str) -> list[Node]:
    """getiteminfos' answer behind ``sellerid``: state, claim, possible actions, messages, history."""
    since_2017 = version >= "2017-08-07"
    nodes: list[Node] = [
        ("itemid", state.item_id),
        ("date", state.log[0].at.strftime(DATE_FORMAT)),
        ("itemstatus", state.status),
        *([("shipped", str(int(state.shipped)))] if since_2017 else []),
        ("itemstate", "CLAIMED_AMICABLE" if state.claim else state.status),
        ("itemstatelabel", "Réclamation en cours. Traitement amiable." if state.claim else "Vente en cours."),
        ("paymentstatus", "Forthcoming"),
        ("sellerscore", ""),
        *_claim(state),
        ("availableactions", _actions(state)),
        *[_message(one) for one in reversed(state.messages)],
        *[_log_entry(one) for one in reversed(state.log)],
    ]
    purchase: list[Node] = [("purchaseid", state.purchase_id)] if since_2017 else []
    return [*purchase, ("item", nodes)]


def todo_list(states: Iterable[ItemState]) -> Node:
    """``<items>`` of getitemtodolist: what has an open claim or an unread message (official page)."""
    todo = [(state, causes) for state in states if (causes := _causes(state))]
    return (
        "items",
        [
            ("item", [("itemid", state.item_id), ("causes", [("cause", cause) for cause in causes])])
            for state, causes in todo
        ],
    )


def _sale(listed: ListedSale, version: str) -> list[Node]:
    fields = {**listed.sale.fields, "purchasedate": listed.bought_at.strftime(DATE_FORMAT)}
    if not listed.accepted:
        fields = {path: text for path, text in fields.items() if not _hidden_before_acceptance(path)}
    delivery = {path.removeprefix(f"{DELIVERY}."): text for path, text in fields.items() if path.startswith(DELIVERY)}
    order = ["purchasedate", *(f"{DELIVERY}.{path}" for path in (*_SALE_HEAD, *_address_paths(delivery)))]
    items: list[Node] = [("item", _item(item, state, version)) for item, state in listed.items]
    return [("purchaseid", listed.sale.purchase_id), *tree(fields, order), ("items", items)]


def _hidden_before_acceptance(path: str) -> bool:
    """E-mail and phones are blank until the seller has accepted (what production clients see)."""
    return path.endswith((".purchasebuyeremail", ".phonenumber1", ".phonenumber2"))


def _address_paths(fields: Mapping[str, str]) -> list[str]:
    """The paths of those address blocks that the sale has, in Rakuten's order, empty elements included."""
    return [
        f"{block}.{name}"
        for block in ADDRESS_BLOCKS
        if any(path.startswith(f"{block}.") for path in fields)
        for name in _BLOCKS[block]
        if name not in _ONLY_WHEN_FILLED or f"{block}.{name}" in fields
    ]


def _item(item: SimulatedItem, state: ItemState, version: str) -> list[Node]:
    shipped = ("shipped",) if version >= WORDS_OF_TODAY_SINCE else ()
    fulfilment = ("is_fulfilment",) if "is_fulfilment" in item.fields else ()
    fields = {**item.fields, "itemid": state.item_id, "itemstatus": _word(state, version)}
    if shipped:
        fields["shipped"] = str(int(state.shipped))
    return tree(fields, (*_ITEM_HEAD, "itemstatus", *shipped, "ispreorder", *fulfilment, *_ITEM_TAIL))


def _word(state: ItemState, version: str) -> str:
    return state.status if version >= WORDS_OF_TODAY_SINCE else _OLD_WORDS.get(state.stage, state.status)


def _label(label: PrepaidLabel | None) -> list[Node]:
    if label is None:
        return [("available", "N"), ("availabilitydetail", "No prepaid label for this shipping type.")]
    return [
        ("available", "Y"),
        ("availabilitydetail", "Prepaid label available."),
        ("prepaidlabelurl", label.url),
        ("trackinginformation", [("trackingnumber", label.tracking_number), ("trackingurl", label.tracking_url)]),
    ]


def _billed(item: SimulatedItem, state: ItemState, version: str) -> list[Node]:
    price, shipping = Decimal(item.fields.get("price.amount", "0")), state.shipping_price
    commission, shipping_commission = _cents(price * _COMMISSION), _cents(shipping * _COMMISSION)
    vat, shipping_vat = _cents(commission * _VAT), _cents(shipping_commission * _VAT)
    rate = f"{_VAT * 100:.1f}"
    return [
        ("itemid", state.item_id),
        ("sku", item.fields.get("sku", "")),
        ("headline", item.fields.get("headline", "")),
        ("category", "Divers & accessoires"),
        ("itemstatus", _word(state, version)),
        *([("shipped", str(int(state.shipped)))] if version >= WORDS_OF_TODAY_SINCE else []),
        ("itemsaleprice", _money(price)),
        ("shippingsaleprice", _money(shipping)),
        ("itemcommissionvatrate", rate),
        ("itemcommissionexcltax", _money(commission)),
        ("itemcommissionvat", _money(vat)),
        ("shippingcommissionvatrate", rate),
        ("shippingcommissionexcltax", _money(shipping_commission)),
        ("shippingcommissionvat", _money(shipping_vat)),
        ("paymentamount", _money(price + shipping - commission - vat - shipping_commission - shipping_vat)),
    ]


def _claim(state: ItemState) -> list[Node]:
    if state.claim is None:
        return []
    return [
        (
            "claim",
            [
                ("creationdate", state.claim.at.strftime(DATE_FORMAT)),
                ("type", state.claim.type),
                ("state", "NEW"),
                ("amicable", "Y"),
                ("claimcomment", state.claim.comment),
            ],
        )
    ]


def _actions(state: ItemState) -> list[Node]:
    titles = [("Contacter l'acheteur", "contactuseraboutitem"), ("Contacter Rakuten", "contactusaboutitem")]
    if state.stage is ItemStage.IN_CLAIM or (state.stage is ItemStage.SHIPPABLE and not state.shipped):
        titles.append(("Annuler la vente de cet article", "cancelitem"))
    return [("action", [("title", title), ("description", ""), ("actioncode", code)]) for title, code in titles]


def _message(message: Message) -> Node:
    sender = "Rakuten" if message.from_rakuten else "acheteur"
    sent = ("senddate", message.at.strftime(DATE_FORMAT))
    # Line breaks around short values, as in samples.
    people: list[Node] = [("sender", f"\n{sender}\n"), ("recipient", "\nvendeur\n")]
    tail: list[Node] = [("content", message.content), ("status", "\nUNREAD\n" if message.unread else "\nREAD\n")]
    if not message.from_rakuten:
        return ("message", [*people, sent, *tail])
    mail_id = str(int(message.at.timestamp()))
    return ("mail", [("mailid", f"\n{mail_id}\n"), sent, *people, ("object", "Votre vente"), *tail])


def _log_entry(entry: LogEntry) -> Node:
    return (
        "itemlog",
        [
            ("creationdate", entry.at.strftime(DATE_FORMAT)),
            ("itemlogcode", entry.code),
            ("description", entry.description),
            ("complement", ""),
        ],
    )


def _causes(state: ItemState) -> list[str]:
    unread = [message for message in state.messages if message.unread]
    causes = {
        "CLAIM": state.stage is ItemStage.IN_CLAIM,
        "UNREAD_MESSAGE_FROM_CUSTOMER_SERVICE": any(message.from_rakuten for message in unread),
        "UNREAD_MESSAGE_FROM_BUYER": any(not message.from_rakuten for message in unread),
    }
    return [cause for cause, holds in causes.items() if holds]


def _money(amount: Decimal) -> list[Node]:
    """One or two decimals, as Rakuten writes amounts (``0.0``, ``23.9``, ``106.45``; seen in samples)."""
    text = f"{_cents(amount):.2f}"
    return [("amount", text.removesuffix("0")), ("currency", "EUR")]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
