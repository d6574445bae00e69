"""``when``: the fourteen tests, their groups, and what is wrong with a condition when it is loaded."""

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.conditions import OPERATORS, compile_condition
from rakuten_orders.formats import clean_number
from rakuten_orders.meaning import field_condition_findings, path_condition_findings
from rakuten_orders.names import fold
from rakuten_orders.rulefiles import read_document
from rakuten_orders.shape import check_shape
from rakuten_orders.transporters import FIELDS


def holds(when, values, **normalised):
    condition = compile_condition(yaml.load(when, Loader=yaml.BaseLoader), normalised=normalised)
    return condition(values.get)


CASES = [
    ("equals_any_of: [Y, Z]", ["Y", "Z"], ["y", "YZ", "", None]),
    ("equals_any_of: Y", ["Y"], ["N", None]),
    ("equals_any_of: ['', N]", ["", None, "N"], ["Y"]),
    ("not_equals_any_of: [INCOMING]", ["OUT", "", None, "incoming"], ["INCOMING"]),
    ("not_equals_any_of: ['', N]", ["Y"], ["", None, "N"]),
    ("contains_any_of: [lot, LOT]", ["un lot", "LOTS"], ["Lot", "", None]),
    ("starts_with: [FR-, BE-]", ["FR-1", "BE-"], ["XFR-", "fr-1", "", None]),
    ("ends_with: [-L, -XL]", ["A-L", "A-XL"], ["A-l", "A-L ", "", None]),
    ("matches: '[0-9]{2,3}|x'", ["12", "123", "x"], ["1", "1234", "xx", "12\n", "", None]),
    ("matches: [a, 'b.*']", ["a", "b", "b\nc"], ["ab", None]),
    ("matches: '.*'", ["a\nb", "a" * 1000], ["a" * 1001, None]),
    ("is_empty: true", ["", None], ["a", "0"]),
    ("is_not_empty: true", ["a", "0"], ["", None]),
    ("is_less_than: '10'", ["9.99", "-1", "09"], ["10", "10.00", "11", "", None, "neuf", "9,99", "1e0", "٩"]),
    ("is_less_or_equal_to: 10", ["10.00", "9"], ["10.01", None, "x"]),
    ("is_greater_than: 200", ["200.01", "1000"], ["200", "200.00", "30", None, "x"]),
    ("is_greater_or_equal_to: '200.0'", ["200", "201"], ["199.999", None, "x"]),
    ("is_less_than: [5, 10]", ["7"], ["10"]),
    (
        "is_before: 2026-11-23",
        ["22/11/2026-23:59", "2026-11-22", "2026-11-22T22:59:59Z"],
        ["23/11/2026-00:00", None, "x"],
    ),
    (
        "is_on_or_after: 2026-11-23",
        ["23/11/2026-00:00", "2026-11-22T23:30:00Z", "2027-01-01"],
        ["22/11/2026-23:59", None],
    ),
    ("is_on_or_after: '2026-11-23T14:30'", ["23/11/2026-14:30", "24/11/2026"], ["23/11/2026-14:29", "23/11/2026"]),
    ("is_before: 23/11/2026-14:30", ["23/11/2026-14:29"], ["23/11/2026-14:30"]),
]


@pytest.mark.parametrize(("test", "yes", "no"), CASES, ids=[case[0] for case in CASES])
def test_a_test_holds_for_these_and_not_for_those(test, yes, no):
    """Each of the tests, on values that it holds for, on near misses, on empty and missing values."""
    assert [value for value in yes if not holds(f"f: {{{test}}}", {"f": value})] == []
    assert [value for value in no if holds(f"f: {{{test}}}", {"f": value})] == []


def test_all_fourteen_are_tried_above():
    """No test is left out of the table."""
    assert {case[0].split(":")[0] for case in CASES} == set(OPERATORS)
    assert len(OPERATORS) == 14


def test_several_fields_and_several_tests_all_hold():
    """Everything that stands in one condition has to hold."""
    when = "{a: {starts_with: X, ends_with: Z}, b: {is_not_empty: true}}"
    assert holds(when, {"a": "XYZ", "b": "1"})
    assert not holds(when, {"a": "XY", "b": "1"})
    assert not holds(when, {"a": "YZ", "b": "1"})
    assert not holds(when, {"a": "XYZ"})


def test_groups_nest():
    """any, all and not combine to any depth."""
    when = """
    any:
      - {price: {is_greater_than: '200'}}
      - all:
          - {not: {country: {equals_any_of: [FR, MC]}}}
          - {not: {any: [{type: {equals_any_of: Normal}}, {type: {is_empty: true}}]}}
    """
    assert holds(when, {"price": "201"})
    assert holds(when, {"country": "BE", "type": "Suivi"})
    assert not holds(when, {"country": "BE", "type": "Normal"})
    assert not holds(when, {"country": "BE"})
    assert not holds(when, {"country": "FR", "type": "Suivi", "price": "200"})


