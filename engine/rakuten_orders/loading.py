"""Sources to a compiled set, with every finding: the one loader that engine and checker share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rakuten_orders.acceptance import AcceptanceRules, read_acceptance_rules
from rakuten_orders.carriers import Carrier, CarrierCatalogue, Layered, build_catalogue, extend, read_carrier
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.mapping import OrderRules
from rakuten_orders.order_rules import LEVELS, expand_field, read_order_rules
from rakuten_orders.rulefiles import Document, read_document
from rakuten_orders.schemas import RULE_KINDS, nearest, shape_findings
from rakuten_orders.sources import CarriersLayer, RulesLayer, SourceFile, Sources
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
    carriers' documents, and each part that compiled.
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
    catalogue, layered, found = _load_catalogue(sources.carriers)
    findings += found
    tables, found = _load_tables(sources)
    findings += found
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
    ruleset = None
    broken = any(found.severity == "error" for found in findings)
    if order is not None and acceptance is not None and transporters is not None and not broken:
        ruleset = RuleSet(order, acceptance, transporters, catalogue, _digest(documents, layered, tables))
    diagnostics = tuple(sorted(set(findings)))
    return Loaded(ruleset, diagnostics, documents, layered, catalogue, order, acceptance, transporters)


def _load_documents(layers: Sequence[RulesLayer]) -> tuple[dict[str, Document], list[Diagnostic]]:
    """For each kind the document of the nearest layer that has one."""
    documents: dict[str, Document] = {}
    findings: list[Diagnostic] = []
    for layer in layers:
        seen: dict[str, str] = {}
        for source in layer.rules:
            document, found = read_document(source.file, source.data)
            findings += found
            if document is None:
                continue
            kind, found = _kind(document)
            findings += found
            if kind is None:
                continue
            if kind in seen:
                findings.append(document.finding("duplicate-kind", ("kind",), kind=kind, file=seen[kind]))
                continue
            seen[kind] = source.file
            found = shape_findings(document, kind)
            findings += found
            if any(one.severity == "error" for one in found):
                documents.pop(kind, None)
            else:
                documents[kind] = document
    return documents, findings


def _kind(document: Document) -> tuple[str | None, list[Diagnostic]]:
    """The kind that a rule file names."""
    kind = document.data.get("kind")
    known = ", ".join(RULE_KINDS)
    if kind is None:
        near = nearest("kind", list(document.data))
        if near is not None:
            return None, [document.finding("unknown-key", (near,), at_key=True, name=near, nearest="kind")]
        variant = "carrier_in_rules" if "code" in document.data else "kind"
        return None, [document.finding("missing-key", (), variant, name="kind", known=known)]
    if kind not in RULE_KINDS:
        near = nearest(str(kind), list(RULE_KINDS))
        variant = "nearest" if near else ""
        return None, [
            document.finding("wrong-value", ("kind",), variant, name="kind", value=kind, known=known, nearest=near)
        ]
    return str(kind), []


def _load_tables(sources: Sources) -> tuple[dict[str, Table], list[Diagnostic]]:
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


def _load_catalogue(
    layers: Sequence[CarriersLayer],
) -> tuple[CarrierCatalogue, dict[str, Layered], list[Diagnostic]]:
    """The carriers of all layers, nearer ones replacing or extending those below."""
    findings: list[Diagnostic] = []
    shapes: dict[str, Layered] = {}
    by_layer: list[dict[str, Carrier]] = []
    for layer in layers:
        mine: dict[str, Carrier] = {}
        for source in layer.files:
            layered, found = _read_layered(source, layer.origin, shapes)
            findings += found
            if layered is None:
                continue
            carrier, found = read_carrier(layered)
            findings += found
            if carrier is not None:
                for below in by_layer:
                    below.pop(carrier.code, None)
                mine[carrier.code] = carrier
                shapes[carrier.code] = layered
        by_layer.append(mine)
    catalogue, found = build_catalogue([tuple(layer.values()) for layer in by_layer], _claim(shapes))
    return catalogue, shapes, findings + found


def _read_layered(
    source: SourceFile, origin: str, below: Mapping[str, Layered]
) -> tuple[Layered | None, list[Diagnostic]]:
    document, findings = read_document(source.file, source.data)
    if document is None:
        return None, findings
    if "kind" in document.data and "code" not in document.data:
        return None, [*findings, document.finding("unknown-key", ("kind",), "rules_in_carriers", at_key=True)]
    extends = document.data.get("extends")
    findings += shape_findings(document, "carrier", partial="extends" in document.data)
    if any(found.severity == "error" for found in findings):
        return None, findings
    if extends is None:
        return Layered(document, document.data, origin), findings
    base = below.get(extends)
    if base is None or extends != document.data["code"]:
        variant = "nearest" if (near := nearest(extends, list(below))) else ""
        if extends != document.data["code"]:
            return None, [*findings, document.finding("wrong-value", ("extends",), "extends", value=extends)]
        return None, [*findings, document.finding("unknown-carrier", ("extends",), variant, code=extends, nearest=near)]
    return Layered(document, extend(base.data, document.data), origin), findings


def _claim(shapes: Mapping[str, Layered]) -> Callable[..., Diagnostic]:
    """Makes the finding about a name or host at the place where a carrier's file claims it."""

    def claim(code: str, carrier: Carrier, name: str | None, variant: str = "", /, **params: Any) -> Diagnostic:
        document = shapes[carrier.code].document
        data = document.data
        path: tuple[str | int, ...] = ("tracking_url",) if name is None else ("code",)
        if name is not None and name == data.get("name"):
            path = ("name",)
        elif name is not None and name in data.get("aliases", ()):
            path = ("aliases", data["aliases"].index(name))
        return document.finding(code, path, variant, **params)

    return claim


def _digest(documents: Mapping[str, Document], carriers: Mapping[str, Layered], tables: Mapping[str, Table]) -> str:
    """SHA-256 of the canonical JSON of the loaded values: tables in, comments and examples out."""
    rules = {kind: _rule_values(kind, document) for kind, document in documents.items()}
    values = {
        "rules": rules,
        "carriers": {code: _without_examples(layered.data) for code, layered in carriers.items()},
        "tables": {name: dict(table.entries) for name, table in tables.items()},
    }
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _rule_values(kind: str, document: Document) -> dict[str, Any]:
    values = _without_examples(document.data)
    if kind == "order":
        # The order of fields is the order of the output; short and long forms are one value.
        for level in LEVELS:
            values[level] = [[name, _listed(expand_field(rule))] for name, rule in values[level].items()]
    return values


def _listed(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        key: [value] if key in ("from", "then") and isinstance(value, str) else value for key, value in rule.items()
    }


def _without_examples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in ("examples", "format")}
