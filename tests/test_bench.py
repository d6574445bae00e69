"""What `make bench` compares still gives the same on both sides, and README shows what the result file says."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from bench import plot, result, table
from bench.outcome import Line, Row, difference
from bench.rows import MEASURES, checking, detection, loading, mapping, parsing, starting, tracking
from bench.setting import Setting

WORKS = [mapping, parsing, tracking, detection]


@pytest.mark.parametrize("row", WORKS, ids=lambda row: row.__name__.rsplit(".", 1)[-1])
def test_both_sides_of_a_row_give_the_same(row: ModuleType, tmp_path: Path) -> None:
    """A ratio of two things that do different work says nothing."""
    assert row.prepare(Setting.tiny(tmp_path)).row.differs == ""


def test_both_sides_read_the_same_files(tmp_path: Path) -> None:
    """What is loaded, checked and started cold is what the floors read."""
    setting = Setting.tiny(tmp_path)
    assert [loading.prepare().differs, checking.prepare(setting).differs, starting.prepare(setting).differs] == [""] * 3


@pytest.mark.parametrize("key", ["memory", "sync", "plan"])
def test_the_rows_with_whole_processes_and_stores_run(key: str, tmp_path: Path) -> None:
    """Both sides do their work to the end, and there is a figure."""
    for row in MEASURES[key](Setting.tiny(tmp_path)):
        assert (row.differs, row.figure is not None) == ("", True)


def test_a_difference_names_its_place_and_counts_types() -> None:
    """Equal numbers of two types are two results."""
    assert difference({"a": (1, "x")}, {"a": (1, "x")}) == ""
    assert difference({"a": (1, "x")}, {"a": (True, "x")}) == "['a'][0] is int, by hand bool"
    assert difference({"a": 1}, {"b": 1}) == "the result has the keys ['a'], by hand ['b']"


def test_a_row_says_by_how_much_it_falls_short() -> None:
    """And one whose outputs differ says in what, and has no figure."""
    assert Row("k", "n", "f", 2.0, 1.99).verdict == "reached"
    assert Row("k", "n", "f", 2.0, 2.5).verdict == "falls short by 25 %"
    assert next(iter(Row("k", "map", "f", 2.0, differs="[0] is 1").shown())).split() == [
        "map",
        "differs:",
        "[0]",
        "is",
        "1",
    ]


def test_a_row_survives_the_result_file() -> None:
    """Lines below it included."""
    row = Row(
        "k", "n", "f", 2.0, 1.5, 1.4, 1.6, per="an item", lines=(Line("peer", 4.0, 3.0, 5.0, note="same values"),)
    )
    assert Row.from_json(row.to_json()) == row


def test_readme_has_the_table_of_the_result_file() -> None:
    """And the plot is the one that is drawn from it."""
    rows, about = result.read()
    shown = table.README.read_text(encoding="utf-8").split("<!-- table: performance -->\n")[1].split("<!-- end -->")[0]
    assert shown.splitlines() == list(table.lines(rows, about))
    assert plot.FILE.read_text(encoding="utf-8") == plot.draw(rows)


def test_the_result_file_is_of_a_whole_run() -> None:
    """On a machine that it names, with versions."""
    rows, rest = result.read()
    assert {"map", "parse", "track", "detect", "load", "check", "cold", "sync", "store", "plan"} <= {
        row.key for row in rows
    }
    assert rest["machine"].keys() == {"cpu", "cores", "system", "python", "build"}
    assert "glom" in rest["versions"]
