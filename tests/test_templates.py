"""The template language: what it knows, that nothing else is ever compiled, and where each fault stands."""

from __future__ import annotations

import threading
import time

import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rakuten_orders import templates
from rakuten_orders.templates import FILTERS, MAX_NODES, MAX_SOURCE, Template, check_template

NAMES = ("a", "b", "country", "postcode")


def faults(source: str) -> list[tuple[str, str, str]]:
    """Code, variant, and what stands in the source where the fault is."""
    template, found = check_template(source, NAMES)
    assert (template is None) == bool(found)
    return [(fault.code, fault.variant, source[fault.offset :][:6]) for fault in found]


def template(source: str) -> Template:
    made, found = check_template(source, NAMES)
    assert made is not None, found
    return made


def render(source: str, encode: bool = False, **values: str) -> str:
    return template(source).render(values, encode=encode)


class TestLanguage:
    """Text, variables, filters, and if."""

    @pytest.mark.parametrize(
        ("source", "values", "text"),
        [
            ("x", {}, "x"),
            ("{{ a }}-{{b}}", {"a": "1", "b": "2"}, "1-2"),
            ("{{ a }}\n", {"a": "1"}, "1\n"),
            ("{{ a | upper }}{{ b|lower }}", {"a": "é", "b": "Ä"}, "Éä"),
            ("{{ a | digits }}", {"a": "B-1012 AB٣"}, "1012"),
            ("{{ a | no_spaces }}", {"a": " 1012\u00a0A B"}, "1012AB"),
            ('{{ a | default("x") }}', {}, "x"),
            ('{{ a | default("") | upper }}', {"a": "y"}, "Y"),
            ('{{ a | digits | default("0") }}', {"a": "none"}, "0"),
            ("{% if a %}1{% endif %}", {"a": ""}, ""),
            ("{% if a %}1{% elif b %}2{% else %}3{% endif %}", {"b": "x"}, "2"),
            ("{% if not a %}1{% endif %}", {}, "1"),
            ('{% if a == "x" or a == "y" %}1{% endif %}', {"a": "y"}, "1"),
            ('{% if a != "x" and not (b and a) %}1{% endif %}', {"a": "y"}, "1"),
            ('{% if a in ["x", "y"] %}1{% endif %}{% if a not in ("x",) %}2{% endif %}', {"a": "y"}, "12"),
            ("a & b < c", {}, "a & b < c"),
        ],
    )
    def test_what_comes_out(self, source: str, values: dict[str, str], text: str) -> None:
        """A missing value is the empty text."""
        assert render(source, **values) == text

    def test_values_are_encoded_where_they_go(self) -> None:
        """Every character of a value that means something in a URL, ``/`` and ``%`` included; literal text is not."""
        assert (
            render("/x?n={{ a }}&m=%20", encode=True, a="a/b?c=d&e#f é%日")
            == "/x?n=a%2Fb%3Fc%3Dd%26e%23f%20%C3%A9%25%E6%97%A5&m=%20"
        )
        assert render('{{ a | default("/") }}', encode=True) == "%2F"

    def test_values_are_never_templates(self) -> None:
        """What looks like one comes out as it is."""
        assert render("{{ a }}", a="{{ b }}{% if %}") == "{{ b }}{% if %}"

    def test_nothing_of_jinja_is_left(self) -> None:
        """No globals, no tests, and only the filters of the language."""
        environment = templates._ENVIRONMENT
        assert (environment.globals, environment.tests) == ({}, {})
        assert environment.filters == dict(FILTERS)


class TestNeeds:
    """What a template needs is read from it."""

    @pytest.mark.parametrize(
        ("source", "required", "optional"),
        [
            ("x", "", ""),
            ("{{ a }}{{ b }}", "ab", ""),
            ("{{ a }}{% if b %}{{ b }}{% endif %}", "a", "b"),
            ('{{ a | default("x") }}', "", "a"),
            ('{{ a }}{{ a | default("x") }}', "", "a"),
            ("{{ a }}{% if a %}x{% endif %}", "", "a"),
            ('{% if a == "x" %}{{ b }}{% endif %}', "b", "a"),
            ("{% if not a %}{% elif b %}x{% endif %}", "", "ab"),
            ("{% if a %}{{ a }}{% else %}{{ b }}{% endif %}", "b", "a"),
        ],
    )
    def test_required_and_optional(self, source: str, required: str, optional: str) -> None:
        """What is tested or has a default is optional, whatever else is done with it."""
        made = template(source)
        assert (made.required, made.optional) == (set(required), set(optional))

    def test_what_is_shown(self) -> None:
        """A variable that is only tested does not appear."""
        assert template("{% if a %}{{ b }}{% endif %}").shown == {"b"}


