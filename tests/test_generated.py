"""Code generated from order rules: it agrees with the explaining path on everything, and it is honest code."""

import datetime as dt
import linecache
import pickle
import random
import traceback
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_strategies import TABLES, TEMPLATES, TEXTS, rule_sets, rules_of, sales
from rakuten_orders.conditions import compile_condition
from rakuten_orders.engine import Engine
from rakuten_orders.explaining import line_traces
from rakuten_orders.fields import Field
from rakuten_orders.generated import generate
from rakuten_orders.generated_dates import from_iso
from rakuten_orders.mapping import explain_sale, map_sale
from rakuten_orders.model import Item, Sale
from rakuten_orders.paths import resolve
from rakuten_orders.templates import check_template
from rakuten_orders.transforms import TRANSFORMS, TYPES

SKU = {"from": "sku", "then": ["upper"]}
SOUND = Sale("100", (Item("11", "", {"sku": "a-100", "price.amount": "9.90"}),), {"purchasedate": "23/11/2026-09:05"})


shown = repr
"""A result with the types of its values."""


@settings(max_examples=150, deadline=None)
@given(rule_sets, st.lists(sales, min_size=1, max_size=8), st.booleans())
def test_both_paths_agree(rules, various, accepted):
    """Any sale under any valid rules: the same values of the same types, the same problems in the same order."""
    for sale in various:
        explained = explain_sale(rules, sale, accepted=accepted)
        assert shown(map_sale(rules, sale, accepted=accepted)) == shown(explained)


@settings(max_examples=150, deadline=None)
@given(sales, st.booleans())
def test_both_paths_agree_on_the_shipped_rules(sale, accepted):
    """The same under the rules that are shipped."""
    rules = shipped_rules()
    assert shown(map_sale(rules, sale, accepted=accepted)) == shown(explain_sale(rules, sale, accepted=accepted))


def a_field(rng, name):
    """Any field, made without a file: few paths and texts, so that every key comes to act."""
    date_format = rng.choice([None, "%d/%m/%Y-%H:%M", "%d%m%y"])
    given_ = rng.choice(["from", "from", "from", "value", "template"])
    template = check_template(rng.choice(TEMPLATES), ["a", "b"])[0] if given_ == "template" else None
    some = [resolve(path, "lines") for path in ("sku", "headline", "sale.purchasedate", "shipping.x", "billing.sku")]
    return Field(
        name=name,
        level="lines",
        file="rules/order.yaml",
        line=1,
        rule={},
        sources=tuple(rng.sample(some, rng.randint(1, 3))) if given_ == "from" else (),
        constant=rng.choice(TEXTS) if given_ == "value" else None,
        template=template,
        names={key: tuple(rng.sample(some, rng.randint(1, 2))) for key in ("a", "b")} if template else {},
        transforms=tuple(rng.choices(list(TRANSFORMS.values()), k=rng.choice([0, 0, 1, 2]))),
        table=rng.choice([None, None, *TABLES.values()]),
        keep=rng.random() < 0.5,
        default=rng.choice([None, None, "", " ", "one", "5"]),
        read=TYPES[rng.choice(["text", "text", "text", *TYPES])](date_format, rng.choice([None, "UTC"])),
        required=rng.random() < 0.3,
        when=None if rng.random() < 0.7 else compile_condition(rng.choice(CONDITIONS)),
    )


CONDITIONS = [
    {"sku": {"is_empty": "true"}, "headline": {"is_not_empty": "true"}},
    {"not": {"any": [{"sku": {"equals_any_of": ["one", ""]}}, {"sale.purchasedate": {"is_not_empty": "true"}}]}},
    {"any": [{"headline": {"matches": ".*o.*", "is_not_empty": "true"}}, {"billing.sku": {"is_less_than": "5"}}]},
]


def some_texts(rng, *paths):
    return {path: rng.choice(["", " ", "\t"]) + rng.choice(TEXTS) for path in paths if rng.random() < 0.7}


