"""Unquoted text that YAML readers change: ``NO``, ``012``, ``1_000``, ``12:30``, a date, ``1e3``, ``1.10``.

Here it stays the text it is. PyYAML (YAML 1.1) and the readers of YAML 1.2 make other values of it, so a file
that holds it reads differently elsewhere.
"""

from __future__ import annotations

import re

_WORDS = {
    **dict.fromkeys(("yes", "on", "true"), "true"),
    **dict.fromkeys(("no", "off", "false"), "false"),
    **dict.fromkeys(("null", "~"), "nothing"),
}
_RULES = (
    (re.compile(r"[-+]?0[0-7_]+"), "an octal number"),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+|[-+]?0b[01_]+|0o[0-7]+"), "a number in another base"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"), "a number in base 60"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?"), "a date"),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), "a special number"),
)
_INTEGER = re.compile(r"[-+]?[0-9][0-9_]*")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
# What a double holds exactly; readers in JavaScript round longer numbers.
_EXACT_DIGITS = 15


def read_differently(text: str) -> str | None:
    """What other YAML readers make of the unquoted ``text`` ("an octal number"), None where they keep it."""
    word = _WORDS.get(text.lower())
    if word is not None:
        return word
    if not (text[0].isdigit() or text[0] in "+-."):
        return None
    for pattern, reading in _RULES:
        if pattern.fullmatch(text):
            return reading
    if _INTEGER.fullmatch(text):
        plain = str(int(text.replace("_", "")[:4300]))
        if plain != text:
            return f"the number {plain}" if len(plain) <= _EXACT_DIGITS else "a number"
        return "a number that some round" if len(text) > _EXACT_DIGITS else None
    if _DECIMAL.fullmatch(text):
        plain = repr(float(text.replace("_", "")))
        return None if plain == text else f"the number {plain}"
    return None
