"""What a valid file is: Cerberus schemas, the one definition, and Cerberus' errors as diagnostics.

Every scalar reaches Cerberus as text (``rulefiles``), so a schema says what the text stands for in ``meta``:
``kind`` is one of text, flag, date, integer, duration, country, path. Cerberus' own ``regex`` and normalisation are
not used: its ``regex`` is not anchored as it looks, and normalisation hides what the user wrote.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from cerberus import Validator, errors

from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.conditions import OPERATORS
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.transforms import TRANSFORMS, TYPES

Rules = dict[str, Any]

_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> dt.timedelta | None:
    """``90s``, ``10m``, ``3h`` or ``2d`` as a time span; None for anything else."""
    match = _DURATION.fullmatch(text)
    return dt.timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def text(about: str, kind: str = "text", **rules: Any) -> Rules:
    """The rule for one scalar. ``kind`` is checked where it is not plain text."""
    found: Rules = {"type": "string", "empty": False, "meta": {"about": about, "kind": kind}, **rules}
    if kind not in ("text", "path"):
        found["check_with"] = kind
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
        "meta": {"about": about, "kind": kind, "list": True},
    }


def mapping(about: str, schema: Mapping[str, Rules], **rules: Any) -> Rules:
    """The rule for a mapping with the keys of ``schema``."""
    return {"type": "dict", "schema": dict(schema), "meta": {"about": about, "kind": "mapping"}, **rules}


def listing(about: str, entry: Rules, **rules: Any) -> Rules:
    """The rule for a list of ``entry``."""
    return {"type": "list", "schema": entry, "meta": {"about": about, "kind": "list"}, **rules}


def condition(about: str, **rules: Any) -> Rules:
    """The rule for a ``when``; its shape is checked by ``_check_with_condition``."""
    return {"type": "dict", "check_with": "condition", "meta": {"about": about, "kind": "condition"}, **rules}


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
    "on_mismatch": text("what a number of another form does", allowed=["warn", "refuse"]),
    "tracking_url": text("the template of the tracking URL"),
    "search_page": text("true where the carrier only has a page to search on", "flag"),
    "confidence": text("how sure the facts are", allowed=["high", "medium", "low"]),
    "note": text("what a colleague should know", empty=True),
    "sources": listing(
        "where the facts were read",
        mapping(
            "one source",
            {
                "url": text("a page's address", excludes="note", required=True),
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
    "value": text("a constant", empty=True),
    "template": text("text with {{ … }}, filled from `with`"),
    "with": {
        "type": "dict",
        "valuesrules": one_or_more("the path behind a name of the template", "path"),
        "meta": {"about": "the names that the template uses, and their paths", "kind": "mapping"},
    },
    "then": one_or_more("transforms, in this order", allowed=sorted(TRANSFORMS)),
    "table": text("the table in tables/ that the value is looked up in"),
    "otherwise": text("keep: a key that is not in the table stays as it is", allowed=["keep"]),
    "default": text("the value where nothing was found", empty=True),
    "type": text("what the text becomes", allowed=sorted(TYPES)),
    "format": text("how a date or datetime is written, as strptime reads it"),
    "timezone": text("the zone of a datetime without one"),
    "required": text("true: an order without it is an error", "flag"),
    "when": condition("the field is left empty unless this holds"),
    "unlisted": text("true: the path is not one of Rakuten's documented ones", "flag"),
}

_FIELDS: Rules = {
    "type": "dict",
    "empty": False,
    "valuesrules": {"type": ["string", "dict"], "empty": False, "schema": FIELD, "meta": {"kind": "field"}},
}
_PATHS: Rules = {"type": "dict", "valuesrules": text("the element's text", empty=True), "meta": {"kind": "mapping"}}
_EXAMPLE_SALE: dict[str, Rules] = {
    "sale": {**_PATHS, "required": True},
    "items": {"type": "list", "schema": _PATHS, "required": True, "empty": False, "meta": {"kind": "list"}},
    "shipping": _PATHS,
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
                        "order": _PATHS,
                        "lines": {"type": "list", "schema": _PATHS, "meta": {"kind": "list"}},
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
    "default": text("the carrier where the shipment names no transporter", "code"),
    "mappings": listing(
        "who carries a shipment: the first that holds",
        mapping(
            "one mapping",
            {
                "when": condition("which shipments", required=True),
                "carrier": text("the carrier's code", "code", required=True),
                "remove_value": text("true: takes off the number what starts_with or ends_with matched", "flag"),
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


def shape_findings(document: Document, schema_name: str, *, partial: bool = False) -> list[Diagnostic]:
    """What Cerberus finds in ``document`` against the schema of that name, as diagnostics.

    ``partial`` is for a carrier that extends another: what is required may be absent.
    """
    return _checked(document, KINDS[schema_name], _validator(schema_name, partial))


def schema_findings(document: Document, schema: Mapping[str, Rules]) -> list[Diagnostic]:
    """The same against a schema of another kind of file, made of the rules above."""
    return _checked(document, schema, _FileValidator(dict(schema), require_all=False))


def _checked(document: Document, schema: Mapping[str, Rules], validator: Validator) -> list[Diagnostic]:
    if validator.validate(document.data, normalize=False):
        found = []
    else:
        found = list(_findings(document, schema, validator._errors))
    return [*found, *_ambiguous(document, schema)]


class _FileValidator(Validator):  # type: ignore[misc]  # Cerberus ships no types
    """Cerberus with our kinds of text, and without the sorting that makes many errors quadratic."""

    def _error(self, *args: Any) -> None:
        if len(args) == 1:
            self._errors.extend(args[0])
        else:
            super()._error(*args)

    def _check_with_flag(self, field: str, value: str) -> None:
        if value not in ("true", "false"):
            self._error(field, "flag")

    def _check_with_date(self, field: str, value: str) -> None:
        try:
            dt.date.fromisoformat(value) if len(value) == len("2026-11-23") else self._error(field, "date")
        except ValueError:
            self._error(field, "date")

    def _check_with_integer(self, field: str, value: str) -> None:
        if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
            self._error(field, "integer")

    def _check_with_duration(self, field: str, value: str) -> None:
        if duration(value) is None:
            self._error(field, "duration")

    def _check_with_country(self, field: str, value: str) -> None:
        if len(value) != 2 or not value.isupper() or numeric_country(value) is None:
            self._error(field, "country")

    def _check_with_code(self, field: str, value: str) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
            self._error(field, "code")

    def _check_with_condition(self, field: str, value: Mapping[str, Any]) -> None:
        if not value:
            self._error(field, errors.EMPTY_NOT_ALLOWED)
            return
        validator = self._get_child_validator(
            document_crumb=field, schema={key: _condition_entry(key) for key in value}, allow_unknown=False
        )
        if not validator(value, update=False, normalize=False):
            self._error(validator._errors)


def _condition_entry(key: str) -> Rules:
    if key in ("any", "all"):
        return listing("conditions", condition("one condition"), empty=False)
    if key == "not":
        return condition("what must not hold")
    return {"type": "dict", "empty": False, "schema": _OPERATOR_SCHEMA, "meta": {"kind": "test"}}


_OPERATOR_SCHEMA: dict[str, Rules] = {
    name: text(operator.about, allowed=["true"])
    if operator.takes == "true"
    else one_or_more(operator.about, empty=True)
    for name, operator in OPERATORS.items()
}


@cache
def _validator(schema_name: str, partial: bool) -> Validator:
    schema = KINDS[schema_name]
    if partial:
        schema = {
            key: {name: rule for name, rule in rules.items() if name != "required" or key == "code"}
            for key, rules in schema.items()
        }
    return _FileValidator(schema, require_all=False)


def _findings(document: Document, schema: Mapping[str, Rules], found: Sequence[Any]) -> Iterator[Diagnostic]:
    """Cerberus' errors as diagnostics; a misspelt required key is one finding, ``unknown-key``."""
    leaves = list(_leaves(found))
    unknown = [error for error in leaves if error.code == errors.UNKNOWN_FIELD.code]
    missing = [error for error in leaves if error.code == errors.REQUIRED_FIELD.code]
    explained: set[Path] = set()
    for error in unknown:
        path = tuple(error.document_path)
        lacking = [other for other in missing if tuple(other.document_path[:-1]) == path[:-1]]
        near = nearest(str(path[-1]), [str(other.document_path[-1]) for other in lacking])
        if near is not None:
            explained.add((*path[:-1], near))
        yield _unknown_key(document, schema, path, near)
    for error in leaves:
        path = tuple(error.document_path)
        if error.code == errors.REQUIRED_FIELD.code and path not in explained:
            if not _alternative_missing(document, path):
                yield document.finding("missing-key", path[:-1], name=path[-1])
        elif error.code not in (errors.UNKNOWN_FIELD.code, errors.REQUIRED_FIELD.code):
            yield _value_finding(document, path, error)


