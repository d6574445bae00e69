"""Runs the examples that carrier and rule files bring: what does not come out as it says is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rakuten_orders.acceptance import AcceptanceRules, decide_sale
from rakuten_orders.carriers import Carrier, CarrierCatalogue
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.errors import ShipmentError
from rakuten_orders.formats import clean_number
from rakuten_orders.mapping import OrderRules, map_sale
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Item, Order, OrderLine, Sale, Shipment, Value, json_value
from rakuten_orders.rulefiles import Document, Path
from rakuten_orders.schemas import duration
from rakuten_orders.tables import DAMAGE
from rakuten_orders.tracking import track, url_inputs
from rakuten_orders.transporters import TransporterRules, waits


def carrier_examples(document: Document, carrier: Carrier) -> Iterator[Diagnostic]:
    """The findings about a carrier file's own examples."""
    examples = document.data.get("examples", {})
    for index, example in enumerate(examples.get("valid", ())):
        yield from _valid(document, ("examples", "valid", index), example, carrier)
    for index, example in enumerate(examples.get("invalid", ())):
        number = clean_number(example["tracking_number"])
        if any(known.matches(number) and known.checks(number) for known in carrier.formats) or not carrier.formats:
            path = ("examples", "invalid", index, "tracking_number")
            yield document.finding("example-mismatch", path, "accepted", number=example["tracking_number"])


def _valid(document: Document, path: Path, example: Mapping[str, str], carrier: Carrier) -> Iterator[Diagnostic]:
    number = clean_number(example["tracking_number"])
    matching = [known for known in carrier.formats if known.matches(number)]
    here = (*path, "tracking_number")
    if carrier.formats and not matching:
        variant = "damage" if DAMAGE.fullmatch(example["tracking_number"]) else "no_format"
        yield document.finding("example-mismatch", here, variant, number=example["tracking_number"])
        if number not in example["url"]:
            return  # the URL is for another number: that one is meant
    elif carrier.formats and not any(known.checks(number) for known in matching):
        hint = reason_text("invalid_tracking_number", "checksum", number=number, carrier=carrier.name)[1]
        yield document.finding("example-mismatch", here, "checksum", number=number, hint=hint)
    if carrier.template is None:
        return
    values = url_inputs(example_shipment(example), number)
    missing = [name for name in sorted(carrier.template.required) if not values.get(name)]
    for name in missing:
        yield document.finding("example-mismatch", path, "missing_input", name=name)
    if not missing:
        yield from _url(document, (*path, "url"), example["url"], carrier, values)


def _url(
    document: Document, path: Path, expected: str, carrier: Carrier, values: Mapping[str, str]
) -> Iterator[Diagnostic]:
    if carrier.template is None:
        return
    url = carrier.template.url(values)
    if carrier.template.faults_of(url):
        yield document.finding("example-mismatch", path, "url_invalid")
    elif url != expected:
        common = next((i for i, (a, b) in enumerate(zip(url, expected, strict=False)) if a != b), None)
        at = min(len(url), len(expected)) if common is None else common
        difference = " " * at + "^"
        yield document.finding("example-mismatch", path, "url", found=url, expected=expected, difference=difference)


def example_shipment(inputs: Mapping[str, str]) -> Shipment:
    """The shipment that an example's inputs describe."""
    return Shipment(
        transporter=inputs.get("transporter"),
        tracking_number=inputs.get("tracking_number"),
        tracking_url=inputs.get("tracking_url"),
        order_id=inputs.get("order_id"),
        item_ids=(inputs["item_id"],) if "item_id" in inputs else None,
        postcode=inputs.get("postcode"),
        country=inputs.get("country"),
        pickup_postcode=inputs.get("pickup_postcode"),
        phone_last4=inputs.get("phone_last4"),
        language=inputs.get("language"),
        shipping_type=inputs.get("shipping_type"),
    )


def example_sale(example: Mapping[str, Any]) -> Sale:
    """The example's paths as a sale; ids that it does not care about are filled in."""
    items = tuple(
        Item(fields.get("itemid") or str(index), fields.get("itemstatus", ""), _filled(fields))
        for index, fields in enumerate(example["items"], start=1)
    )
    return Sale(
        example["sale"].get("purchaseid") or "1", items, _filled(example["sale"]), _filled(example.get("shipping", {}))
    )


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in fields.items() if text}


