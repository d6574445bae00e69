"""A carrier's file from a number and an address: whatever is given, a file that passes, or a sentence why not."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from rakuten_orders import Engine, Shipment
from rakuten_orders.checking import check
from rakuten_orders.formats import clean_number
from rakuten_orders.messages import _catalogue as messages_in
from rakuten_orders.messages import remark_text
from rakuten_orders.names import code_of
from rakuten_orders.new_carrier import SAMPLED, Draft, Given, Place, draft
from rakuten_orders.new_carrier.address import read_address
from rakuten_orders.sources import CarriersLayer, SourceFile, Sources, read_sources

DAY = dt.date(2026, 11, 23)
ALONE = Place("carriers.d", Sources((), (CarriersLayer("shipped", ()),)))
SHIPPED = Place("carriers.d", read_sources())
SITE = "https://suivi.transports-dupuis.example"


def make(*numbers: str, url: str = "", place: Place = ALONE, **more: Any) -> Draft:
    """The draft for Transports Dupuis with these numbers and that address behind the site."""
    values = {name: (more.pop(name),) for name in SAMPLED if name in more}
    urls = more.pop("urls", (url if "://" in url or not url else SITE + url,))
    name = more.pop("name", "Transports Dupuis")
    return draft(Given(name, numbers, urls, DAY, values, **more), place)


def facts(made: Draft) -> dict[str, Any]:
    """The file's keys, every scalar as text. There has to be a file."""
    assert made.refusals == ()
    return yaml.load(made.text, Loader=yaml.BaseLoader)


def template(*numbers: str, url: str, **more: Any) -> str:
    """The template behind the site."""
    return facts(make(*numbers, url=url, **more))["tracking_url"].removeprefix(SITE)


def codes(made: Draft, weight: str = "refusal") -> list[str]:
    return [remark.code for remark in made.remarks if remark.weight == weight]


def test_the_whole_file() -> None:
    """Everything that a person gave, in the house format."""
    made = make(
        "DU 0012 3456",
        "DU98765432",
        url="/colis?ref=DU00123456&cp=59000&pays=be",
        aliases=("Ets Dupuis", "dupuis express"),
        note="l'agence de Lille",
        source_note="mail de l'agence, ticket 4711",
    )
    assert made.text == (
        "code: transports-dupuis\n"
        "name: Transports Dupuis\n"
        "aliases:\n"
        "  - dupuis express\n"
        "  - Ets Dupuis\n"
        "countries: [BE]\n"
        "tracking_numbers:\n"
        "  - pattern: 'DU[0-9]{8}'\n"
        "on_mismatch: warn\n"
        f"tracking_url: '{SITE}/colis"
        "?ref={{ tracking_number }}&cp={{ postcode }}&pays={{ country | lower }}'\n"
        "confidence: medium\n"
        "note: 'l''agence de Lille'\n"
        "sources:\n"
        "  - note: 'mail de l''agence, ticket 4711'\n"
        "    read: 2026-11-23\n"
        "examples:\n"
        "  valid:\n"
        "    - tracking_number: 'DU 1234 5678'\n"
        "      postcode: '75011'\n"
        "      country: BE\n"
        f"      url: '{SITE}/colis?ref=DU12345678&cp=75011&pays=be'\n"
        "  invalid:\n"
        "    - tracking_number: 'DU1234567'\n"
        "      postcode: '75011'\n"
        "      country: BE\n"
        "      because: too short\n"
    )