def _alternative_missing(document: Document, path: Path) -> bool:
    """Whether the missing key is one of a pair (``url`` or ``note``) whose other half stands or was reported."""
    pairs = {"url": "note", "note": "url"}
    other = pairs.get(str(path[-1])) if len(path) > 1 and path[0] == "sources" else None
    if other is None:
        return False
    return other in document.node(path[:-1]).value or path[-1] == "note"


def _leaves(found: Sequence[Any]) -> Iterator[Any]:
    for error in found:
        if error.is_group_error:
            yield from _leaves(error.child_errors)
        else:
            yield error


def _unknown_key(document: Document, schema: Mapping[str, Rules], path: Path, near: str | None) -> Diagnostic:
    known = _keys_at(schema, path[:-1])
    near = near or nearest(str(path[-1]), known)
    if near is None:
        return document.finding(
            "unknown-key", path, "list", at_key=True, name=path[-1], known=", ".join(sorted(known)) or "none"
        )
    return document.finding("unknown-key", path, at_key=True, name=path[-1], nearest=near)


def _keys_at(schema: Mapping[str, Rules], path: Path) -> list[str]:
    """The keys that the schema knows at ``path``."""
    rules = _rules_at(schema, path)
    keys = rules.get("schema", {}) if rules else {}
    return [str(key) for key in keys] if isinstance(keys, dict) else []


