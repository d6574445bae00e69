"""rules/README.md is the language's specification: its tables are the data, and its examples load."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from rakuten_orders.checking import check
from rakuten_orders.conditions import GROUPS, LONGEST_MATCHED, OPERATORS
from rakuten_orders.loading import load
from rakuten_orders.mapping import SAME_LINE
from rakuten_orders.order_rules import OWN_FIELDS
from rakuten_orders.paths import known_paths, spellings
from rakuten_orders.schemas import FIELD, RULE_KINDS
from rakuten_orders.sources import RulesLayer, SourceFile, Sources, read_sources
from rakuten_orders.transforms import TRANSFORMS, TYPES
from rakuten_orders.transporters import FIELDS

README = Path(__file__).parents[1].joinpath("rules", "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
SHIPPED = read_sources()


def section(title):
    """The text below a heading, to the next heading of its level or above."""
    start = re.search(rf"^(#+) {re.escape(title)}$", README, flags=re.MULTILINE)
    assert start, title
    rest = README[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, flags=re.MULTILINE)
    return rest[: end.start()] if end else rest


def table(text, header):
    """The rows of the table whose first cell of the header is ``header``, as lists of cells."""
    found = re.search(rf"^\| {re.escape(header)} \|.*\n\|[-|]+\|\n((?:\|.*\|\n)*)", text, flags=re.MULTILINE)
    assert found, header
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in found[1].splitlines()]


def words(rows):
    """What stands in backticks in the first cells, up to a colon."""
    return [word.split(":")[0] for row in rows for word in re.findall(r"`([^`]+)`", row[0])]


def test_the_transforms_are_those_of_the_program():
    """Each word of ``then`` has its line, and no other."""
    assert sorted(words(table(README, "transform"))) == sorted(TRANSFORMS)


def test_the_types_are_those_of_the_program():
    """Each word of ``type``, in the table and in the line about the key."""
    assert words(table(README, "type")) == list(TYPES)
    (key,) = (row for row in table(README, "key") if row[0].startswith("`type`"))
    assert re.findall(r"`([a-z]+)`", key[1]) == list(TYPES)


def test_the_keys_of_a_field_are_those_of_the_format():
    """Every key that a field may have has a line."""
    assert sorted(words(table(README, "key"))) == sorted(FIELD)


def test_the_tests_of_conditions_are_those_of_the_program():
    """All fourteen, and the groups that combine them."""
    assert words(table(README, "test")) == list(OPERATORS)
    assert all(f"`{group}`" in section("Conditions") for group in GROUPS)
    assert f"{LONGEST_MATCHED:,} characters" in section("Conditions")


def test_the_fields_of_transporter_conditions_are_those_of_the_program():
    """Named in their order."""
    line = re.search(r"^- Fields of conditions: (.*?)\(the label\)", README, flags=re.MULTILINE)
    assert re.findall(r"`([a-z_]+)`", line[1]) == list(FIELDS)


def test_what_makes_a_line_is_what_the_program_groups_by():
    """The elements that units of one line agree in, and the fields that the engine adds."""
    line = re.search(r"Items that agree in (.*?) are units of one line", README)
    assert re.findall(r"`([a-z.]+)`", line[1]) == list(SAME_LINE)
    own = re.search(r"(`is_test`.*?) are the engine's own", README)
    assert set(re.findall(r"`([a-z_]+)`", own[1])) == set().union(*OWN_FIELDS.values())


def test_the_kinds_are_those_of_the_format():
    """One line and one chapter for each kind of file."""
    kinds = [row[1].strip("`") for row in table(README, "file") if row[1].startswith("`")]
    assert sorted(kinds) == sorted(RULE_KINDS)
    assert all(section(f"`kind: {kind}`") for kind in kinds)


PATHS = {
    "sale": ("The sale", ""),
    "item": ("The item", ""),
    "shipping": ("`shipping.`: getshippinginformation", "shipping."),
    "billing": ("`billing.`: getbillinginformation, the item's part", "billing."),
}


@pytest.mark.parametrize("scope", PATHS)
def test_the_paths_are_those_of_the_list(scope):
    """Path by path in the list's order: whether it is there before acceptance, and what it is."""
    title, prefix = PATHS[scope]
    rows = [[row[0].strip("`"), row[1], row[2]] for row in table(section(title), "path")]
    assert rows == [
        [prefix + known.path, "yes" if known.before else "no", known.about]
        for known in known_paths().values()
        if known.scope == scope
    ]


def test_every_path_is_in_one_of_the_tables():
    """No scope is left out."""
    assert {known.scope for known in known_paths().values()} == set(PATHS)
    assert all(f"| `{path}` |" in README for path in spellings("lines") if not path.startswith("sale."))


# ---- the examples ----


def loaded(text):
    """The checker's findings about a rule file over the shipped ones, with the tables that the README speaks of."""
    layer = RulesLayer((SourceFile("rules/example.yaml", text.encode()),), ())
    sources = Sources((*SHIPPED.rules, layer), SHIPPED.carriers, {"products": {"0017": "4711", "A-100": "4712"}})
    return [str(found) for found in check(sources, {"rules/example.yaml"}).diagnostics]


def whole(block):
    """A block as a file: one that is a part gets what it lacks."""
    data = yaml.load(block, Loader=yaml.BaseLoader)
    if "kind" in data:
        return block
    if "when" in data:
        indented = textwrap.indent(block, "    ").replace("    when:", "  - when:", 1)
        return f"kind: acceptance\nships_from: FR\nhold:\n{indented}    because: x\n"
    assert "examples" in data
    return f"kind: order\norder: {ORDER}\nlines: {LINES}\n{block}"


ORDER = "{order_id: purchaseid, ordered_at: {from: purchasedate, type: datetime}}"
LINES = "{internal_id: {from: sku, required: true}}"


def test_there_are_examples_of_every_kind():
    """An empty glob would let the next test pass for nothing."""
    kinds = [yaml.load(block, Loader=yaml.BaseLoader).get("kind") for block in BLOCKS]
    assert set(kinds) >= {*RULE_KINDS, None}
    assert len(BLOCKS) == 5


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n", 1)[0])
def test_the_examples_load(block):
    """Each YAML block of the README loads without a finding, its examples included."""
    assert loaded(whole(block)) == []


def test_the_table_of_the_readme_loads():
    """The CSV block is a table, and has the SKU of the examples."""
    (text,) = re.findall(r"^```\n(key,value\n.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    layer = RulesLayer((), (SourceFile("rules/tables/products.csv", text.encode()),))
    assert load(Sources((*SHIPPED.rules, layer), SHIPPED.carriers)).diagnostics == ()
    assert "0017,4711\n" in text


def test_the_links_lead_somewhere():
    """Every link inside the page has its heading."""
    titles = re.findall(r"^#+ (.*)$", README, flags=re.MULTILINE)
    headings = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings
