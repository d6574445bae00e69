"""What rules name: paths, fields and values of conditions. Shared by the three kinds of rule files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rakuten_orders.conditions import GROUPS, OPERATORS, as_list, moment, number
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.formats import check_pattern
from rakuten_orders.paths import Level, is_known, nearest_path, resolve
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.schemas import nearest


def path_finding(
    document: Document, place: Sequence[str | int], path: str, level: Level, *, at_key: bool = False
) -> Diagnostic | None:
    """The finding for a path that Rakuten's payloads do not have, None for one that they have."""
    if is_known(resolve(path, level)):
        return None
    near = nearest_path(path, level)
    variant = "nearest" if near else ""
    when = "" if near is None or resolve(near, level).before else " (filled after acceptance)"
    return document.finding("unknown-path", place, variant, at_key=at_key, path=path, nearest=near, when=when)


def condition_findings(
    document: Document, place: Path, when: Mapping[str, Any], level: Level | None, fields: Collection[str] = ()
) -> Iterator[Diagnostic]:
    """What is wrong with the meaning of a ``when``: its fields (paths at ``level``, or ``fields``) and its values."""
    for key, value in when.items():
        here = (*place, key)
        if key == "not":
            yield from condition_findings(document, here, value, level, fields)
        elif key in GROUPS:
            for index, entry in enumerate(value):
                yield from condition_findings(document, (*here, index), entry, level, fields)
        else:
            yield from _field_findings(document, here, key, level, fields)
            yield from _value_findings(document, here, value)


def _field_findings(
    document: Document, place: Path, field: str, level: Level | None, fields: Collection[str]
) -> Iterator[Diagnostic]:
    if level is not None:
        found = path_finding(document, place, field, level, at_key=True)
        if found is not None:
            yield found
    elif field not in fields:
        near = nearest(field, list(fields))
        known = ", ".join(fields)
        yield document.finding(
            "unknown-key", place, "" if near else "list", at_key=True, name=field, nearest=near, known=known
        )


def _value_findings(document: Document, place: Path, tests: Mapping[str, Any]) -> Iterator[Diagnostic]:
    for word, values in tests.items():
        takes = OPERATORS[word].takes
        for index, value in enumerate(as_list(values)):
            here = (*place, word) if isinstance(values, str) else (*place, word, index)
            if takes == "number" and number(value) is None:
                yield document.finding("wrong-value", here, "number", name=word, value=value)
            elif takes == "date" and moment(value) is None:
                yield document.finding("wrong-value", here, "moment", name=word, value=value)
            elif takes == "pattern":
                faults = check_pattern(value)
                for fault in faults:
                    if fault.variant in ("syntax", "backtracks"):
                        yield document.finding("bad-pattern", here, fault.variant, shown=fault.shown)
