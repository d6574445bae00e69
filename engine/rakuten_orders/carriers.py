"""A carrier, read from its file, and the catalogue of all of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.formats import NumberFormat, check_pattern
from rakuten_orders.marketplace import find_transporter, needs_url
from rakuten_orders.messages import finding
from rakuten_orders.names import fold
from rakuten_orders.rulefiles import Document
from rakuten_orders.schemas import nearest
from rakuten_orders.templates import TemplateFault
from rakuten_orders.tracking_urls import UrlTemplate, check_url_template

SHIPPED = "shipped"
"""The origin of the carriers that come with the package; others have the folder they were read from."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier: the file's keys, checked and compiled.

    ``template`` is None where Rakuten tracks the carrier by itself. ``operator`` is the code where the file
    names none. ``facts`` are the file's keys as plain data, examples and all, as ``carriers list`` shows them.
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    rakuten_name: str | None
    operator: str
    countries: tuple[str, ...]
    formats: tuple[NumberFormat, ...]
    on_mismatch: str
    template: UrlTemplate | None
    search_page: bool
    confidence: str
    note: str
    sources: tuple[Mapping[str, str], ...]
    examples: Mapping[str, Any]
    file: str
    origin: str
    facts: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is found by: code, name, aliases."""
        return (self.code, self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Layered:
    """A carrier's document, with the data of the carrier it extends merged in."""

    document: Document
    data: Mapping[str, Any]
    origin: str


_ADDED = ("aliases", "countries", "sources")


