"""The page of carriers: what stands in it, in both languages; and that its scripts judge numbers as the engine does."""

from __future__ import annotations

import datetime as dt
import random
import re
import string
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from chromium import Chromium
from rakuten_orders import Engine
from rakuten_orders.checksums import ALGORITHMS, complete, holds
from rakuten_orders.cli.page import rendering
from rakuten_orders.cli.page.cards import algorithm_data
from rakuten_orders.cli.page.javascript import javascript
from rakuten_orders.cli.page.rendering import render_page
from rakuten_orders.cli.page.words import LANGUAGES, words
from rakuten_orders.cli.program import program
from rakuten_orders.formats import clean_number
from rakuten_orders.tracking_urls import VARIABLES

DAY = dt.date(2026, 11, 23)
ASSETS = Path(rendering.__file__).parent
ENGINE = Engine.load()
CARRIERS = list(ENGINE.catalogue)

# The file of somebody who means no good, or whose carrier has an odd name.
HOSTILE = """\
code: hostile
name: '<script>document.title = "taken"</script>'
aliases:
  - '"quoted" & ''single'' </script><img src=x onerror=alert(1)>'
  - '{{ 7 * 7 }} ${7 * 7}'
countries: [FR]
tracking_numbers:
  - pattern: 'HOSTILE[0-9]{4}'
tracking_url: 'https://hostile.example/?a=''1''&lt;=2&n={{ tracking_number }}'
confidence: low
note: '<!-- </script></style></li><base href="https://elsewhere.example/"> javascript:alert(1)'
sources:
  - note: 'made up'
    read: 2026-11-23
examples:
  valid:
    - tracking_number: 'HOSTILE0123'
      url: 'javascript:alert(1)'
  invalid:
    - tracking_number: '"><script>alert(1)</script>'
      because: 'no number'
"""


class Read(HTMLParser):
    """The elements of a page: their attributes by tag, and the text below each element that has an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._open: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()

    VOID = frozenset({"meta", "link", "input"})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            if name:
                self.text[name] = self.text.get(name, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of that kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language of the page."""
    return str(request.param)


@pytest.fixture(scope="module")
def html(language: str) -> str:
    """The page of the shipped carriers."""
    return render_page(ENGINE, language, DAY)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The shipped carriers and one that tries to break out of the page."""
    folder = tmp_path_factory.mktemp("carriers")
    (folder / "hostile.yaml").write_text(HOSTILE, encoding="utf-8")
    return Engine.load(carriers=[folder])


def test_every_carrier_has_its_card(html: str, language: str) -> None:
    """Name, code, other names, what Rakuten receives, what is needed, the example's link, countries and the note."""
    text = words(language)
    read = Read(html)
    links = {link.get("href") for link in read.all("a")}
    countries = [place["data-countries"] for _, place in read.elements if "data-countries" in place]
    assert len(CARRIERS) >= 15
    for carrier in CARRIERS:
        told = read.text[f"carrier-{carrier.code}"]
        needs = carrier.template.required if carrier.template else ()
        expected = [
            *carrier.names,
            carrier.rakuten_name or "Autre",
            *(text[f"input_{name}"] for name in needs),
            carrier.note,
            text[f"confidence_{carrier.confidence}"],
            *(example["tracking_number"] for example in carrier.examples["valid"]),
        ]
        assert [entry for entry in expected if entry not in told] == []
        if carrier.template:
            assert carrier.examples["valid"][0]["url"] in links
        assert not carrier.countries or " ".join(carrier.countries) in countries


def test_the_page_says_when_and_of_what_it_was_made(html: str, language: str) -> None:
    """The date in words and for machines, and the whole digest of the set."""
    read = Read(html)
    assert read.all("time") == [{"datetime": "2026-11-23"}]
    assert {"fr": "23 novembre 2026", "en": "23 November 2026"}[language] in html
    assert ENGINE.digest in html
    assert read.all("html") == [{"lang": language}]


def test_the_first_of_a_month_is_written_as_it_is_said() -> None:
    """French counts the first day, and only that one, with an ordinal."""
    assert ">1er janvier 2027</time>" in render_page(ENGINE, "fr", dt.date(2027, 1, 1))
    assert ">1 January 2027</time>" in render_page(ENGINE, "en", dt.date(2027, 1, 1))