@pytest.mark.parametrize(
    ("number", "url", "expected"),
    [
        ("00123456", "/c/00123456", "/c/{{ tracking_number }}"),
        (
            "00123456",
            "/00123456?n=00123456#00123456",
            "/{{ tracking_number }}?n={{ tracking_number }}#{{ tracking_number }}",
        ),
        ("du 1234-5678", "/c?n=DU12345678", "/c?n={{ tracking_number }}"),
        ("DU12345678", "/c?n=du12345678", "/c?n={{ tracking_number | lower }}"),
        ("DU12345678", "/c?n=12345678", "/c?n={{ tracking_number | digits }}"),
        ("DU12345678", "/c?n=DU12345678&k=12345678", "/c?n={{ tracking_number }}&k={{ tracking_number | digits }}"),
        ("DU 1234 5678", "/c?n=DU+1234+5678", "/c?n={{ tracking_number }}"),
        ("DU 1234 5678", "/c?n=DU%201234%205678&x=%20", "/c?n={{ tracking_number }}&x=%20"),
        ("DU-1234-5678", "/c/DU-1234-5678/fr", "/c/{{ tracking_number }}/fr"),
        ("AB/12345", "/c?n=AB%2F12345", "/c?n={{ tracking_number }}"),
        ("AB/12345", "/c/AB/12345", "/c/{{ tracking_number }}"),
        ("12345678", "/[NUMERO]/x", "/{{ tracking_number }}/x"),
        ("12345678", "/x?n={tracking_number}&cp=%s", "/x?n={{ tracking_number }}&cp={{ tracking_number }}"),
        ("12345678", "/x?n=[N° de colis]&cp=[CODE POSTAL]", "/x?n={{ tracking_number }}&cp={{ postcode }}"),
        ("12345678", "/x?n=XXXXXXXX", "/x?n={{ tracking_number }}"),
        ("12345678", "/x?n=@", "/x?n={{ tracking_number }}"),
        ("2026", "/2026/a2026?n=2026", "/{{ tracking_number }}/a2026?n={{ tracking_number }}"),
        (
            "12345678",
            "/été {{ x }}|?n=12345678&q='%'",
            "/%C3%A9t%C3%A9%20%7B%7B%20x%20%7D%7D|?n={{ tracking_number }}&q='%25",
        ),
    ],
)
def test_the_number_becomes_a_variable(number: str, url: str, expected: str) -> None:
    """Plain and encoded, spaced, in small letters, its digits alone, several times; the rest stays as it is."""
    assert template(number, url=url) == expected


@pytest.mark.parametrize(
    ("url", "values", "expected"),
    [
        ("&z=75011", {"postcode": "75011"}, "&z={{ postcode }}"),
        ("&z=75011", {}, "&z=75011"),
        ("&cp=75011", {}, "&cp={{ postcode }}"),
        ("&zip_code=1012+AB", {}, "&zip_code={{ postcode }}"),
        ("&z=1012AB", {"postcode": "1012 AB"}, "&z={{ postcode | no_spaces }}"),
        ("&z=1012ab", {"postcode": "1012 AB"}, "&z={{ postcode | no_spaces | lower }}"),
        ("&z=1012", {"postcode": "1012 AB"}, "&z={{ postcode | digits }}"),
        ("&z=SW1A%201AA", {"postcode": "sw1a 1aa"}, "&z={{ postcode | upper }}"),
        ("&z=97501199", {"postcode": "75011"}, "&z=97501199"),
        (
            "&a=75011&b=69003",
            {"postcode": "69003", "pickup_postcode": "75011"},
            "&a={{ pickup_postcode }}&b={{ postcode }}",
        ),
        ("&a=75011", {"postcode": "75011", "pickup_postcode": "75011"}, "&a={{ postcode }}"),
        ("&c=FR", {"country": "fr"}, "&c={{ country }}"),
        ("&country=FR", {}, "&country={{ country }}"),
        ("&country=XX", {}, "&country=XX"),
        ("&lang=fr", {}, "&lang=fr"),
        ("&lang=fr", {"country": "FR"}, "&lang=fr"),
        ("&lang=fr", {"language": "FR"}, "&lang={{ language }}"),
        ("&l=fr_FR", {"language": "fr", "country": "FR"}, "&l={{ language }}_{{ country }}"),
        ("&c=FR&l=fr", {"language": "fr", "country": "FR"}, "&c={{ country }}&l={{ language }}"),
        ("&franc=fr-x&fr=1", {"country": "FR"}, "&franc=fr-x&fr=1"),
        ("&t=4321", {"phone_last4": "06 39 98 43 21"}, "&t={{ phone_last4 }}"),
        ("&o=429492423", {"order_id": "429492423"}, "&o={{ order_id }}"),
        ("&i=1000001", {"item_id": "1000001"}, "&i={{ item_id }}"),
    ],
)
def test_other_values_become_variables(url: str, values: dict[str, str], expected: str) -> None:
    """What was given is found in the forms that filters can make; what was not, where the address itself names it."""
    assert template("DU12345678", url=f"/c?n=DU12345678{url}", **values) == f"/c?n={{{{ tracking_number }}}}{expected}"


