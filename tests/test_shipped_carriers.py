"""The shipped carriers: every example through the engine, the house format, names, sources, and the README's tables."""

import datetime as dt
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from rakuten_orders import Engine, Shipment
from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.errors import InvalidTrackingNumber
from rakuten_orders.formats import NumberFormat, clean_number
from rakuten_orders.marketplace import find_transporter, needs_url
from rakuten_orders.names import fold
from rakuten_orders.schemas import CARRIER
from rakuten_orders.templates import FILTERS
from rakuten_orders.tracking import language_of
from rakuten_orders.tracking_urls import VARIABLES

FOLDER = Path(__file__).parents[1] / "carriers.d"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
FILES = sorted(FOLDER.glob("*.yaml"), key=lambda path: path.stem)
CODES = [path.stem for path in FILES]
FACTS = {path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for path in FILES}

INPUTS = ("postcode", "country", "pickup_postcode", "phone_last4", "language", "order_id")
QUOTED = {"pattern", "tracking_url", "url", "note", "tracking_number", "postcode", "pickup_postcode", "phone_last4"}
PLAIN = {"read", "tail", "search_page"}  # a day, a number and a yes or no, where plain is right
ON_ONE_LINE = {"countries", "checksum"}
KEY_ORDER = {
    (): list(CARRIER),
    ("tracking_numbers",): ["pattern", "checksum"],
    ("tracking_numbers", "checksum"): ["algorithm", "tail"],
    ("sources",): ["url", "note", "read"],
    ("examples",): ["valid", "invalid"],
    ("examples", "valid"): ["tracking_number", *INPUTS, "item_id", "url"],
    ("examples", "invalid"): ["tracking_number", *INPUTS, "item_id", "because"],
}


@pytest.fixture(scope="module")
def engine():
    return Engine.load()


def examples(kind):
    return [
        pytest.param(code, example, id=f"{code}-{kind}-{index}")
        for code, facts in FACTS.items()
        for index, example in enumerate(facts["examples"].get(kind, ()))
    ]


def shipment(code, example):
    inputs = {name: example[name] for name in INPUTS if name in example}
    return Shipment(transporter=code, tracking_number=example["tracking_number"], **inputs)


def formats(code):
    for entry in FACTS[code].get("tracking_numbers", ()):
        checksum = entry.get("checksum", {})
        tail = checksum.get("tail")
        yield NumberFormat(entry["pattern"], checksum.get("algorithm"), int(tail) if tail else None)


def test_the_catalogue_is_large():
    """The folder has at least 240 carriers, 150 of them with formats, 100 with check digits."""
    known = {code: list(formats(code)) for code in CODES}
    assert len(FILES) >= 240
    assert sum(bool(of) for of in known.values()) >= 150
    assert sum(any(one.checksum for one in of) for of in known.values()) >= 100


def test_the_engine_has_every_file(engine):
    """What lies in the folder is what the engine loads, without a single finding."""
    assert [carrier.code for carrier in engine.catalogue] == CODES
    assert [str(found) for found in engine.diagnostics if found.file.endswith(".yaml")] == []


@pytest.mark.parametrize(("code", "example"), examples("valid"))
def test_a_valid_example_gives_its_url(engine, code, example):
    """A valid example gives exactly its URL, under the name that Rakuten takes, without a warning."""
    update = engine.track(shipment(code, example))
    assert update.tracking_url == example.get("url")
    assert update.tracking_number == clean_number(example["tracking_number"])
    assert update.transporter_name == FACTS[code].get("rakuten_name", "Autre")
    assert update.warnings == ()


@pytest.mark.parametrize(("code", "example"), examples("invalid"))
def test_an_invalid_example_is_noticed(engine, code, example):
    """An invalid example is refused where the file says so, else warned of."""
    if FACTS[code].get("on_mismatch") == "refuse":
        with pytest.raises(InvalidTrackingNumber):
            engine.track(shipment(code, example))
    else:
        assert engine.track(shipment(code, example)).warnings != ()