def test_the_page_loads_nothing(html: str) -> None:
    """Style and scripts are in it; nothing names a file or a site but the links that a person clicks."""
    read = Read(html)
    assert [attributes for _, attributes in read.elements if "src" in attributes or "srcset" in attributes] == []
    assert read.all("link") == [{"rel": "icon", "href": "data:,"}]
    assert re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", html) == []
    assert "default-src 'none'" in str(read.all("meta")[1]["content"])
    for link in read.all("a"):
        assert str(link["href"]).startswith(("#", "https://", "http://"))


def test_what_is_not_escaped_cannot_end_its_element() -> None:
    """Style and scripts stand in the page as they are."""
    for name in (*rendering.SCRIPTS, "page.css"):
        assert not re.search(r"</|<!--", (ASSETS / name).read_text(encoding="utf-8"))


def test_the_page_stays_small(html: str) -> None:
    """Three hundred carriers are less than a megabyte: the fixed part, and what a carrier adds."""
    parts = r'^  <li class="card".*?^  </li>|^<script type="application/json".*?$'
    carriers = re.findall(parts, html, re.MULTILINE | re.DOTALL)
    assert len(carriers) == len(CARRIERS) + 1
    growing = sum(len(part.encode()) for part in carriers)
    assert len(html.encode()) - growing + growing / len(CARRIERS) * 300 < 1_000_000


def placeholders(text: Any) -> object:
    """The structure of texts, with only the names in braces left of each."""
    if isinstance(text, dict):
        return {key: placeholders(value) for key, value in text.items()}
    return [placeholders(entry) for entry in text] if isinstance(text, list) else set(re.findall(r"\{\w+\}", text))


def test_both_languages_are_complete() -> None:
    """The same texts with the same parameters, none of them empty but where both are."""
    fr, en = words("fr"), words("en")
    assert list(fr) == list(en)
    assert placeholders(fr) == placeholders(en)
    assert [key for key in fr if not fr[key] or not en[key]] == []
    assert len(fr["months"]) == 12
    assert len(fr["add_steps"]) == 5


def test_every_text_is_used_and_every_used_one_is_there() -> None:
    """The template and the scripts ask for what the files have, and for all of it."""
    template, made, shown = (
        (ASSETS / name).read_text(encoding="utf-8") for name in ("page.html", "rendering.py", "page.js")
    )
    reasons = re.findall(r"because: \"(\w+)\"", (ASSETS / "numbers.js").read_text(encoding="utf-8"))
    asked = {*re.findall(r"words\.(\w+)", template), *re.findall(r"\btext\.(\w+)", shown)}
    asked |= set(re.findall(r"texts\[\"(\w+)\"\]", made))
    asked |= {f"input_{name}" for name in VARIABLES} | {f"confidence_{level}" for level in ("high", "medium", "low")}
    asked |= {f"grade_{grade}" for grade in ("certain", "likely", "possible")}
    asked |= {f"because_{reason}" for reason in reasons}
    asked |= {f"{key}_{many}" for key in re.findall(r"counted\(\"(\w+)\"", shown) for many in ("one", "many")}
    asked |= {f"{key}_{many}" for key in ("near", "found") for many in ("one", "many")}
    assert asked == set(words("en"))


def test_french_signs_stay_with_their_words(language: str) -> None:
    """Before a double sign there is a blank at which no line may break, in French alone."""
    found = re.findall(r"(.)[:;?!»]", " ".join(str(text) for text in words(language).values()))
    assert ("\u00a0" in found) == (language == "fr")


def test_the_texts_of_others_break_nothing(hostile: Engine, language: str) -> None:
    """Names, aliases, notes and URLs of a carrier are text whatever they look like; links come from templates."""
    page = render_page(hostile, language, DAY)
    read = Read(page)
    told = read.text["carrier-hostile"]
    carrier = hostile.catalogue.by_code["hostile"]
    assert [entry for entry in (*carrier.names, carrier.note) if entry not in told] == []
    assert [dict(script) for script in read.all("script")] == [{"type": "application/json", "id": "page-data"}, {}]
    assert len(read.all("style")) == 1
    assert read.all("img") == read.all("base") == []
    assert "https://hostile.example/?a='1'&lt;=2&n=HOSTILE0123" in [link["href"] for link in read.all("a")]
    assert "javascript:alert" not in {str(link["href"])[:16] for link in read.all("a")}


