"""A marketplace on your own machine that speaks Rakuten France's protocol, for demonstrations and tests.

::

    from rakuten_orders.connection.simulator import Fault, Simulator, showcase

    with Simulator(sales=showcase()) as simulator:
        ...                                                  # simulator.url, .login, .token
        simulator.fail_next("acceptsale", Fault.reset_after())
        ...
        assert simulator.done("acceptsale", item_id) == 1    # took effect once
        assert simulator.count("acceptsale", item_id) == 2   # was asked twice

It is a real HTTP server on 127.0.0.1, GET and POST on ``/sales_ws``, and keeps state: what is accepted
moves from getnewsales to getcurrentsales, what is shipped stays shipped. It refuses what Rakuten refuses,
in Rakuten's words where they are known. It answers as the samples do: cp1252 under an ISO-8859-1
declaration, CDATA, blank lines before the root, a namespace and root of its own for each action, versions
that each keep their shape. Where nothing is known of the real service, the docstrings say "inferred".

Other processes steer and read it below ``/_simulator/``:

=======================================  =====================================================================
``GET /_simulator/state``                every item as it stands
``GET /_simulator/calls``                every call that arrived, and what came of it
``GET /_simulator/count?action=A``       ``{"received": n, "done": n}``, for one item with ``&item_id=I``
``POST /_simulator/sales``               Rakuten's XML, or ``{"make": {"seed": 1, "n": 5}}``, or ``{"showcase": true}``
``POST /_simulator/acts``                ``{"act": "claim", "item_id": "…"}``: the methods of the same names
``POST /_simulator/faults``              ``{"action": "acceptsale", "fault": {"kind": "reset_after"}, "times": 1}``,
                                         ``{"rate": 0.1, "seed": 1}`` or ``{"calm": true}``
=======================================  =====================================================================
"""

from __future__ import annotations

from rakuten_orders.connection.simulator.faults import DISTURBANCES, Fault
from rakuten_orders.connection.simulator.items import ItemState
from rakuten_orders.connection.simulator.making import make_sales, marked_sale, showcase
from rakuten_orders.connection.simulator.people import PRODUCTS, Product
from rakuten_orders.connection.simulator.running import connection_hint, serve_forever
from rakuten_orders.connection.simulator.sales import (
    Address,
    CollectionPoint,
    SimulatedItem,
    SimulatedSale,
    delivery,
    from_sale,
    item,
    prepaid,
    to_home,
    to_point,
    with_fields,
)
from rakuten_orders.connection.simulator.simulator import DEFAULT_LOGIN, DEFAULT_TOKEN, ReceivedCall, Simulator

__all__ = [
    "DEFAULT_LOGIN",
    "DEFAULT_TOKEN",
    "DISTURBANCES",
    "PRODUCTS",
    "Address",
    "CollectionPoint",
    "Fault",
    "ItemState",
    "Product",
    "ReceivedCall",
    "SimulatedItem",
    "SimulatedSale",
    "Simulator",
    "connection_hint",
    "delivery",
    "from_sale",
    "item",
    "make_sales",
    "marked_sale",
    "prepaid",
    "serve_forever",
    "showcase",
    "to_home",
    "to_point",
    "with_fields",
]