@pytest.mark.parametrize("path", ["/fr/suivi", "/fr-fr/suivi", "/fr_FR"])
def test_a_language_in_the_path_is_not_the_country(path: str) -> None:
    """It stays as it is, unless the language was given too."""
    assert template("DU12345678", url=f"{path}?n=DU12345678", country="FR") == f"{path}?n={{{{ tracking_number }}}}"


def test_a_postcode_inside_the_number_stays_in_it() -> None:
    """The longest comes first."""
    expected = "/c?n={{ tracking_number }}&cp={{ postcode }}"
    assert template("987501112", url="/c?n=987501112&cp=75011", postcode="75011") == expected


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("  <https://a.example/12345678>. ", "https://a.example/12345678"),
        ("Suivi : https://a.example/12345678, merci", "https://a.example/12345678"),
        ("[suivi](https://a.example/12345678)", "https://a.example/12345678"),
        ("a.example/x?n=12345678", "https://a.example/x?n=12345678"),
        ("HTTPS://WWW.A.Example:8443/A", "https://www.a.example:8443/A"),
        ("https://été.example/n", "https://xn--t-9fab.example/n"),
        ("https://a.example/x?n=1234\r\n5678", "https://a.example/x?n=12345678"),
        ("https://a.example/(x)", "https://a.example/(x)"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F%3Fn%3D12345678&data=05",
            "https://a.example/?n=12345678",
        ),
    ],
)
def test_an_address_is_taken_out_of_what_was_pasted(pasted: str, url: str) -> None:
    """Brackets, sentences, line breaks and the wrappings of mail programs go."""
    address, _ = read_address(pasted)
    assert address is not None
    assert address.url == url


@pytest.mark.parametrize(
    ("pasted", "variant"),
    [
        ("le site du transporteur", "no-address"),
        ("ftp://a.example/1", "no-address"),
        ("https://jean:secret@a.example/1", "user"),
        ("https://localhost/1", "host"),
        ("https://192.0.2.1/1", "host"),
        ("https://{{ tracking_number }}.a.example/", "host"),
        ("https://a.example/?m=jean.dupont%40mail.example", "mail"),
        ("https://a.example/" + "1" * 2000, "long"),
    ],
)
def test_an_address_that_cannot_be_sent_is_refused(pasted: str, variant: str) -> None:
    """Each with its own sentence."""
    address, (remark,) = read_address(pasted)
    assert address is None
    expected = "no-address" if variant == "no-address" else "address"
    assert remark.code == expected
    wording = messages_in()["remarks"][expected].get("variants", {}).get(variant, messages_in()["remarks"][expected])
    assert remark.message.startswith(wording["message"].split("{")[0])


@pytest.mark.parametrize(
    ("numbers", "patterns"),
    [
        (("DU12345678",), []),
        (("DU12345678", "DU 1234 5678"), []),
        (("DU12345678", "DU98765432"), ["DU[0-9]{8}"]),
        (("AB123456", "CD654321"), ["[A-Z]{2}[0-9]{6}"]),
        (("A1B2C3D4", "AB12CD34"), ["A[0-9A-Z]{2}[0-9]C[0-9A-Z]{2}[0-9]"]),
        (("12345678", "87654321", "123456789012", "210987654321"), ["[0-9]{8}", "[0-9]{12}"]),
        (("12345678", "87654321", "123456789012"), []),
        (("AB/12345", "CD/54321"), ["[A-Z]{2}/[0-9]{5}"]),
        (("AB/12345", "ABC12345"), []),
        (("12345+78", "54321+87"), [r"[0-9]{5}\+[0-9]{2}"]),
    ],
)
def test_a_pattern_is_proposed_only_from_numbers_that_agree(numbers: tuple[str, ...], patterns: list[str]) -> None:
    """One sample of a length proposes none, and says so; letters that all have stay, digits never do."""
    made = make(*numbers, url=f"/c?n={quote(clean_number(numbers[0]), safe='')}")
    assert [entry["pattern"] for entry in facts(made).get("tracking_numbers", ())] == patterns
    assert ("pattern" if patterns else "no-pattern") in codes(made, "look")
    assert len(facts(made)["examples"]["valid"]) == max(1, len(patterns))
    assert len(facts(made)["examples"].get("invalid", ())) == len(patterns)


