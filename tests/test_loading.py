"""Sources to a set: every finding at once, no finding because of another, and a digest of the values alone."""

from __future__ import annotations

import json
import pickle
import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rakuten_orders import Engine, RulesError
from rakuten_orders.checking import check
from rakuten_orders.loading import load
from rakuten_orders.sources import CarriersLayer, RulesLayer, SourceFile, Sources, read_sources

SHIPPED = read_sources()
DIGEST = Engine.from_sources(SHIPPED).digest

ORDER = "kind: order\norder: {order_id: purchaseid}\nlines: {internal_id: sku}\n"
ACCEPTANCE = "kind: acceptance\nships_from: BE\n"
TRANSPORTERS = "kind: transporters\n"


def with_rules(*files: str, tables: dict[str, str] | None = None) -> Sources:
    """The shipped sources and over them a folder of rules and tables, files named by number."""
    rules = tuple(SourceFile(f"rules/{number}.yaml", text.encode()) for number, text in enumerate(files))
    csv = tuple(SourceFile(f"rules/tables/{name}.csv", text.encode()) for name, text in (tables or {}).items())
    return replace(SHIPPED, rules=(*SHIPPED.rules, RulesLayer(rules, csv)))


def with_carriers(sources: Sources = SHIPPED, **files: str) -> Sources:
    """The sources and over them a folder of carriers, files named by code with ``_`` for a hyphen."""
    layer = tuple(
        SourceFile(f"carriers.d/{name.replace('_', '-')}.yaml", text.encode()) for name, text in files.items()
    )
    return replace(sources, carriers=(*sources.carriers, CarriersLayer("carriers.d", layer)))


def found(sources: Sources) -> list[tuple[str, int, int, str]]:
    return [(one.file, one.line, one.column, one.code) for one in load(sources).diagnostics]


class TestKinds:
    """A rule file is what its kind says; the nearest of each kind is in force."""

    def test_the_nearest_file_of_a_kind_replaces(self) -> None:
        """The others stay."""
        loaded = load(with_rules(ACCEPTANCE))
        assert loaded.diagnostics == ()
        assert loaded.ruleset is not None
        assert loaded.ruleset.acceptance.ships_from == 56
        assert {kind: Path(document.file).name for kind, document in loaded.documents.items()} == {
            "order": "order.yaml",
            "transporters": "transporters.yaml",
            "acceptance": "0.yaml",
        }

    def test_two_files_of_one_kind_in_one_folder(self) -> None:
        """The later is told, naming the earlier; in two folders it is how one replaces the other."""
        sources = with_rules(ACCEPTANCE, ORDER, ACCEPTANCE)
        assert found(sources) == [("rules/2.yaml", 1, 7, "duplicate-kind")]
        assert "rules/0.yaml" in load(sources).diagnostics[0].message
        above = replace(
            sources,
            rules=(*with_rules(ACCEPTANCE).rules, RulesLayer((SourceFile("own/a.yaml", ACCEPTANCE.encode()),), ())),
        )
        assert found(above) == []

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("knid: order\norder: {a: purchaseid}\nlines: {b: sku}\n", [(1, 1, "unknown-key")]),
            ("kind: ordre\norder: {a: purchaseid}\nlines: {b: sku}\n", [(1, 7, "wrong-value")]),
            ("kind: nonsense\norder: {a: purchaseid}\nlines: {b: sku}\n", [(1, 7, "wrong-value")]),
            ("order: {a: purchaseid}\nlines: {b: sku}\n", [(1, 1, "missing-key")]),
            ("kind:\norder: {a: purchaseid}\nlines: {b: sku}\n", [(1, 1, "empty-value")]),
            ("kind: [order]\norder: {a: purchaseid}\nlines: {b: sku}\n", [(1, 7, "wrong-type")]),
            ("kind: *x\norder: {a: purchaseid}\nlines: {b: sku}\n", [(1, 7, "yaml-feature")]),
            ("kind: nonsense\n", [(1, 7, "wrong-value")]),
            ("kind: [nonsense]\n", [(1, 7, "wrong-value")]),
            ("knid: nonsense\n", [(1, 1, "unknown-key")]),
            ("a: b\n", [(1, 1, "missing-key")]),
            ("code: x\nname: X\n", [(1, 1, "missing-key")]),
        ],
    )
    def test_files_that_do_not_say_what_they_are(self, text: str, expected: list[tuple[int, int, str]]) -> None:
        """One finding; what they hold tells what they were meant to be, if anything does."""
        assert found(with_rules(text)) == [("rules/0.yaml", *place) for place in expected]

    def test_their_other_mistakes_are_found_too(self) -> None:
        """As far as the keys tell the kind."""
        text = "knid: order\norder: {a: purchasid}\nlines: {b: {from: sku, typ: text}}\n"
        assert found(with_rules(text)) == [
            ("rules/0.yaml", 1, 1, "unknown-key"),
            ("rules/0.yaml", 2, 12, "unknown-path"),
            ("rules/0.yaml", 3, 24, "unknown-key"),
        ]

    def test_a_carrier_among_rules_is_told_where_it_belongs(self) -> None:
        """And rules among carriers."""
        (only,) = load(with_rules("code: x\nname: X\n")).diagnostics
        assert "carriers.d/" in only.hint
        (only,) = load(with_carriers(order=ORDER)).diagnostics
        assert "rules/" in only.hint


