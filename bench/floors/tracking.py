"""A shipment to what Rakuten is sent, by hand: one function a carrier for its URL, one table of names, no rules.

What a person would write out for 300 carriers is written out by ``_url_source``: an f-string where the template has no
condition, else an ``if`` for each. Every check of the engine is here: the number's cleaning, form and check digit, the
carrier that it plainly belongs to instead, what the URL needs, and the finished URL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from bench.floors.checks import Check, check_for
from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.errors import InvalidTrackingNumber, MissingInput, ShipmentError, UrlInvalid
from rakuten_orders.formats import NumberFormat
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Shipment, TrackingUpdate
from rakuten_orders.names import fold
from rakuten_orders.tracking import language_of
from rakuten_orders.tracking_urls import VARIABLES

Url = Callable[[str, Shipment], str]

_DROPPED = frozenset({"Zs", "Zl", "Zp", "Pd", "Cc", "Cf", "Cs"})
_sendable = re.compile("[!-~]{1,2000}").fullmatch
_pieces = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})").split
_FILTERED = {"no_spaces": '"".join({}.split())', "upper": "{}.upper()", "lower": "{}.lower()"}
_READ = {
    "tracking_number": "number",
    "postcode": '(s.postcode or "").strip()',
    "country": '(s.country or "").strip().upper()',
    "pickup_postcode": '(s.pickup_postcode or "").strip()',
    "phone_last4": '(s.phone_last4 or "").strip()',
    "language": '(s.language or "").strip().lower() or language_of((s.country or "").strip().upper())',
    "order_id": '(s.order_id or "").strip()',
    "item_id": 's.item_ids[0].strip() if s.item_ids and len(s.item_ids) == 1 else ""',
}


class _Cleaning(dict[int, int | None]):
    """What becomes of a character, found once for each that comes."""

    def __missing__(self, code: int) -> int | None:
        char = chr(code)
        kept = char not in ".\u2212" and unicodedata.category(char) not in _DROPPED
        self[code] = code if kept else None
        return self[code]


_CLEANING = _Cleaning()


def cleaned(number: str) -> str:
    """The number without blanks, dots and hyphens, in capitals."""
    if number.isalnum():
        return number.upper()
    return number.translate(_CLEANING).upper()


@dataclass(slots=True)
class Form:
    """A format of a carrier's numbers; ``check`` None: it has no check digit."""

    matches: Callable[[str], object]
    check: Check | None
    speaks: bool

    @classmethod
    def of(cls, known: NumberFormat) -> Form:
        """The same, ready to be asked."""
        check = check_for(known.checksum, known.tail) if known.checksum else None
        return cls(re.compile(known.pattern, re.ASCII).fullmatch, check, bool(known.checksum) or known.distinctive)


@dataclass(slots=True)
class _Owned:
    """A form whose letters are one operator's own."""

    form: Form
    operator: str
    name: str
    rank: tuple[bool, int, str]


@dataclass(slots=True)
class _Known:
    """What is known of a carrier."""

    code: str
    name: str
    file: str
    operator: str
    rakuten_name: str
    forms: tuple[Form, ...]
    refuses: bool
    url: Url | None


class Tracking:
    """All carriers, ready."""

    def __init__(self, catalogue: CarrierCatalogue) -> None:
        known = {carrier.code: _known(carrier) for carrier in catalogue}
        self._folded = {name: known[carrier.code] for name, carrier in catalogue.by_name.items()}
        self._spelt = {name: known[carrier.code] for carrier in catalogue for name in carrier.names}
        self._lettered = [_owned(carrier, one) for carrier in catalogue for one in carrier.formats if one.distinctive]

    def update(self, shipment: Shipment) -> TrackingUpdate:
        """What is sent for a shipment that names its carrier. Raises a subclass of ShipmentError."""
        received = shipment.tracking_number or ""
        number = cleaned(received)
        transporter = shipment.transporter or ""
        carrier = self._spelt.get(transporter) or self._folded[fold(transporter)]
        if not 0 < len(number) <= 64:
            raise _error(InvalidTrackingNumber, "long", "tracking_number", limit=64)
        url = None
        warnings = self._warnings(number, carrier)
        if carrier.url is not None:
            try:
                url = carrier.url(number, shipment)
            except UnicodeEncodeError:
                url = ""
            if not _sendable(url):
                variant = "long" if len(url) > 2000 else "characters"
                raise _error(UrlInvalid, variant, "tracking_url", carrier=carrier.name, file=carrier.file)
        decided: Literal["name"] = "name"
        return TrackingUpdate(
            carrier=carrier.code,
            transporter_name=carrier.rakuten_name,
            tracking_number=number,
            tracking_number_received=received,
            tracking_url=url,
            decided_by=decided,
            warnings=warnings,
            order_id=shipment.order_id,
            item_ids=shipment.item_ids,
        )

    def _warnings(self, number: str, carrier: _Known) -> tuple[str, ...]:
        mismatch = "form" if carrier.forms else ""
        for form in carrier.forms:
            if form.matches(number):
                if form.check is None or form.check(number):
                    mismatch = ""
                    if form.speaks:
                        return ()
                elif mismatch:
                    mismatch = "checksum"
        if mismatch and carrier.refuses:
            raise _error(InvalidTrackingNumber, mismatch, "tracking_number", carrier=carrier.name, number=number)
        # Digits alone are plainly nobody's.
        other = None if number.isdigit() else self._owner(number, carrier)
        if other is not None:
            return (_sentence("other", carrier, number, other=other),)
        return (_sentence(mismatch, carrier, number),) if mismatch else ()

    def _owner(self, number: str, carrier: _Known) -> str | None:
        """Whose the number plainly is: its letters are one operator's alone, and a check digit holds."""
        fits = [
            owned
            for owned in self._lettered
            if owned.form.matches(number) and (owned.form.check is None or owned.form.check(number))
        ]
        operators = {owned.operator for owned in fits}
        if len(operators) != 1 or carrier.operator in operators:
            return None
        proven = [owned for owned in fits if owned.form.check is not None]
        return min(proven, key=lambda owned: owned.rank).name if proven else None