class TestRefused:
    """Everything else is refused, at its place."""

    @pytest.mark.parametrize(
        ("source", "what"),
        [
            ("{{ a.b }}", "."),
            ("{{ ''.__class__ }}", "."),
            ("{{ a['b'] }}", "["),
            ("{{ a[0] }}", "["),
            ("{{ a() }}", "("),
            ("{{ lipsum() }}", "("),
            ("{{ a.b() }}", "("),
            ("{{ a + b }}", "+"),
            ("{{ a ~ b }}", "~"),
            ("{{ a * 9 }}", "*"),
            ("{{ 9**(9**9) }}", "**"),
            ("{{ -a }}", "-"),
            ("{{ a % b }}", "%"),
            ("{{ a if b else 'x' }}", "if"),
            ("{{ a == 'x' }}", "a"),
            ("{{ a and b }}", "and"),
            ("{{ not a }}", "not"),
            ("{{ a is defined }}", "is"),
            ("{{ 'x' }}", "'x'"),
            ("{{ 1 }}", "1"),
            ("{{ none }}", "none"),
            ("{{ [a] }}", "["),
            ("{{ {'a': 1} }}", "{'a"),
            ("{{ a, b }}", "a"),
            ("{% for x in a %}{{ x }}{% endfor %}", "for"),
            ("{% set x = a %}", "set"),
            ("{% set x %}y{% endset %}", "set"),
            ("{% include 'x' %}", "includ"),
            ("{% import 'x' as y %}", "import"),
            ("{% from 'x' import y %}", "from"),
            ("{% extends 'x' %}", "extend"),
            ("{% macro m() %}{% endmacro %}", "macro"),
            ("{% call a() %}{% endcall %}", "call"),
            ("{% filter upper %}x{% endfilter %}", "filter"),
            ("{% with x = a %}{% endwith %}", "with"),
            ("{% block x %}{% endblock %}", "block"),
            ("{% autoescape true %}{% endautoescape %}", "autoes"),
            ("{% raw %}{{ a }}{% endraw %}", "{% raw"),
            ("x{# a comment #}", "{# a c"),
            ("{% if a|lower %}{% endif %}", "|"),
            ("{% if a is none %}{% endif %}", "is"),
            ("{% if a.b %}{% endif %}", "."),
            ("{% if 'x' %}{% endif %}", "'x'"),
        ],
    )
    def test_what_is_not_in_the_language(self, source: str, what: str) -> None:
        """One finding, at the very token."""
        ((code, _variant, place),) = faults(f"yyy{source}")
        assert (code, place) == ("template-not-allowed", (what + source[source.index(what) + len(what) :])[:6])

    @pytest.mark.parametrize(
        ("source", "variant", "at"),
        [
            ("{{- a }}", "whitespace", "- a }}"),
            ("{{ a -}}", "whitespace", "-}}"),
            ("{%- if a %}{% endif %}", "whitespace", "- if a"),
            ("{% if a +%}{% endif %}", "whitespace", "+%}{% "),
            ("{{ a | pad }}", "filter", "pad }}"),
            ("{{ a | center(900000000) }}", "filter", "center"),
            ("{{ a | upper('x') }}", "arguments", "upper("),
            ("{{ a | default }}", "arguments", "defaul"),
            ("{{ a | default(b) }}", "arguments", "defaul"),
            ("{{ a | default(1) }}", "arguments", "defaul"),
            ("{{ a | default('x', true) }}", "arguments", "defaul"),
            ("{{ a | default(otherwise='x') }}", "arguments", "defaul"),
            ("{{ a | default(*b) }}", "arguments", "defaul"),
            ("{% if a == b %}{% endif %}", "constant", "b %}{%"),
            ("{% if a == 1 %}{% endif %}", "constant", "a == 1"),
            ("{% if 'x' == a %}{% endif %}", "constant", "'x' =="),
            ("{% if a in ['x', 1] %}{% endif %}", "constant", "a in ["),
            ("{% if a in 'xy' %}{% endif %}", "comparison", "in 'xy"),
            ("{% if a < 'x' %}{% endif %}", "comparison", "a < 'x"),
            ("{% if a != 'x' != 'y' %}{% endif %}", "comparison", "a != '"),
            ("{% if a == ['x'] %}{% endif %}", "constant", "a == ["),
        ],
    )
    def test_what_is_used_otherwise(self, source: str, variant: str, at: str) -> None:
        """Filters, arguments and comparisons that the language does not have."""
        assert [fault for fault in faults(source) if fault[1] != ""] in (
            [("template-not-allowed", variant, at)],
            [("template-not-allowed", variant, at)] * 2,
        )

    def test_unknown_filters_inside_branches(self) -> None:
        """Jinja itself would not see them."""
        assert faults("{% if a %}{{ b|nosuch }}{% else %}{{ b|other }}{% endif %}") == [
            ("template-not-allowed", "filter", "nosuch"),
            ("template-not-allowed", "filter", "other "),
        ]

    @pytest.mark.parametrize("name", ["A", "first", "self", "loop", "caller", "range", "lipsum", "namespace", "_"])
    def test_unknown_variables(self, name: str) -> None:
        """Also those that Jinja fills by itself."""
        assert faults(f"{{{{ a }}}}{{{{ {name} }}}}") == [("unknown-variable", "", f"{name} }}}}"[:6])]
        assert check_template("{{ self }}", ["self"])[0] is None

    def test_all_faults_at_once(self) -> None:
        """In the order of the source, each at its own place."""
        source = (
            "{{ x }}/{{ a.b }}{% if y == 'z' %}{{ x|foo }}{% elif c %}{% for i in l %}{{ i }}{% endfor %}{% endif %}"
            "{{ b.c }}{{- x }}"
        )
        assert [(code, at) for code, _variant, at in faults(source)] == [
            ("unknown-variable", "x }}/{"),
            ("template-not-allowed", ".b }}{"),
            ("unknown-variable", "y == '"),
            ("unknown-variable", "x|foo "),
            ("template-not-allowed", "foo }}"),
            ("unknown-variable", "c %}{%"),
            ("template-not-allowed", "for i "),
            ("template-not-allowed", ".c }}{"),
            ("template-not-allowed", "- x }}"),
            ("unknown-variable", "x }}"),
        ]

    @pytest.mark.parametrize(
        ("source", "at", "variant"),
        [
            ("{{ a }}x{{ b }", "{{ b }", "brace"),
            ("{{ a }}x{{ b", "{{ b", "end"),
            ("{{ a }}x{{ b c }}{{ a }}", "{{ b c", "words"),
            ("{{ a }}{{ }}", "{{ }}", "empty"),
            ("{{ if a }}x{{ endif }}", "{{ if ", "statement"),
            ("{% if a = 'x' %}{% endif %}", "{% if ", "equals"),
            ("{% if a %}{% else if b %}{% endif %}", "{% else", "else_if"),
            ("{{ a }}{{{ b }}}", "{{{ b ", "brace"),
            ("{{ a | }}", "{{ a |", ""),
            ("{% if a %}{{ b }}", "{% if ", "end"),
            ("{% if a %}{% if b %}x{% endif %}", "{% if ", "end"),
            ("{{ a }}{% endif %}", "{% end", "tag"),
            ("{{ a }}{% if %}{% endif %}", "{% if ", "tag"),
            ("{{ a }}{% elseif b %}", "{% els", "tag"),
            ("{% if a %}x{% else %}y{% else %}{% endif %}", "{% els", "tag"),
            ("{% nosuch %}", "{% nos", "tag"),
            ("{{ a }}{{ 'x }}", "{{ 'x ", ""),
            ("{{ a }}{{ é日 ! }}", "{{ é日 ", ""),
        ],
    )
    def test_what_cannot_be_read(self, source: str, at: str, variant: str) -> None:
        """The place is that of the braces at fault, not of the first ones; the sentence is ours, not Jinja's."""
        ((code, found, place),) = faults(source)
        assert (code, found) == ("template-syntax", variant)
        assert place.startswith(at[:6])
        if source.count(at) == 1:
            assert check_template(source, NAMES)[1][0].offset == source.index(at)

    def test_an_if_left_open_is_the_one_inside(self) -> None:
        """The last one that is not ended."""
        (fault,) = check_template("{% if a %}{% if b %}x{% endif %}{% if a %}", NAMES)[1]
        assert fault.offset == len("{% if a %}{% if b %}x{% endif %}")

    def test_length_and_parts_are_bounded(self) -> None:
        """A template that is too long is not even parsed."""
        assert faults("{{ a }}" * MAX_SOURCE) == [("template-syntax", "long", "{{ a }")]
        assert faults("{{a}}" * MAX_NODES) == [("template-syntax", "complex", "{{a}}{")]


