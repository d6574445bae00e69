"""The job: Rakuten's client, the store, back offices, configuration, sync.

The public names are imported when they are first used, so that the engine's users and the command line do not
wait for an HTTP client that they do not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rakuten_orders.connection.account_pass import PassResult
    from rakuten_orders.connection.back_offices import BackOffice, Batch, Message, Received, Refusal
    from rakuten_orders.connection.back_offices.folder import FolderBackOffice
    from rakuten_orders.connection.back_offices.http import HttpBackOffice
    from rakuten_orders.connection.checking import CheckReport, check_connection
    from rakuten_orders.connection.client import RakutenClient
    from rakuten_orders.connection.config import (
        Configuration,
        Connection,
        FolderSettings,
        HttpSettings,
        load_configuration,
        load_engine,
    )
    from rakuten_orders.connection.health import Health, health_of
    from rakuten_orders.connection.notifying import notify
    from rakuten_orders.connection.passes import open_back_office, open_client, open_store, sync, sync_connection
    from rakuten_orders.connection.planning import Plan, plan_change
    from rakuten_orders.connection.repeating import run_every
    from rakuten_orders.connection.secret import Secret
    from rakuten_orders.connection.store import Event, OrderError, Store
    from rakuten_orders.connection.trial import Trial, try_order

_HOMES = {
    "BackOffice": "back_offices",
    "Batch": "back_offices",
    "CheckReport": "checking",
    "Configuration": "config",
    "Connection": "config",
    "Event": "store",
    "FolderBackOffice": "back_offices.folder",
    "FolderSettings": "config",
    "Health": "health",
    "HttpBackOffice": "back_offices.http",
    "HttpSettings": "config",
    "Message": "back_offices",
    "OrderError": "store",
    "PassResult": "account_pass",
    "Plan": "planning",
    "RakutenClient": "client",
    "Received": "back_offices",
    "Refusal": "back_offices",
    "Secret": "secret",
    "Store": "store",
    "Trial": "trial",
    "check_connection": "checking",
    "health_of": "health",
    "load_configuration": "config",
    "load_engine": "config",
    "notify": "notifying",
    "open_back_office": "passes",
    "open_client": "passes",
    "open_store": "passes",
    "plan_change": "planning",
    "run_every": "repeating",
    "sync": "passes",
    "sync_connection": "passes",
    "try_order": "trial",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "BackOffice",
    "Batch",
    "CheckReport",
    "Configuration",
    "Connection",
    "Event",
    "FolderBackOffice",
    "FolderSettings",
    "Health",
    "HttpBackOffice",
    "HttpSettings",
    "Message",
    "OrderError",
    "PassResult",
    "Plan",
    "RakutenClient",
    "Received",
    "Refusal",
    "Secret",
    "Store",
    "Trial",
    "check_connection",
    "health_of",
    "load_configuration",
    "load_engine",
    "notify",
    "open_back_office",
    "open_client",
    "open_store",
    "plan_change",
    "run_every",
    "sync",
    "sync_connection",
    "try_order",
]
