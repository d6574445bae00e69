"""Sales made up: any number, reproducible by a seed; a small set for a demonstration; one marked as a test."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from rakuten_orders.connection.simulator import people
from rakuten_orders.connection.simulator.people import PRODUCTS, Product
from rakuten_orders.connection.simulator.sales import (
    SimulatedItem,
    SimulatedSale,
    delivery,
    item,
    prepaid,
    to_home,
    to_point,
)


def make_sales(seed: int, n: int) -> tuple[SimulatedSale, ...]:
    """``n`` varied sales; equal arguments, equal sales, and ids that no other seed below 1000 gives.

    Ten in a row have at least one of each kind: home delivery, several units, pick-up point, prepaid label,
    abroad with and without a state, negotiated, preorder, shipped by Rakuten, odd characters.
    """
    # Ids are 5 (an item's: 7), three digits of the seed, six of the place, and for an item its number in the sale.
    if not (0 <= seed < 1000 and 0 <= n <= 100_000):
        raise ValueError("seed is 0 to 999, n 0 to 100000")
    return tuple(_made(seed, place) for place in range(n))


def showcase() -> tuple[SimulatedSale, ...]:
    """Seven sales that show the whole loop: every address layout, and a reason for each way an order can go.

    The second has the SKU ``17`` where the product is ``0017``; the sixth is negotiated; the seventh is
    shipped by Rakuten.
    """
    hour = dt.timedelta(hours=1)
    cup_without_zeros = replace(people.TASSE, sku="17")
    return (
        _shown(1, "Suivi", to_home(people.CAMILLE), _units(1, *[people.CAFETIERE] * 2, people.FILTRES), 1 * hour),
        _shown(2, "Normal", to_home(people.MAELLE), _units(2, cup_without_zeros), 2 * hour),
        _shown(
            3,
            "Point relais Mondial Relay",
            to_point(people.MONDIAL_RELAY_POINT, people.DOMINIQUE),
            _units(3, people.TASSE),
            3 * hour,
        ),
        _shown(4, "So Colissimo", prepaid(people.CAMILLE), _units(4, people.LIVRE), 5 * hour),
        _shown(5, "Suivi", to_home(people.NOOR), _units(5, people.BALANCE), 8 * hour),
        _shown(
            6,
            "Recommandé",
            to_home(people.DOMINIQUE),
            _units(6, people.MOULIN, isnego="Y", negotiationcomment="Je vous en propose 42 €."),
            20 * hour,
        ),
        _shown(7, "Normal", to_home(people.CAMILLE), _units(7, people.FILTRES, isrsl="Y"), 22 * hour),
    )


def marked_sale(reference: str, *skus: str) -> SimulatedSale:
    """A sale that nobody can take for a real one: purchase ``TEST-<reference>``, "NE PAS EXPÉDIER" wherever it shows.

    One unit of each SKU; without any, one of a made-up SKU.
    """
    addressee = replace(people.CAMILLE, firstname="NE PAS", lastname="EXPÉDIER", address2="COMMANDE DE TEST")
    units = tuple(
        item(f"TEST-{reference}-{number}", sku, "1.0", headline="COMMANDE DE TEST - NE PAS EXPÉDIER")
        for number, sku in enumerate(skus or ("TEST-SKU",), 1)
    )
    return SimulatedSale(f"TEST-{reference}", delivery("Suivi", to_home(addressee)), units)


def _kinds(rng: random.Random) -> tuple[Callable[[], tuple[str, Mapping[str, str]]], ...]:
    """Shipping type and addresses, one kind for each place in ten."""
    home = rng.choice(people.IN_FRANCE)
    return (
        lambda: ("Normal", to_home(home)),
        lambda: ("Suivi", to_home(home)),
        lambda: ("Point relais Mondial Relay", to_point(people.MONDIAL_RELAY_POINT, home)),
        lambda: (rng.choice(("So Colissimo", "Chronopost", "Mondial Relay prépayé")), prepaid(home)),
        lambda: ("Recommandé", to_home(people.SOFIA)),
        lambda: ("Suivi", to_home(home)),
        lambda: ("Normal", to_home(home)),
        lambda: (rng.choice(("Express", "Shop2Shop by Chronopost")), to_home(home)),
        lambda: ("Relais Kiala", to_point(people.KIALA_POINT, home)),
        lambda: ("Suivi", to_home(rng.choice(people.ABROAD))),
    )


_MARKS: Mapping[int, Mapping[str, str]] = {
    5: {"isnego": "Y", "negotiationcomment": "Et si on disait 5 € de moins ?"},
    6: {"isrsl": "Y"},
    7: {"ispreorder": "Y"},
}
_SEVERAL_UNITS = 1
_ODD_CHARACTERS = 8


def _made(seed: int, place: int) -> SimulatedSale:
    rng = random.Random(f"{seed}/{place}")  # noqa: S311 - reproducible, no secret
    kind = place % 10
    shipping_type, addresses = _kinds(rng)[kind]()
    products = [rng.choice(PRODUCTS)]
    if kind == _SEVERAL_UNITS:
        products = products * rng.randint(2, 3) + [rng.choice(PRODUCTS)]
    if kind == _ODD_CHARACTERS:
        products = [people.BALANCE, people.LIVRE, people.MOULIN]
    number = f"{seed:03d}{place:06d}"
    return SimulatedSale(
        purchase_id=f"5{number}",
        fields=delivery(
            shipping_type, addresses, buyer_login=f"acheteur{number}", buyer_email=f"acheteur{number}@example.com"
        ),
        items=_numbered(f"7{number}", products, rng.choice(("2.9", "4.9", "0")), _MARKS.get(kind, {})),
        age=dt.timedelta(minutes=rng.randint(5, 2 * 24 * 60)),
    )


def _numbered(
    prefix: str, products: list[Product], shipping_price: str, marks: Mapping[str, str]
) -> tuple[SimulatedItem, ...]:
    return tuple(
        item(
            f"{prefix}{number}",
            product.sku,
            product.price,
            headline=product.headline,
            shipping_price=shipping_price,
            fields={"ean": product.ean, **marks},
        )
        for number, product in enumerate(products, 1)
    )


def _shown(
    number: int, shipping_type: str, addresses: Mapping[str, str], units: tuple[SimulatedItem, ...], age: dt.timedelta
) -> SimulatedSale:
    login = f"acheteur-exemple-{number}"
    fields = delivery(shipping_type, addresses, buyer_login=login, buyer_email=f"{login}@example.com")
    return SimulatedSale(f"40000000{number}", fields, units, age)


def _units(number: int, *products: Product, **marks: str) -> tuple[SimulatedItem, ...]:
    return _numbered(f"80000000{number}", list(products), "4.9", marks)
