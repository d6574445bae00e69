"""A template's faults as findings, each at its place in the file."""

from __future__ import annotations

from collections.abc import Sequence

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.meant import meant_key
from rakuten_orders.messages import finding
from rakuten_orders.rulefiles import Document
from rakuten_orders.templates import TemplateFault


def template_finding(document: Document, path: Sequence[str | int], fault: TemplateFault) -> Diagnostic:
    """The finding for a fault of the template that stands at ``path``."""
    params = dict(fault.params)
    variant = fault.variant
    if fault.code == "unknown-variable":
        params["nearest"] = meant_key(str(params["name"]), str(params["known"]).split(", "))
        variant = "nearest" if params["nearest"] else ""
    line, column = document.position_in(path, fault.offset)
    return finding(fault.code, document.file, line, column, variant, **params)
