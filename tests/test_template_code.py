"""Templates as Python functions: Jinja is the definition, for every template of the language and any values."""

from __future__ import annotations

import linecache
import traceback
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rakuten_orders.template_code import code_of, compiled
from rakuten_orders.templates import FILTERS, check_template, parse_checked

NAMES = ("a", "b", "country", "class", "values", "put", "text", "render", "v1", "été")


def environment(*, encode: bool) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=(lambda value: quote(str(value), safe="")) if encode else str,
    )
    made.filters = dict(FILTERS)
    return made


ENVIRONMENTS = {encode: environment(encode=encode) for encode in (False, True)}


def by_jinja(source: str, values: dict[str, str], *, encode: bool) -> str:
    """What Jinja makes of a template: missing values are empty, each is encoded where it stands."""
    return ENVIRONMENTS[encode].from_string(source).render({name: values.get(name, "") for name in NAMES})


TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'\"\\{}%\n\r\t \u2028é日/"), max_size=8)
LITERAL = TEXT.filter(lambda text: not set("{}%#") & set(text))
CONSTANT = TEXT.map(lambda text: repr(text) if text.isprintable() else "'x'")
NAME = st.sampled_from(NAMES)
FILTER = st.sampled_from(["lower", "upper", "digits", "no_spaces"]) | CONSTANT.map("default({})".format)
OUTPUT = st.tuples(NAME, st.lists(FILTER, max_size=2)).map(lambda made: "{{ " + " | ".join((made[0], *made[1])) + " }}")
TEST = st.recursive(
    NAME
    | st.tuples(NAME, st.sampled_from(["==", "!="]), CONSTANT).map(" ".join)
    | st.tuples(NAME, st.sampled_from(["in", "not in"]), st.lists(CONSTANT, max_size=3)).map(
        lambda made: f"{made[0]} {made[1]} [{', '.join(made[2])}]"
    )
    | st.tuples(NAME, CONSTANT).map(lambda made: f"{made[0]} in ({made[1]},)"),
    lambda inner: (
        inner.map("not {}".format)
        | inner.map("({})".format)
        | st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join)
    ),
    max_leaves=4,
)
SOURCE = st.recursive(
    st.lists(LITERAL | OUTPUT, max_size=4).map("".join),
    lambda inner: st.tuples(TEST, inner, st.lists(st.tuples(TEST, inner), max_size=2), st.none() | inner, inner).map(
        lambda made: (
            f"{{% if {made[0]} %}}{made[1]}"
            + "".join(f"{{% elif {test} %}}{body}" for test, body in made[2])
            + (f"{{% else %}}{made[3]}" if made[3] is not None else "")
            + f"{{% endif %}}{made[4]}"
        )
    ),
    max_leaves=5,
)
VALUES = st.dictionaries(NAME, TEXT)


@settings(max_examples=300, deadline=None)
@given(SOURCE, VALUES, st.booleans())
@example("{{ été }}{{ class }}", {"été": "3", "class": "4"}, True)
@example("\n{% if a in [] %}{% elif b not in () %}\r\n{% else %}x{% endif %}\n", {}, False)
def test_the_function_says_what_jinja_says(source: str, values: dict[str, str], encode: bool) -> None:
    """Whatever the template and whatever the values."""
    template, _faults = check_template(source, NAMES)
    if template is not None:
        assert template.render(values, encode=encode) == by_jinja(source, values, encode=encode)


@settings(max_examples=100, deadline=None)
@given(SOURCE)
def test_nearly_every_template_made_here_is_in_the_language(source: str) -> None:
    """Else the comparison would compare nothing: only bounds may refuse one."""
    assert {fault.variant for fault in check_template(source, NAMES)[1]} <= {"long", "complex"}


def test_names_that_python_takes_for_one_are_two() -> None:
    """A ligature and its letters: Python's names, and so Jinja's, would be the same."""
    template, _faults = check_template("{{ ﬁ }}{{ fi }}", ("ﬁ", "fi"))
    assert template is not None
    assert template.render({"ﬁ": "1", "fi": "2"}, encode=False) == "12"


def test_nothing_of_a_template_is_pasted() -> None:
    """Quotes, backslashes and names that Python has a use for come in as what they are."""
    source = "'\"\"\" + put\\{{ class }}{% if put == '\\'); import os #' %}{{ values }}{% endif %}"
    assert code_of(parse_checked(source).body).splitlines() == [
        "def render(values, put):",
        "    v_class = values.get('class') or ''",
        "    v_put = values.get('put') or ''",
        "    v_values = values.get('values') or ''",
        "    text = ''",
        "    text += '\\'\"\"\" + put\\\\' + put(v_class)",
        '    if (v_put == "\'); import os #"):',
        "        text += put(v_values)",
        "    return text",
    ]


@pytest.mark.parametrize("source", ["{{ a.b }}", "{{ a + b }}", "{% for x in a %}{% endfor %}", "{{ a if b }}"])
def test_what_is_not_in_the_language_is_not_compiled(source: str) -> None:
    """Not even where nobody has checked it."""
    with pytest.raises(TypeError, match="not in the language"):
        compiled(source, parse_checked(source).body, FILTERS)


def test_the_deepest_template_compiles() -> None:
    """The language's bounds keep within Python's."""
    source = "{%if a%}" * 49 + "x" + "{%endif%}" * 49
    template, faults = check_template(source, NAMES)
    assert template is not None, faults
    assert template.render({"a": "1"}, encode=True) == "x"
    deep = "{% if " + "not " * 90 + "a %}x{% endif %}"
    template, faults = check_template(deep, NAMES)
    assert template is not None, faults
    assert template.render({}, encode=True) == by_jinja(deep, {}, encode=True)


def test_a_traceback_shows_the_line() -> None:
    """The source is where debuggers look for it."""
    template, _faults = check_template("https://x.example/{{ country }}", NAMES)
    assert template is not None
    with pytest.raises(UnicodeEncodeError) as raised:
        template.render({"country": "\ud800"}, encode=True)
    lines = [frame.line for frame in traceback.extract_tb(raised.tb)]
    assert "return 'https://x.example/' + put(v_country)" in lines
    assert any("x.example" in file for file in linecache.cache)