def test_the_texts_of_others_break_nothing_in_a_browser(hostile: Engine, tmp_path: Path, chromium: Chromium) -> None:
    """They stay text in what the scripts make, too: the carrier is searched, detected and shown."""
    file = tmp_path / "index.html"
    file.write_text(render_page(hostile, "fr", DAY), encoding="utf-8")
    chromium.open(file)
    for box, typed in (("query", '<script>document.title = "taken"'), ("number", "HOSTILE0123<img src=x>")):
        chromium.evaluate(f"document.getElementById('{box}').focus()")
        chromium.type(typed)
    assert chromium.evaluate("document.querySelectorAll('.card:not([hidden])').length") == 1
    chromium.evaluate("document.getElementById('number').value = 'hostile-0123'; tell()")
    assert chromium.evaluate("document.getElementById('fits').querySelector('a').textContent").startswith("<script>")
    assert chromium.evaluate("document.title") == words("fr")["title"]
    assert chromium.evaluate("document.querySelectorAll('img, base, main script, main style').length") == 0
    assert chromium.errors == []
    assert chromium.requests == [file.as_uri()]


# The command


def test_the_command_writes_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a folder that it makes, in French unless told otherwise, with the project's own carriers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "carriers.d").mkdir()
    (tmp_path / "carriers.d" / "hostile.yaml").write_text(HOSTILE, encoding="utf-8")
    for arguments, lang in ((["--output", "out/fr"], "fr"), (["--output", "out/en", "--lang", "en"], "en")):
        done = CliRunner().invoke(program, ["carriers", "page", *arguments])
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == f"out/{lang}/index.html: {len(CARRIERS) + 1} carriers\n"
        page = (tmp_path / "out" / lang / "index.html").read_bytes()
        assert f'<html lang="{lang}">'.encode() in page
        assert b'id="carrier-hostile"' in page
        assert b"\r" not in page
    assert {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()} == {"index.html"}


def test_the_command_says_what_stands_in_its_way(tmp_path: Path) -> None:
    """A folder that is a file, an unknown language, no folder at all."""
    file = tmp_path / "file"
    file.write_text("")
    for arguments in (["--output", str(file)], ["--output", str(tmp_path), "--lang", "de"], []):
        done = CliRunner().invoke(program, ["carriers", "page", *arguments])
        assert done.exit_code == 2
        assert "Error" in done.stderr


# The scripts, against the engine


