"""The exceptions: one class for each thing that a caller does differently.

    RakutenOrdersError
    ├─ RulesError               rules or carriers do not load; every finding is in .diagnostics
    ├─ PayloadError             not the XML that was expected
    ├─ ShipmentError            a shipment cannot be confirmed; .reason says why
    │   ├─ MissingTransporter
    │   ├─ UnsupportedTransporter
    │   ├─ MissingTrackingNumber
    │   ├─ MissingInput         .field is what the carrier's template needs
    │   ├─ InvalidTrackingNumber
    │   └─ UrlInvalid
    ├─ ConfigError              the configuration file or a command's settings
    ├─ RakutenError             the marketplace
    │   ├─ TransportError       no usable answer: the outcome is unknown, try again or read back
    │   └─ ApiError             the service refused: .code, .text, .details
    │       ├─ AuthenticationError
    │       ├─ NotAllowedError
    │       └─ QuotaExceeded
    ├─ BackOfficeError          .reason is backend_refused or backend_unreachable
    └─ StoreError

Diagnostics are for the user's files and orders: many, collected, sorted. Exceptions say that an
operation cannot go on. No exception's text holds a token or personal data of an order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rakuten_orders.diagnostics import Diagnostic


class RakutenOrdersError(Exception):
    """Base of every error that this package raises on purpose."""


class RulesError(RakutenOrdersError):
    """Rules or carriers do not load.

    ``diagnostics`` holds every finding, sorted, warnings included.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [found for found in self.diagnostics if found.severity == "error"]
        super().__init__("\n".join(str(found) for found in errors) or "the rules do not load")

    def __reduce__(self) -> tuple[type[RulesError], tuple[tuple[Diagnostic, ...]]]:
        return (type(self), (self.diagnostics,))


class PayloadError(RakutenOrdersError):
    """The bytes are not the XML that was expected.

    ``message`` says what is wrong and where, ``hint`` what to do. Neither quotes the document.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} ({hint})" if hint else message)

    def __reduce__(self) -> tuple[type[PayloadError], tuple[str, str]]:
        return (type(self), (self.message, self.hint))


class ShipmentError(RakutenOrdersError):
    """A shipment cannot be confirmed as it stands; nothing was sent.

    ``reason`` is one of the reasons that ``explain`` knows, ``message`` is for a person, ``hint`` says
    what to do, ``field`` names the input at fault where there is one.
    """

    reason: ClassVar[str] = "marketplace_refused"

    def __init__(self, message: str, hint: str = "", field: str | None = None) -> None:
        self.message = message
        self.hint = hint
        self.field = field
        super().__init__(message)

    def __reduce__(self) -> tuple[type[ShipmentError], tuple[str, str, str | None]]:
        return (type(self), (self.message, self.hint, self.field))


class MissingTransporter(ShipmentError):
    """The shipment names no transporter, no mapping applies and there is no default."""

    reason = "missing_transporter"


class UnsupportedTransporter(ShipmentError):
    """No carrier file covers the transporter that the shipment names."""

    reason = "unsupported_transporter"


class MissingTrackingNumber(ShipmentError):
    """The shipment brings no tracking number."""

    reason = "missing_tracking_number"


class MissingInput(ShipmentError):
    """The carrier's template needs an input that neither shipment nor sale has; see ``field``."""

    reason = "missing_input"


class InvalidTrackingNumber(ShipmentError):
    """The number is not one of the carrier's, and its file says to refuse those."""

    reason = "invalid_tracking_number"


class UrlInvalid(ShipmentError):
    """The tracking URL, given or rendered, is not one that can be sent."""

    reason = "url_invalid"


class ConfigError(RakutenOrdersError):
    """The configuration is wrong; ``diagnostics`` holds the findings that have a position in a file."""

    def __init__(self, message: str, hint: str = "", diagnostics: Sequence[Diagnostic] = ()) -> None:
        self.message = message
        self.hint = hint
        self.diagnostics = tuple(diagnostics)
        super().__init__(message)


class RakutenError(RakutenOrdersError):
    """The marketplace did not do what was asked.

    ``reason`` is one of the reasons that ``explain`` knows; ``action`` the web service's name.
    """

    reason: ClassVar[str] = "marketplace_refused"

    def __init__(self, message: str, hint: str = "", *, action: str = "") -> None:
        self.message = message
        self.hint = hint
        self.action = action
        super().__init__(message)


class TransportError(RakutenError):
    """No usable answer came: whether the marketplace acted is unknown.

    ``sent`` is False only where it is certain that the request never reached the marketplace.
    """

    reason = "marketplace_unreachable"

    def __init__(self, message: str, hint: str = "", *, action: str = "", sent: bool = True) -> None:
        super().__init__(message, hint, action=action)
        self.sent = sent


class ApiError(RakutenError):
    """The service answered with an error document.

    ``code`` and ``text`` are the document's code and message, ``details`` its detail lines.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        action: str = "",
        code: str = "",
        text: str = "",
        details: Sequence[str] = (),
    ) -> None:
        super().__init__(message, hint, action=action)
        self.code = code
        self.text = text
        self.details = tuple(details)


class AuthenticationError(ApiError):
    """Login or token is wrong."""

    reason = "wrong_token"


class NotAllowedError(ApiError):
    """The account may not use this service: a Professional account is needed."""

    reason = "not_allowed"


class QuotaExceeded(ApiError):
    """The account's hourly number of requests is used up."""

    reason = "quota_exceeded"


class BackOfficeError(RakutenOrdersError):
    """The back office did not take a message or give its shipments.

    ``reason`` is ``backend_refused`` (this order, as it is) or ``backend_unreachable`` (try again). ``of_connection``
    says that a refusal is about the connection and not about the order that was handed over.
    """

    def __init__(
        self, message: str, hint: str = "", *, reason: str = "backend_refused", of_connection: bool = False
    ) -> None:
        self.message = message
        self.hint = hint
        self.reason = reason
        self.of_connection = of_connection
        super().__init__(message)


class StoreError(RakutenOrdersError):
    """The store cannot be opened, is newer than this version, or is damaged; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())