SSCC = ("6A98765432006", "6A11223344550", "6A44445555664")


def test_check_digits_are_named_and_not_taken() -> None:
    """From three numbers on; two may have one by chance."""
    made = make(*SSCC, url=f"/{SSCC[0]}")
    hint = next(remark for remark in made.remarks if remark.code == "check-digit")
    assert "gs1-mod10:11" in hint.message
    assert "checksum" not in made.text
    assert "check-digit" not in codes(make(*SSCC[:2], url=f"/{SSCC[0]}"), "look")
    assert "check-digit" not in codes(make(*SSCC[:2], "6A44445555665", url=f"/{SSCC[0]}"), "look")


def test_a_check_digit_that_is_asked_for_is_right_in_the_examples() -> None:
    """It is computed anew, and one example has it wrong."""
    made = make(*SSCC, url=f"/{SSCC[0]}", checksum="gs1-mod10:11")
    assert facts(made)["tracking_numbers"][0]["checksum"] == {"algorithm": "gs1-mod10", "tail": "11"}
    assert [entry["because"] for entry in facts(made)["examples"]["invalid"]] == ["the check digit is 5", "too short"]


@pytest.mark.parametrize(
    ("checksum", "numbers"),
    [("luna", SSCC), ("s10:11", SSCC), ("gs1-mod10:0", SSCC), ("luhn", SSCC), ("gs1-mod10:11", SSCC[:1])],
)
def test_a_check_digit_that_does_not_fit_is_refused(checksum: str, numbers: tuple[str, ...]) -> None:
    """An unknown name, a tail where none goes, numbers that do not have it, too few numbers for a pattern."""
    assert codes(make(*numbers, url=f"/{numbers[0]}", checksum=checksum)) == ["checksum"]


@pytest.mark.parametrize(
    ("number", "example"),
    [
        ("12345678", "23456789"),
        ("00123456", "00234567"),
        ("DU 44.44-4444", "DU 12.34-5678"),
        ("6A44444444444", "6A12345678901"),
        ("1234567890", "2345678901"),
        ("AB1CD2EF", "AB1BC2DE"),
        ("0000", "1234"),
    ],
)
def test_digits_of_examples_are_made_up(number: str, example: str) -> None:
    """Of the same shape, spaces and all; with few digits the letters are made up too."""
    (valid,) = facts(make(number, url=f"/{clean_number(number)}"))["examples"]["valid"]
    if number == "AB1CD2EF":
        assert clean_number(valid["tracking_number"]) != number
        assert re.fullmatch("[A-Z]{2}[0-9][A-Z]{2}[0-9][A-Z]{2}", valid["tracking_number"])
    else:
        assert valid["tracking_number"] == example


def test_a_postcode_of_an_example_is_nobodys() -> None:
    """Five digits are a district of Paris, another shape gets digits and letters in a row."""
    for postcode, expected in (("59000", "75011"), ("1012 XT", "1234 AB"), ("1000", "1234")):
        (valid,) = facts(make("DU12345678", url=f"/DU12345678?cp={quote(postcode)}"))["examples"]["valid"]
        assert valid["postcode"] == expected


def test_notes_and_sources_lose_the_number() -> None:
    """These files are read by everybody; what was taken out is said."""
    made = make(
        "DU12345678",
        url="/DU12345678",
        note="colis DU 1234 5678",
        source_url=f"{SITE}/DU12345678",
    )
    assert facts(made)["note"] == "colis …"
    assert facts(made)["sources"] == [
        {
            "note": "a tracking number and the address of its page, on suivi.transports-dupuis.example",
            "read": "2026-11-23",
        }
    ]
    assert {"note-without-number", "source-without-number"} <= set(codes(made, "look"))
    page = make("DU12345678", url="/DU12345678", source_url="https://www.transports-dupuis.example/aide")
    assert facts(page)["sources"][0]["url"] == "https://www.transports-dupuis.example/aide"