def extend(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a carrier that extends another: its lists are added to, other keys replaced.

    Another ``tracking_url`` or other ``tracking_numbers`` drop the examples below: they no longer show anything.
    """
    merged = {**below, **above}
    for key in _ADDED:
        if key in below and key in above:
            merged[key] = [*below[key], *(entry for entry in above[key] if entry not in below[key])]
    if "tracking_url" not in above and "tracking_numbers" not in above:
        examples = {key: list(entries) for key, entries in below.get("examples", {}).items()}
        for key, entries in above.get("examples", {}).items():
            examples[key] = [*examples.get(key, []), *entries]
        merged["examples"] = examples
    elif "examples" not in above:
        merged.pop("examples", None)
    merged.pop("extends", None)
    return merged


def read_carrier(layered: Layered) -> tuple[Carrier | None, list[Diagnostic]]:
    """The carrier in a document of the right shape, or None, and what is wrong with its meaning."""
    document, data = layered.document, layered.data
    findings = [*_code_findings(document, data), *_rakuten_findings(document, data)]
    search_page = data.get("search_page") == "true"
    template: UrlTemplate | None = None
    if "tracking_url" in data:
        template, faults = check_url_template(data["tracking_url"], search_page=search_page)
        if data.get("note"):
            faults = [fault for fault in faults if fault.code != "http-url"]
        findings += [template_finding(document, ("tracking_url",), fault) for fault in faults]
    findings += _format_findings(document, data)
    findings += _example_findings(document, data)
    if any(found.severity == "error" for found in findings):
        return None, findings
    return _carrier(layered, template, search_page), findings


def _carrier(layered: Layered, template: UrlTemplate | None, search_page: bool) -> Carrier:
    data = layered.data
    formats = tuple(_number_format(entry) for entry in data.get("tracking_numbers", ()))
    return Carrier(
        code=data["code"],
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        rakuten_name=data.get("rakuten_name"),
        operator=data.get("operator", data["code"]),
        countries=tuple(data.get("countries", ())),
        formats=formats,
        on_mismatch=data.get("on_mismatch", "warn"),
        template=template,
        search_page=search_page,
        confidence=data.get("confidence", "medium"),
        note=data.get("note", ""),
        sources=tuple(data["sources"]),
        examples=data["examples"],
        file=layered.document.file,
        origin=layered.origin,
        facts=MappingProxyType({**data, "search_page": search_page}),
    )


def _number_format(entry: Mapping[str, Any]) -> NumberFormat:
    checksum = entry.get("checksum", {})
    tail = checksum.get("tail")
    return NumberFormat(entry["pattern"], checksum.get("algorithm"), int(tail) if tail else None)


def _code_findings(document: Document, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    stem = re.split(r"[/\\]", document.file)[-1].removesuffix(".yaml")
    if data["code"] != stem:
        yield document.finding("wrong-value", ("code",), "stem", value=data["code"], stem=stem)


def _rakuten_findings(document: Document, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    name = data.get("rakuten_name")
    if name is not None:
        listed = find_transporter(name)
        if listed is None:
            yield document.finding("unlisted-rakuten-name", ("rakuten_name",), value=name)
        elif listed != name:
            yield document.finding("wrong-value", ("rakuten_name",), "spelling", value=name, listed=listed)
    if "tracking_url" not in data and (name is None or find_transporter(name) is None or needs_url(name)):
        yield document.finding("missing-key", (), "tracking_url", name="tracking_url")


def _format_findings(document: Document, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    for index, entry in enumerate(data.get("tracking_numbers", ())):
        path = ("tracking_numbers", index, "pattern")
        for fault in check_pattern(entry["pattern"]):
            yield document.finding("bad-pattern", path, fault.variant, shown=fault.shown)


def _example_findings(document: Document, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Examples that must be there; whether they are right is the checker's to say."""
    examples = data.get("examples")
    if not examples or not examples.get("valid"):
        yield document.finding("missing-key", ("examples",) if examples else (), "examples", name="examples")
        return
    if "tracking_numbers" in data and not examples.get("invalid"):
        yield document.finding("missing-key", ("examples",), "invalid_example", name="invalid")
    for index, example in enumerate(examples["valid"]):
        if "tracking_url" in data and "url" not in example:
            yield document.finding("missing-key", ("examples", "valid", index), name="url")


def template_finding(document: Document, path: Sequence[str | int], fault: TemplateFault) -> Diagnostic:
    """A template's fault as a diagnostic at its place in the file."""
    params = dict(fault.params)
    if fault.code == "unknown-variable":
        near = nearest(str(params["name"]), str(params["known"]).split(", "))
        params["nearest"] = near
        variant = "nearest" if near else ""
    else:
        variant = fault.variant
    line, column = document.position_in(path, fault.offset)
    return finding(fault.code, document.file, line, column, variant, **params)


@dataclass(frozen=True)
class CarrierCatalogue:
    """All carriers in force, sorted by code, found by code, name or alias.

    ``nearby`` names are those a misspelt one was probably meant to be.
    """

    carriers: tuple[Carrier, ...]
    by_code: Mapping[str, Carrier] = field(repr=False)
    by_name: Mapping[str, Carrier] = field(repr=False)

    def __iter__(self) -> Iterator[Carrier]:
        return iter(self.carriers)

    def __len__(self) -> int:
        return len(self.carriers)

    def get(self, code: str) -> Carrier | None:
        """The carrier with that very code."""
        return self.by_code.get(code)

    def find(self, name: str) -> Carrier | None:
        """The carrier of that code, name or alias, compared without case, accents, spaces or punctuation."""
        return self.by_name.get(fold(name))

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three names of carriers that ``name`` was perhaps meant to be."""
        folded = fold(name)
        close = difflib.get_close_matches(folded, self.by_name, n=6, cutoff=0.7)
        contained = [
            key for key in self.by_name if len(folded) >= 3 and (folded in key or (len(key) >= 4 and key in folded))
        ]
        return tuple(dict.fromkeys(self.by_name[key].name for key in (*close, *contained)))[:3]


def build_catalogue(
    layers: Sequence[Sequence[Carrier]], claim: Callable[..., Diagnostic]
) -> tuple[CarrierCatalogue, list[Diagnostic]]:
    """The catalogue of the layers, the last one winning, and the names and hosts that two carriers claim.

    ``claim(code, carrier, value, variant, **params)`` makes the diagnostic at the place where ``carrier``
    claims ``value``. A carrier of a later layer with the code of an earlier one has replaced it already.
    """
    findings: list[Diagnostic] = []
    by_name: dict[str, Carrier] = {}
    for layer in layers:
        mine: dict[str, Carrier] = {}
        for carrier in layer:
            findings += _claim_names(carrier, mine, by_name, claim)
        by_name.update(mine)
    carriers = tuple(sorted((carrier for layer in layers for carrier in layer), key=lambda carrier: carrier.code))
    findings += _host_collisions(carriers, claim)
    by_code = {carrier.code: carrier for carrier in carriers}
    return CarrierCatalogue(carriers, MappingProxyType(by_code), MappingProxyType(by_name)), findings


def _claim_names(
    carrier: Carrier, mine: dict[str, Carrier], below: Mapping[str, Carrier], claim: Callable[..., Diagnostic]
) -> Iterator[Diagnostic]:
    own: set[str] = set()
    for name in carrier.names:
        key = fold(name)
        if key in own:
            if name in carrier.aliases:
                yield claim("redundant-alias", carrier, name, value=name)
            continue
        own.add(key)
        if not key:
            yield claim("wrong-value", carrier, name, "no_letters", name="alias", value=name)
        elif key in mine:
            yield claim("name-collision", carrier, name, value=name, other=mine[key].code, file=mine[key].file)
        else:
            mine[key] = carrier
            if key in below:
                yield claim("name-taken-over", carrier, name, value=name, other=below[key].code, file=below[key].file)


def _host_collisions(carriers: Iterable[Carrier], claim: Callable[..., Diagnostic]) -> Iterator[Diagnostic]:
    owners: dict[str, Carrier] = {}
    for carrier in carriers:
        if carrier.template is None:
            continue
        host = carrier.template.host.removeprefix("www.")
        owner = owners.setdefault(host, carrier)
        if owner.operator != carrier.operator:
            later, earlier = sorted((owner, carrier), key=lambda one: (one.origin != SHIPPED, one.code), reverse=True)
            yield claim(
                "host-collision",
                later,
                None,
                host=host,
                other=earlier.code,
                file=earlier.file,
                operator=earlier.operator,
            )
