"""Shipments in a CSV or JSON lines file: bytes to shipments, and the rows that are none. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rakuten_orders.connection.back_offices.shipment_columns import TEXTS, columns_problem, known_columns
from rakuten_orders.model import Shipment

MAX_BYTES = 64 * 2**20
DELIMITERS = ",;\t"
EXAMPLE = "order_id,transporter,tracking_number"
"""A CSV file's first line."""

_TRUE = frozenset({"true", "1", "yes", "y", "oui", "o"})
_FALSE = frozenset({"", "false", "0", "no", "n", "non"})
# What a spreadsheet makes of a long number.
_SPREADSHEET = re.compile(r"[0-9]+([.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its line (from 1), its cells as they stand, and the shipment or what is wrong."""

    line: int
    cells: Mapping[str, Any]
    shipment: Shipment | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentFile:
    """A file that was read. ``problem`` says why nothing of it could be; ``delimiter`` is a CSV file's."""

    rows: tuple[Row, ...]
    problem: str = ""
    delimiter: str | None = None


def read_shipment_file(name: str, data: bytes) -> ShipmentFile:
    """The shipments in a file's bytes: ``.jsonl`` one JSON object a line, anything else CSV. Never raises.

    CSV is separated by comma, semicolon or tab, with a header line. Both are UTF-8, with or without a BOM, or
    else cp1252, as French spreadsheets write it.
    """
    if len(data) > MAX_BYTES:
        return ShipmentFile((), f"the file is larger than {MAX_BYTES // 2**20} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return _read_json_lines(text) if name.lower().endswith(".jsonl") else _read_csv(text)


def shipment_of(cells: Mapping[str, Any]) -> Shipment:
    """The shipment in a JSON object. Raises ValueError with a sentence for a person."""
    problem = columns_problem(cells)
    if problem:
        raise ValueError(problem)
    return _shipment(cells)


def _shipment(cells: Mapping[str, Any]) -> Shipment:
    values = {name: _text(name, cells.get(name)) for name in TEXTS}
    if values["order_id"] is None:
        raise ValueError("order_id is missing")
    return Shipment(**values, item_ids=_item_ids(cells.get("item_ids")), cancel=_flag(cells.get("cancel")))


def _read_csv(text: str) -> ShipmentFile:
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    names: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip().lower() for cell in cells]
                problem = columns_problem(names)
                if not problem and "order_id" not in names:
                    problem = f"the first line must name the columns, as in {EXAMPLE}. {known_columns()}"
                if problem:
                    return ShipmentFile((), problem)
            elif len(cells) > len(names):
                rest = {"": delimiter.join(cells[len(names) :])}
                found = {**dict(zip(names, cells, strict=False)), **rest}
                rows.append(
                    Row(reader.line_num, found, None, f"the row has {len(cells)} cells, the first line {len(names)}")
                )
            else:
                rows.append(_row(reader.line_num, dict(zip(names, cells, strict=False)), _shipment))
    except csv.Error as fault:
        rows.append(Row(reader.line_num, {}, None, f"the rest of the file is no CSV: {fault}"))
    return ShipmentFile(tuple(rows), "" if names else "the file is empty", delimiter)


def _read_json_lines(text: str) -> ShipmentFile:
    return ShipmentFile(tuple(_json_rows(text)))


def _json_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except (ValueError, RecursionError):
            cells = None
        if not isinstance(cells, dict):
            yield Row(number, {"text": line.strip()}, None, "the line is no JSON object")
        else:
            yield _row(number, cells, shipment_of)


def _row(line: int, cells: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Shipment]) -> Row:
    try:
        return Row(line, cells, read(cells))
    except ValueError as fault:
        return Row(line, cells, None, str(fault))


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{name} must be text")
    text = str(value).strip()
    if name in ("order_id", "tracking_number") and _SPREADSHEET.fullmatch(text):
        raise ValueError(f"{name} was damaged by a spreadsheet ({text}): format the column as text and export again")
    return text or None


def _item_ids(value: object) -> tuple[str, ...] | None:
    if isinstance(value, list):
        found = [_text("item_ids", entry) for entry in value]
    else:
        found = list(re.split(r"[\s,;|]+", _text("item_ids", value) or ""))
    return tuple(entry for entry in found if entry) or None


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = (_text("cancel", value) or "").lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError("cancel must be true or false")
