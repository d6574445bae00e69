"""Sources to a compiled set, with every finding: the one loader that engine and checker share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rakuten_orders.acceptance import AcceptanceRules, read_acceptance_rules
from rakuten_orders.carrier_files import Layered
from rakuten_orders.carrier_layers import load_catalogue
from rakuten_orders.carriers import CarrierCatalogue
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.digest import digest_of
from rakuten_orders.mapping import OrderRules
from rakuten_orders.names import nearest
from rakuten_orders.order_rules import read_order_rules
from rakuten_orders.rulefiles import Document, read_document
from rakuten_orders.schemas import RULE_KINDS
from rakuten_orders.shape import check_shape
from rakuten_orders.sources import RulesLayer, Sources
from rakuten_orders.tables import Table, given_table, read_table
from rakuten_orders.transporters import TransporterRules, read_transporter_rules


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that is in force, compiled, and the digest of its values."""

    order: OrderRules
    acceptance: AcceptanceRules
    transporters: TransporterRules
    catalogue: CarrierCatalogue
    digest: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gave: the set, None where an error stands in its way, and all findings, sorted.

    The rest is for the checker, which runs the examples of whatever is well: the rule files in force by kind, the
    carriers' documents, and each part that compiled and stands on nothing broken.
    """

    ruleset: RuleSet | None
    diagnostics: tuple[Diagnostic, ...]
    documents: Mapping[str, Document]
    carriers: Mapping[str, Layered]
    catalogue: CarrierCatalogue
    order: OrderRules | None
    acceptance: AcceptanceRules | None
    transporters: TransporterRules | None


def load(sources: Sources) -> Loaded:
    """Reads, validates and compiles a set. Pure: equal sources give equal results. Never raises for any content."""
    findings: list[Diagnostic] = list(sources.strays)
    catalogue, carriers, found = load_catalogue(sources.carriers)
    findings += found
    tables, found = _load_tables(sources)
    findings += found
    broken_table = any(one.severity == "error" for one in found)
    documents, found = _load_documents(sources.rules)
    findings += found
    order, acceptance, transporters = None, None, None
    if "order" in documents:
        order, found = read_order_rules(documents["order"], tables)
        findings += found
    if "acceptance" in documents:
        acceptance, found = read_acceptance_rules(documents["acceptance"])
        findings += found
    if "transporters" in documents:
        transporters, found = read_transporter_rules(documents["transporters"], catalogue)
        findings += found
    # What stands on something broken would only seem to be wrong.
    order = None if broken_table else order
    transporters = None if catalogue.broken else transporters
    ruleset = None
    wrong = any(found.severity == "error" for found in findings)
    if order is not None and acceptance is not None and transporters is not None and not wrong:
        digest = digest_of(
            {kind: document.data for kind, document in documents.items()},
            {code: layered.data for code, layered in carriers.items()},
            {name: table.entries for name, table in tables.items()},
        )
        ruleset = RuleSet(order, acceptance, transporters, catalogue, digest)
    diagnostics = tuple(sorted(set(findings)))
    return Loaded(ruleset, diagnostics, documents, carriers, catalogue, order, acceptance, transporters)


def _load_documents(layers: Sequence[RulesLayer]) -> tuple[dict[str, Document], list[Diagnostic]]:
    """For each kind the document of the nearest layer that has one, sound or not."""
    documents: dict[str, Document] = {}
    findings: list[Diagnostic] = []
    for layer in layers:
        seen: dict[str, str] = {}
        for source in layer.rules:
            document, found = read_document(source.file, source.data)
            findings += found
            if document is None:
                continue
            kind = _kind(document)
            if kind is None:
                findings.append(_no_kind(document))
                continue
            document, found = check_shape(document, kind)
            findings += found
            if kind in seen:
                findings.append(document.finding("duplicate-kind", ("kind",), kind=kind, file=seen[kind]))
                continue
            seen[kind] = source.file
            documents[kind] = document
    return documents, findings


def _kind(document: Document) -> str | None:
    """The kind that a rule file names, or nearly names, or has most keys of; None where nothing tells."""
    named = document.data.get("kind")
    near = nearest(named, RULE_KINDS) if isinstance(named, str) else None
    if near is not None:
        return near
    own = {kind: len((schema.keys() - _SHARED) & document.data.keys()) for kind, schema in RULE_KINDS.items()}
    most = max(own, key=lambda kind: own[kind])
    return most if own[most] else None


_SHARED = frozenset({"kind", "format", "examples"})


def _no_kind(document: Document) -> Diagnostic:
    """The finding for a rule file of which nobody can say what it is."""
    known = ", ".join(RULE_KINDS)
    if not document.lacks(("kind",)):
        value = document.data.get("kind")
        shown = value if isinstance(value, str) else "what stands here"
        return document.finding("wrong-value", ("kind",), name="kind", value=shown, known=known)
    near = nearest("kind", document.data)
    if near is not None:
        return document.finding("unknown-key", (near,), at_key=True, name=near, nearest="kind")
    variant = "carrier_in_rules" if "code" in document.data else "kind"
    return document.finding("missing-key", (), variant, name="kind", known=known)


def _load_tables(sources: Sources) -> tuple[dict[str, Table], list[Diagnostic]]:
    """The tables by name, the nearest of each; one that is broken is empty."""
    tables: dict[str, Table] = {}
    findings: list[Diagnostic] = []
    for layer in sources.rules:
        for source in layer.tables:
            name = source.file.rsplit("/", 1)[-1].removesuffix(".csv")
            table, found = read_table(source.file, name, source.data)
            findings += found
            tables[name] = table or Table(name, {})
    for name, entries in sources.tables.items():
        table, found = given_table(name, entries)
        findings += found
        tables[name] = table or Table(name, {})
    return tables, findings
