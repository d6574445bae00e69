"""What can go wrong between a client and the marketplace, switched on by code.

::

    simulator.fail_next("acceptsale", Fault.reset_after())              # acted, then the answer is lost
    simulator.fail_next("getnewsales", Fault.http_500(), times=3)
    simulator.disturb(rate=0.1, seed=7)                                 # one call in ten, at random; calm() ends it
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rakuten_orders.connection.simulator import refusals
from rakuten_orders.connection.simulator.refusals import Refusal

Kind = Literal["error", "http_500", "html", "cut_off", "broken_off", "reset", "delay", "slow"]
ANY_ACTION = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one call. ``acts`` says whether the marketplace does what it is asked before the fault shows.

    ``status`` is the HTTP status of ``error`` and ``html``; ``seconds`` the length of ``delay`` and ``slow``.
    """

    kind: Kind
    acts: bool = False
    status: int = 200
    seconds: float = 0.0
    refusal: Refusal | None = None

    @classmethod
    def error_document(cls, code: str, message: str, *details: str, type_: str = "Sender", status: int = 200) -> Fault:
        """Nothing is done; an error document of your own comes back (also with a status that is not 200)."""
        return cls("error", status=status, refusal=Refusal(code, message, *details, type_=type_))

    @classmethod
    def quota(cls) -> Fault:
        """Nothing is done; the hour's requests are used up."""
        return cls("error", refusal=refusals.quota_exceeded())

    @classmethod
    def server_error(cls) -> Fault:
        """Nothing is done; an error document says that the server failed."""
        return cls("error", refusal=refusals.server_error("An error occurred"))

    @classmethod
    def http_500(cls, *, acts: bool = False) -> Fault:
        """Status 500 with an empty body."""
        return cls("http_500", acts, 500)

    @classmethod
    def html(cls, *, acts: bool = False, status: int = 503) -> Fault:
        """A page for people instead of an answer."""
        return cls("html", acts, status)

    @classmethod
    def cut_off(cls, *, acts: bool = True) -> Fault:
        """The first half of the answer, delivered as if it were whole."""
        return cls("cut_off", acts)

    @classmethod
    def broken_off(cls, *, acts: bool = True) -> Fault:
        """The connection ends in the middle of the answer."""
        return cls("broken_off", acts)

    @classmethod
    def reset_before(cls) -> Fault:
        """The connection is reset before anything is done."""
        return cls("reset")

    @classmethod
    def reset_after(cls) -> Fault:
        """Everything is done, then the connection is reset: the answer is lost."""
        return cls("reset", acts=True)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Everything is done, the answer comes late."""
        return cls("delay", acts=True, seconds=seconds)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Everything is done, the answer trickles for this long."""
        return cls("slow", acts=True, seconds=seconds)


DISTURBANCES: tuple[Fault, ...] = (
    Fault.server_error(),
    Fault.http_500(),
    Fault.http_500(acts=True),
    Fault.html(),
    Fault.html(acts=True, status=200),
    Fault.cut_off(),
    Fault.broken_off(),
    Fault.reset_before(),
    Fault.reset_after(),
    Fault.slow(0.02),
)
"""What ``disturb`` chooses from unless told otherwise: faults of every kind that pass quickly."""


@dataclass(slots=True)
class _Planned:
    action: str
    item_id: str | None
    fault: Fault
    left: int


class FaultPlan:
    """Which fault the next call gets: a planned one first, else one at random."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._rate = 0.0
        self._random = random.Random(0)  # noqa: S311 - reproducible faults, no secret
        self._choices: Sequence[Fault] = DISTURBANCES

    def plan(self, action: str, fault: Fault, times: int, item_id: str | None) -> None:
        """The next ``times`` calls of the action (``*``: any), of this item if one is named, get this fault."""
        self._planned.append(_Planned(action, item_id, fault, times))

    def disturb(self, rate: float, seed: int, faults: Sequence[Fault]) -> None:
        """From now on a share of all calls gets one of the faults; equal seeds and calls, equal faults."""
        self._rate, self._random, self._choices = rate, random.Random(seed), faults  # noqa: S311

    def calm(self) -> None:
        """No more faults, planned or at random."""
        self._planned.clear()
        self._rate = 0.0

    def take(self, action: str, item_ids: Sequence[str]) -> Fault | None:
        """The fault of this call, used up by it."""
        for planned in self._planned:
            if planned.action in {ANY_ACTION, action} and (planned.item_id is None or planned.item_id in item_ids):
                planned.left -= 1
                if planned.left <= 0:
                    self._planned.remove(planned)
                return planned.fault
        if self._rate and self._random.random() < self._rate:
            return self._random.choice(self._choices)
        return None


def fault_from_json(data: Mapping[str, object]) -> Fault:
    """A fault from its constructor's name and parameters (``{"kind": "delay", "seconds": 2}``).

    Raises ValueError for what names no fault.
    """
    constructors = {
        name: getattr(Fault, name)
        for name in (
            *("quota", "server_error", "http_500", "html", "cut_off", "broken_off"),
            *("reset_before", "reset_after", "delay", "slow"),
        )
    }
    params = {str(name): value for name, value in data.items() if name != "kind"}
    kind = data.get("kind")
    try:
        if kind == "error_document":
            details = params.pop("details", [])
            if not isinstance(details, list):
                raise ValueError("details is a list of sentences")
            code, message = str(params.pop("code")), str(params.pop("message"))
            return Fault.error_document(code, message, *map(str, details), **params)  # type: ignore[arg-type]
        fault: Fault = constructors[str(kind)](**params)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no such fault: {kind} with {sorted(params)}") from error
    return fault
