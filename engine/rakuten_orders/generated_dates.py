"""Dates of fixed width without strptime: rearranged into ISO 8601, which Python reads ten times as fast."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rakuten_orders.transforms import DateReader, DatetimeReader

# What two digits may be; the rest (29 February, day 31) is for Python to say.
_DIGITS = {
    "d": "[0-3][0-9]",
    "m": "[01][0-9]",
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "H": "(?:[01][0-9]|2[0-3])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
}
_CENTURY = '{{"19" if {slice} > "68" else "20"}}{{{slice}}}'


@dataclass(frozen=True, slots=True)
class Iso:
    """``form`` tells whether a text is written with all its digits; ``code`` is then the expression that reads it.

    The expression raises ValueError for a day that there is not. A text that is written otherwise is strptime's.
    """

    form: Callable[[str], object]
    code: str


def from_iso(reader: DateReader | DatetimeReader, text: str) -> Iso | None:
    """How code reads the text that is called ``text``; None where the format has no fixed width."""
    pattern, places, literal = "", {}, ""  # literal: the text's letters, blanks where digits stand
    for directive, plain in re.findall(r"%(.)|(.)", reader.date_format, re.DOTALL):
        if directive in _DIGITS:
            width = 4 if directive == "Y" else 2
            places[directive] = (len(literal), len(literal) + width)
            pattern += _DIGITS[directive]
            literal += "\0" * width
        elif directive and directive != "%":
            return None
        else:
            pattern += re.escape(plain or "%")
            literal += plain or "%"
    form = re.compile(pattern).fullmatch
    date = _iso(text, places, literal, "Y-m-d")
    if isinstance(reader, DateReader) and not {"H", "M", "S"} & places.keys():
        return Iso(form, f"day(f'{date}')")
    time = _iso(text, places, literal, "H:M:S" if "S" in places else "H:M")
    code = f"moment(f'{date}T{time}')"
    return Iso(form, f"{code}.date()" if isinstance(reader, DateReader) else code)


def _iso(text: str, places: dict[str, tuple[int, int]], literal: str, wanted: str) -> str:
    """The inside of an f-string with the parts of ``wanted``; neighbours that stand so in the text are one slice."""
    begin, mark, rest = wanted[0], wanted[1:2], wanted[2:]
    if begin == "Y" and "y" in places:
        start, end = places["y"]
        return _CENTURY.format(slice=f"{text}[{start}:{end}]") + mark + _iso(text, places, literal, rest)
    parts = [wanted[0]]
    start, end = places.get(begin, (0, 0))
    while rest and end and literal[end : end + 1] == mark and places.get(rest[0], (0, 0))[0] == end + 1:
        parts.append(rest[0])
        end = places[rest[0]][1]
        mark, rest = rest[1:2], rest[2:]
    here = f"{{{text}[{start}:{end}]}}" if end else "00"
    return here + (mark + _iso(text, places, literal, rest) if rest else "")