def _rules_at(schema: Mapping[str, Rules], path: Sequence[str | int]) -> Rules:
    """The schema's rules for the value at ``path``; empty inside conditions and where it knows nothing."""
    rules: Rules = {"type": "dict", "schema": dict(schema)}
    for position, step in enumerate(path):
        if rules.get("check_with") == "condition":
            return _condition_rules(path[position:])
        below = rules.get("schema", {})
        if isinstance(step, int):
            rules = below
        elif "valuesrules" in rules:
            rules = rules["valuesrules"]
        else:
            rules = below.get(step, {}) if isinstance(below, dict) else {}
        if not isinstance(rules, dict):
            return {}
    return rules


def _condition_rules(path: Sequence[str | int]) -> Rules:
    rules: Rules = condition("")
    for step in path:
        if isinstance(step, int):
            rules = rules.get("schema", {})
        elif rules.get("check_with") == "condition":
            rules = _condition_entry(step)
        else:
            schema = rules.get("schema", {})
            rules = schema.get(step, {}) if isinstance(schema, dict) else {}
    return rules


def _value_finding(document: Document, path: Path, error: Any) -> Diagnostic:
    """The diagnostic for a value that is there and wrong."""
    value = error.value
    if value is None or error.code in (errors.EMPTY_NOT_ALLOWED.code, errors.NOT_NULLABLE.code):
        return document.finding("empty-value", path, at_key=True, name=path[-1])
    if error.code == errors.UNALLOWED_VALUE.code:
        near = nearest(str(value), list(error.constraint))
        variant = "nearest" if near else ""
        choices = ", ".join(error.constraint)
        return document.finding(
            "wrong-value", path, variant, name=_name(path), value=value, known=choices, nearest=near
        )
    if error.code == errors.EXCLUDES_FIELD.code:
        return document.finding("wrong-value", path, "excludes", name=path[-1])
    if error.code == errors.CUSTOM.code:
        return document.finding("wrong-value", path, str(error.info[0]), name=_name(path), value=value)
    expected = error.constraint if isinstance(error.constraint, list) else [error.constraint]
    return document.finding(
        "wrong-type", path, name=_name(path), expected=_type_names(expected), found=_type_names([type(value).__name__])
    )


def _name(path: Path) -> str:
    """The last key of ``path``: a list's entries go by the list's name."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _type_names(types: Sequence[Any]) -> str:
    words = {"string": "text", "str": "text", "dict": "keys and values", "list": "a list", "NoneType": "nothing"}
    return " or ".join(words.get(str(name), str(name)) for name in types)


def _ambiguous(document: Document, schema: Mapping[str, Rules]) -> Iterator[Diagnostic]:
    """Warnings for plain scalars that other tools change, where text is meant."""
    for path, reading in document.ambiguous:
        rules = _rules_at(schema, path)
        kind = rules.get("meta", {}).get("kind", "text")
        if kind in ("text", "path", "country", "field", "code", "condition"):
            value = document.node(path).value
            if rules.get("allowed") == ["true"] and value == "true":
                continue
            yield document.finding("ambiguous-scalar", path, value=value, reading=reading)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The entry of ``known`` that ``word`` was probably meant to be, compared without case; None if none is near."""
    folded = {entry.casefold(): entry for entry in reversed(known)}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
