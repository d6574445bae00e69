"""The checker: everything that loading finds, and the examples. What it passes, the engine loads to the same values."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rakuten_orders.advice import carrier_advice, rules_advice, table_advice, tables_used
from rakuten_orders.carriers import Carrier
from rakuten_orders.coverage import Point, acceptance_points, carrier_points, order_points, transporter_points
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.errors import ConfigError
from rakuten_orders.examples import acceptance_examples, carrier_examples, order_examples, transporter_examples
from rakuten_orders.loading import Loaded, load
from rakuten_orders.messages import finding
from rakuten_orders.rulefiles import MAX_BYTES, Document
from rakuten_orders.sources import (
    TABLES,
    CarriersLayer,
    RulesLayer,
    SourceFile,
    Sources,
    overlooked,
    overlooked_finding,
    read_file,
    read_sources,
    renamed,
    resolved,
    shown,
)
from rakuten_orders.tables import MAX_TABLE_BYTES, read_table

Folder = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What was read and found.

    ``carriers``, ``rule_files`` and ``tables`` count the files that were asked about; the rest of the set is their
    context. ``digest`` is that of the whole set, None where it does not load. ``texts`` has the files' contents by
    name, for showing the lines. ``points`` are what the examples can reach, where that was asked for.
    """

    carriers: int
    rule_files: int
    tables: int
    digest: str | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, bytes]
    points: tuple[Point, ...]

    @property
    def files(self) -> int:
        """How many files were asked about."""
        return self.carriers + self.rule_files + self.tables

    def count(self, severity: str) -> int:
        """How many findings are of that severity."""
        return sum(found.severity == severity for found in self.diagnostics)


def check(sources: Sources, own: Collection[str] | None = None, *, coverage: bool = False) -> Report:
    """Loads a set, runs the examples, gives advice, and reports what concerns the files in ``own`` (None: all).

    With ``coverage`` it also tells what the examples can reach, and what of it they do.
    """
    loaded = load(sources)
    findings = {*loaded.diagnostics, *_examples(loaded, own), *_advice(loaded, sources, own)}
    texts = {source.file: source.data for source in _all_files(sources)}

    def counted(files: Iterator[SourceFile]) -> int:
        return sum(own is None or source.file in own for source in files)

    return Report(
        carriers=counted(source for layer in sources.carriers for source in layer.files),
        rule_files=counted(source for layer in sources.rules for source in layer.rules),
        tables=counted(source for layer in sources.rules for source in layer.tables),
        digest=loaded.ruleset.digest if loaded.ruleset else None,
        diagnostics=tuple(sorted(found for found in findings if _concerns(found, own, texts))),
        texts=texts,
        points=tuple(_points(loaded, own)) if coverage else (),
    )


def _concerns(found: Diagnostic, own: Collection[str] | None, texts: Mapping[str, bytes]) -> bool:
    """Whether a finding is about a file that was asked about, or about one that is no file of the set (a stray)."""
    return own is None or found.file in own or found.file not in texts


def _all_files(sources: Sources) -> Iterator[SourceFile]:
    for rules in sources.rules:
        yield from (*rules.rules, *rules.tables)
    for carriers in sources.carriers:
        yield from carriers.files


def _own_carriers(loaded: Loaded, own: Collection[str] | None) -> Iterator[tuple[Document, Carrier]]:
    """The carriers that are well, with their documents, of the files that were asked about."""
    for code, layered in loaded.carriers.items():
        carrier = loaded.catalogue.get(code)
        if carrier is not None and (own is None or layered.document.file in own):
            yield layered.document, carrier


def _own_documents(loaded: Loaded, own: Collection[str] | None) -> dict[str, Document]:
    """The rule files in force, by kind, of those that were asked about."""
    return {kind: document for kind, document in loaded.documents.items() if own is None or document.file in own}


def _examples(loaded: Loaded, own: Collection[str] | None) -> Iterator[Diagnostic]:
    for document, carrier in _own_carriers(loaded, own):
        yield from carrier_examples(document, carrier)
    documents = _own_documents(loaded, own)
    if "order" in documents and loaded.order is not None:
        yield from order_examples(documents["order"], loaded.order)
    if "acceptance" in documents and loaded.acceptance is not None:
        yield from acceptance_examples(documents["acceptance"], loaded.acceptance)
    if "transporters" in documents and loaded.transporters is not None:
        yield from transporter_examples(documents["transporters"], loaded.transporters, loaded.catalogue)


def _points(loaded: Loaded, own: Collection[str] | None) -> Iterator[Point]:
    for document, carrier in _own_carriers(loaded, own):
        yield from carrier_points(document, carrier)
    documents = _own_documents(loaded, own)
    if "order" in documents and loaded.order is not None:
        yield from order_points(documents["order"], loaded.order)
    if "acceptance" in documents and loaded.acceptance is not None:
        yield from acceptance_points(documents["acceptance"], loaded.acceptance)
    if "transporters" in documents and loaded.transporters is not None:
        yield from transporter_points(documents["transporters"], loaded.transporters)


