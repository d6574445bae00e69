"""An order rule file's document to compiled fields, and what is wrong with its meaning."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rakuten_orders.carriers import template_finding
from rakuten_orders.conditions import Condition, as_list, compile_condition
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.mapping import Field, FieldLevel, OrderRules
from rakuten_orders.meaning import condition_findings, path_finding
from rakuten_orders.model import Value
from rakuten_orders.paths import resolve
from rakuten_orders.rulefiles import Document
from rakuten_orders.schemas import nearest
from rakuten_orders.tables import Table
from rakuten_orders.templates import Template, check_template
from rakuten_orders.transforms import TRANSFORMS, known_zone, typed

LEVELS: tuple[FieldLevel, ...] = ("order", "lines")

_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_OWN = {"order": {"lines", "is_test"}, "lines": {"item_ids", "quantity"}}


def read_order_rules(document: Document, tables: Mapping[str, Table]) -> tuple[OrderRules | None, list[Diagnostic]]:
    """The order rules in a document of the right shape, or None, and what is wrong with their meaning."""
    findings: list[Diagnostic] = []
    fields: dict[FieldLevel, tuple[Field, ...]] = {}
    for level in LEVELS:
        findings += _name_findings(document, level)
        read = [_read_field(document, level, name, tables) for name in document.data[level]]
        fields[level] = tuple(field for field, _found in read if field is not None)
        for _field, found in read:
            findings += found
    if any(found.severity == "error" for found in findings):
        return None, findings
    return OrderRules(fields["order"], fields["lines"]), findings


def _name_findings(document: Document, level: FieldLevel) -> Iterator[Diagnostic]:
    names = list(document.data[level])
    for name in names:
        path = (level, name)
        if not _NAME.fullmatch(name):
            yield document.finding("wrong-value", path, "field_name", at_key=True, value=name)
        elif name.split(".")[0] in _OWN[level]:
            yield document.finding("wrong-value", path, "own_name", at_key=True, value=name)
        for other in names:
            if name.startswith(f"{other}."):
                yield document.finding("wrong-value", path, "prefix", at_key=True, value=name, other=other)


def expand_field(rule: Any) -> dict[str, Any]:
    """The long form of a field's rule: a text alone is the path it is read from."""
    return {"from": [rule]} if isinstance(rule, str) else dict(rule)


def _read_field(
    document: Document, level: FieldLevel, name: str, tables: Mapping[str, Table]
) -> tuple[Field | None, list[Diagnostic]]:
    path = (level, name)
    rule = expand_field(document.data[level][name])
    findings = list(_source_findings(document, level, path, rule))
    template, found = _template(document, path, rule)
    findings += found
    table, found = _table(document, path, rule, tables)
    findings += found
    read, found = _reader(document, path, rule)
    findings += found
    when: Condition | None = None
    if "when" in rule:
        findings += condition_findings(document, (*path, "when"), rule["when"], level)
        if not any(found.severity == "error" for found in findings):
            when = compile_condition(rule["when"])
    if any(found.severity == "error" for found in findings):
        return None, findings
    line, _column = document.key_at(path)
    field = Field(
        name=name,
        level=level,
        file=document.file,
        line=line,
        sources=tuple(resolve(source, level) for source in as_list(rule.get("from", []))),
        constant=rule.get("value"),
        template=template,
        names={
            key: tuple(resolve(source, level) for source in as_list(paths))
            for key, paths in rule.get("with", {}).items()
        },
        transforms=tuple(TRANSFORMS[word] for word in as_list(rule.get("then", []))),
        table=table,
        keep=rule.get("otherwise") == "keep",
        default=rule.get("default"),
        read=read,
        required=rule.get("required") == "true",
        when=when,
    )
    return field, findings


def _source_findings(
    document: Document, level: FieldLevel, path: tuple[str, str], rule: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    given = [key for key in ("from", "value", "template") if key in rule]
    if len(given) != 1:
        variant = "no_source" if not given else "two_sources"
        yield document.finding("wrong-value", path, variant, at_key=True, value=path[1], given=" and ".join(given))
    if ("with" in rule) != ("template" in rule) and ("with" in rule or "{{" in rule.get("template", "")):
        yield document.finding("wrong-value", path, "with", at_key=True, value=path[1])
    if rule.get("unlisted") == "true":
        return
    named: list[tuple[tuple[str | int, ...], Any]] = [(("from",), rule.get("from", []))]
    named += [(("with", key), paths) for key, paths in rule.get("with", {}).items()]
    for below, paths in named:
        for index, source in enumerate(as_list(paths)):
            place = (*path, *below) if isinstance(paths, str) else (*path, *below, index)
            found = path_finding(document, place, source, level)
            if found is not None:
                yield found


def _template(
    document: Document, path: tuple[str, str], rule: Mapping[str, Any]
) -> tuple[Template | None, list[Diagnostic]]:
    if "template" not in rule:
        return None, []
    template, faults = check_template(rule["template"], list(rule.get("with", {})))
    findings = [template_finding(document, (*path, "template"), fault) for fault in faults]
    if template is not None:
        unused = sorted(set(rule.get("with", {})) - template.required - template.optional)
        findings += [document.finding("unused", (*path, "with", name), at_key=True, name=name) for name in unused]
    return template, findings


def _table(
    document: Document, path: tuple[str, str], rule: Mapping[str, Any], tables: Mapping[str, Table]
) -> tuple[Table | None, list[Diagnostic]]:
    if "table" not in rule:
        if "otherwise" in rule:
            return None, [document.finding("wrong-value", (*path, "otherwise"), "otherwise", at_key=True)]
        return None, []
    name = rule["table"]
    if name in tables:
        return tables[name], []
    known = ", ".join(sorted(tables)) or "none"
    near = nearest(name, list(tables))
    variant = "nearest" if near else ""
    return None, [document.finding("unknown-table", (*path, "table"), variant, name=name, known=known, nearest=near)]


def _reader(
    document: Document, path: tuple[str, str], rule: Mapping[str, Any]
) -> tuple[Callable[[str], Value], list[Diagnostic]]:
    name = rule.get("type", "text")
    findings: list[Diagnostic] = []
    if "format" in rule and name not in ("date", "datetime"):
        findings.append(document.finding("wrong-value", (*path, "format"), "format_type", at_key=True))
    if "timezone" in rule and name != "datetime":
        findings.append(document.finding("wrong-value", (*path, "timezone"), "zone_type", at_key=True))
    if "timezone" in rule and not known_zone(rule["timezone"]):
        findings.append(document.finding("wrong-value", (*path, "timezone"), "zone", value=rule["timezone"]))
    if "format" in rule and not _good_format(rule["format"]):
        findings.append(document.finding("wrong-value", (*path, "format"), "date_format", value=rule["format"]))
    if findings:
        return str, findings
    read = typed(name, rule.get("format"), rule.get("timezone"))
    for key in ("default", "value"):
        if key in rule:
            try:
                read(rule[key])
            except ValueError as fault:
                found = document.finding(
                    "wrong-value", (*path, key), "typed", value=rule[key], expected=fault, name=key
                )
                findings.append(found)
    return read, findings


def _good_format(date_format: str) -> bool:
    """Whether strptime knows every directive of a format."""
    try:
        time.strptime("", date_format)
    except ValueError as fault:
        return "is a bad directive" not in str(fault) and "stray %" not in str(fault)
    except (KeyError, IndexError, re.error):
        return False
    return True
