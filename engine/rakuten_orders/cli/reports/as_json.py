"""The report as one JSON document, for programs that know ``validate-rules``."""

from __future__ import annotations

from rakuten_orders.cli import console
from rakuten_orders.cli.checked import Checked


def show(checked: Checked) -> None:
    """Print counts, digest and every finding, in the files' order."""
    console.show_json(
        {
            "files": len(checked.files),
            "errors": checked.count("error"),
            "warnings": checked.count("warning"),
            "digest": checked.digest,
            "diagnostics": [found.to_json() for found in sorted(checked.diagnostics)],
        }
    )
