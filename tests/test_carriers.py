"""Carrier files to a catalogue: what is wrong with their meaning, what extends and replaces, who has which name."""

from __future__ import annotations

import pytest

from rakuten_orders.carrier_layers import load_catalogue
from rakuten_orders.carriers import CarrierCatalogue
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.sources import CarriersLayer, SourceFile

Layer = dict[str, str]


def carrier(code: str, *lines: str, host: str = "", drop: tuple[str, ...] = ()) -> str:
    """A carrier's file; ``lines`` are added, keys in ``drop`` left out."""
    url = f"https://{host or code + '.example'}/?n="
    keys = {
        "code": code,
        "name": f"Carrier {code}",
        "tracking_url": f"'{url}{{{{ tracking_number }}}}'",
        "sources": "[{note: a mail, read: 2026-11-23}]",
        "examples": f"{{valid: [{{tracking_number: A1, url: '{url}A1'}}], invalid: [{{tracking_number: '1'}}]}}",
    }
    return "".join(
        f"{line}\n" for line in (*(f"{key}: {value}" for key, value in keys.items() if key not in drop), *lines)
    )


def load(*layers: Layer) -> tuple[CarrierCatalogue, list[Diagnostic]]:
    """The first layer is the shipped one, others are folders 1/, 2/."""
    read = [
        CarriersLayer(
            str(number) if number else "shipped",
            tuple(SourceFile(f"{number}/{name}.yaml", text.encode()) for name, text in sorted(layer.items())),
        )
        for number, layer in enumerate(layers)
    ]
    catalogue, _layered, findings = load_catalogue(read)
    return catalogue, sorted(findings)


def found(*layers: Layer) -> list[tuple[str, int, int, str]]:
    return [(one.file, one.line, one.column, one.code) for one in load(*layers)[1]]


def codes(text: str, code: str = "x") -> list[tuple[int, int, str]]:
    return [(line, column, name) for _file, line, column, name in found({code: text})]


