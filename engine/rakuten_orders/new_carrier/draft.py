"""Everything that was given to the finished file, or to the reasons why there is none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote_plus

from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.checking import check
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.loading import Loaded, load
from rakuten_orders.model import Shipment
from rakuten_orders.names import code_of, fold
from rakuten_orders.new_carrier.given import Draft, Given, Place, Remark, look, refusal
from rakuten_orders.new_carrier.house_style import carrier_text
from rakuten_orders.new_carrier.known import name_remarks, owner_of, rakuten_name_of
from rakuten_orders.new_carrier.made_up import made_up_number, made_up_values, wrong_numbers
from rakuten_orders.new_carrier.numbers import Form, check_number, forms, with_checksum
from rakuten_orders.new_carrier.page import Page, read_page
from rakuten_orders.new_carrier.tidy import tidy
from rakuten_orders.sources import CarriersLayer, SourceFile, Sources
from rakuten_orders.tracking import url_inputs
from rakuten_orders.tracking_urls import VARIABLES


def draft(given: Given, place: Place) -> Draft:
    """The file for a new carrier, and what to say of it. Never raises; what is written passes the check as it stands.

    The file holds none of the given numbers: digits in its examples are made up.
    """
    given, remarks = tidy(given)
    code = given.code or code_of(given.name)
    loaded = load(place.sources)
    catalogue = loaded.catalogue
    remarks += _naming(given, code, catalogue)
    remarks += filter(None, map(check_number, given.numbers)) if given.numbers else [refusal("number", "missing")]
    if _refused(remarks):
        return Draft(code, "", tuple(remarks))
    page, found = read_page(given)
    remarks += found
    if page is None:
        return Draft(code, "", tuple(remarks))
    owner = owner_of(page.template, code, catalogue)
    remarks += _host_remarks(given, code, page, owner)
    known, said = forms([clean_number(number) for number in given.numbers])
    formats, more = with_checksum(known, given.checksum)
    remarks += [said, *more]
    examples = _examples(given, page, known, formats)
    if examples is None:
        remarks.append(refusal("made-up"))
    made = Draft(code, "", tuple(remarks), page.values, page.number, owner.operator if owner else "")
    if examples is None or _refused(remarks):
        return made
    text = carrier_text(_data(given, code, page, formats, examples))
    unfit = tuple(_unfit(code, text, place, loaded))
    return replace(made, text="" if unfit else text, remarks=(*remarks, *_facts(given, page), *unfit))


def _refused(remarks: Sequence[Remark]) -> bool:
    return any(remark.weight == "refusal" for remark in remarks)


def _naming(given: Given, code: str, catalogue: CarrierCatalogue) -> Iterator[Remark]:
    """What is wrong with name and code, and who has them already."""
    if not fold(given.name):
        yield refusal("name", "empty" if given.name else "missing", name=given.name)
    elif not code:
        yield refusal("name", "no_code", name=given.name)
    else:
        yield from name_remarks(code, (given.name, *given.aliases), catalogue, force=given.force)


def _host_remarks(given: Given, code: str, page: Page, owner: Carrier | None) -> Iterator[Remark]:
    """Whether the site is another company's."""
    if owner is None or owner.template is None:
        return
    facts = {"host": page.template.host, "name": owner.name, "code": owner.code, "operator": owner.operator}
    if (given.operator or code) == owner.operator:
        yield look("same-operator", **facts)
    else:
        same = "page" if owner.template.source == page.template.source else ""
        yield refusal("host-taken", "other" if given.operator else same, **facts, given=given.operator, file=owner.file)


