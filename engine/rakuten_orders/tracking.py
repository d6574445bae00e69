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
from rakuten_orders.tracking_urls import url_fault
from rakuten_orders.transporters import Choice, TransporterRules, choose


def track(
    rules: TransporterRules, catalogue: CarrierCatalogue, shipment: Shipment, connection: str | None
) -> TrackingUpdate:
    """The update for a shipment. Raises a subclass of ShipmentError; nothing is guessed."""
    received = shipment.tracking_number or ""
    number = clean_number(received)
    choice = choose(rules, catalogue, shipment, number, connection)
    if choice is None:
        raise _not_covered(catalogue, shipment, number)
    number = choice.number
    _check_number(number, choice.carrier)
    warnings = _number_warnings(number, choice.carrier, catalogue)
    return TrackingUpdate(
        carrier=choice.carrier.code if choice.carrier else None,
        transporter_name=(choice.carrier.rakuten_name if choice.carrier else None) or OTHER_TRANSPORTER,
        tracking_number=number,
        tracking_number_received=received,
        tracking_url=_url(choice, shipment, number),
        decided_by=choice.decided_by,
        warnings=warnings,
        order_id=shipment.order_id,
        item_ids=shipment.item_ids,
    )


def _error(kind: type[ShipmentError], variant: str = "", field: str | None = None, **params: object) -> ShipmentError:
    message, hint = reason_text(kind.reason, variant, **params)
    return kind(message, hint, field)


def _not_covered(catalogue: CarrierCatalogue, shipment: Shipment, number: str) -> ShipmentError:
    named = (shipment.transporter or "").strip()
    if named:
        near = ", ".join(catalogue.nearest(named))
        return _error(UnsupportedTransporter, "near" if near else "", "transporter", transporter=named, near=near)
    fits = ", ".join(found.carrier for found in detect(catalogue, number)[:3])
    return _error(MissingTransporter, "fits" if fits else "", "transporter", fits=fits)


def _check_number(number: str, carrier: Carrier | None) -> None:
    if not number:
        raise _error(MissingTrackingNumber, field="tracking_number")
    if len(number) > MAX_NUMBER:
        raise _error(InvalidTrackingNumber, "long", "tracking_number", limit=MAX_NUMBER)
    if carrier is not None and carrier.on_mismatch == "refuse":
        mismatch = _mismatch(number, carrier)
        if mismatch:
            raise _error(InvalidTrackingNumber, mismatch, "tracking_number", carrier=carrier.name, number=number)


def _mismatch(number: str, carrier: Carrier) -> str:
    """How a number misses the carrier's formats: ``form``, ``checksum``, or not at all (empty)."""
    if not carrier.formats:
        return ""
    matching = [known for known in carrier.formats if known.matches(number)]
    if not matching:
        return "form"
    return "" if any(known.checks(number) for known in matching) else "checksum"


def _number_warnings(number: str, carrier: Carrier | None, catalogue: CarrierCatalogue) -> tuple[str, ...]:
    if carrier is None:
        return ()
    mismatch = _mismatch(number, carrier)
    if not mismatch:
        return ()
    message, _hint = reason_text("invalid_tracking_number", mismatch, carrier=carrier.name, number=number)
    others = [found for found in detect(catalogue, number) if found.grade == "certain"]
    other = catalogue.get(others[0].carrier) if others else None
    if other is None or other.operator == carrier.operator:
        return (message,)
    return (reason_text("invalid_tracking_number", "other", carrier=carrier.name, number=number, other=other.name)[0],)


def _url(choice: Choice, shipment: Shipment, number: str) -> str | None:
    """The URL that the back office gave, else the one of the carrier's template."""
    given = (shipment.tracking_url or "").strip()
    if given:
        fault = url_fault(given)
        if fault:
            raise _error(UrlInvalid, f"given_{fault}", "tracking_url")
        return given
    carrier = choice.carrier
    if carrier is None or carrier.template is None:
        return None
    values = url_inputs(shipment, number)
    for name in sorted(carrier.template.required):
        if not values.get(name):
            order = shipment.order_id or "without id"
            raise _error(MissingInput, field=name, name=name, carrier=carrier.name, order=order)
    url = carrier.template.url(values)
    fault = carrier.template.faults_of(url)
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
        "order_id": shipment.order_id or "",
        "item_id": items[0] if len(items) == 1 else "",
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
