"""``plan``: stored sales through two rule sets, compared, against mapping them once from parsed sales."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import data
from bench.measuring import compared
from bench.outcome import Row
from bench.processes import by_turns, spent
from bench.setting import Setting
from bench.work import with_timing
from rakuten_orders.connection import Store
from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.connection.planning import Plan, plan_change
from rakuten_orders.connection.store import ItemRecord, OrderRecord
from rakuten_orders.engine import Engine
from rakuten_orders.model import Sale
from rakuten_orders.payload import parse_sales

_LOGIN = "boutiquefr"
_CHANGE = (
    "ship_to.street2: deliveryinformation.deliveryaddress.address2",
    "ship_to.street2: {from: deliveryinformation.deliveryaddress.address2, then: [upper]}",
)


def measure(setting: Setting) -> Iterator[Row]:
    """The row."""
    sales = [sale for document in data.documents(setting.planned) for sale in parse_sales(document)]
    before, after = data.engine(), _changed(setting.scratch / "rules")
    with Store(setting.scratch / "planned.sqlite3") as store:
        _fill(store, sales)
        row = prepare(store, sales, before, after)
        if not row.differs:
            cases = {
                "ours": spent(lambda: plan_change(store, _LOGIN, "main", before, after)),
                "floor": spent(lambda: list(before.map(sales))),
            }
            samples = by_turns(cases, min(3, setting.processes))
            ours, floor = (compared(samples[name], samples["floor"]) for name in ("ours", "floor"))
            row = with_timing(row, ours, floor)
    yield row


def prepare(store: Store, sales: Sequence[Sale], before: Engine, after: Engine) -> Row:
    """The row; the plan has to name the orders whose mappings differ, all of them and no others."""
    plan = plan_change(store, _LOGIN, "main", before, after)
    changed = sorted(
        old.order_id for old, new in zip(before.map(sales), after.map(sales), strict=True) if old.order != new.order
    )
    found = _named(plan)
    return Row(
        key="plan",
        name=f"plan for {sum(len(sale.items) for sale in sales):,} stored items",
        against="mapping them once from parsed sales",
        target=3.0,
        per="a plan",
        differs="" if found == changed else f"{len(found)} orders named, {len(changed)} differ",
    )


def _named(plan: Plan) -> list[str]:
    failures = (*plan.would_fail, *plan.would_pass)
    return sorted([change.order_id for change in plan.mapped] + [failure.order_id for failure in failures])


def _changed(folder: Path) -> Engine:
    """The engine after a change of one rule, which changes some of the orders."""
    shutil.copytree(data.RULES, folder)
    file = folder / "order.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(*_CHANGE), encoding="utf-8")
    return Engine.load(folder, tables=data.TABLES)


def _fill(store: Store, sales: Sequence[Sale]) -> None:
    """Stores the sales as orders that wait for their shipments."""
    store.accounts.enter(_LOGIN, "main", since=None, today=dt.date(2026, 1, 1))
    with store.transaction():
        for sale in sales:
            items = tuple(
                ItemRecord(item.item_id, item.fields.get("sku", ""), Status.NOT_SHIPPED, item.status)
                for item in sale.items
            )
            store.orders.save(OrderRecord(_LOGIN, sale.purchase_id, Status.NOT_SHIPPED, sale, items))
