"""Plain text for terminals: widths, tables, findings with their caret."""

from __future__ import annotations

import re

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


@pytest.mark.parametrize(
    ("encoding", "line", "carets"),
    [
        ("utf-8", "a: 運輸 é x", "   ^^^^"),
        ("cp932", "a: 運輸 é x", "   ^^^^"),
        ("cp1252", "a: \\u904b\\u8f38 é x", "   ^^^^^^^^^^^^"),
        ("ascii", "a: \\u904b\\u8f38 \\xe9 x", "   ^^^^^^^^^^^^"),
    ],
)
def test_what_a_console_lacks_is_underlined_as_it_is_shown(encoding: str, line: str, carets: str) -> None:
    """Characters that the console's encoding lacks are shown as escapes, which are wider; the carets know."""
    screen = text.Screen(encoding)
    shown = text.finding(found(4), "a: 運輸 é x", 2, screen).splitlines()
    assert shown[1:3] == [f"    3 | {screen.shows('a: 運輸 é x')}", f"      | {carets}"]
    if encoding != "cp932":
        assert shown[1] == f"    3 | {line}"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "ascii"])
def test_a_cut_line_keeps_its_carets_on_every_console(encoding: str) -> None:
    """The sign for what was left out is one that the console has, and is counted."""
    shown = text.finding(found(501), "a" * 500 + "HERE" + "b" * 500, 4, text.Screen(encoding)).splitlines()
    assert shown[1][shown[2].index("^") :].startswith("HERE")
    assert shown[2].count("^") == 4
    assert ("..." in shown[1]) is (encoding in ("cp850", "ascii"))
    shown[1].encode(encoding)


@given(st.text(), st.text(min_size=1), st.sampled_from(["utf-8", "cp1252", "cp850", "ascii", "cp932", "latin-1"]))
def test_every_console_can_show_every_finding(before: str, meant: str, encoding: str) -> None:
    """Whatever stands in the file, the text can be encoded, and the carets stand under what they mean."""
    screen = text.Screen(encoding)
    shown = text.finding(found(len(before) + 1, message=before, hint=meant), before + meant, len(meant), screen)
    shown.encode(encoding)
    line, carets = shown.split("\n      | ")[0].rsplit("\n", 1)[-1], shown.split("\n      | ")[1].split("\n")[0]
    if len(before + meant) <= 100 and "\n" not in before + meant:
        assert text.width(carets) == text.width(screen.shows(before)) + max(text.width(screen.shows(meant)), 1)
        assert line == f"    3 | {screen.shows(before)}{screen.shows(meant)}".rstrip()


def test_colours_are_signs_around_the_same_text() -> None:
    """With the terminal's signs taken out, the coloured finding is the plain one."""
    coloured = text.finding(found(1, hint="h"), "nmae: x", 4, text.Screen(colours=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text.finding(found(1, hint="h"), "nmae: x", 4)
    assert "\x1b[1;31m^^^^\x1b[0m" in coloured


def test_a_file_cannot_paint_the_terminal() -> None:
    """A coloured finding has no sign but its own."""
    plain = text.finding(found(1), "x", 1, text.Screen(colours=True)).count("\x1b")
    assert text.finding(found(1, message="\x1b[31m"), "\x1b[31mx", 9, text.Screen(colours=True)).count("\x1b") == plain


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
