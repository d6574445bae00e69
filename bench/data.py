"""What is measured on: sales made up from a seed, and the documents that Rakuten would send them in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from rakuten_orders.engine import Engine

SEED = 20240517
RULES = Path(__file__).parent / "rules"
SALES_A_DOCUMENT = 100
ITEMS_A_SALE = 3

SKUS = tuple(f"REF-{number:05d}" for number in range(2000))
TABLES: Mapping[str, Mapping[str, str]] = {
    "products": {sku: f"P{number * 7}" for number, sku in enumerate(SKUS[:1900])},
    "shelves": {sku: f"{'ABCDEFGH'[number % 8]}-{number % 97}" for number, sku in enumerate(SKUS)},
}

_FIRST = ("Camille", "Maëlle", "Zoé", "Jean-François", "Noor", "Sofía", "Dominique", "Anaïs", "Cœur", "Léo")
_LAST = (
    "Martin",
    "Lefèvre",
    "d'Almeida &amp; Fils",
    "Ñandú",
    "Müller",
    "Le Goff",
    "Dupont",
    "Œhmichen",
    "Saint-Exupéry",
)
_STREETS = ("rue de la Paix", "avenue  des Géraniums", "Grand-Place", "chemin du Port", "boulevard Voltaire")
_CITIES = (("75011", "Paris"), ("69003", "Lyon"), ("59000", "Lille"), ("03001", "Alicante"), ("1000", "Bruxelles"))
_TITLES = ("Cafetière  à piston 1 l", "Tasse “bleue” 25 cl", "Filtres n° 4 – lot de 100", "Le Petit Prince, broché")
_WAYS = ("Normal", "Suivi", "Recommandé", "Point relais Mondial Relay")


def engine() -> Engine:
    """The engine with the 20 fields that are measured and the shipped carriers."""
    return Engine.load(RULES, tables=TABLES)


def documents(sales: int, *, faulty: float = 0.0, items: int = ITEMS_A_SALE) -> Iterator[bytes]:
    """Documents of 100 sales, ``sales`` in all, each with ``items``; a share of the sales is ``faulty``."""
    rng = random.Random(SEED)  # noqa: S311 - reproducible, no secret
    for start in range(0, sales, SALES_A_DOCUMENT):
        numbers = range(start, min(start + SALES_A_DOCUMENT, sales))
        yield document("".join(_sale(rng, f"5{number:08d}", faulty, items) for number in numbers))


def document(sales: str) -> bytes:
    """An answer of getcurrentsales: Windows-1252 that says it is ISO-8859-1, as Rakuten sends it."""
    text = (
        '\n<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        '<getcurrentsalesresult xmlns="http://pmcdn.priceminister.com/res/schema/getcurrentsales">\n'
        "<request>\n<version>2017-08-07</version>\n<user>boutique</user>\n</request>\n"
        "<response>\n<lastversion>2017-08-07</lastversion>\n<sellerid>70011223</sellerid>\n<nexttoken></nexttoken>\n"
        f"<sales>\n{sales}</sales>\n</response>\n</getcurrentsalesresult>\n"
    )
    return text.encode("cp1252", errors="surrogateescape")


def large_document(path: Path, size: int) -> None:
    """Writes a document of ``size`` bytes, or a little more, no purchase in it twice."""
    rng = random.Random(SEED)  # noqa: S311 - reproducible, no secret
    sales = min(1000, size // 2600 + 1)
    block = "".join(_sale(rng, f"5{_PLACE}{number:04d}", 0.0, ITEMS_A_SALE) for number in range(sales))
    start, end = document("\0").split(b"\0")
    encoded = block.encode("cp1252")
    with path.open("wb") as opened:
        opened.write(start)
        number = 0
        while opened.tell() < size:
            opened.write(encoded.replace(_PLACE.encode(), b"%05d" % number))
            number += 1
        opened.write(end)


_PLACE = "#####"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>" if text else ""


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>\n"


def _address(rng: random.Random, block: str) -> str:
    zipcode, city = rng.choice(_CITIES)
    civility = rng.choice(("Mme", "M.", ""))
    second = "Bât. B\x0b, 3e étage" if rng.random() < 0.4 else ""
    state = _leaf("state", _cdata("Île-de-France")) if rng.random() < 0.05 else ""
    country = rng.choice(("FX", "FX", "ES", "BE", ""))
    return (
        f"<{block}>\n{_leaf('civility', civility)}{_leaf('lastname', rng.choice(_LAST))}"
        f"{_leaf('firstname', _cdata(rng.choice(_FIRST)))}"
        f"{_leaf('address1', _cdata(f'{rng.randrange(1, 99)} {rng.choice(_STREETS)} '))}"
        f"{_leaf('address2', _cdata(second))}{_leaf('zipcode', zipcode)}{_leaf('city', _cdata(city))}{state}"
        f"{_leaf('country', _cdata('France'))}{_leaf('countryalpha2', country)}"
        f"{_leaf('phonenumber1', '0639980000')}{_leaf('phonenumber2', '')}</{block}>\n"
    )


def _sale(rng: random.Random, purchase: str, faulty: float, items: int) -> str:
    wrong = rng.randrange(8) if rng.random() < faulty else None
    bought = (
        f"{rng.randrange(1, 29):02d}/{rng.randrange(1, 13):02d}/2026-{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    )
    if wrong == 0:
        bought = rng.choice(("2026-11-23 10:00", "31/02/2026-10:00", "", "1/2/2026-9:05"))
    login = "" if wrong == 1 else f"Acheteur-{purchase[-4:]}"
    block = "billingaddress" if rng.random() < 0.15 else "deliveryaddress"
    address = f"<{block}>\n</{block}>\n" if wrong == 2 else _address(rng, block)
    mail = f"acheteur{purchase}@example.com" if rng.random() < 0.6 else ""
    lines = "".join(_item(rng, purchase, number, wrong) for number in range(1, items + 1))
    return (
        f"<sale>\n{_leaf('purchaseid', ' ' if wrong == 3 else purchase)}{_leaf('purchasedate', bought)}"
        f"<deliveryinformation>\n{_leaf('shippingtype', _cdata(rng.choice(_WAYS)))}{_leaf('isfullrsl', 'N')}"
        f"{_leaf('purchasebuyerlogin', _cdata(login))}{_leaf('purchasebuyeremail', mail)}{address}"
        f"</deliveryinformation>\n<items>\n{lines}</items>\n</sale>\n"
    )


def _item(rng: random.Random, purchase: str, number: int, wrong: int | None) -> str:
    sku = rng.choice(SKUS)
    sku = sku.lower() if rng.random() < 0.1 else sku
    price = f"{rng.randrange(1, 200)}.{rng.randrange(100):02d}"
    if wrong is not None and number == 2:
        sku = rng.choice(("", "REF-1", "ref 00017", "INCONNU")) if wrong == 4 else sku
        price = rng.choice(("9,90", "1e3", "")) if wrong == 5 else price
    nego = "peut-être" if wrong == 6 else rng.choice(("N", "N", "Y", ""))
    item_id = "" if wrong == 7 and number == 1 else f"7{purchase[1:]}{number}"
    listed = f"<advertpricelisted>\n{_leaf('amount', price)}{_leaf('currency', 'EUR')}</advertpricelisted>\n"
    return (
        f"<item>\n{_leaf('sku', _cdata(sku))}{_leaf('advertid', str(600_000_000 + rng.randrange(90_000)))}"
        f"{listed if rng.random() < 0.9 else ''}{_leaf('itemid', item_id)}"
        f"{_leaf('headline', _cdata(rng.choice(_TITLES)))}{_leaf('itemstatus', 'COMMITTED')}{_leaf('shipped', '0')}"
        f"{_leaf('ispreorder', 'N')}{_leaf('isnego', nego)}{_leaf('negotiationcomment', '')}"
        f"<price>\n{_leaf('amount', price)}{_leaf('currency', 'EUR')}</price>\n{_leaf('isrsl', 'N')}{_leaf('isbn', '')}"
        f"{_leaf('ean', '5450000000000;')}{_leaf('paymentstatus', _cdata('INCOMING'))}{_leaf('sellerscore', '')}"
        "</item>\n"
    )
