"""A shipment to what Rakuten is sent: number, transporter name, tracking URL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.detection import detect
from rakuten_orders.errors import (
    InvalidTrackingNumber,
    MissingInput,
    MissingTrackingNumber,
    MissingTransporter,
    ShipmentError,
    UnsupportedTransporter,
    UrlInvalid,
)
from rakuten_orders.formats import MAX_NUMBER, clean_number
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
    if len(number) > MAX_NUMBER:
        raise _error(InvalidTrackingNumber, "long", "tracking_number", limit=MAX_NUMBER)
    if carrier is None:
        return ()
    mismatch = _mismatch(number, carrier)
    if mismatch and carrier.on_mismatch == "refuse":
        raise _error(InvalidTrackingNumber, mismatch, "tracking_number", carrier=carrier.name, number=number)
    other = None if _speaks_for(carrier, number) else _plain_owner(number, carrier, catalogue)
    if other is not None:
        return (_warning("other", carrier, number, other=other.name),)
    return (_warning(mismatch, carrier, number),) if mismatch else ()


def _warning(variant: str, carrier: Carrier, number: str, **params: object) -> str:
    message, _hint = reason_text("invalid_tracking_number", variant, carrier=carrier.name, number=number, **params)
    return message


def _mismatch(number: str, carrier: Carrier) -> str:
    """How a number misses the carrier's formats: ``form``, ``checksum``, or not at all (empty)."""
    if not carrier.formats:
        return ""
    matching = [known for known in carrier.formats if known.matches(number)]
    if not matching:
        return "form"
    return "" if any(known.checks(number) for known in matching) else "checksum"


def _speaks_for(carrier: Carrier, number: str) -> bool:
    """Whether more than its length says that the number is the carrier's."""
    return any((known.checksum or known.distinctive) and known.fits(number) for known in carrier.formats)


def _plain_owner(number: str, carrier: Carrier, catalogue: CarrierCatalogue) -> Carrier | None:
    """The carrier of another operator that the number plainly belongs to."""
    certain = (catalogue.by_code[found.carrier] for found in detect(catalogue, number) if found.grade == "certain")
    return next((other for other in certain if other.operator != carrier.operator), None)


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
    values = url_inputs(shipment, number)
    missing = [name for name in VARIABLES if name in carrier.template.required and not values[name]]
    if missing:
        order = shipment.order_id or "without id"
        raise _error(MissingInput, "", missing[0], name=" and ".join(missing), carrier=carrier.name, order=order)
    try:
        url = carrier.template.url(values)
        fault = carrier.template.faults_of(url)
    except UnicodeEncodeError:  # half a character, as broken JSON has it
        url, fault = "", "characters"
    if fault:
        raise _error(UrlInvalid, fault, "tracking_url", carrier=carrier.name, file=carrier.file)
    return url


def url_inputs(shipment: Shipment, number: str) -> dict[str, str]:
    """The values of a URL template's variables; empty text where there is none."""
    country = (shipment.country or "").strip().upper()
    items = shipment.item_ids or ()
    return {
        "tracking_number": number,
        "postcode": (shipment.postcode or "").strip(),
        "country": country,
        "pickup_postcode": (shipment.pickup_postcode or "").strip(),
        "phone_last4": (shipment.phone_last4 or "").strip(),
        "language": (shipment.language or "").strip().lower() or language_of(country),
        "order_id": (shipment.order_id or "").strip(),
        "item_id": items[0].strip() if len(items) == 1 else "",
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
