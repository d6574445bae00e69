"""What an error document means: done before, refused and why, or nothing known. Pure.

Codes and sentences are those of samples, of official texts that clients quote, and of the clients
themselves; there is no official list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum

from rakuten_orders.errors import (
    ApiError,
    AuthenticationError,
    NotAllowedError,
    QuotaExceeded,
    TransportError,
)
from rakuten_orders.messages import reason_text
from rakuten_orders.payload import ErrorDocument


class Outcome(Enum):
    """How a write ended: done now, done before, or overtaken by a cancellation."""

    DONE = "done"
    ALREADY_DONE = "already_done"
    ALREADY_CANCELLED = "already_cancelled"


# "Current status : CAPTURED - Required status : REQUESTED"; with an en dash in one of the two (official text).
_WRONG_STATE = re.compile(r"current status\s*:\s*(\w+)\s*[-‐-―−]\s*required status\s*:\s*(\w+)")
_ALREADY_SHIPPED = "a deja ete expedie"
_ITEM = re.compile(r"article\s+(\w+)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)

# What an item's state, where REQUESTED is needed, says about the write that was tried.
_BY_STATE: Mapping[tuple[str, str], Outcome] = {
    ("acceptsale", "captured"): Outcome.ALREADY_DONE,
    ("acceptsale", "emptied"): Outcome.ALREADY_CANCELLED,
    ("refusesale", "emptied"): Outcome.ALREADY_CANCELLED,
}
_SHIPS = ("settrackingpackageinfos", "importitemshippingstatus")


def outcome(action: str, document: ErrorDocument, items: int = 1) -> Outcome | None:
    """How a write ended that was answered with ``document``; None where it was refused or failed.

    Shipping counts as done before only if every item of the call is said to be shipped.
    """
    sentences = [_plain(sentence) for sentence in (*document.details, document.text)]
    if action in _SHIPS:
        shipped = sum(_ALREADY_SHIPPED in sentence for sentence in sentences)
        return Outcome.ALREADY_DONE if shipped >= items else None
    for sentence in sentences:
        state = _WRONG_STATE.search(sentence)
        if state is not None and (action, state[1]) in _BY_STATE:
            return _BY_STATE[action, state[1]]
    return None


def refusal(action: str, document: ErrorDocument, address: str) -> ApiError | TransportError:
    """The exception for an error document that the marketplace at ``address`` answered an ``action`` with.

    A ServerError does not say what the server did first: it is a TransportError with ``sent`` true, after
    which one reads back, as after a lost answer.
    """
    if "ServerError" in (document.code, document.type):
        message, hint = reason_text(
            "marketplace_unreachable", "server_error", action=action, address=address, said=_said(document)
        )
        return TransportError(message, hint, action=action)
    kind = _kind(document)
    message, hint = reason_text(kind.reason, said=_said(document))
    return kind(message, hint, action=action, code=document.code, text=document.text, details=document.details)


def says_shipped(sentence: str) -> bool:
    """Whether a sentence says that an item was confirmed as shipped before."""
    return _ALREADY_SHIPPED in _plain(sentence)


def item_refusals(details: tuple[str, ...]) -> Mapping[str, str]:
    """Why each item of a file was refused, by item id, from lines such as ``Article 123 : numéro incorrect``."""
    matches = (_ITEM.match(detail.strip()) for detail in details)
    return {match[1]: match[2].strip() for match in matches if match}


def _kind(document: ErrorDocument) -> type[ApiError]:
    words = _plain(_said(document))
    if document.code == "InvalidUserConnection" or "unknown user or password" in words:
        return AuthenticationError
    if "quota exceeded" in words:
        return QuotaExceeded
    if document.code == "InvalidUserRights":
        return NotAllowedError
    return ApiError


def _said(document: ErrorDocument) -> str:
    return " ".join(part for part in (document.text, *document.details) if part) or document.code or "no reason given"


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
