"""Which rules an account uses: what loads now, or the last set that was valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rakuten_orders.connection.account_pass import reason
from rakuten_orders.connection.store import Store
from rakuten_orders.connection.store.records import OrderError
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.engine import Engine
from rakuten_orders.errors import RulesError
from rakuten_orders.sources import Sources


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
        return _kept(store, login, fault.diagnostics)
    with store.transaction():
        if store.rule_sets.put_in_force(login, engine.digest, engine.sources.to_json()):
            store.orders.add_event(login, None, "info", "rules_changed", f"the rules are now {engine.digest[:12]}")
    return RulesInForce(engine)


def last_valid(store: Store, login: str) -> Engine | None:
    """The account's last valid rules, as the store keeps them; None where there never were any."""
    kept = store.rule_sets.in_force(login)
    return Engine.from_sources(Sources.from_json(kept)) if isinstance(kept, dict) else None


def _kept(store: Store, login: str, diagnostics: Sequence[Diagnostic]) -> RulesInForce:
    errors = [found for found in diagnostics if found.severity == "error"]
    first = f"{errors[0].file}:{errors[0].line}: {errors[0].message}" if errors else "no reason given"
    engine = last_valid(store, login)
    if engine is None:
        return RulesInForce(None, reason("rules_invalid", "none", first=first), tuple(diagnostics))
    return RulesInForce(engine, reason("rules_invalid", "first", first=first), tuple(diagnostics))
