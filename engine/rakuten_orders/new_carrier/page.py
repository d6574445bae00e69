"""The tracking page: one template that all given addresses agree on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rakuten_orders.formats import clean_number
from rakuten_orders.new_carrier.address import Address, read_address
from rakuten_orders.new_carrier.given import Given, Remark, look, refusal
from rakuten_orders.new_carrier.places import Filled, fill, loosely, without_numbers
from rakuten_orders.tracking_urls import UrlTemplate, check_url_template

_FEW_ZEROS = 5


@dataclass(frozen=True, slots=True)
class Page:
    """A carrier's tracking page.

    ``given`` is the first address as it was read, ``number`` the cleaned number in it (of a page to search on: the
    first that was given), ``values`` what else it needs, by variable, empty where nobody told.
    """

    template: UrlTemplate
    has_number: bool
    given: str
    number: str
    values: Mapping[str, str]


def read_page(given: Given) -> tuple[Page | None, list[Remark]]:
    """The page, None where the addresses do not make one, and remarks about it."""
    if not given.urls:
        return None, [refusal("no-address", "missing")]
    remarks: list[Remark] = []
    addresses: list[Address] = []
    for url in given.urls:
        address, found = read_address(url)
        remarks += found
        addresses += [address] if address is not None else []
    if len(addresses) < len(given.urls):
        return None, remarks
    numbers = [clean_number(number) for number in given.numbers]
    filled = [fill(address, numbers, given.values) for address in addresses]
    remarks += _faults(given, filled, numbers)
    if any(remark.weight == "refusal" for remark in remarks):
        return None, remarks
    first = filled[0]
    template, _faults_found = check_url_template(first.template, search_page=not first.number)
    if template is None:
        return None, [*remarks, refusal("address", "template")]
    remarks += _notices(given, first)
    return Page(template, bool(first.number), first.address.url, first.number or numbers[0], first.values), remarks


def _faults(given: Given, filled: Sequence[Filled], numbers: Sequence[str]) -> Iterator[Remark]:
    """Why the addresses make no template."""
    first = filled[0]
    other = next((one for one in filled if one.template != first.template), None)
    if other is not None:
        at = next(
            (i for i, (a, b) in enumerate(zip(first.template, other.template, strict=False)) if a != b),
            min(len(first.template), len(other.template)),
        )
        yield refusal("addresses-differ", first=first.template, other=other.template, difference=" " * at + "^")
        return
    if not first.number and not given.search_page:
        yield _without_number(first, numbers)
    if first.inside and len(filled) == 1 and not given.same_digits:
        yield refusal("number-inside", number=first.number, inside=first.inside)
    literal = re.sub(r"\{\{.*?\}\}", "/", first.template)
    if (first.number or given.search_page) and without_numbers(literal, numbers) != literal:
        yield refusal("several-numbers", numbers=", ".join(numbers))
    if first.address.scheme == "http" and not given.note:
        yield refusal("http", url=first.address.head)


def _without_number(filled: Filled, numbers: Sequence[str]) -> Remark:
    """That the address does not hold the number, with what may have happened to it."""
    text, host = filled.address.text, filled.address.host
    for number in numbers:
        if any(loosely(host, number)):
            return refusal("not-in-address", "host", number=number, host=host)
        bare = number.lstrip("0")
        if bare != number and len(bare) >= _FEW_ZEROS and any(loosely(text, bare)):
            return refusal("not-in-address", "zeros", number=number, bare=bare)
    if filled.left:
        return refusal("not-in-address", "other", number=numbers[0], other=", ".join(filled.left))
    return refusal("not-in-address", number=numbers[0], url=filled.address.url)


def _notices(given: Given, filled: Filled) -> Iterator[Remark]:
    """What to look at in the template."""
    yield look("template", template=filled.template)
    if filled.placeholders:
        yield look("placeholder", found=", ".join(filled.placeholders))
    for part in filled.languages:
        yield look("language", part=part)
    for name in filled.inferred:
        yield look("inferred", name=name, value=filled.values[name])
    if filled.left:
        yield look("left", parts=", ".join(filled.left))
    unused = [name for name in given.values if name not in filled.values and name not in ("country", "language")]
    if unused:
        yield look("not-used", names=", ".join(unused))
    if given.search_page and filled.number:
        yield look("no-search-page")


__all__ = ["Page", "read_page"]