@pytest.fixture(scope="module")
def scripts(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Chromium:
    """A browser that has the page of the shipped carriers open."""
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(render_page(ENGINE, "en", DAY), encoding="utf-8")
    chromium.open(file)
    return chromium


def by_engine(numbers: list[str]) -> list[list[list[str]]]:
    """The carriers and grades that the engine finds for each number."""
    return [[[found.carrier, found.grade] for found in ENGINE.detect(number)] for number in numbers]


def by_page(browser: Chromium, numbers: list[str]) -> Any:
    """The same by the page's scripts."""
    program = "numbers => numbers.map(one => detect(page, one).found.map(found => [found.carrier, found.grade]))"
    return browser.evaluate(program, numbers)


def test_the_page_judges_every_example_as_the_engine_does(scripts: Chromium) -> None:
    """All examples, right and wrong ones, and each with one character changed, left out or doubled."""
    chance = random.Random(20261123)
    numbers = [
        example["tracking_number"] for carrier in CARRIERS for kind in carrier.examples.values() for example in kind
    ]
    for number in tuple(numbers):
        at = chance.randrange(len(number))
        changed = chance.choice(string.digits + string.ascii_letters)
        numbers += [
            number[:at] + changed + number[at + 1 :],
            number[:at] + number[at + 1 :],
            number[:at] + number[at:] * 2,
        ]
    assert len(numbers) > 100
    assert {grade for found in by_engine(numbers) for _, grade in found} >= {"likely", "possible"}
    assert by_page(scripts, numbers) == by_engine(numbers)


@given(st.lists(st.text(string.digits + "ABCFRGXYZ" + "abz -.", min_size=6, max_size=30), min_size=20, max_size=20))
@settings(max_examples=20, deadline=None)
def test_the_page_judges_any_number_as_the_engine_does(scripts: Chromium, numbers: list[str]) -> None:
    """Numbers that no file has."""
    assert by_page(scripts, numbers) == by_engine(numbers)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_page_computes_check_digits_as_the_engine_does(scripts: Chromium, name: str) -> None:
    """Every algorithm that a carrier file can name: right numbers, and each of them with each character changed."""
    chance = random.Random(name)
    algorithm = ALGORITHMS[name]
    right = [number for _ in range(200) if (number := a_number(name, chance))][:8]
    assert len(right) == 8
    tail = min(algorithm.lengths, default=0) if algorithm.takes_tail else 0
    numbers = [
        (changed, length)
        for number in right
        for at in range(len(number))
        for char in (number[at], *chance.sample(string.digits + string.ascii_uppercase + "é", 5))
        for changed in (number[:at] + char + number[at + 1 :],)
        for length in {0, tail, len(number) - 1 if tail else 0}
    ]
    expected = [holds(name, number, length or None) for number, length in numbers]
    assert any(expected)
    assert not all(expected)
    judge = "(algorithm, numbers) => numbers.map(([number, tail]) => holds(algorithm, number, tail))"
    assert scripts.evaluate(judge, algorithm_data(name), numbers) == expected


def a_number(name: str, chance: random.Random) -> str | None:
    """A number that holds by an algorithm; None where chance did not make one."""
    algorithm = ALGORITHMS[name]
    length = chance.choice([size for size in algorithm.lengths if size > 8][:20])
    letters = {
        "s10": "AA?????????FR",
        "sf-express": "SF?????????????" if length == 15 else "",
        "ups-mod10": "1Z" + "?" * 16,
    }
    shape = letters.get(name) or {"ontrac-mod10": "C", "ups-waybill-mod10": "K"}.get(name, "")
    shape += "?" * (length - len(shape))
    if name == "mondial-relay-26":
        shape = "??????????0102" + "?" * 12
    drawn = "".join(chance.choice(string.digits) if char == "?" else char for char in shape)
    places = [algorithm.position % length, *([14] if name == "mondial-relay-26" else [])]
    return complete(name, "".join("?" if at in places else char for at, char in enumerate(drawn)))


# Everything that a pattern of numbers may have, as far as both languages have it.
ATOMS = st.sampled_from(
    [
        "A",
        "7",
        r"\d",
        r"\D",
        r"\w",
        r"\W",
        r"\S",
        ".",
        "[0-9]",
        "[A-Z]",
        "[^A]",
        "[^0-9A-F]",
        "[A7_]",
        "é",
        r"[\dA]",
        "[1-46-9]",
        *[r"\b", r"\B", "^", "$", r"\Z", "(?=A)", "(?![0-9])", "(?=.*7)", r"[\]\-A]", r"\."],
    ]
)
REPEATS = st.sampled_from(["{2}", "{0,2}", "{1,}", "*", "+", "?", "{2,3}?", "*?"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})"),
        st.tuples(inner, REPEATS).map(lambda both: f"(?:{both[0]}){both[1]}"),
        inner.map(lambda body: f"({body})"),
    ),
    max_leaves=8,
)


@given(PATTERNS, st.lists(st.text("A7B_0é𝔘", min_size=1, max_size=6), min_size=10, max_size=10))
@settings(max_examples=300, deadline=None)
def test_a_translated_pattern_fits_the_same_numbers(scripts: Chromium, pattern: str, numbers: list[str]) -> None:
    """Whatever a pattern is made of. (An empty number is none; the page does not try it.)"""
    translated = javascript(pattern)
    assert translated is not None
    expected = [re.fullmatch(pattern, number, re.ASCII) is not None for number in numbers]
    judge = "(pattern, numbers) => numbers.map(number => fitsWhole(pattern, number))"
    assert scripts.evaluate(judge, translated, numbers) == expected


@pytest.mark.parametrize("pattern", ["A++B", "(?>A|AB)C", "(?<=A)B", r"(A)\1", "(?i:a)7"])
def test_what_javascript_lacks_is_not_translated(pattern: str) -> None:
    """Such a pattern is left out, not guessed at."""
    re.compile(pattern)
    assert javascript(pattern) is None


def test_every_shipped_pattern_is_translated() -> None:
    """So nothing of the shipped carriers is left untried."""
    patterns = [known.pattern for carrier in CARRIERS for known in carrier.formats]
    assert patterns
    assert [pattern for pattern in patterns if javascript(pattern) is None] == []


# Two letters got their capitals only in newer versions of Unicode than some Pythons know.
@given(st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="ƛɤ"), max_size=30))
@settings(deadline=None)
def test_the_page_cleans_numbers_as_the_engine_does(scripts: Chromium, received: str) -> None:
    """Blanks of all kinds, dots, dashes and what is invisible go; letters become capital."""
    assert scripts.evaluate("received => clean(received)", received) == clean_number(received)
