"""Facts about Rakuten France: transporters, countries, status words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders import marketplace
from rakuten_orders.marketplace import (
    STATUS_WORDS,
    TRANSPORTERS,
    ItemStage,
    country_numbers,
    find_transporter,
    item_stage,
    needs_url,
    numeric_country,
    prepaid_transporter,
)


def test_there_are_43_transporters_and_three_demand_a_url() -> None:
    """The list has 43 names; Autre, Kiala and Mondial Relay come with a tracking URL."""
    assert len(TRANSPORTERS) == 43
    assert {name for name, url in TRANSPORTERS.items() if url} == {"Autre", "Kiala", "Mondial Relay"}


@pytest.mark.parametrize("name", ["Chronopost", "Colis Prive", "Fedex", "S.F. Express", "4PX", "Mondial Relay prépayé"])
def test_the_newest_spelling_is_kept(name: str) -> None:
    """Spellings that differ from the brand's own stay as Rakuten's clients send them."""
    assert find_transporter(name) == name
    assert name in TRANSPORTERS


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ("CHRONOPOST", "Chronopost"),
        ("fedex", "Fedex"),
        (" courrier suivi ", "Courrier Suivi"),
        ("MONDIAL RELAY PRE\u0301PAYE\u0301", "Mondial Relay prépayé"),
        ("Colis Privé", None),
        ("Relais Colis", None),
        ("Laposte", None),
        ("Other", None),
        ("", None),
    ],
)
def test_names_are_found_without_case_and_nothing_else(given: str, listed: str | None) -> None:
    """Case, surrounding blanks and Unicode composition do not matter; everything else does."""
    assert find_transporter(given) == listed


@given(st.sampled_from(sorted(TRANSPORTERS)), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_every_name_is_found_in_any_case(name: str, change: object) -> None:
    """No two names of the list fold to one."""
    assert callable(change)
    assert find_transporter(change(name)) == name


def test_an_unlisted_name_needs_a_url() -> None:
    """It will be sent as Autre, so it needs what Autre needs."""
    assert needs_url("Relais Colis")
    assert needs_url("kiala")
    assert not needs_url("colissimo")


@pytest.mark.parametrize(
    ("shipping_type", "transporter"),
    [
        ("So Colissimo", "So Colissimo"),
        ("chronopost", "Chronopost"),
        ("Shop2Shop by Chronopost", "Chronopost"),
        ("Mondial Relay prépayé", "Mondial Relay prépayé"),
        ("Point relais Mondial Relay", None),
        ("Normal", None),
    ],
)
def test_prepaid_shipping_types_name_their_transporter(shipping_type: str, transporter: str | None) -> None:
    """Only types whose label Rakuten sells have a transporter of their own, and it is one of the list."""
    assert prepaid_transporter(shipping_type) == transporter
    assert transporter is None or transporter in TRANSPORTERS


@pytest.mark.parametrize(
    ("alpha2", "number"),
    [("FR", 249), ("FX", 249), ("fr", 249), ("BE", 56), ("AF", 4), ("NO", 578), ("CN", 156), ("GP", 312), ("ZW", 716)],
)
def test_countries_become_rakuten_numbers(alpha2: str, number: int) -> None:
    """ISO 3166-1 numeric as a plain integer, France excepted."""
    assert numeric_country(alpha2) == number


@pytest.mark.parametrize("word", ["", "XX", "FRA", "250", "UK"])
def test_what_is_no_alpha2_code_has_no_number(word: str) -> None:
    """Nothing is guessed."""
    assert numeric_country(word) is None


def test_every_country_is_there_and_250_is_not() -> None:
    """249 countries, one number each; the number of France that Rakuten refuses is none of them."""
    assert len(country_numbers()) == 249
    assert 250 not in country_numbers()
    assert min(country_numbers()) == 4
    assert max(country_numbers()) == 894


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("TO_CONFIRM", ItemStage.UNDECIDED),
        ("REMINDED", ItemStage.UNDECIDED),
        ("accepted", ItemStage.SHIPPABLE),
        ("Committed", ItemStage.SHIPPABLE),
        ("PENDING", ItemStage.AWAITING_STOCK),
        ("REFUSED", ItemStage.GONE),
        ("CANCELLED", ItemStage.GONE),
        ("PENDING_CLAIM", ItemStage.IN_CLAIM),
        ("ON_HOLD", ItemStage.IN_CLAIM),
        ("CLOSED", ItemStage.CLOSED),
        ("SHIPPED", ItemStage.UNKNOWN),
        ("", ItemStage.UNKNOWN),
    ],
)
def test_both_vocabularies_are_understood_without_case(status: str, stage: ItemStage) -> None:
    """Words of 2014 and of today mean the same stages; anything else is UNKNOWN."""
    assert item_stage(status) is stage


def test_no_word_stands_for_two_stages() -> None:
    """The vocabularies do not overlap between stages."""
    words = [word for words in STATUS_WORDS.values() for word in words]
    assert len(words) == len(set(words)) == 12
    assert set(STATUS_WORDS) == set(ItemStage)


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    """The lazily loaded list does not swallow typing mistakes."""
    with pytest.raises(AttributeError, match="TRANSPORTER"):
        _ = marketplace.TRANSPORTER  # type: ignore[attr-defined]


def test_the_data_is_read_only_when_asked_for() -> None:
    """Importing the module reads no file."""
    code = (
        "import rakuten_orders.marketplace as m\n"
        "assert m._transporters.cache_info().currsize == 0\n"
        "m.TRANSPORTERS\n"
        "assert m._transporters.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
