"""What `make bench` compares still gives the same on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.rows import loading, mapping, parsing, tracking
from bench.setting import Setting


@pytest.mark.parametrize("row", [mapping, parsing, tracking], ids=lambda row: row.__name__.rsplit(".", 1)[-1])
def test_both_sides_of_a_row_give_the_same(row: object, tmp_path: Path) -> None:
    """A ratio of two things that do different work says nothing."""
    assert row.prepare(Setting.tiny(tmp_path)).row.differs == ""


def test_both_sides_read_the_same_carriers() -> None:
    """The floor reads what the engine loads."""
    assert loading.prepare().differs == ""
