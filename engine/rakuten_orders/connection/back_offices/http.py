"""The HTTP back office: orders out by ``POST /orders``, shipments in by ``GET /shipments``.

``openapi.yaml`` beside this file describes both calls and the messages. Every call ends within its deadline, no
redirect is followed, and an answer is read up to a bound. What may pass is tried three times, with growing, jittered
pauses. The header that authenticates us is added below httpx's logging, and no error, repr or log line holds it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx
import tenacity

from rakuten_orders.connection.addresses import address_problem
from rakuten_orders.connection.back_offices import Batch, Message, Refusal
from rakuten_orders.connection.back_offices.http_messages import (
    Unreadable,
    message_body,
    message_headers,
    reason_given,
    shipments_in,
    verdict,
)
from rakuten_orders.connection.bounded import BoundedTransport, bounded_body
from rakuten_orders.connection.faults import HTTPX_ERRORS, fault_kind
from rakuten_orders.errors import BackOfficeError, ConfigError
from rakuten_orders.messages import reason_text

ATTEMPTS = 3
MAX_BYTES = 16 * 2**20
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes | None = field(repr=False)  # None: larger than the bound


class HttpBackOffice:
    """Hands orders over by HTTP and takes shipments in; see the module's head. A context manager.

    ``header`` is the name and value of the header that authenticates us, ``secret`` the key that messages are signed
    with, ``timeout_s`` how long one call may take. Raises ConfigError for an address or a header that cannot be
    sent, and BackOfficeError: ``backend_unreachable`` where it may work later, ``backend_refused`` where the order
    is not taken, or, with ``of_connection``, where we are not let in.
    """

    def __init__(
        self,
        url: str,
        *,
        header: tuple[str, str] | None = None,
        secret: str | None = None,
        timeout_s: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        problem = address_problem(url)
        if problem:
            raise ConfigError(f"the back office's address cannot be used: {problem}")
        if header is not None:
            _check_header(*header)
        self.url = url.rstrip("/")
        self._secret = secret
        self._sleep = sleep
        secrets = {*(header[1:] if header else ()), *(header[1].split()[-1:] if header else ()), secret or ""}
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        self._http = httpx.Client(
            transport=_Transport(header, timeout_s, tls=url.startswith("https:"), hidden=self._hidden),
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
            # A compressed answer would put the bound on its size in the wrong place.
            headers={"User-Agent": "rakuten-orders", "Accept": "application/json", "Accept-Encoding": "identity"},
        )

    def __repr__(self) -> str:
        return f"HttpBackOffice({self.url!r})"

    def deliver(self, message: Message) -> None:
        """Posts the message under its key. Taken before (409) is taken."""
        body = message_body(message)
        answer = self._ask("POST", "/orders", content=body, headers=message_headers(message, body, self._secret))
        said = verdict(answer.status)
        if said == "done":
            return
        if said == "denied":
            raise self._error("backend_refused", "denied", answer.status, "POST /orders", of_connection=True)
        given = self._hidden(reason_given(answer.body or b"")) or f"HTTP status {answer.status}"
        raise BackOfficeError(*reason_text("backend_refused", said=given))

    def shipments(self, cursor: str | None = None) -> Batch:
        """The shipments after ``cursor``, as far as one answer holds them."""
        answer = self._ask("GET", "/shipments", params={} if cursor is None else {"after": cursor})
        said = verdict(answer.status)
        if said != "done" or answer.status == 409:
            variant = "denied" if said == "denied" else "not_known"
            raise self._error("backend_refused", variant, answer.status, "GET /shipments", of_connection=True)
        if answer.body is None:
            raise self._unusable(f"it is larger than {MAX_BYTES // 2**20} MiB")
        batch = shipments_in(answer.body)
        if isinstance(batch, Unreadable):
            raise self._unusable(batch.problem)
        return batch

    def acknowledge(self, batch: Batch, refused: Sequence[Refusal] = ()) -> None:
        """Nothing to say: the next question's cursor tells what is stored."""

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, method: str, path: str, **request: object) -> _Answer:
        """The answer to a question, tried again where that may help. Raises BackOfficeError where none came."""
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda found: isinstance(found, BackOfficeError)),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=1, max=10),
            sleep=self._sleep,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        found: _Answer | BackOfficeError = attempts(self._once, method, path, request)
        if isinstance(found, BackOfficeError):
            raise found
        return found

    def _once(self, method: str, path: str, request: Mapping[str, object]) -> _Answer | BackOfficeError:
        # A value rather than an exception: one of httpx's would hang on it, with frames that hold the header.
        try:
            with self._http.stream(method, f"{self.url}{path}", **request) as response:  # type: ignore[arg-type]
                answer = _Answer(response.status_code, bounded_body(response, MAX_BYTES))
        except HTTPX_ERRORS as fault:
            kind, _ = fault_kind(fault)
            return self._error("backend_unreachable", f"http_{kind}" if kind else "http")
        if verdict(answer.status) == "unreachable":
            return self._error("backend_unreachable", "http_status", answer.status, f"{method} {path}")
        return answer

    def _unusable(self, problem: str) -> BackOfficeError:
        texts = reason_text("backend_unreachable", "http_answer", address=self.url, problem=problem)
        return BackOfficeError(*texts, reason="backend_unreachable")

    def _error(
        self, reason: str, variant: str, status: int = 0, asked: str = "", *, of_connection: bool = False
    ) -> BackOfficeError:
        texts = reason_text(reason, variant, address=self.url, status=status, asked=asked)
        return BackOfficeError(*texts, reason=reason, of_connection=of_connection)

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text


class _Transport(BoundedTransport):
    """Adds the header that authenticates us, below what httpx logs and keeps."""

    def __init__(
        self, header: tuple[str, str] | None, timeout_s: float, *, tls: bool, hidden: Callable[[str], str]
    ) -> None:
        super().__init__(timeout_s, tls=tls, hidden=hidden)
        self._header = header

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = httpx.Headers(request.headers)
        if self._header is not None:
            headers[self._header[0]] = self._header[1]
        complete = httpx.Request(
            request.method, request.url, headers=headers, stream=request.stream, extensions=dict(request.extensions)
        )
        response = super().handle_request(complete)
        response.headers.pop("location", None)  # httpx would build the next request from it
        return response


def _check_header(name: str, value: str) -> None:
    """Raises ConfigError, without the value, for a header that cannot be sent."""
    if not _TOKEN.fullmatch(name):
        raise ConfigError("the name of the back office's header cannot be sent", "Letters, digits and hyphens can.")
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise ConfigError(
            f"the value of the back office's header {name} cannot be sent", "It must be one line of ASCII."
        )
