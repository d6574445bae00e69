"""Fields evaluated one key after the other, as ``rules/README.md`` says: the definition of what a rule means.

It tells for each value where it came from, and for each failure what is wrong. ``generated`` does the same faster
and only where nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rakuten_orders.fields import Field, is_sku
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Item, Problem, Sale, Value
from rakuten_orders.paths import Source, View, view
from rakuten_orders.tables import Table

Key = Literal["from", "value", "template", "default", "when"]


@dataclass(frozen=True, slots=True)
class Trace:
    """How one field got its value.

    ``field`` is the rule's name, ``item_id`` the first item of the line (None: a field of the order), ``file`` and
    ``line`` the rule's place. ``key`` is the key of the rule that gave the value: ``from``, ``value``, ``template``
    or ``default``; ``when`` where it kept the field empty; None where nothing was found. ``source`` is the path
    that was read (several, with commas, for a template); None where no path gave the value.
    """

    field: str
    item_id: str | None
    value: Value
    file: str
    line: int
    source: str | None
    key: Key | None
    problem: Problem | None


def order_traces(fields: Sequence[Field], sale: Sale, accepted: bool) -> tuple[Trace, ...]:
    """Each field of the order, with its value or what is wrong with it."""
    whole = view(sale, None)
    return tuple(_evaluate(field, whole, None, accepted) for field in fields)


def line_traces(fields: Sequence[Field], sale: Sale, item: Item, accepted: bool) -> tuple[Trace, ...]:
    """Each field of the line whose first item is ``item``."""
    seen = view(sale, item)
    return tuple(_evaluate(field, seen, item.item_id, accepted) for field in fields)


def identity_problems(sale: Sale) -> Iterator[Problem]:
    """What nobody could handle, whatever the rules say: a sale or an item without an id, a sale without items."""
    if not sale.purchase_id.strip():
        yield Problem("mapping_failed", "purchaseid", *reason_text("mapping_failed", "no_id", element="purchaseid"))
    if any(not item.item_id.strip() for item in sale.items):
        yield Problem("mapping_failed", "itemid", *reason_text("mapping_failed", "item_id"))
    if not sale.items:
        yield Problem("mapping_failed", "items", *reason_text("mapping_failed", "no_items"))


class _Found(NamedTuple):
    """A text on its way through a field's keys: None where it is missing, else what gave it and from which paths."""

    text: str | None = None
    key: Key | None = None
    paths: tuple[Source, ...] = ()


_NOTHING = _Found()


class _Failed(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _evaluate(field: Field, seen: View, item_id: str | None, accepted: bool) -> Trace:
    """The field's value, its keys taken in the order of ``rules/README.md``."""
    if field.when is not None and not field.when(seen.lookup(field.level)):
        return _trace(field, item_id, _Found(key="when"))
    found = _present(_raw(field, seen))
    try:
        text = _looked_up(field, _transformed(field, found.text), found, item_id)
        found = _present(found._replace(text=text))
        if found.text is None:
            found = _present(_Found(field.default, "default"))
        value = _typed(field, found.text, item_id)
        if value is None and field.required and (accepted or not field.after_acceptance_only):
            raise _Failed(_missing(field, item_id))
    except _Failed as failed:
        return _trace(field, item_id, found, problem=failed.problem)
    return _trace(field, item_id, found, value)


def _trace(
    field: Field, item_id: str | None, found: _Found, value: Value = None, problem: Problem | None = None
) -> Trace:
    source = ", ".join(path.path for path in found.paths) or None
    return Trace(field.name, item_id, value, field.file, field.line, source, found.key, problem)


def _present(found: _Found) -> _Found:
    """``found``, or nothing where its text is missing or blank."""
    return found if found.text and not found.text.isspace() else _NOTHING


def _raw(field: Field, seen: View) -> _Found:
    """The text of ``from``, ``value`` or ``template``."""
    if field.constant is not None:
        return _Found(field.constant, "value")
    if field.template is not None:
        read = {name: _first(sources, seen) for name, sources in field.names.items()}
        text = field.template.render({name: found.text or "" for name, found in read.items()}, encode=False)
        return _Found(text.strip(), "template", tuple(path for found in read.values() for path in found.paths))
    return _first(field.sources, seen)


def _first(sources: Sequence[Source], seen: View) -> _Found:
    """The first of the paths that is not missing."""
    for source in sources:
        text = seen.get(source)
        if text is not None:
            return _Found(text, "from", (source,))
    return _NOTHING


def _transformed(field: Field, text: str | None) -> str | None:
    for transform in field.transforms:
        if not text:
            break
        text = transform(text)
    return text


def _looked_up(field: Field, text: str | None, found: _Found, item_id: str | None) -> str | None:
    """The table's value. A key that it lacks is missing if there is a default, else kept if the rule says so."""
    if field.table is None or not text or text.isspace():
        return text
    key = text.strip()
    value = field.table.entries.get(key)
    if value is not None or field.default is not None:
        return value
    if not field.keep:
        raise _Failed(_not_found(field, field.table, key, found, item_id))
    return text


def _typed(field: Field, text: str | None, item_id: str | None) -> Value:
    if text is None:
        return None
    try:
        return field.read(text)
    except ValueError as expected:
        raise _Failed(_problem(field, item_id, "type", expected=expected)) from None


def _missing(field: Field, item_id: str | None) -> Problem:
    if field.from_sku:
        return Problem("sku_missing", _field(field), *reason_text("sku_missing", item=item_id))
    paths = ", ".join(source.path for source in field.paths) or "its rule"
    return _problem(field, item_id, "required", paths=paths)


def _not_found(field: Field, table: Table, key: str, found: _Found, item_id: str | None) -> Problem:
    """The key is quoted only where it is a SKU: anything else may be personal data."""
    if not any(map(is_sku, found.paths)) or found.key != "from":
        return _problem(field, item_id, "table", table=table.name)
    near = ", ".join(table.near(key))
    sentences = reason_text(
        "sku_not_found", "near" if near else "", item=item_id, key=key, table=table.name, near=near, rule=_rule(field)
    )
    return Problem("sku_not_found", _field(field), *sentences)


def _problem(field: Field, item_id: str | None, variant: str, **params: object) -> Problem:
    where = f" of item {item_id}" if item_id else ""
    sentences = reason_text("mapping_failed", variant, field=field.name, where=where, rule=_rule(field), **params)
    return Problem("mapping_failed", _field(field), *sentences)


def _field(field: Field) -> str:
    return f"lines.{field.name}" if field.level == "lines" else field.name


def _rule(field: Field) -> str:
    return f"{field.file}:{field.line}"
