"""The checker: what was asked about, the examples, and that it agrees with the engine whatever the files hold."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rakuten_orders import Engine, RulesError
from rakuten_orders.checking import Report, check, gather
from rakuten_orders.errors import ConfigError
from rakuten_orders.scalars import quoted
from rakuten_orders.sources import CarriersLayer, RulesLayer, SourceFile, Sources, read_sources

SHIPPED = read_sources()
DIGEST = Engine.from_sources(SHIPPED).digest

CARRIER = """\
code: {code}
name: {code}
tracking_numbers:
  - pattern: 'A[0-9]{{2}}'
tracking_url: 'https://{code}.example/?n={{{{ tracking_number }}}}&cp={{{{ postcode }}}}'
sources:
  - note: a mail
    read: 2026-11-23
examples:
  valid:
    - tracking_number: a-12
      postcode: '75011'
      url: 'https://{code}.example/?n=A12&cp=75011'
  invalid:
    - tracking_number: A123
"""


BAD_NUMBER = "B12\n      postcode: '75011'\n      url: 'https://x.example/?n=B12"


def carrier(code: str = "x", old: str = "", new: str = "") -> str:
    text = CARRIER.format(code=code)
    assert old in text
    return text.replace(old, new, 1)


def with_files(rules: dict[str, str] | None = None, carriers: dict[str, str] | None = None) -> tuple[Sources, set[str]]:
    """The shipped sources with a layer of each on top, and the names of what is new."""
    above = RulesLayer(tuple(SourceFile(name, text.encode()) for name, text in (rules or {}).items()), ())
    layer = CarriersLayer("mine", tuple(SourceFile(name, text.encode()) for name, text in (carriers or {}).items()))
    return (
        replace(SHIPPED, rules=(*SHIPPED.rules, above), carriers=(*SHIPPED.carriers, layer)),
        {*(rules or {}), *(carriers or {})},
    )


def report(rules: dict[str, str] | None = None, carriers: dict[str, str] | None = None) -> Report:
    return check(*with_files(rules, carriers))


def places(made: Report) -> list[tuple[int, int, str]]:
    return [(found.line, found.column, found.code) for found in made.diagnostics]


class TestReports:
    """What a report says."""

    def test_the_shipped_set_is_well(self) -> None:
        """Everything is counted, and the digest is the engine's."""
        made = check(SHIPPED)
        assert made.diagnostics == ()
        layer = SHIPPED.rules[0]
        counts = (len(SHIPPED.carriers[0].files), len(layer.rules), len(layer.tables))
        assert (made.carriers, made.rule_files, made.tables) == counts
        assert (made.files, made.digest) == (sum(counts), DIGEST)
        assert made.texts[SHIPPED.rules[0].rules[0].file] == SHIPPED.rules[0].rules[0].data

    def test_only_what_was_asked_about_is_counted_and_told(self) -> None:
        """The rest of the set is context."""
        sources, _ = with_files(carriers={"mine/x.yaml": carrier(), "mine/y.yaml": "code: z\n"})
        made = check(sources, {"mine/x.yaml"})
        assert (made.files, made.diagnostics, made.digest) == (1, (), None)
        made = check(sources, {"mine/y.yaml"})
        assert {found.file for found in made.diagnostics} == {"mine/y.yaml"}
        assert made.count("error") == len(made.diagnostics)