class TestMeaning:
    """What a schema cannot say of one file."""

    def test_a_good_file(self) -> None:
        """Everything that it does not say has its usual value."""
        catalogue, findings = load({"x": carrier("x")})
        assert findings == []
        (only,) = catalogue
        assert (only.operator, only.on_mismatch, only.confidence, only.note) == ("x", "warn", "medium", "")
        assert (only.rakuten_name, only.aliases, only.countries, only.formats) == (None, (), (), ())
        assert (only.file, only.origin, only.search_page) == ("0/x.yaml", "shipped", False)
        assert only.template is not None
        assert only.template.required == {"tracking_number"}

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (carrier("y"), [(1, 7, "wrong-value")]),
            (carrier("x", "rakuten_name: colissimo"), [(6, 15, "wrong-value")]),
            (carrier("x", "rakuten_name: Nobody"), [(6, 15, "unlisted-rakuten-name")]),
            (carrier("x", drop=("tracking_url",)), [(1, 1, "missing-key")]),
            (carrier("x", "rakuten_name: Autre", drop=("tracking_url",)), [(1, 1, "missing-key")]),
            (carrier("x", "rakuten_name: Mondial Relay", drop=("tracking_url",)), [(1, 1, "missing-key")]),
            (carrier("x", "rakuten_name: Colissimo", drop=("tracking_url",)), []),
            (carrier("x", "confidence: low"), [(1, 1, "missing-key")]),
            (carrier("x", "confidence: low", "note: old"), []),
            (carrier("x", "name: ---", drop=("name",)), [(5, 7, "wrong-value")]),
            (carrier("x", "aliases: ['!']"), [(6, 11, "wrong-value")]),
            (
                carrier("x", "tracking_numbers: [{pattern: '[a-z]+'}, {pattern: '(A+)+'}]"),
                [(6, 30, "bad-pattern"), (6, 51, "bad-pattern")],
            ),
            (
                carrier("x", "tracking_numbers: [{pattern: '[0-9]{13}', checksum: {algorithm: s10, tail: 9}}]"),
                [(6, 76, "wrong-value")],
            ),
            (carrier("x", "search_page: true"), []),
        ],
    )
    def test_what_depends_on_other_keys(self, text: str, expected: object) -> None:
        """Each mistake is one finding at its place."""
        assert codes(text) == expected

    def test_examples_that_have_to_be_there(self) -> None:
        """A URL for each valid one, and an invalid one where there are formats."""
        text = carrier(
            "x",
            "tracking_numbers: [{pattern: 'A[0-9]'}]",
            "examples: {valid: [{tracking_number: A1}]}",
            drop=("examples",),
        )
        assert codes(text) == [(6, 12, "missing-key"), (6, 21, "missing-key")]
        assert codes(text.replace("{valid:", "{invalid: [{tracking_number: '1'}], vlaid:")) == [(6, 47, "unknown-key")]

    def test_http_needs_a_word(self) -> None:
        """A note silences the advice."""
        text = carrier("x").replace("https", "http")
        assert codes(text) == [(3, 16, "http-url")]
        assert codes(f"{text}note: 'there is no other'\n") == []

    def test_mistakes_of_shape_do_not_hide_those_of_meaning(self) -> None:
        """What is well-shaped is looked into, whatever else is wrong."""
        text = carrier("x", "colour: red", "tracking_numbers: [{patern: A}, {pattern: '('}]", "rakuten_name: colissimo")
        text = text.replace("{{ tracking_number }}", "{{ tracking_nmber }}")
        assert codes(text) == [
            (3, 40, "unknown-variable"),
            (6, 1, "unknown-key"),
            (7, 21, "unknown-key"),
            (7, 43, "bad-pattern"),
            (8, 15, "wrong-value"),
        ]

    def test_a_misspelt_key_is_one_finding(self) -> None:
        """Also where only the meaning demands it."""
        assert codes(carrier("x").replace("tracking_url", "trackingurl")) == [(3, 1, "unknown-key")]
        assert codes(carrier("x", "confidence: low", "notes: old")) == [(7, 1, "unknown-key")]


