"""How names of carriers are compared: without case, accents, spaces or punctuation; letters of any script stay."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The form of ``name`` that is compared: ``Colis Privé`` and ``COLIS-PRIVE`` are one, ``佐川`` stays."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed.casefold() if char.isalnum())