class TestExamples:
    """Examples are run, and what does not come out as they say is told where they say it."""

    def test_good_ones(self) -> None:
        """A cleaned number is the one that counts."""
        assert places(report(carriers={"mine/x.yaml": carrier()})) == []

    @pytest.mark.parametrize(
        ("old", "new", "place", "words"),
        [
            (
                "a-12\n      postcode: '75011'\n      url: 'https://x.example/?n=A12",
                BAD_NUMBER,
                (11, 24),
                "none of the formats",
            ),
            ("cp=75011'\n  inv", "cp=75012'\n  inv", (13, 12), "another URL"),
            ("      postcode: '75011'\n", "", (11, 7), "no postcode"),
            ("A123", "a.98", (15, 24), "should be refused"),
            ("'A[0-9]{2}'", "'[0-9]{13}|A[0-9]{2}'", None, ""),
        ],
    )
    def test_wrong_ones(self, old: str, new: str, place: tuple[int, int] | None, words: str) -> None:
        """Each kind of mistake has its sentence."""
        made = report(carriers={"mine/x.yaml": carrier("x", old, new)})
        if place is None:
            assert made.diagnostics == ()
            return
        (found,) = made.diagnostics
        assert (found.line, found.column, found.code) == (*place, "example-mismatch")
        assert words in found.message
        assert made.digest is not None

    def test_a_url_is_compared_sign_by_sign(self) -> None:
        """The hint shows both and points at the first difference."""
        (found,) = report(
            carriers={"mine/x.yaml": carrier("x", "?n=A12&cp=75011'\n", "?n=A12&cp=75O11'\n")}
        ).diagnostics
        shown = found.hint.splitlines()
        assert shown[0] == "comes out: https://x.example/?n=A12&cp=75011"
        assert shown[1].strip() == "stands here: https://x.example/?n=A12&cp=75O11"
        assert shown[1][shown[2].index("^")] == "O"

    def test_examples_of_what_is_broken_are_not_run(self) -> None:
        """They would only repeat it."""
        text = carrier("x", "a-12", "B12") + "colour: red\n"
        assert places(report(carriers={"mine/x.yaml": text})) == [(16, 1, "unknown-key")]

    def test_an_extending_file_runs_its_own(self) -> None:
        """With the template and formats of the shipped carrier."""
        text = "code: dpd-fr\nextends: dpd-fr\nexamples:\n  valid:\n    - tracking_number: '1'\n      url: 'https://x.example'\n"
        assert places(report(carriers={"mine/dpd-fr.yaml": text})) == [
            (5, 24, "example-mismatch"),
        ]

    def test_rules_have_examples_too(self) -> None:
        """Order, acceptance and transporters."""
        sale = "sale: {purchaseid: '1'}, items: [{sku: x}]"
        order = "kind: order\norder: {a: purchaseid}\nlines: {b: sku}\n"
        order += f"examples: [{{{sale}, expect: {{order: {{a: '2'}}, lines: [{{b: y}}]}}}}]\n"
        acceptance = f"kind: acceptance\nships_from: FR\nexamples: [{{{sale}, expect: [hold]}}]\n"
        shipment = "shipment: {transporter: UPS, tracking_number: '1'}"
        transporters = f"kind: transporters\nexamples: [{{{shipment}, expect: {{carrier: fedex}}}}]\n"
        made = report({"mine/o.yaml": order, "mine/a.yaml": acceptance, "mine/t.yaml": transporters})
        assert [(found.file, found.line, found.code) for found in made.diagnostics] == [
            ("mine/a.yaml", 3, "example-mismatch"),
            ("mine/o.yaml", 4, "example-mismatch"),
            ("mine/o.yaml", 4, "example-mismatch"),
            ("mine/t.yaml", 2, "example-mismatch"),
        ]


