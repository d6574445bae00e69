"""Lookup tables: CSV files with the header ``key,value``, or mappings handed in."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding

MAX_TABLE_BYTES = 256 * 2**20

# What a spreadsheet makes of a long number: 1,23E+12.
_DAMAGE = re.compile(r"[0-9][.,]?[0-9]*[eE]\+[0-9]{1,3}")
_NEAR_SHOWN = 3


@dataclass(frozen=True)
class Table:
    """A table's name and its entries, keys exactly as written."""

    name: str
    entries: Mapping[str, str]

    def near(self, key: str) -> tuple[str, ...]:
        """Up to three keys that differ from ``key`` only by case, spaces or leading zeros."""
        return tuple(self._folded.get(_fold_key(key), ()))[:_NEAR_SHOWN]

    @cached_property
    def _folded(self) -> Mapping[str, list[str]]:
        folded: defaultdict[str, list[str]] = defaultdict(list)
        for key in self.entries:
            folded[_fold_key(key)].append(key)
        return dict(folded)


def _fold_key(key: str) -> str:
    return "".join(key.split()).casefold().lstrip("0")


def read_table(file: str, name: str, data: bytes) -> tuple[Table | None, list[Diagnostic]]:
    """The table in a CSV file's bytes, or None, and every finding with its line. Never raises for any bytes."""
    if len(data) > MAX_TABLE_BYTES:
        return None, [finding("file-too-large", file, 1, 1, limit=MAX_TABLE_BYTES // 2**20)]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        looks_like = data[fault.start : fault.start + 1].decode("cp1252", errors="replace")
        return None, [finding("not-utf8", file, line, 1, byte=f"0x{data[fault.start]:02X}", character=looks_like)]
    header = text.splitlines()[0] if text.strip() else ""
    separator = next((mark for mark in ",;\t" if [c.strip() for c in header.split(mark)] == ["key", "value"]), None)
    if separator is None:
        return None, [finding("bad-table", file, 1, 1, "header")]
    entries: dict[str, str] = {}
    findings = _read_rows(file, csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), entries)
    if any(found.severity == "error" for found in findings):
        return None, findings
    return Table(name, entries), findings


def _read_rows(file: str, rows: csv._reader, entries: dict[str, str]) -> list[Diagnostic]:  # type: ignore[name-defined]
    findings: list[Diagnostic] = []
    lines: dict[str, int] = {}
    start = 1
    try:
        for row in rows:
            line, start = start, rows.line_num + 1
            if line == 1 or not any(cell.strip() for cell in row):
                continue
            if len(row) != 2:
                findings.append(finding("bad-table", file, line, 1, "cells", cells=len(row)))
                continue
            key, value = (cell.strip() for cell in row)
            damaged = next((cell for cell in (key, value) if _DAMAGE.fullmatch(cell)), None)
            if damaged is not None:
                findings.append(finding("bad-table", file, line, 1, "damage", value=damaged))
            elif not key:
                findings.append(finding("bad-table", file, line, 1, "no_key"))
            elif key in entries:
                findings.append(finding("duplicate-key", file, line, 1, key=key, first=lines[key]))
            else:
                entries[key] = value
                lines[key] = line
    except csv.Error:
        findings.append(finding("bad-table", file, start, 1, "quotes"))
    return findings


def given_table(name: str, entries: Mapping[str, str]) -> tuple[Table | None, list[Diagnostic]]:
    """A mapping handed in as a table; keys and values have to be text."""
    wrong = next((key for key, value in entries.items() if not (isinstance(key, str) and isinstance(value, str))), None)
    if wrong is not None:
        return None, [finding("bad-table", f"tables[{name}]", 1, 1, "not_text", key=repr(wrong))]
    return Table(name, dict(entries)), []