BOMBS = [
    "{{ 9**(9**9) }}",
    "{{ 'x'|center(900000000) }}",
    "{{ 'x' * 900000000 }}",
    "{{ ('x'|center(9999))|center(900000000) }}",
    "{% if 9**(9**9) %}{% endif %}",
    "{% for x in range(99999999) %}{% endfor %}",
    "{{ '%900000000d' % 1 }}",
    "{{ '{:>900000000}'.format(1) }}",
    "{{ a|default('x' * 900000000) }}",
    "{{ " + "(" * 400 + "a" + ")" * 400 + " }}",
    "{{ " + "9" * 900 + " }}",
    "{{ 1e999 }}",
    "{% if " + "not " * 200 + "a %}{% endif %}",
    "{% if a %}" * 40 + "{% endif %}" * 40,
    "{{ a" + "|upper" * 150 + " }}",
]


class TestNeverCompiled:
    """What is refused is only parsed; checking has no way to run it."""

    @pytest.mark.parametrize("source", BOMBS)
    def test_bombs(self, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Constants that would fill the memory while compiling are refused in a moment."""

        def compiled(*_args: object, **_options: object) -> None:
            raise AssertionError("compiled")

        monkeypatch.setattr(jinja2.Environment, "compile", compiled)
        monkeypatch.setattr(jinja2.Environment, "from_string", compiled)
        started = time.process_time()
        check_template(source, NAMES)
        assert time.process_time() - started < 1

    def test_faults_take_no_time(self) -> None:
        """Finding the place of a fault in the longest template costs no more than a moment."""
        started = time.process_time()
        assert check_template("{{" * (MAX_SOURCE // 2), NAMES)[1]
        assert check_template("{{a}}" * 199 + "{{", NAMES)[1]
        assert check_template("{% if a %}" * 100, NAMES)[1]
        assert time.process_time() - started < 2


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "{{",
                "}}",
                "{%",
                "%}",
                "{#",
                "#}",
                "{{ a }}",
                "{% if a %}",
                "{% endif %}",
                "{% else %}",
                "{% elif b %}",
                "if",
                "in",
            ),
            *(
                " ",
                "a",
                "b",
                "|",
                "upper",
                "default('x')",
                "==",
                "'x'",
                "(",
                ")",
                "[",
                "]",
                ".",
                "-",
                "\n",
                "\r\n",
                "é😀",
                "1",
                "~",
            ),
            *(
                "not",
                "and",
                "is",
                "{% for x in a %}",
                "{% endfor %}",
                "{% raw %}",
                "{% endraw %}",
                "{{ a|upper }}",
                "{{- a -}}",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=400)
@given(PIECES | st.text(max_size=30), st.text(max_size=5))
@example("{% if a %}{% elif b %}{{ a }}{% else %}{{ b }}{% endif %}", "x")
def test_any_text_as_a_template(source: str, value: str) -> None:
    """There are faults inside the text, or a template that renders whatever the values."""
    made, found = check_template(source, NAMES)
    assert all(0 <= fault.offset <= len(source) for fault in found)
    if made is None:
        assert found
    else:
        made.render({"a": value}, encode=False)
        for name in made.shown & {"a"}:
            assert name in made.required | made.optional


WORDS = (
    "true",
    "false",
    "none",
    "not",
    "and",
    "or",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "for",
    "as",
    "self",
    "loop",
    "do",
)
PLAIN = st.lists(
    st.sampled_from(["{{ a }}", "{{b}}", "{{  country }}", "{{ x }}", "{{ a\n}}"])
    | st.sampled_from(WORDS).map("{{{{ {} }}}}".format)
    | st.sampled_from(["x", "}", "}}", "%}", "#}", "{", "{#", "\n", "\r", "\u2028", " ", "é", "# for a", "{{a}}" * 40]),
    max_size=6,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(PLAIN)
@example("{{a}}" * (MAX_NODES - 1))
@example("{{a}}" * (MAX_NODES - 2))
def test_what_needs_no_jinja_is_what_jinja_says(source: str) -> None:
    """Text and variables are understood without a parser, and as it would understand them."""
    with pytest.MonkeyPatch.context() as patch:
        quick = check_template(source, [*NAMES, *WORDS])
        patch.setattr(templates, "_plain_template", lambda *_: None)
        assert quick == check_template(source, [*NAMES, *WORDS])


@pytest.mark.parametrize("word", WORDS)
def test_words_that_jinja_has_a_use_for(word: str) -> None:
    """As names, too, they are what Jinja says."""
    source = f"{{{{ {word} }}}}"
    with pytest.MonkeyPatch.context() as patch:
        quick = check_template(source, [word])
        patch.setattr(templates, "_plain_template", lambda *_: None)
        assert quick == check_template(source, [word])


def test_threads_may_render_at_a_time() -> None:
    """Templates are values: one is used by many threads, compiled once."""
    made = template("{{ a }}{% if b %}-{{ b }}{% endif %}")
    results: list[list[str]] = []

    def work(number: int) -> None:
        results.append([made.render({"a": str(number), "b": str(n)}, encode=True) for n in range(50)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted([f"{number}-{n}" for n in range(50)] for number in range(8))
