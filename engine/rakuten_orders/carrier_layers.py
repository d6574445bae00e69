"""The carriers of all layers to one catalogue: nearer ones replace, extend, and win names; nobody claims two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from rakuten_orders.carrier_files import Layered, code_finding, extend, read_carrier, stem
from rakuten_orders.carriers import SHIPPED, Carrier, CarrierCatalogue
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.names import fold, nearest
from rakuten_orders.rulefiles import Document, Path, read_document
from rakuten_orders.shape import check_shape
from rakuten_orders.sources import CarriersLayer, SourceFile


def load_catalogue(
    layers: Sequence[CarriersLayer],
) -> tuple[CarrierCatalogue, Mapping[str, Layered], list[Diagnostic]]:
    """The catalogue of the layers, the last one winning, each carrier's document by code, and everything found."""
    loading = _Loading()
    for layer in layers:
        loading.take(layer)
    findings = loading.findings
    by_name: dict[str, Carrier] = {}
    for of_layer in loading.by_layer:
        mine: dict[str, Carrier] = {}
        for carrier in of_layer.values():
            findings += _claimed_names(carrier, loading.layered[carrier.code].document, mine, by_name)
        by_name.update(mine)
    by_code = {code: carrier for of_layer in loading.by_layer for code, carrier in of_layer.items()}
    carriers = tuple(by_code[code] for code in sorted(by_code))
    findings += _host_collisions(carriers, loading.layered)
    catalogue = CarrierCatalogue(
        carriers, MappingProxyType(by_code), MappingProxyType(by_name), frozenset(loading.broken)
    )
    return catalogue, loading.layered, findings


@dataclass(slots=True)
class _Loading:
    """Carriers being read, layer upon layer. ``layered`` has those that are well and in force, by code."""

    layered: dict[str, Layered] = field(default_factory=dict)
    by_layer: list[dict[str, Carrier]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    findings: list[Diagnostic] = field(default_factory=list)

    def take(self, layer: CarriersLayer) -> None:
        """Reads the files of one more layer."""
        mine: dict[str, Carrier] = {}
        names = {stem(source.file) for source in layer.files}
        for source in layer.files:
            read = _read_alone(source, layer.origin)
            self.findings += read.findings
            # A copy whose code was not changed must not stand for the carrier it was copied from.
            code, layered, carrier = stem(source.file), read.layered, read.carrier
            if layered is not None and "extends" in layered.data:
                layered = self._extended(layered.document, layer.origin)
                carrier, found = read_carrier(layered)
                self.findings += found
            misnamed = code_finding(layered.document, names) if layered is not None else None
            if misnamed is not None:
                self.findings.append(misnamed)
                carrier = None
            for below in self.by_layer:
                below.pop(code, None)
            self.layered.pop(code, None)
            if carrier is None or layered is None:
                self.broken |= {code, read.code} - mine.keys()
            else:
                self.broken.discard(code)
                mine[code] = carrier
                self.layered[code] = layered
        self.by_layer.append(mine)

    def _extended(self, document: Document, origin: str) -> Layered:
        """The document with what it extends."""
        extends = document.data["extends"]
        code = document.data.get("code", extends)
        if extends != code:
            self.findings.append(document.finding("wrong-value", ("extends",), "extends", value=extends))
        elif extends in self.layered:
            return Layered(document, extend(self.layered[extends].data, document.data), origin)
        elif extends not in self.broken:
            near = nearest(extends, self.layered)
            variant = "nearest" if near else ""
            found = document.finding("unknown-carrier", ("extends",), variant, code=extends, nearest=near)
            self.findings.append(found)
        return Layered(document, document.data, origin, complete=False)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file is by itself. ``carrier`` is None where it is none, where it has errors, and where it extends one."""

    code: str
    layered: Layered | None
    carrier: Carrier | None
    findings: tuple[Diagnostic, ...]


@lru_cache(maxsize=1024)  # a set is read again before each pass, and few of its files have changed
def _read_alone(source: SourceFile, origin: str) -> _Read:
    """The file's carrier, as far as no other file matters."""
    document, findings = read_document(source.file, source.data)
    if document is None:
        return _Read(stem(source.file), None, None, tuple(findings))
    if "kind" in document.data and "code" not in document.data:
        found = document.finding("unknown-key", ("kind",), "rules_in_carriers", at_key=True)
        return _Read(stem(source.file), None, None, (*findings, found))
    document, misshapen = check_shape(document, "carrier", partial="extends" in document.data)
    layered = Layered(document, document.data, origin, complete=document.lacks(("extends",)))
    carrier, wrong = (None, []) if "extends" in document.data else read_carrier(layered)
    code = document.data.get("code", stem(source.file))
    return _Read(code, layered, carrier, (*findings, *misshapen, *wrong))


def _claimed_names(
    carrier: Carrier, document: Document, mine: dict[str, Carrier], below: Mapping[str, Carrier]
) -> Iterator[Diagnostic]:
    """Claims the carrier's names in ``mine``, its layer's; findings about those that others have too."""
    own: set[str] = set()
    for name, path in _places_of_names(carrier, document):
        key = fold(name)
        if key in own:
            if path[0] == "aliases":
                yield document.finding("redundant-alias", path, value=name)
            continue
        own.add(key)
        if not key:
            yield document.finding("wrong-value", path, "no_letters", value=name)
        elif key in mine:
            other = mine[key]
            yield document.finding("name-collision", path, value=name, other=other.code, file=other.file)
        else:
            mine[key] = carrier
            if key in below:
                other = below[key]
                yield document.finding("name-taken-over", path, value=name, other=other.code, file=other.file)


def _places_of_names(carrier: Carrier, document: Document) -> Iterator[tuple[str, Path]]:
    """Everything that the carrier is found by, and where its file says so; at its code what it has from another."""
    here: Path = ("code",)
    aliases = document.data.get("aliases", [])
    yield carrier.code, here
    yield carrier.name, ("name",) if "name" in document.data else here
    for alias in carrier.aliases:
        yield alias, ("aliases", aliases.index(alias)) if alias in aliases else here


def _host_collisions(carriers: Iterable[Carrier], layered: Mapping[str, Layered]) -> Iterator[Diagnostic]:
    """Hosts that carriers of two operators use; told where the later one's file names it."""
    owners: dict[str, Carrier] = {}
    for carrier in carriers:
        if carrier.template is None:
            continue
        owner = owners.setdefault(carrier.template.host.removeprefix("www."), carrier)
        if owner.operator != carrier.operator:
            earlier, later = sorted((owner, carrier), key=lambda one: (one.origin != SHIPPED, one.code))
            yield layered[later.code].document.finding(
                "host-collision",
                ("tracking_url",),
                host=carrier.template.host,
                other=earlier.code,
                file=earlier.file,
                operator=earlier.operator,
            )
