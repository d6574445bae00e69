"""The folder back office: files in, files out.

    orders/<order_id>.json               the first message of an order
    orders/<order_id>.<sequence>.json    later ones
    shipments/*.csv, *.jsonl             read, and moved to done/ when they are stored
    rejected/                            rows that could not be used, with their line and the reason

Files are written as ``.tmp`` and renamed, so that nobody reads half of one; files that are hidden or end in
``.tmp`` are not read. Spreadsheets and other tables are rejected as a whole.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rakuten_orders.connection.back_offices import Batch, Message, Received, Refusal
from rakuten_orders.connection.back_offices.shipment_files import ShipmentFile, read_shipment_file
from rakuten_orders.errors import BackOfficeError
from rakuten_orders.messages import reason_text

SUFFIXES = (".csv", ".jsonl")
OTHER_TABLES = (".json", ".ods", ".tsv", ".xls", ".xlsx", ".xml")
"""Files that were meant as shipments and are not read: they are rejected, rather than left to lie there."""

_LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as it was read: its name, what tells it from a later file of that name, and its rows."""

    name: str
    identity: str
    content: ShipmentFile

    def at(self, line: int) -> str:
        return f"{self.identity}:{line}"


@dataclass(frozen=True, slots=True)
class _FolderBatch(Batch):
    files: tuple[_Source, ...] = ()


class FolderBackOffice:
    """Hands orders over as files and takes shipments in from files; see the module's head.

    The folder and those below it are made when they are needed; not where orders ``were_there``: then a folder that
    is missing is a share that is not mounted, or a wrong path. A message whose file is there is not written again.
    Raises BackOfficeError (``backend_unreachable``) where the folder cannot be used.
    """

    def __init__(self, folder: Path | str, *, were_there: bool = False) -> None:
        self.folder = Path(folder)
        self._were_there = were_there

    def __repr__(self) -> str:
        return f"FolderBackOffice({str(self.folder)!r})"

    def deliver(self, message: Message) -> None:
        """Writes the message, durably, unless its file is there.

        Raises BackOfficeError (``backend_refused``) where the file belongs to another message.
        """
        stem = file_stem(message.order_id)
        name = f"{stem}.json" if message.sequence == 1 else f"{stem}.{message.sequence}.json"
        with self._reachable():
            self._below("shipments")  # where people will look for a place to put theirs
            path = self._below("orders") / name
            there = _key_in(path)
            if there == message.key:
                return
            if there is not None:
                refused, hint = reason_text("backend_refused", "occupied", file=f"orders/{name}", key=there)
                raise BackOfficeError(refused, hint)
            _write(path, json.dumps(message.to_json(), ensure_ascii=False, indent=2) + "\n")

    def shipments(self, cursor: str | None = None) -> Batch:  # noqa: ARG002 - files are moved away: no cursor
        """The shipments in all files that wait, by name, and the rows that are none."""
        received: list[Received] = []
        refused: list[Refusal] = []
        with self._reachable():
            files = tuple(self._waiting())
        for file in files:
            if file.content.problem:
                refused.append(Refusal(file.at(0), "unreadable", file.content.problem, file.name))
            for row in file.content.rows:
                source, place = file.at(row.line), f"{file.name}:{row.line}"
                if row.shipment is None:
                    refused.append(Refusal(source, "unreadable", row.problem, place))
                else:
                    received.append(Received(source, row.shipment, place))
        return _FolderBatch(tuple(received), tuple(refused), None, files)

    def acknowledge(self, batch: Batch, refused: Sequence[Refusal] = ()) -> None:
        """Writes refused rows to ``rejected/`` and moves the batch's files to ``done/``."""
        if not isinstance(batch, _FolderBatch):
            raise TypeError("a batch of this back office is needed")
        messages = {refusal.source: refusal.message for refusal in (*batch.refused, *refused)}
        with self._reachable():
            for file in batch.files:
                target = self._free_name("done", file.name)
                self._reject(file, target.name, messages)
                (self.folder / "shipments" / file.name).replace(target)
                _sync_folder(target.parent)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        if self._were_there and not (self.folder / "orders").is_dir():
            message, hint = reason_text("backend_unreachable", "gone", folder=self.folder.as_posix())
            raise BackOfficeError(message, hint, reason="backend_unreachable")
        try:
            yield
        except OSError as fault:
            said = fault.strerror or fault
            message, hint = reason_text("backend_unreachable", "folder", folder=self.folder, fault=said)
            raise BackOfficeError(message, hint, reason="backend_unreachable") from fault

    def _waiting(self) -> Iterator[_Source]:
        folder = self.folder / "shipments"
        if not folder.exists() and not self.folder.is_file():
            return
        for path in sorted(folder.iterdir()):
            suffix = path.suffix.lower()
            if path.name.startswith(".") or suffix not in (*SUFFIXES, *OTHER_TABLES) or not path.is_file():
                continue
            status = path.stat()
            # The same file read again after a crash is the same; one of the same name that comes later is not.
            identity = f"{path.name}@{status.st_mtime_ns}-{status.st_ino}"
            if suffix in SUFFIXES:
                content = read_shipment_file(path.name, path.read_bytes())
            else:
                content = ShipmentFile((), "only CSV (.csv) and JSON lines (.jsonl) are read: save it as one of them")
            yield _Source(path.name, identity, content)

    def _reject(self, file: _Source, name: str, messages: Mapping[str, str]) -> None:
        rejected = self._below("rejected")
        if file.content.problem:
            content = (self.folder / "shipments" / file.name).read_bytes()
            _write(rejected / name, content)
            _write(rejected / f"{name}.txt", f"{file.content.problem}\n")
            return
        rows = [
            {**row.cells, "line": row.line, "reason": messages[file.at(row.line)]}
            for row in file.content.rows
            if file.at(row.line) in messages
        ]
        if rows:
            _write(rejected / name, _rejected_text(rows, file.content.delimiter))

    def _below(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _free_name(self, folder: str, name: str) -> Path:
        target = self._below(folder) / name
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{Path(name).stem}-{number}{Path(name).suffix}")
        return target


def file_stem(order_id: str) -> str:
    """An order's id as a file name: one name for each id, within one folder, on any file system.

    Letters, digits, ``-`` and ``_`` stay; all else is percent-encoded, dots too, which part the sequence.
    """
    name = re.sub(rb"[^A-Za-z0-9_-]", lambda found: b"%%%02X" % ord(found[0]), order_id.encode()).decode()
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}-{hashlib.sha256(order_id.encode()).hexdigest()[:16]}"
    return name


def _rejected_text(rows: Sequence[Mapping[str, object]], delimiter: str | None) -> str:
    if delimiter is None:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    names = list(dict.fromkeys(name for row in rows for name in row if name not in ("line", "reason")))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, "line", "reason"], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _key_in(path: Path) -> str | None:
    """The key of the message in a file; None where there is no file, or none of ours."""
    try:
        message = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return str(message["key"]) if isinstance(message, dict) and "key" in message else None


def _write(path: Path, content: str | bytes) -> None:
    """Writes a file so that it is there whole, on disk, or not at all."""
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
