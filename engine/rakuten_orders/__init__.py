"""An order connection for the Rakuten France marketplace: rules and carriers as data, applied by a small engine.

Embedders import from here and from nothing below; ``rakuten_orders.connection`` has the job around the engine.

The names are imported when they are first used: a command that needs no engine does not wait for one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rakuten_orders.carriers import Carrier
    from rakuten_orders.diagnostics import Diagnostic
    from rakuten_orders.engine import Engine
    from rakuten_orders.errors import (
        ApiError,
        AuthenticationError,
        BackOfficeError,
        ConfigError,
        InvalidTrackingNumber,
        MissingInput,
        MissingTrackingNumber,
        MissingTransporter,
        NotAllowedError,
        PayloadError,
        QuotaExceeded,
        RakutenError,
        RakutenOrdersError,
        RulesError,
        ShipmentError,
        StoreError,
        TransportError,
        UnsupportedTransporter,
        UrlInvalid,
    )
    from rakuten_orders.explaining import Trace
    from rakuten_orders.model import (
        Decision,
        Detection,
        Item,
        MapResult,
        Order,
        OrderLine,
        Problem,
        Sale,
        Shipment,
        TrackingUpdate,
        WithoutNumber,
    )
    from rakuten_orders.payload import parse_sales
    from rakuten_orders.sources import Sources

_HOMES = {
    "ApiError": "errors",
    "AuthenticationError": "errors",
    "BackOfficeError": "errors",
    "Carrier": "carriers",
    "ConfigError": "errors",
    "Decision": "model",
    "Detection": "model",
    "Diagnostic": "diagnostics",
    "Engine": "engine",
    "InvalidTrackingNumber": "errors",
    "Item": "model",
    "MapResult": "model",
    "MissingInput": "errors",
    "MissingTrackingNumber": "errors",
    "MissingTransporter": "errors",
    "NotAllowedError": "errors",
    "Order": "model",
    "OrderLine": "model",
    "PayloadError": "errors",
    "Problem": "model",
    "QuotaExceeded": "errors",
    "RakutenError": "errors",
    "RakutenOrdersError": "errors",
    "RulesError": "errors",
    "Sale": "model",
    "Shipment": "model",
    "ShipmentError": "errors",
    "Sources": "sources",
    "StoreError": "errors",
    "Trace": "explaining",
    "TrackingUpdate": "model",
    "TransportError": "errors",
    "UnsupportedTransporter": "errors",
    "UrlInvalid": "errors",
    "WithoutNumber": "model",
    "parse_sales": "payload",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "ApiError",
    "AuthenticationError",
    "BackOfficeError",
    "Carrier",
    "ConfigError",
    "Decision",
    "Detection",
    "Diagnostic",
    "Engine",
    "InvalidTrackingNumber",
    "Item",
    "MapResult",
    "MissingInput",
    "MissingTrackingNumber",
    "MissingTransporter",
    "NotAllowedError",
    "Order",
    "OrderLine",
    "PayloadError",
    "Problem",
    "QuotaExceeded",
    "RakutenError",
    "RakutenOrdersError",
    "RulesError",
    "Sale",
    "Shipment",
    "ShipmentError",
    "Sources",
    "StoreError",
    "Trace",
    "TrackingUpdate",
    "TransportError",
    "UnsupportedTransporter",
    "UrlInvalid",
    "WithoutNumber",
    "parse_sales",
]