def test_a_group_stands_beside_fields():
    """A group is one more thing that has to hold."""
    when = "{a: {equals_any_of: x}, not: {b: {equals_any_of: y}, c: {equals_any_of: z}}}"
    assert holds(when, {"a": "x", "b": "y"})
    assert not holds(when, {"a": "x", "b": "y", "c": "z"})
    assert not holds(when, {"b": "y"})


def test_names_compare_without_case_accents_spaces_and_punctuation():
    """Both sides of a normalised field are put into the form that is compared."""
    when = "t: {equals_any_of: [Colis Privé]}"
    assert all(holds(when, {"t": name}, t=fold) for name in ("COLIS-PRIVE", "colis prive", "Colis Privé."))
    assert not holds(when, {"t": "Colis"}, t=fold)
    assert holds("t: {starts_with: D.P.D}", {"t": "dpd France"}, t=fold)
    assert holds("t: {contains_any_of: [' post ']}", {"t": "PostNL"}, t=fold)
    assert not holds("t: {not_equals_any_of: [dpd]}", {"t": "D P D"}, t=fold)


def test_other_fields_compare_exactly():
    """Without a normaliser, case, accents and spaces count."""
    assert not holds("t: {equals_any_of: [Colis Privé]}", {"t": "colis privé"})
    assert not holds("t: {equals_any_of: [Colis Privé]}", {"t": "Colis Prive"}, other=fold)


def test_numbers_compare_as_cleaned():
    """Spaces, dots, hyphens and case make no difference on either side."""
    assert holds("n: {ends_with: '33 45'}", {"n": "ab-12.33-45"}, n=clean_number)
    assert holds("n: {equals_any_of: [6a 123]}", {"n": "6A123"}, n=clean_number)


def test_patterns_see_the_compared_form_in_any_case():
    """On names and numbers a pattern is tried on the cleaned value, and case does not count."""
    assert holds("t: {matches: 'DHL.*'}", {"t": "D.H.L. Express"}, t=fold)
    assert holds("n: {matches: '[a-z]{2}[0-9]+'}", {"n": "ab 12"}, n=clean_number)
    assert not holds("t: {matches: 'DHL.*'}", {"t": "dhl"})


def test_a_value_of_which_nothing_is_left_is_missing():
    """A name of punctuation alone is no name."""
    assert holds("t: {is_empty: true}", {"t": "--"}, t=fold)
    assert not holds("t: {matches: '.*'}", {"t": "--"}, t=fold)


texts = st.none() | st.text("aB1.-é ", max_size=6) | st.sampled_from(["10", "9.5", "2026-11-23", "23/11/2026-14:30"])
values = st.text("aB1.-é ", min_size=1, max_size=3)
tests = st.one_of(
    st.tuples(st.sampled_from([w for w, o in OPERATORS.items() if o.takes == "texts"]), st.lists(values, min_size=1)),
    st.tuples(
        st.sampled_from([w for w, o in OPERATORS.items() if o.takes == "number"]), st.sampled_from(["10", "-1.5"])
    ),
    st.tuples(st.sampled_from([w for w, o in OPERATORS.items() if o.takes == "date"]), st.just("2026-11-23")),
    st.tuples(st.sampled_from(["is_empty", "is_not_empty"]), st.just("true")),
    st.tuples(st.just("matches"), st.sampled_from(["[a-z]*", ".", "[0-9.]+|B"])),
)
fields = st.dictionaries(st.sampled_from("fgh"), tests.map(lambda pair: dict((pair,))), min_size=1)
conditions = st.recursive(
    fields,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
lookups = st.fixed_dictionaries(dict.fromkeys("fgh", texts))


@given(conditions, lookups)
def test_not_is_the_complement(when, found):
    """What holds does not hold under ``not``, and the other way round, missing values included."""
    assert compile_condition({"not": when})(found.get) is not compile_condition(when)(found.get)


@given(st.lists(conditions, min_size=1, max_size=4), lookups)
def test_any_and_all_are_pythons(whens, found):
    """The groups agree with any() and all() over their conditions."""
    each = [compile_condition(when)(found.get) for when in whens]
    assert compile_condition({"any": whens})(found.get) is any(each)
    assert compile_condition({"all": whens})(found.get) is all(each)


@given(fields, lookups)
def test_fields_of_one_condition_all_hold(when, found):
    """A condition over several fields is the ``all`` of one condition a field."""
    each = [compile_condition({name: one})(found.get) for name, one in when.items()]
    assert compile_condition(when)(found.get) is all(each)


@given(values, st.text(max_size=8))
def test_equals_and_not_equals_are_complements(value, found):
    """For every value, missing ones too, exactly one of the two holds."""
    for text in (found, None):
        outcomes = [compile_condition({"f": {word: [value]}})({"f": text}.get) for word in list(OPERATORS)[:2]]
        assert sorted(outcomes) == [False, True]


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6),
    st.integers(-100, 100),
)
def test_comparisons_are_those_of_numbers(found, limit):
    """The four comparisons agree with Python's on any two numbers."""
    words = ("is_less_than", "is_less_or_equal_to", "is_greater_than", "is_greater_or_equal_to")
    expected = [found < limit, found <= limit, found > limit, found >= limit]
    assert [holds(f"f: {{{word}: '{limit}'}}", {"f": f"{found:f}"}) for word in words] == expected


