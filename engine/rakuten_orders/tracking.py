"""A shipment to what Rakuten is sent: number, transporter name, tracking URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.detection import detect, plain_owner
from rakuten_orders.errors import (
    InvalidTrackingNumber,
    MissingInput,
    MissingTrackingNumber,
    MissingTransporter,
    ShipmentError,
    UnsupportedTransporter,
    UrlInvalid,
)
from rakuten_orders.formats import MAX_NUMBER, NumberFormat, clean_number
from rakuten_orders.marketplace import OTHER_TRANSPORTER
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Shipment, TrackingUpdate
from rakuten_orders.tracking_urls import VARIABLES, url_fault
from rakuten_orders.transporters import TransporterRules, choose, given_url

_FITS_SHOWN = 3
"""How many carriers a hint names for a number."""


def track(
    rules: TransporterRules, catalogue: CarrierCatalogue, shipment: Shipment, connection: str | None
) -> TrackingUpdate:
    """The update for a shipment. Raises a subclass of ShipmentError; nothing is guessed."""
    received = shipment.tracking_number or ""
    choice = choose(rules, catalogue, shipment, clean_number(received), connection)
    if choice is None:
        raise _not_covered(catalogue, shipment)
    carrier, number = choice.carrier, choice.number
    warnings = _checked(number, carrier, catalogue)
    return TrackingUpdate(
        carrier=carrier.code if carrier else None,
        transporter_name=(carrier.rakuten_name if carrier else None) or OTHER_TRANSPORTER,
        tracking_number=number,
        tracking_number_received=received,
        tracking_url=_url(carrier, shipment, number),
        decided_by=choice.decided_by,
        warnings=warnings,
        order_id=shipment.order_id,
        item_ids=shipment.item_ids,
    )


def _error(kind: type[ShipmentError], variant: str = "", field: str | None = None, **params: object) -> ShipmentError:
    message, hint = reason_text(kind.reason, variant, **params)
    return kind(message, hint, field)


def _not_covered(catalogue: CarrierCatalogue, shipment: Shipment) -> ShipmentError:
    """Which names are near, and which carriers the number would fit: for a person to decide, never for us."""
    named = (shipment.transporter or "").strip()
    near = ", ".join(catalogue.nearest(named)) if named else ""
    fits = ", ".join(
        found.carrier for found in detect(catalogue, shipment.tracking_number or "", shipment.country)[:_FITS_SHOWN]
    )
    if named:
        variant = "near" if near else "fits" if fits else ""
        return _error(UnsupportedTransporter, variant, "transporter", transporter=named, near=near, fits=fits)
    return _error(MissingTransporter, "fits" if fits else "", "transporter", fits=fits)


def _checked(number: str, carrier: Carrier | None, catalogue: CarrierCatalogue) -> tuple[str, ...]:
    """What is odd about the number, as warnings. Raises where there is none, or none that can be sent."""
    if not number:
        raise _error(MissingTrackingNumber, field="tracking_number")
    if not any(character.isalnum() for character in number):
        raise _error(InvalidTrackingNumber, "blank", "tracking_number", number=number)
    if len(number) > MAX_NUMBER:
        raise _error(InvalidTrackingNumber, "long", "tracking_number", limit=MAX_NUMBER)
    if carrier is None:
        return ()
    mismatch, theirs = _held_against(number, carrier.formats)
    if mismatch and carrier.on_mismatch == "refuse":
        raise _error(InvalidTrackingNumber, mismatch, "tracking_number", carrier=carrier.name, number=number)
    other = None if theirs else plain_owner(catalogue, number)
    if other is not None and other.operator != carrier.operator:
        return (_warning("other", carrier, number, other=other.name),)
    return (_warning(mismatch, carrier, number),) if mismatch else ()


def _warning(variant: str, carrier: Carrier, number: str, **params: object) -> str:
    message, _hint = reason_text("invalid_tracking_number", variant, carrier=carrier.name, number=number, **params)
    return message


def _held_against(number: str, formats: Sequence[NumberFormat]) -> tuple[str, bool]:
    """How a number misses a carrier's formats: ``form``, ``checksum``, or not at all (empty).

    And whether more than its length says that it is the carrier's.
    """
    mismatch = "form" if formats else ""
    for known in formats:
        if not known.matches(number):
            continue
        if known.checks(number):
            mismatch = ""
            if known.telling:
                return "", True
        elif mismatch:
            mismatch = "checksum"
    return mismatch, False


def _url(carrier: Carrier | None, shipment: Shipment, number: str) -> str | None:
    """The URL that the back office gave, else the one of the carrier's template."""
    given = given_url(shipment)
    if given:
        fault = url_fault(given)
        if fault:
            raise _error(UrlInvalid, f"given_{fault}", "tracking_url")
        return given
    if carrier is None or carrier.template is None:
        return None
    template = carrier.template
    values = url_inputs(shipment, number, template.required)
    if not all(values.values()):
        raise _missing(carrier, shipment, [name for name in VARIABLES if not values.get(name, "-")])
    values |= url_inputs(shipment, number, template.optional)
    try:
        url = template.url(values)
        fault = template.faults_of(url)
    except UnicodeEncodeError:  # half a character, as broken JSON has it
        url, fault = "", "characters"
    if fault:
        raise _error(UrlInvalid, fault, "tracking_url", carrier=carrier.name, file=carrier.file)
    return url


def _missing(carrier: Carrier, shipment: Shipment, names: Sequence[str]) -> ShipmentError:
    order = shipment.order_id or "without id"
    return _error(MissingInput, "", names[0], name=" and ".join(names), carrier=carrier.name, order=order)


def url_inputs(shipment: Shipment, number: str, names: Iterable[str] = VARIABLES) -> dict[str, str]:
    """The values of a URL template's variables, or of those with these names; empty text where there is none."""
    return {name: _INPUTS[name](shipment, number) for name in names}


def _country(shipment: Shipment) -> str:
    return (shipment.country or "").strip().upper()


def _item(shipment: Shipment) -> str:
    items = shipment.item_ids or ()
    return items[0].strip() if len(items) == 1 else ""


_INPUTS: Mapping[str, Callable[[Shipment, str], str]] = {
    "tracking_number": lambda _shipment, number: number,
    "postcode": lambda shipment, _number: (shipment.postcode or "").strip(),
    "country": lambda shipment, _number: _country(shipment),
    "pickup_postcode": lambda shipment, _number: (shipment.pickup_postcode or "").strip(),
    "phone_last4": lambda shipment, _number: (shipment.phone_last4 or "").strip(),
    "language": lambda shipment, _number: (shipment.language or "").strip().lower() or language_of(_country(shipment)),
    "order_id": lambda shipment, _number: (shipment.order_id or "").strip(),
    "item_id": lambda shipment, _number: _item(shipment),
}


def language_of(country: str) -> str:
    """The language for a buyer in ``country`` (ISO 3166-1 alpha-2): by the table of ``languages.yaml``, else ``en``."""
    return _languages().get(country, "en")


@cache
def _languages() -> Mapping[str, str]:
    text = resources.files(__package__).joinpath("languages.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # text only: NO is Norway
    languages: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - builds text only
    return languages
