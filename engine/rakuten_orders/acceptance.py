"""Acceptance rules: which items of a sale are accepted, held for a person, or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rakuten_orders.conditions import Condition, Lookup, compile_condition
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.meaning import path_condition_findings
from rakuten_orders.model import Decision, Sale
from rakuten_orders.paths import View, view
from rakuten_orders.rulefiles import Document


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """A condition on an item in its sale, and the reason that a person is shown."""

    when: Condition
    because: str


@dataclass(frozen=True, slots=True)
class AcceptanceRules:
    """``ships_from`` is Rakuten's numeric country code (France is 249 there, what production clients send)."""

    ships_from: int
    hold: tuple[DecisionRule, ...]
    skip: tuple[DecisionRule, ...]


def read_acceptance_rules(document: Document) -> tuple[AcceptanceRules | None, list[Diagnostic]]:
    """The acceptance rules in a document, None where it is wrong, and what is wrong with their meaning."""
    findings: list[Diagnostic] = []
    for key in ("hold", "skip"):
        for index, rule in enumerate(document.data.get(key, ())):
            findings += path_condition_findings(document, (key, index, "when"), rule.get("when", {}), "acceptance")
    if not document.sound or any(found.severity == "error" for found in findings):
        return None, findings
    ships_from = numeric_country(document.data["ships_from"])
    assert ships_from is not None  # noqa: S101 - the schema takes only countries that have a number
    return AcceptanceRules(ships_from, _rules(document.data, "hold"), _rules(document.data, "skip")), findings


def _rules(data: Mapping[str, Any], key: str) -> tuple[DecisionRule, ...]:
    return tuple(DecisionRule(compile_condition(rule["when"]), rule["because"]) for rule in data.get(key, ()))


def decide_sale(rules: AcceptanceRules, sale: Sale) -> tuple[Decision, ...]:
    """What the rules say of each item, in order: ``skip`` is asked first, then ``hold``.

    A hold on any item holds the whole sale, but for the items that are skipped.
    """
    first = [_decide(rules, item.item_id, view(sale, item)) for item in sale.items]
    held = next((decision for decision in first if decision.action == "hold"), None)
    if held is None:
        return tuple(first)
    return tuple(
        Decision(decision.item_id, "hold", f"item {held.item_id}: {held.because}")
        if decision.action == "accept"
        else decision
        for decision in first
    )


def _decide(rules: AcceptanceRules, item_id: str, seen: View) -> Decision:
    lookup = seen.lookup("acceptance")
    skipped = _first(rules.skip, lookup)
    if skipped is not None:
        return Decision(item_id, "skip", skipped.because)
    held = _first(rules.hold, lookup)
    return Decision(item_id, "hold", held.because) if held else Decision(item_id, "accept")


def _first(rules: Sequence[DecisionRule], lookup: Lookup) -> DecisionRule | None:
    return next((rule for rule in rules if rule.when(lookup)), None)
