"""Plain text for terminals: widths, tables, findings with their caret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.cli import text
from rakuten_orders.diagnostics import Diagnostic


def found(column: int, *, line: int = 3, message: str = "no such key 'nmae'", hint: str = "") -> Diagnostic:
    return Diagnostic("carriers.d/x.yaml", line, column, "unknown-key", "error", message, hint)


def test_a_finding_shows_place_line_caret_and_hint() -> None:
    """The form that people read: file, line, column, what, the line, a caret under the offence, what to do."""
    assert text.finding(found(1, hint="did you mean 'name'?"), "nmae: Colissimo").splitlines() == [
        "carriers.d/x.yaml:3:1: error: no such key 'nmae' [unknown-key]",
        "    3 | nmae: Colissimo",
        "      | ^",
        "  hint: did you mean 'name'?",
    ]


@pytest.mark.parametrize(
    ("before", "columns"),
    [("name: ", 6), ("é: ", 3), ("e\u0301: ", 3), ("名前: ", 6), ("📦: ", 4), ("ＡＢ ", 5), ("\u200bx ", 8)],
)
def test_the_caret_stands_under_what_a_terminal_shows(before: str, columns: int) -> None:
    """Columns count code points; the caret counts what wide, combining and escaped characters take on the screen."""
    shown = text.finding(found(len(before) + 1), f"{before}here").splitlines()
    assert shown[2] == "      | " + " " * columns + "^"


def test_a_long_line_is_cut_around_the_caret() -> None:
    """A line of a thousand characters still shows what is wrong, on one line of a terminal."""
    shown = text.finding(found(501), "a" * 500 + "HERE" + "b" * 500).splitlines()
    assert len(shown[1]) < 120
    assert shown[1][shown[2].index("^") :].startswith("HERE")
    assert shown[1].count("…") == 2


def test_a_file_that_cannot_be_shown_still_has_its_finding() -> None:
    """Without the source, place and message stand alone."""
    assert text.finding(found(1), None) == "carriers.d/x.yaml:3:1: error: no such key 'nmae' [unknown-key]"


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    """Nobody's file clears the screen or turns a line around."""
    shown = text.finding(found(1, message="bad \x1b[2J"), "a\x1b[31m \u202eb")
    assert "\\x1b[2J" in shown
    assert "a\\x1b[31m \\u202eb" in shown
    assert "\x1b" not in shown


@given(st.text())
def test_printable_text_has_no_control_characters_left(anything: str) -> None:
    """Whatever comes in, what goes out moves no cursor; text without such characters stays as it is."""
    shown = text.printable(anything)
    assert not any(ord(character) < 32 and character != "\n" for character in shown)
    assert text.printable(shown) == shown


@given(st.lists(st.lists(st.text(st.characters(categories=["L", "N", "P"])), min_size=2, max_size=2), min_size=1))
def test_columns_of_a_table_line_up(rows: list[list[str]]) -> None:
    """The second column starts at the same column of the screen in every row."""
    lines = text.table(("A", "B"), rows).split("\n")
    start = max(text.width(row[0]) for row in (["A"], *rows)) + 2
    for line, row in zip(lines[1:], rows, strict=True):
        assert line == (row[0] + " " * (start - text.width(row[0])) + row[1]).rstrip()
