"""Names compare without case, accents, spaces and punctuation; letters of any script stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.names import fold, nearest


@pytest.mark.parametrize(
    "names",
    [
        ("Colis Privé", "COLIS-PRIVE", "colisprive", "colis  prive\u0301", "Colis.Privé!"),
        ("Straße", "STRASSE", "strasse"),
        ("Île-de-France", "ile de france"),
        ("ＤＨＬ", "dhl"),
        ("Почта России", "почта-россии", "ПОЧТА РОССИИ"),
        ("ﬁx", "FIX"),
    ],
    ids=lambda names: names[0],
)
def test_one_name_written_in_several_ways(names: tuple[str, ...]) -> None:
    """They fold to one form."""
    assert len({fold(name) for name in names}) == 1


@pytest.mark.parametrize(
    "names",
    [("佐川", "佐賀"), ("가나", "각나"), ("が", "か"), ("की", "का"), ("กิน", "กุน"), ("DHL", "DPD"), ("TNT 1", "TNT 2")],
    ids="-".join,
)
def test_other_letters_are_other_names(names: tuple[str, str]) -> None:
    """Letters, and the signs that spell with them, are never dropped."""
    first, second = map(fold, names)
    assert first
    assert second
    assert first != second


@pytest.mark.parametrize("name", ["", " ", "---", "❤\ufe0f", "…"])
def test_nothing_is_left_of_signs(name: str) -> None:
    """A name without a letter or digit folds to nothing."""
    assert fold(name) == ""


@given(st.text())
def test_folding_is_done_once(name: str) -> None:
    """What is folded stays as it is."""
    assert fold(fold(name)) == fold(name)


@given(st.text(st.characters(codec="latin-1")))
def test_case_never_matters(name: str) -> None:
    """Capitals and small letters of the West are one."""
    assert fold(name) == fold(name.lower()) == fold(name.swapcase().casefold())


def test_the_nearest_word() -> None:
    """A misspelt word has a neighbour, whatever its case; an unlike one has none."""
    known = ["tracking_url", "tracking_numbers", "name", "Name"]
    assert nearest("trackng_url", known) == "tracking_url"
    assert nearest("TRACKING_URL", known) == "tracking_url"
    assert nearest("nmae", known) == "name"
    assert nearest("xyz", known) is None
    assert nearest("", known) is None
    assert nearest("x" * 1_000_000, known) is None
    assert nearest("name", []) is None
