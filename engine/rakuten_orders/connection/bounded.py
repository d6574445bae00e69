"""HTTP within a deadline: no call takes longer than ``timeout_s`` from start to end, however slowly bytes come.

What must not be seen in logs is taken out of httpx's and httpcore's lines while a transport is open.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

_LOGGERS = ("httpx", "httpcore.http11")


class BoundedTransport(httpx.HTTPTransport):
    """Ends each call within ``timeout_s``. ``hidden`` makes secrets in a line of the log unreadable."""

    def __init__(self, timeout_s: float, *, tls: bool, hidden: Callable[[str], str]) -> None:
        context = tls_context() if tls else None
        super().__init__(verify=context or False)
        self._timeout_s = timeout_s
        self._deadline = _Deadline()
        self._hidden = hidden
        # httpx hands no network backend through, and only a backend can bound an answer's head, which may
        # come byte by byte.
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_BoundedBackend(self._deadline))
        _REDACTION.add(hidden)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends ``request``; the deadline runs from here to the end of the answer."""
        self._deadline.start(self._timeout_s)
        return super().handle_request(request)

    def close(self) -> None:
        """Closes the connections; nothing of theirs is logged any more."""
        super().close()
        _REDACTION.remove(self._hidden)


@cache
def tls_context() -> ssl.SSLContext:
    """The one context of this process: loading the certificates takes longer than a call."""
    return httpx.create_ssl_context()


def bounded_body(response: httpx.Response, limit: int) -> bytes | None:
    """The body as it was sent; None where it is larger than ``limit`` bytes."""
    body = bytearray()
    assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - of a synchronous transport
    for chunk in response.stream:
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


class _Redaction(logging.Filter):
    """Takes secrets out of log lines: httpx writes whole URLs, httpcore the heads of answers at level DEBUG.

    One filter for all transports, on the loggers as long as there is one: a logger that another thread asks while
    a filter is taken away would skip the next one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._hiders: tuple[Callable[[str], str], ...] = ()

    def add(self, hidden: Callable[[str], str]) -> None:
        with self._lock:
            if not self._hiders:
                for name in _LOGGERS:
                    logging.getLogger(name).addFilter(self)
            self._hiders = (*self._hiders, hidden)

    def remove(self, hidden: Callable[[str], str]) -> None:
        with self._lock:
            self._hiders = tuple(one for one in self._hiders if one is not hidden)
            for name in _LOGGERS if not self._hiders else ():
                logging.getLogger(name).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        line = hidden = record.getMessage()
        for hide in self._hiders:
            hidden = hide(hidden)
        if hidden != line:
            record.msg, record.args = hidden, None
        return True


_REDACTION = _Redaction()


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
