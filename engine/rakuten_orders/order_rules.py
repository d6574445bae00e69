"""An order rule file's document to compiled fields, and what is wrong with its meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from rakuten_orders.conditions import as_list, compile_condition
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.fields import Field, FieldLevel
from rakuten_orders.mapping import OrderRules
from rakuten_orders.meaning import path_condition_findings, path_finding
from rakuten_orders.model import Value
from rakuten_orders.names import nearest
from rakuten_orders.paths import resolve
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.tables import Table
from rakuten_orders.template_findings import template_finding
from rakuten_orders.templates import Template, check_template
from rakuten_orders.transforms import TRANSFORMS, TYPES, known_format, known_zone

LEVELS: tuple[FieldLevel, ...] = ("order", "lines")

OWN_FIELDS: Mapping[FieldLevel, frozenset[str]] = {
    "order": frozenset({"lines", "is_test"}),
    "lines": frozenset({"item_ids", "quantity"}),
}
"""What the engine puts into the output itself."""

_SOURCES = ("from", "value", "template")
_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")


def read_order_rules(document: Document, tables: Mapping[str, Table]) -> tuple[OrderRules | None, list[Diagnostic]]:
    """The order rules in a document, None where it is wrong, and what is wrong with their meaning."""
    findings: list[Diagnostic] = []
    fields: dict[FieldLevel, tuple[Field, ...]] = {}
    for level in LEVELS:
        findings += _name_findings(document, level)
        read = [_read_field(document, level, name, tables) for name in document.data.get(level, {})]
        fields[level] = tuple(field for field, _found in read if field is not None)
        for _field, found in read:
            findings += found
    if not document.sound or any(found.severity == "error" for found in findings):
        return None, findings
    return OrderRules(fields["order"], fields["lines"]), findings


def expand_field(rule: Any) -> dict[str, Any]:
    """The long form of a field's rule: a text alone is the path it is read from."""
    return {"from": [rule]} if isinstance(rule, str) else dict(rule)


def _name_findings(document: Document, level: FieldLevel) -> Iterator[Diagnostic]:
    names = document.data.get(level, {})  # an unsound document may lack it
    for name in names:
        path = (level, name)
        if not _NAME.fullmatch(name):
            yield document.finding("wrong-value", path, "field_name", at_key=True, value=name)
        elif name.split(".")[0] in OWN_FIELDS[level]:
            yield document.finding("wrong-value", path, "own_name", at_key=True, value=name)
        for parent in _parents(name):
            if parent in names:
                yield document.finding("wrong-value", path, "prefix", at_key=True, value=name, other=parent)


def _parents(name: str) -> list[str]:
    """The names that a dotted name nests in: ``a`` and ``a.b`` for ``a.b.c``."""
    return list(accumulate(name.split("."), "{}.{}".format))[:-1]


def _read_field(
    document: Document, level: FieldLevel, name: str, tables: Mapping[str, Table]
) -> tuple[Field | None, list[Diagnostic]]:
    path = (level, name)
    rule = expand_field(document.data[level][name])
    findings = [*_source_findings(document, path, rule), *_path_findings(document, level, path, rule)]
    template, found = _template(document, path, rule)
    findings += found
    table, found = _table(document, path, rule, tables)
    findings += found
    read, found = _reader(document, path, rule)
    findings += found
    if any(one.severity == "error" for one in findings):
        return None, findings
    field = Field(
        name=name,
        level=level,
        file=document.file,
        line=document.key_at(path)[0],
        rule=rule,
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
        when=compile_condition(rule["when"]) if "when" in rule else None,
    )
    return field, findings


