"""What a new carrier is made from, and what comes out: plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rakuten_orders.messages import remark_text
from rakuten_orders.sources import Sources
from rakuten_orders.tracking_urls import VARIABLES

SAMPLED: tuple[str, ...] = tuple(name for name in VARIABLES if name != "tracking_number")
"""The variables whose values for the parcels at hand may be given, so that they are found in the address."""

Weight = Literal["refusal", "doubt", "look"]
"""Why there is no file; what a person should be asked first; what to look at in the file."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody knows of a new carrier.

    ``numbers`` are real tracking numbers as they were typed, ``urls`` addresses of tracking pages as they were pasted;
    which number belongs to which address is found out. ``values`` has, by variable, what is true for these parcels
    (``{"postcode": ("75011",)}``), ``day`` is when all this was read. ``checksum`` is the name of an algorithm, perhaps
    with a tail (``gs1-mod10:11``). ``force`` makes a file although its names are taken; ``same_digits`` says that
    digits around the number are the same for all parcels.
    """

    name: str
    numbers: tuple[str, ...]
    urls: tuple[str, ...]
    day: dt.date
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    code: str = ""
    aliases: tuple[str, ...] = ()
    operator: str = ""
    checksum: str = ""
    search_page: bool = False
    note: str = ""
    source_note: str = ""
    source_url: str = ""
    force: bool = False
    same_digits: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file will lie, and among which others.

    ``folder`` is its folder's name as findings show it. ``layer`` is the index of that folder in ``sources.carriers``;
    None where it is none of them and comes on top.
    """

    folder: str
    sources: Sources
    layer: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence to a person about the file, and what to do."""

    code: str
    weight: Weight
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The file that was made: its code and text, and what to say of it.

    ``text`` is empty where there is a refusal among the remarks. ``inputs`` are the real values that the tracking page
    needs besides ``number``, by variable, empty where nobody told. ``operator`` is who the host belongs to, where that
    is another carrier's.
    """

    code: str
    text: str
    remarks: tuple[Remark, ...]
    inputs: Mapping[str, str] = field(default_factory=dict)
    number: str = ""
    operator: str = ""

    @property
    def refusals(self) -> tuple[Remark, ...]:
        """Why there is no file; empty where there is one."""
        return tuple(remark for remark in self.remarks if remark.weight == "refusal")


def refusal(code: str, variant: str = "", /, **params: object) -> Remark:
    """The remark that no file can be made, and why."""
    return Remark(code, "refusal", *remark_text(code, variant, **params))


def doubt(code: str, variant: str = "", /, **params: object) -> Remark:
    """The remark that a person had better say yes to first."""
    return Remark(code, "doubt", *remark_text(code, variant, **params))


def look(code: str, variant: str = "", /, **params: object) -> Remark:
    """The remark about something in the file that deserves a look."""
    return Remark(code, "look", *remark_text(code, variant, **params))