@pytest.mark.parametrize(
    ("number", "url", "words"),
    [
        ("77120045", "/suivi", "--search-page"),
        ("55512345", "/suivi?n=5551234", "5551234"),
        ("0004512233", "/suivi/4512233", "zeros"),
        ("77120045", "https://77120045.a.example/x", "site's name"),
    ],
)
def test_an_address_without_the_number_is_explained(number: str, url: str, words: str) -> None:
    """A search page, a misspelt number, zeros that a spreadsheet dropped, a number in the host."""
    made = make(number, url=url)
    assert codes(made) == ["not-in-address"]
    assert words in made.refusals[0].message + made.refusals[0].hint
    assert made.text == ""


def test_a_search_page_needs_no_number() -> None:
    """Then buyers type it in. Where the address has the number after all, it is no search page."""
    made = make("77120045", url="/suivi", search_page=True)
    assert (facts(made)["search_page"], facts(made)["tracking_url"]) == ("true", f"{SITE}/suivi")
    other = make("77120045", url="/suivi?n=77120045", search_page=True)
    assert "search_page" not in facts(other)
    assert "no-search-page" in codes(other, "look")


def test_digits_around_the_number_are_doubted() -> None:
    """Unless somebody says that they are always there, or a second address shows it."""
    assert codes(make("5551234", url="/x?n=05551234")) == ["number-inside"]
    assert template("5551234", url="/x?n=05551234", same_digits=True) == "/x?n=0{{ tracking_number }}"
    two = make("5551234", "5559876", urls=(f"{SITE}/x?n=05551234", f"{SITE}/x?n=05559876"))
    assert facts(two)["tracking_url"] == f"{SITE}/x?n=0{{{{ tracking_number }}}}"


def test_addresses_have_to_agree() -> None:
    """What differs beyond the values is shown."""
    made = make("55512345", "55598765", urls=(f"{SITE}/a?n=55512345&k=1", f"{SITE}/a?n=55598765&k=2"))
    assert codes(made) == ["addresses-differ"]
    assert "k=1\n" in made.refusals[0].message


def test_an_address_with_two_parcels_is_refused() -> None:
    """The second number would stay in the file; so would one that the address means otherwise (+ is a space there)."""
    assert codes(make("55512345", "55598765", url="/a?n=55512345,55598765")) == ["several-numbers"]
    assert codes(make("00000+", url="/a?n=00000+", search_page=True)) == ["several-numbers"]


def test_http_needs_a_note() -> None:
    """So that the check does not warn."""
    url = "http://suivi.a.example/12345678"
    assert codes(make("12345678", url=url)) == ["http"]
    assert facts(make("12345678", url=url, note="only http"))["tracking_url"].startswith("http://")


def test_digits_that_stay_are_told() -> None:
    """They may be the one parcel's."""
    made = make("12345678", url="/x?n=12345678&tel=612345679")
    assert "612345679" in next(remark.message for remark in made.remarks if remark.code == "left")


def test_what_comes_out_differently_is_told() -> None:
    """Spaces that the page had, and the template does not send."""
    assert "comes-out" in codes(make("12 34 56 78", url="/x?n=12%2034%2056%2078"), "look")
    assert "comes-out" not in codes(make("12 34 56 78", url="/x?n=12345678"), "look")


@pytest.mark.parametrize(
    ("name", "aliases", "known_as"),
    [
        ("COLIS PRIVE", (), "its name"),
        ("So Colissimo", (), "its alias 'So Colissimo'"),
        ("Dpd-Fr", (), "its code"),
        ("Transports Dupuis", ("dpd",), "its alias 'DPD'"),
    ],
)
def test_a_name_that_is_taken_is_refused(name: str, aliases: tuple[str, ...], known_as: str) -> None:
    """Compared as everywhere: without case, accents, spaces and punctuation. ``force`` takes it away."""
    made = make("12345678", url="/12345678", name=name, aliases=aliases, place=SHIPPED)
    assert codes(made) == ["name-taken"]
    assert known_as in made.refusals[0].message
    forced = make("12345678", url="/12345678", name=name, aliases=aliases, place=SHIPPED, force=True)
    assert "name-taken" in codes(forced, "doubt")
    assert forced.text


