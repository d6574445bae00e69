"""A carrier's file as text, in the style that ``carriers.d/README.md`` describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from rakuten_orders.scalars import quoted, read_differently
from rakuten_orders.schemas import CARRIER

_QUOTED = frozenset(
    {"pattern", "tracking_url", "url", "note", "tracking_number", "postcode", "pickup_postcode", "phone_last4"}
)
_ON_ONE_LINE = frozenset({"countries", "checksum"})
_PLAIN = frozenset({"read", "tail", "search_page"})


def carrier_text(data: Mapping[str, Any]) -> str:
    """The text of a carrier's file. ``data`` has texts, lists and mappings as a file would; empty ones are left out."""
    return "".join(f"{line}\n" for key in CARRIER if data.get(key) for line in _entry(key, data[key]))


def _entry(key: str, value: Any) -> Iterator[str]:
    """The lines of one key and what belongs to it."""
    if key in _ON_ONE_LINE or isinstance(value, str):
        yield f"{key}: {_flow(key, value)}"
        return
    yield f"{key}:"
    if isinstance(value, Mapping):
        yield from (f"  {line}" for name, below in value.items() if below for line in _entry(name, below))
        return
    for entry in value:
        lines = (
            [line for name, below in entry.items() if below for line in _entry(name, below)]
            if isinstance(entry, Mapping)
            else [scalar(key, entry)]
        )
        yield f"  - {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])


def _flow(key: str, value: str | Sequence[str] | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return scalar(key, value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {scalar(name, below)}' for name, below in value.items())}}}"
    return f"[{', '.join(scalar(key, entry) for entry in value)}]"


def scalar(key: str, text: str) -> str:
    """One text behind ``key``: in single quotes where the house style wants them, or YAML would read another value."""
    if key in _PLAIN or (key not in _QUOTED and _reads_as_text(text)):
        return text
    return quoted(text)


def _reads_as_text(text: str) -> bool:
    if read_differently(text) is not None:
        return False
    try:
        return bool(yaml.safe_load(f"key: {text}") == {"key": text} and yaml.safe_load(f"- {text}") == [text])
    except yaml.YAMLError:
        return False
