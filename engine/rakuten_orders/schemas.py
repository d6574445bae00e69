"""What a valid file is: Cerberus schemas, the one definition, from which checks and editors' schemas are derived.

Every scalar reaches Cerberus as text (``rulefiles``), so a schema says in ``meta`` what the text stands for: ``kind``
is ``text``, ``path``, ``code``, ``country``, or one of ``PLAIN_KINDS``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.conditions import OPERATORS
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.transforms import TRANSFORMS, TYPES

Rules = dict[str, Any]

PLAIN_KINDS = frozenset({"flag", "true", "date", "integer", "duration", "number", "moment"})
"""Kinds that other tools may read as a date, a number or a yes: there a plain scalar is right."""

_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|h|d)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"[1-9][0-9]{0,8}")
_ADDRESS = re.compile(r"https?://[^\s/?#.]+\.[^\s]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> dt.timedelta | None:
    """``90s``, ``10m``, ``3h`` or ``2d`` as a time span; None for anything else."""
    match = _DURATION.fullmatch(text)
    return dt.timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and dt.date.fromisoformat(text))
    except ValueError:
        return False


def _is_country(text: str) -> bool:
    # FX, Rakuten's own code for metropolitan France, arrives as FR and is no country of ISO 3166-1.
    return bool(_COUNTRY.fullmatch(text)) and text != "FX" and numeric_country(text) is not None


FORMS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "flag": lambda text: text in ("true", "false"),
        "date": _is_day,
        "integer": lambda text: bool(_INTEGER.fullmatch(text)),
        "duration": lambda text: duration(text) is not None,
        "country": _is_country,
        "address": lambda text: bool(_ADDRESS.fullmatch(text)),
        "code": lambda text: bool(CODE.fullmatch(text)),
    }
)
"""Kinds of scalars that have a form of their own, and whether a text has it; the rest is any text."""


def text(about: str, kind: str = "text", **rules: Any) -> Rules:
    """The rule for one scalar."""
    found: Rules = {"type": "string", "empty": False, "meta": {"about": about, "kind": kind}, **rules}
    if kind in FORMS:
        found["check_with"] = "form"
    return found


def texts(about: str, kind: str = "text", **rules: Any) -> Rules:
    """The rule for a list of scalars."""
    return {"type": "list", "schema": text(about, kind), "meta": {"about": about, "kind": "list"}, **rules}


def one_or_more(about: str, kind: str = "text", **rules: Any) -> Rules:
    """The rule for one scalar or a list of them."""
    return {
        "type": ["string", "list"],
        "empty": False,
        "schema": text(about, kind, **rules),
        "check_with": "one_or_more",
        "meta": {"about": about, "kind": kind, "list": True},
    }


def mapping(about: str, schema: Mapping[str, Rules], **rules: Any) -> Rules:
    """The rule for a mapping with the keys of ``schema``."""
    return {"type": "dict", "schema": dict(schema), "meta": {"about": about, "kind": "mapping"}, **rules}


def listing(about: str, entry: Rules, **rules: Any) -> Rules:
    """The rule for a list of ``entry``."""
    return {"type": "list", "schema": entry, "meta": {"about": about, "kind": "list"}, **rules}


def condition(about: str, **rules: Any) -> Rules:
    """The rule for a ``when``. Its keys are fields and groups, see ``condition_entry``."""
    return {
        "type": "dict",
        "empty": False,
        "check_with": "condition",
        "meta": {"about": about, "kind": "condition"},
        **rules,
    }


def condition_entry(key: str) -> Rules:
    """The rule for what stands behind a key of a condition: a group of conditions, or tests of a field."""
    if key in ("any", "all"):
        return listing("conditions", condition("one condition"), empty=False)
    if key == "not":
        return condition("what must not hold")
    return mapping("tests of a field; all have to hold", TESTS, empty=False)


def rules_below(rules: Rules, step: str | int) -> Rules:
    """The rules for an entry of a list, or for the value behind a key; empty where the schema knows nothing of it."""
    if rules.get("check_with") == "condition":
        return condition_entry(str(step))
    if "valuesrules" in rules:
        below: Rules = rules["valuesrules"]
        return below
    below = rules.get("schema", {})
    return below if isinstance(step, int) else below.get(step, {})


TESTS: dict[str, Rules] = {
    name: text(operator.about, "true", allowed=["true"])
    if operator.takes == "true"
    else one_or_more(operator.about, {"number": "number", "date": "moment"}.get(operator.takes, "text"), empty=True)
    for name, operator in OPERATORS.items()
}


_FORMAT = text("version of the file format", allowed=["1"])
_NUMBER = text("the number, as a buyer or a back office would write it", required=True)

_TEMPLATE_INPUTS: dict[str, Rules] = {
    "postcode": text("the recipient's postcode"),
    "country": text("the recipient's country", "country"),
    "pickup_postcode": text("the collection point's postcode"),
    "phone_last4": text("the last four digits of the recipient's phone"),
    "language": text("the language of the page, two letters"),
    "order_id": text("the order's id at Rakuten"),
    "item_id": text("the item's id at Rakuten"),
}

CARRIER: dict[str, Rules] = {
    "code": text("the file's name without .yaml; never changes", "code", required=True),
    "extends": text("the code of the shipped carrier that this file adds to; the same as code", "code"),
    "name": text("the carrier's name, for people", required=True),
    "aliases": texts("other names that back offices use"),
    "rakuten_name": text("transporter_name at Rakuten; left out: sent as Autre with the URL"),
    "operator": text("who runs it, where several carriers share a host; left out: the code", "code"),
    "countries": texts("where it delivers, ISO 3166-1 alpha-2", "country"),
    "tracking_numbers": listing(
        "the formats of its numbers; left out where nobody knows them",
        mapping(
            "one format",
            {
                "pattern": text("a regular expression for the whole cleaned number", required=True),
                "checksum": mapping(
                    "the check digit",
                    {
                        "algorithm": text("the algorithm's name", required=True, allowed=sorted(ALGORITHMS)),
                        "tail": text("only the last so many characters count", "integer"),
                    },
                ),
            },
        ),
        empty=False,
    ),
    "on_mismatch": text("what a number of another form does", allowed=["warn", "refuse"], default="warn"),
    "tracking_url": text("the template of the tracking URL"),
    "search_page": text("true where the carrier only has a page to search on", "flag", default="false"),
    "confidence": text("how sure the facts are", allowed=["high", "medium", "low"], default="medium"),
    "note": text("what a colleague should know", empty=True, default=""),
    "sources": listing(
        "where the facts were read",
        mapping(
            "one source",
            {
                "url": text("a page's address", "address", excludes="note", required=True),
                "note": text("a ticket, a customer's mail", excludes="url", required=True),
                "read": text("the day it was read", "date", required=True),
            },
        ),
        required=True,
        empty=False,
    ),
    "examples": mapping(
        "numbers that show that the file is right",
        {
            "valid": listing(
                "numbers and the URLs that come out",
                mapping(
                    "one example",
                    {
                        "tracking_number": _NUMBER,
                        **_TEMPLATE_INPUTS,
                        "url": text("the whole tracking URL that comes out"),
                    },
                ),
                required=True,
                empty=False,
            ),
            "invalid": listing(
                "numbers that are not this carrier's",
                mapping(
                    "one example",
                    {"tracking_number": _NUMBER, **_TEMPLATE_INPUTS, "because": text("what is wrong with it")},
                ),
            ),
        },
        required=True,
    ),
    "format": _FORMAT,
}

FIELD: dict[str, Rules] = {
    "from": one_or_more("where the value is read: the first path that is not empty", "path"),
    "value": text("a constant", "typed", empty=True),
    "template": text("text with {{ … }}, filled from `with`"),
    "with": {
        "type": "dict",
        "valuesrules": one_or_more("the path behind a name of the template", "path"),
        "meta": {"about": "the names that the template uses, and their paths", "kind": "mapping"},
    },
    "then": one_or_more("transforms, in this order", allowed=sorted(TRANSFORMS)),
    "table": text("the table in tables/ that the value is looked up in"),
    "otherwise": text("keep: a key that is not in the table stays as it is", allowed=["keep"]),
    "default": text("the value where nothing was found", "typed", empty=True),
    "type": text("what the text becomes", allowed=sorted(TYPES), default="text"),
    "format": text("how a date or datetime is written, as strptime reads it"),
    "timezone": text("the zone of a datetime without one"),
    "required": text("true: an order without it is an error", "flag", default="false"),
    "when": condition("the field is left empty unless this holds"),
    "unlisted": text("true: the path is not one of Rakuten's documented ones", "flag", default="false"),
}

_FIELDS: Rules = {
    "type": "dict",
    "empty": False,
    "valuesrules": {
        "type": ["string", "dict"],
        "empty": False,
        "schema": FIELD,
        "meta": {"about": "one field: a path, or keys that say how it is filled", "kind": "field"},
    },
}


def _texts_by_name(about: str, of_each: str, **rules: Any) -> Rules:
    """The rule for a mapping of any names to texts, which may be empty."""
    meta = {"about": about, "kind": "mapping"}
    return {"type": "dict", "valuesrules": text(of_each, empty=True), "meta": meta, **rules}


_ELEMENT = "the element's text"
_EXAMPLE_SALE: dict[str, Rules] = {
    "sale": _texts_by_name("elements of the sale, by path", _ELEMENT, required=True),
    "items": listing(
        "the sale's items", _texts_by_name("elements of the item, by path", _ELEMENT), required=True, empty=False
    ),
    "shipping": _texts_by_name("elements of Rakuten's shipping information, by path", _ELEMENT),
}

ORDER: dict[str, Rules] = {
    "kind": text("what the file is", required=True, allowed=["order"]),
    "format": _FORMAT,
    "order": {**_FIELDS, "required": True, "meta": {"about": "fields of the order, once a sale", "kind": "mapping"}},
    "lines": {**_FIELDS, "required": True, "meta": {"about": "fields of a line, once an item", "kind": "mapping"}},
    "examples": listing(
        "sales and the orders that come out",
        mapping(
            "one example",
            {
                **_EXAMPLE_SALE,
                "expect": mapping(
                    "what comes out; only what is named is compared",
                    {
                        "order": _texts_by_name("fields of the order", "the value, as JSON has it"),
                        "lines": listing(
                            "fields of each line", _texts_by_name("fields of one line", "the value, as JSON has it")
                        ),
                        "problems": texts("the reasons, where the order fails"),
                    },
                    required=True,
                    empty=False,
                ),
            },
        ),
    ),
}

_SHIPMENT_INPUTS: dict[str, Rules] = {
    "transporter": text("the transporter as the back office names it"),
    "tracking_number": text("the number as the back office gives it"),
    "tracking_url": text("the URL as the back office gives it"),
    "shipping_type": text("Rakuten's shipping type"),
    "connection": text("the connection's label"),
    **_TEMPLATE_INPUTS,
}

TRANSPORTERS: dict[str, Rules] = {
    "kind": text("what the file is", required=True, allowed=["transporters"]),
    "format": _FORMAT,
    "default": text("the carrier where the shipment names no transporter", "carrier"),
    "mappings": listing(
        "who carries a shipment: the first that holds",
        mapping(
            "one mapping",
            {
                "when": condition("which shipments", required=True),
                "carrier": text("the carrier's code", "carrier", required=True),
                "remove_value": text(
                    "true: takes off the number what starts_with or ends_with matched", "flag", default="false"
                ),
            },
        ),
    ),
    "without_number": listing(
        "shipments that Rakuten confirms without a number",
        mapping(
            "one kind of shipment",
            {
                "when": condition("which shipments", required=True),
                "after": text("how long a number is waited for first", "duration"),
            },
        ),
    ),
    "examples": listing(
        "shipments and what comes out",
        mapping(
            "one example",
            {
                "shipment": mapping("a shipment", _SHIPMENT_INPUTS, required=True),
                "expect": mapping(
                    "what comes out; only what is named is compared",
                    {
                        "carrier": text("the carrier's code", "code"),
                        "tracking_number": text("the number that is sent"),
                        "tracking_url": text("the URL that is sent"),
                        "decided_by": text("who decided", allowed=["mapping", "name", "default", "url"]),
                        "reason": text("the reason, where it fails"),
                        "without_number": text("how long a number is waited for", "duration"),
                    },
                    required=True,
                    empty=False,
                ),
            },
        ),
    ),
}

_DECISION: Rules = listing(
    "conditions and the reason that is shown",
    mapping(
        "one rule",
        {
            "when": condition("which items", required=True),
            "because": text("the reason that a person is shown", required=True),
        },
    ),
)

ACCEPTANCE: dict[str, Rules] = {
    "kind": text("what the file is", required=True, allowed=["acceptance"]),
    "format": _FORMAT,
    "ships_from": text("the country that parcels leave from", "country", required=True),
    "hold": _DECISION,
    "skip": _DECISION,
    "examples": listing(
        "sales and what is decided of their items",
        mapping(
            "one example",
            {
                **_EXAMPLE_SALE,
                "expect": {
                    "type": "list",
                    "required": True,
                    "schema": text("what is decided of the item", allowed=["accept", "hold", "skip"]),
                    "meta": {"about": "one word an item, in their order", "kind": "list"},
                },
            },
        ),
    ),
}

RULE_KINDS: dict[str, dict[str, Rules]] = {"order": ORDER, "transporters": TRANSPORTERS, "acceptance": ACCEPTANCE}
KINDS: dict[str, dict[str, Rules]] = {"carrier": CARRIER, **RULE_KINDS}
