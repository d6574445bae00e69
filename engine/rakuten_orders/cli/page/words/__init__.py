"""The texts of the page, a file for each language."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("fr", "en")

# French sets its double signs off by a blank at which no line may break.
_BEFORE_SIGN = re.compile(r" (?=[:;?!»])|(?<=«) ")


@cache
def words(language: str) -> dict[str, Any]:
    """The texts in one of ``LANGUAGES``, by key."""
    text = resources.files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(_BEFORE_SIGN.sub("\u00a0", text) if language == "fr" else text)
    return found
