"""``validate-rules --fix`` and ``--diff``: which files are mended, what changes in them, and the writing."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import rakuten_orders
from rakuten_orders.checking import check
from rakuten_orders.connection.whole_files import write_whole
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.errors import ConfigError
from rakuten_orders.mending import MAX_BYTES, counted, mend
from rakuten_orders.messages import mending_text
from rakuten_orders.rulefiles import read_document
from rakuten_orders.sources import (
    CarriersLayer,
    RulesLayer,
    SourceFile,
    Sources,
    overlooked,
    read_file,
    renamed,
    resolved,
)

Set = tuple[Sources, frozenset[str]]
"""A connection's files, and the names of those that were asked about."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file that was mended: its name before and after, its bytes before and after, and what was done.

    Where all that would help was withheld, the file stays as it was, and only that is told.
    """

    file: str
    name: str
    before: bytes
    after: bytes
    done: tuple[str, ...]
    withheld: tuple[str, ...] = ()


def changes(sets: Sequence[Set], paths: Sequence[str]) -> Iterator[Change]:
    """What mending changes in the files that were asked about, each in the light of the changes before it."""
    sets = list(sets)
    for file, data in _asked(sets):
        mended = mend(file, data, lambda tried, file=file, sets=sets: _findings(_having(sets, file, tried)))  # type: ignore[misc]
        if mended.data != data or mended.withheld:
            yield Change(file, file, data, mended.data, mended.done, mended.withheld)
            sets = _having(sets, file, mended.data)
    for stray in _overlooked(sets, paths):
        mended_under_its_name = _renamed(sets, stray)
        if mended_under_its_name is not None:
            change, sets = mended_under_its_name
            yield change


def diff(change: Change) -> str:
    """The change as a unified diff; line ends are shown as they are."""
    before, after = (data.decode("utf-8").splitlines(keepends=True) for data in (change.before, change.after))
    lines = list(difflib.unified_diff(before, after, change.file, change.name))
    if change.name != change.file:
        lines = [f"rename from {change.file}\n", f"rename to {change.name}\n", *lines]
    return "".join(line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(change: Change) -> None:
    """Writes a change whole or not at all; the mode stays. Raises ConfigError where that is impossible."""
    try:
        if change.after != change.before:
            write_whole(Path(change.file), change.after)
        if change.name != change.file:
            Path(change.file).rename(change.name)
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise ConfigError(f"{change.file} cannot be mended: {why}", "check who may write there") from None


def _findings(sets: Sequence[Set]) -> tuple[Diagnostic, ...]:
    return tuple(found for sources, own in sets for found in check(sources, own).diagnostics)


def _having(sets: Sequence[Set], file: str, data: bytes) -> list[Set]:
    return [(sources.having(file, data), own) for sources, own in sets]


def _asked(sets: Sequence[Set]) -> list[tuple[str, bytes]]:
    """The YAML files that were asked about and may be written, with their bytes, by name."""
    found = {
        source.file: source.data
        for sources, own in sets
        for files in (*(layer.rules for layer in sources.rules), *(layer.files for layer in sources.carriers))
        for source in files
        if source.file in own and not _installed(source.file)
    }
    # Only what has findings is worth a try.
    faulty = {found.file for found in _findings(sets)}
    return [(file, data) for file, data in sorted(found.items()) if file in faulty]


def _installed(file: str) -> bool:
    """Whether a file belongs to the installed package, and is not the project's to change."""
    return resolved(file).is_relative_to(resolved(rakuten_orders.__file__).parent)


def _overlooked(sets: Sequence[Set], paths: Sequence[str]) -> list[Diagnostic]:
    """Findings about files that would be overlooked for their name, of those that were asked about."""
    asked = [resolved(path) for path in paths]
    strays = {stray for sources, _own in sets for stray in sources.strays}
    return [
        stray
        for stray in sorted(strays)
        if stray.code == "wrong-suffix" and overlooked(Path(stray.file).name, ".yaml") and not _installed(stray.file)
        if not asked or any(resolved(stray.file).is_relative_to(path) for path in asked)
    ]


def _renamed(sets: Sequence[Set], stray: Diagnostic) -> tuple[Change, list[Set]] | None:
    """A file under the name by which it is read, mended, and the sets with it; None where that is no better."""
    name = renamed(stray.file, ".yaml")
    source = read_file(Path(stray.file), MAX_BYTES)
    if os.path.lexists(name) or isinstance(source, Diagnostic) or len(source.data) > MAX_BYTES:
        return None
    added = [_with(sources, own, stray, SourceFile(name, source.data)) for sources, own in sets]
    mended = mend(name, source.data, lambda data: _findings(_having(added, name, data)))
    added = _having(added, name, mended.data)
    if not counted(_findings(added)) < counted(_findings(sets)):
        return None
    done = (f"{stray.file}:1: {mending_text('renamed', name=name)}", *mended.done)
    return Change(stray.file, name, source.data, mended.data, done, mended.withheld), added


def _with(sources: Sources, own: frozenset[str], stray: Diagnostic, source: SourceFile) -> Set:
    """A set in which a file that was a stray is read, in the layer of its folder."""
    if stray not in sources.strays:
        return sources, own
    folder = Path(source.file).parent
    strays = tuple(other for other in sources.strays if other != stray)
    carriers, rules = list(sources.carriers), list(sources.rules)
    for index, carriers_layer in enumerate(carriers):
        if Path(carriers_layer.origin) == folder:
            files = tuple(sorted((*carriers_layer.files, source), key=lambda other: other.file))
            carriers[index] = replace(carriers_layer, files=files)
            break
    else:
        for index, rules_layer in enumerate(rules):
            if any(Path(other.file).parent == folder for other in rules_layer.rules):
                rules[index] = replace(rules_layer, rules=(*rules_layer.rules, source))
                break
        else:
            document, _findings_of_it = read_document(source.file, source.data)
            if document is not None and "kind" in document.data:
                rules.append(RulesLayer((source,), ()))
            else:
                carriers.append(CarriersLayer(folder.as_posix(), (source,)))
    return replace(sources, carriers=tuple(carriers), rules=tuple(rules), strays=strays), own | {source.file}
