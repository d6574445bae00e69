"""Order rules and sales for tests: any that are valid, with every key of the language."""

import json

from hypothesis import strategies as st

from rakuten_orders.model import Item, Sale
from rakuten_orders.order_rules import read_order_rules
from rakuten_orders.paths import known_paths, spellings
from rakuten_orders.rulefiles import read_document
from rakuten_orders.shape import check_shape
from rakuten_orders.tables import Table
from rakuten_orders.transforms import TRANSFORMS, TYPES

TABLES = {
    "products": Table("products", {"0017": "4711", "A-100": "4712", "free": "", "ab": "x"}),
    "numbers": Table("numbers", {"one": "1", "many": "viele", "x": " "}),
    "odd": Table("odd", {"": "1", "one": "1", "ONE": "31/12/2026-23:59"}),
}


def rules_of(order=None, lines=None):
    """Compiled rules, from fields as Python data."""
    data = {"kind": "order", "order": order or {"order_id": "purchaseid"}, "lines": lines or {"sku": "sku"}}
    document, findings = read_document("rules/order.yaml", json.dumps(data, indent=1, ensure_ascii=False).encode())
    assert document is not None
    findings += check_shape(document, "order")[1]
    assert [found for found in findings if found.severity == "error"] == []
    rules, findings = read_order_rules(document, TABLES)
    assert rules is not None, findings
    return rules


# Few, so that rules and sales meet.
COMMON = {
    "sale": ("purchasedate", "deliveryinformation.shippingtype", "deliveryinformation.purchasebuyeremail"),
    "item": ("sku", "advertid", "price.amount"),
    "shipping": ("purchaseshippingcostprice.amount",),
    "billing": ("sku", "paymentamount.amount"),
}
WRITTEN = {
    "order": (*COMMON["sale"], "shipping.purchaseshippingcostprice.amount"),
    "lines": (*COMMON["item"], "billing.sku", "sale.purchasedate", "shipping.purchaseshippingcostprice.amount"),
}
TEXTS = (
    *(
        "0017",
        "one",
        "many",
        "9.90",
        "-5",
        "Y",
        "non",
        "1e3",
        "a-100",
        "É",
        "\u0301 \u0301",
        "\u0301x",
        ";a;",
        "a b\tc",
        "%",
    ),
    *("23/11/2026-09:05", "31/02/2026-09:05", "2026-11-23", "231126", "1/2/2026-9:05", "x"),
)
texts = st.builds(
    "{}{}{}".format, st.sampled_from(["", "", " "]), st.sampled_from(TEXTS), st.sampled_from(["", "", "\t"])
)
texts |= texts | texts | st.text(st.characters(), max_size=12) | st.sampled_from([" ", ""])

READABLE = {
    "text": ["x", "", "é 'œ'", "0017", " ", "a\\"],
    "integer": ["-5", "0017", ""],
    "decimal": ["9.90", ""],
    "boolean": ["Y", "non"],
    "date": ["2026-11-23", "23/11/2026-09:05"],
    "datetime": ["23/11/2026-09:05"],
}
WRITTEN_AS = {
    "%d/%m/%Y-%H:%M": "23/11/2026-09:05",
    "%Y-%m-%d": "2026-11-23",
    "%d%m%y": "231126",
    "%d/%m/%Y-%H:%M%z": "23/11/2026-09:05+0200",
}
TEMPLATES = (
    "{{ a }}-{{ b }}",
    "{{ a }} {{ b }}",
    "100 % {{ a }}\n'{{ b }}'{{ a }}",
    "{{ b | upper }}{{ a | default('z') }}",
    "{% if a == 'one' %}{{ b | upper }}{% endif %}{{ a }}",
)


def paths(level):
    return st.sampled_from(WRITTEN[level] * 20 + spellings(level))


def tests(level):
    """Conditions, one within another."""
    one = st.sampled_from(
        [
            *({"is_empty": "true"}, {"is_not_empty": "true"}, {"equals_any_of": ["Y", ""]}, {"is_less_than": "5"}),
            *({"is_before": "2026-11-23"}, {"is_not_empty": "true", "not_equals_any_of": "one"}, {"matches": ".*o.*"}),
        ]
    )
    flat = st.dictionaries(paths(level), one, min_size=1, max_size=2)
    return st.recursive(
        flat,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"not": inner}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
        ),
        max_leaves=4,
    )


@st.composite
def a_field(draw, level):
    """A rule that is valid: what stands in it as text is readable as its type."""
    one_or_more = paths(level) | st.lists(paths(level), min_size=1, max_size=3)
    type_ = draw(st.just("text") | st.sampled_from(sorted(TYPES)))
    typed = {"type": type_}
    readable = READABLE[type_]
    if type_ in ("date", "datetime") and draw(st.booleans()):
        typed["format"] = draw(st.sampled_from(sorted(WRITTEN_AS)))
        readable = [WRITTEN_AS[typed["format"]]]
    if type_ == "datetime" and draw(st.booleans()):
        typed["timezone"] = draw(st.sampled_from(["Europe/Paris", "UTC", "Indian/Reunion"]))
    source = draw(
        st.one_of(
            st.fixed_dictionaries({"from": one_or_more}),
            st.fixed_dictionaries({"from": st.lists(paths(level), min_size=2, max_size=3)}),
            st.fixed_dictionaries({"value": st.sampled_from(readable)}),
            st.fixed_dictionaries(
                {
                    "template": st.sampled_from(TEMPLATES),
                    "with": st.fixed_dictionaries({"a": one_or_more, "b": one_or_more}),
                }
            ),
        )
    )
    options = {
        "then": st.lists(st.sampled_from(sorted(TRANSFORMS)), min_size=1, max_size=3),
        "table": st.sampled_from(sorted(TABLES)),
        "default": st.sampled_from(readable),
        "required": st.sampled_from(["true", "false"]),
        "when": tests(level),
        "unlisted": st.sampled_from(["true", "false"]),
    }
    keys = draw(st.sets(st.sampled_from(sorted(options)), max_size=3))
    chosen = {key: draw(options[key]) for key in sorted(keys)}
    if "table" in chosen and draw(st.booleans()):
        chosen["otherwise"] = "keep"
    return {**source, **typed, **chosen}


NAMES = ["a", "b.c", "b.d", "e.f.g", "h", "b_c", "sale", "class", "moment", "__debug__", "h_text", "b_c_"]


def fields(level, most):
    return st.dictionaries(st.sampled_from(NAMES), paths(level) | a_field(level), min_size=1, max_size=most)


rule_sets = st.builds(rules_of, fields("order", 6), fields("lines", 6))


def parts(scope):
    """Texts by path, and some by what is no path."""
    listed = st.sampled_from([known.path for known in known_paths().values() if known.scope == scope])
    usual = st.fixed_dictionaries({}, optional=dict.fromkeys(COMMON[scope], texts))
    return usual | usual | st.dictionaries(listed | st.text(), texts, max_size=12)


items = st.builds(Item, st.sampled_from(["", " ", "11", "12", "13"]), texts, parts("item"))
sound_items = st.builds(Item, st.sampled_from(["11", "12", "13"]), texts, parts("item"))
sales = st.builds(
    Sale,
    st.sampled_from(["100", "TEST-1"]) | st.sampled_from(["", "100"]),
    st.lists(sound_items, min_size=1, max_size=3).map(tuple) | st.lists(items, max_size=4).map(tuple),
    parts("sale"),
    parts("shipping"),
    st.dictionaries(st.sampled_from(["11", "12"]), parts("billing"), max_size=2),
)