def _known(carrier: Carrier) -> _Known:
    return _Known(
        carrier.code,
        carrier.name,
        carrier.file,
        carrier.operator,
        carrier.rakuten_name or "Autre",
        tuple(map(Form.of, carrier.formats)),
        carrier.on_mismatch == "refuse",
        url_function(carrier),
    )


def _owned(carrier: Carrier, known: NumberFormat) -> _Owned:
    rank = (not carrier.listed, known.room, carrier.code)
    return _Owned(Form.of(known), carrier.operator, carrier.name, rank)


def _error(kind: type[ShipmentError], variant: str, field: str, **params: object) -> ShipmentError:
    message, hint = reason_text(kind.reason, variant, **params)
    return kind(message, hint, field)


def _sentence(variant: str, carrier: _Known, number: str, **params: object) -> str:
    return reason_text("invalid_tracking_number", variant, carrier=carrier.name, number=number, **params)[0]


def url_function(carrier: Carrier) -> Url | None:
    """The function that a person would write for the carrier's URL; None where Rakuten needs none."""
    if carrier.template is None:
        return None
    names: dict[str, object] = {"language_of": language_of, "q": _encoded, "missing": _missing, "carrier": carrier}
    exec("\n".join(_url_source(carrier)), names)  # noqa: S102 - our own carriers
    return names["url"]  # type: ignore[return-value]


def _url_source(carrier: Carrier) -> Iterator[str]:
    template = carrier.template
    assert template is not None  # noqa: S101 - asked for only where there is one
    used = [name for name in VARIABLES if name in template.required | template.optional and name != "tracking_number"]
    yield "def url(number, s):"
    yield from (f"    {name} = {_READ[name]}" for name in used)
    required = [name for name in used if name in template.required]
    if required:
        yield f"    if not ({' and '.join(required)}):"
        values = ", ".join(f"({name!r}, {name})" for name in required)
        yield f"        raise missing(carrier, s, ({values},))"
    pieces = _pieces(template.source)
    if not any(piece.startswith("{%") for piece in pieces):
        yield f"    return f{''.join(map(_formatted, pieces))!r}"
        return
    yield "    url = ''"
    depth = 1
    for piece in filter(None, pieces):
        if not piece.startswith("{%"):
            yield f"{'    ' * depth}url += f{_formatted(piece)!r}"
            continue
        word, _, condition = piece.strip("{%} ").partition(" ")
        depth -= word != "if"
        if word != "endif":
            yield f"{'    ' * depth}{word} {_python(condition)}".rstrip() + ":"
            depth += 1
    yield "    return url"


def _python(condition: str) -> str:
    """A condition of the language is one of Python but for the number's name."""
    return re.sub(r"\btracking_number\b", "number", condition)


def _formatted(piece: str) -> str:
    """A piece of a template without conditions as a piece of an f-string."""
    if not piece.startswith("{{"):
        return piece.replace("{", "{{").replace("}", "}}")
    name, *filters = (word.strip() for word in piece.strip("{} ").split("|"))
    value = "number" if name == "tracking_number" else name
    for word in filters:
        value = _FILTERED[word].format(value)
    return f"{{q({value})}}"


def _encoded(value: str) -> str:
    return value if value.isalnum() and value.isascii() else quote(value, safe="")


def _missing(carrier: Carrier, shipment: Shipment, values: tuple[tuple[str, str], ...]) -> ShipmentError:
    names = [name for name, value in values if not value]
    order = shipment.order_id or "without id"
    return _error(MissingInput, "", names[0], name=" and ".join(names), carrier=carrier.name, order=order)
