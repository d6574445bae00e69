"""Tracking URLs: scheme and host stand in the file, values cannot break out, and what comes out can be sent."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rakuten_orders.tracking_urls import MAX_URL, VARIABLES, UrlTemplate, check_url_template, url_fault

N = "{{ tracking_number }}"


def faults(source: str, *, search_page: bool = False) -> list[tuple[str, str]]:
    return [(fault.code, fault.variant) for fault in check_url_template(source, search_page=search_page)[1]]


def template(source: str) -> UrlTemplate:
    made, found = check_url_template(source, search_page=False)
    assert made is not None, found
    return made


class TestHeads:
    """The beginning of an address is literal text: https:// and a host."""

    @pytest.mark.parametrize(
        ("head", "host"),
        [
            ("https://www.example.com/", "www.example.com"),
            ("https://a-b.c1.example.co.uk?n=", "a-b.c1.example.co.uk"),
            ("https://www.example.com#", "www.example.com"),
            ("https://www.example.com:8443/x/", "www.example.com"),
            ("https://xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai"),
            ("https://www.example.com//x@y:z/", "www.example.com"),
        ],
    )
    def test_good_ones(self, head: str, host: str) -> None:
        """A name with dots, perhaps a port, and then a slash, a question mark or a hash."""
        made = template(f"{head}{N}")
        assert (made.scheme, made.host) == ("https", host)
        assert made.faults_of(made.url({"tracking_number": "1/2"})) is None

    @pytest.mark.parametrize(
        ("source", "variant"),
        [
            ("www.example.com/{n}", "scheme"),
            ("//www.example.com/{n}", "scheme"),
            ("https:/www.example.com/{n}", "scheme"),
            ("https:///www.example.com/{n}", ""),
            ("ftp://www.example.com/{n}", ""),
            ("javascript:alert(1)//{n}", ""),
            (" https://www.example.com/{n}", "scheme"),
            ("{n}", ""),
            ("https://{n}", ""),
            ("https://{n}.example.com/", ""),
            ("https://www.example.com{n}", ""),
            ("https://www.example{n}.com/", ""),
            ("https://www.example.com:{n}/", ""),
            ("{% if country %}https://a.example/{% endif %}{n}", ""),
            ("https://{% if country %}a{% else %}b{% endif %}.example/{n}", ""),
            ("https://www.example.com{% if country %}.evil.example{% endif %}/{n}", ""),
            ("https://user@www.example.com/{n}", "user"),
            ("https://www.good.example:pass@evil.example/{n}", "user"),
            ("https://www.example.com@{n}/", "user"),
            ("https://www.colisprivé.fr/{n}", "alphabet"),
            ("https://почта.рф/{n}", "alphabet"),
            ("HTTPS://www.example.com/{n}", "capitals"),
            ("https://WWW.Example.com/{n}", "capitals"),
            ("https://localhost/{n}", "name"),
            ("https://127.0.0.1/{n}", "name"),
            ("https://[::1]/{n}", "name"),
            ("https://www.example.com./{n}", "name"),
            ("https://www..example.com/{n}", "name"),
            ("https://-www.example.com/{n}", "name"),
            ("https://www_1.example.com/{n}", "name"),
            ("https://www.example.com:99999/{n}", ""),
            ("https://www.example.com:x/{n}", ""),
        ],
    )
    def test_wrong_ones(self, source: str, variant: str) -> None:
        """Nothing that data could change, no user, no address of a machine; each told by what is wrong with it."""
        assert faults(source.replace("{n}", N)) == [("host-not-literal", variant)]

    def test_what_to_write_is_told(self) -> None:
        """The host in small letters, or as browsers send it."""
        (fault,) = check_url_template(f"https://WWW.Example.com/{N}", search_page=False)[1]
        assert fault.params["lowered"] == "https://www.example.com"
        (fault,) = check_url_template(f"https://www.colisprivé.fr/{N}", search_page=False)[1]
        assert (fault.offset, fault.params["ascii"]) == (8, "www.xn--colispriv-j4a.fr")

    def test_without_encryption(self) -> None:
        """http is advice; the template is good all the same."""
        made, found = check_url_template(f"http://www.example.com/{N}", search_page=False)
        assert [fault.code for fault in found] == ["http-url"]
        assert made is not None
        assert (made.scheme, made.url({"tracking_number": "1"})) == ("http", "http://www.example.com/1")


