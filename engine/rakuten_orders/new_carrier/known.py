"""What the catalogue says of a new carrier's names and host: whether it is there already, and whose the site is."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from rakuten_orders.carriers import SHIPPED, Carrier, CarrierCatalogue
from rakuten_orders.marketplace import OTHER_TRANSPORTER, TRANSPORTERS
from rakuten_orders.names import fold
from rakuten_orders.new_carrier.given import Remark, doubt, refusal
from rakuten_orders.tracking_urls import UrlTemplate

LONGEST_NAME = 100
_QUOTES = "“”„«»‘’‚‹›"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def one_line(text: str) -> str:
    """The text as it is typed: on one line, single spaces, no typographic quotes around it.

    Characters that cannot be seen go, full-width ones become ordinary.
    """
    words = ("".join(char for char in word if char.isprintable()) for word in text.translate(_FULL_WIDTH).split())
    line = " ".join(filter(None, words))
    while line and line[0] in _QUOTES and line[-1] in _QUOTES:
        line = line[1:-1].strip()
    return line


def rakuten_name_of(names: tuple[str, ...]) -> str:
    """Rakuten's own spelling of the first of the names that is in its list; empty where none is."""
    listed = {fold(name): name for name in TRANSPORTERS if name != OTHER_TRANSPORTER}
    return next((listed[fold(name)] for name in names if fold(name) in listed), "")


def name_remarks(code: str, names: tuple[str, ...], catalogue: CarrierCatalogue, *, force: bool) -> Iterator[Remark]:
    """Which carriers have these names, and which ones nearly have: the first of ``names`` is the carrier's own."""
    claimed = {fold(name): name for name in reversed(names)}
    seen: set[str] = set()
    for name in (*claimed.values(), code):
        other = catalogue.find(name) or catalogue.get(name)
        if other is not None and other.code not in seen:
            seen.add(other.code)
            taken = {"name": name, "code": other.code, "file": other.file, "as": _known_as(other, name)}
            yield doubt("name-taken", "forced", **taken) if force else refusal("name-taken", **taken)
    near = [] if seen else [other for one in catalogue.nearest(names[0]) if (other := catalogue.find(one)) is not None]
    if near:
        shown = ", ".join(_described(other, names[0]) for other in near)
        facts = {"name": names[0], "near": shown, "code": near[0].code, "first": near[0].name, "file": near[0].file}
        yield doubt("name-near", "" if near[0].origin == SHIPPED else "own", **facts)


def _known_as(other: Carrier, name: str) -> str:
    """How the other carrier comes to have the name."""
    if fold(other.name) == fold(name):
        return "its name"
    alias = next((alias for alias in other.aliases if fold(alias) == fold(name)), None)
    return f"its alias '{alias}'" if alias else "its code"


def _described(other: Carrier, name: str) -> str:
    """Another carrier, with the one of its names that is nearest to ``name``."""
    nearest = max(other.names[1:], key=lambda known: SequenceMatcher(None, fold(known), fold(name)).ratio())
    also = "" if nearest == other.name else f", also called '{nearest}'"
    return f"{other.name} ({other.code}{also})"


def owner_of(template: UrlTemplate, code: str, catalogue: CarrierCatalogue) -> Carrier | None:
    """The carrier that already has its page on the template's host; with ``www.`` and without are one.

    Where several have, the one with the same template. None where none has.
    """
    plain = template.host.removeprefix("www.")
    on_host = [
        one
        for one in catalogue
        if one.template is not None and one.template.host.removeprefix("www.") == plain and one.code != code
    ]
    same = (one for one in on_host if one.template is not None and one.template.source == template.source)
    return next(same, on_host[0] if on_host else None)
