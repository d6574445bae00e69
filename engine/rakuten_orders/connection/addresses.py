"""Addresses of services: what is complete enough to be used, and what stays on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

DEFAULT_ENDPOINT = "https://ws.fr.shopping.rakuten.com"
"""Rakuten France's web services in production (all clients)."""


def is_loopback(address: str) -> bool:
    """Whether the address is on this machine."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_problem(address: str) -> str | None:
    """What is wrong with an address that secrets are sent to; None where it can be used."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme not in ("http", "https") or not host or any(character.isspace() for character in address):
        return "it must be a complete address, such as https://example.com"
    if parts.username is not None or parts.password is not None:
        return "it must not hold a password: that would be shown in messages"
    if parts.query or parts.fragment:
        return "it must not hold a ? or #"
    if parts.scheme == "http" and not is_loopback(address):
        return "it must begin with https://, as a secret is sent there (http:// only on this machine)"
    return None
