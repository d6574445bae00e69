"""What does not fit a schema, and why: Cerberus' errors as findings at their places.

Cerberus' own ``regex`` and normalisation are not used: its ``regex`` is not anchored as it looks, and normalisation
hides what the user wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cerberus import Validator, errors

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.names import nearest
from rakuten_orders.rulefiles import Document, Path
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
        found = []
        for error in self.errors:
            path = tuple(error.document_path)
            if error.code == errors.UNKNOWN_FIELD.code:
                found.append(self._unknown_key(path, missing.get(path[:-1], [])))
            elif error.code == errors.EXCLUDES_FIELD.code:
                found += self._excluded(path, str(error.constraint))
            elif error.code != errors.REQUIRED_FIELD.code:
                found.append(_value_finding(self.document, path, error))
                self.broken.add(path)
        for parent, keys in missing.items():
            found += self._missing_keys(parent, keys)
        return found

    def _unknown_key(self, path: Path, missing: Sequence[str]) -> Diagnostic:
        name = str(path[-1])
        known = _keys(_rules_at(self.rules, path[:-1]))
        near = nearest(name, missing) or nearest(name, known)
        self.broken.add(path)
        if near is None:
            choices = ", ".join(sorted(known)) or "none"
            return self.document.finding("unknown-key", path, "list", at_key=True, name=name, known=choices)
        self.meant[path] = near
        return self.document.finding("unknown-key", path, at_key=True, name=name, nearest=near)

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


def _value_finding(document: Document, path: Path, error: Any) -> Diagnostic:
    """The finding for a value that is there and wrong."""
    value = error.value
    if value is None or error.code in (errors.EMPTY_NOT_ALLOWED.code, errors.NOT_NULLABLE.code):
        variant = "entry" if isinstance(path[-1], int) else ""
        return document.finding("empty-value", path, variant, at_key=True, name=path[-1])
    if error.code == errors.UNALLOWED_VALUE.code:
        near = nearest(str(value), list(error.constraint))
        variant = "nearest" if near else ""
        choices = ", ".join(error.constraint)
        return document.finding(
            "wrong-value", path, variant, name=_name(path), value=value, known=choices, nearest=near
        )
    if error.code == errors.CUSTOM.code:
        return document.finding("wrong-value", path, str(error.info[0]), name=_name(path), value=value)
    expected = error.constraint if isinstance(error.constraint, list) else [error.constraint]
    return document.finding(
        "wrong-type", path, name=_name(path), expected=_type_names(expected), found=_type_names([type(value).__name__])
    )


def _name(path: Path) -> str:
    """The last key of ``path``: a list's entries go by the list's name."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _type_names(types: Sequence[Any]) -> str:
    words = {"string": "text", "str": "text", "dict": "keys and values", "list": "a list", "NoneType": "nothing"}
    return " or ".join(words.get(str(name), str(name)) for name in types)


def _rules_at(rules: Rules, path: Path) -> Rules:
    """The rules for the value at ``path``; empty where they know nothing of it."""
    for step in path:
        rules = rules_below(rules, step)
    return rules


def _keys(rules: Rules) -> list[str]:
    """The keys that are known in a mapping with these rules."""
    return list(rules.get("schema", {})) if "dict" in rules.get("type", ()) else []
