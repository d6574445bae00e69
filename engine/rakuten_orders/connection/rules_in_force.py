"""Which rules an account uses: what loads now, or the last set that was valid."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

from rakuten_orders.connection.account_pass import reason
from rakuten_orders.connection.store import Store
from rakuten_orders.connection.store.records import OrderError
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.engine import Engine
from rakuten_orders.errors import RakutenOrdersError, RulesError
from rakuten_orders.sources import Sources

_LOG = logging.getLogger("rakuten_orders.passes")


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The engine that is used; None where nothing ever loaded.

    ``error`` and ``diagnostics`` tell why what is there now was not used.
    """

    engine: Engine | None
    error: OrderError | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def rules_in_force(store: Store, login: str, load: Callable[[], Engine]) -> RulesInForce:
    """The rules that ``load`` gives, kept in the store from now on; where they do not load, those kept before.

    The account must be in the store.
    """
    try:
        engine = load()
    except RulesError as fault:
        errors = [found for found in fault.diagnostics if found.severity == "error"]
        first = f"{errors[0].file}:{errors[0].line}: {errors[0].message}" if errors else "no reason given"
        return _kept(store, login, first, diagnostics=fault.diagnostics)
    except RakutenOrdersError:
        raise
    except Exception as fault:  # noqa: BLE001 - a mistake of ours must not end a job that runs day and night
        first = _place_of(fault)
        _LOG.exception("the rules could not be read: %s", first)
        return _kept(store, login, first, crashed=True)
    with store.transaction():
        if store.rule_sets.put_in_force(login, engine.digest, engine.sources.to_json()):
            store.orders.add_event(login, None, "info", "rules_changed", f"the rules are now {engine.digest[:12]}")
    return RulesInForce(engine)


def last_valid(store: Store, login: str) -> Engine | None:
    """The account's last valid rules, as the store keeps them; None where there never were any."""
    kept = store.rule_sets.in_force(login)
    return Engine.from_sources(Sources.from_json(kept)) if isinstance(kept, dict) else None


def _kept(
    store: Store, login: str, first: str, *, diagnostics: Sequence[Diagnostic] = (), crashed: bool = False
) -> RulesInForce:
    """The rules kept before; ``first`` says why not those of now, ``crashed`` that the fault is not theirs."""
    engine = last_valid(store, login)
    variant = ("crashed_none" if crashed else "none") if engine is None else "crashed" if crashed else "first"
    return RulesInForce(engine, reason("rules_invalid", variant, first=first), tuple(diagnostics))


def _place_of(fault: Exception) -> str:
    """What was raised, and where in the source."""
    frame = extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {Path(frame.filename).name}:{frame.lineno}"