def order_examples(document: Document, rules: OrderRules) -> Iterator[Diagnostic]:
    """The findings about an order rule file's examples."""
    for index, example in enumerate(document.data.get("examples", ())):
        path: Path = ("examples", index, "expect")
        expect = example["expect"]
        result = map_sale(rules, example_sale(example))
        reasons = sorted({problem.reason for problem in result.problems})
        if "problems" in expect:
            if reasons != sorted(set(expect["problems"])):
                found = ", ".join(reasons) or "an order"
                wanted = ", ".join(expect["problems"])
                here = (*path, "problems")
                yield document.finding("example-mismatch", here, "unexpected", found=found, expected=wanted)
        elif result.order is None:
            problem = result.problems[0]
            yield document.finding("example-mismatch", path, "fails", found=problem.message, hint=problem.hint)
        else:
            yield from _order(document, path, expect, result.order)


def _order(document: Document, path: Path, expect: Mapping[str, Any], order: Order) -> Iterator[Diagnostic]:
    yield from _fields(document, (*path, "order"), expect.get("order", {}), _texts(order.fields))
    wanted = expect.get("lines")
    if wanted is None:
        return
    if len(wanted) != len(order.lines):
        yield document.finding(
            "example-mismatch", (*path, "lines"), "lines", found=len(order.lines), expected=len(wanted)
        )
        return
    for index, (fields, line) in enumerate(zip(wanted, order.lines, strict=True)):
        yield from _fields(document, (*path, "lines", index), fields, _line_texts(line))


def _line_texts(line: OrderLine) -> dict[str, str]:
    return {**_texts(line.fields), "quantity": str(line.quantity), "item_ids": ", ".join(line.item_ids)}


def _texts(fields: Mapping[str, Value]) -> dict[str, str]:
    """Values as an example writes them: JSON's form as text, nothing for an empty one."""
    return {name: _text(json_value(value)) for name, value in fields.items()}


def _text(value: str | int | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _fields(
    document: Document, path: Path, expect: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[Diagnostic]:
    for name, expected in expect.items():
        came = found.get(name)
        if came != expected:
            shown = "no such field" if came is None else came or "nothing"
            yield document.finding(
                "example-mismatch", (*path, name), found=f"{name}: {shown}", expected=expected or "nothing"
            )


def acceptance_examples(document: Document, rules: AcceptanceRules) -> Iterator[Diagnostic]:
    """The findings about an acceptance rule file's examples."""
    for index, example in enumerate(document.data.get("examples", ())):
        path: Path = ("examples", index, "expect")
        decisions = [decision.action for decision in decide_sale(rules, example_sale(example))]
        expect = example["expect"]
        if len(expect) != len(decisions):
            yield document.finding("example-mismatch", path, "items", found=len(decisions), expected=len(expect))
            continue
        for at, (came, expected) in enumerate(zip(decisions, expect, strict=True)):
            if came != expected:
                yield document.finding("example-mismatch", (*path, at), found=came, expected=expected)


def transporter_examples(
    document: Document, rules: TransporterRules, catalogue: CarrierCatalogue
) -> Iterator[Diagnostic]:
    """The findings about a transporter rule file's examples."""
    for index, example in enumerate(document.data.get("examples", ())):
        path: Path = ("examples", index, "expect")
        inputs, expect = example["shipment"], example["expect"]
        shipment, connection = example_shipment(inputs), inputs.get("connection")
        if "without_number" in expect:
            wait = waits(rules, shipment, connection)
            if wait is None or wait.after != duration(expect["without_number"]):
                came = "no rule" if wait is None else str(wait.after)
                here = (*path, "without_number")
                yield document.finding("example-mismatch", here, found=came, expected=expect["without_number"])
            continue
        yield from _tracked(document, path, expect, _outcome(rules, catalogue, shipment, connection))


def _outcome(
    rules: TransporterRules, catalogue: CarrierCatalogue, shipment: Shipment, connection: str | None
) -> dict[str, str]:
    """What comes out of a shipment, under the names that an example compares."""
    try:
        update = track(rules, catalogue, shipment, connection)
    except ShipmentError as error:
        return {"reason": error.reason}
    return {
        "carrier": update.carrier or "",
        "tracking_number": update.tracking_number,
        "tracking_url": update.tracking_url or "",
        "decided_by": update.decided_by,
    }


def _tracked(
    document: Document, path: Path, expect: Mapping[str, str], came: Mapping[str, str]
) -> Iterable[Diagnostic]:
    if "reason" in came and "reason" not in expect:
        return [document.finding("example-mismatch", path, found=f"the reason {came['reason']}", expected="an update")]
    return _fields(document, path, expect, came)
