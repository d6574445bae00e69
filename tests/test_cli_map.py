"""``map``: Rakuten's XML to orders, JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rakuten_orders.cli import map_files
from rakuten_orders.cli.program import program

SALE = """\
<sale><purchaseid>{order}</purchaseid><purchasedate>23/11/2026-09:05</purchasedate>
<deliveryinformation><shippingtype>Suivi</shippingtype><deliveryaddress><zipcode>75011</zipcode></deliveryaddress>
</deliveryinformation><items><item><sku>{sku}</sku><advertid>5</advertid><itemid>7{order}</itemid>
<headline><![CDATA[Mug en gr\xe8s]]></headline><itemstatus>ACCEPTED</itemstatus>
<price><amount>9.90</amount><currency>EUR</currency></price></item></items></sale>
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in an empty folder, with no configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


def answer(*sales: tuple[str, str]) -> bytes:
    """An answer of getcurrentsales with these orders and SKUs, as Rakuten encodes it."""
    inner = "".join(SALE.format(order=order, sku=sku) for order, sku in sales)
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<getcurrentsalesresult><response><sales>'
        f"{inner}</sales></response></getcurrentsalesresult>"
    ).encode("iso-8859-1")


def run(*arguments: str, stdin: bytes | None = None) -> tuple[int, list[Any], str]:
    """Exit code, the JSON lines, and standard error of ``map``."""
    result = CliRunner().invoke(program, ["map", *arguments], input=stdin)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_each_sale_is_a_line() -> None:
    """An order a line, in the document's order, typed as the contract says."""
    Path("sales.xml").write_bytes(answer(("1", "A"), ("2", "B")))
    code, lines, said = run("sales.xml")
    assert (code, said) == (0, "")
    assert [list(line) for line in lines] == [["order_id", "order", "problems"]] * 2
    assert [line["order_id"] for line in lines] == ["1", "2"]
    assert lines[0]["problems"] == []
    assert lines[0]["order"]["ordered_at"] == "2026-11-23T09:05:00+01:00"
    assert lines[0]["order"]["lines"][0] | {"ean": None} == {
        "internal_id": "A",
        "sku": "A",
        "title": "Mug en grès",
        "unit_price": "9.90",
        "currency": "EUR",
        "ean": None,
        "status": "ACCEPTED",
        "item_ids": ["71"],
        "quantity": 1,
    }


def test_a_problem_makes_the_order_null_and_the_exit_one() -> None:
    """The good sale beside it goes through."""
    code, (bad, good), said = run("-", stdin=answer(("1", ""), ("2", "B")))
    assert (code, said) == (1, "")
    assert bad["order"] is None
    assert [list(problem) for problem in bad["problems"]] == [["reason", "field", "message", "hint"]]
    assert bad["problems"][0]["reason"] == "sku_missing"
    assert good["order"]["order_id"] == "2"


def test_why_names_rule_and_path_of_each_field() -> None:
    """For each field: the file, the line, and the path that was read."""
    code, (line,), _ = run("--why", "-", stdin=answer(("1", "A")))
    assert code == 0
    steps = {step["field"]: step for step in line["why"]}
    assert steps["order_id"] | {"file": "", "line": 0} == {
        "field": "order_id",
        "item_id": None,
        "value": "1",
        "file": "",
        "line": 0,
        "source": "purchaseid",
    }
    assert steps["internal_id"]["item_id"] == "71"
    assert steps["order_id"]["file"].endswith("rules/order.yaml")
    rule = Path(__file__).parents[1].joinpath("rules", "order.yaml").read_text(encoding="utf-8").splitlines()
    assert rule[steps["order_id"]["line"] - 1].strip().startswith("order_id:")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>Maintenance</body></html>",
        answer(("1", "A"))[:-40],
        b'<!DOCTYPE x [<!ENTITY a "b">]><getnewsalesresult/>',
        b"<errorresponse><error><code>ParameterError</code><message>no</message></error></errorresponse>",
        b"\x00\xff" * 100,
    ],
    ids=["empty", "html", "cut off", "dtd", "error document", "no text"],
)
def test_what_is_no_answer_of_rakuten_gets_one_sentence(data: bytes) -> None:
    """The file's name and what was expected; exit 1; other files are read all the same."""
    Path("bad.xml").write_bytes(data)
    Path("good.xml").write_bytes(answer(("2", "B")))
    code, lines, said = run("bad.xml", "good.xml")
    assert code == 1
    assert [line["order_id"] for line in lines] == ["2"]
    assert said.startswith("bad.xml: ")
    assert said.count("\n") == 1


def test_a_file_that_is_not_there_is_wrong_usage() -> None:
    """Exit 2 before anything is read."""
    code, lines, said = run("nowhere.xml")
    assert (code, lines) == (2, [])
    assert "nowhere.xml" in said


def test_blocks_of_one_purchase_merge_and_a_large_document_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small documents merge wherever the blocks stand; in a large one a later repeat is an error."""
    apart = answer(("1", "A"), ("2", "B"), ("1", "A")).replace(b"<itemid>71</itemid>", b"<itemid>73</itemid>", 1)
    Path("apart.xml").write_bytes(apart)
    code, lines, _ = run("apart.xml")
    assert code == 0
    assert [(line["order_id"], line["order"]["lines"][0]["quantity"]) for line in lines] == [("1", 2), ("2", 1)]
    monkeypatch.setattr(map_files, "WHOLE", len(apart) - 1)
    code, lines, said = run("apart.xml")
    assert code == 1
    assert [line["order_id"] for line in lines] == ["1", "2"]
    assert said.startswith("apart.xml: ")


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal of POSIX")
def test_long_work_shows_a_bar_on_a_terminal_only(tmp_path: Path) -> None:
    """The bar is on standard error, and only where that is a terminal; the lines are the same."""
    sales = [(str(number), "A") for number in range(3000)]
    (tmp_path / "large.xml").write_bytes(answer(*sales))
    command = [Path(sys.executable).with_name("rakuten-orders"), "map", "large.xml"]
    plain = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert plain.stderr == b""
    assert plain.stdout.count(b"\n") == len(sales)
    terminal, stderr = os.openpty()
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=stderr) as process:
        os.close(stderr)
        assert process.stdout is not None
        assert process.stdout.read() == plain.stdout
    shown = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert b"Mapping" in shown
    assert b"100%" in shown
