"""Every sentence the engine says to a person, by code: data in ``<language>.yaml``, read when first needed.

Another language is another file with the same keys. Parameters are named (``{key}``), so that a
translation may order them as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rakuten_orders.diagnostics import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``explain CODE`` tells: what the code means, why it matters, how to mend it, what is wrong and right.

    ``kind`` is ``code`` for a diagnostic, ``reason`` for an order's reason; only codes have ``why``, ``wrong`` and
    ``right``. Those two are excerpts of files: before each stands a comment with the file's name.
    """

    code: str
    kind: str
    meaning: str
    mend: str
    why: str = ""
    wrong: str = ""
    right: str = ""


def finding(code: str, file: str, line: int, column: int, variant: str = "", /, **params: object) -> Diagnostic:
    """The diagnostic ``code`` at a place (lines and columns from 1), its sentences filled with ``params``.

    A ``variant`` chooses other sentences under the same code. Raises KeyError for a code, variant or
    parameter that the catalogue does not know: a fault of ours, held by tests.
    """
    entry = _catalogue()["codes"][code]
    message, hint = _sentences(entry, variant, params)
    severity: Severity = entry["severity"]
    meant = params.get("nearest") or params.get("listed") or ""
    return Diagnostic(file, line, column, code, severity, message, hint, str(meant))


def reason_text(reason: str, variant: str = "", /, **params: object) -> tuple[str, str]:
    """Message and hint of an order's reason. Raises KeyError as ``finding`` does."""
    return _sentences(_catalogue()["reasons"][reason], variant, params)


def remark_text(remark: str, variant: str = "", /, **params: object) -> tuple[str, str]:
    """Message and hint of what is said about a file that was made. Raises KeyError as ``finding`` does."""
    return _sentences(_catalogue()["remarks"][remark], variant, params)


def mending_text(mending: str, /, **params: object) -> str:
    """What was done to a file to mend it, in words. Raises KeyError as ``finding`` does."""
    return _sentences(_catalogue()["mendings"][mending], "", params)[0]


def explanation(code: str) -> Explanation | None:
    """What there is to know about a diagnostic's code or an order's reason; None for an unknown one."""
    for kind, section in (("code", "codes"), ("reason", "reasons")):
        entry = _catalogue()[section].get(code)
        if entry is not None:
            keys = ("meaning", "mend", "why", "wrong", "right")
            return Explanation(code, kind, **{key: entry.get(key, "").rstrip("\n") for key in keys})
    return None


def codes() -> tuple[str, ...]:
    """All diagnostic codes, in the catalogue's order."""
    return tuple(_catalogue()["codes"])


def reasons() -> tuple[str, ...]:
    """All reasons an order can show, in the catalogue's order."""
    return tuple(_catalogue()["reasons"])


def words(section: str) -> Mapping[str, Any]:
    """What people write instead of what is known, folded as names are, and what they mean. Read when first needed."""
    found: Mapping[str, Any] = _words()[section]
    return found


def _sentences(entry: Mapping[str, Any], variant: str, params: Mapping[str, object]) -> tuple[str, str]:
    source = entry["variants"][variant] if variant else entry
    hint = source.get("hint", entry.get("hint", ""))
    shown = {name: _shown(value) for name, value in params.items()}
    return source["message"].format_map(shown), hint.format_map(shown)


def _shown(value: object) -> str:
    """A parameter as it can stand in a sentence on a terminal: on one line, of bounded length."""
    text = str(value)
    if len(text) > _LONGEST:
        text = f"{text[:_SHORTENED]}…"
    return _UNSEEN.sub(lambda char: " " if char[0].isspace() else "\ufffd", text)


# What a URL may have; longer texts are shown by their beginning.
_LONGEST = 2000
_SHORTENED = 80
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@cache
def _words() -> Mapping[str, Any]:
    return _data("words")


@cache
def _catalogue(language: str = "en") -> Mapping[str, Mapping[str, Any]]:
    return _data(language)


def _data(name: str) -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, dict[str, Any]] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    return data