@pytest.mark.parametrize("code", CODES)
def test_every_format_is_shown(code):
    """Each format has a valid example, and each check digit an invalid one that only it gives away."""
    facts = FACTS[code]
    valid = [clean_number(example["tracking_number"]) for example in facts["examples"]["valid"]]
    invalid = [clean_number(example["tracking_number"]) for example in facts["examples"].get("invalid", ())]
    for known in formats(code):
        assert any(known.matches(number) and known.checks(number) for number in valid), known.pattern
    if any(known.checksum for known in formats(code)):
        assert any(known.matches(number) and not known.checks(number) for known in formats(code) for number in invalid)


@pytest.mark.parametrize("code", CODES)
def test_no_example_is_certain_for_another_operator(engine, code):
    """What is one operator's number is never called certain for another operator; its carrier is among the found."""
    carrier = engine.catalogue.get(code)
    for example in FACTS[code]["examples"]["valid"]:
        found = engine.detect(example["tracking_number"])
        certain = {engine.catalogue.get(one.carrier).operator for one in found if one.grade == "certain"}
        assert certain <= {carrier.operator}, example["tracking_number"]
        assert not carrier.formats or code in {one.carrier for one in found}, example["tracking_number"]


HAVE_A_URL = [code for code in CODES if "tracking_url" in FACTS[code]]
TAKE_THE_NUMBER = [code for code in HAVE_A_URL if "tracking_number" in FACTS[code]["tracking_url"]]


def test_only_search_pages_leave_the_number_out():
    """The address of every other page holds the number; Rakuten tracks what has no address at all."""
    search = {code for code in CODES if FACTS[code].get("search_page") == "true"}
    assert set(HAVE_A_URL) - set(TAKE_THE_NUMBER) <= search
    assert all(FACTS[code].get("note") for code in search)
    without = set(CODES) - set(HAVE_A_URL)
    assert all(not needs_url(FACTS[code]["rakuten_name"]) and FACTS[code]["note"] for code in without)


@pytest.mark.parametrize("code", TAKE_THE_NUMBER)
def test_values_are_encoded_where_they_stand(engine, code):
    """A number full of special characters survives in the URL, changing neither its host nor its path; so do zeros."""
    plain = {"postcode": "75011", "country": "FR", "pickup_postcode": "75011", "phone_last4": "1234", "order_id": "1"}
    usual = engine.track(Shipment(transporter=code, tracking_number="0012345678", **plain))
    odd = engine.track(Shipment(transporter=code, tracking_number="a/b?c&d#é %", **plain))
    first, second = urlsplit(usual.tracking_url), urlsplit(odd.tracking_url)
    assert (first.scheme, first.netloc, first.path.count("/")) == (second.scheme, second.netloc, second.path.count("/"))
    assert "0012345678" in usual.tracking_url
    assert "A%2FB%3FC%26D%23%C3%89%25" in odd.tracking_url
    assert "A/B?C&D#É%" in unquote(odd.tracking_url)
    assert usual.tracking_url.replace("0012345678", "A%2FB%3FC%26D%23%C3%89%25") == odd.tracking_url


@pytest.mark.parametrize("code", CODES)
def test_the_stem_is_the_code(code):
    """A file is named by its carrier's code, in kebab-case."""
    assert FACTS[code]["code"] == code
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", code)


@pytest.mark.parametrize("path", FILES, ids=CODES)
def test_the_house_format(path):
    """Keys in one order, block style but for short lists, single quotes where text could be misread."""
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"[\t\r\ufeff]|[ ]$", text, re.MULTILINE)
    check_node(yaml.compose(text, Loader=yaml.SafeLoader), ())


def check_node(node, path):
    key = path[-1] if path else ""
    if isinstance(node, yaml.MappingNode):
        keys = [name.value for name, _ in node.value]
        order = KEY_ORDER[path]
        assert keys == sorted(keys, key=order.index), path
        assert node.flow_style is (key in ON_ONE_LINE), path
        for name, value in node.value:
            assert name.style is None, name.value
            check_node(value, (*path, name.value))
    elif isinstance(node, yaml.SequenceNode):
        assert node.flow_style is (key in ON_ONE_LINE), path
        assert node.value, f"{path} is empty: leave it out"
        for child in node.value:
            check_node(child, path)
    else:
        check_scalar(node, key)