@pytest.mark.parametrize("seed", range(8))
def test_the_code_of_a_field_does_what_its_keys_say(seed):
    """Any one or three fields, on any texts: the values that explaining finds, and handed over only what fails."""
    rng = random.Random(seed)
    for _ in range(400):
        fields = [a_field(rng, name) for name in ("f", "g.h", "class")[: rng.choice([1, 3])]]
        code = generate((), fields)
        for _ in range(6):
            item, billing = some_texts(rng, "sku", "headline"), some_texts(rng, "sku")
            sale = Sale(
                "1", (Item("11", "", item),), some_texts(rng, "purchasedate"), some_texts(rng, "x"), {"11": billing}
            )
            accepted = rng.random() < 0.7
            traces = line_traces(fields, sale, sale.items[0], accepted)
            try:
                made = repr(code.line(item, sale.fields, sale.shipping, billing, accepted))
            except ValueError:
                made = "handed over"
            wrong = any(trace.problem for trace in traces)
            assert made == ("handed over" if wrong else repr({trace.field: trace.value for trace in traces})), (
                code.source
            )


@cache
def shipped_rules():
    return Engine.load()._ruleset.order


def generated_alone(rules, sale=SOUND):
    """What the generated code gives by itself; raises where it hands over."""
    generated = rules.generated
    order = generated.order(sale.fields, sale.shipping, True)
    return order, generated.line(sale.items[0].fields, sale.fields, sale.shipping, {}, True)


def test_usual_sales_need_no_explaining():
    """Every key of the language that a usual sale meets is the generated code's own work."""
    rules = rules_of(
        order={
            "at": {"from": "purchasedate", "type": "datetime", "required": "true"},
            "day": {"from": "purchasedate", "type": "date", "format": "%d/%m/%Y-%H:%M"},
            "name": {"template": "{{ a }} % {{ b }}", "with": {"a": "purchaseid", "b": "purchasedate"}},
            "none": {"from": "purchaseid", "type": "integer", "default": "7"},
            "when": {"value": "x", "when": {"purchasedate": {"is_not_empty": "true"}}},
        },
        lines={
            "id": {**SKU, "table": "products", "required": "true"},
            "kept": {**SKU, "table": "numbers", "otherwise": "keep"},
            "price": {"from": ["advertpricelisted.amount", "price.amount"], "type": "decimal"},
            "flag": {"from": "isnego", "type": "boolean", "default": "N"},
            "first": {"from": ["headline", "sku"], "then": ["upper", "collapse_spaces"]},
        },
    )
    order, line = generated_alone(rules)
    assert order["at"].isoformat() == "2026-11-23T09:05:00+01:00"
    assert order["at"].tzinfo is rules.order[0].read.zone
    assert (order["day"], order["name"]) == (dt.date(2026, 11, 23), "% 23/11/2026-09:05")
    assert (order["none"], order["when"]) == (7, "x")
    assert line == {"id": "4712", "kept": "A-100", "price": Decimal("9.90"), "flag": False, "first": "A-100"}


def test_what_is_unusual_is_handed_over():
    """A missing required value, a table's miss and an unreadable text are not the generated code's to tell."""
    for field in (
        {"from": "purchaseid", "required": "true"},
        {"from": "purchasedate", "table": "numbers"},
        {"from": "purchasedate", "type": "decimal"},
        {"from": "purchasedate", "type": "datetime", "format": "%Y-%m-%d"},
        {"value": "x", "then": ["upper"], "type": "integer"},
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - any of them is what is meant
            generated_alone(rules_of(order={"f": field}))


def test_a_text_that_several_fields_begin_with_is_read_once():
    """What fields have in common is worked out once; within a condition's branch it is nobody else's."""
    source = rules_of(
        lines={"a": SKU, "b": {**SKU, "table": "products"}, "c": {**SKU, "default": "x"}}
    ).generated.source
    assert source.count(".get('sku'") == source.count(".upper()") == 1
    apart = {"when": {"headline": {"is_not_empty": "true"}}, **SKU}
    rules = rules_of(lines={"a": apart, "b": apart, "c": SKU, "d": SKU})
    assert generated_alone(rules)[1] == {"a": None, "b": None, "c": "A-100", "d": "A-100"}


def test_nothing_of_a_rule_is_pasted_into_code():
    """Quotes, line ends, braces and code in a rule's texts are texts."""
    nasty = "'''\n\"\"\"+{x}%s\\'); raise SystemExit #"
    rule = {"template": f"{nasty}{{{{ a }}}}", "with": {"a": "purchaseid"}, "unlisted": "true"}
    rules = rules_of(
        order={
            "a": {"value": nasty},
            "b": {"from": nasty, "unlisted": "true", "default": nasty},
            "c": rule,
            "d": {"value": nasty, "when": {"purchaseid": {"not_equals_any_of": nasty}}},
        }
    )
    order, _line = generated_alone(rules)
    assert order == {"a": nasty, "b": nasty, "c": nasty, "d": nasty}


def test_deep_conditions_and_long_chains_are_no_limit():
    """What would be too deep for one expression of Python works the same."""
    deep = {"purchasedate": {"is_empty": "true"}}
    for _ in range(13):
        deep = {"not": deep}
    rule = {"from": "purchasedate", "when": deep, "then": ["remove_accents", "upper", "digits"] * 100}
    rules = rules_of(order={"f": rule})
    assert generated_alone(rules)[0] == {"f": "231120260905"}
    assert map_sale(rules, SOUND) == explain_sale(rules, SOUND)


def test_the_source_can_be_read():
    """A traceback through generated code shows its line; the names and the places are those of the rule file."""
    rules = rules_of(order={"ship_to.name": {"from": "purchaseid", "required": "true"}})
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the line is what counts
        generated_alone(rules)
    shown_lines = "".join(traceback.format_exception(caught.value))
    assert "generated from rules/order.yaml" in shown_lines
    assert "raise Unusual" in shown_lines
    assert "# ship_to.name: rules/order.yaml:4" in rules.generated.source
    assert any(rules.generated.source == "".join(entry[2]) for entry in linecache.cache.values() if len(entry) == 4)


def test_threads_may_share_rules_that_nobody_used_yet():
    """Many threads that are the first to map at once give the same; a pickled engine does too."""
    engine = Engine.load()
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: next(engine.map(SOUND)), range(64)))
    assert set(map(shown, results)) == {shown(next(pickle.loads(pickle.dumps(engine)).map(SOUND)))}


