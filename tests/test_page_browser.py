"""The page of carriers in a real browser, opened from the file system."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chromium import Chromium
from rakuten_orders import Engine
from rakuten_orders.cli.page import rendering
from rakuten_orders.cli.page.rendering import render_page
from rakuten_orders.cli.page.words import LANGUAGES, words

ENGINE = Engine.load()
UNTRIED = """\
code: untried
name: Transports Lents
tracking_numbers:
  - pattern: '(?<=Z)A|ZZ[0-9]++'
tracking_url: 'https://lents.example/{{ tracking_number }}'
sources:
  - note: made up
    read: 2026-11-23
examples:
  valid:
    - tracking_number: 'ZZ12'
      url: 'https://lents.example/ZZ12'
  invalid:
    - tracking_number: 'Z'
      because: too short
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in each language."""
    folder = tmp_path_factory.mktemp("pages")
    for language in LANGUAGES:
        (folder / f"{language}.html").write_text(render_page(ENGINE, language, dt.date(2026, 11, 23)), encoding="utf-8")
    return {language: folder / f"{language}.html" for language in LANGUAGES}


class Page:
    """What a person sees of the page, and does with it."""

    def __init__(self, browser: Chromium) -> None:
        self.browser = browser

    def type(self, box: str, text: str) -> None:
        """Puts the text into a box, in place of what is there."""
        self.browser.evaluate(f"(e => {{ e.focus(); e.select(); }})(document.getElementById('{box}'))")
        self.browser.type(text)

    def text(self, selector: str) -> str:
        """What is to be read there."""
        return str(self.browser.evaluate("s => document.querySelector(s).innerText", selector)).replace("\u00a0", " ")

    def shown(self) -> list[str]:
        """The codes of the carriers in the list, from the top down."""
        program = "[...document.querySelectorAll('.card')].filter(e => e.checkVisibility()).map(e => e.id)"
        return [name.removeprefix("carrier-") for name in self.browser.evaluate(program)]

    def focus(self) -> str:
        """The id, else the text, of what has the focus."""
        return str(self.browser.evaluate("document.activeElement.id || document.activeElement.innerText"))


@pytest.fixture
def page(chromium: Chromium, pages: dict[str, Path]) -> Iterator[Page]:
    """The French page, freshly opened; whatever is done with it, it loads nothing and logs nothing."""
    chromium.screen(1280, 900)
    chromium.open(pages["fr"])
    yield Page(chromium)
    assert chromium.errors == []
    assert chromium.requests == [pages["fr"].as_uri()]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Mondial Relay", "mondial-relay"),
        ("MONDIAL   rélay", "mondial-relay"),
        ("colis-prive", "colis-prive"),
        ("Colis Privé", "colis-prive"),
        ("colisprive", "colis-prive"),
        ("So Colissimo", "colissimo"),
        ("Mondail Relai", "mondial-relay"),
        ("cronopost", "chronopost"),
        ("Colisimo", "colissimo"),
        ("U.P.S.", "ups"),
        ("mondial", "mondial-relay"),
    ],
)
def test_a_carrier_is_found(page: Page, query: str, first: str) -> None:
    """By name, other name or code, whatever the case and accents; a misspelt name finds it too."""
    page.type("query", query)
    assert page.shown()[0] == first
    assert len(page.shown()) < len(ENGINE.catalogue)
    assert str(len(page.shown())) in page.text("#count") or len(page.shown()) == 1


@pytest.mark.parametrize("query", ["LU", "Luxembourg", "luxemb"])
def test_carriers_are_found_by_country(page: Page, query: str) -> None:
    """By the country's code or name, in any of the page's languages."""
    page.type("query", query)
    expected = {carrier.code for carrier in ENGINE.catalogue if "LU" in carrier.countries}
    assert expected
    assert expected <= set(page.shown())


def test_name_and_country_together_narrow(page: Page) -> None:
    """Each word may stand for the one or the other."""
    page.type("query", "relay Belgique")
    assert page.shown() == ["mondial-relay"]
    page.type("query", "germany")
    assert {carrier.code for carrier in ENGINE.catalogue if "DE" in carrier.countries} <= set(page.shown())


def test_a_search_says_how_many_it_found_and_by_which_name(page: Page) -> None:
    """The count is read out; an alias that was found is shown; an emptied box shows all again, in their order."""
    everything = page.shown()
    assert page.text("#count") == f"{len(ENGINE.catalogue)} transporteurs"
    page.type("query", "So Colissimo")
    assert page.text("#count") == "1 transporteur pour « So Colissimo »"
    assert page.text("#carrier-colissimo .via") == "aussi appelé So Colissimo"
    page.type("query", "Mondail Relai")
    assert page.text("#count").startswith("Rien ne s'appelle « Mondail Relai ».")
    page.type("query", "zzqqxxzzqq")
    assert page.shown() == []
    assert page.text("#count") == "Rien ne s'appelle « zzqqxxzzqq », ni presque."
    assert "comment le faire ajouter" in page.text("#none")
    page.type("query", " ")
    assert page.shown() == everything


def test_a_number_shows_whom_it_fits(page: Page) -> None:
    """As it was pasted, spaces and all; the verdict is read out, and each carrier is a link."""
    page.type("number", " 6a 12345-67890.5 ")
    assert page.text("#verdict").startswith("6A12345678905 convient à ")
    linked = page.browser.evaluate("[...document.querySelectorAll('#fits a')].map(a => a.getAttribute('href'))")
    assert {link.removeprefix("#carrier-") for link in linked} == {
        one.carrier for one in ENGINE.detect("6A12345678905")
    }
    page.type("number", "6A12345678904")
    assert "un chiffre de contrôle est faux" in page.text("#verdict")
    assert "Colissimo" in page.text(".fit-wrong")
    page.type("number", "?")
    assert page.text("#verdict").startswith("? n'a aucune forme connue.")
    page.type("number", " - ")
    assert page.text("#verdict") == page.text("#fits") == ""


def test_a_link_shows_its_carrier_whatever_the_list_was_narrowed_to(page: Page) -> None:
    """Its details open, its name has the focus, and the address of the page leads there again."""
    page.type("query", "mondial")
    page.type("number", "6A12345678905")
    page.browser.evaluate("document.querySelector('#fits a[href=\"#carrier-colissimo\"]').click()")
    assert "colissimo" in page.shown()
    assert page.focus() == "Colissimo"
    assert page.browser.evaluate("document.querySelector('#carrier-colissimo details').open")
    assert page.browser.evaluate("location.hash") == "#carrier-colissimo"


def test_the_page_is_walked_with_the_keyboard(page: Page) -> None:
    """The skip link comes first and is seen then; both boxes follow; details open with the space bar."""
    page.browser.press("Tab", 9)
    assert page.focus() == words("fr")["skip"]
    assert page.browser.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.browser.press("Enter", 13)
    assert page.focus() == "list"
    page.browser.press("Tab", 9)
    assert page.focus() == "query"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.browser.evaluate(outline) == "solid"
    page.browser.press("Tab", 9)
    page.browser.press("Space", 32)
    assert page.browser.evaluate("document.activeElement.parentElement.open")


def test_everything_has_a_name_for_those_who_hear_the_page(page: Page) -> None:
    """Boxes, buttons and links have names, no two headings skip a level, and what changes is announced."""
    nodes = page.browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    assert {"textbox", "searchbox", "main", "region", "search", "status", "list", "link"} <= {role for role, _ in roles}
    named = {"textbox", "searchbox", "link", "region", "heading", "DisclosureTriangle"}
    assert [role for role, name in roles if role in named and not name] == []
    assert ("searchbox", "Votre transporteur y est-il\u00a0?") in roles
    levels = page.browser.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.browser.evaluate("document.querySelectorAll('[role=status][aria-live=polite]').length") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_that_of_the_page(chromium: Chromium, pages: dict[str, Path], language: str) -> None:
    """Its own texts and what its scripts add: counts, verdicts, names of countries."""
    chromium.open(pages[language])
    page = Page(chromium)
    page.type("number", "6A12345678905")
    expected = {
        "fr": ("Transporteurs pris en charge", "transporteurs", "convient à", "Allemagne"),
        "en": ("Supported carriers", "carriers", "fits", "Germany"),
    }
    title, counted, fits, germany = expected[language]
    assert page.text("h1") == title
    assert page.text("#count").endswith(counted)
    assert f" {fits} " in page.text("#verdict")
    assert germany in page.text("#cards")
    assert not re.search(r"\{\w+\}|undefined|null", page.text("body"))
    assert chromium.errors == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 600, 960, 1280])
def test_nothing_is_wider_than_the_screen(
    chromium: Chromium, pages: dict[str, Path], language: str, width: int
) -> None:
    """Down to 320 px, with all details open and a number that fits many; boxes are large enough for a thumb."""
    chromium.screen(width, 700)
    chromium.open(pages[language])
    page = Page(chromium)
    page.type("number", "12345678901234")
    chromium.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    assert chromium.evaluate("document.getElementById('query').offsetHeight") >= 44


def test_dark_and_light_follow_the_reader(chromium: Chromium, pages: dict[str, Path]) -> None:
    """The ground is dark for those who like it so, light for the others."""
    seen = []
    for dark in (False, True):
        chromium.screen(1280, 900, dark=dark)
        chromium.open(pages["fr"])
        colour = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.append(sum(map(int, re.findall(r"\d+", colour)[:3])))
    assert seen[0] > 600
    assert seen[1] < 150


def test_the_list_is_there_without_scripts(chromium: Chromium, pages: dict[str, Path]) -> None:
    """The boxes, which would do nothing, are not; the page says why."""
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(pages["fr"])
        page = Page(chromium)
        assert len(page.shown()) == len(ENGINE.catalogue)
        assert "n'exécute pas de scripts" in page.text("header")
        assert not chromium.evaluate("document.getElementById('query').checkVisibility()")
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)


def test_forms_that_the_page_cannot_try_are_named(chromium: Chromium, tmp_path: Path) -> None:
    """Where a pattern has what JavaScript lacks, the page does not guess: it says whose forms it did not try."""
    (tmp_path / "untried.yaml").write_text(UNTRIED, encoding="utf-8")
    file = tmp_path / "index.html"
    file.write_text(render_page(Engine.load(carriers=[tmp_path]), "en", dt.date(2026, 11, 23)), encoding="utf-8")
    chromium.open(file)
    page = Page(chromium)
    page.type("number", "ZZ12")
    assert "Transports Lents" in page.text(".fit-untried")
    assert chromium.errors == []


def luminance(colour: str) -> float:
    """The relative luminance of ``#rrggbb``, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(scheme: int) -> None:
    """4.5 to 1 for text on every ground that it stands on, 3 to 1 for the edges of boxes (WCAG 2 AA)."""
    style = (Path(rendering.__file__).parent / "page.css").read_text(encoding="utf-8")
    palette = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", style.split(":root {")[1 + scheme].split("}")[0]))
    grounds = [palette.pop("ground"), palette.pop("surface")]
    pairs = [(name, colour, ground) for name, colour in palette.items() for ground in grounds]
    pairs = [pair for pair in pairs if pair[0] not in ("line", "code")] + [("text", palette["text"], palette["code"])]
    assert len(pairs) == 13
    for name, colour, ground in pairs:
        lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= (3 if name == "edge" else 4.5), (name, colour, ground)