def test_a_name_that_is_near_is_doubted() -> None:
    """With the very name that is like it. The file is made: whether it is needed, a person has to say."""
    made = make("12345678", url="/12345678", name="Lettre Suivi", place=SHIPPED)
    (doubt,) = [remark for remark in made.remarks if remark.weight == "doubt"]
    assert "la-poste, also called 'Lettre suivie'" in doubt.message
    assert "extends: la-poste" in doubt.hint
    assert made.text


def test_a_host_belongs_to_one_company() -> None:
    """The operator is proposed; the very same page is called the same carrier."""
    url = "https://www.laposte.fr/outils/suivre-vos-envois?code=12345678"
    same = make("12345678", url=url, place=SHIPPED)
    assert codes(same) == ["host-taken"]
    assert "very same" in same.refusals[0].message
    assert same.operator == "la-poste"
    other = make("12345678", url="https://laposte.fr/autre?n=12345678", place=SHIPPED)
    assert "--operator la-poste" in other.refusals[0].hint
    assert codes(make("12345678", url=url, place=SHIPPED, operator="ups")) == ["host-taken"]
    assert facts(make("12345678", url=url, place=SHIPPED, operator="la-poste"))["operator"] == "la-poste"


def test_a_carrier_of_rakutens_list_goes_by_rakutens_name() -> None:
    """Found as names are compared, written as Rakuten spells it."""
    made = make("12345678", url="/12345678", name="dhl ")
    assert facts(made)["rakuten_name"] == "DHL"
    assert "rakuten-listed" in codes(made, "look")
    assert "rakuten_name" not in facts(make("12345678", url="/12345678", name="Autre"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Transports Dupuis", "transports-dupuis"),
        ("L'Éclair & Fils (Lyon)", "l-eclair-et-fils-lyon"),
        ("Cœur d’Œuvre", "coeur-d-oeuvre"),
        ("Straße 24/7", "strasse-24-7"),
        ("Smith's", "smiths"),
        ("佐川急便", ""),
        ("a" * 99, "a" * 60),
        ("mot " * 30, "-".join(["mot"] * 15)),
    ],
)
def test_the_code_comes_from_the_name(name: str, code: str) -> None:
    """Small letters and digits, words with hyphens, of bounded length."""
    assert code_of(name) == code


@pytest.mark.parametrize(
    ("number", "label"), [("12345678", ""), ("12345678", "N° "), ("12345678", "Colis n° : "), ("12345678", "# ")]
)
def test_words_before_a_number_are_left_out(number: str, label: str) -> None:
    """As mails have them."""
    assert make(label + number, url=f"/{number}").number == number


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("« L'Éclair »", "L'Éclair"),
        ("“Éclair”\u200b", "Éclair"),
        (" Éclair\t\nLyon\xa0\xa02 ", "Éclair Lyon 2"),
        ("Ｅclair２", "Eclair2"),
        ("L’Éclair", "L’Éclair"),
    ],
)
def test_a_name_is_taken_as_it_is_meant(typed: str, name: str) -> None:
    """Quotes of a mail, invisible and full-width characters, line breaks are no part of it."""
    assert facts(make("１２３４５６７８", url="/12345678", name=typed))["name"] == name


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "name"),
        ({"name": "!!!"}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "Dupuis 12345678"}, "name"),
        ({"name": "佐川急便"}, "name"),
        ({"aliases": ("…",)}, "name"),
        ({"code": "Dupuis_1"}, "code"),
        ({"operator": "La Poste"}, "operator"),
        ({"numbers": ()}, "number"),
        ({"numbers": ("colis",)}, "number"),
        ({"numbers": ("123",)}, "number"),
        ({"numbers": ("1" * 65,)}, "number"),
        ({"numbers": ("١٢٣٤٥",)}, "number"),
        ({"urls": ()}, "no-address"),
        ({"values": {"country": ("ZZ",)}}, "value"),
        ({"values": {"language": ("français",)}}, "value"),
        ({"values": {"phone_last4": ("123",)}}, "value"),
        ({"values": {"order_id": ("x" * 41,)}}, "value"),
        ({"source_url": "le ticket"}, "source"),
        ({"urls": ("https://a.example/" + "/12345678" * 60,)}, "address"),
    ],
)
def test_what_cannot_be_used_is_refused(changes: dict[str, Any], code: str) -> None:
    """With a sentence and what to do, and no file."""
    whole = Given("Transports Dupuis", ("12345678",), (f"{SITE}/12345678",), DAY)
    assert draft(whole, ALONE).text
    made = draft(replace(whole, **changes), ALONE)
    assert code in codes(made)
    assert made.text == ""
    assert all(remark.message and remark.hint for remark in made.refusals)


