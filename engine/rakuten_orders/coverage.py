"""Coverage: which formats, template branches, rules and conditions the examples of the files never reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rakuten_orders.acceptance import AcceptanceRules
from rakuten_orders.carriers import Carrier
from rakuten_orders.conditions import Condition, Lookup
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.examples import example_sale, example_shipment
from rakuten_orders.fields import Field
from rakuten_orders.formats import clean_number
from rakuten_orders.mapping import OrderRules
from rakuten_orders.messages import finding
from rakuten_orders.model import Sale
from rakuten_orders.paths import Level, View, resolve, view
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.template_branches import branches, taken
from rakuten_orders.tracking import url_inputs
from rakuten_orders.transporters import TransporterRules, shipment_lookup, waits


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that an example can reach, whether one does, and where it stands."""

    reached: bool
    missing: Diagnostic


def carrier_points(document: Document, carrier: Carrier) -> Iterator[Point]:
    """A carrier's formats and the branches of its template."""
    examples = document.data.get("examples", {}).get("valid", ())
    numbers = [clean_number(example["tracking_number"]) for example in examples]
    if "tracking_numbers" in document.data:
        for index, known in enumerate(carrier.formats):
            reached = any(known.matches(number) and known.checks(number) for number in numbers)
            yield _point(document, ("tracking_numbers", index, "pattern"), "format", reached=reached)
    if carrier.template is None or "tracking_url" not in document.data:
        return
    source = carrier.template.source
    asked = {
        came
        for example, number in zip(examples, numbers, strict=True)
        for came in taken(source, url_inputs(example_shipment(example), number))
    }
    for branch in branches(source):
        line, column = document.position_in(("tracking_url",), branch.offset)
        for holds in (True, False):
            missing = finding("not-covered", document.file, line, column, "holds" if holds else "fails")
            yield Point((branch.number, holds) in asked, missing)


def order_points(document: Document, rules: OrderRules) -> Iterator[Point]:
    """The fields of an order file that have a condition or a table: each is filled by some example."""
    sales = [example_sale(example) for example in document.data.get("examples", ())]
    for field in (*rules.order, *rules.lines):
        if field.when is not None:
            path = (field.level, field.name)
            yield _point(document, path, "field", reached=any(_field_holds(field, sale) for sale in sales))


def _field_holds(field: Field, sale: Sale) -> bool:
    items = sale.items if field.level == "lines" else (None,)
    when = field.when
    return when is not None and any(when(_path_lookup(view(sale, item), field.level)) for item in items)


def _path_lookup(seen: View, level: Level) -> Lookup:
    return lambda path: seen.get(resolve(path, level))


def acceptance_points(document: Document, rules: AcceptanceRules) -> Iterator[Point]:
    """Each rule of ``skip`` and ``hold``: some example's item is decided by it."""
    conditions = {"skip": [rule.when for rule in rules.skip], "hold": [rule.when for rule in rules.hold]}
    deciding: set[tuple[str, int]] = set()
    for example in document.data.get("examples", ()):
        sale = example_sale(example)
        for item in sale.items:
            lookup = _path_lookup(view(sale, item), "acceptance")
            decided = (_first(key, group, lookup) for key, group in conditions.items())
            deciding |= {found for found in [next(filter(None, decided), None)] if found is not None}
    for key, group in conditions.items():
        for index in range(len(group)):
            yield _point(document, (key, index), "rule", reached=(key, index) in deciding)


def transporter_points(document: Document, rules: TransporterRules) -> Iterator[Point]:
    """Each mapping and each kind of shipment without a number: some example is decided by it."""
    deciding: set[tuple[str, int]] = set()
    conditions = {
        "mappings": [mapped.when for mapped in rules.mappings],
        "without_number": [when for when, _wait in rules.without_number],
    }
    for example in document.data.get("examples", ()):
        inputs: Mapping[str, str] = example["shipment"]
        shipment, connection = example_shipment(inputs), inputs.get("connection")
        lookup = shipment_lookup(shipment, clean_number(shipment.tracking_number or ""), connection)
        asked = ["mappings"] if waits(rules, shipment, connection) is None else list(conditions)
        deciding |= {found for key in asked if (found := _first(key, conditions[key], lookup)) is not None}
    for key, group in conditions.items():
        for index in range(len(group)):
            yield _point(document, (key, index), "rule", reached=(key, index) in deciding)


def _first(key: str, conditions: Iterable[Condition], lookup: Lookup) -> tuple[str, int] | None:
    """Which of the conditions holds first; None where none does."""
    return next(((key, index) for index, when in enumerate(conditions) if when(lookup)), None)


def _point(document: Document, path: Path, variant: str, *, reached: bool) -> Point:
    return Point(reached, document.finding("not-covered", path, variant))
