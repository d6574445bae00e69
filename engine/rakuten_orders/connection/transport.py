"""The way to the marketplace: credentials added below all logging, no wait beyond a call's deadline.

The token is part of Rakuten's URLs. httpx logs URLs and keeps them on requests and exceptions, so the
client's URLs hold no more than the action; the rest of the query and the credentials are added here, and
what a server may echo of them is taken out of the answer's head and of httpx's and httpcore's log lines.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

import httpcore
import httpx

from rakuten_orders.connection.queries import query

QUERY = "rakuten_query"
"""The request extension that holds the rest of the query: a mapping of parameters."""

REDIRECT = "rakuten_redirect"
"""The response extension that holds where a redirect leads, without the query."""

_LOGGERS = ("httpx", "httpcore.http11")


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


class MarketplaceTransport(httpx.HTTPTransport):
    """Completes each request with what must not be seen above, and ends each call within ``timeout_s``."""

    def __init__(self, credentials: Credentials, timeout_s: float, *, tls: bool) -> None:
        context = tls_context() if tls else None
        super().__init__(verify=context or False)
        self._credentials = credentials
        self._timeout_s = timeout_s
        self._deadline = _Deadline()
        self._redaction = _Redaction(credentials)
        # httpx hands no network backend through, and only a backend can bound an answer's head, which may
        # come byte by byte.
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_BoundedBackend(self._deadline))
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._redaction)

    def __repr__(self) -> str:
        return f"MarketplaceTransport({self._credentials!r})"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends ``request``, completed; the deadline runs from here to the end of the answer."""
        self._deadline.start(self._timeout_s)
        response = super().handle_request(self._complete(request))
        location = response.headers.pop("location", None)  # httpx would build the next request from it
        if location is not None:
            response.extensions[REDIRECT] = self._credentials.hidden(location.split("?")[0].split("#")[0])
        return response

    def close(self) -> None:
        """Closes the connections and takes the redaction out of the loggers."""
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._redaction)
        super().close()

    def _complete(self, request: httpx.Request) -> httpx.Request:
        extensions = dict(request.extensions)
        parameters = {**extensions.pop(QUERY, {}), **self._credentials.parameters()}
        url = request.url.copy_with(query=request.url.query + b"&" + query(parameters).encode("ascii"))
        return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


@cache
def tls_context() -> ssl.SSLContext:
    """The one context of this process: loading the certificates takes longer than a call."""
    return httpx.create_ssl_context()


class _Redaction(logging.Filter):
    """Takes the token out of log lines: httpcore writes the heads of answers at level DEBUG."""

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        hidden = self._credentials.hidden(line)
        if hidden != line:
            record.msg, record.args = hidden, None
        return True


class _Deadline(threading.local):
    """When the call of this thread has to be over; no call is under way before the first start."""

    _at = float("inf")

    def start(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, timeout: float | None, fault: type[Exception]) -> float | None:
        """The seconds that a wait may take. Raises ``fault`` when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise fault
        if left == float("inf"):
            return timeout
        return left if timeout is None else min(left, timeout)


class _BoundedBackend(httpcore.SyncBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        bounded = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(super().connect_tcp(host, port, bounded, local_address, socket_options), self._deadline)


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        bounded = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, bounded), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