class TestGathering:
    """Which files a path asks about, and the set that they are checked in."""

    @pytest.fixture(autouse=True)
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        files = {
            "carriers.d/x.yaml": carrier(),
            "carriers.d/y.yaml": carrier("y"),
            "rules/order.yaml": "kind: order\norder: {a: purchaseid}\nlines: {b: {from: sku, table: t}}\n",
            "rules/tables/t.csv": "key,value\na,b\n",
            "elsewhere/z.yaml": carrier("z"),
            "elsewhere/z.yml": carrier("z"),
            "others/rules.yaml": "kind: acceptance\nships_from: BE\n",
            "others/tables/u.csv": "key,value\n",
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    def asked(self, *paths: str, rules: tuple[str, ...] = (), carriers: tuple[str, ...] = ()) -> list[str]:
        sources, own = gather(paths, rules, carriers)
        assert check(sources, own).count("error") == 0
        return sorted(own)

    def test_without_paths_the_projects_own_files(self) -> None:
        """Where it has none, the shipped ones."""
        own = ["carriers.d/x.yaml", "carriers.d/y.yaml", "rules/order.yaml", "rules/tables/t.csv"]
        assert self.asked(rules=("rules",), carriers=("carriers.d",)) == own
        assert len(self.asked()) == check(SHIPPED).files

    @pytest.mark.parametrize(
        ("path", "own"),
        [
            ("carriers.d/x.yaml", ["carriers.d/x.yaml"]),
            ("./carriers.d/../carriers.d/x.yaml", ["carriers.d/x.yaml"]),
            ("carriers.d", ["carriers.d/x.yaml", "carriers.d/y.yaml"]),
            ("rules", ["rules/order.yaml", "rules/tables/t.csv"]),
            ("rules/tables/t.csv", ["rules/tables/t.csv"]),
            (".", ["carriers.d/x.yaml", "carriers.d/y.yaml", "rules/order.yaml", "rules/tables/t.csv"]),
            ("elsewhere/z.yaml", ["elsewhere/z.yaml"]),
            ("others/rules.yaml", ["others/rules.yaml"]),
            ("others", ["others/rules.yaml", "others/tables/u.csv"]),
        ],
    )
    def test_a_path(self, project: Path, path: str, own: list[str]) -> None:
        """A file, a folder of carriers or of rules, a project; layered once."""
        assert self.asked(path, rules=("rules",), carriers=("carriers.d",)) == own
        assert self.asked(str(project / path), rules=("rules",), carriers=("carriers.d",)) == own

    def test_a_folder_elsewhere_is_a_layer_of_its_own(self) -> None:
        """Files that would be overlooked are told, also when they are named."""
        for path in ("elsewhere", "elsewhere/z.yml"):
            sources, own = gather([path])
            made = check(sources, own)
            assert [(found.file, found.code) for found in made.diagnostics] == [("elsewhere/z.yml", "wrong-suffix")]

    def test_a_file_of_rules_brings_its_tables(self) -> None:
        """Also when it stands alone."""
        assert self.asked("rules/order.yaml") == ["rules/order.yaml"]

    def test_what_is_not_there_is_wrong_usage(self) -> None:
        """Told by the name that was typed."""
        with pytest.raises(ConfigError, match="there is no file or folder none"):
            gather(["carriers.d", "none"])

    def test_what_cannot_be_read_is_a_finding(self, project: Path) -> None:
        """A pipe does not hold up the check."""
        os.mkfifo(project / "carriers.d" / "pipe.yaml")
        (project / "carriers.d" / "circle.yaml").symlink_to("circle.yaml")
        for name in ("pipe", "circle"):
            sources, own = gather([f"carriers.d/{name}.yaml"])
            found = [(one.file, one.code) for one in check(sources, own).diagnostics]
            assert found == [(f"carriers.d/{name}.yaml", "unreadable")]


# The shipped rules, and as few carriers as their examples need.
FEW = tuple(one for one in SHIPPED.carriers[0].files if Path(one.file).stem in ("bpost", "colissimo", "mondial-relay"))
FILES = [*SHIPPED.rules[0].rules, *FEW]
PUT = [
    "",
    "x",
    "'",
    ": ",
    "{{ ",
    " }}",
    "- ",
    "\n",
    "[",
    "]",
    "{",
    "}",
    "0",
    "é",
    "%",
    "\\",
    "(",
    "*",
    "|",
    "true",
    "2026-01-01",
    "sku",
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_checker_and_engine_agree(data: st.DataObject) -> None:
    """Whatever is changed in one place of a shipped file: what the checker passes, the engine loads to its digest.

    What the engine refuses, the checker tells alike. Neither raises otherwise.
    """
    source = data.draw(st.sampled_from(FILES))
    text = source.data.decode()
    at = data.draw(st.integers(0, len(text)))
    wrong = text[:at] + data.draw(st.sampled_from(PUT)) + text[at + data.draw(st.integers(0, 12)) :]
    rules = tuple(replace(one, data=wrong.encode()) if one == source else one for one in SHIPPED.rules[0].rules)
    carriers = tuple(replace(one, data=wrong.encode()) if one == source else one for one in FEW)
    agree(Sources((RulesLayer(rules, SHIPPED.rules[0].tables),), (CarriersLayer("shipped", carriers),)))


ANYTHING = st.recursive(
    st.sampled_from(
        ["", "x", "true", "FR", "ups", "sku", "1", "{{ a }}", "purchaseid", "3h", "(", "2026-01-01", "Y", "9.90"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "template", "with", "a", "when", "any", "is_empty", "matches"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_checker_and_engine_agree_on_values_too(data: st.DataObject) -> None:
    """The same for files that are well-formed and hold something else in one place, examples included."""
    source = data.draw(st.sampled_from(FILES))
    tree = yaml.load(source.data, yaml.BaseLoader)
    places = _places(tree)[1:]
    *parents, last = data.draw(st.sampled_from(places))
    inside = tree
    for step in parents:
        inside = inside[step]
    inside[last] = data.draw(ANYTHING)
    changed = json.dumps(tree).encode()
    rules = tuple(replace(one, data=changed) if one == source else one for one in SHIPPED.rules[0].rules)
    carriers = tuple(replace(one, data=changed) if one == source else one for one in FEW)
    agree(Sources((RulesLayer(rules, SHIPPED.rules[0].tables),), (CarriersLayer("shipped", carriers),)))


def _places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in below for place in _places(entry, (*path, key)))]


def agree(sources: Sources) -> None:
    """The checker tells what the engine tells, and of its own only examples that do not come out, and advice."""
    made = check(sources)
    assert list(made.diagnostics) == sorted(made.diagnostics)
    if made.digest is None:
        with pytest.raises(RulesError) as caught:
            Engine.from_sources(sources)
        told = caught.value.diagnostics
        assert any(found.severity == "error" for found in told)
    else:
        engine = Engine.from_sources(sources)
        told = engine.diagnostics
        assert engine.digest == made.digest
        assert not any(found.severity == "error" for found in told)
    assert set(told) <= set(made.diagnostics)
    own = set(made.diagnostics) - set(told)
    assert all(found.code == "example-mismatch" or found.severity != "error" for found in own)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (
            "note: a mail\n    read: 2026-11-23",
            "{note: mail d'Hélène, ticket 4711, read: 2026-11-23}",
            "mail d'Hélène, ticket 4711",
        ),
        ("name: x", "name: [l'Express]", "[l'Express]"),
        ("name: x", "name: 012", "012"),
        ("'A[0-9]{2}'", "“A[0-9]{2}'?”", "A[0-9]{2}'?"),
    ],
    ids=["comma", "brackets", "octal", "typographic"],
)
def test_what_a_hint_puts_in_quotes_can_be_pasted(old: str, new: str, text: str) -> None:
    """An apostrophe in it is doubled, as YAML wants it."""
    sources, own = with_files(carriers={"mine/x.yaml": carrier("x", old, new)})
    hints = [found.hint for found in check(sources, own).diagnostics]
    assert any(quoted(text) in hint for hint in hints), hints
    assert yaml.safe_load(quoted(text)) == text


@pytest.mark.parametrize(
    ("name", "alone", "beside"),
    [
        (
            "x2.yaml",
            "write code: x2, or rename the file to x.yaml",
            "x.yaml is there already: move this file away, or write code: x2",
        ),
        (
            "x (copie).yaml",
            "rename the file to x.yaml",
            "x.yaml is there already: move this file away, or give it a name",
        ),
        ("x.yaml.txt", "rename it to x.yaml", "x.yaml is there already: move this file away, or give it another name"),
        ("x.YML", "rename it to x.yaml", "x.yaml is there already: move this file away, or give it another name"),
    ],
)
@pytest.mark.parametrize("asked", ["folder", "file"])
def test_no_hint_renames_a_file_over_another(tmp_path: Path, name: str, alone: str, beside: str, asked: str) -> None:
    """Where a file has the name already, the hint says so; alone it is renamed. Asked about itself or its folder."""
    copy = tmp_path / name
    copy.write_text(carrier("x"), encoding="utf-8")
    paths = [copy if asked == "file" else tmp_path]
    (found,) = check(*gather(paths)).diagnostics
    assert found.hint.startswith(alone)
    (tmp_path / "x.yaml").write_text(carrier("x"), encoding="utf-8")
    found = next(one for one in check(*gather(paths, carriers=[tmp_path])).diagnostics if one.file.endswith(name))
    assert found.hint.startswith(beside)
