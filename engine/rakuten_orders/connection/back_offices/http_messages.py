"""What goes over the wire to an HTTP back office and back: signature, keys, verdicts, shipments. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from rakuten_orders.connection.back_offices import Batch, Message, Received, Refusal
from rakuten_orders.connection.back_offices.shipment_files import shipment_of

SIGNATURE = "Rakuten-Orders-Signature"
"""The header with ``sha256=`` and the HMAC-SHA256 of the body, in hex, under the shared secret."""

Verdict = Literal["done", "refused", "denied", "unreachable"]
"""What a status says of a message: taken; not this order; not this connection; try again."""


def verdict(status: int) -> Verdict:
    """What the HTTP status of an answer says."""
    if 200 <= status < 300 or status == 409:
        return "done"
    if status in (401, 403):
        return "denied"
    return "refused" if 400 <= status < 500 and status not in (408, 429) else "unreachable"


def message_body(message: Message) -> bytes:
    """The message as it is sent: JSON in UTF-8. The same message is the same bytes."""
    return json.dumps(message.to_json(), ensure_ascii=False, separators=(",", ":")).encode()


def message_headers(message: Message, body: bytes, secret: str | None) -> dict[str, str]:
    """The headers of a message: its key, and its signature where there is a secret to sign with."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": quote(message.key, safe=":")}
    return headers if secret is None else {**headers, SIGNATURE: signature(body, secret)}


def signature(body: bytes, secret: str) -> str:
    """The value of the signature's header. Whoever checks it compares with ``hmac.compare_digest``."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def reason_given(body: bytes) -> str:
    """The sentence of a refusal: what stands under ``message`` of its JSON; empty where nothing does."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    text = found.get("message") if isinstance(found, dict) else None
    return text.strip()[:200] if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An answer that is not what was asked for, and why."""

    problem: str


def shipments_in(body: bytes) -> Batch | Unreadable:
    """The shipments in an answer, and where to go on from; entries that are none are refused one by one.

    A shipment is known by its content: what is the same to the letter is the same shipment, read again.
    """
    if not body.strip():
        return Batch()
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return Unreadable("it is no JSON")
    entries = found.get("shipments") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        return Unreadable("it has no list under shipments")
    cursor = found.get("cursor")
    if isinstance(cursor, bool) or not isinstance(cursor, str | int | None):
        return Unreadable("its cursor is no text")
    received: list[Received] = []
    refused: list[Refusal] = []
    for number, entry in enumerate(entries, 1):
        place = f"shipment {number}"
        try:
            if not isinstance(entry, Mapping):
                raise ValueError("it is no JSON object")
            shipment = shipment_of(entry)
        except ValueError as fault:
            refused.append(Refusal(_source(entry), "unreadable", str(fault), place))
        else:
            received.append(Received(_source(entry), shipment, place))
    return Batch(tuple(received), tuple(refused), None if cursor is None else str(cursor))


def _source(entry: Any) -> str:
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
    return "http/" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
