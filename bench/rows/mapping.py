"""Mapping an item: ``Engine.map`` on parsed sales against a function written by hand for exactly this mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from bench import data
from bench.floors.mapping import Mapping20
from bench.outcome import Row, difference
from bench.setting import Setting
from bench.work import Other, Work, in_turn, timed
from rakuten_orders.engine import Engine
from rakuten_orders.model import MapResult, Sale
from rakuten_orders.payload import parse_sales

_FAULTY = 0.05
_ITEMS = data.SALES_A_DOCUMENT * data.ITEMS_A_SALE


def measure(setting: Setting) -> Iterator[Row]:
    """The row, with its peers below it."""
    yield timed(prepare(setting), setting.method)


def prepare(setting: Setting) -> Work:
    """Both sides on the same sales; those with faults and blanks are compared too, before anything is timed."""
    engine = data.engine()
    good = _parsed(data.documents(setting.sales))
    faulty = _parsed(data.documents(setting.sales, faulty=_FAULTY))
    hand = by_hand(engine)
    row = Row(
        key="map",
        name="map an item",
        against="a function written by hand for this mapping",
        target=1.3,
        per="an item",
        differs=_difference(engine, hand, good) or _difference(engine, hand, [*faulty, *_blank(faulty)]),
    )
    others = {
        "5 % of the sales with faults": Other(in_turn(parts(faulty), partial(_ours, engine), _ITEMS)),
        "the same by hand": Other(in_turn(parts(faulty), partial(_by_hand, hand), _ITEMS)),
    }
    if setting.peers:
        from bench.peers.mapping import cases  # noqa: PLC0415 - installed by `make bench` alone

        others |= cases(good, data.TABLES, [result for sale in good for result in engine.map(sale)])
    ours, floor = (in_turn(parts(good), side, _ITEMS) for side in (partial(_ours, engine), partial(_by_hand, hand)))
    return Work(row, ours, floor, others)


def parts(sales: Sequence[Sale]) -> list[Sequence[Sale]]:
    """The sales in parts of as many as a document has."""
    size = data.SALES_A_DOCUMENT
    return [sales[start : start + size] for start in range(0, len(sales) - size + 1, size)] or [sales]


def by_hand(engine: Engine) -> Mapping20:
    """The floor, told at which lines of the rule file the fields stand: sentences about errors name them."""
    (sale,) = parse_sales(next(data.documents(1, items=1)))
    places = {
        found.field if found.item_id is None else f"lines.{found.field}": f"{found.file}:{found.line}"
        for found in engine.trace(sale)
    }
    return Mapping20(data.TABLES, places)


def _parsed(documents: Iterator[bytes]) -> list[Sale]:
    return [sale for document in documents for sale in parse_sales(document)]


def _blank(sales: Sequence[Sale]) -> Iterator[Sale]:
    """Sales as an embedder may make them: what is empty elsewhere is blank, what is there has blanks around it."""
    for sale in sales[:50]:
        for dropped in list(sale.fields):
            fields = {path: "  " if path == dropped else f" {text}\t" for path, text in sale.fields.items()}
            yield Sale(sale.purchase_id, sale.items, fields, {"purchasebuyeremail": "   "}, sale.billing)


def _ours(engine: Engine, sales: Sequence[Sale]) -> list[MapResult]:
    return list(engine.map(sales))


def _by_hand(hand: Mapping20, sales: Sequence[Sale]) -> list[MapResult]:
    order = hand.order
    return [order(sale.purchase_id, sale.fields, [item.fields for item in sale.items], sale.shipping) for sale in sales]


def _difference(engine: Engine, hand: Mapping20, sales: Sequence[Sale]) -> str:
    return difference(_ours(engine, sales), _by_hand(hand, sales))
