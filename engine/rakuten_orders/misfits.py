"""What does not fit a schema, and why: Cerberus' errors as findings at their places.

Cerberus' own ``regex`` and normalisation are not used: its ``regex`` is not anchored as it looks, and normalisation
hides what the user wrote.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cerberus import Validator, errors

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.meant import meant_key
from rakuten_orders.misfit_values import value_finding
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.scalars import quoted
from rakuten_orders.schemas import FORMS, Rules, condition_entry, rules_below


def explained(document: Document, rules: Rules) -> tuple[Document, list[Diagnostic]]:
    """What of ``document`` fits the rules of a mapping, and findings about the rest."""
    # As a child it trusts its schema, which tests hold to Cerberus' own rules.
    validator = FileValidator(rules["schema"], is_child=True)
    validator.validate(document.data, normalize=False)
    faults = _Faults(document, rules, tuple(_leaves(validator._errors)))
    findings = faults.findings()
    return document.without(faults.broken, faults.meant), findings


class FileValidator(Validator):  # type: ignore[misc]  # Cerberus ships no types
    """Cerberus with our kinds of text, and without the sorting that makes many errors quadratic."""

    def _error(self, *args: Any) -> None:
        if len(args) == 1:
            self._errors.extend(args[0])
        else:
            super()._error(*args)

    # Cerberus reads the docstring of a rule as the schema of what the rule takes.

    def _validate_nullable(self, nullable: bool, field: str, value: Any) -> None:
        """{'type': 'boolean'}"""
        super()._validate_nullable(nullable, field, value)
        if value is None:
            self._drop_remaining_rules("check_with")

    def _validate_empty(self, empty: bool, field: str, value: Any) -> None:
        """{'type': 'boolean'}"""
        # One entry instead of a list may be empty where entries may; the entry's own rules tell.
        if not (isinstance(value, str) and self.schema[field].get("check_with") == "one_or_more"):
            super()._validate_empty(empty, field, value)

    def _check_with_one_or_more(self, field: str, value: str | list[Any]) -> None:
        if isinstance(value, str):
            entry = self._get_child_validator(schema={field: self.schema[field]["schema"]})
            if not entry({field: value}, normalize=False):
                self._error(entry._errors)

    def _check_with_form(self, field: str, value: str) -> None:
        kind = self.schema[field]["meta"]["kind"]
        if not FORMS[kind](value):
            self._error(field, kind)

    def _check_with_condition(self, field: str, value: Mapping[str, Any]) -> None:
        validator = self._get_child_validator(
            document_crumb=field, schema={key: condition_entry(key) for key in value}, allow_unknown=False
        )
        if not validator(value, update=False, normalize=False):
            self._error(validator._errors)


def _leaves(found: Sequence[Any]) -> Iterator[Any]:
    for error in found:
        if error.is_group_error:
            yield from _leaves(error.child_errors)
        else:
            yield error


@dataclass(slots=True)
class _Faults:
    """Cerberus' errors, being turned into findings; ``broken`` and ``meant`` are as for ``Document.without``."""

    document: Document
    rules: Rules
    errors: Sequence[Any]
    broken: set[Path] = field(default_factory=set)
    meant: dict[Path, str] = field(default_factory=dict)

    def findings(self) -> list[Diagnostic]:
        """One finding for each mistake; a misspelt required key is one, ``unknown-key``."""
        missing: dict[Path, list[str]] = {}
        for error in self.errors:
            if error.code == errors.REQUIRED_FIELD.code:
                *parent, key = error.document_path
                missing.setdefault(tuple(parent), []).append(key)
        found: list[Diagnostic] = []
        for error in self.errors:
            path = tuple(error.document_path)
            if error.code == errors.UNKNOWN_FIELD.code:
                found += self._unknown_key(path, missing.get(path[:-1], []))
            elif error.code == errors.EXCLUDES_FIELD.code:
                found += self._excluded(path, str(error.constraint))
            elif error.code != errors.REQUIRED_FIELD.code:
                self.broken.add(path)
                # An empty key whose own keys stand beside it: that is told of those.
                if error.value is not None or not self._strays(path):
                    found.append(value_finding(self.document, path, error, _rules_at(self.rules, path)))
        for parent, keys in missing.items():
            found += self._missing_keys(parent, keys)
        return found

    def _unknown_key(self, path: Path, missing: Sequence[str]) -> Iterator[Diagnostic]:
        name = str(path[-1])
        known = _keys(_rules_at(self.rules, path[:-1]))
        near = meant_key(name, missing) or meant_key(name, known)
        owner = self._owner(path)
        self.broken.add(path)
        if self._is_cut_off(path):
            yield from self._cut_off(path)
        elif owner is not None:
            if self._strays(owner)[0] == name:  # where one of them goes, the others go too
                yield self.document.finding("unknown-key", path, "below", at_key=True, name=name, owner=owner[-1])
        elif near is None:
            choices = ", ".join(sorted(known)) or "none"
            yield self.document.finding("unknown-key", path, "list", at_key=True, name=name, known=choices)
        else:
            self.meant[path] = near
            yield self.document.finding("unknown-key", path, at_key=True, name=name, nearest=near)

    def _is_cut_off(self, path: Path) -> bool:
        """Whether what stands as a key is the end of a text in braces, cut off by a comma: it has no colon."""
        node = self.document.node(path)
        key = self.document.node(path[:-1]).keys[str(path[-1])]
        before, behind = self.document.text[: key.index].rstrip(), self.document.text[key.end :].lstrip()
        return node.value is None and before.endswith(",") and behind.startswith((",", "}"))

    def _cut_off(self, path: Path) -> Iterator[Diagnostic]:
        """The finding for the first of the pieces that a text in braces was cut into, with the whole of it."""
        parent = self.document.node(path[:-1])
        names = list(parent.keys)
        at = names.index(str(path[-1]))
        if at == 0 or self._is_cut_off((*path[:-1], names[at - 1])):
            return
        pieces = itertools.takewhile(lambda name: self._is_cut_off((*path[:-1], name)), names[at:])
        end = parent.keys[list(pieces)[-1]].end
        whole = self.document.text[self.document.node((*path[:-1], names[at - 1])).index : end]
        yield self.document.finding(
            "unknown-key", path, "comma", at_key=True, name=path[-1], whole=whole, quoted=quoted(whole)
        )

    def _owner(self, path: Path) -> Path | None:
        """The empty key beside a key that is not known, below which it would be; None where there is none."""
        parent = path[:-1]
        beside = ((*parent, key) for key in self.document.node(parent).keys)
        return next((owner for owner in beside if path[-1] in self._strays(owner)), None)

    def _strays(self, owner: Path) -> list[str]:
        """The keys that stand beside an empty one, are not known there, and would be below it."""
        if self.document.node(owner).value is not None:
            return []
        inside = _rules_at(self.rules, owner)
        below = _keys(inside) or _keys(inside.get("schema", {}))
        here = _keys(_rules_at(self.rules, owner[:-1]))
        return [name for name in self.document.node(owner[:-1]).keys if name in below and name not in here]

    def _excluded(self, path: Path, other: str) -> Iterator[Diagnostic]:
        """Two keys of which only one may stand: the later is one too many."""
        written = list(self.document.node(path[:-1]).keys)
        if written.index(str(path[-1])) > written.index(other):
            yield self.document.finding("wrong-value", path, "excludes", name=path[-1], other=other)
            self.broken.add(path)

    def _missing_keys(self, parent: Path, keys: Sequence[str]) -> Iterator[Diagnostic]:
        names = self.document.node(parent).keys
        written = {*names, *(self.meant[here] for name in names if (here := (*parent, name)) in self.meant)}
        lacking = set(keys) - written
        for key, rules in _rules_at(self.rules, parent)["schema"].items():
            other = rules.get("excludes")
            if key not in lacking or other in written:
                continue
            if other is None:
                choices = " or ".join(f'"{key}: {choice}"' for choice in rules.get("allowed", ()))
                yield self.document.finding(
                    "missing-key", parent, "choices" if choices else "", name=key, choices=choices
                )
            else:
                yield self.document.finding("missing-key", parent, "either", name=key, other=other)
                lacking.discard(other)


def _rules_at(rules: Rules, path: Path) -> Rules:
    """The rules for the value at ``path``; empty where they know nothing of it."""
    for step in path:
        rules = rules_below(rules, step)
    return rules


def _keys(rules: Rules) -> list[str]:
    """The keys that are known in a mapping with these rules."""
    return list(rules.get("schema", {})) if "dict" in rules.get("type", ()) else []
