"""httpx's exceptions as TransportErrors: one table, from which the sentence and the certainty are read."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from rakuten_orders.errors import TransportError
from rakuten_orders.messages import reason_text

# Exception -> variant of the message, and whether the request may have reached the marketplace. It is certain
# that it has not where the fault is that there was no connection to send it on.
FAULTS: Mapping[type[Exception], tuple[str, bool]] = {
    httpx.ConnectError: ("", False),
    httpx.ConnectTimeout: ("", False),
    httpx.PoolTimeout: ("", False),
    httpx.UnsupportedProtocol: ("", False),
    httpx.InvalidURL: ("", False),
    httpx.ReadTimeout: ("timed_out", True),
    httpx.WriteTimeout: ("timed_out", True),
    httpx.ReadError: ("broken", True),
    httpx.WriteError: ("broken", True),
    httpx.CloseError: ("broken", True),
    httpx.LocalProtocolError: ("broken", True),
    httpx.RemoteProtocolError: ("broken", True),
    httpx.ProxyError: ("broken", True),
    httpx.DecodingError: ("broken", True),
    httpx.TooManyRedirects: ("broken", True),
    httpx.HTTPStatusError: ("broken", True),
    httpx.CookieConflict: ("broken", True),
    httpx.StreamConsumed: ("broken", True),
    httpx.StreamClosed: ("broken", True),
    httpx.ResponseNotRead: ("broken", True),
    httpx.RequestNotRead: ("broken", True),
}
HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)


def fault_kind(fault: Exception) -> tuple[str, bool]:
    """The table's entry for an exception of httpx's: the most specific one, else that nothing is known."""
    kinds = (kind for kind in type(fault).__mro__ if kind in FAULTS)
    return FAULTS.get(next(kinds, Exception), ("broken", True))


def transport_error(fault: Exception, action: str, address: str) -> TransportError:
    """The TransportError for an exception of httpx's.

    Its text is ours: theirs may quote what the server sent. The most specific entry counts, and an exception
    that is in no entry is taken for one after which nothing is known.
    """
    variant, sent = fault_kind(fault)
    message, hint = reason_text("marketplace_unreachable", variant, address=address, action=action)
    return TransportError(message, hint, action=action, sent=sent)
