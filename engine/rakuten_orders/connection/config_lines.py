"""What of a configuration's line may be seen in messages: a secret may stand in it by mistake."""

from __future__ import annotations

import re

_KEY = re.compile(r"\s*(- )?[\"']?(?P<key>[^\s:{}\[\]\"']+)[\"']?\s*:")
_HARMLESS_KEYS = frozenset(
    {"connections", "login", "since", "getnewsales_every", "rules", "carriers", "folder", "notify", "format"}
)
_HARMLESS_VALUES = frozenset({"", "{}", "[]"})


def shown_line(line: str) -> str:
    """The line, with its value only where nobody writes a secret, not even by mistake."""
    found = _KEY.match(line)
    if found is None:
        return " " * (len(line) - len(line.lstrip())) + "…" if line.strip() else line
    value = line[found.end() :].strip()
    harmless = value in _HARMLESS_VALUES or (found["key"] in _HARMLESS_KEYS and ":" not in value)
    return line if harmless else f"{line[: found.end()]} …"