def _examples(
    given: Given, page: Page, known: Sequence[Form], formats: Sequence[NumberFormat]
) -> dict[str, list[dict[str, str]]] | None:
    """The examples, one valid number a format; None where no number could be made up."""
    real = [clean_number(number) for number in given.numbers]
    typed = {clean_number(number): number for number in reversed(given.numbers)}
    inputs = made_up_values([name for name in VARIABLES if name in page.values], page.values)
    valid: list[dict[str, str]] = []
    invalid: list[dict[str, str]] = []
    samples = [form.samples[0] for form in known] if formats else [page.number or real[0]]
    for sample, form in zip(samples, formats or (None,), strict=True):
        number = made_up_number(typed[sample], real, form)
        if number is None:
            return None
        url = page.template.url(_values(inputs, clean_number(number)))
        valid.append({"tracking_number": number, **inputs, "url": url})
        if form is not None:
            wrong = wrong_numbers(clean_number(number), form, formats)
            invalid += [{"tracking_number": one, **inputs, "because": because} for one, because in wrong]
    return {"valid": valid, "invalid": invalid}


def _values(inputs: dict[str, str], number: str) -> dict[str, str]:
    """The values of a template's variables, as the engine has them for a shipment with these inputs."""
    fields = {name: value for name, value in inputs.items() if name != "item_id"}
    items = (inputs["item_id"],) if "item_id" in inputs else None
    return url_inputs(Shipment(tracking_number=number, transporter=None, item_ids=items, **fields), number)  # type: ignore[arg-type]


def _data(
    given: Given,
    code: str,
    page: Page,
    formats: Sequence[NumberFormat],
    examples: dict[str, list[dict[str, str]]],
) -> dict[str, object]:
    """The keys of the file; empty ones are left out of it."""
    source = {"url": given.source_url} if given.source_url else {"note": given.source_note}
    return {
        "code": code,
        "name": given.name,
        "aliases": sorted(given.aliases, key=_alphabetical),
        "rakuten_name": rakuten_name_of((given.name, *given.aliases)),
        "operator": given.operator if given.operator != code else "",
        "countries": sorted(_countries(given, page)),
        "tracking_numbers": [_format(one) for one in formats],
        "on_mismatch": "warn" if formats else "",
        "tracking_url": page.template.source,
        "search_page": "" if page.has_number else "true",
        "confidence": "medium",
        "note": given.note,
        "sources": [{**source, "read": given.day.isoformat()}],
        "examples": examples,
    }


def _countries(given: Given, page: Page) -> set[str]:
    """Where the parcels at hand went."""
    return {*given.values.get("country", ()), page.values.get("country", "")} - {""}


def _format(known: NumberFormat) -> dict[str, object]:
    checksum = {"algorithm": known.checksum} if known.checksum else {}
    tail = {"tail": str(known.tail)} if known.tail else {}
    return {"pattern": known.pattern, "checksum": {**checksum, **tail}}


def _alphabetical(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _facts(given: Given, page: Page) -> Iterator[Remark]:
    """What to look at in the finished file."""
    if all(page.values.values()):
        url = page.template.url(_values(dict(page.values), page.number))
        if unquote_plus(url) != unquote_plus(page.given):
            yield look("comes-out", url=url, given=page.given)
    listed = rakuten_name_of((given.name, *given.aliases))
    if listed:
        yield look("rakuten-listed", name=listed)
    if not _countries(given, page):
        yield look("no-countries")


def _unfit(code: str, text: str, place: Place, before: Loaded) -> Iterator[Remark]:
    """Why the file would not pass the check, or others no longer: a name claimed twice is told of the later file."""
    file = SourceFile(f"{place.folder.rstrip('/')}/{code}.yaml", text.encode())
    sources = _with_file(place, file)
    own = (found for found in check(sources, own={file.file}).diagnostics if found.file == file.file)
    for found in sorted({*own, *load(sources).diagnostics} - set(before.diagnostics)):
        if found.severity != "information":
            yield refusal("unfit", found=found.message, mend=found.hint)


def _with_file(place: Place, file: SourceFile) -> Sources:
    layers = list(place.sources.carriers)
    if place.layer is None:
        layers.append(CarriersLayer(place.folder, (file,)))
    else:
        layer = layers[place.layer]
        layers[place.layer] = replace(layer, files=tuple(sorted((*layer.files, file), key=lambda one: one.file)))
    return replace(place.sources, carriers=tuple(layers))
