"""The 20 fields by other engines: glom, jmespath, jsonata-python, zen-engine, one Jinja template a field.

Each maps the sale's fields once and the lines' fields once an item, from nested mappings made before. None of them
groups units, reports errors, or knows required fields: that is left out for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import glom
import jmespath
import jsonata
import zen
from jinja2.nativetypes import NativeEnvironment

from bench.outcome import difference
from bench.peers import leaves
from bench.work import Other, in_turn
from rakuten_orders.model import MapResult, Sale

Fields = dict[str, Any]
Mapped = tuple[Fields, list[Fields]]
Mapper = Callable[[dict[str, Any]], Mapped]
Tables = Mapping[str, Mapping[str, str]]

_IN_A_CALL = 10
"""Sales in a call: some of these take a second for a hundred."""


def cases(sales: Sequence[Sale], tables: Tables, results: Sequence[MapResult]) -> dict[str, Other]:
    """Each peer on the sales, and in what its fields differ from the orders that the engine makes of them."""
    nested = [leaves.nested_sale(sale) for sale in sales[: 10 * _IN_A_CALL]]
    wanted: list[object] = []
    for result in results[: len(nested)]:
        assert result.order is not None  # noqa: S101 - good sales
        wanted.append((dict(result.order.fields), [dict(line.fields) for line in result.order.lines]))
    mappers: dict[str, Mapper] = {
        "zen-engine": _zen(tables),
        "jmespath": _jmespath(tables),
        "glom": _glom(tables),
        "Jinja, a template a field": _jinja(tables),
        "jsonata-python": _jsonata(tables),
    }
    parts = [nested[start : start + _IN_A_CALL] for start in range(0, len(nested), _IN_A_CALL)]
    return {
        name: Other(in_turn(parts, partial(_mapped, mapper), 3 * _IN_A_CALL), _note(mapper, nested, wanted))
        for name, mapper in mappers.items()
    }


def _mapped(mapper: Mapper, sales: Sequence[dict[str, Any]]) -> list[Mapped]:
    return [mapper(sale) for sale in sales]


def _note(mapper: Mapper, nested: Sequence[dict[str, Any]], wanted: Sequence[object]) -> str:
    """Which fields come out otherwise."""
    fields: dict[str, str] = {}
    for sale, order in zip(nested, wanted, strict=True):
        assert isinstance(order, tuple)  # noqa: S101
        head, lines = mapper(sale)
        for ours, theirs in ((order[0], head), *zip(order[1], lines, strict=True)):
            for name in ours:
                if difference(theirs.get(name), ours[name]):
                    fields[name] = type(theirs.get(name)).__name__
    return "differs: " + ", ".join(f"{name} ({kind})" for name, kind in fields.items()) if fields else "same values"


_D = "deliveryinformation.deliveryaddress."
_B = "deliveryinformation.billingaddress."


def _glom(tables: Tables) -> Mapper:
    def first(*paths: str, default: object = None) -> glom.Coalesce:
        return glom.Coalesce(*paths, default=default)

    order = {
        "order_id": "purchaseid",
        "ordered_at": ("purchasedate", leaves.moment),
        "marketplace": glom.Val("rakuten-fr"),
        "shipping_type": (first("deliveryinformation.shippingtype", default="STANDARD"), str.upper),
        "buyer.login": ("deliveryinformation.purchasebuyerlogin", str.strip, str.lower),
        "buyer.email": first("deliveryinformation.purchasebuyeremail", "shipping.purchasebuyeremail"),
        "ship_to.name": (
            {
                "civility": first(_D + "civility", default=""),
                "first": first(_D + "firstname", _B + "firstname", default=""),
                "last": first(_D + "lastname", _B + "lastname", default=""),
            },
            lambda names: leaves.collapse(" ".join(names.values())),
        ),
        "ship_to.street1": (first(_D + "address1", _B + "address1"), leaves.collapse),
        "ship_to.street2": first(_D + "address2"),
        "ship_to.postcode": first(_D + "zipcode", _B + "zipcode"),
        "ship_to.city": (first(_D + "city", _B + "city"), str.upper),
        "ship_to.country": first(_D + "countryalpha2", _B + "countryalpha2", default="FR"),
    }
    line = {
        "sku": ("sku", str.strip, str.upper),
        "product_id": ("sku", str.strip, str.upper, lambda sku: tables["products"].get(sku, "UNMAPPED")),
        "shelf": ("sku", str.strip, str.upper, tables["shelves"].__getitem__),
        "title": ("headline", leaves.collapse),
        "unit_price": ("price.amount", leaves.decimal),
        "list_price": (first("advertpricelisted.amount", "price.amount"), leaves.decimal),
        "currency": first("price.currency", default="EUR"),
        "negotiated": (first("isnego"), leaves.boolean),
    }
    return lambda sale: (glom.glom(sale, order), [glom.glom(item, line) for item in sale["items"]])


_ORDER_IN_JMESPATH = """{
  "order_id": purchaseid,
  "ordered_at": moment(purchasedate),
  "marketplace": 'rakuten-fr',
  "shipping_type": upper(deliveryinformation.shippingtype || 'STANDARD'),
  "buyer.login": lower(strip(deliveryinformation.purchasebuyerlogin)),
  "buyer.email": deliveryinformation.purchasebuyeremail || shipping.purchasebuyeremail,
  "ship_to.name": collapse(join(' ', [
    deliveryinformation.deliveryaddress.civility || '',
    deliveryinformation.deliveryaddress.firstname || deliveryinformation.billingaddress.firstname || '',
    deliveryinformation.deliveryaddress.lastname || deliveryinformation.billingaddress.lastname || ''])),
  "ship_to.street1": collapse(
    deliveryinformation.deliveryaddress.address1 || deliveryinformation.billingaddress.address1),
  "ship_to.street2": deliveryinformation.deliveryaddress.address2,
  "ship_to.postcode": deliveryinformation.deliveryaddress.zipcode || deliveryinformation.billingaddress.zipcode,
  "ship_to.city": upper(deliveryinformation.deliveryaddress.city || deliveryinformation.billingaddress.city),
  "ship_to.country":
    deliveryinformation.deliveryaddress.countryalpha2 || deliveryinformation.billingaddress.countryalpha2 || 'FR'
}"""
_LINE_IN_JMESPATH = """{
  "sku": upper(strip(sku)),
  "product_id": product(upper(strip(sku))),
  "shelf": shelf(upper(strip(sku))),
  "title": collapse(headline),
  "unit_price": decimal(price.amount),
  "list_price": decimal(advertpricelisted.amount || price.amount),
  "currency": price.currency || 'EUR',
  "negotiated": boolean(isnego)
}"""


def _jmespath(tables: Tables) -> Mapper:
    functions = jmespath.functions.Functions
    given: dict[str, Callable[..., object]] = {**_functions(tables), "upper": str.upper, "lower": str.lower}
    given["strip"] = str.strip

    def method(call: Callable[..., object]) -> Callable[..., object]:
        def applied(_self: object, text: str) -> object:
            return call(text)

        return applied

    signed = {
        f"_func_{name}": jmespath.functions.signature({"types": []})(method(call)) for name, call in given.items()
    }
    options = jmespath.Options(custom_functions=type("Given", (functions,), signed)())
    order, line = jmespath.compile(_ORDER_IN_JMESPATH), jmespath.compile(_LINE_IN_JMESPATH)
    return lambda sale: (
        order.search(sale, options=options),
        [line.search(item, options=options) for item in sale["items"]],
    )


_ORDER_IN_JSONATA = """(
  $d := deliveryinformation.deliveryaddress; $b := deliveryinformation.billingaddress;
  {
    "order_id": purchaseid,
    "ordered_at": $moment(purchasedate),
    "marketplace": "rakuten-fr",
    "shipping_type": $uppercase($exists(deliveryinformation.shippingtype)
      ? deliveryinformation.shippingtype : "STANDARD"),
    "buyer.login": $lowercase($trim(deliveryinformation.purchasebuyerlogin)),
    "buyer.email": $exists(deliveryinformation.purchasebuyeremail)
      ? deliveryinformation.purchasebuyeremail : $exists(shipping.purchasebuyeremail)
      ? shipping.purchasebuyeremail : null,
    "ship_to.name": $trim($join([$d.civility,
      $exists($d.firstname) ? $d.firstname : $b.firstname, $exists($d.lastname) ? $d.lastname : $b.lastname], " ")),
    "ship_to.street1": $trim($exists($d.address1) ? $d.address1 : $b.address1),
    "ship_to.street2": $exists($d.address2) ? $d.address2 : null,
    "ship_to.postcode": $exists($d.zipcode) ? $d.zipcode : $b.zipcode,
    "ship_to.city": $uppercase($exists($d.city) ? $d.city : $b.city),
    "ship_to.country": $exists($d.countryalpha2) ? $d.countryalpha2
      : $exists($b.countryalpha2) ? $b.countryalpha2 : "FR"
  })"""
_LINE_IN_JSONATA = """(
  $sku := $uppercase($trim(sku));
  {
    "sku": $sku,
    "product_id": $product($sku),
    "shelf": $shelf($sku),
    "title": $trim(headline),
    "unit_price": $decimal(price.amount),
    "list_price": $decimal($exists(advertpricelisted.amount) ? advertpricelisted.amount : price.amount),
    "currency": $exists(price.currency) ? price.currency : "EUR",
    "negotiated": $boolean_(isnego)
  })"""


def _jsonata(tables: Tables) -> Mapper:
    order, line = jsonata.Jsonata(_ORDER_IN_JSONATA), jsonata.Jsonata(_LINE_IN_JSONATA)
    for expression in (order, line):
        for name, call in _functions(tables).items():
            expression.register_lambda("boolean_" if name == "boolean" else name, call)
    return lambda sale: (order.evaluate(sale), [line.evaluate(item) for item in sale["items"]])


_ORDER_IN_ZEN = """{
  "order_id": purchaseid,
  "ordered_at": purchasedate,
  "marketplace": "rakuten-fr",
  "shipping_type": upper(deliveryinformation.shippingtype ?? "STANDARD"),
  "buyer.login": lower(trim(deliveryinformation.purchasebuyerlogin)),
  "buyer.email": deliveryinformation.purchasebuyeremail ?? shipping.purchasebuyeremail,
  "ship_to.name": trim((deliveryinformation.deliveryaddress.civility ?? "") + " "
    + (deliveryinformation.deliveryaddress.firstname ?? deliveryinformation.billingaddress.firstname ?? "") + " "
    + (deliveryinformation.deliveryaddress.lastname ?? deliveryinformation.billingaddress.lastname ?? "")),
  "ship_to.street1": trim(deliveryinformation.deliveryaddress.address1 ?? deliveryinformation.billingaddress.address1),
  "ship_to.street2": deliveryinformation.deliveryaddress.address2,
  "ship_to.postcode": deliveryinformation.deliveryaddress.zipcode ?? deliveryinformation.billingaddress.zipcode,
  "ship_to.city": upper(deliveryinformation.deliveryaddress.city ?? deliveryinformation.billingaddress.city),
  "ship_to.country":
    deliveryinformation.deliveryaddress.countryalpha2 ?? deliveryinformation.billingaddress.countryalpha2 ?? "FR"
}"""
_LINE_IN_ZEN = """{
  "sku": upper(trim(sku)),
  "product_id": upper(trim(sku)),
  "shelf": upper(trim(sku)),
  "title": trim(headline),
  "unit_price": price.amount,
  "list_price": advertpricelisted.amount ?? price.amount,
  "currency": price.currency ?? "EUR",
  "negotiated": isnego == "Y"
}"""


def _zen(tables: Tables) -> Mapper:
    """Expressions cannot call Python: what they leave as text is read afterwards."""
    order, line = zen.compile_expression(_ORDER_IN_ZEN), zen.compile_expression(_LINE_IN_ZEN)
    product, shelf = (_functions(tables)[name] for name in ("product", "shelf"))

    def head(sale: dict[str, Any]) -> Fields:
        fields: Fields = order.evaluate(sale)
        fields["ordered_at"] = leaves.moment(fields["ordered_at"])
        return fields

    def below(item: dict[str, Any]) -> Fields:
        fields: Fields = line.evaluate(item)
        fields["product_id"], fields["shelf"] = product(fields["product_id"]), shelf(fields["shelf"])
        fields["unit_price"], fields["list_price"] = map(leaves.decimal, (fields["unit_price"], fields["list_price"]))
        return fields

    return lambda sale: (head(sale), [below(item) for item in sale["items"]])


_ORDER_IN_JINJA = {
    "order_id": "{{ sale.purchaseid }}",
    "ordered_at": "{{ sale.purchasedate | moment }}",
    "marketplace": "rakuten-fr",
    "shipping_type": "{{ (i.shippingtype or 'STANDARD') | upper }}",
    "buyer.login": "{{ i.purchasebuyerlogin | trim | lower }}",
    "buyer.email": "{{ i.purchasebuyeremail or (sale.shipping or {}).purchasebuyeremail or none }}",
    "ship_to.name": "{{ [d.civility or '', d.firstname or b.firstname, d.lastname or b.lastname] "
    "| join(' ') | collapse }}",
    "ship_to.street1": "{{ (d.address1 or b.address1) | collapse }}",
    "ship_to.street2": "{{ d.address2 or none }}",
    "ship_to.postcode": "{{ d.zipcode or b.zipcode }}",
    "ship_to.city": "{{ (d.city or b.city) | upper }}",
    "ship_to.country": "{{ d.countryalpha2 or b.countryalpha2 or 'FR' }}",
}
_LINE_IN_JINJA = {
    "sku": "{{ item.sku | trim | upper }}",
    "product_id": "{{ item.sku | trim | upper | product }}",
    "shelf": "{{ item.sku | trim | upper | shelf }}",
    "title": "{{ item.headline | collapse }}",
    "unit_price": "{{ item.price.amount | decimal }}",
    "list_price": "{{ ((item.advertpricelisted or {}).amount or item.price.amount) | decimal }}",
    "currency": "{{ item.price.currency or 'EUR' }}",
    "negotiated": "{{ item.isnego | boolean }}",
}


def _jinja(tables: Tables) -> Mapper:
    """Native types, as other connectors use it: what looks like a number becomes one."""
    environment = NativeEnvironment(autoescape=False)
    environment.filters.update(_functions(tables))
    order, line = (
        {name: environment.from_string(source) for name, source in sources.items()}
        for sources in (_ORDER_IN_JINJA, _LINE_IN_JINJA)
    )

    def mapped(sale: dict[str, Any]) -> Mapped:
        i = sale["deliveryinformation"]
        d, b = i.get("deliveryaddress", {}), i.get("billingaddress", {})
        head = {name: template.render(sale=sale, i=i, d=d, b=b) for name, template in order.items()}
        return head, [{name: one.render(item=item) for name, one in line.items()} for item in sale["items"]]

    return mapped


def _functions(tables: Tables) -> dict[str, Callable[..., object]]:
    products, shelves = tables["products"], tables["shelves"]
    return {
        "moment": leaves.moment,
        "decimal": leaves.decimal,
        "boolean": leaves.boolean,
        "collapse": leaves.collapse,
        "product": lambda sku: products.get(sku, "UNMAPPED"),
        "shelf": shelves.__getitem__,
    }