class TestTheNumber:
    """A URL without the number is every buyer's."""

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("https://x.example/", ("number-not-used", "")),
            ("https://x.example/{{ postcode }}", ("number-not-used", "")),
            ("https://x.example/tracking_number?{{ postcode }}", ("number-not-used", "")),
            ("https://x.example/{% if tracking_number %}x{% endif %}", ("number-not-used", "")),
            *(
                (f"https://x.example/?n={mark}", ("number-not-used", "placeholder"))
                for mark in ("{tracking_number}", "${number}", "%s", "@", "[number]", "<number>", "#{n}", "｛｛ n ｝｝")
            ),
        ],
    )
    def test_it_is_missed(self, source: str, expected: tuple[str, str]) -> None:
        """Also where another system's placeholder stands in its place, which is then shown."""
        (fault,) = check_url_template(source, search_page=False)[1]
        assert (fault.code, fault.variant) == expected
        if fault.variant:
            assert source[fault.offset :].startswith(str(fault.params["placeholder"]))

    def test_not_on_a_page_to_search_on(self) -> None:
        """There the buyer types it in."""
        assert faults("https://x.example/", search_page=True) == []

    def test_a_misspelt_variable_is_one_fault(self) -> None:
        """And so are braces that cannot be read."""
        assert faults("https://x.example/{{ tracking_numer }}") == [("unknown-variable", "")]
        assert faults("https://x.example/{{ tracking_number }") == [("template-syntax", "brace")]

    def test_several_faults_at_once(self) -> None:
        """What has nothing to do with each other is told together."""
        assert faults("https://WWW.x.example/{{ foo }}{{ tracking_number.x }}") == [
            ("unknown-variable", ""),
            ("template-not-allowed", "dot"),
            ("host-not-literal", "capitals"),
        ]


class TestLiteralText:
    """What stands in the file must be able to stand in an address."""

    @pytest.mark.parametrize(
        ("text", "character", "encoded"),
        [
            ("suivi/numéro?n=", "é", "%C3%A9"),
            ("a b?n=", " ", "%20"),
            ("100%?n=", "%", "%25"),
            ("?x=%zz&n=", "%", "%25"),
            ("?n=%", "%", "%25"),
            ("\\x?n=", "\\", "%5C"),
            ('?q="x"&n=', '"', "%22"),
            ("<b>?n=", "<", "%3C"),
            ("?cp={postcode}&n=", "{", "%7B"),
            ("\u200b?n=", "\u200b", "%E2%80%8B"),
            ("\n?n=", "\n", "%0A"),
        ],
    )
    def test_characters_that_cannot(self, text: str, character: str, encoded: str) -> None:
        """Each is told once, at its place, with what to write."""
        source = f"https://x.example/{text}{N}"
        _, found = check_url_template(source, search_page=False)
        first = found[0]
        assert {fault.code for fault in found} == {"url-character"}
        assert (source[first.offset], first.params["encoded"]) == (character, encoded)

    @pytest.mark.parametrize(
        "text", ["%20%C3%A9?n=", "a|b^c~d[e]?n=", "!$&'()*+,;=:@?n=", '{% if language == "é" %}x{% endif %}']
    )
    def test_characters_that_can(self, text: str) -> None:
        """Encoded ones, and all other signs of ASCII; what stands inside braces is no part of the address."""
        assert faults(f"https://x.example/{text}{N}") == []


