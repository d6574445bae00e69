"""One call to the marketplace: what came back as a value, or the fault as a value.

Nothing is raised while an exception of httpx's is handled: it would hang on ours as its context, and the
frames that it refers to hold the complete URL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from rakuten_orders.connection.answers import Answer
from rakuten_orders.connection.bounded import bounded_body
from rakuten_orders.connection.faults import HTTPX_ERRORS, transport_error
from rakuten_orders.connection.transport import QUERY, REDIRECT, Credentials, MarketplaceTransport
from rakuten_orders.errors import PayloadError, TransportError
from rakuten_orders.messages import reason_text
from rakuten_orders.payload import MAX_ANSWER, ErrorDocument

T = TypeVar("T")
HEADERS = httpx.Headers(
    {
        "User-Agent": "rakuten-orders",
        "Accept": "text/xml",
        # A compressed answer would put the bound on its size in the wrong place.
        "Accept-Encoding": "identity",
        "Connection": "keep-alive",
    }
)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever it is: HTTP status, body, and where a redirect leads, without its query.

    The body is in no repr: it holds buyers' addresses.
    """

    status: int
    body: bytes = field(repr=False)
    redirect: str | None


class Caller:
    """Makes the calls of one account to one endpoint, each within ``timeout_s`` from start to end."""

    def __init__(self, credentials: Credentials, endpoint: str, timeout_s: float) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        # The transport alone: redirects, cookies and authentication of httpx's client have no place here, and each
        # call is a third cheaper without them.
        self._transport: httpx.BaseTransport = MarketplaceTransport(
            credentials, timeout_s, tls=endpoint.startswith("https:")
        )
        self._urls: dict[str, httpx.URL] = {}

    def __repr__(self) -> str:
        return f"Caller({self._credentials!r}, {self._endpoint!r})"

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def call(self, action: str, parameters: Mapping[str, str], file: bytes | None = None) -> Reply | TransportError:
        """Asks once, by GET, or by POST with the part ``file``; nothing is followed or repeated."""
        started = time.monotonic()
        reply = self._exchange(action, parameters, file)
        ids = " ".join(parameters[name] for name in ("itemid", "purchaseid") if name in parameters)
        said = reply.status if isinstance(reply, Reply) else "no answer"
        _LOG.debug("%s %s: %s after %.3f s", action, ids, said, time.monotonic() - started)
        return reply

    def unusable(self, action: str, reply: Reply, fault: PayloadError) -> TransportError:
        """The TransportError for a reply that is neither an answer nor an error document."""
        if reply.redirect is not None:
            return self._no_answer(action, "redirected", target=reply.redirect)
        return self._no_answer(action, "unusable", status=reply.status, came=fault.message)

    def without_token(self, document: ErrorDocument) -> ErrorDocument:
        """``document`` with the token hidden, should the marketplace have repeated it."""
        hidden = self._credentials.hidden
        details = tuple(map(hidden, document.details))
        return ErrorDocument(hidden(document.code), hidden(document.text), details, hidden(document.type))

    def _exchange(self, action: str, parameters: Mapping[str, str], file: bytes | None) -> Reply | TransportError:
        files: dict[str, Any] = {"files": {"file": ("shipping.xml", file, "text/xml")}} if file is not None else {}
        try:
            url = self._urls.get(action)
            if url is None:
                url = self._urls[action] = httpx.URL(f"{self._endpoint}/sales_ws?action={action}")
            request = httpx.Request(
                "POST" if files else "GET", url, headers=HEADERS, extensions={QUERY: parameters}, **files
            )
            response = self._transport.handle_request(request)
            try:
                body = bounded_body(response, MAX_ANSWER)
            finally:
                response.close()
        except HTTPX_ERRORS as fault:
            return transport_error(fault, action, self._endpoint)
        if body is None:
            return self._no_answer(action, "too_large")
        return Reply(response.status_code, body, response.extensions.get(REDIRECT))

    def _no_answer(self, action: str, variant: str, **params: object) -> TransportError:
        message, hint = reason_text("marketplace_unreachable", variant, address=self._endpoint, action=action, **params)
        return TransportError(message, hint, action=action)


def understood(reply: Reply, read: Callable[[bytes], Answer[T]]) -> Answer[T] | PayloadError:
    """What ``read`` makes of a reply. An error document is one whatever the status, an answer only with 2xx."""
    try:
        answer = read(reply.body)
    except PayloadError as fault:
        return fault
    return answer if 200 <= reply.status < 300 else PayloadError("an answer came under a status that says otherwise")