def test_a_file_that_would_collide_in_its_own_folder_is_refused() -> None:
    """``force`` takes names from carriers below, not from those beside it."""
    beside = make("12345678", url="/12345678")
    layer = CarriersLayer("carriers.d", (SourceFile("carriers.d/transports-dupuis.yaml", beside.text.encode()),))
    place = Place("carriers.d", Sources((), (CarriersLayer("shipped", ()), layer)), 1)
    made = make("12345678", url="https://b.example/12345678", code="dupuis-2", place=place, force=True)
    assert codes(made) == ["unfit"]


def test_every_remark_is_worded() -> None:
    """The catalogue has what the code says, and nothing else."""
    folder = Path(draft.__code__.co_filename).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    said = set(re.findall(r'(?:refusal|doubt|look)\(\s*"([a-z-]+)"', source))
    assert said == set(messages_in()["remarks"])
    with pytest.raises(KeyError):
        remark_text("name-near")


NUMBERS = st.one_of(
    st.from_regex(r"[0-9]{4,14}", fullmatch=True),
    st.from_regex(r"[A-Za-z]{0,3}[ -]?[0-9]{3,12}[A-Z]{0,2}", fullmatch=True),
    st.from_regex(r"[0-9A-Z/_?+.-]{5,12}", fullmatch=True),
)
FAMILIES = st.sampled_from([r"DU[0-9]{8}", "[0-9]{9}", "[A-Z][0-9]{4}[A-Z]{2}", "[0-9A-Z]{7}"])
VALUES = {
    "postcode": st.sampled_from(["75011", "1012 AB", "sw1a 1aa", "1000", "Ée 1"]),
    "country": st.sampled_from(["FR", "be", "NO"]),
    "language": st.sampled_from(["fr", "NL", "no"]),
    "phone_last4": st.sampled_from(["1234", "06 12 34 56 78"]),
    "pickup_postcode": st.sampled_from(["75012", "1012 AB"]),
    "order_id": st.sampled_from(["429492423", "12"]),
    "item_id": st.sampled_from(["1000001", "A-1"]),
}
NAMES = st.sampled_from(["L'Éclair", "NO", "12:30", "1e3", "# x", "a: b", "- x", "[x]", "~x", "{a", "x #y", "0o17"])
PIECES = st.sampled_from(
    (
        *("/", "?", "&", "=", "cp=", "?zip=", "&pays=FR", "&lang=", "fr-FR", "FR", "fr", "[NUMERO]", "{cp}", "@"),
        *("{{", "}}", "{%", "{#", "%s", "%", "%20", "%E9", "+", "#", "'", "é", "\n", "\ud800"),
    )
)


