"""What the demo plays with: the sales, the seller's rules and products, the parcels. Everybody in it is invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from rakuten_orders.connection.simulator import (
    Address,
    CollectionPoint,
    SimulatedItem,
    SimulatedSale,
    delivery,
    item,
    prepaid,
    to_home,
    to_point,
)
from rakuten_orders.connection.simulator.labels import prepaid_label

TWO_LINES, RELAY, PREPAID, ABROAD, UNCOVERED = "500000001", "500000002", "500000003", "500000004", "500000005"
NEGOTIATED, UNKNOWN_SKU, FULFILLED = "500000006", "500000007", "500000008"

PREPAID_TYPE = "So Colissimo"
NEW_TRANSPORTER = "Transports Dupuis"
NEW_NUMBER = "DU12345678"

PRODUCTS: Mapping[str, str] = {
    "MUG-BLEU": "10417",
    "MUG-VERT": "10418",
    "THEIERE-1L": "10533",
    "0705": "20002",
    "PLAID-OCRE": "30871",
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the warehouse reports of an order: the transporter in its words, and the number."""

    order_id: str
    transporter: str
    tracking_number: str
    transporter_name: str
    """The transporter that Rakuten must be told."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What the sale tells beside, as options of ``track``."""

    def as_typed(self) -> list[str]:
        """The options with which ``track`` is asked about it."""
        known = {"transporter": self.transporter, "number": self.tracking_number, **self.known}
        return [word for name, value in known.items() for word in (f"--{name}", value)]


def sales() -> tuple[SimulatedSale, ...]:
    """One sale of each kind that has to be told apart."""
    lise = _somebody("Lise", "Exemple", "12 rue des Essais", "75011", "Paris")
    marc = _somebody("Marc", "Modèle", "3 allée du Test", "69003", "Lyon")
    anke = _somebody("Anke", "Voorbeeld", "Proefstraat 8", "9000", "Gent", country="Belgique", countryalpha2="BE")
    point = CollectionPoint(
        point_id="FR-012345", name="Tabac de la Place", address="1 place du Marché", zipcode="69002", city="Lyon"
    )
    return (
        _sale(
            TWO_LINES,
            delivery("Suivi", to_home(lise)),
            _item(1, "MUG-BLEU", "9.90", "Mug en grès bleu"),
            _item(2, "MUG-BLEU", "9.90", "Mug en grès bleu"),
            _item(3, "THEIERE-1L", "34.50", "Théière 1 L"),
        ),
        _sale(
            RELAY,
            delivery("Point relais Mondial Relay", to_point(point, marc)),
            _item(4, "PLAID-OCRE", "29.00", "Plaid ocre"),
        ),
        _sale(PREPAID, delivery(PREPAID_TYPE, prepaid(lise)), _item(5, "MUG-VERT", "9.90", "Mug en grès vert")),
        _sale(ABROAD, delivery("Recommandé", to_home(anke)), _item(6, "THEIERE-1L", "34.50", "Théière 1 L")),
        _sale(UNCOVERED, delivery("Suivi", to_home(marc)), _item(7, "0705", "59.00", "Lampe de bureau")),
        _sale(
            NEGOTIATED,
            delivery("Suivi", to_home(lise)),
            _item(8, "PLAID-OCRE", "21.00", "Plaid ocre", isnego="Y", negotiationcomment="21 euros ?"),
        ),
        _sale(UNKNOWN_SKU, delivery("Suivi", to_home(marc)), _item(9, "705", "59.00", "Lampe de bureau")),
        _sale(
            FULFILLED, delivery("Suivi", to_home(lise)), _item(10, "MUG-VERT", "9.90", "Mug en grès vert", isrsl="Y")
        ),
    )


def parcels(numbers: Mapping[str, str]) -> tuple[Parcel, ...]:
    """What the warehouse shipped, by the carriers' ``numbers``; the prepaid one has Rakuten's own."""
    return (
        Parcel(TWO_LINES, "Colissimo", numbers["colissimo"], "Colissimo"),
        Parcel(RELAY, "MONDIAL-RELAY", numbers["mondial-relay"], "Mondial Relay", {"postcode": "69003"}),
        Parcel(PREPAID, "", "", "Colissimo", {"transporter": PREPAID_TYPE, "number": _label_number()}),
        Parcel(ABROAD, "Relais Colis", numbers["relais-colis"], "Autre", {"postcode": "9000", "country": "BE"}),
        Parcel(UNCOVERED, NEW_TRANSPORTER, NEW_NUMBER, "Autre"),
    )


def order_rules(shipped: str) -> str:
    """The shipped order rules with the seller's table, and an example of the seller's own instead of theirs."""
    rules, _, _ = shipped.partition("\nexamples:")
    return f"{rules.replace(_PLAIN_ID, ID_BY_TABLE)}\n{_EXAMPLE}"


def products_csv() -> str:
    """The seller's products: what Rakuten's SKU is called in the back office."""
    return "key,value\n" + "".join(f"{sku},{number}\n" for sku, number in PRODUCTS.items())


def shipments_csv(parcels: tuple[Parcel, ...]) -> str:
    """The file that the warehouse writes."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("order_id", "transporter", "tracking_number"))
    writer.writerows((parcel.order_id, parcel.transporter, parcel.tracking_number) for parcel in parcels)
    return written.getvalue()


_PLAIN_ID = "internal_id: {from: sku, then: [strip], required: true}"
ID_BY_TABLE = "internal_id: {from: sku, then: [strip], table: products, required: true}"
_EXAMPLE = """\
examples:
  - sale: {purchaseid: '1'}
    items:
      - {itemid: '11', sku: MUG-BLEU}
    expect:
      lines:
        - {internal_id: '10417'}
"""

NEW_CARRIER = f"""\
code: transports-dupuis
name: {NEW_TRANSPORTER}
countries: [FR]
tracking_numbers:
  - pattern: 'DU[0-9]{{8}}'
tracking_url: 'https://suivi.transports-dupuis.example/colis/{{{{ tracking_number }}}}'
sources:
  - note: a mail of the carrier's customer service
    read: 2026-11-23
examples:
  valid:
    - tracking_number: '{NEW_NUMBER}'
      url: 'https://suivi.transports-dupuis.example/colis/{NEW_NUMBER}'
  invalid:
    - tracking_number: '12345678'
      because: DU is missing
"""


def _label_number() -> str:
    label = prepaid_label(PREPAID_TYPE, PREPAID)
    assert label is not None  # noqa: S101 - Rakuten sells labels with this type
    return label.tracking_number


def _somebody(firstname: str, lastname: str, street: str, zipcode: str, city: str, **more: str) -> Address:
    return Address(
        firstname=firstname,
        lastname=lastname,
        address1=street,
        zipcode=zipcode,
        city=city,
        phonenumber1="0639980123",
        **more,
    )


def _sale(purchase_id: str, fields: Mapping[str, str], *items: SimulatedItem) -> SimulatedSale:
    return SimulatedSale(purchase_id, fields, items)


def _item(number: int, sku: str, price: str, headline: str, **fields: str) -> SimulatedItem:
    return item(str(700000000 + number), sku, price, headline=headline, fields=fields)
