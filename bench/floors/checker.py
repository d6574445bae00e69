"""Reads YAML files with ``CSafeLoader``, validates them with Cerberus, and does nothing else.

``python -m bench.floors.checker CARRIERS RULES`` prints how many files it read and how many of them are wrong. There is
one validator a kind; it does not normalise, and schemas are checked once. Scalars are text, as the schemas want them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from cerberus import Validator

from rakuten_orders.schemas import CARRIER, FORMS, RULE_KINDS, condition_entry


class TextLoader(yaml.CSafeLoader):
    """``CSafeLoader`` without its guesses: every scalar is the text that stands there."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - as PyYAML has it


class FileValidator(Validator):  # type: ignore[misc]  # Cerberus ships no types
    """The kinds of text that the schemas name."""

    def _check_with_one_or_more(self, field: str, value: str | list[Any]) -> None:
        if isinstance(value, str):
            entry = self._get_child_validator(schema={field: self.schema[field]["schema"]})
            if not entry({field: value}, normalize=False):
                self._error(field, "one or more")

    def _check_with_form(self, field: str, value: str) -> None:
        kind = self.schema[field]["meta"]["kind"]
        if not FORMS[kind](value):
            self._error(field, kind)

    def _check_with_condition(self, field: str, value: Mapping[str, Any]) -> None:
        entries = {key: condition_entry(key) for key in value}
        if not self._get_child_validator(document_crumb=field, schema=entries)(value, normalize=False):
            self._error(field, "condition")


def check(carriers: Path, rules: Path) -> tuple[int, int]:
    """How many files there are, and how many are wrong."""
    validators = {kind: FileValidator(schema) for kind, schema in RULE_KINDS.items()}
    carrier = FileValidator(CARRIER)
    files = wrong = 0
    for folder in (carriers, rules):
        for file in sorted(folder.glob("*.yaml")):
            data = yaml.load(file.read_bytes(), Loader=TextLoader)  # noqa: S506 - a safe one
            validator = carrier if folder is carriers else validators[data["kind"]]
            files += 1
            wrong += not validator.validate(data, normalize=False)
    return files, wrong


if __name__ == "__main__":
    print(*check(Path(sys.argv[1]), Path(sys.argv[2])))
