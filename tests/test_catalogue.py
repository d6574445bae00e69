"""The catalogue as a whole: hosts by operator, Rakuten's list, what is derived from the files, and that faults show.

What each file says is held by ``test_shipped_carriers``. Hosts are held against a list of their own, because an example
that was copied along with a wrong host agrees with it.
"""

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from rakuten_orders import Engine, Shipment
from rakuten_orders.checking import check
from rakuten_orders.cli.program import program
from rakuten_orders.connection.client import RakutenClient
from rakuten_orders.connection.simulator import Simulator, make_sales
from rakuten_orders.formats import clean_number
from rakuten_orders.marketplace import OTHER_TRANSPORTER, TRANSPORTERS, needs_url
from rakuten_orders.sources import CarriersLayer, SourceFile, Sources

CHECKOUT = Path(__file__).parents[1]
FOLDER = CHECKOUT / "carriers.d"
FILES = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
ENGINE = Engine.load()
CARRIERS = {carrier.code: carrier for carrier in ENGINE.catalogue}
ROWS = [line.split(",") for line in (FOLDER / "hosts.csv").read_text(encoding="utf-8").splitlines()]
ALLOWED = {host: operator for operator, host in ROWS[1:]}


def data(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


LISTED = {
    row["name"]: row for row in data(CHECKOUT / "engine/rakuten_orders/rakuten_transporters.yaml")["transporters"]
}


def host(carrier):
    return carrier.template.host.removeprefix("www.")


def foreign_hosts(carriers):
    """The codes of the carriers whose address leads to a host that is not their operator's."""
    with_page = [carrier for carrier in carriers if carrier.template is not None]
    return {carrier.code for carrier in with_page if ALLOWED.get(host(carrier)) != carrier.operator}


def test_every_host_belongs_to_its_operator():
    """Each carrier's page is on a host that the list gives to the carrier's operator."""
    assert foreign_hosts(CARRIERS.values()) == set()


def test_the_list_of_hosts_is_tidy():
    """It has a header, is sorted, names each host once, and has none that no carrier uses."""
    assert ROWS[0] == ["operator", "host"]
    assert ROWS[1:] == sorted(ROWS[1:])
    assert [name for name, times in Counter(host for _, host in ROWS[1:]).items() if times > 1] == []
    assert set(ALLOWED) == {host(carrier) for carrier in CARRIERS.values() if carrier.template}
    with (FOLDER / "hosts.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == ROWS


def test_the_list_of_hosts_is_taken_for_nothing_else():
    """The folder's other files are neither carriers nor complained of."""
    assert "hosts" not in CARRIERS
    assert [found for found in ENGINE.diagnostics if "hosts" in found.file or "CATALOGUE" in found.file] == []


def test_every_name_of_rakutens_list_has_its_carriers():
    """A name has the carriers that are sent under it, or the name that its carrier is sent under; Autre has neither."""
    sent = {name: [code for code, carrier in CARRIERS.items() if carrier.rakuten_name == name] for name in TRANSPORTERS}
    assert {name: row.get("carriers", []) for name, row in LISTED.items()} == sent
    for name, row in LISTED.items():
        found = ENGINE.catalogue.find(name)
        if name == OTHER_TRANSPORTER:
            assert found is None
        elif "sent_as" in row:
            assert sent[name] == []
            assert found.rakuten_name == row["sent_as"]
        else:
            assert found.code in row["carriers"]


def test_rakuten_takes_what_each_carrier_sends():
    """The marketplace refuses no carrier's name, and none for a missing URL."""
    updates = {}
    for code, carrier in CARRIERS.items():
        example = dict(carrier.examples["valid"][0])
        example.pop("url", None)
        update = ENGINE.track(Shipment(transporter=code, **example))
        assert update.tracking_url is not None or not needs_url(update.transporter_name), code
        updates.setdefault(update.transporter_name, update)
    assert set(updates) == {name for name, row in LISTED.items() if "sent_as" not in row}
    simulator = Simulator(sales=make_sales(seed=1, n=len(updates)))
    items = [state.item_id for state in simulator.items() if not state.is_preorder]
    with simulator, RakutenClient(simulator.login, simulator.token, endpoint=simulator.url) as client:
        for item_id, (name, update) in zip(items, updates.items(), strict=False):
            simulator.accept_by_hand(item_id)
            client.send_tracking(
                item_id,
                transporter_name=name,
                tracking_number=update.tracking_number,
                tracking_url=update.tracking_url,
            )
            assert simulator.item(item_id).transporter_name == name
    assert len(items) >= len(updates) == 40


def printed(*arguments):
    result = CliRunner().invoke(program, ["carriers", *arguments])
    assert result.exit_code == 0
    return result.stdout


@pytest.fixture
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


@pytest.mark.usefixtures("_elsewhere")
def test_the_table_of_carriers_equals_the_folder():
    """CATALOGUE.md has a row for each file; ``make catalogue`` writes it."""
    page = (FOLDER / "CATALOGUE.md").read_text(encoding="utf-8")
    assert page.split("<!-- table: carriers -->\n")[1] == printed("list", "--markdown")
    assert len(re.findall(r"^\| .* \| `[a-z0-9-]+` \|", page, re.MULTILINE)) == len(FILES)


@pytest.mark.usefixtures("_elsewhere")
def test_the_report_of_overlaps_is_the_one_that_was_looked_at():
    """Whoever changes formats sees in the difference what they overlap with; ``make catalogue`` writes the report."""
    kept = (CHECKOUT / "tests/snapshots/overlaps.txt").read_text(encoding="utf-8")
    assert printed("overlaps") == kept


def test_readme_and_changelog_tell_of_the_carriers():
    """README has their number, CHANGELOG their names."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(\d+) carriers", readme)) == {str(len(FILES))}
    changelog = re.sub(r"\s+", " ", (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert [carrier.name for carrier in CARRIERS.values() if carrier.name not in changelog] == []


# What follows breaks every file that can be broken in that way, as catalogues are found broken, and sees each noticed.


def faulty(broken):
    """The codes of the files in which anything is noticed when some are ``broken``."""
    texts = {**FILES, **broken}
    files = tuple(SourceFile(f"{code}.yaml", text.encode()) for code, text in sorted(texts.items()))
    sources = Sources(ENGINE.sources.rules, (CarriersLayer("shipped", files),))
    found = {finding.file.removesuffix(".yaml") for finding in check(sources).diagnostics}
    return found or foreign_hosts(Engine.from_sources(sources).catalogue)


def replaced(pattern, by, codes):
    """The files of ``codes`` with every match of ``pattern`` replaced, where there is one."""
    changed = {code: re.sub(pattern, by, FILES[code]) for code in codes}
    return {code: text for code, text in changed.items() if text != FILES[code]}


PAGES = sorted(code for code, carrier in CARRIERS.items() if carrier.template is not None)
WITH_NUMBER = [code for code in PAGES if "{{ tracking_number" in CARRIERS[code].template.source]


def test_nothing_is_noticed_in_the_files_as_they_are():
    """So whatever is noticed below was broken there."""
    assert faulty({}) == set()
    assert check(ENGINE.sources).diagnostics == ()


def test_a_host_of_another_is_noticed():
    """A carrier gets the host of the next operator's, in its template and in its examples, so that both agree."""
    pairs = [pair for pair in pairwise(PAGES) if len({CARRIERS[code].operator for code in pair}) == 2]
    assert len(pairs) > 200
    for code, other in pairs[::25]:
        mine, theirs = CARRIERS[code].template.host, CARRIERS[other].template.host
        broken = FILES[code].replace(f"rl: 'https://{mine}", f"rl: 'https://{theirs}")
        assert broken != FILES[code] or CARRIERS[code].template.scheme == "http"
        assert faulty({code: broken}) & {code, other} or broken == FILES[code]


def test_a_dead_host_is_noticed():
    """A host that is not on the list, in the template and in all examples."""
    for code in PAGES[::40]:
        broken = FILES[code].replace(CARRIERS[code].template.host, f"old.{CARRIERS[code].template.host}")
        assert faulty({code: broken}) == {code}


def test_a_host_in_the_template_alone_is_noticed():
    """The examples say another address then."""
    broken = replaced(r"(?<=tracking_url: 'https://)(www\.)?", r"\1old.", PAGES)
    assert len(broken) > 250
    assert faulty(broken) == set(broken)


def test_a_lost_postcode_is_noticed():
    """A template that no longer asks for the postcode does not give the examples' addresses."""
    asking = [code for code in PAGES if "postcode" in CARRIERS[code].template.required]
    broken = replaced(r"\{\{ postcode[^}]*\}\}(?=.*\n(?:confidence|search_page))", "", asking)
    assert len(broken) == len(asking) >= 6
    assert faulty(broken) == set(broken)


@pytest.mark.parametrize("left_over", ["%s", "%number%", "{0}", "{tracking_number}", "[[number]]"])
def test_a_placeholder_of_another_program_is_noticed(left_over):
    """Without our own the number is missing."""
    broken = replaced(r"\{\{ tracking_number \}\}", left_over, WITH_NUMBER)
    assert len(broken) == len(WITH_NUMBER) > 250
    assert faulty(broken) == set(broken)


@pytest.mark.parametrize("left_over", ["&id=%s", "&id=%number%", "&id={0}", "&id={tracking_number}"])
def test_a_placeholder_beside_the_number_is_noticed(left_over):
    """Also where the examples were made from what came out, and so agree with it."""
    broken = replaced(r"(\btracking_url|    url): '(.*)'", rf"\1: '\2{left_over}'", WITH_NUMBER)
    assert len(broken) == len(WITH_NUMBER)
    assert faulty(broken) == set(broken)


def test_a_wrong_check_digit_is_noticed():
    """Each example whose formats all have a check digit gets another last digit."""
    broken = {}
    for code, carrier in CARRIERS.items():
        for example in carrier.examples["valid"]:
            number = example["tracking_number"]
            fits = [known for known in carrier.formats if known.fits(clean_number(number))]
            wrong = number[:-1] + ("1" if number[-1] == "0" else "0")
            if (
                fits
                and all(known.checksum for known in fits)
                and number[-1].isdigit()
                and not carrier_takes(carrier, wrong)
            ):
                broken[code] = FILES[code].replace(f"'{number}'", f"'{wrong}'", 1)
    assert len(broken) > 25
    assert faulty(broken) == set(broken)


def carrier_takes(carrier, number):
    return any(known.fits(clean_number(number)) for known in carrier.formats)


def test_a_valid_number_among_the_invalid_is_noticed():
    """An example that is said to be refused is refused."""
    broken = {}
    for code, carrier in CARRIERS.items():
        if "invalid" in carrier.examples:
            valid, invalid = (carrier.examples[kind][0]["tracking_number"] for kind in ("valid", "invalid"))
            broken[code] = FILES[code].replace(f"'{invalid}'", f"'{valid}'")
    assert len(broken) > 150
    assert faulty(broken) == set(broken)


def test_a_name_of_another_is_noticed():
    """A file that has the next one's name among its aliases collides with it."""
    codes = sorted(FILES)
    for code, other in zip(codes[::25], codes[1::25], strict=False):
        name = CARRIERS[other].name.replace("'", "''")
        without = re.sub(r"^aliases:\n(  - .*\n)+", "", FILES[code], flags=re.MULTILINE)
        broken = re.sub(r"(^name: .*\n)", rf"\1aliases:\n  - '{name}'\n", without, flags=re.MULTILINE)
        assert faulty({code: broken}) == {max(code, other)}
