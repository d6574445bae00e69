"""The simulator's own interface, JSON below ``/_simulator/``, for people and for other processes.

The package's docstring lists what there is. Acts: cancel_by_buyer, claim, settle_claim, message, rate,
change_address, remind, time_out, accept_by_hand, refuse_by_hand, ship_by_hand, with the parameters of the
simulator's methods. Faults: the constructors of ``Fault`` by name, their parameters beside ``kind``.

What cannot be done is answered with status 400 and ``{"error": sentence}``. There is no authentication: the
simulator listens on loopback only and holds nothing of value.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from rakuten_orders.connection.simulator.faults import fault_from_json
from rakuten_orders.connection.simulator.making import make_sales, showcase
from rakuten_orders.errors import PayloadError

if TYPE_CHECKING:
    from rakuten_orders.connection.simulator.simulator import Simulator

PREFIX = "/_simulator/"

_ACTS = frozenset(
    {
        *("cancel_by_buyer", "claim", "settle_claim", "message", "rate", "change_address"),
        *("remind", "time_out", "accept_by_hand", "refuse_by_hand", "ship_by_hand"),
    }
)


def respond(simulator: Simulator, method: str, path: str, query: str, body: bytes) -> tuple[int, bytes]:
    """Status and JSON for a request below ``PREFIX``."""
    name = f"{method} {path.removeprefix(PREFIX)}"
    params = {key: values[-1] for key, values in parse_qs(query).items()}
    routes: dict[str, Callable[[], object]] = {
        "GET state": lambda: {"items": simulator.items()},
        "GET calls": lambda: {"calls": simulator.calls},
        "GET count": lambda: _count(simulator, params["action"], params.get("item_id")),
        "POST sales": lambda: _add(simulator, body),
        "POST acts": lambda: _act(simulator, json.loads(body)),
        "POST faults": lambda: _fail(simulator, json.loads(body)),
    }
    if name not in routes:
        return 404, _json({"error": f"no such thing; there is {', '.join(routes)}"})
    try:
        return 200, _json(routes[name]())
    except (ValueError, TypeError, KeyError, AttributeError, PayloadError) as error:
        return 400, _json({"error": f"{type(error).__name__}: {error}"})


def _count(simulator: Simulator, action: str, item_id: str | None) -> dict[str, int]:
    return {"received": simulator.count(action, item_id), "done": simulator.done(action, item_id)}


def _add(simulator: Simulator, body: bytes) -> dict[str, object]:
    if not body.lstrip().startswith(b"{"):
        return {"added": simulator.add_xml(body)}
    wanted = json.loads(body)
    sales = showcase() if wanted.get("showcase") else make_sales(wanted["make"]["seed"], wanted["make"]["n"])
    simulator.add(*sales)
    return {"added": [sale.purchase_id for sale in sales]}


def _act(simulator: Simulator, wanted: dict[str, Any]) -> dict[str, object]:
    act = wanted.pop("act")
    if act not in _ACTS:
        raise ValueError(f"no such act: {act}; there is {', '.join(sorted(_ACTS))}")
    getattr(simulator, act)(**wanted)
    return {"done": act}


def _fail(simulator: Simulator, wanted: Mapping[str, Any]) -> dict[str, object]:
    if wanted.get("calm"):
        simulator.calm()
    elif "rate" in wanted:
        simulator.disturb(float(wanted["rate"]), int(wanted.get("seed", 0)))
    else:
        fault = fault_from_json(wanted["fault"])
        simulator.fail_next(wanted["action"], fault, int(wanted.get("times", 1)), wanted.get("item_id"))
    return {"done": True}


def _json(value: object) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1).encode()


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} is no JSON")