def _source_findings(document: Document, path: Path, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    written = {key for key in (*_SOURCES, "with") if key in rule or not document.lacks((*path, key))}
    given = [key for key in _SOURCES if key in written]
    if len(given) != 1:
        variant = "no_source" if not given else "two_sources"
        yield document.finding("wrong-value", path, variant, at_key=True, value=path[1], given=" and ".join(given))
    needless = "with" in written and "template" not in written
    lacking = "with" not in written and "{{" in rule.get("template", "")
    if needless or lacking:
        yield document.finding("wrong-value", path, "with", at_key=True, value=path[1])


def _path_findings(document: Document, level: FieldLevel, path: Path, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Paths that Rakuten does not have, wherever the rule names them."""
    unlisted = rule.get("unlisted") == "true"
    if "when" in rule:
        yield from path_condition_findings(document, (*path, "when"), rule["when"], level, unlisted=unlisted)
    if unlisted:
        return
    named: list[tuple[Path, Any]] = [(("from",), rule.get("from", []))]
    named += [(("with", key), paths) for key, paths in rule.get("with", {}).items()]
    for below, paths in named:
        for index, source in enumerate(as_list(paths)):
            place = (*path, *below) if isinstance(paths, str) else (*path, *below, index)
            found = path_finding(document, place, source, level)
            if found is not None:
                yield found


def _template(document: Document, path: Path, rule: Mapping[str, Any]) -> tuple[Template | None, list[Diagnostic]]:
    if "template" not in rule:
        return None, []
    template, faults = check_template(rule["template"], list(rule.get("with", {})))
    if "with" not in rule:  # said already, once for all of the names
        faults = [fault for fault in faults if fault.code != "unknown-variable"]
    findings = [template_finding(document, (*path, "template"), fault) for fault in faults]
    if template is not None:
        unused = sorted(set(rule.get("with", {})) - template.required - template.optional)
        findings += [document.finding("unused", (*path, "with", name), at_key=True, name=name) for name in unused]
    return template, findings


def _table(
    document: Document, path: Path, rule: Mapping[str, Any], tables: Mapping[str, Table]
) -> tuple[Table | None, list[Diagnostic]]:
    if "table" not in rule:
        if "otherwise" in rule and document.lacks((*path, "table")):
            return None, [document.finding("wrong-value", (*path, "otherwise"), "otherwise", at_key=True)]
        return None, []
    name = rule["table"]
    if name in tables:
        return tables[name], []
    known = ", ".join(sorted(tables)) or "none"
    bare = re.split(r"[/\\]", name)[-1].removesuffix(".csv")
    near = bare if bare in tables else nearest(bare, list(tables))
    variant = "nearest" if near else ""
    return None, [
        document.finding("unknown-table", (*path, "table"), variant, name=name, known=known, nearest=near, bare=bare)
    ]


def _reader(document: Document, path: Path, rule: Mapping[str, Any]) -> tuple[Callable[[str], Value], list[Diagnostic]]:
    findings = list(_type_findings(document, path, rule))
    if findings:
        return str, findings
    read = TYPES[rule.get("type", "text")](rule.get("format"), rule.get("timezone"))
    for key in _typed_as_they_stand(rule):
        try:
            read(rule[key])
        except ValueError as fault:
            findings.append(
                document.finding("wrong-value", (*path, key), "typed", value=rule[key], expected=fault, name=key)
            )
    return read, findings


def _type_findings(document: Document, path: Path, rule: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if "type" not in rule and not document.lacks((*path, "type")):
        return  # what it would have been, nobody can say
    name = rule.get("type", "text")
    if "format" in rule and name not in ("date", "datetime"):
        yield document.finding("wrong-value", (*path, "format"), "format_type", at_key=True)
    elif "format" in rule and not known_format(rule["format"]):
        yield document.finding("wrong-value", (*path, "format"), "date_format", value=rule["format"])
    if "timezone" in rule and name != "datetime":
        yield document.finding("wrong-value", (*path, "timezone"), "zone_type", at_key=True)
    elif "timezone" in rule and not known_zone(rule["timezone"]):
        yield document.finding("wrong-value", (*path, "timezone"), "zone", value=rule["timezone"])


def _typed_as_they_stand(rule: Mapping[str, Any]) -> Iterator[str]:
    """The keys whose text the type reads unchanged; an empty one is nothing to read."""
    if rule.get("default", "").strip():
        yield "default"
    if rule.get("value", "").strip() and "then" not in rule and "table" not in rule:
        yield "value"
