"""The paths of Rakuten's elements that rules may name, and where each is found.

Under ``order`` a path starts at the sale, under ``lines`` at the item (``sale.`` reaches the sale), in acceptance
rules at the sale (``item.`` reaches the item); ``shipping.`` and ``billing.`` reach getshippinginformation and
getbillinginformation, whose items are told apart, so that ``billing.`` is an item's.

An element that is empty or blank is missing: there is no difference between the two anywhere in the rules.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from rakuten_orders.conditions import Lookup
from rakuten_orders.model import Item, Sale

Scope = Literal["sale", "item", "shipping", "billing"]
Level = Literal["order", "lines", "acceptance"]

_PREFIXES: Mapping[Level, tuple[tuple[str, Scope], ...]] = {
    "order": (("shipping.", "shipping"),),
    "lines": (("sale.", "sale"), ("shipping.", "shipping"), ("billing.", "billing")),
    "acceptance": (("item.", "item"),),
}
_PLAIN: Mapping[Level, Scope] = {"order": "sale", "lines": "item", "acceptance": "sale"}


@dataclass(frozen=True, slots=True)
class KnownPath:
    """A documented path: whether Rakuten fills it before acceptance (what production clients say), and what it is."""

    scope: Scope
    path: str
    before: bool
    about: str


@dataclass(frozen=True, slots=True)
class Source:
    """A path as a rule names it, resolved: in which part of the sale, under which key, when it is there."""

    path: str
    scope: Scope
    key: str
    before: bool


@dataclass(frozen=True, slots=True)
class View:
    """One item in its sale, as rules see it."""

    sale: Mapping[str, str]
    item: Mapping[str, str]
    shipping: Mapping[str, str]
    billing: Mapping[str, str]

    def get(self, source: Source) -> str | None:
        """The text at ``source`` without surrounding blanks, None where there is none or nothing but blanks."""
        part: Mapping[str, str] = getattr(self, source.scope)
        return part.get(source.key, "").strip() or None

    def lookup(self, level: Level) -> Lookup:
        """What the conditions of a rule at ``level`` see."""
        return lambda path: self.get(resolve(path, level))


def view(sale: Sale, item: Item | None) -> View:
    """What rules see of ``item`` (None: of the sale alone)."""
    if item is None:
        return View(sale.fields, {}, sale.shipping, {})
    return View(sale.fields, item.fields, sale.shipping, sale.billing.get(item.item_id, {}))


@cache
def known_paths() -> Mapping[tuple[Scope, str], KnownPath]:
    """Every documented path by scope and path, in the order of Rakuten's documents.

    The list is that of the elements seen in samples and in the clients in production; the official schemas are gone.
    """
    table = resources.files(__package__).joinpath("rakuten_paths.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    found = (KnownPath(row["scope"], row["path"], row["before"] == "yes", row["about"]) for row in rows)  # type: ignore[arg-type]
    return MappingProxyType({(known.scope, known.path): known for known in found})


@lru_cache(maxsize=4096)
def resolve(path: str, level: Level) -> Source:
    """The source that ``path`` names at ``level``; whether Rakuten has it is ``is_known``'s to say."""
    named = ((scope, path.removeprefix(prefix)) for prefix, scope in _PREFIXES[level] if path.startswith(prefix))
    scope, key = next(named, (_PLAIN[level], path))
    known = known_paths().get((scope, key))
    before = known.before if known else scope in ("sale", "item")
    return Source(path, scope, key, before)


def is_known(source: Source) -> bool:
    """Whether the source is one of Rakuten's documented paths."""
    return (source.scope, source.key) in known_paths()


def spellings(level: Level) -> tuple[str, ...]:
    """Every documented path that a rule at ``level`` can reach, as it is written there."""
    prefixes: dict[Scope, str] = {_PLAIN[level]: "", **{scope: prefix for prefix, scope in _PREFIXES[level]}}
    return tuple(prefixes[known.scope] + known.path for known in known_paths().values() if known.scope in prefixes)


def nearest_path(path: str, level: Level) -> str | None:
    """The documented path, as a rule at ``level`` would write it, that ``path`` was probably meant to be."""
    folded = {spelling.casefold(): spelling for spelling in reversed(spellings(level))}
    wanted = path.casefold()
    if wanted in folded:
        return folded[wanted]
    ends = [spelling for spelling in spellings(level) if spelling.casefold().endswith(f".{wanted}")]
    below = [spelling for spelling in spellings(level) if spelling.casefold().startswith(f"{wanted}.")]
    close = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.75)
    leaf = wanted.rsplit(".", 1)[-1]
    same_leaf = [spelling for spelling in spellings(level) if spelling.casefold().rsplit(".", 1)[-1] == leaf]
    return next(iter((*ends, *below, *(folded[found] for found in close), *same_leaf)), None)
