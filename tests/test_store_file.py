"""The store's file: copies while it is in use, restoring one, checking, forgetting, exporting."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rakuten_orders.connection import Store
from rakuten_orders.connection.exporting import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project, Shop

MARKS = ("Geheimnis", "Oriane", "impasse du Secret", "0639984321", "secret-login", "geheimnis@example.com")


def everything_on_disk(folder: Path) -> bytes:
    """The store's file and what SQLite keeps beside it, free pages included."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("orders.sqlite3*")))


def restore(shop: Shop, copy: Path) -> None:
    """As README says it: no pass at work, the copy in the store's place."""
    shop.store.close()
    for path in shop.folder.glob("orders.sqlite3*"):
        path.unlink()
    shutil.copy(copy, shop.folder / "orders.sqlite3")
    shop.store = Store(shop.folder / "orders.sqlite3", clock=shop.clock)


def test_a_copy_is_made_while_the_store_is_written_to(shop: Shop, tmp_path: Path) -> None:
    """It is one file, for its owner only, and holds what is committed."""
    shop.simulator.add(shop.sale())
    shop.sync()
    with Store(tmp_path / "orders.sqlite3") as other, other.transaction():
        other.orders.add_event("boutiquefr", None, "info", "x", "not committed")
        shop.store.maintenance.backup(tmp_path / "copy.sqlite3")
    assert stat.S_IMODE((tmp_path / "copy.sqlite3").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*copy*")] == ["copy.sqlite3"]
    with Store(tmp_path / "copy.sqlite3") as copy:
        assert copy.maintenance.problems() == []
        assert copy.orders.get("boutiquefr", "429").items == shop.order().items
        assert "x" not in [event.code for event in copy.orders.events("boutiquefr", None)]


def test_a_restore_from_an_hour_ago_loses_and_repeats_nothing(shop: Shop) -> None:
    """What happened since is asked of Rakuten first: nothing is accepted, confirmed or delivered twice, or missing."""
    shop.simulator.add(shop.sale("429"), shop.sale("430"), shop.sale("431", isnego="Y"))
    shop.sync()
    copy = shop.folder / "copy.sqlite3"
    shop.store.maintenance.backup(copy)
    shop.clock.pass_(minutes=20)
    shop.simulator.add(shop.sale("432"), shop.sale("433"))
    shop.sync()
    shop.ship("429")
    shop.ship("432")
    shop.simulator.change_address("430", address1="2 rue Neuve")
    shop.sync()
    assert shop.messages()["430.2.json"]["type"] == "order.updated"
    done, delivered = shop.changed(), shop.messages().keys()
    shop.clock.pass_(minutes=40)
    restore(shop, copy)
    for path in (shop.office.folder / "done").iterdir():  # what came in since the copy is given again
        path.rename(shop.office.folder / "shipments" / path.name)
    first, second = shop.sync(), shop.sync()
    # 432 came and went since: it is over at Rakuten and known to the back office, and is not taken in again.
    assert [refusal.reason for refusal in first.refused] == ["unknown_order"]
    assert (first.errors, second.exit_code) == ({}, 0)
    assert shop.changed() == done
    assert {order_id: str(shop.status(order_id)) for order_id in ("429", "430", "431", "433")} == {
        "429": "shipped",
        "430": "not_shipped",
        "431": "on_hold",
        "433": "not_shipped",
    }
    shop.simulator.cancel_by_buyer("43001")
    shop.sync()
    messages = [message for message in shop.messages().values() if message["order"]["order_id"] == "430"]
    assert {message["type"] for message in messages} == {"order.created", "order.updated", "order.cancelled"}
    assert delivered <= shop.messages().keys()
    keys = [message["key"] for message in shop.messages().values()]
    assert len(keys) == len(set(keys))


def test_a_copy_overwrites_nothing(project: Project) -> None:
    """Exit 2, and the file is as it was."""
    project.run("sync")
    (project.folder / "there").write_text("mine", encoding="utf-8")
    code, printed, said = project.run("store", "backup", "there")
    assert (code, printed) == (2, "")
    assert "there exists" in said
    assert (project.folder / "there").read_text(encoding="utf-8") == "mine"
    assert project.run("store", "backup", "no/such/folder/copy")[0] == 2
    code, printed, _ = project.run("store", "backup", "copy.sqlite3")
    assert code == 0
    assert "copy.sqlite3" in printed
    assert project.run("store", "check", "copy.sqlite3") == (0, "copy.sqlite3 is whole.\n", "")
    assert project.run("store", "check") == (0, "orders.sqlite3 is whole.\n", "")


@pytest.mark.parametrize("left", [100, 4096 * 2, 4096 * 9 + 1])
def test_a_file_that_was_cut_is_damaged(project: Project, left: int) -> None:
    """Exit 1, said as that, with the way out once."""
    project.run("sync")
    project.run("store", "backup", "copy.sqlite3")
    path = project.folder / "copy.sqlite3"
    path.write_bytes(path.read_bytes()[:left])
    code, printed, said = project.run("store", "check", "copy.sqlite3")
    assert (code, printed) == (1, "")
    assert "folder must exist" not in said
    assert said.lower().count("backup and restore") == 1
    assert said.count("estore it") == 1


def test_checking_finds_what_is_broken(project: Project) -> None:
    """Pages, and what does not agree: exit 1 and the way out."""
    project.run("sync")
    path = project.folder / "orders.sqlite3"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE orders SET status = 'shipped' WHERE purchase_id = '400000006'")
        raw.commit()
    code, printed, said = project.run("store", "check")
    assert (code, printed) == (1, "")
    assert "order 400000006 is shipped, but its items make it on_hold" in said
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\x55" * 4096 * 3
    path.write_bytes(data)
    code, _, said = project.run("store", "check")
    assert code == 1
    assert "Backup and restore" in said
    path.write_bytes(b"no database at all" * 100)
    assert project.run("store", "check")[0] == 1


@pytest.mark.parametrize("words", [("store", "check"), ("store", "backup", "x"), ("orders", "export")], ids=" ".join)
def test_without_a_store_there_is_nothing_to_do(project: Project, words: tuple[str, ...]) -> None:
    """Exit 2, and no store is made."""
    assert project.run(*words)[0] == 2
    assert not (project.folder / "orders.sqlite3").exists()


def shipped_order(shop: Shop) -> None:
    shop.simulator.add(shop.sale("429", "A-1"), shop.sale("430", isnego="Y"))
    shop.sync()
    shop.ship("429", transporter="Mondial Relay", number="12345678", postcode="75011")
    shop.sync()
    assert str(shop.status()) == "shipped"


def test_forgetting_leaves_nothing_of_the_buyer_on_disk(shop: Shop) -> None:
    """Free pages and SQLite's log included; what bookkeeping needs stays, and orders that are not over."""
    shop.simulator.add(shop.sale("429", "A-1"))
    shop.sync()
    shop.ship("429", transporter="Mondial Relay", number="12345678", postcode="75011")
    shop.sync()
    assert all(mark.encode() in everything_on_disk(shop.folder) for mark in MARKS)
    before = shop.order()
    shop.clock.pass_(days=91)
    cutoff = shop.clock() - dt.timedelta(days=90)
    assert shop.store.forgetting.older_than("boutiquefr", cutoff).over == ("429",)
    assert shop.store.forgetting.forget("boutiquefr", cutoff) == ("429",)
    shop.store.forgetting.erase_free_pages()
    left = everything_on_disk(shop.folder)
    assert [mark for mark in (*MARKS, "75011") if mark.encode() in left] == []
    order = shop.order()
    assert (order.status, order.bought_at, order.purchase_id) == (before.status, before.bought_at, "429")
    (item,) = order.items
    assert (item.sku, item.transporter, item.tracking_number, item.tracking_url) == (
        *("A-1", "Mondial Relay", "12345678"),
        None,
    )
    assert order.sale.items[0].fields["price.amount"] == "9.90"
    assert [event.code for event in shop.store.orders.events("boutiquefr", "429")][:2] == ["taken_in", "accepted"]
    assert shop.store.maintenance.problems() == []


def test_what_was_forgotten_does_not_come_back(shop: Shop) -> None:
    """Rakuten may still show the sale; the next passes leave it as it is."""
    shipped_order(shop)
    shop.clock.pass_(days=2)
    cutoff = shop.clock() - dt.timedelta(days=1)
    found = shop.store.forgetting.older_than("boutiquefr", cutoff)
    assert (found.over, found.busy) == (("429",), ("430",))
    shop.store.forgetting.forget("boutiquefr", cutoff)
    shop.store.forgetting.erase_free_pages()
    for _ in range(2):
        shop.sync()
        shop.clock.pass_(days=1)
    assert str(shop.status()) == "shipped"
    assert "street1" not in shop.order().sale.fields
    assert len(shop.order().sale.fields) <= 2
    assert shop.store.forgetting.older_than("boutiquefr", cutoff).over == ()


def test_forget_asks_and_tells(project: Project) -> None:
    """Exit 2 unasked without a terminal; what is too young or not over stays."""
    project.run("sync")
    for order_id in ("400000001", "400000002"):
        project.run("ship", order_id, "--transporter", "Colissimo", "--number", "6A12345678905")
    project.run("sync")
    assert project.run("orders", "forget", "--older-than", "90d", "--yes") == (0, "Nothing to forget.\n", "")
    assert project.run("orders", "forget", "--yes")[0] == 2
    code, printed, said = project.run("orders", "forget", "--older-than", "90s")
    assert (code, printed) == (2, "")
    assert "--yes" in said
    code, printed, said = project.run("orders", "forget", "--older-than", "90s", "--yes")
    assert code == 0
    assert "not over, or in error: kept as they are" in said
    assert printed.startswith("Forgot ")
    assert project.orders()["400000001"]["status"] == "shipped"
    assert project.run("orders", "show", "400000001")[0] == 0
    assert project.run("sync")[0] == 0


def test_forgetting_waits_for_a_pass_at_work(project: Project) -> None:
    """Exit 1, and which account to try again."""
    project.run("sync")
    project.run("orders", "handle-manually", "400000001", "--yes")
    with project.store() as store:
        fence = store.leases.take(project.market.login)
        assert fence is not None
        code, printed, said = project.run("orders", "forget", "--older-than", "90s", "--yes")
        assert (code, printed) == (1, "")
        assert "main: a pass is at work" in said
        assert not store.forgetting.is_forgotten(project.market.login, "400000001")


def test_export_has_what_was_received_beside_what_was_sent(project: Project) -> None:
    """A row an item in CSV, a line an order in JSON, and every event in both."""
    project.run("sync")
    project.run("ship", "400000001", "--transporter", "colissimo", "--number", "6a 1234 5678 905")
    project.run("sync")
    code, printed, said = project.run("orders", "export")
    assert (code, said) == (0, "")
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 9
    first = next(row for row in rows if row["order_id"] == "400000001")
    assert (first["transporter_received"], first["transporter_sent"]) == ("colissimo", "Colissimo")
    assert (first["tracking_number_received"], first["tracking_number_sent"]) == ("6a 1234 5678 905", "6A12345678905")
    assert len(first["events"].splitlines()) >= 4
    code, printed, said = project.run("orders", "export", "--format", "jsonl")
    documents = [json.loads(line) for line in printed.splitlines()]
    assert len(documents) == 7
    shown = next(document for document in documents if document["order_id"] == "400000001")
    assert [event["code"] for event in shown["events"]] == [
        event["code"] for event in project.orders()["400000001"]["events"]
    ]
    assert shown["items"][0]["received"]["tracking_number"] == "6a 1234 5678 905"
    assert shown["items"][0]["sent"]["tracking_number"] == "6A12345678905"
    assert shown["sent"][0]["type"] == "order.created"
    assert "deliveryinformation.shippingtype" in json.dumps(shown["received"])
