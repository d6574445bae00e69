"""What needs a person, by reason, and what of it is news. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

Troubles = Mapping[str, tuple[str, ...]]
"""Orders' ids by reason; a reason without ids is the account's own."""

AT_MOST_EVERY = dt.timedelta(hours=1)
DUE_SOON = "not_accepted_in_time, soon"
"""The key of orders whose deadline is near."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class News:
    """What there is to say: what needs a person now, and what of it is new; nothing of either: it is over."""

    connection: str
    at: dt.datetime
    now: Troubles
    new: Troubles

    @property
    def text(self) -> str:
        """A few lines for a person: reasons and orders' ids, nothing else."""
        if not self.now:
            return f"{self.connection}: all is well again"
        lines = [f"{self.connection}: a person is needed"]
        for reason, order_ids in self.now.items():
            new = len(self.new.get(reason, ()))
            fresh = f", {new} new" if new and new < len(order_ids) else ""
            lines.append(f"- {reason}{_listed(order_ids)}{fresh}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """The message in the form ``json``."""
        return {
            "connection": self.connection,
            "at": self.at.isoformat(timespec="seconds"),
            "needs_person": bool(self.now),
            "text": self.text,
            "reasons": [
                {"reason": reason, "orders": list(ids), "new": list(self.new.get(reason, ()))}
                for reason, ids in self.now.items()
            ],
        }


def news(
    connection: str, now: Troubles, told: Troubles, *, at: dt.datetime, last_sent: dt.datetime | None
) -> News | None:
    """What to send: troubles that were not told of, or that all are over; None where there is nothing, or not yet."""
    if last_sent is not None and dt.timedelta(0) <= at - last_sent < AT_MOST_EVERY:
        return None
    new = {
        reason: tuple(order_id for order_id in ids if order_id not in told.get(reason, ()))
        for reason, ids in now.items()
        if reason not in told or not set(ids) <= set(told[reason])
    }
    return News(connection, at, now, new) if new or (told and not now) else None


def still(told: Troubles, now: Troubles) -> dict[str, tuple[str, ...]]:
    """What was told of and still is so: what comes again later is news again."""
    kept = {
        reason: tuple(order_id for order_id in ids if order_id in now[reason])
        for reason, ids in told.items()
        if reason in now
    }
    return {reason: ids for reason, ids in kept.items() if ids or not now[reason]}


def _listed(order_ids: tuple[str, ...]) -> str:
    if not order_ids:
        return ""
    more = f" and {len(order_ids) - _SHOWN} more" if len(order_ids) > _SHOWN else ""
    orders = "1 order" if len(order_ids) == 1 else f"{len(order_ids)} orders"
    return f": {orders} ({', '.join(order_ids[:_SHOWN])}{more})"
