"""A carrier's file to a carrier: what it extends, what is wrong with its meaning."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from rakuten_orders.carriers import Carrier
from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.marketplace import find_transporter, needs_url
from rakuten_orders.patterns import check_number_pattern
from rakuten_orders.rulefiles import Document
from rakuten_orders.schemas import CODE
from rakuten_orders.template_findings import template_finding
from rakuten_orders.tracking_urls import UrlTemplate, check_url_template


@dataclass(frozen=True, slots=True)
class Layered:
    """A carrier's document, with the data of the carrier it extends merged in.

    ``complete`` is False where that carrier is not there to be extended.
    """

    document: Document
    data: Mapping[str, Any]
    origin: str
    complete: bool = True


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


def stem(file: str) -> str:
    """The name of a carrier's file without folder and ending: its code."""
    return re.split(r"[/\\]", file)[-1].removesuffix(".yaml")


def code_finding(document: Document, names: Container[str]) -> Diagnostic | None:
    """What is wrong with a code that is not the file's name; ``names`` are those of the files in its folder."""
    code, name = document.data.get("code"), stem(document.file)
    if code is None or code == name:
        return None
    free, taken = ("stem", "stem_taken") if CODE.fullmatch(name) else ("file_name", "file_name_taken")
    variant = taken if code in names else free
    return document.finding("wrong-value", ("code",), variant, value=code, stem=name)


def read_carrier(layered: Layered) -> tuple[Carrier | None, list[Diagnostic]]:
    """The carrier, None where something stands in its way, and what is wrong with the meaning of its file."""
    document = layered.document
    template, found = _template(layered)
    findings = [
        *_rakuten_findings(document),
        *found,
        *_format_findings(document),
        *(_absence_findings(layered) if layered.complete else ()),
    ]
    well = layered.complete and document.sound and not any(found.severity == "error" for found in findings)
    return (_carrier(layered, template) if well else None), findings


def _carrier(layered: Layered, template: UrlTemplate | None) -> Carrier:
    data = layered.data
    search_page = data.get("search_page") == "true"
    return Carrier(
        code=data["code"],
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        rakuten_name=data.get("rakuten_name"),
        operator=data.get("operator", data["code"]),
        countries=tuple(data.get("countries", ())),
        formats=tuple(_number_format(entry) for entry in data.get("tracking_numbers", ())),
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


def _template(layered: Layered) -> tuple[UrlTemplate | None, list[Diagnostic]]:
    """The template in force. About one that is extended only errors are news: they come from what is added to it."""
    source = layered.data.get("tracking_url")
    if source is None:
        return None, []
    template, faults = check_url_template(source, search_page=layered.data.get("search_page") == "true")
    if layered.data.get("note"):
        faults = [fault for fault in faults if fault.code != "http-url"]
    if layered.document.swallows(("tracking_url",)):
        faults = [replace(fault, variant="comment") if fault.code == "number-not-used" else fault for fault in faults]
    findings = [template_finding(layered.document, ("tracking_url",), fault) for fault in faults]
    if "tracking_url" not in layered.document.data:
        findings = [found for found in findings if found.severity == "error"]
    return template, findings


def _rakuten_findings(document: Document) -> Iterator[Diagnostic]:
    name = document.data.get("rakuten_name")
    if name is None:
        return
    listed = find_transporter(name)
    if listed is None:
        yield document.finding("unlisted-rakuten-name", ("rakuten_name",), value=name)
    elif listed != name:
        yield document.finding("wrong-value", ("rakuten_name",), "spelling", value=name, listed=listed)


def _format_findings(document: Document) -> Iterator[Diagnostic]:
    for index, entry in enumerate(document.data.get("tracking_numbers", ())):
        path = ("tracking_numbers", index)
        for fault in check_number_pattern(entry.get("pattern", ""), clean_number):
            yield document.finding("bad-pattern", (*path, "pattern"), fault.variant, shown=fault.shown)
        checksum = entry.get("checksum", {})
        algorithm = ALGORITHMS.get(checksum.get("algorithm", ""))
        if algorithm is not None and "tail" in checksum and not algorithm.takes_tail:
            yield document.finding("wrong-value", (*path, "checksum", "tail"), "tail", algorithm=algorithm.name)


def _absence_findings(layered: Layered) -> Iterator[Diagnostic]:
    """What a schema cannot demand, because it depends on other keys. Whether examples are right is the checker's."""
    document, data = layered.document, layered.data

    def lacks(key: str) -> bool:
        return key not in data and document.lacks((key,))

    name = data.get("rakuten_name")
    if lacks("tracking_url") and (name is None or find_transporter(name) is None or needs_url(name)):
        yield document.finding("missing-key", (), "tracking_url", name="tracking_url")
    if data.get("confidence") == "low" and not data.get("note") and document.lacks(("note",)):
        yield document.finding("missing-key", (), "low_confidence", name="note")
    examples = data.get("examples", {})
    own = document.data.get("examples", {})
    if "extends" in document.data and not examples.get("valid") and _may_lack(document, "valid"):
        yield document.finding("missing-key", ("examples",) if own else (), "examples", name="examples")
    elif "tracking_numbers" in data and examples and not examples.get("invalid") and _may_lack(document, "invalid"):
        yield document.finding("missing-key", ("examples",), "invalid_example", name="invalid")
    for index, example in enumerate(own.get("valid", ())):
        place = ("examples", "valid", index)
        if not lacks("tracking_url") and "url" not in example and document.lacks((*place, "url")):
            yield document.finding("missing-key", place, name="url")


def _may_lack(document: Document, key: str) -> bool:
    return document.lacks(("examples",)) or document.lacks(("examples", key))