class TestWhatComesOut:
    """The result is checked again."""

    @pytest.mark.parametrize(
        ("url", "fault"),
        [
            ("https://www.example.com/x", None),
            ("http://www.example.com:80/?a=b#c", None),
            ("https://www.example.com/" + "x" * (MAX_URL - 24), None),
            ("https://www.example.com/" + "x" * (MAX_URL - 23), "long"),
            ("https://www.example.com/ x", "characters"),
            ("https://www.example.com/é", "characters"),
            ("https://www.example.com/\n", "characters"),
            ("https://www.example.com/\ud800", "characters"),
            ("www.example.com/x", "absolute"),
            ("//www.example.com/x", "absolute"),
            ("ftp://www.example.com/x", "absolute"),
            ("https:///x", "absolute"),
            ("https://localhost/x", "absolute"),
            ("https://[::1/x", "absolute"),
            ("https://www.example.com:99999/", "absolute"),
            ("", "absolute"),
        ],
    )
    def test_what_can_be_sent(self, url: str, fault: str | None) -> None:
        """A complete address in printable ASCII, of at most so many characters."""
        assert url_fault(url) == fault

    def test_another_host(self) -> None:
        """A template's URL stays on its host and scheme."""
        made = template(f"https://x.example/{N}")
        assert made.faults_of("https://y.example/1") == "host"
        assert made.faults_of("http://x.example/1") == "host"
        assert made.faults_of("https://x.example/1") is None

    def test_every_variable_is_there(self) -> None:
        """A template may use all of them at once."""
        source = "https://x.example/?" + "&".join(f"{name}={{{{ {name} }}}}" for name in VARIABLES)
        made = template(source)
        assert made.required == set(VARIABLES)
        assert parse_qs(urlsplit(made.url({name: f"<{name}>" for name in VARIABLES})).query) == {
            name: [f"<{name}>"] for name in VARIABLES
        }


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            ["https://", "http://", "x.example", ":80", ":", "@", "/", "?", "#", "\\", "y", "[", "é", "\n"]
        ),
        max_size=6,
    ).map("".join),
    st.sampled_from(["https://x.example/", "http://x.example:80?", "https://x.example#"]),
)
@example("https://x.example", "https://x.example/")
@example("https://x.example:80/", "https://x.example/")
@example("https://x.example.evil/", "https://x.example/")
@example("https://x.example@y/", "https://x.example/")
def test_a_look_at_the_head_says_what_a_url_parser_says(url: str, head: str) -> None:
    """Whatever came out: scheme and host are read off its beginning, and have to be those that would be parsed."""
    made = template(f"{head}{N}")
    expected = url_fault(url)
    if expected is None and (urlsplit(url).scheme, urlsplit(url).hostname) != (made.scheme, made.host):
        expected = "host"
    assert made.faults_of(url) == expected


@settings(max_examples=300)
@given(ANY_TEXT, ANY_TEXT)
@example("a/b?c=d&e#f é", "@evil.example/")
@example("\\\\evil.example", "%2F%2E")
def test_the_number_comes_back(number: str, postcode: str) -> None:
    """Whatever the values, the URL parses back to them, on the same scheme and host."""
    query = template("https://x.example/track?n={{ tracking_number }}&cp={{ postcode }}#top")
    url = query.url({"tracking_number": number, "postcode": postcode})
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "x.example", "/track", "top")
    assert parse_qs(parts.query, keep_blank_values=True, strict_parsing=True) == {"n": [number], "cp": [postcode]}
    assert query.faults_of(url) in (None, "long")
    path = template("https://x.example/{{ tracking_number }}/{{ postcode }}")
    parts = urlsplit(path.url({"tracking_number": number, "postcode": postcode}))
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "x.example", "", "")
    assert [unquote(step) for step in parts.path.split("/")] == ["", number, postcode]


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "https://",
                    "http://",
                    "x.example",
                    "www.",
                    "/",
                    "//",
                    "@",
                    ":",
                    "80",
                    "?n=",
                    "#",
                    "\\",
                    "[",
                    "]",
                    "%",
                    "é",
                    " ",
                ),
                *(
                    N,
                    "{{ postcode }}",
                    "{% if country %}",
                    "{% endif %}",
                    "{postcode}",
                    "localhost",
                    "HTTPS://X.example/",
                    ".",
                ),
            ]
        ),
        max_size=8,
    ).map("".join),
    ANY_TEXT,
)
@example(f"https://x.example?é/{N}", "1")
def test_what_is_taken_can_be_sent(source: str, value: str) -> None:
    """A template that is taken gives only URLs on its own host, whatever the values; only their length may fail."""
    made, found = check_url_template(source, search_page=False)
    assert all(0 <= fault.offset <= len(source) for fault in found)
    if made is not None:
        assert made.faults_of(made.url(dict.fromkeys(VARIABLES, value))) in (None, "long")
        assert made.faults_of(made.url(dict.fromkeys(VARIABLES, ""))) is None
