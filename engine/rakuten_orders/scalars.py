"""Text as YAML in single quotes, and unquoted text that YAML readers change.

``NO``, ``012``, ``1_000``, ``12:30``, a date, ``1e3``, ``1.10``: here they stay the text they are. PyYAML (YAML 1.1)
and the readers of YAML 1.2 make other values of them, so a file that holds one reads differently elsewhere.
"""

from __future__ import annotations

import re

_WORDS = {
    spelling: meaning
    for meaning, words in {"true": ("yes", "on", "true"), "false": ("no", "off", "false"), "nothing": ("null",)}.items()
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
} | {"~": "nothing", "=": "a sign of its own", "<<": "a sign of its own"}

# YAML 1.1 as PyYAML reads it, and the core schema of YAML 1.2. First match counts.
_RULES = (
    (re.compile(r"[-+]?0[0-7_]+"), "an octal number"),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+|[-+]?0b[01_]+|0o[0-7]+"), "a number in another base"),
    (re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"), "a number in base 60"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"), "a number in base 60"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date"),
    (
        re.compile(
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
            r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
        ),
        "a time",
    ),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), "a special number"),
)
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?:(?P<whole>[0-9][0-9_]*)(?P<point>\.(?P<decimals>[0-9_]*))?|(?P<bare>\.[0-9][0-9_]*))"
    r"(?P<exponent>[eE][-+]?[0-9]+)?"
)
# What a double holds exactly; readers in JavaScript round longer numbers.
_EXACT_DIGITS = 15


def quoted(text: str) -> str:
    """The text of one line as YAML in single quotes, as it can be pasted into a file."""
    return "'" + text.replace("'", "''") + "'"


def read_differently(text: str) -> str | None:
    """What other YAML readers make of the unquoted ``text`` ("an octal number"), None where they keep it.

    A number that comes out as it is written (``75011``, ``9.9``) counts as kept.
    """
    first = text[0]
    if not ("0" <= first <= "9" or first in "+-."):
        return _WORDS.get(text)
    for pattern, reading in _RULES:
        if pattern.fullmatch(text):
            return reading
    number = _NUMBER.fullmatch(text)
    return _changed(number) if number else None


def _changed(number: re.Match[str]) -> str | None:
    """What comes out of a number, None where that is what is written."""
    whole = (number["whole"] or "").replace("_", "")
    decimals = (number["decimals"] or "").replace("_", "")
    if len(whole) + len(decimals) > _EXACT_DIGITS or number["exponent"] or number["bare"]:
        return "a number" if number["exponent"] or number["bare"] else "a number that some round"
    shown = whole.lstrip("0") or "0"
    if number["point"]:
        shown = f"{shown}.{decimals.rstrip('0') or '0'}"
    sign = "-" if number["sign"] == "-" and (shown.strip("0.") or number["point"]) else ""
    plain = sign + shown
    return None if plain == number[0] else f"the number {plain}"
