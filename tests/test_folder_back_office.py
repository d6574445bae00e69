"""The folder back office: files out, files in, nothing lost between."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.connection.back_offices import Message, Refusal
from rakuten_orders.connection.back_offices.folder import FolderBackOffice, _FolderBatch, file_stem
from rakuten_orders.connection.back_offices.shipment_files import read_shipment_file
from rakuten_orders.errors import BackOfficeError
from rakuten_orders.model import Shipment

MESSAGE = Message("429", "order.created", "boutique:429", "main", 1, {"order_id": "429", "name": "Zoé"})


@pytest.fixture
def office(tmp_path: Path) -> FolderBackOffice:
    return FolderBackOffice(tmp_path / "exchange")


def drop(office: FolderBackOffice, name: str, content: str | bytes) -> Path:
    path = office.folder / "shipments" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def names(office: FolderBackOffice, folder: str) -> list[str]:
    path = office.folder / folder
    return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []


def test_a_message_becomes_a_file(office: FolderBackOffice) -> None:
    """Whole, readable, under the order's id, and no half file remains."""
    office.deliver(MESSAGE)
    office.deliver(replace(MESSAGE, type="order.updated", key="boutique:429:2", sequence=2))
    assert names(office, "orders") == ["429.2.json", "429.json"]
    assert json.loads((office.folder / "orders/429.json").read_text()) == {
        "type": "order.created",
        "key": "boutique:429",
        "connection": "main",
        "sequence": 1,
        "order": {"order_id": "429", "name": "Zoé"},
    }


def test_a_message_that_comes_again_changes_nothing(office: FolderBackOffice) -> None:
    """Deduplicated by its key."""
    office.deliver(MESSAGE)
    path = office.folder / "orders/429.json"
    before = path.stat()
    office.deliver(MESSAGE)
    assert path.stat().st_ino == before.st_ino


def test_another_orders_file_is_not_overwritten(office: FolderBackOffice) -> None:
    """Two accounts with one folder and one id: refused, with the file that is in the way."""
    office.deliver(MESSAGE)
    with pytest.raises(BackOfficeError, match=r"orders/429\.json") as caught:
        office.deliver(replace(MESSAGE, key="other:429"))
    assert caught.value.reason == "backend_refused"


