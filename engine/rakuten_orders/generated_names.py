"""The names in generated code: each once, a Python identifier, and bound to a value where it stands for one."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from keyword import iskeyword

from rakuten_orders.paths import View
from rakuten_orders.transforms import TRUTH
from rakuten_orders.values import is_decimal


class Unusual(ValueError):
    """The sale is not for the generated code: something is wrong with it, or about to be."""


class Names:
    """The names that the code uses, each once; ``bound`` has those that stand for values made beforehand."""

    def __init__(self) -> None:
        self.bound: dict[str, object] = {
            "Decimal": Decimal,
            "Unusual": Unusual,
            "View": View,
            "day": dt.date.fromisoformat,
            "is_decimal": is_decimal,
            "moment": dt.datetime.fromisoformat,
            "truth": TRUTH.get,
        }
        self._taken = {*self.bound, "order", "line", "item", "sale", "shipping", "billing", "accepted"}
        self._places: dict[tuple[str, int], str] = {}

    def fresh(self, wanted: str) -> str:
        """A name of its own, as near to ``wanted`` as Python allows."""
        name = re.sub(r"[^a-z0-9_]", "_", wanted)
        if not name[:1].isalpha():
            name = f"field{name}"
        while name in self._taken or iskeyword(name):
            name += "_"
        self._taken.add(name)
        return name

    def bind(self, wanted: str, value: object) -> str:
        """The name that ``value`` goes by, the same each time it is asked for under one name."""
        place = wanted, id(value)
        if place not in self._places:
            self._places[place] = self.fresh(wanted)
            self.bound[self._places[place]] = value
        return self._places[place]
