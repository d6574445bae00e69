"""An order connection for the Rakuten France marketplace: rules and carriers as data, applied by a small engine.

Embedders import from here and from nothing below; ``rakuten_orders.connection`` has the job around the engine.
"""

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
)
from rakuten_orders.payload import parse_sales

__all__ = [
    "ApiError",
    "AuthenticationError",
    "BackOfficeError",
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
    "StoreError",
    "TrackingUpdate",
    "TransportError",
    "UnsupportedTransporter",
    "UrlInvalid",
    "parse_sales",
]
