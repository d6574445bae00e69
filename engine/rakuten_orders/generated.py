"""Order rules turned into two Python functions: the fields of an order, and those of a line.

The functions know the way that is usual and nothing of errors. Where a sale leaves it they raise ``Unusual``, or what
a reader raises (both are ValueErrors), and ``explaining``, which is the definition, says what is the matter.

No text of a rule gets into the code but through ``repr``, and no name but reduced to ASCII letters, digits and ``_``.
The source stands in ``linecache``, so that tracebacks and debuggers show it, and in ``Generated.source``.
"""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rakuten_orders.fields import Field
from rakuten_orders.generated_fields import Function
from rakuten_orders.generated_names import Names
from rakuten_orders.model import Value

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Generated:
    """The functions and their source.

    ``order`` takes the texts of the sale and of its shipping information; ``line`` those of the item, the sale, the
    shipping information and the item's billing; both whether the sale is accepted. Both raise ValueError.
    """

    order: Callable[[Texts, Texts, bool], dict[str, Value]]
    line: Callable[[Texts, Texts, Texts, Texts, bool], dict[str, Value]]
    source: str


def generate(order: Sequence[Field], lines: Sequence[Field]) -> Generated:
    """The code for the fields of an order and of its lines."""
    names = Names()
    source = "\n\n".join(
        (
            Function(names, "order", ("sale", "shipping", "accepted")).source(order),
            Function(names, "line", ("item", "sale", "shipping", "billing", "accepted")).source(lines),
        )
    )
    first = next(iter((*order, *lines)), None)
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    file = f"<generated from {ascii(first.file)[1:-1] if first else 'nothing'}, {digest}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    made: dict[str, Any] = dict(names.bound)
    exec(compile(source, file, "exec"), made)  # noqa: S102 - made of literals and checked names, see above
    return Generated(made["order"], made["line"], source)