class TestLayers:
    """A user's file wins, replaces or extends."""

    def test_the_nearest_file_replaces(self) -> None:
        """The whole carrier, with its names; what others took from it is gone."""
        catalogue, findings = load({"x": carrier("x", "aliases: [Old]")}, {"x": carrier("x", "on_mismatch: refuse")})
        assert findings == []
        assert (len(catalogue), catalogue.find("old")) == (1, None)
        only = catalogue.get("x")
        assert only is not None
        assert (only.origin, only.file, only.on_mismatch) == ("1", "1/x.yaml", "refuse")

    def test_extending_adds_to_lists_and_replaces_the_rest(self) -> None:
        """Layer upon layer; examples stay where they still show something."""
        base = carrier("x", "aliases: [One]", "countries: [FR]", "rakuten_name: Colissimo", "note: base")
        above = "code: x\nextends: x\naliases: [Two, One]\ncountries: [BE]\nrakuten_name: Autre\n"
        top = "code: x\nextends: x\naliases: [Three]\nsources: [{note: mine, read: 2026-11-24}]\nname: Named\n"
        catalogue, findings = load({"x": base}, {"x": above}, {"x": top})
        assert findings == []
        only = catalogue.get("x")
        assert only is not None
        assert (only.aliases, only.countries) == (("One", "Two", "Three"), ("FR", "BE"))
        assert (only.name, only.rakuten_name, only.note, only.origin) == ("Named", "Autre", "base", "2")
        assert [source["note"] for source in only.sources] == ["a mail", "mine"]
        assert only.examples["valid"] == [{"tracking_number": "A1", "url": "https://x.example/?n=A1"}]

    @pytest.mark.parametrize(
        "key", ["tracking_url: 'https://x.example/new/{{ tracking_number }}'", "tracking_numbers: [{pattern: 'A.*'}]"]
    )
    def test_another_url_or_other_formats_demand_examples_of_their_own(self, key: str) -> None:
        """The examples below no longer show anything."""
        above = f"code: x\nextends: x\n{key}\n"
        assert found({"x": carrier("x")}, {"x": above}) == [("1/x.yaml", 1, 1, "missing-key")]
        numbers = "{valid: [{tracking_number: A2, url: 'https://x.example/new/A2'}], invalid: [{tracking_number: B}]}"
        own = f"examples: {numbers}\n"
        catalogue, findings = load({"x": carrier("x")}, {"x": above + own})
        assert findings == []
        only = catalogue.get("x")
        assert only is not None
        assert [example["tracking_number"] for example in only.examples["valid"]] == ["A2"]

    def test_own_examples_are_added(self) -> None:
        """Also a wrong number alone."""
        above = "code: x\nextends: x\nexamples: {invalid: [{tracking_number: ZZ}]}\n"
        catalogue, findings = load({"x": carrier("x")}, {"x": above})
        assert findings == []
        only = catalogue.get("x")
        assert only is not None
        assert [example["tracking_number"] for example in only.examples["invalid"]] == ["1", "ZZ"]

    def test_an_added_example_needs_its_url(self) -> None:
        """The finding stands in the file that adds it."""
        above = "code: x\nextends: x\nexamples: {valid: [{tracking_number: A3}]}\n"
        assert found({"x": carrier("x")}, {"x": above}) == [("1/x.yaml", 3, 21, "missing-key")]

    def test_what_is_wrong_with_the_shipped_one_is_told_there_only(self) -> None:
        """An extension does not repeat it."""
        base = carrier("x", "rakuten_name: Nobody").replace("https", "http")
        assert found({"x": base}, {"x": "code: x\nextends: x\naliases: [Y]\n"}) == [
            ("0/x.yaml", 3, 16, "http-url"),
            ("0/x.yaml", 6, 15, "unlisted-rakuten-name"),
        ]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("code: y\nextends: y\n", [("1/y.yaml", 2, 10, "unknown-carrier")]),
            ("code: y\nextends: x\n", [("1/y.yaml", 2, 10, "wrong-value")]),
            ("code: y\nextends: [x]\n", [("1/y.yaml", 2, 10, "wrong-type")]),
            ("code: y\nextends:\n", [("1/y.yaml", 2, 1, "empty-value")]),
        ],
    )
    def test_extending_what_is_not_there(self, text: str, expected: object) -> None:
        """One finding, and nothing about what would have come from below."""
        assert found({"x": carrier("x")}, {"y": text}) == expected

    def test_extending_what_is_broken_is_no_mistake(self) -> None:
        """The broken file has its own finding."""
        assert found({"x": carrier("x", "a: b")}, {"x": "code: x\nextends: x\n"}) == [("0/x.yaml", 6, 1, "unknown-key")]

    def test_a_broken_carrier_is_known_to_be_one(self) -> None:
        """Its code stays known, though it is in no catalogue, nor is the one that it replaces."""
        for text in (carrier("x", "a: b"), "a: 'b", "\x00", carrier("x").replace("'https", "'ftp")):
            catalogue, _ = load({"x": carrier("x"), "z": carrier("z")}, {"x": text})
            assert (catalogue.get("x"), catalogue.broken) == (None, {"x"})
        catalogue, _ = load({"x": carrier("x", "a: b")}, {"x": carrier("x")})
        assert (len(catalogue), catalogue.broken) == (1, frozenset())

    def test_rules_among_carriers(self) -> None:
        """They are told as what they are."""
        assert found({"order": "kind: order\n"}) == [("0/order.yaml", 1, 1, "unknown-key")]


