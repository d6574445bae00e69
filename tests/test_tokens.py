"""How much of a line a finding underlines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.cli.tokens import cell_length, token_length

# Between the marks stands what has to be underlined; the finding points at its beginning.
LINES = [
    "‹nmae›: Dupuis",
    "  - ‹tracking_number›: 'D1'",
    "name: ‹Transports Dupuis›",
    "name: ‹Transports Dupuis›  # as on its page",
    "name: ‹Transports#1›",
    "url: ‹https://a.example/x›",
    "name: ‹'L''Express'› # in quotes",
    "name: ‹'Express: Lyon›",
    'name: ‹"a \\" b"›',
    "countries: [FR, ‹NO›]",
    "countries: [FR, ‹NO›, BE]",
    "countries: ‹[FR, [NO], BE]› # three",
    "countries: ‹[FR, NO",
    "{tracking_number: ‹'D1'›, url: x}",
    "{‹tracking_number›: 'D1', url: x}",
    "  ‹-› name: x",
    "name: Express‹:› Lyon",
    "name: ‹@Dupuis›",
    "name: ‹{{ tracking_number }}›",
    "name:‹\t›Dupuis",
    "name:‹\xa0›Dupuis",
    "url: 'https://a.example/{{ ‹trackin_number› }}'",
    "url: 'https://a.example/{{ x | ‹urlencode› }}'",
    "url: 'https://a.example/{% if ‹country› %}'",
    "url: 'https://a.example/{{ x ‹*› 2 }}'",
    "url: 'https://a.example/‹{{› x }'",
    "url: 'https://a.example/‹{tracking_number}›'",
    "url: 'https://a.example/‹%s›'",
    "url: 'https://a.example/num‹é›ro'",
    "url: 'https://‹a.b_c.example›/x'",
    "url: '‹www.a.example/?n=1›'",
    "  https://a.example/{{ ‹trackin_number› }}",
    "--- ‹x›",
    "‹---›",
    "a: x‹",
    "‹",
]


def parted(marked: str) -> tuple[str, int, int]:
    """The line, the column that is pointed at, and the length that is meant."""
    before, _, rest = marked.partition("‹")
    meant, _, after = rest.partition("›")
    return before + meant + after, len(before) + 1, max(len(meant), 1)


@pytest.mark.parametrize("marked", LINES)
def test_the_whole_token_is_underlined(marked: str) -> None:
    """A key, a value with its quotes, a bracket with what is in it; inside a text a template's word or one sign."""
    line, column, length = parted(marked)
    assert token_length(line, column) == length


@pytest.mark.parametrize(
    "marked", ["‹0017›,4711", "0017,‹4711›", "‹1,23E+12›;4712", '‹"a, ""b"""›,4711', "‹a b›\tc", "a;‹", "‹"]
)
def test_a_table_has_its_cells_underlined(marked: str) -> None:
    """Between separators, of which the rarer one counts: a decimal comma is none where semicolons separate."""
    line, column, length = parted(marked)
    assert cell_length(line, column) == length


@given(st.text("ab:#'\"{}[]%,-? \\\té𝄞", max_size=30), st.integers(1, 40))
def test_what_is_underlined_lies_within_the_line(line: str, column: int) -> None:
    """Whatever the line, one character at least, none behind its end, and no blank at the end."""
    for length in (token_length(line, column), cell_length(line, column)):
        meant = line[column - 1 : column - 1 + length]
        assert length == max(len(meant), 1)
        assert length == 1 or not meant[-1].isspace()


@pytest.mark.parametrize("line", ["[" * 200_000, "'" * 200_000, " " * 200_000, "{{" * 100_000, "a" * 2_000_000])
def test_a_monstrous_line_takes_no_time(line: str) -> None:
    """Lines that nobody wrote by hand are looked into at their beginning only."""
    for column in (1, 2, len(line) // 2, len(line)):
        assert 1 <= token_length(line, column) <= 10_000