def check_scalar(node, key):
    assert node.value, f"{key} is empty: leave it out"
    if key in QUOTED:
        assert node.style == "'", f"{node.value}: in single quotes"
    else:
        plain = key in PLAIN or reads_as_text(node.value)
        assert node.style == (None if plain else "'"), f"{node.value}: quotes only where YAML would read it otherwise"


def reads_as_text(value):
    try:
        return yaml.safe_load(f"key: {value}") == {"key": value}
    except yaml.YAMLError:
        return False


@pytest.mark.parametrize("code", CODES)
def test_lists_are_sorted(code):
    """Aliases and countries stand in alphabetical order, each once."""
    for key in ("aliases", "countries"):
        listed = FACTS[code].get(key, [])
        assert listed == sorted(set(listed), key=alphabetical), key


def alphabetical(text):
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def test_names_are_claimed_once():
    """No two files claim one name, and no alias says again what name or code say."""
    claimed = {}
    for code, facts in FACTS.items():
        own = {fold(code), fold(facts["name"])}
        aliases = [fold(alias) for alias in facts.get("aliases", ())]
        assert len(set(aliases)) == len(aliases), code
        assert not own & set(aliases), code
        for name in own | set(aliases):
            assert claimed.setdefault(name, code) == code, name


@pytest.mark.parametrize("code", CODES)
def test_facts_have_sources(code):
    """Each source has a day; high confidence has two sources, low confidence a note."""
    facts = FACTS[code]
    for source in facts["sources"]:
        assert dt.date(2026, 1, 1) <= dt.date.fromisoformat(source["read"])
        assert "url" not in source or urlsplit(source["url"]).scheme == "https"
    assert any("url" in source for source in facts["sources"]), "nothing that somebody else could look up"
    if facts["confidence"] == "high":
        assert len(facts["sources"]) >= 2
    assert facts["confidence"] != "low" or facts.get("note")


@pytest.mark.parametrize("code", [code for code in CODES if "rakuten_name" in FACTS[code]])
def test_rakuten_names_are_rakutens_own(engine, code):
    """The name that Rakuten gets is in its list, in its spelling, and finds this carrier."""
    name = FACTS[code]["rakuten_name"]
    assert find_transporter(name) == name
    assert engine.catalogue.find(name).code == code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("So Colissimo", "colissimo"),
        ("Chronopost", "chronopost"),
        ("Point relais Mondial Relay", "mondial-relay"),
        ("Mondial Relay prépayé", "mondial-relay"),
        ("Shop2Shop by Chronopost", "chronopost"),
        ("Chronopost Relais", "chronopost"),
        ("Chronopost 13", "chronopost"),
        ("Colissimo avec signature", "colissimo"),
        ("Colissimo International", "colissimo"),
        ("La Poste - Lettre Suivie", "la-poste"),
        ("Recommandé R1", "la-poste"),
        ("Mondial Relay - Point Relais L", "mondial-relay"),
        ("Fedex France", "fedex"),
        ("Courrier Suivi", "la-poste"),
        ("COLISSIMO", "colissimo"),
        ("dpd", "dpd-fr"),
        ("GLS", "gls-fr"),
        ("TNT", "tnt-fr"),
        ("dhl", "dhl-express"),
        ("Fedex", "fedex"),
        ("Colis Prive", "colis-prive"),
        ("laposte", "la-poste"),
        ("BPOST", "bpost"),
        ("Post NL", "postnl"),
        ("DPD Germany", "dpd-de"),
        ("DPD DE", "dpd-de"),
        ("DPD Deutschland", "dpd-de"),
        ("GLS España", "gls-es"),
        ("TNT Italy", "tnt-it"),
        ("DHL Paket", "dhl-de"),
        ("Hermes", "hermes-de"),
        ("Hermes UK", "evri"),
        ("InPost", "inpost-pl"),
        ("Mondial Relay / InPost", "mondial-relay"),
        ("Adrexo", "colis-prive"),
        ("ColiPoste", "colissimo"),
        ("LaserShip", "ontrac"),
    ],
)
def test_names_that_sellers_write_are_found(engine, label, code):
    """Rakuten's shipping types with a printed label, and the bare brands, each find the carrier that is meant."""
    assert engine.catalogue.find(label).code == code


