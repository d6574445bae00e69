"""Bytes to orders: ``Engine.map`` on documents against ElementTree and the mapping by hand, with the same duties."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bench import data
from bench.floors import parsing as floor
from bench.floors.mapping import Mapping20
from bench.outcome import Row, difference
from bench.rows.mapping import by_hand
from bench.setting import Setting
from bench.work import Work, in_turn, timed
from rakuten_orders.engine import Engine
from rakuten_orders.errors import PayloadError
from rakuten_orders.model import MapResult

_DOCUMENTS = 4
_DTD = b'<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE a [<!ENTITY b "c">]><getnewsalesresult/>'


def measure(setting: Setting) -> Iterator[Row]:
    """The row, with its peers below it."""
    yield timed(prepare(setting), setting.method)


def prepare(setting: Setting) -> Work:
    """Both sides on documents of 100 sales with 3 items; compared on faulty and refused documents too."""
    engine = data.engine()
    hand = by_hand(engine)
    sales = min(setting.sales, _DOCUMENTS * data.SALES_A_DOCUMENT)
    good = list(data.documents(sales))
    odd = [*data.documents(sales, faulty=0.05), _twice(good[0]), _DTD, good[0][: len(good[0]) // 2], b"<html></html>"]
    row = Row(
        key="parse",
        name="bytes to orders",
        against="ElementTree and the mapping by hand",
        target=1.2,
        per="an item",
        differs=_difference(engine, hand, [*good, *odd]),
    )
    others = {}
    if setting.peers:
        from bench.peers.parsing import cases  # noqa: PLC0415 - installed by `make bench` alone

        others = cases(hand, good)
    units = data.SALES_A_DOCUMENT * data.ITEMS_A_SALE
    ours = in_turn(good, lambda document: list(engine.map(document)), units)
    return Work(row, ours, in_turn(good, partial(floor.orders, hand), units), others)


def _twice(document: bytes) -> bytes:
    """The document with each of its sales once more, its blocks of one purchase apart."""
    start, end = document.index(b"<sale>"), document.rindex(b"</sales>")
    return document[:end] + document[start:end] + document[end:]


def _difference(engine: Engine, hand: Mapping20, documents: Sequence[bytes]) -> str:
    for document in documents:
        ours = _orders_or_refusal(lambda data: list(engine.map(data)), document)
        found = difference(ours, _orders_or_refusal(partial(floor.orders, hand), document))
        if found:
            return found
    return ""


def _orders_or_refusal(orders: Callable[[bytes], list[MapResult]], document: bytes) -> object:
    try:
        return orders(document)
    except PayloadError:
        return "refused"
