"""Watching the deadline by which a sale has to be accepted: a warning a day before, an error after."""

from __future__ import annotations

import datetime as dt

from rakuten_orders.connection.account_pass import AccountPass, reason
from rakuten_orders.connection.lifecycle import PARIS, UNDECIDED

WARNED_BEFORE = dt.timedelta(hours=24)


def watch_deadlines(run: AccountPass) -> None:
    """Warns once of what is not accepted a day before its deadline; what is late is in error, whatever else it is."""
    for order in run.live():
        if order.deadline is None or not any(item.status in UNDECIDED for item in order.items):
            continue
        if run.now > order.deadline:
            run.errors[order.purchase_id] = reason("not_accepted_in_time")
        elif order.deadline - run.now <= WARNED_BEFORE:
            history = run.store.orders.events(run.login, order.purchase_id)
            if not any(event.code == "not_accepted_in_time" for event in history):
                until = f"{order.deadline.astimezone(PARIS):%Y-%m-%d %H:%M}"
                warning = reason("not_accepted_in_time", "soon", deadline=until)
                run.note(order.purchase_id, warning.reason, warning.message, "warning")
