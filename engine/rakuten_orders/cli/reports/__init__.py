"""The report of ``validate-rules``, a form a module: each has ``show``, which prints what was checked.

Those for programs are written by hand: the forms are small, and what every reader of them takes is smaller than what
a library would write.
"""

from __future__ import annotations

from importlib import import_module

from rakuten_orders.cli.checked import Checked

FORMS = ("text", "json", "github", "sarif", "junit")
"""The forms by the names that ``--format`` takes."""


def show(form: str, checked: Checked) -> None:
    """Print the report in one of ``FORMS`` to standard output."""
    import_module(f"{__name__}.as_{form}").show(checked)
