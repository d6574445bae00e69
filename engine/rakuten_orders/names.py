"""How names are compared: those of carriers without case, accents, spaces or punctuation, and misspelt words."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The form of a carrier's name that is compared: ``Colis Privé`` and ``COLIS-PRIVE`` are one, ``佐川`` stays.

    Letters of any script stay, with the signs that belong to them (vowels in India and Thailand, voicing in Japan);
    only what Unicode sets above, below or through a letter counts as an accent.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(char for char in decomposed if char.isalnum() or _is_sign(char))


def _is_sign(mark: str) -> bool:
    """Whether a character is a mark that spells, not an accent and not a choice of glyph."""
    if unicodedata.category(mark)[0] != "M" or "\ufe00" <= mark <= "\ufe0f":
        return False
    return unicodedata.combining(mark) != 1 and unicodedata.combining(mark) < 200


def code_of(name: str) -> str:
    """The code for a carrier of that name: small letters and digits with hyphens; empty where it has none of them."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_SPELT_OUT))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = re.findall("[a-z0-9]+", re.sub("['’`´]s\\b", "s", plain))
    code = ""
    for word in words:
        longer = f"{code}-{word}" if code else word
        if len(longer) > _LONGEST_CODE:
            break
        code = longer
    return code or "".join(words)[:_LONGEST_CODE]


_LONGEST_CODE = 60
_SPELT_OUT = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "&": " et ", "+": " plus "}
)


def nearest(word: str, known: Collection[str]) -> str | None:
    """The entry of ``known`` that ``word`` was probably meant to be, compared without case; None if none is near."""
    return _nearest(word[:_LONGEST_WORD].casefold(), tuple(known))


_LONGEST_WORD = 200


@lru_cache(maxsize=1024)  # one mistake is often made many times
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    folded = {entry.casefold(): entry for entry in reversed(known)}
    found = difflib.get_close_matches(word, folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
