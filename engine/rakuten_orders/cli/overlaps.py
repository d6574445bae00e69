"""``carriers overlaps``: which formats several carriers have."""

from __future__ import annotations

import click

from rakuten_orders.cli import console
from rakuten_orders.cli.options import Project, project_options
from rakuten_orders.cli.rule_set import load_engine
from rakuten_orders.cli.text import table
from rakuten_orders.overlaps import Overlap, overlaps


@click.command("overlaps")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@project_options(connection=True)
def command(project: Project, as_json: bool) -> None:
    """Report which numbers fit carriers of several companies: an example of each format, graded for all.

    An overlap is no mistake; it shows what a new carrier's numbers can be taken for.

    \b
    Example:
      rakuten-orders carriers overlaps
    """
    found = overlaps(load_engine(project).catalogue)
    if as_json:
        console.show_json([_document(overlap) for overlap in found])
    else:
        console.show(table(("CARRIER", "FORMAT", "CHECK DIGIT", "GRADE", "ALSO"), [_row(overlap) for overlap in found]))


def _document(overlap: Overlap) -> dict[str, object]:
    return {
        "carrier": overlap.carrier,
        "pattern": overlap.known.pattern,
        "checksum": overlap.known.checksum,
        "tracking_number": overlap.number or None,
        "grade": overlap.grade,
        "others": [{"carrier": other.carrier, "grade": other.grade} for other in overlap.others],
    }


def _row(overlap: Overlap) -> tuple[str, ...]:
    also = "; ".join(f"{grade}: {' '.join(codes)}" for grade, codes in overlap.by_grade())
    return (
        overlap.carrier,
        overlap.known.pattern,
        overlap.known.checksum or "",
        overlap.grade or "no example",
        also or "nobody",
    )
