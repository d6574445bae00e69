"""The store: durability, migrations, keys, leases. Real SQLite files throughout."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rakuten_orders.connection.back_offices import Message
from rakuten_orders.connection.lifecycle import Status
from rakuten_orders.connection.store import ItemRecord, LeaseLostError, OrderError, OrderRecord, Store, database
from rakuten_orders.connection.store.schema import MIGRATIONS
from rakuten_orders.errors import StoreError
from rakuten_orders.model import Item, Sale, Shipment

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
TODAY = NOW.date()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock):
    with Store(tmp_path / "orders.sqlite3", clock=clock) as opened:
        opened.accounts.enter("boutique", "main", since=None, today=TODAY)
        yield opened


def order(purchase_id: str = "429", *, login: str = "boutique", **changes: object) -> OrderRecord:
    item = Item(f"{purchase_id}1", "ACCEPTED", {"sku": "A-1", "itemid": f"{purchase_id}1"})
    sale = Sale(
        purchase_id, (item,), {"purchaseid": purchase_id}, {"shippingtype": "Normal"}, {item.item_id: {"x": "1"}}
    )
    record = OrderRecord(
        login,
        purchase_id,
        Status.NOT_SHIPPED,
        sale,
        (ItemRecord(item.item_id, "A-1", Status.NOT_SHIPPED, "ACCEPTED"),),
        bought_at=NOW,
        seen_of="abc",
    )
    return replace(record, **changes)


def test_an_order_comes_back_as_it_was_saved(store: Store) -> None:
    """Sale, items, times and error survive the round trip."""
    saved = order(error=OrderError("sku_not_found", "no such SKU", "add it"), deadline=NOW, told_of="abc", sequence=2)
    store.orders.save(saved)
    assert store.orders.get("boutique", "429") == saved


def test_saving_again_changes_the_row_and_adds_none(store: Store) -> None:
    """Orders are keyed by login and purchase id, items by login and item id."""
    store.orders.save(order())
    store.orders.save(order(status=Status.SHIPPED))
    assert [found.status for found in store.orders.select()] == [Status.SHIPPED]


def test_the_same_purchase_of_two_accounts_is_two_orders(store: Store) -> None:
    """Ids are unique within an account only, as far as anybody knows."""
    store.accounts.enter("other", "second", since=None, today=TODAY)
    store.orders.save(order())
    store.orders.save(order(login="other"))
    assert [found.login for found in store.orders.find("429")] == ["boutique", "other"]


def test_live_orders_are_those_with_something_left_to_do(store: Store) -> None:
    """A final order is live again when it changed since the back office was told."""
    store.orders.save(order("1"))
    store.orders.save(order("2", status=Status.SHIPPED, told_of="abc", sequence=1))
    store.orders.save(order("3", status=Status.CANCELLED, told_of="before", sequence=1))
    store.orders.save(order("4", status=Status.CANCELLED))
    assert [found.purchase_id for found in store.orders.live("boutique")] == ["1", "3"]


def test_orders_are_selected_by_account_status_and_error(store: Store) -> None:
    """The three filters combine."""
    store.orders.save(order("1"))
    store.orders.save(order("2", error=OrderError("mapping_failed", "m", "h")))
    store.orders.save(order("3", status=Status.SHIPPED))
    assert [found.purchase_id for found in store.orders.select(status=Status.NOT_SHIPPED)] == ["1", "2"]
    assert [found.purchase_id for found in store.orders.select(in_error=True)] == ["2"]
    assert store.orders.select(logins=["nobody"]) == []


def test_a_transaction_is_kept_whole_or_not_at_all(store: Store) -> None:
    """An exception takes back everything since the outermost begin."""

    def interrupted() -> None:
        with store.transaction():
            store.orders.save(order())
            with store.transaction():
                store.orders.add_event("boutique", "429", "info", "taken_in", "taken in")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert store.orders.get("boutique", "429") is None
    assert store.orders.events("boutique", "429") == []


def test_the_file_is_its_owners_alone(store: Store, tmp_path: Path) -> None:
    """Orders hold addresses: mode 0600, whatever the umask; the journal gets the file's mode from SQLite."""
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_file_uses_wal_and_full_synchronisation(store: Store, tmp_path: Path) -> None:
    """What a promise of durability rests on."""
    with closing(sqlite3.connect(tmp_path / "orders.sqlite3")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    row = store._db.row("PRAGMA synchronous")
    assert row is not None
    assert row[0] == 2


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """An older program must not write what it does not understand."""
    path = tmp_path / "orders.sqlite3"
    Store(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer version"):
        Store(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A sentence rather than a traceback, and the file stays as it is."""
    path = tmp_path / "orders.sqlite3"
    path.write_text("this is a letter, not a database, and it is long enough to show that" * 20)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"orders\.sqlite3"):
        Store(path)
    assert path.read_bytes() == before


def test_a_store_in_a_missing_folder_says_so(tmp_path: Path) -> None:
    """The path stands in the sentence."""
    with pytest.raises(StoreError, match="nowhere"):
        Store(tmp_path / "nowhere" / "orders.sqlite3")


def test_a_scratch_copy_has_the_data_and_keeps_nothing(store: Store) -> None:
    """What is tried on a copy has no consequences."""
    store.orders.save(order())
    with store.scratch_copy() as copy:
        copy.orders.save(order(status=Status.SHIPPED))
        assert copy.orders.select(status=Status.SHIPPED)
    assert not store.orders.select(status=Status.SHIPPED)


def test_since_is_the_first_passes_day_unless_it_is_given(store: Store) -> None:
    """A day in the configuration wins; without one, the stored day stays."""
    later = TODAY + dt.timedelta(days=9)
    assert store.accounts.enter("boutique", "main", since=None, today=later).since == TODAY
    given = dt.date(2026, 11, 1)
    assert store.accounts.enter("boutique", "main", since=given, today=later).since == given
    assert store.accounts.enter("boutique", "main", since=None, today=later).since == given


def test_an_intent_is_unknown_until_it_is_settled(store: Store) -> None:
    """It is there before the call and tells its outcome after it."""
    intent = store.intents.open("boutique", "429", "4291", "acceptsale", arguments={"ships_from": "249"})
    assert store.intents.of_unknown_outcome("boutique") == [intent]
    store.intents.settle(intent, "done")
    assert store.intents.of_unknown_outcome("boutique") == []
    last = store.intents.last("boutique", "4291", "acceptsale")
    assert last is not None
    assert (last.outcome, last.arguments, last.settled_at) == ("done", {"ships_from": "249"}, NOW)


def test_an_item_has_one_open_intent(store: Store) -> None:
    """Two calls whose outcome is unknown cannot exist for one item."""
    store.intents.open("boutique", "429", "4291", "acceptsale", arguments={})
    with pytest.raises(sqlite3.IntegrityError):
        store.intents.open("boutique", "429", "4291", "refusesale", arguments={})


def test_a_message_is_repeated_word_for_word(store: Store) -> None:
    """Key, type and order come back as they were made."""
    message = Message("429", "order.created", "boutique:429", "main", 1, {"order_id": "429", "n": ["é", None]})
    store.messages.add("boutique", message)
    assert store.messages.undelivered("boutique") == [message]
    store.messages.delivered(message)
    assert store.messages.undelivered("boutique") == []


def test_a_shipment_that_is_read_twice_is_stored_once(store: Store) -> None:
    """The source tells."""
    shipment = Shipment(transporter="UPS", tracking_number="1Z", item_ids=("4291",), order_id="429")
    first = store.shipments.add("boutique", "429", shipment, source="a.csv@1:2")
    assert first is not None
    assert first.shipment == shipment
    assert store.shipments.add("boutique", "429", shipment, source="a.csv@1:2") is None
    assert store.shipments.open("boutique") == [first]
    store.shipments.done(first)
    assert store.shipments.open("boutique") == []


def test_a_rule_set_in_force_is_kept_with_its_digest(store: Store) -> None:
    """The last valid one survives restarts; putting it in force again is no change."""
    assert store.rule_sets.in_force("boutique") is None
    assert not store.rule_sets.put_in_force("boutique", "a" * 64, {"files": 1})
    assert not store.rule_sets.put_in_force("boutique", "a" * 64, {"files": 1})
    assert store.rule_sets.put_in_force("boutique", "b" * 64, {"files": 2})
    assert store.rule_sets.in_force("boutique") == {"files": 2}


def test_only_one_pass_holds_the_lease(store: Store, clock: Clock) -> None:
    """The second gets none until the first gives it back; the fence grows."""
    fence = store.leases.take("boutique")
    assert fence == 1
    assert store.leases.take("boutique") is None
    store.leases.give_back("boutique", fence)
    assert store.leases.take("boutique") == 2


def test_a_lease_that_ended_is_taken_over_and_its_holder_stopped(store: Store, clock: Clock) -> None:
    """A process that slept must not write any more when it wakes."""
    old = store.leases.take("boutique")
    assert old is not None
    clock.now += dt.timedelta(hours=1)
    assert store.leases.take("boutique") == 2
    with pytest.raises(LeaseLostError):
        store.leases.renew("boutique", old)


def test_a_lease_that_could_not_be_given_back_does_not_shut_its_own_process_out(store: Store) -> None:
    """As on a full disk: the job goes on by itself when there is room again."""
    fence = store.leases.take("boutique")
    assert fence is not None
    with store.transaction():
        store._db.write("CREATE TRIGGER full BEFORE UPDATE ON leases BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(sqlite3.Error):
        store.leases.give_back("boutique", fence)
    with store.transaction():
        store._db.write("DROP TRIGGER full")
    assert store.leases.take("boutique") == fence + 1


def test_a_lease_from_a_clock_that_was_far_ahead_does_not_hold_until_then(store: Store, clock: Clock) -> None:
    """Of another host, where nobody can tell whether its process lives."""
    clock.now += dt.timedelta(days=30)
    store.leases.take("boutique")
    with store.transaction():
        store._db.write("UPDATE leases SET host = 'elsewhere'")
    assert store.leases.take("boutique") is None
    clock.now -= dt.timedelta(days=30)
    assert store.leases.take("boutique") == 2


_TAKE = """
import sys
from rakuten_orders.connection import Store
store = Store(sys.argv[1])
store.leases.take("boutique")
print("taken", flush=True)
sys.stdin.read()
"""


def test_the_lease_of_a_killed_process_is_taken_over_at_once(tmp_path: Path) -> None:
    """SIGKILL leaves no time to give anything back."""
    path = tmp_path / "orders.sqlite3"
    holder = subprocess.Popen(
        [sys.executable, "-c", _TAKE, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder, Store(path) as store:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "taken\n"
        assert store.leases.take("boutique") is None
        holder.kill()
        holder.wait()
        assert store.leases.take("boutique") == 2


def test_a_pid_that_was_given_to_another_process_holds_nothing(store: Store) -> None:
    """Start times tell processes of one pid apart, where the system shows them."""
    if not Path(f"/proc/{os.getpid()}/stat").exists():
        pytest.skip("no /proc here")
    store.leases.take("boutique")
    with store.transaction():
        store._db.write("UPDATE leases SET process = 'another'")
    assert store.leases.take("boutique") == 2


def test_a_file_that_another_program_holds_is_named_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup tool, or a database browser: not the folder's fault."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    path = tmp_path / "orders.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another program"):
            Store(path)
    Store(path).close()