def _advice(loaded: Loaded, sources: Sources, own: Collection[str] | None) -> Iterator[Diagnostic]:
    for document, carrier in _own_carriers(loaded, own):
        yield from carrier_advice(document, carrier)
    for document in _own_documents(loaded, own).values():
        if document.sound:
            yield from rules_advice(document)
    order = loaded.documents.get("order")
    files = {source: _stem(source.file) for layer in sources.rules for source in layer.tables}
    used = tables_used(order.data) if order is not None else frozenset()
    # A misspelt name is told where it stands; the table that was meant is not called unused as well.
    misspelt = order is None or bool(used - {*files.values(), *sources.tables})
    for source, name in files.items():
        if own is None or source.file in own:
            table, _findings = read_table(source.file, name, source.data)
            if table is not None:
                yield from table_advice(source.file, table, used=misspelt or name in used)


def _stem(file: str) -> str:
    return file.rsplit("/", 1)[-1].removesuffix(".csv")


def gather(
    paths: Sequence[Folder], rules: Sequence[Folder] = (), carriers: Sequence[Folder] = ()
) -> tuple[Sources, frozenset[str]]:
    """The set that ``paths`` are to be checked in, and the names of the files that were asked about.

    ``rules`` and ``carriers`` are the project's folders, over the shipped ones. Without paths the project's own files
    are asked about, or the shipped ones where it has none. A path may be a file, a folder of rules or carriers, or a
    project's folder. Raises ConfigError for a path that is not there.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise ConfigError(f"there is no file or folder {Path(path).as_posix()}", "check the path")
    asked: set[str] = set()
    for path in map(Path, paths):
        rules, carriers = _with_folders(path, rules, carriers)
    sources = read_sources(rules, carriers)
    for path in map(Path, paths):
        if path.is_dir():
            asked.update(source.file for source in _all_files(sources) if _lies_in(source.file, path))
        else:
            name, sources = _with_file(path, sources)
            asked.add(name)
    return sources, frozenset(asked) if paths else _own_files(sources)


def _own_files(sources: Sources) -> frozenset[str]:
    """The files of the project's own layers; where there are none, the shipped ones."""
    above = Sources(sources.rules[1:], sources.carriers[1:])
    own = frozenset(source.file for source in _all_files(above))
    return own or frozenset(source.file for source in _all_files(sources))


def _lies_in(file: str, folder: Path) -> bool:
    return resolved(file).is_relative_to(resolved(folder))


def _with_folders(path: Path, rules: Sequence[Folder], carriers: Sequence[Folder]) -> tuple[Sequence[Folder], ...]:
    """The project's folders with those that a path names."""
    if not path.is_dir():
        return rules, carriers
    inside = [path / "rules", path / "carriers.d"]
    if any(folder.is_dir() for folder in inside):
        return [*rules, *(f for f in inside[:1] if f.is_dir())], [*carriers, *(f for f in inside[1:] if f.is_dir())]
    if (path / TABLES).is_dir() or any(_is_rules(read_file(file, MAX_BYTES)) for file in sorted(path.glob("*.yaml"))):
        return [*rules, path], carriers
    return rules, [*carriers, path]


_KIND = re.compile(rb"^[\"']?kind[\"']?[ \t]*:", re.MULTILINE)  # also where the file cannot be read as YAML


def _is_rules(source: SourceFile | Diagnostic) -> bool:
    if isinstance(source, Diagnostic):
        return False
    return _KIND.search(source.data) is not None


def _with_file(path: Path, sources: Sources) -> tuple[str, Sources]:
    """A file's name in the set, and the set with it in a layer of its own, unless it is there already."""
    here = resolved(path)
    known = next((source.file for source in _all_files(sources) if resolved(source.file) == here), None)
    if known is not None:
        return known, sources
    table = path.suffix == ".csv"
    source = read_file(path, MAX_TABLE_BYTES if table else MAX_BYTES)
    if not table and overlooked(path.name, ".yaml"):
        taken = os.path.lexists(path.with_name(renamed(path.name, ".yaml")))
        source = overlooked_finding(shown(path), ".yaml", taken=taken)
    elif not table and path.suffix != ".yaml" and isinstance(source, SourceFile):
        source = finding("wrong-suffix", shown(path), 1, 1, "other")
    if isinstance(source, Diagnostic):
        return source.file, replace(sources, strays=tuple(sorted({*sources.strays, source})))
    if table:
        return source.file, replace(sources, rules=(*sources.rules, RulesLayer((), (source,))))
    if _is_rules(source):
        beside = (read_file(file, MAX_TABLE_BYTES) for file in sorted((path.parent / TABLES).glob("*.csv")))
        tables = tuple(table for table in beside if isinstance(table, SourceFile))
        return source.file, replace(sources, rules=(*sources.rules, RulesLayer((source,), tables)))
    layer = CarriersLayer(shown(path.parent), (source,))
    return source.file, replace(sources, carriers=(*sources.carriers, layer))