def test_half_a_file_of_ours_is_replaced(office: FolderBackOffice) -> None:
    """What no program could have read is no message."""
    (office.folder / "orders").mkdir(parents=True)
    (office.folder / "orders/429.json").write_text('{"type": "order.cre')
    office.deliver(MESSAGE)
    assert json.loads((office.folder / "orders/429.json").read_text())["key"] == MESSAGE.key


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_order_id_is_a_safe_and_distinct_file_name(one: str, other: str) -> None:
    """No folder is left, no name is hidden, and two ids never share one."""
    try:
        stems = [file_stem(text) for text in (one, other)]
    except UnicodeEncodeError:
        return  # lone surrogates come out of no XML
    assert all(set(stem) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_%") for stem in stems)
    assert all(len(stem) <= 200 for stem in stems)
    assert (stems[0] == stems[1]) == (one == other)


@pytest.mark.parametrize("order_id", ["../../etc/passwd", "a/b", "..", "CON\0", "x" * 500, "é€"])
def test_an_order_id_stays_in_its_folder(office: FolderBackOffice, order_id: str) -> None:
    """Whatever Rakuten may once put into it."""
    office.deliver(replace(MESSAGE, order_id=order_id))
    assert len(names(office, "orders")) == 1
    assert names(office, ".") == ["orders", "shipments"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_as_spreadsheets_write_it(separator: str, encoding: str) -> None:
    """Three separators, BOM, French letters, quotes, blank lines, unknown columns, any case of names."""
    lines = [
        separator.join(["Order_ID", "transporter", "tracking_number", "item_ids", "remark"]),
        separator.join(["429", '"Société ""X"""', "00123", "11 12", "à voir"]),
        "",
        separator.join(["430", "UPS", "1Z", "", ""]),
    ]
    found = read_shipment_file("a.csv", "\r\n".join(lines).encode(encoding))
    assert [row.problem for row in found.rows] == ["", ""]
    first, second = (row.shipment for row in found.rows)
    assert first == Shipment(order_id="429", transporter='Société "X"', tracking_number="00123", item_ids=("11", "12"))
    assert second is not None
    assert second.item_ids is None
    assert [row.line for row in found.rows] == [2, 4]


def test_json_lines_are_read() -> None:
    """Numbers are taken for their digits, absent keys for nothing."""
    lines = '{"order_id": 429, "tracking_number": 123, "item_ids": [11, "12"], "transporter": "UPS", "x": 1}\n\n'
    lines += '{"order_id": "430", "cancel": true, "because": "sold out"}\n'
    first, second = (row.shipment for row in read_shipment_file("a.jsonl", lines.encode()).rows)
    assert first == Shipment(order_id="429", transporter="UPS", tracking_number="123", item_ids=("11", "12"))
    assert second == Shipment(order_id="430", transporter=None, tracking_number=None, cancel=True, because="sold out")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "order_id,tracking_number\n,1Z\n", "order_id is missing"),
        ("a.csv", 'order_id;tracking_number\n429;"1,23E+12"\n', "damaged by a spreadsheet"),
        ("a.csv", "order_id,cancel\n429,perhaps\n", "cancel must be"),
        ("a.csv", "order_id,transporter\n429,UPS,1Z,more\n", "4 cells"),
        ("a.csv", 'order_id,transporter\n429,"UPS\n', "no CSV"),
        ("a.jsonl", '{"order_id": 4.29e8}\n', "must be text"),
        ("a.jsonl", '{"order_id": "429", "item_ids": {"a": 1}}\n', "must be text"),
        ("a.jsonl", "[1]\n", "no JSON object"),
        ("a.jsonl", "{\n", "no JSON object"),
        ("a.jsonl", "[" * 100_000 + "\n", "no JSON object"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(name: str, text: str, problem: str) -> None:
    """The other rows go on."""
    (row,) = read_shipment_file(name, text.encode()).rows
    assert row.shipment is None
    assert problem in row.problem


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_bytes_give_rows_or_problems(data: bytes, name: str) -> None:
    """Never an exception."""
    for row in read_shipment_file(name, data).rows:
        assert (row.shipment is None) == bool(row.problem)


def test_files_are_moved_when_they_are_acknowledged_not_before(office: FolderBackOffice) -> None:
    """Reading changes nothing; what is refused later goes to rejected/ with its line and reason."""
    drop(office, "b.csv", "order_id;transporter;tracking_number\n429;UPS;1Z\n999;UPS;1Z9\n;UPS;2\n")
    drop(office, "a.jsonl", '{"order_id": "429"}\n')
    batch = office.shipments()
    assert [entry.shipment.order_id for entry in batch.received] == ["429", "429", "999"]
    assert office.shipments() == batch
    office.acknowledge(batch, [Refusal(batch.received[2].source, "unknown_order", "there is no order 999")])
    assert names(office, "shipments") == []
    assert names(office, "done") == ["a.jsonl", "b.csv"]
    assert (office.folder / "rejected/b.csv").read_text().splitlines() == [
        "order_id;transporter;tracking_number;line;reason",
        "999;UPS;1Z9;3;there is no order 999",
        ";UPS;2;4;order_id is missing",
    ]
    assert names(office, "rejected") == ["b.csv"]
    assert office.shipments().received == ()


def test_a_rejected_file_can_be_corrected_and_dropped_again(office: FolderBackOffice) -> None:
    """The columns that were added are ignored, and it counts as another file."""
    drop(office, "a.csv", "order_id,tracking_number\n,1Z\n")
    batch = office.shipments()
    office.acknowledge(batch)
    rejected = (office.folder / "rejected/a.csv").read_text()
    drop(office, "a.csv", rejected.replace("\n,1Z", "\n429,1Z"))
    again = office.shipments()
    assert [entry.shipment.order_id for entry in again.received] == ["429"]
    office.acknowledge(again)
    assert names(office, "done") == ["a-2.csv", "a.csv"]


def test_an_acknowledgement_that_was_interrupted_can_be_repeated(office: FolderBackOffice) -> None:
    """A crash after the rejected rows were written and before the file was moved."""
    drop(office, "a.csv", "order_id,transporter\n429,\n,1\n")
    batch = office.shipments()
    office._reject(batch.files[0], "a.csv", {refusal.source: refusal.message for refusal in batch.refused})
    again = office.shipments()
    assert again == batch
    office.acknowledge(again)
    assert names(office, "rejected") == ["a.csv"]
    assert names(office, "done") == ["a.csv"]


def test_a_file_without_a_header_is_rejected_whole(office: FolderBackOffice) -> None:
    """With the reason beside it."""
    drop(office, "a.csv", "429;UPS;1Z\n")
    office.acknowledge(office.shipments())
    assert names(office, "rejected") == ["a.csv", "a.csv.txt"]
    assert "order_id" in (office.folder / "rejected/a.csv.txt").read_text()


@pytest.mark.parametrize("written", ["Trackingnumber", "tracking number", "tracking_numbr", "tracking_nr"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_misspelt_name_is_no_shipment_without_a_number(name: str, written: str) -> None:
    """Overlooked, it would have the order confirmed with another number, or wait for one for ever."""
    text = (
        f"order_id,{written}\n429,1Z\n" if name == "a.csv" else json.dumps({"order_id": "429", written.lower(): "1Z"})
    )
    found = read_shipment_file(name, text.encode())
    problem = found.problem or found.rows[0].problem
    assert problem.startswith(f'"{written.lower()}" is not known; did you mean tracking_number? Known are order_id, ')
    assert not any(row.shipment for row in found.rows)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["order_id", "carrier", "number"], {"carrier": "transporter", "number": "tracking_number"}),
        (["order_id", "Transport", "N° de suivi"], {"transport": "transporter", "n° de suivi": "tracking_number"}),
        (["Commande", "suivi"], {"commande": "order_id", "suivi": "tracking_number"}),
        (["order-number", "tracking.code"], {"order-number": "order_id", "tracking.code": "tracking_number"}),
        (["order_id", "transporter", "Numéro_Suivi"], {"numéro_suivi": "tracking_number"}),
        (["order_id", "tracking_number", "Carrier Name"], {"carrier name": "transporter"}),
        (["order_id", "transporter", "tracking_number", "URL"], {"url": "tracking_url"}),
        (["order_id", "transporter", "tracking_number", "item"], {"item": "item_ids"}),
        (["order_id", "annulé"], {"annulé": "cancel"}),
    ],
)
def test_a_known_column_by_another_name_is_refused(name: str, written: list[str], meant: dict[str, str]) -> None:
    """All of them at once, with what they are called here: overlooked, another number would be confirmed."""
    if name == "a.csv":
        text = f"{','.join(written)}\n{','.join('1' for _ in written)}\n"
    else:
        text = json.dumps({column.lower(): "1" for column in written})
    found = read_shipment_file(name, text.encode())
    problem = found.problem or found.rows[0].problem
    said = " ".join(f'"{column}" is not known; did you mean {target}?' for column, target in meant.items())
    assert problem.startswith(f"{said} Known are order_id, transporter, tracking_number, item_ids, ")
    assert not any(row.shipment for row in found.rows)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_an_id_alone_is_a_shipment_only_where_nothing_is_unknown(name: str) -> None:
    """Rakuten's own label has its number there; an unknown column may be the one that was meant."""

    def read(*columns: str) -> tuple[str, bool]:
        cells = {column: "429" if column == "order_id" else "" for column in columns}
        text = f"{','.join(cells)}\n{','.join(cells.values())}\n" if name == "a.csv" else json.dumps(cells)
        found = read_shipment_file(name, text.encode())
        return found.problem or found.rows[0].problem, any(row.shipment for row in found.rows)

    assert read("order_id") == ("", True)
    assert read("order_id", "postcode", "line", "reason") == ("", True)
    assert read("order_id", "transporter", "remark") == ("", True)
    problem, taken = read("order_id", "postcode", "remark", "code")
    assert problem.startswith('there is no transporter, no tracking_number and no cancel, and "remark", "code" is not')
    assert not taken


def test_a_column_that_is_there_twice_is_refused() -> None:
    """The second would have decided, empty as it may be."""
    found = read_shipment_file("a.csv", b"order_id,transporter,tracking_number,tracking_number\n429,UPS,1Z,\n")
    assert found.problem.startswith('"tracking_number" is there 2 times. Known')


def test_columns_of_others_are_no_mistakes() -> None:
    """What a back office exports beside, also where it is a little like a name of ours that is there."""
    header = "order_id,order_ids,transporter,transport_date,tracking_number,tracking_date,number,item_name,state"
    (row,) = read_shipment_file("a.csv", f"{header}\n429,,UPS,,1Z,,,,\n".encode()).rows
    assert row.shipment == Shipment(order_id="429", transporter="UPS", tracking_number="1Z")


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLS", "a.json", "a.ods", "a.tsv", "a.xml"])
def test_a_table_of_another_kind_is_rejected_and_said(office: FolderBackOffice, name: str) -> None:
    """It would lie there for ever, and its parcels with it."""
    drop(office, name, b"PK\x03\x04")
    batch = office.shipments()
    assert ".csv" in batch.refused[0].message
    office.acknowledge(batch)
    assert names(office, "rejected") == [name, f"{name}.txt"]
    assert names(office, "shipments") == []


def test_files_that_are_being_written_are_left_alone(office: FolderBackOffice) -> None:
    """Hidden ones, .tmp, and whatever is no shipment file."""
    for name in (".a.csv", "a.csv.tmp", "a.csv.part", "notes.txt"):
        drop(office, name, "order_id\n429\n")
    (office.folder / "shipments/folder.csv").mkdir()
    assert office.shipments().received == ()


def test_looking_for_shipments_makes_nothing(office: FolderBackOffice) -> None:
    """A check is read-only."""
    assert office.shipments().received == ()
    assert not office.folder.exists()


def test_a_folder_that_had_orders_is_not_made_anew(tmp_path: Path) -> None:
    """A share that is not mounted: its place is missing, or is there and empty. Neither is taken for a new one."""
    folder = tmp_path / "share/exchange"
    office = FolderBackOffice(folder, were_there=True)
    for is_mount_point in (False, True):
        if is_mount_point:
            folder.mkdir(parents=True)
        for use in (lambda: office.deliver(MESSAGE), office.shipments, lambda: office.acknowledge(_FolderBatch())):
            with pytest.raises(BackOfficeError) as caught:
                use()
            assert caught.value.reason == "backend_unreachable"
            assert f"mkdir -p {folder.as_posix()}/orders" in caught.value.hint
    assert list(tmp_path.rglob("*")) == [tmp_path / "share", folder]
    (folder / "orders").mkdir()
    office.deliver(MESSAGE)
    assert len(list((folder / "orders").iterdir())) == 1


def test_a_folder_that_cannot_be_used_is_unreachable(tmp_path: Path) -> None:
    """The connection's trouble, not the order's."""
    (tmp_path / "file").write_text("")
    office = FolderBackOffice(tmp_path / "file")
    for call in (lambda: office.deliver(MESSAGE), office.shipments):
        with pytest.raises(BackOfficeError) as caught:
            call()
        assert caught.value.reason == "backend_unreachable"
        assert "file" in caught.value.message
