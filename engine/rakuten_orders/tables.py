"""Lookup tables: CSV files with the header ``key,value``, or mappings handed in."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding

MAX_TABLE_BYTES = 256 * 2**20

_SEPARATORS = ",;\t"
_SHOWN = {"\t": "a tab"}
# Excel's own first line, by which it knows the separator.
_EXCEL = re.compile(r"sep=([,;])", re.IGNORECASE)
# What a spreadsheet makes of a long number: 1,23E+12.
DAMAGE = re.compile(r"-?[0-9][.,]?[0-9]*[eE]\+[0-9]{1,3}")
_NEAR_SHOWN = 3


@dataclass(frozen=True)
class Table:
    """A table's name and its entries: keys and values without surrounding blanks, otherwise as written.

    ``lines`` tells where the keys of a file stand.
    """

    name: str
    entries: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def near(self, key: str) -> tuple[str, ...]:
        """Up to three keys that differ from ``key`` only by case, spaces or leading zeros."""
        return tuple(self._folded.get(fold_key(key), ()))[:_NEAR_SHOWN]

    @cached_property
    def _folded(self) -> Mapping[str, list[str]]:
        folded: defaultdict[str, list[str]] = defaultdict(list)
        for key in self.entries:
            folded[fold_key(key)].append(key)
        return dict(folded)


def fold_key(key: str) -> str:
    """The form in which keys that are probably meant to be one are equal."""
    return "".join(key.split()).casefold().lstrip("0")


def read_table(file: str, name: str, data: bytes) -> tuple[Table | None, list[Diagnostic]]:
    """The table in a CSV file's bytes, or None, and every finding with its line. Never raises for any bytes."""
    text, found = _decode(file, data)
    if found is not None:
        return None, [found]
    separator = _separator(text)
    if separator is None:
        return None, [_header_fault(file, text)]
    findings: list[Diagnostic] = []
    entries: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, cells in islice(_rows(text, separator), 1, None):
        fault = _row_fault(file, line, cells, lines, separator)
        if fault is not None:
            findings.append(fault)
        elif cells:
            key, value = cells
            entries[key], lines[key] = value, line
    return (None if findings else Table(name, entries, lines)), findings


def given_table(name: str, entries: Mapping[str, str]) -> tuple[Table | None, list[Diagnostic]]:
    """A mapping handed in as a table; the same entries as in a file give an equal one."""
    file = f"tables[{name}]"
    if not isinstance(entries, Mapping):
        return None, [finding("bad-table", file, 1, 1, "mapping", found=type(entries).__name__)]
    taken: dict[str, str] = {}
    findings: list[Diagnostic] = []
    for key, value in entries.items():
        if not (isinstance(key, str) and isinstance(value, str)):
            findings.append(finding("bad-table", file, 1, 1, "not_text", key=repr(key)))
        elif key.strip() in taken:
            findings.append(finding("bad-table", file, 1, 1, "same_key", key=key.strip()))
        elif fault := _cells_fault(file, 1, (key.strip(), value.strip())):
            findings.append(fault)
        else:
            taken[key.strip()] = value.strip()
    return (None if findings else Table(name, taken)), findings


def _decode(file: str, data: bytes) -> tuple[str, Diagnostic | None]:
    if len(data) > MAX_TABLE_BYTES:
        return "", finding("file-too-large", file, 1, 1, limit=MAX_TABLE_BYTES // 2**20)
    if data.startswith(b"PK\x03\x04"):
        return "", finding("bad-table", file, 1, 1, "spreadsheet")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "", finding("not-utf8", file, 1, 1, "utf16")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        bad = data[fault.start : fault.start + 1]
        looks_like = bad.decode("cp1252", errors="replace")
        return "", finding("not-utf8", file, line, column, byte=f"0x{bad[0]:02X}", character=looks_like)


def _separator(text: str) -> str | None:
    """What stands between ``key`` and ``value`` in the first line; None where that is no header."""
    for mark in _SEPARATORS:
        if next(_rows(text, mark), (1, None)) == (1, ["key", "value"]):
            return mark
    return None


def _header_fault(file: str, text: str) -> Diagnostic:
    """What stands in the first line instead of the header."""
    if (excel := _EXCEL.match(text)) is not None:
        return finding("bad-table", file, 1, 1, "excel", separator=excel[1])
    return finding("bad-table", file, 1, 1, "header")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """The rows, header included, each with the line that it begins in; blank ones are left out.

    The cells are without surrounding blanks; None for a row that is no CSV, which is the last.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            cells = [cell.strip() for cell in next(rows)]
        except StopIteration:
            return
        except csv.Error:
            yield line, None
            return
        if any(cells):
            yield line, cells


def _row_fault(
    file: str, line: int, cells: list[str] | None, lines: Mapping[str, int], separator: str
) -> Diagnostic | None:
    """What is wrong with a row; ``lines`` has the keys above and where they stand."""
    if cells is None:
        return finding("bad-table", file, line, 1, "quotes")
    other = next((mark for mark in _SEPARATORS if mark != separator and mark in cells[0]), "")
    if len(cells) == 1 and other:
        shown = {"found": other, "separator": separator}
        return finding(
            "bad-table", file, line, 1, "separator", **{key: _SHOWN.get(mark, mark) for key, mark in shown.items()}
        )
    if len(cells) != 2:
        return finding("bad-table", file, line, 1, "cells", cells=len(cells))
    if cells[0] in lines:
        return finding("duplicate-key", file, line, 1, key=cells[0], first=lines[cells[0]])
    return _cells_fault(file, line, cells)


def _cells_fault(file: str, line: int, cells: Sequence[str]) -> Diagnostic | None:
    damaged = next((cell for cell in cells if DAMAGE.fullmatch(cell)), None)
    if damaged is not None:
        return finding("bad-table", file, line, 1, "damage", value=damaged)
    return None if cells[0] else finding("bad-table", file, line, 1, "no_key")
