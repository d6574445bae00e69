"""The report for people: every finding with its line, what is meant underlined, and what was read."""

from __future__ import annotations

from rakuten_orders.cli import console
from rakuten_orders.cli.checked import Checked
from rakuten_orders.cli.findings import show_findings


def show(checked: Checked) -> None:
    """Print the findings in the files' order, then the summary."""
    show_findings(sorted(checked.diagnostics), dict(checked.texts))
    console.show(checked.summary())