class TestNames:
    """One name is one carrier."""

    def test_two_files_of_a_folder_claim_one_name(self) -> None:
        """The later names both, wherever the name stands; case, accents and signs make no difference."""
        a = carrier("a", "aliases: [Éxpress-24]")
        for line, place in [("aliases: [x, EXPRESS 24]", (6, 14)), ("name: express24", (5, 7))]:
            text = carrier("b", line, drop=("name",) if line.startswith("name") else ())
            (only,) = load({"a": a, "b": text})[1]
            assert (only.file, only.line, only.column, only.code) == ("0/b.yaml", *place, "name-collision")
            assert "0/a.yaml" in only.message
        (only,) = load({"a": a, "express-24": carrier("express-24")})[1]
        assert (only.line, only.column, only.code) == (1, 7, "name-collision")

    def test_a_users_name_wins_and_is_told_as_information(self) -> None:
        """Over a shipped alias, name or code."""
        for taken in ("Old", "Carrier a", "a"):
            catalogue, findings = load(
                {"a": carrier("a", "aliases: [Old]")}, {"b": carrier("b", f"aliases: [{taken}]")}
            )
            (only,) = findings
            assert (only.file, only.line, only.column, only.code) == ("1/b.yaml", 6, 11, "name-taken-over")
            assert only.severity == "information"
            winner = catalogue.find(taken)
            assert winner is not None
            assert winner.code == "b"
            assert catalogue.get("a") is not None

    def test_an_alias_that_says_nothing_new(self) -> None:
        """Told at the alias, once."""
        assert codes(carrier("x", "aliases: [X, carrier-x, Y, y]")) == [
            (6, 11, "redundant-alias"),
            (6, 14, "redundant-alias"),
            (6, 28, "redundant-alias"),
        ]
        assert codes(carrier("colis-prive", "name: Colis Privé", drop=("name",)), "colis-prive") == []
        assert codes(carrier("x", "aliases: [Carrier x]")) == [(6, 11, "redundant-alias")]

    def test_finding_and_nearness(self) -> None:
        """By code, name and alias; a misspelt name has its neighbours."""
        catalogue, _ = load({"colis-prive": carrier("colis-prive", "aliases: [Adrexo]"), "dhl": carrier("dhl")})
        for name in ("COLIS PRIVÉ", "colisprive", "Carrier Colis-Privé", "ADREXO", "a.d.r.e.x.o"):
            carrier_found = catalogue.find(name)
            assert carrier_found is not None
            assert carrier_found.code == "colis-prive"
        assert catalogue.find("Colis") is None
        assert catalogue.nearest("Coli Prive") == ("Carrier colis-prive",)
        assert catalogue.nearest("adrexo relais") == ("Carrier colis-prive",)
        assert catalogue.nearest("zzzzzzzz") == catalogue.nearest("") == ()
        assert catalogue.nearest("a" * 1_000_000) == ()
        assert [one.code for one in catalogue] == ["colis-prive", "dhl"]


class TestHosts:
    """A host belongs to one company."""

    def test_two_operators_on_one_host(self) -> None:
        """Told where the user's file, or else the later one, has the address; www. makes no difference."""
        a, b = carrier("a", host="www.shared.example"), carrier("b", host="shared.example")
        assert found({"a": a, "b": b}) == [("0/b.yaml", 3, 15, "host-collision")]
        assert found({"b": b}, {"a": a}) == [("1/a.yaml", 3, 15, "host-collision")]
        assert "0/a.yaml" in load({"a": a, "b": b})[1][0].message

    def test_one_operator_may_have_several_carriers_on_it(self) -> None:
        """A named operator, or the code of the other."""
        shared = {"host": "shared.example"}
        assert (
            found({"a": carrier("a", "operator: both", **shared), "b": carrier("b", "operator: both", **shared)}) == []
        )
        assert found({"a": carrier("a", **shared), "b": carrier("b", "operator: a", **shared)}) == []

    def test_a_replaced_carrier_is_no_neighbour(self) -> None:
        """Neither the one below it."""
        assert (
            found({"a": carrier("a", host="one.example")}, {"a": carrier("a", "operator: other", host="one.example")})
            == []
        )
