"""What the page tells of each carrier: for people as a card, for its scripts as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rakuten_orders.carriers import SHIPPED, Carrier
from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.cli.page.javascript import javascript
from rakuten_orders.detection import FEW, GRADES
from rakuten_orders.examples import example_shipment
from rakuten_orders.formats import MAX_NUMBER, NumberFormat, clean_number
from rakuten_orders.tracking import url_inputs
from rakuten_orders.tracking_urls import VARIABLES

# It follows from the country: nobody has to give it.
_NOT_ASKED = frozenset({"language"})


@dataclass(frozen=True, slots=True)
class Card:
    """One carrier as a seller sees it.

    ``needs`` and ``uses`` are variables of the tracking URL, in the order in which they are documented; ``address`` is
    the URL that the first valid example gives, None where Rakuten follows parcels itself. ``numbers`` are the
    examples' numbers, ``forms`` how many formats are known, ``checked`` whether one has a check digit. ``own`` says
    that the carrier is not one of the shipped.
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    rakuten_name: str | None
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    countries: tuple[str, ...]
    address: str | None
    search_page: bool
    numbers: tuple[str, ...]
    forms: int
    checked: bool
    refuses: bool
    confidence: str
    note: str
    own: bool


def card(carrier: Carrier) -> Card:
    """The card of a carrier."""
    required = carrier.template.required if carrier.template else frozenset()
    optional = carrier.template.optional if carrier.template else frozenset()
    examples = carrier.examples.get("valid", ())
    return Card(
        code=carrier.code,
        name=carrier.name,
        aliases=carrier.aliases,
        rakuten_name=carrier.rakuten_name,
        # Rakuten wants the number even where the page does not.
        needs=_in_order(required | {"tracking_number"}),
        uses=_in_order(optional - _NOT_ASKED),
        countries=carrier.countries,
        address=_address(carrier, examples[0]) if examples else None,
        search_page=carrier.search_page,
        numbers=tuple(dict.fromkeys(example["tracking_number"] for example in examples)),
        forms=len(carrier.formats),
        checked=any(known.checksum for known in carrier.formats),
        refuses=carrier.on_mismatch == "refuse",
        confidence=carrier.confidence,
        note=carrier.note,
        own=carrier.origin != SHIPPED,
    )


def page_data(carriers: Sequence[Carrier]) -> dict[str, object]:
    """What the page's scripts search in, and what they hold a number against, as JSON data."""
    used = {known.checksum for carrier in carriers for known in carrier.formats if known.checksum}
    return {
        "carriers": [_searchable(carrier) for carrier in carriers],
        "algorithms": {name: algorithm_data(name) for name in sorted(used)},
        "grades": list(GRADES),
        "few": FEW,
        "longest": MAX_NUMBER,
    }


def _in_order(variables: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in VARIABLES if name in variables)


def _address(carrier: Carrier, example: Mapping[str, str]) -> str | None:
    """The URL for an example, from the template: what a file claims comes out is checked elsewhere, and not shown."""
    if carrier.template is None:
        return None
    values = url_inputs(example_shipment(example), clean_number(example["tracking_number"]))
    url = carrier.template.url(values)
    return None if carrier.template.faults_of(url) else url


def _searchable(carrier: Carrier) -> dict[str, object]:
    return {
        "code": carrier.code,
        "name": carrier.name,
        "aliases": carrier.aliases,
        "operator": carrier.operator,
        "listed": carrier.listed,
        "countries": carrier.countries,
        "formats": [_format(known) for known in carrier.formats],
    }


def _format(known: NumberFormat) -> dict[str, object]:
    return {
        "pattern": javascript(known.pattern),
        "checksum": known.checksum,
        "tail": known.tail,
        "distinctive": known.distinctive,
        "room": known.room,
    }


def algorithm_data(name: str) -> dict[str, object]:
    """What the page's scripts need to know of an algorithm besides how it computes. Raises KeyError for an unknown."""
    algorithm = ALGORITHMS[name]
    return {"name": name, "shape": javascript(algorithm.shape), "position": algorithm.position}
