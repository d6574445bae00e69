"""One field of an order or of a line: its rule as a value, compiled from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from rakuten_orders.conditions import Condition
from rakuten_orders.model import Value
from rakuten_orders.paths import Source
from rakuten_orders.tables import Table
from rakuten_orders.templates import Template

FieldLevel = Literal["order", "lines"]


@dataclass(frozen=True, slots=True)
class Field:
    """One rule for one field of the order or of a line, compiled. The keys of ``rules/README.md``, in their order.

    ``rule`` is the rule as the file has it, every value a text. ``sources`` are the paths of ``from``, ``names`` those
    behind the names of ``template``. ``read`` makes the typed value and raises ValueError saying what was expected.
    """

    name: str
    level: FieldLevel
    file: str
    line: int
    rule: Mapping[str, Any]
    sources: tuple[Source, ...]
    constant: str | None
    template: Template | None
    names: Mapping[str, tuple[Source, ...]]
    transforms: tuple[Callable[[str], str], ...]
    table: Table | None
    keep: bool
    default: str | None
    read: Callable[[str], Value]
    required: bool
    when: Condition | None

    @property
    def paths(self) -> tuple[Source, ...]:
        """Every path that the value may come from."""
        return (*self.sources, *chain.from_iterable(self.names.values()))

    @property
    def from_sku(self) -> bool:
        """Whether the value is read from the seller's reference."""
        return any(map(is_sku, self.sources))

    @property
    def after_acceptance_only(self) -> bool:
        """Whether every path it reads is filled only after acceptance."""
        return bool(self.paths) and not any(source.before for source in self.paths)


def is_sku(source: Source) -> bool:
    """Whether a path is the seller's reference."""
    return source.key == "sku" and source.scope in ("item", "billing")
