"""The facade: what it loads, that it stays as it is, travels, and is shared between threads."""

import dataclasses
import pickle
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rakuten_orders
from rakuten_orders import Engine, MapResult, RulesError, Sale, Shipment, parse_sales
from rakuten_orders.errors import MissingTransporter, PayloadError

ROOT = Path(__file__).parents[1]
PAYLOADS = Path(__file__).with_name("payloads")
XML = PAYLOADS.joinpath("home-delivery.xml").read_bytes()

ORDER = """\
kind: order
order: {order_id: purchaseid}
lines: {internal_id: {from: sku, table: products, required: true}}
"""
CARRIER = """\
code: dupuis
name: Transports Dupuis
tracking_url: 'https://dupuis.example/?n={{ tracking_number }}'
sources: [{note: made up, read: 2026-11-23}]
examples: {valid: [{tracking_number: '1', url: 'https://dupuis.example/?n=1'}]}
"""


@pytest.fixture(scope="module")
def engine():
    return Engine.load()


def folder(path, **files):
    """A folder with these files, named by stems (``tables__x`` is tables/x.csv)."""
    for name, text in files.items():
        file = path / (f"{name.replace('__', '/')}.csv" if "__" in name else f"{name.replace('_', '-')}.yaml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path


def ids(result):
    return [line.fields["internal_id"] for line in result.order.lines]


# ---- loading ----


def test_alone_it_loads_what_is_shipped(engine):
    """No argument: the shipped rules and carriers, without a finding."""
    assert engine.diagnostics == ()
    assert engine.catalogue.get("colissimo").origin == "shipped"
    assert engine.ships_from == 249
    assert re.fullmatch("[0-9a-f]{64}", engine.digest)


def test_folders_lie_over_what_is_shipped(tmp_path):
    """A kind that the folder has replaces the shipped one; the rest stays; carriers are added."""
    rules = folder(tmp_path / "rules", order=ORDER, tables__products="key,value\n0017,4711\n")
    engine = Engine.load(rules=rules, carriers=folder(tmp_path / "own", dupuis=CARRIER))
    (result,) = engine.map(XML)
    assert result.order.to_json()["order_id"] == "810000101"
    assert ids(result) == ["4711", "4711"]
    assert "ship_to" not in result.order.to_json()
    assert engine.catalogue.get("dupuis").origin == (tmp_path / "own").as_posix()
    assert engine.catalogue.get("colissimo") is not None
    assert engine.decide(next(iter(parse_sales(XML))))


def test_the_last_folder_is_the_nearest(tmp_path):
    """Of several folders a later one replaces kinds, tables and carriers of an earlier one."""
    from_country = "kind: acceptance\nships_from: {}\n".format
    one, two = ({"tables__products": f"key,value\n0017,{value}\n"} for value in "AB")
    first = folder(tmp_path / "a", order=ORDER, acceptance=from_country("BE"), **one)
    second = folder(tmp_path / "b", acceptance=from_country("DE"), **two)
    near = folder(tmp_path / "c", dupuis=CARRIER.replace("Dupuis", "Dupuis Nord"))
    engine = Engine.load(rules=[first, str(second)], carriers=[folder(tmp_path / "d", dupuis=CARRIER), near])
    (result,) = engine.map(XML)
    assert ids(result) == ["B", "B"]
    assert engine.ships_from == 276
    assert engine.catalogue.get("dupuis").name == "Transports Dupuis Nord"


def test_tables_handed_in_win_over_files(tmp_path):
    """A mapping of that name replaces the file; what the caller changes afterwards changes nothing."""
    rules = folder(tmp_path, order=ORDER, tables__products="key,value\n0017,A\n")
    products = {"0017": "B"}
    engine = Engine.load(rules=rules, tables={"products": products})
    products["0017"] = "C"
    for one in (engine, pickle.loads(pickle.dumps(engine))):
        (result,) = one.map(XML)
        assert ids(result) == ["B", "B"]


def test_a_table_in_a_file_and_one_handed_in_have_one_digest(tmp_path):
    """Equal values, equal digest, wherever they come from."""
    with_file = Engine.load(rules=folder(tmp_path / "a", order=ORDER, tables__products="\ufeffkey;value\r\n0017;B\r\n"))
    handed_in = Engine.load(rules=folder(tmp_path / "b", order=ORDER), tables={"products": {" 0017": "B"}})
    other = Engine.load(rules=folder(tmp_path / "c", order=ORDER), tables={"products": {"0017": "C"}})
    assert with_file.digest == handed_in.digest != other.digest


def test_what_does_not_load_says_everything(tmp_path):
    """RulesError has every finding of every file, sorted, in .diagnostics and the errors in its text."""
    rules = folder(
        tmp_path / "rules",
        order=ORDER.replace("purchaseid", "purchasid"),
        transporters="kind: transporters\ndefault: nobody\n",
        acceptance="kind: acceptance\nships_from: XX\n",
    )
    own = folder(tmp_path / "own", dupuis=CARRIER.replace("tracking_number }}", "number }}"))
    with pytest.raises(RulesError) as caught:
        Engine.load(rules=rules, carriers=own)
    found = caught.value.diagnostics
    codes = {"unknown-path", "unknown-table", "unknown-carrier", "wrong-value", "unknown-variable"}
    assert {one.code for one in found if one.severity == "error"} >= codes
    assert list(found) == sorted(found)
    assert all(str(one) in str(caught.value) for one in found if one.severity == "error")
    assert pickle.loads(pickle.dumps(caught.value)).diagnostics == found


@pytest.mark.parametrize(
    "arguments",
    [{"rules": "nowhere"}, {"carriers": ["nowhere"]}, {"tables": {"t": {1: "2"}}}, {"tables": {"t": {...}}}],
)
def test_what_cannot_be_loaded_is_one_error(arguments):
    """A folder that is not there, a table that is none: RulesError, like everything else that is wrong with a set."""
    with pytest.raises(RulesError) as caught:
        Engine.load(**arguments)
    assert [found.severity for found in caught.value.diagnostics] == ["error"]


def test_warnings_are_kept(tmp_path):
    """What does not stand in the way is in .diagnostics."""
    rule = "{when: {item.sku: {equals_any_of: [012]}}, because: x}"
    rules = folder(tmp_path, acceptance=f"kind: acceptance\nships_from: FR\nhold: [{rule}]\n")
    (found,) = Engine.load(rules=rules).diagnostics
    assert (found.code, found.severity) == ("ambiguous-scalar", "warning")


# ---- using ----


def test_mapping_takes_bytes_a_sale_or_sales(engine):
    """One result a sale, one after the other."""
    sales = parse_sales(XML)
    from_bytes, from_sale, from_sales = list(engine.map(XML)), list(engine.map(sales[0])), list(engine.map(iter(sales)))
    assert from_bytes == from_sale == from_sales
    assert all(isinstance(result, MapResult) for result in from_bytes)


def test_bytes_that_are_no_sales_raise_at_once(engine):
    """Not only when the first result is asked for; text is a mistake of the program."""
    with pytest.raises(PayloadError):
        engine.map(b"<html>")
    with pytest.raises(TypeError, match="bytes"):
        engine.map(XML.decode("iso-8859-1"))


def test_the_check_before_acceptance_is_asked_for(tmp_path):
    """accepted=False does not miss what Rakuten fills later; trace tells the same."""
    email = "{email: {from: deliveryinformation.purchasebuyeremail, required: true}}"
    rules = folder(tmp_path, order=ORDER.replace("{order_id: purchaseid}", email))
    engine = Engine.load(rules=rules, tables={"products": {"0017": "1"}})
    (sale,) = parse_sales(XML)
    for accepted in (True, False):
        (result,) = engine.map(sale, accepted=accepted)
        assert (result.order is None) is accepted
        assert (engine.trace(sale, accepted=accepted)[0].problem is not None) is accepted
    assert list(engine.map(sale)) == list(engine.map(sale, accepted=True))
    assert engine.trace(sale) == engine.trace(sale, accepted=True)


def test_the_trace_tells_each_field(engine):
    """As many fields as the rules have, with the place of the rule and the path."""
    (sale,) = parse_sales(XML)
    traces = {(trace.field, trace.item_id): trace for trace in engine.trace(sale)}
    found = traces["ship_to.city", None]
    assert (found.value, found.source) == ("BOURG-EN-BRESSE", "deliveryinformation.deliveryaddress.city")
    assert found.file.endswith("rules/order.yaml")
    assert "ship_to.city" in (ROOT / "rules" / "order.yaml").read_text(encoding="utf-8").splitlines()[found.line - 1]
    assert traces["internal_id", "910000001"].source == "sku"
    assert traces["currency", None].key == "default"


def test_rules_may_ask_for_the_connection(tmp_path):
    """The label is handed in with the shipment, for tracking and for going without a number."""
    rules = folder(
        tmp_path,
        transporters="kind: transporters\n"
        "mappings: [{when: {connection: {equals_any_of: [main]}}, carrier: ups}]\n"
        "without_number: [{when: {connection: {equals_any_of: [main]}}, after: 10m}]\n",
    )
    engine = Engine.load(rules=rules)
    shipment = Shipment(transporter=None, tracking_number="1Z999AA10123456784")
    assert engine.track(shipment, connection="main").carrier == "ups"
    with pytest.raises(MissingTransporter):
        engine.track(shipment)
    bare = dataclasses.replace(shipment, tracking_number=None)
    assert engine.without_number(bare, connection="main").after.total_seconds() == 600
    assert engine.without_number(bare) is None
    assert engine.without_number(shipment, connection="main") is None


# ---- values ----


@pytest.mark.parametrize("name", ["sources", "diagnostics", "digest", "_ruleset", "other"])
def test_an_engine_is_immutable(engine, name):
    """No attribute can be set, replaced or taken away."""
    with pytest.raises((AttributeError, TypeError)):
        setattr(engine, name, None)
    with pytest.raises((AttributeError, TypeError)):
        delattr(engine, name)


def test_an_engine_pickles(tmp_path):
    """What comes out has the same digest and decides the same, also where the files are gone."""
    rules = folder(tmp_path, order=ORDER, tables__products="key,value\n0017,A\n")
    engine = Engine.load(rules=rules)
    data = pickle.dumps(engine)
    for file in sorted(tmp_path.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    copy = pickle.loads(data)
    assert copy.digest == engine.digest
    assert list(copy.map(XML)) == list(engine.map(XML))
    assert "carriers" in repr(copy)
    assert engine.digest[:12] in repr(copy)


def test_an_engine_is_its_sources(engine):
    """The sources of one make another that is equal in all it does, also by way of JSON."""
    again = Engine.from_sources(type(engine.sources).from_json(engine.sources.to_json()))
    assert again.digest == engine.digest
    assert list(again.map(XML)) == list(engine.map(XML))


def test_threads_may_share_an_engine():
    """Eight threads that begin with an engine nobody has used get what one alone gets."""
    sales = [sale for path in sorted(PAYLOADS.rglob("*.xml")) for sale in parse_sales(path.read_bytes())]
    alone, shared = Engine.load(), Engine.load()

    def work(engine):
        updates = [engine.track(shipment(number)) for number in range(100)]
        return list(engine.map(sales)), [engine.decide(sale) for sale in sales], updates, engine.detect("6A12345678905")

    def shipment(number):
        name = ("Colissimo", "Mondial Relay", "DHL", "DPD")[number % 4]
        return Shipment(transporter=name, tracking_number=f"{number:08d}", postcode="75011", country="FR")

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(work, [shared] * 16))
    assert together == [work(alone)] * 16


def test_the_public_names_are_there():
    """Everything that the package exports is importable from it, sorted, and documented."""
    assert list(rakuten_orders.__all__) == sorted(rakuten_orders.__all__)
    for name in rakuten_orders.__all__:
        assert getattr(rakuten_orders, name).__doc__, name


EXAMPLE = """
from pathlib import Path
from rakuten_orders import Sale
xml_bytes = Path("tests/payloads/home-delivery.xml").read_bytes()
sale = Sale("1", (), {})

from rakuten_orders import Engine, Shipment, RulesError

engine = Engine.load()
engine = Engine.load(rules="rules", carriers=["carriers.d"], tables={"products": {"0017": "4711"}})
for result in engine.map(xml_bytes):
    print(result.order_id, result.order.order_id, result.problems)
engine.decide(sale)
update = engine.track(
    Shipment(order_id="429492423", transporter="Mondial Relay", tracking_number="12 34 56 78", postcode="75011")
)
print(update.transporter_name, update.tracking_number, update.tracking_url)
print(engine.detect("6A54658971007")[0].carrier, len(engine.digest))
"""


def test_the_engine_is_used_as_it_is_documented():
    """The documented lines run as they stand, in a program of their own, beside the folders that they name."""
    done = subprocess.run([sys.executable, "-c", EXAMPLE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "810000101 810000101 ()",
        "Mondial Relay 12345678 https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition=12345678&codePostal=75011",
        "colissimo 64",
    ]


def test_a_sale_that_was_never_bytes_is_mapped(engine):
    """A Sale made by hand is as good as one that was read."""
    (result,) = engine.map(Sale("1", (), {}))
    assert [problem.reason for problem in result.problems] == ["mapping_failed"]