@st.composite
def likely(draw: st.DrawFn) -> Given:
    """What a person could have: numbers, an address that mostly holds one of them in some form, and odd things."""
    numbers = draw(st.lists(NUMBERS, min_size=1, max_size=3))
    numbers += draw(st.lists(st.from_regex(draw(FAMILIES), fullmatch=True), max_size=3))
    values = {name: (draw(VALUES[name]),) for name in draw(st.sets(st.sampled_from(sorted(VALUES))))}
    known = [*numbers, *(value for given in values.values() for value in given)]
    forms = [form for one in known for form in (one, one.lower(), clean_number(one), quote(one, safe=""))]
    piece = st.one_of(st.sampled_from(forms), PIECES, st.text(max_size=4), st.text("0123456789", max_size=9))
    url = f"{SITE}/{''.join(draw(st.lists(piece, max_size=6)))}?n={draw(st.sampled_from(forms))}{draw(piece)}"
    return Given(
        draw(NAMES | st.text(min_size=1, max_size=20)),
        tuple(numbers),
        (url,),
        DAY,
        values,
        code=draw(st.sampled_from(["", "x1"])),
        aliases=tuple(draw(st.lists(st.text(min_size=1, max_size=9), max_size=2))),
        checksum=draw(st.sampled_from(["", "", "luhn", "s10", "gs1-mod10:11"])),
        search_page=draw(st.booleans()),
        note=draw(st.text(max_size=20)),
        source_note=draw(st.text(max_size=20)),
        same_digits=draw(st.booleans()),
    )


ANYTHING = st.builds(
    Given,
    st.text(max_size=20),
    st.lists(st.text(max_size=20), max_size=3).map(tuple),
    st.lists(st.text(max_size=40) | st.text(max_size=20).map("https://a.example/{}".format), max_size=2).map(tuple),
    st.just(DAY),
    st.dictionaries(st.sampled_from(SAMPLED), st.lists(st.text(max_size=9), max_size=2).map(tuple)),
    code=st.text(max_size=5),
    aliases=st.lists(st.text(max_size=9), max_size=2).map(tuple),
    operator=st.text(max_size=5),
    checksum=st.text(max_size=9),
    source_url=st.text(max_size=20),
    force=st.booleans(),
)


@given(likely() | ANYTHING)
def test_a_file_that_passes_or_a_sentence_why_not(given: Given) -> None:
    """Never a traceback, never a finding, and never a number that a customer waits for."""
    made = draft(given, ALONE)
    assert bool(made.text) is not bool(made.refusals)
    assert "unfit" not in codes(made)
    assert all(remark.message for remark in made.remarks)
    if made.text:
        file = SourceFile(f"carriers.d/{made.code}.yaml", made.text.encode())
        report = check(Sources((), (CarriersLayer("carriers.d", (file,)),)), {file.file})
        assert [found for found in report.diagnostics if found.file == file.file] == []
        lines = [clean_number(line.partition(":")[2]) for line in made.text.splitlines()]
        for number in map(clean_number, given.numbers):
            assert len(number) < 6 or not any(number in line for line in lines)


@given(NUMBERS, st.lists(st.sampled_from(sorted(VALUES)), unique=True), st.data())
def test_the_customers_number_gets_its_page_back(number: str, names: list[str], data: st.DataObject) -> None:
    """Through the engine, with the file in force: what was given comes out of the template again."""
    cleaned = clean_number(number)
    assume(len(cleaned) >= 6)
    values = {name: data.draw(VALUES[name]) for name in names}
    form = data.draw(st.sampled_from([cleaned, cleaned.lower()]))
    url = f"/c?x={quote(form, safe='')}" + "".join(f"&{name}={quote(value)}" for name, value in values.items())
    made = make(number, url=url, **values)
    assume(made.text)
    items = (made.inputs["item_id"],) if "item_id" in made.inputs else None
    inputs = {name: value for name, value in made.inputs.items() if name != "item_id"}
    update = _engine(made).track(Shipment(transporter=made.code, tracking_number=number, item_ids=items, **inputs))
    assert update.warnings == ()
    assert f"x={quote(form, safe='')}" in update.tracking_url
    assert "comes-out" in codes(made, "look") or update.tracking_url == read_address(SITE + url)[0].url


def _engine(made: Draft) -> Engine:
    sources = SHIPPED.sources
    file = SourceFile(f"carriers.d/{made.code}.yaml", made.text.encode())
    return Engine.from_sources(replace(sources, carriers=(CarriersLayer("carriers.d", (file,)),)))