def findings(when, fields=None):
    """The findings about a ``when`` of an acceptance rule, or with ``fields`` of a transporter rule: code and place.

    The place is what stands there, to the next comma or bracket.
    """
    text = f"when: {when}"
    document, found = read_document("rules.yaml", text.encode())
    assert document is not None, found
    if fields is None:
        found = path_condition_findings(document, ("when",), document.data["when"], "acceptance")
    else:
        found = field_condition_findings(document, ("when",), document.data["when"], fields)
    return [(one.code, re.match(r"'[^']*'|[^,:\]}]*", text[one.column - 1 :])[0]) for one in found]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{item.isnego: {equals_any_of: [Y]}}", []),
        ("{item.isnegos: {equals_any_of: [Y]}}", [("unknown-path", "item.isnegos")]),
        (
            "{any: [{purchaseid: {is_empty: true}}, {not: {item.x.y: {is_empty: true}}}]}",
            [("unknown-path", "item.x.y")],
        ),
        ("{purchaseid: {is_less_than: '1,5'}}", [("wrong-value", "'1,5'")]),
        ("{purchaseid: {is_greater_than: [1, 2, 1e3]}}", [("wrong-value", "1e3")]),
        ("{purchasedate: {is_before: 23.11.2026}}", [("wrong-value", "23.11.2026")]),
        ("{purchasedate: {is_on_or_after: 2026-02-30}}", [("wrong-value", "2026-02-30")]),
        ("{purchaseid: {matches: '['}}", [("bad-pattern", "'['")]),
        ("{purchaseid: {matches: [a, '(a+)+']}}", [("bad-pattern", "'(a+)+'")]),
        ("{purchaseid: {matches: 'a b-c.'}}", []),
        ("{purchaseid: {starts_with: [A, '']}}", [("wrong-value", "''")]),
        ("{purchaseid: {equals_any_of: ['', A]}}", []),
    ],
)
def test_a_wrong_condition_on_paths_is_found(when, expected):
    """Unknown paths, values that cannot be compared, patterns that cannot be tried: each at its place."""
    assert findings(when) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{transporter: {equals_any_of: [DHL]}, connection: {equals_any_of: [main]}}", []),
        ("{transportr: {equals_any_of: [DHL]}}", [("unknown-key", "transportr")]),
        ("{weight: {is_less_than: x}}", [("unknown-key", "weight"), ("wrong-value", "x")]),
        ("{transporter: {equals_any_of: ['--']}}", [("wrong-value", "'--'")]),
        ("{tracking_number: {ends_with: '- -'}}", [("wrong-value", "'- -'")]),
        ("{postcode: {starts_with: '-'}}", []),
        ("{tracking_number: {matches: '[0-9]{2} [0-9]{3}'}}", [("bad-pattern", "'[0-9]{2} [0-9]{3}'")]),
        ("{tracking_number: {matches: 'ab[0-9]{3}'}}", []),
        ("{transporter: {matches: 'Colis privé'}}", [("bad-pattern", "'Colis privé'")]),
        ("{transporter: {matches: 'DHL.*'}}", []),
        ("{postcode: {matches: '2A .*'}}", []),
    ],
)
def test_a_wrong_condition_on_fields_is_found(when, expected):
    """Names and numbers lose what is not compared: a value or pattern that wants it back is an error."""
    assert findings(when, FIELDS) == expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("a b", "demands a space, which is taken out"), ("[", "not a regular expression"), ("(a+)+", "for ever")],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern, said):
    """What is never there, what is no pattern, and what might take for ever are told apart."""
    document, _found = read_document("rules.yaml", f"when: {{transporter: {{matches: '{pattern}'}}}}".encode())
    (found,) = field_condition_findings(document, ("when",), document.data["when"], FIELDS)
    assert said in found.message


@given(conditions)
def test_conditions_that_the_tests_make_are_well_formed(when):
    """The conditions of the properties above have the shape that rule files may have."""
    rule = {"kind": "acceptance", "ships_from": "FR", "hold": [{"when": when, "because": "x"}]}
    document, _found = read_document("acceptance.yaml", json.dumps(rule, ensure_ascii=False).encode())
    assert document is not None
    assert [found for found in check_shape(document, "acceptance")[1] if found.severity == "error"] == []
