"""Confirming shipments: one item with its number, or a file of items."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from rakuten_orders.connection.simulator import items, refusals
from rakuten_orders.connection.simulator.call import Answer, Call
from rakuten_orders.connection.simulator.refusals import Refusal
from rakuten_orders.connection.simulator.rendering import Node
from rakuten_orders.connection.simulator.requests import ShippingLine
from rakuten_orders.marketplace import find_transporter, needs_url, prepaid_transporter

_WITHOUT_NUMBER = frozenset({"oui", "yes"})
_UNTRACKED_TYPES = frozenset({"Normal", "Retrait chez le vendeur", "Click and Collect"})


def set_tracking(call: Call) -> Answer:
    """settrackingpackageinfos: one item; name and number are mandatory, the URL for some transporters."""
    name, number, url = (call.param(p) for p in ("transporter_name", "tracking_number", "tracking_url"))
    transporter = _transporter(name, url, url_parameter="tracking_url", name_parameter="transporter_name")
    call.act(partial(items.ship, transporter=transporter, number=number, url=url or None))
    echo: list[Node] = [
        *call.echo("user", "itemid"),
        ("trackingNumber", number),
        ("trackingUrl", url),
        ("transporterName", name),
        ("version", call.version),
    ]
    return echo, [call.last_version, ("status", "OK")]


def import_shipping_status(call: Call) -> Answer:
    """importitemshippingstatus: a posted file of items, with or without numbers."""
    if call.request.method != "POST" or not call.request.lines:
        raise refusals.server_error("An error occurred while submitting the file")
    if not call.partial_imports:
        _raise_refusals(call, _check_line)
    _raise_refusals(call, _ship_line)
    return call.echo("user", "version"), [call.last_version, ("status", "OK")]


def _raise_refusals(call: Call, act: Callable[[Call, ShippingLine], object]) -> None:
    """Does something to every line, then raises what was refused: a detail for each item (what clients read)."""
    details: list[str] = []
    for line in call.request.lines or ():
        try:
            act(call, line)
        except Refusal as refusal:
            article = f"Article {line.item_id} : "
            details += [detail if detail.startswith(article) else article + detail for detail in refusal.details]
    if details:
        raise refusals.bad_parameters(*details)


def _check_line(call: Call, line: ShippingLine) -> items.ItemState:
    """The item as the line would leave it."""
    state = call.market.item(line.item_id)
    if state.purchase_id != line.purchase_id:
        raise refusals.invalid("purchaseid")
    transporter, number = line.transporter, line.tracking_number
    if number.lower() in _WITHOUT_NUMBER:
        if not _goes_without_number(transporter, call.market.shipping_type(state.purchase_id)):
            raise refusals.wrong_number(line.item_id)
    elif not number:
        raise refusals.wrong_number(line.item_id)
    else:
        transporter = _transporter(transporter, line.tracking_url, "trackingurl", "transporter")
    return items.ship(state, call.market.now(), transporter, number, line.tracking_url or None)


def _goes_without_number(transporter: str, shipping_type: str) -> bool:
    """Whether no number is needed: none is asked for, or Rakuten made the label itself (what clients send)."""
    if transporter:
        return prepaid_transporter(transporter) is not None or transporter in _UNTRACKED_TYPES
    return prepaid_transporter(shipping_type) is not None or shipping_type in _UNTRACKED_TYPES


def _ship_line(call: Call, line: ShippingLine) -> None:
    shipped = _check_line(call, line)
    call.market.change(line.item_id, lambda _state, _at: shipped)
    call.done.append(line.item_id)


def _transporter(name: str, url: str, url_parameter: str, name_parameter: str) -> str:
    """The list's spelling of the transporter.

    Refuses what is not listed (inferred: the real answer is not known) and, for Autre, Kiala and Mondial
    Relay, a missing URL; a URL that is given has to be complete for all (what production clients say).
    """
    transporter = find_transporter(name)
    if transporter is None:
        raise refusals.invalid(name_parameter)
    if not url and needs_url(transporter):
        raise refusals.mandatory(url_parameter)
    if url and not _complete(url):
        raise refusals.invalid(url_parameter)
    return transporter


def _complete(url: str) -> bool:
    """``http`` or ``https`` at the front and a host with a dot in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and re.fullmatch(r"[^\s.]+(\.[^\s.]+)+", host) is not None
