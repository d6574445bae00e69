"""The files of a set of rules and carriers, read once: layers of names and bytes, nearest last."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rakuten_orders._data import data_dir
from rakuten_orders.carriers import SHIPPED
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding
from rakuten_orders.rulefiles import MAX_BYTES
from rakuten_orders.tables import MAX_TABLE_BYTES

TABLES = "tables"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's name, as findings show it, and its bytes."""

    file: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RulesLayer:
    """One folder of rules and the tables beside it."""

    rules: tuple[SourceFile, ...]
    tables: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class CarriersLayer:
    """One folder of carriers. ``origin`` is ``shipped`` or the folder's name."""

    origin: str
    files: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a set is made from. ``strays`` are findings about what was not read."""

    rules: tuple[RulesLayer, ...]
    carriers: tuple[CarriersLayer, ...]
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    strays: tuple[Diagnostic, ...] = ()

    def having(self, file: str, data: bytes) -> Sources:
        """The sources with other bytes in the file of that name."""

        def changed(files: tuple[SourceFile, ...]) -> tuple[SourceFile, ...]:
            return tuple(SourceFile(file, data) if source.file == file else source for source in files)

        return replace(
            self,
            rules=tuple(RulesLayer(changed(layer.rules), changed(layer.tables)) for layer in self.rules),
            carriers=tuple(CarriersLayer(layer.origin, changed(layer.files)) for layer in self.carriers),
        )

    def to_json(self) -> dict[str, Any]:
        """The files as JSON data, from which ``from_json`` makes equal sources (bytes that are no UTF-8 included)."""

        def texts(files: Iterable[SourceFile]) -> list[list[str]]:
            return [[source.file, source.data.decode("utf-8", "surrogateescape")] for source in files]

        return {
            "rules": [[texts(layer.rules), texts(layer.tables)] for layer in self.rules],
            "carriers": [[layer.origin, texts(layer.files)] for layer in self.carriers],
            "tables": {name: dict(entries) for name, entries in self.tables.items()},
            "strays": [stray.to_json() for stray in self.strays],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Sources:
        """The sources that ``to_json`` gave ``data`` for."""

        def files(texts: Iterable[Sequence[str]]) -> tuple[SourceFile, ...]:
            return tuple(SourceFile(name, text.encode("utf-8", "surrogateescape")) for name, text in texts)

        return Sources(
            tuple(RulesLayer(files(rules), files(tables)) for rules, tables in data["rules"]),
            tuple(CarriersLayer(origin, files(texts)) for origin, texts in data["carriers"]),
            data["tables"],
            tuple(Diagnostic(**stray) for stray in data["strays"]),
        )


def read_sources(
    rules: Sequence[str | os.PathLike[str]] = (),
    carriers: Sequence[str | os.PathLike[str]] = (),
    tables: Mapping[str, Mapping[str, str]] | None = None,
) -> Sources:
    """Reads the shipped folders and, over them, the given ones (the last is the nearest). Never raises for those.

    A folder that resolves to one already read is not read twice. A folder that is not there, a file that cannot be
    read, and one that would be overlooked are findings among the strays.
    """
    strays: list[Diagnostic] = []
    rules_layers = [_rules_layer(folder, strays) for folder in _folders(data_dir("rules"), rules, strays)]
    carrier_layers = [
        CarriersLayer(SHIPPED if index == 0 else shown(folder), _files(folder, strays, ".yaml", MAX_BYTES))
        for index, folder in enumerate(_folders(data_dir("carriers.d"), carriers, strays))
    ]
    return Sources(tuple(rules_layers), tuple(carrier_layers), dict(tables or {}), tuple(sorted(strays)))


def shown(path: Path) -> str:
    """The path as findings show it: as given, relative where it lies below the current folder, with ``/``."""
    if path.is_absolute():
        with contextlib.suppress(ValueError):
            path = path.relative_to(Path.cwd())
    return path.as_posix()


def resolved(path: str | os.PathLike[str]) -> Path:
    """The path without links, for telling whether two are one. Never raises, also not for links that go in circles."""
    return Path(os.path.realpath(path))


def overlooked(name: str, suffix: str) -> bool:
    """Whether a file's name looks as if it were meant to end in ``suffix``, and does not."""
    endings = (suffix, f"{suffix}.txt") if suffix == ".csv" else (suffix, f"{suffix}.txt", ".yml", ".yml.txt")
    return name.lower().endswith(endings) and not name.endswith(suffix)


def renamed(name: str, suffix: str) -> str:
    """The name of a file that would be overlooked, with the ending that was meant."""
    return re.sub(r"\.(?:ya?ml|csv)(?:\.txt)?\Z", "", name, flags=re.IGNORECASE) + suffix


def overlooked_finding(file: str, suffix: str, *, taken: bool) -> Diagnostic:
    """The finding for a file that would be overlooked; ``taken`` tells that another has the name it should have."""
    name = renamed(file.rsplit("/", 1)[-1], suffix)
    return finding("wrong-suffix", file, 1, 1, "taken" if taken else "", suffix=suffix, name=name)


def read_file(path: Path, limit: int) -> SourceFile | Diagnostic:
    """The file, cut off behind ``limit`` bytes, or the finding that it cannot be read."""
    return _read(path, shown(path), limit)


def _read(path: str | Path, file: str, limit: int) -> SourceFile | Diagnostic:
    """The file at ``path``, which findings call ``file``."""
    try:
        # Hundreds are read, and a Path for each takes as long again; only a Path says why it cannot tell.
        if not os.path.isfile(path) and not Path(path).is_file():  # noqa: PTH113
            return finding("unreadable", file, 1, 1, "no_file")
        with open(path, "rb") as opened:  # noqa: PTH123
            return SourceFile(file, opened.read(limit + 1))
    except OSError as fault:
        return finding("unreadable", file, 1, 1, why=(fault.strerror or str(fault)).lower())


def _folders(first: Path, given: Sequence[str | os.PathLike[str]], strays: list[Diagnostic]) -> list[Path]:
    folders = [first]
    for folder in map(Path, given):
        if not folder.is_dir():
            strays.append(finding("no-such-folder", shown(folder), 1, 1))
        elif not any(resolved(folder) == resolved(known) for known in folders):
            folders.append(folder)
    return folders


def _rules_layer(folder: Path, strays: list[Diagnostic]) -> RulesLayer:
    rules = _files(folder, strays, ".yaml", MAX_BYTES)
    tables = folder / TABLES
    return RulesLayer(rules, _files(tables, strays, ".csv", MAX_TABLE_BYTES) if tables.is_dir() else ())


def _files(folder: Path, strays: list[Diagnostic], suffix: str, limit: int) -> tuple[SourceFile, ...]:
    """The folder's files with that suffix, sorted by name; what is meant as one and would be overlooked is a stray."""
    found: list[SourceFile] = []
    base = shown(folder)
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and not entry.is_dir())
    except OSError as fault:
        strays.append(finding("unreadable", base, 1, 1, why=(fault.strerror or str(fault)).lower()))
        return ()
    for name in names:
        file = name if base == "." else f"{base.rstrip('/')}/{name}"
        if name.endswith(suffix):
            source = _read(os.path.join(folder, name), file, limit)  # noqa: PTH118
            if isinstance(source, SourceFile):
                found.append(source)
            else:
                strays.append(source)
        elif overlooked(name, suffix):
            strays.append(overlooked_finding(file, suffix, taken=renamed(name, suffix) in names))
    return tuple(found)