def test_another_service_is_not_taken_for_postnl(engine):
    """PostNL goes as Autre: PostNL International of Rakuten's list is another service, with a file of its own."""
    assert "rakuten_name" not in FACTS["postnl"]
    assert engine.catalogue.find("PostNL International").code == "postnl-international"


def table(heading):
    """The rows of the first table below a heading of the README, cells as text."""
    section = README.split(f"{heading}\n", 1)[1]
    rows = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def test_the_readme_lists_every_key():
    """README's table of keys has the keys of the format, in the order of the files."""
    order = [row[0].strip("`") for row in table("## The keys")]
    assert order == list(CARRIER)
    needed = {row[0].strip("`") for row in table("## The keys") if row[1] == "yes"}
    assert needed == {name for name, rule in CARRIER.items() if rule.get("required")} | {"tracking_url"}


def test_the_readme_lists_every_variable():
    """README's table of variables is the engine's."""
    assert {row[0].strip("`"): row[1] for row in table("### Variables")} == dict(VARIABLES)


def test_the_readme_lists_every_filter():
    """README's table of filters is the engine's, and each example gives what it says."""
    rows = table("### Filters")
    assert {row[0].strip("`") for row in rows} == set(FILTERS)
    values = {"country": "FR", "postcode": "1012 ab"}
    for name, _, example, result in rows:
        variable, argument = re.fullmatch(r'`\{\{ (\w+) \| \w+(?:\("(.*)"\))? \}\}`', example).groups()
        value = "" if name == "`default`" else values[variable]
        if name in ("`upper`", "`digits`", "`no_spaces`"):
            value = value.upper()
        given = FILTERS[name.strip("`")](value, *([argument] if argument else []))
        assert f"`{given}`" == result


def test_the_readme_lists_every_algorithm():
    """README's table of check digits is the module's."""
    listed = {row[0].strip("`"): row[1] for row in table("### Check digits")}
    assert listed == {name: algorithm.about for name, algorithm in ALGORITHMS.items()}


def test_the_readme_lists_every_language():
    """README's table of languages is the one that the engine reads; any other country gets English."""
    listed = {
        country: row[0].strip("`")
        for row in table("### Language by country")
        for country in row[1].split(", ")
        if row[1] != "all others"
    }
    data = FOLDER.parent / "engine/rakuten_orders/languages.yaml"
    assert listed == yaml.load(data.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert all(language_of(country) == language for country, language in listed.items())
    assert language_of("US") == language_of("") == "en"


README_FILES = re.findall(r"<!-- example: (\S+) -->\n```yaml\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("name", "text"), README_FILES, ids=[name for name, _ in README_FILES])
def test_the_readmes_files_load(tmp_path, name, text):
    """The example files of the README load over the shipped ones, and say what the README says of them."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    engine = Engine.load(carriers=tmp_path)
    assert [str(found) for found in engine.diagnostics if found.severity != "information"] == []
    carrier = engine.catalogue.get(name.removesuffix(".yaml"))
    assert carrier.origin != "shipped"
    for example in carrier.examples["valid"]:
        update = engine.track(shipment(carrier.code, example))
        assert (update.tracking_url, update.warnings) == (example["url"], ())


def test_the_readme_has_its_examples():
    """The examples above are there to be tested: the new carrier, an added alias, another Rakuten name."""
    assert [name for name, _ in README_FILES] == ["transports-dupuis.yaml", "colissimo.yaml", "gls-fr.yaml"]


def test_an_alias_added_by_extends_is_found(tmp_path):
    """The README's alias for Colissimo finds it, and the shipped aliases still do."""
    (tmp_path / "colissimo.yaml").write_text(dict(README_FILES)["colissimo.yaml"], encoding="utf-8")
    catalogue = Engine.load(carriers=tmp_path).catalogue
    assert catalogue.find("COLI5").code == catalogue.find("So Colissimo").code == "colissimo"