class TestAllAtOnce:
    """Every mistake in every file is found, and none because of another."""

    def test_ten_mistakes_in_several_files(self) -> None:
        """Of syntax, shape, meaning, tables and names, sorted."""
        sources = with_rules(
            "kind: order\norder:\n  a: purchasid\n  a.b: purchaseid\n  c: {from: sku, then: uper, then: lower}\n"
            "lines:\n"
            "  d: {from: sku, table: product}\n  e: {template: '{{ x }}{{ y.z }}', with: {x: sku}}\n",
            "kind: transporters\ndefault: DHL\n"
            "mappings:\n  - {when: {transportr: {equals_any_of: [x]}}, carrier: dhl-expres}\n",
            "kind: acceptance\nships_from: France\nhold: [{when: {item.isneg: {equals_any_of: [Y]}}}]\n",
            "kind: 'never\n",
            tables={"products": "key,value\n1,2\n1,3\n4\n"},
        )
        sources = with_carriers(
            sources, x="code: y\nname: X\n", colissimo="code: colissimo\nextends: colissimo\naliases: ['DHL']\nx: y\n"
        )
        assert found(sources) == [
            ("carriers.d/colissimo.yaml", 4, 1, "unknown-key"),
            ("carriers.d/x.yaml", 1, 1, "missing-key"),
            ("carriers.d/x.yaml", 1, 1, "missing-key"),
            ("carriers.d/x.yaml", 1, 1, "missing-key"),
            ("carriers.d/x.yaml", 1, 7, "wrong-value"),
            ("rules/0.yaml", 3, 6, "unknown-path"),
            ("rules/0.yaml", 4, 3, "wrong-value"),
            ("rules/0.yaml", 5, 13, "unknown-path"),
            ("rules/0.yaml", 5, 24, "wrong-value"),
            ("rules/0.yaml", 5, 30, "duplicate-key"),
            ("rules/0.yaml", 7, 25, "unknown-table"),
            ("rules/0.yaml", 8, 29, "template-not-allowed"),
            ("rules/1.yaml", 2, 10, "unknown-carrier"),
            ("rules/1.yaml", 4, 13, "unknown-key"),
            ("rules/1.yaml", 4, 57, "unknown-carrier"),
            ("rules/2.yaml", 2, 13, "wrong-value"),
            ("rules/2.yaml", 3, 9, "missing-key"),
            ("rules/2.yaml", 3, 16, "unknown-path"),
            ("rules/3.yaml", 1, 7, "yaml-syntax"),
            ("rules/tables/products.csv", 3, 1, "duplicate-key"),
            ("rules/tables/products.csv", 4, 1, "bad-table"),
        ]

    def test_a_rule_may_name_a_carrier_whose_file_is_broken(self) -> None:
        """The file has the finding; the rule is right, and so are its examples."""
        rules = "kind: transporters\ndefault: new\n"
        rules += "examples: [{shipment: {tracking_number: '1'}, expect: {carrier: new}}]\n"
        for text in ("code: new\n", "code: 'new", "code: new\nname: X\nx: y\n"):
            assert {file for file, *_ in found(with_carriers(with_rules(rules), new=text))} == {"carriers.d/new.yaml"}
        broken = with_carriers(
            with_rules("kind: transporters\ndefault: colissimo\n"), colissimo="code: colissimo\nx: y\n"
        )
        assert {file for file, *_ in found(broken)} == {"carriers.d/colissimo.yaml"}
        assert found(with_rules(rules)) == [("rules/0.yaml", 2, 10, "unknown-carrier")]

    def test_a_rule_may_name_a_table_that_is_broken(self) -> None:
        """It is there, and its own mistakes are told."""
        rules = ORDER.replace("sku}", "{from: sku, table: t}}")
        assert found(with_rules(rules, tables={"t": "a,b\n"})) == [("rules/tables/t.csv", 1, 1, "bad-table")]
        assert found(with_rules(rules)) == [("rules/0.yaml", 3, 41, "unknown-table")]

    def test_a_broken_rule_file_leaves_no_hole(self) -> None:
        """What cannot be read is told, and nothing about what it would have replaced."""
        for text in ("kind: 'order\n", "kind: order\nlines: [", "\x00", "kind: order\n---\n"):
            loaded = load(with_rules(text, ACCEPTANCE))
            assert [one.file for one in loaded.diagnostics] == ["rules/0.yaml"]
            assert loaded.ruleset is None
            assert loaded.documents["acceptance"].file == "rules/1.yaml"

    def test_findings_are_sorted_and_each_is_told_once(self) -> None:
        """By file, line, column and code."""
        diagnostics = load(
            with_carriers(with_rules("kind: order\n", "x: y\n"), b="x", a="y", c="code: c\n")
        ).diagnostics
        assert list(diagnostics) == sorted(set(diagnostics))

    def test_strays_are_findings(self) -> None:
        """What was not read stands in the way like what is wrong."""
        stray = load(with_rules("x: y\n")).diagnostics[0]
        loaded = load(replace(SHIPPED, strays=(stray,)))
        assert (loaded.ruleset, loaded.diagnostics) == (None, (stray,))


