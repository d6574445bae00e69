"""The way to the marketplace: credentials added below all logging, no wait beyond a call's deadline.

The token is part of Rakuten's URLs. httpx logs URLs and keeps them on requests and exceptions, so the
client's URLs hold no more than the action; the rest of the query and the credentials are added here, and
what a server may echo of them is taken out of the answer's head and of httpx's and httpcore's log lines.
"""

from __future__ import annotations

from urllib.parse import quote, quote_plus

import httpx

from rakuten_orders.connection.bounded import BoundedTransport
from rakuten_orders.connection.queries import query

QUERY = "rakuten_query"
"""The request extension that holds the rest of the query: a mapping of parameters."""

REDIRECT = "rakuten_redirect"
"""The response extension that holds where a redirect leads, without the query."""


class Credentials:
    """Login and token of an account. The token is in no repr, and leaves only through ``parameters``."""

    __slots__ = ("_login", "_token")

    def __init__(self, login: str, token: str) -> None:
        self._login = login
        self._token = token

    def __repr__(self) -> str:
        return f"Credentials({self._login!r})"

    def parameters(self) -> dict[str, str]:
        """The two parameters that every call has (official page)."""
        return {"login": self._login, "pwd": self._token}

    def hidden(self, text: str) -> str:
        """``text`` with the token, plain or percent-encoded, made unreadable."""
        for secret in {self._token, quote(self._token, safe=""), quote_plus(self._token)}:
            text = text.replace(secret, "•••")
        return text


class MarketplaceTransport(BoundedTransport):
    """Completes each request with what must not be seen above, and ends each call within ``timeout_s``."""

    def __init__(self, credentials: Credentials, timeout_s: float, *, tls: bool) -> None:
        super().__init__(timeout_s, tls=tls, hidden=credentials.hidden)
        self._credentials = credentials
        self._timeouts = httpx.Timeout(timeout_s).as_dict()

    def __repr__(self) -> str:
        return f"MarketplaceTransport({self._credentials!r})"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends ``request``, completed; the deadline runs from here to the end of the answer."""
        response = super().handle_request(self._complete(request))
        location = response.headers.pop("location", None)  # whoever follows it would send the token there
        if location is not None:
            response.extensions[REDIRECT] = self._credentials.hidden(location.split("?")[0].split("#")[0])
        return response

    def _complete(self, request: httpx.Request) -> httpx.Request:
        """The request as it is sent: its URL stays what it was, the whole query is in httpcore's ``target`` alone."""
        parameters = {**request.extensions.get(QUERY, {}), **self._credentials.parameters()}
        target = request.url.raw_path + b"&" + query(parameters).encode("ascii")
        extensions = {"timeout": self._timeouts, "target": target}
        headers, stream = request.headers, request.stream
        return httpx.Request(request.method, request.url, headers=headers, stream=stream, extensions=extensions)
