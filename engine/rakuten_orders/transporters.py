"""Transporter rules: which carrier a shipment gets, who decided it, and what may go without a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.conditions import Condition, Lookup, Normaliser, as_list, compile_condition
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.formats import clean_number
from rakuten_orders.meaning import field_condition_findings
from rakuten_orders.model import Shipment, WithoutNumber
from rakuten_orders.names import fold, nearest
from rakuten_orders.rulefiles import Document
from rakuten_orders.schemas import duration

FIELDS: Mapping[str, Normaliser | None] = MappingProxyType(
    {
        "transporter": fold,
        "tracking_number": clean_number,
        "postcode": None,
        "country": None,
        "shipping_type": None,
        "connection": None,
    }
)
"""What a transporter rule's conditions can test, and what is done to both sides before they compare.

Transporters compare as names, numbers as cleaned, everything else exactly.
"""

_NORMALISED = {name: normalise for name, normalise in FIELDS.items() if normalise is not None}

Decider = Literal["mapping", "name", "default", "url"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """One mapping: shipments for which ``when`` holds go with ``carrier``.

    ``starts`` and ``ends`` are what is taken off the number; empty unless the rule says ``remove_value``.
    """

    when: Condition
    carrier: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransporterRules:
    """The default carrier's code, the mappings from top to bottom, and what goes without a number."""

    default: str | None
    mappings: tuple[Mapped, ...]
    without_number: tuple[tuple[Condition, WithoutNumber], ...]


class Choice(NamedTuple):
    """Who carries a shipment. ``carrier`` is None where a URL alone decides; ``number`` is what is left to send."""

    carrier: Carrier | None
    decided_by: Decider
    number: str


def read_transporter_rules(
    document: Document, catalogue: CarrierCatalogue
) -> tuple[TransporterRules | None, list[Diagnostic]]:
    """The transporter rules in a document, None where it is wrong, and what is wrong with their meaning."""
    data = document.data
    findings: list[Diagnostic] = []
    if "default" in data:
        findings += _carrier_findings(document, ("default",), data["default"], catalogue)
    for index, rule in enumerate(data.get("mappings", ())):
        place = ("mappings", index)
        wrong = list(field_condition_findings(document, (*place, "when"), rule.get("when", {}), FIELDS))
        findings += wrong
        if "carrier" in rule:
            findings += _carrier_findings(document, (*place, "carrier"), rule["carrier"], catalogue)
        whole = _is_whole(document, (*place, "when"))
        if rule.get("remove_value") == "true" and "when" in rule and whole and not wrong and not any(_removed(rule)):
            findings.append(document.finding("wrong-value", (*place, "remove_value"), "remove_value", at_key=True))
    for index, rule in enumerate(data.get("without_number", ())):
        findings += field_condition_findings(document, ("without_number", index, "when"), rule.get("when", {}), FIELDS)
    if not document.sound or any(found.severity == "error" for found in findings):
        return None, findings
    mappings = tuple(_mapping(rule) for rule in data.get("mappings", ()))
    waits = tuple(
        (_compiled(rule["when"]), WithoutNumber(duration(rule.get("after", "")) or dt.timedelta()))
        for rule in data.get("without_number", ())
    )
    return TransporterRules(data.get("default"), mappings, waits), findings


def _is_whole(document: Document, place: tuple[str | int, ...]) -> bool:
    """Whether nothing of a condition was left out because it is wrong."""
    node = document.node(place)
    return isinstance(node.children, dict) and node.keys.keys() == node.children.keys()


def _carrier_findings(
    document: Document, place: tuple[str | int, ...], code: str, catalogue: CarrierCatalogue
) -> list[Diagnostic]:
    if catalogue.get(code) is not None or code in catalogue.broken:
        return []
    named = catalogue.find(code)
    near = named.code if named else nearest(code, list(catalogue.by_code))
    return [document.finding("unknown-carrier", place, "nearest" if near else "", code=code, nearest=near)]


def _compiled(when: Mapping[str, Any]) -> Condition:
    return compile_condition(when, normalised=_NORMALISED)


def _mapping(rule: Mapping[str, Any]) -> Mapped:
    starts, ends = _removed(rule) if rule.get("remove_value") == "true" else ((), ())
    return Mapped(_compiled(rule["when"]), rule["carrier"], starts, ends)


def _removed(rule: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What ``remove_value`` takes off the number: the values of ``starts_with`` and of ``ends_with``, cleaned.

    Only tests that stand directly under ``when`` count: what holds inside ``any`` or ``not`` need not have matched.
    """
    tests = rule["when"].get("tracking_number", {})
    starts, ends = (as_list(tests.get(word, [])) for word in ("starts_with", "ends_with"))
    return tuple(map(clean_number, starts)), tuple(map(clean_number, ends))


def choose(
    rules: TransporterRules, catalogue: CarrierCatalogue, shipment: Shipment, number: str, connection: str | None
) -> Choice | None:
    """Who carries the shipment: a mapping, else the transporter's name, else a URL alone, else the default.

    None where nothing covers it. ``number`` is the cleaned number.
    """
    if rules.mappings:
        lookup = shipment_lookup(shipment, number, connection)
        for mapped in rules.mappings:
            if mapped.when(lookup):
                return Choice(catalogue.by_code[mapped.carrier], "mapping", _without(number, mapped))
    transporter = (shipment.transporter or "").strip()
    named = catalogue.find(transporter) if transporter else None
    if named is not None:
        return Choice(named, "name", number)
    if given_url(shipment):
        return Choice(None, "url", number)
    if not transporter and rules.default is not None:
        return Choice(catalogue.by_code[rules.default], "default", number)
    return None


def waits(rules: TransporterRules, shipment: Shipment, connection: str | None) -> WithoutNumber | None:
    """How long a number is waited for before the shipment goes without one.

    None where it must have one, and for a shipment that brings one.
    """
    if clean_number(shipment.tracking_number or ""):
        return None
    lookup = shipment_lookup(shipment, "", connection)
    return next((wait for when, wait in rules.without_number if when(lookup)), None)


def given_url(shipment: Shipment) -> str:
    """The tracking URL that the back office gives; empty text where it gives none."""
    return (shipment.tracking_url or "").strip()


def shipment_lookup(shipment: Shipment, number: str, connection: str | None) -> Lookup:
    """What conditions see of a shipment; blank is missing, and countries are in capitals as in ISO 3166-1."""
    fields: Mapping[str, str | None] = {
        "transporter": shipment.transporter,
        "tracking_number": number,
        "postcode": shipment.postcode,
        "country": (shipment.country or "").upper(),
        "shipping_type": shipment.shipping_type,
        "connection": connection,
    }
    return lambda name: (fields[name] or "").strip() or None


def _without(number: str, mapped: Mapped) -> str:
    """The number without the marker that the mapping matched."""
    number = number.removeprefix(_longest(value for value in mapped.starts if number.startswith(value)))
    return number.removesuffix(_longest(value for value in mapped.ends if number.endswith(value)))


def _longest(values: Iterable[str]) -> str:
    return max(values, key=len, default="")