FILES = st.lists(
    st.tuples(
        st.sampled_from(["a.yaml", "x/b.yaml", "colissimo.yaml", "", "t.csv", "\\\\y\\c.yaml"]),
        st.binary(max_size=40)
        | st.sampled_from(
            [b"kind: order\n", b"kind: transporters\ndefault: a\n", b"code: a\nextends: a\n", b"key,value\na,1\n"]
        )
        | st.text("kind:order\n {}[]'#,;key", max_size=30).map(str.encode),
    ).map(lambda pair: SourceFile(*pair)),
    max_size=3,
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(FILES, FILES, FILES, st.booleans())
def test_any_bytes_as_files(rules: Any, tables: Any, carriers: Any, shipped: bool) -> None:
    """Whatever stands in rules, tables and carriers, loading ends with errors or with a set, and so does checking."""
    below = SHIPPED if shipped else Sources((), ())
    sources = replace(
        below,
        rules=(*below.rules, RulesLayer(rules, tables)),
        carriers=(*below.carriers[1:], CarriersLayer("mine", carriers)),
    )
    loaded = load(sources)
    assert (loaded.ruleset is None) == any(one.severity == "error" for one in loaded.diagnostics) or not shipped
    assert check(sources).digest == (loaded.ruleset.digest if loaded.ruleset else None)


class TestEngine:
    """The engine is made of what loading gives."""

    def test_errors_are_raised_with_everything_found(self) -> None:
        """Warnings included; the text has the errors."""
        sources = with_rules("kind: acceptance\nships_from: FR\nhold: [{when: {item.sku: {equals_any_of: 012}}}]\n")
        with pytest.raises(RulesError) as caught:
            Engine.from_sources(sources)
        assert caught.value.diagnostics == load(sources).diagnostics
        assert [one.severity for one in caught.value.diagnostics] == ["error", "warning"]
        assert "ambiguous" not in str(caught.value)

    def test_engines_pickle(self) -> None:
        """By their sources, to an engine of the same digest."""
        engine = Engine.from_sources(with_carriers(colissimo="code: colissimo\nextends: colissimo\naliases: [COLI5]\n"))
        copy = pickle.loads(pickle.dumps(engine))
        assert (copy.digest, copy.sources, copy.diagnostics) == (engine.digest, engine.sources, engine.diagnostics)

    def test_threads_may_load_at_a_time(self) -> None:
        """Each gets what it would have got alone."""
        sets = [
            SHIPPED,
            with_rules(ACCEPTANCE),
            with_rules("kind: order\nx: y\n"),
            with_carriers(x="code: x\nnmae: X\n"),
        ]
        expected = [load(sources).diagnostics for sources in sets]
        got: list[list[Any]] = []

        def work() -> None:
            got.extend([load(sources).diagnostics for sources in sets] for _ in range(2))

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [expected] * 4


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value with the keys of its mappings in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(entry, chance)) for key, entry in value.items()]
        chance.shuffle(items)
        return dict(items)
    return [shuffled(entry, chance) for entry in value] if isinstance(value, list) else value