@pytest.mark.parametrize("word", sorted(TRANSFORMS))
def test_what_the_code_takes_for_granted_of_transforms(word):
    """Nothing stays nothing; no capital or small letter has a blank at its ends where the letter has none."""
    transform = TRANSFORMS[word]
    assert transform("") == ""
    if word == "remove_accents":
        return
    for code in range(0x110000):
        text = chr(code)
        if not text.isspace() or word not in ("upper", "lower"):
            assert transform(text) == transform(text).strip()


# ---- dates ----

FORMATS = ["%d/%m/%Y-%H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%d%m%y", "%H.%M, %y:%m:%d", "%d%%%m %Y", "%S%M%d%m%Y"]
FORMATS += ["%d-%m-%Y %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%m(%d)%Y%H", "%d1%m%Y"]
moments = st.datetimes().filter(lambda moment: moment.year >= 1000)
near_dates = st.text(st.sampled_from("0123456789/-:. ,%()+ZT\u0663"), max_size=20)


def value_or_refusal(read, text):
    try:
        return repr(read(text))
    except ValueError:
        return "refused"


@settings(max_examples=1000)
@given(st.sampled_from(FORMATS), st.sampled_from(["date", "datetime"]), moments, st.data())
def test_dates_are_read_as_strptime_reads_them(date_format, type_, moment, data):
    """A date as it is written, or changed in a place: the value or the refusal is the same."""
    rules = rules_of(order={"f": {"from": "purchasedate", "type": type_, "format": date_format}})
    text = moment.strftime(date_format.replace("%Y", f"{moment.year:04}"))
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(near_dates) + text[place + data.draw(st.integers(0, 2)) :]
    sale = Sale("1", SOUND.items, {"purchasedate": text})
    assert shown(map_sale(rules, sale)) == shown(explain_sale(rules, sale))
    iso = from_iso(rules.order[0].read, "text")
    if iso is not None and iso.form(text):
        reader = eval(f"lambda text: {iso.code}", {"day": dt.date.fromisoformat, "moment": dt.datetime.fromisoformat})
        expected = value_or_refusal(rules.order[0].read, text)
        assert value_or_refusal(lambda text: with_zone(reader(text), rules.order[0].read), text) == expected


def with_zone(value, reader):
    return value.replace(tzinfo=reader.zone) if hasattr(reader, "zone") else value


def test_rakutens_form_needs_no_strptime():
    """The form that every sale has is one that code is generated for, and so is a plain date."""
    assert from_iso(TYPES["datetime"](None, None), "x").code == "moment(f'{x[6:10]}-{x[3:5]}-{x[0:2]}T{x[11:16]}')"
    assert from_iso(TYPES["date"]("%Y-%m-%d", None), "x").code == "day(f'{x[0:10]}')"
    assert from_iso(TYPES["date"]("%d/%m/%Y%z", None), "x") is None