def rewritten(sources: Sources, write: Any) -> Sources:
    """The sources with every YAML file written anew by ``write`` from its data, in other places."""

    def files(given: tuple[SourceFile, ...]) -> tuple[SourceFile, ...]:
        return tuple(
            SourceFile(f"/elsewhere/{Path(one.file).name}", write(yaml.load(one.data, yaml.BaseLoader)).encode())
            for one in given
        )

    return Sources(
        tuple(RulesLayer(files(layer.rules), layer.tables) for layer in sources.rules),
        tuple(replace(layer, files=files(layer.files)) for layer in sources.carriers),
        sources.tables,
    )


class TestDigest:
    """Equal values, equal digest; other values, another one."""

    @pytest.mark.parametrize("seed", range(3))
    def test_how_a_file_is_written_is_no_matter(self, seed: int) -> None:
        """Comments, quotes, block or flow style, the order of keys, line ends, where the files are."""
        chance = random.Random(seed)

        def write(data: Any) -> str:
            data = shuffled(data, chance)
            text = (
                json.dumps(data, ensure_ascii=bool(seed))
                if seed == 0
                else yaml.safe_dump(
                    data, default_style="'" if seed == 1 else '"', width=40, sort_keys=False, allow_unicode=True
                )
            )
            return f"# {seed}\r\n{text}".replace("\n", "\r\n") if seed == 1 else f"# {seed}\n{text}"

        assert Engine.from_sources(rewritten(SHIPPED, write)).digest == DIGEST

    def test_examples_are_no_values(self) -> None:
        """Neither is the format's version."""

        def write(data: Any) -> str:
            if "code" in data:
                data["examples"]["valid"] = data["examples"]["valid"][-1:]
                data["format"] = "1"
            else:
                data.pop("examples", None)
                data.pop("format", None)
            return json.dumps(data)

        assert Engine.from_sources(rewritten(SHIPPED, write)).digest == DIGEST

    @pytest.mark.parametrize(
        ("short", "long"),
        [
            (
                ORDER,
                "kind: order\nformat: 1\norder: {order_id: {from: [purchaseid]}}\nlines: {internal_id: {from: sku}}\n",
            ),
            (ORDER, ORDER.replace("sku", "{from: sku, type: text, required: false, unlisted: false}")),
            (
                ORDER.replace("sku", "{from: sku, then: upper, when: {sku: {is_empty: true}}}"),
                ORDER.replace("sku", "{when: {sku: {is_empty: [true]}}, then: [upper], from: [sku]}").replace(
                    "[true]", "true"
                ),
            ),
            (
                ORDER.replace("sku", "{template: '{{ a }}', with: {a: sku}}"),
                ORDER.replace("sku", "{with: {a: [sku]}, template: '{{ a }}'}"),
            ),
            (ACCEPTANCE, f"{ACCEPTANCE}hold: []\nskip: []\n"),
            (
                f"{ACCEPTANCE}hold: [{{when: {{any: [{{not: {{item.sku: {{starts_with: A}}}}}}]}}, because: x}}]\n",
                ACCEPTANCE + "hold:\n  - because: x\n    when:\n      any: [{not: {item.sku: {starts_with: [A]}}}]\n",
            ),
            (
                f"{TRANSPORTERS}without_number: [{{when: {{country: {{equals_any_of: BE}}}}, after: 3h}}]\n",
                TRANSPORTERS
                + "mappings: []\nwithout_number: [{when: {country: {equals_any_of: [BE]}}, after: 180m}]\n",
            ),
            (
                f"{TRANSPORTERS}mappings: [{{when: {{tracking_number: {{starts_with: A}}}}, carrier: ups}}]\n",
                TRANSPORTERS
                + "mappings:\n  - {when: {tracking_number: {starts_with: [A]}}, carrier: ups, remove_value: false}\n",
            ),
        ],
    )
    def test_short_and_long_forms_are_one_value(self, short: str, long: str) -> None:
        """So is a key that says what holds without it."""
        assert Engine.from_sources(with_rules(short)).digest == Engine.from_sources(with_rules(long)).digest

    def test_what_holds_without_being_said_in_a_carrier(self) -> None:
        """Written out it makes no difference; nor does it matter from which layer a value comes."""
        said = "code: fedex\nextends: fedex\noperator: fedex\nsearch_page: false\nformat: 1\naliases: []\n"
        assert Engine.from_sources(with_carriers(fedex=said)).digest == DIGEST
        whole = next(one for one in SHIPPED.carriers[0].files if one.file.endswith("/fedex.yaml")).data.decode()
        assert Engine.from_sources(with_carriers(fedex=whole)).digest == DIGEST

    def test_tables_are_values(self) -> None:
        """Their entries, in whatever order, from a file or handed in; the nearest of a name."""
        one = with_rules(ORDER, tables={"t": "key,value\na,1\nb,2\n"})
        two = with_rules(ORDER, tables={"t": "key;value\r\nb;2\r\n\r\na;1\r\n"})
        given_one = replace(with_rules(ORDER, tables={"t": "key,value\nx,9\n"}), tables={"t": {"b": "2", "a": "1"}})
        digests = {Engine.from_sources(sources).digest for sources in (one, two, given_one)}
        assert len(digests) == 1
        others = (
            with_rules(ORDER),
            with_rules(ORDER, tables={"t": "key,value\na,1\n"}),
            with_rules(ORDER, tables={"u": "key,value\na,1\nb,2\n"}),
        )
        assert len(digests | {Engine.from_sources(sources).digest for sources in others}) == 4

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def test_another_value_is_another_digest(self, data: st.DataObject) -> None:
        """Any value of any shipped file changed, as long as the set still loads."""
        files = [*SHIPPED.rules[0].rules, *SHIPPED.carriers[0].files]
        source = data.draw(st.sampled_from(files))
        tree = yaml.load(source.data, yaml.BaseLoader)
        leaves = [path for path in _leaves(tree) if path[0] not in ("examples", "format", "kind", "code")]
        *parents, last = data.draw(st.sampled_from(leaves))
        inside = tree
        for step in parents:
            inside = inside[step]
        before = inside[last]
        inside[last] = data.draw(
            st.sampled_from([f"{before}x", before[:-1], "BE", "2026-01-01", "refuse", "low", "lower", "4h"])
        )
        if inside[last] == before:
            return
        text = json.dumps(tree).encode()
        changed = replace(
            SHIPPED, rules=_with(SHIPPED.rules[0], source, text), carriers=_with(SHIPPED.carriers[0], source, text)
        )
        loaded = load(changed)
        if loaded.ruleset is not None:
            assert loaded.ruleset.digest != DIGEST

    def test_it_is_the_same_on_every_machine(self) -> None:
        """SHA-256 in hex, of nothing that belongs to a machine."""
        assert len(DIGEST) == 64
        assert Engine.load().digest == DIGEST


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return [path] if below is None else [leaf for key, entry in below for leaf in _leaves(entry, (*path, key))]


def _with(layer: Any, source: SourceFile, text: bytes) -> tuple[Any, ...]:
    """The layer with that file's text, if it has the file."""
    key = "rules" if isinstance(layer, RulesLayer) else "files"
    return (
        replace(
            layer, **{key: tuple(replace(one, data=text) if one == source else one for one in getattr(layer, key))}
        ),
    )
