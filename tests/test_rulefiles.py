"""Files as documents: any bytes give findings, everything has its place, and nothing of YAML surprises."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.rulefiles import MAX_BYTES, Document, read_document
from rakuten_orders.yamlnodes import MAX_DEPTH, MAX_EVENTS

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([*ROOT.glob("carriers.d/*.yaml"), *ROOT.glob("rules/*.yaml")])
SECONDS = 5


def read(data: str | bytes) -> tuple[Document | None, list[Diagnostic]]:
    return read_document("f.yaml", data.encode() if isinstance(data, str) else data)


def document(data: str | bytes) -> Document:
    found, findings = read(data)
    assert found is not None, findings
    assert findings == []
    return found


def places(data: str | bytes) -> list[tuple[int, int, str]]:
    return [(found.line, found.column, found.code) for found in read(data)[1]]


def one(data: str | bytes) -> Diagnostic:
    (found,) = read(data)[1]
    return found


def check_reading(data: bytes) -> None:
    """There is a document or a finding; findings are sorted and have a place; a document is sound without any."""
    found, findings = read(data)
    assert found is not None or findings
    assert findings == sorted(findings)
    assert all(one.line >= 1 and one.column >= 1 and one.file == "f.yaml" for one in findings)
    assert found is None or found.sound == (not findings)


class TestAnyBytes:
    """Nothing that a file can hold gets past as an exception."""

    @given(st.binary(max_size=200))
    @example(b"\x00")
    @example(b"\xef\xbb\xbf")
    @example(b"a: ._")
    @example(b"a: 0b_")
    @example(b"a: 2024-13-45")
    @example(b"? ? ? a")
    def test_bytes(self, data: bytes) -> None:
        """Whatever the bytes."""
        check_reading(data)

    @given(st.text(alphabet="ab:-#?[]{},&*!|>'\"%@`\\<=~ \n\r\t0.é\u2028\ufeff😀", max_size=40))
    def test_yaml_signs(self, text: str) -> None:
        """Texts made of the signs that mean something to YAML."""
        check_reading(text.encode())

    @given(st.data())
    def test_shipped_files_changed_in_one_place(self, data: st.DataObject) -> None:
        """Shipped files in which one place was changed."""
        text = data.draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8")
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 30))
        put = data.draw(
            st.sampled_from(["", "'", '"', ":", ": ", "{", "[", "]", "&a", "*a", "!a ", "\t", "\n", "- ", "#"])
        )
        check_reading((text[:at] + put + text[at + gone :]).encode())

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"[" * 30_000, id="30,000 brackets"),
            pytest.param(b"a: " + b"[" * 30_000 + b"]" * 30_000, id="brackets closed"),
            pytest.param(b"{a: " * 30_000, id="30,000 braces"),
            pytest.param(b"- " * 30_000, id="30,000 hyphens"),
            pytest.param(b"? " * 30_000, id="30,000 question marks"),
            pytest.param(b"a: &a [*a]", id="a cycle"),
            pytest.param(
                b"a0: &a0 {k: v}\n"
                + b"".join(b"a%d: &a%d {<<: [%s]}\n" % (n, n, b"*a%d, " % (n - 1) * 9) for n in range(1, 9)),
                id="merge bomb",
            ),
            pytest.param(
                b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b"*a%d, " % (n - 1) * 9) for n in range(1, 9)),
                id="alias bomb",
            ),
            pytest.param(b"a: " + b"9" * 5000, id="5000 digits"),
            pytest.param(b"a: " + b"9" * 5000 + b".5", id="5000 digits and one"),
            pytest.param(b"a: 1e" + b"9" * 5000, id="an exponent of 5000 digits"),
            pytest.param(b"a: " + b"1:" * 5000 + b"1", id="5000 sixtieths"),
            pytest.param(b"a: '" + b"x" * (MAX_BYTES - 10), id="a quote that is never closed"),
            pytest.param(b"a:\n" + b" - x\n" * (MAX_EVENTS + 10), id="too many values"),
            pytest.param(b"a: b\n" * 200_000, id="one key for ever"),
            pytest.param(b"a: b: c\n" + b"x: y\n" * 200_000, id="a fault before much else"),
            pytest.param(b"#" * (MAX_BYTES + 1), id="too large"),
            pytest.param(b"a: \xed\xa0\x80", id="a lone surrogate"),
            pytest.param(b'a: "\\ud800"', id="a lone surrogate escaped"),
            pytest.param(b"a: \x00", id="NUL"),
        ],
    )
    def test_bombs(self, data: bytes) -> None:
        """Depth, size, aliases and long numbers end reading soon, with a finding or a text."""
        started = time.process_time()
        found, findings = read(data)
        assert time.process_time() - started < SECONDS
        assert findings or isinstance(found, Document)

    def test_limits_are_told(self) -> None:
        """What is too large or too deep is told as that, where it begins to be."""
        assert places("a: " + "[" * 30)[0] == (1, 4 + MAX_DEPTH - 1, "too-deep")
        assert places("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)) == []
        assert places(b"#" * (MAX_BYTES + 1)) == [(1, 1, "file-too-large")]
        assert one("a:\n" + " - x\n" * MAX_EVENTS).code == "file-too-large"


class TestValues:
    """Every scalar is the text that stands there."""

    @pytest.mark.parametrize(
        "written",
        ["NO", "012", "0x1F", "1_000", "12:30", "2026-11-23", "1e3", "1.10", "true", "null", "~", ".inf", "=", "<<"],
    )
    def test_plain_scalars_stay_text(self, written: str) -> None:
        """Nothing is turned into a number, a date or a yes."""
        assert document(f"a: {written}\n").data == {"a": written}

    def test_nothing_is_none(self) -> None:
        """A key without a value has none; an empty text in quotes is a text."""
        assert document("a:\nb: ''\n").data == {"a": None, "b": ""}

    def test_keys_are_text(self) -> None:
        """Keys that other readers take for one (true, a number) stay apart."""
        assert document("1: z\n01: q\non: x\ntrue: y\n").data == {"1": "z", "01": "q", "on": "x", "true": "y"}

    @given(
        st.recursive(
            st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text("abcé", min_size=1, max_size=4), inner, max_size=4)
            ),
            max_leaves=12,
        ),
        st.sampled_from(["'", '"']),
        st.booleans(),
    )
    def test_what_is_written_is_read(self, value: object, style: str, flow: bool) -> None:
        """Any structure that PyYAML writes comes back as it was."""
        text = yaml.safe_dump({"k": value}, default_style=style, default_flow_style=flow, allow_unicode=True)
        text = text.replace(f"{style}k{style}:", "k:", 1)
        assert document(text).data == {"k": value}

    @pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
    def test_line_ends_and_byte_order_mark_change_nothing(self, path: Path) -> None:
        """CRLF and a byte order mark are silent, and the places stay the same."""
        plain = path.read_bytes()
        windows = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
        assert document(windows).data == document(plain).data
        assert places(windows.replace(b"code:", b"code: x\r\ncode:").replace(b"kind:", b"kind: x\r\nkind:")) == places(
            plain.replace(b"code:", b"code: x\ncode:").replace(b"kind:", b"kind: x\nkind:")
        )


class TestYamlFeatures:
    """What makes a file harder to read than it needs to be is refused, without hiding the rest."""

    @pytest.mark.parametrize(
        ("text", "expected", "data"),
        [
            ("a: b\nc: d\na: e\n", [(3, 1, "duplicate-key")], {"a": "b", "c": "d"}),
            ("'a': b\na: c\n\"a\": d\n", [(2, 1, "duplicate-key"), (3, 1, "duplicate-key")], {"a": "b"}),
            ("a:\n  b: 1\n  c: 2\n  b: 3\n", [(4, 3, "duplicate-key")], {"a": {"b": "1", "c": "2"}}),
            ("a: &x b\nc: d\n", [(1, 4, "yaml-feature")], {"c": "d"}),
            ("a: !Dupuis\nc: d\n", [(1, 4, "yaml-feature")], {"c": "d"}),
            ("a: &x {b: 1}\n", [(1, 4, "yaml-feature")], {"a": {"b": "1"}}),
            ("a: *x\nb: *y\n", [(1, 4, "yaml-feature"), (2, 4, "yaml-feature")], {}),
            ("*x : a\nb: c\n", [(1, 1, "yaml-feature")], {"b": "c"}),
            ("a: {<<: {b: c}, d: e}\nf: g\n", [(1, 5, "yaml-feature")], {"f": "g"}),
            ("a: {{ x }}\nb: c\n", [(1, 4, "yaml-syntax")], {"b": "c"}),
            ("? [a]\n: b\nc: d\n", [(1, 3, "yaml-syntax")], {"c": "d"}),
            ("{a: b}: c\nd: e\n", [(1, 1, "yaml-syntax")], {"d": "e"}),
            ("a: b\tc\n", [(1, 5, "yaml-syntax")], {"a": "b\tc"}),
        ],
    )
    def test_the_rest_of_the_file_is_still_read(self, text: str, expected: object, data: object) -> None:
        """The finding stands where the mistake is; everything else of the file is there."""
        found, _ = read(text)
        assert places(text) == expected
        assert found is not None
        assert (found.data, found.sound) == (data, False)

    def test_a_key_that_stands_twice_names_the_first(self) -> None:
        """Both lines are told."""
        assert "the first is in line 2" in one("# x\na: b\na: c\n").message

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("a: b\n---\nc: d\n", (2, 1, "second-document")),
            ("<<: {a: b}\n", (1, 1, "yaml-feature")),
            ("{{ x }}\n", (1, 1, "yaml-syntax")),
            ("- a\n", (1, 1, "wrong-type")),
            ("# c\n\nword\n", (3, 1, "wrong-type")),
            ("", (1, 1, "empty-file")),
            ("# only a comment\n", (1, 1, "empty-file")),
            ("---\n", (1, 1, "empty-file")),
        ],
    )
    def test_a_file_of_which_nothing_can_be_said(self, text: str, place: object) -> None:
        """There is one finding and no document."""
        assert read(text)[0] is None
        assert places(text) == [place]

    @pytest.mark.parametrize("text", ["---\na: b\n", "a: b\n...\n", "%YAML 1.1\n---\na: b\n"])
    def test_one_document_may_be_marked(self, text: str) -> None:
        """The signs around a single document are no finding."""
        assert document(text).data == {"a": "b"}


class TestTabs:
    """Tabs are refused wherever another reader would not take them."""

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("\ta: b\n", (1, 1)),
            ("a:\n\tb: c\n", (2, 1)),
            ("a:\n  - b\n\t- c\n", (3, 1)),
            ("a:\tb\n", (1, 3)),
            ("a: b\t\n", (1, 5)),
            ("a: b\t# c\n", (1, 5)),
            ("a: [b,\tc]\n", (1, 7)),
            ("# \t\na: 'x\ty'\nb:\tc\n", (3, 3)),
        ],
    )
    def test_a_tab_is_found(self, text: str, place: tuple[int, int]) -> None:
        """The finding stands at the tab and says what to write."""
        found = one(text)
        assert (found.line, found.column, found.code) == (*place, "yaml-syntax")
        assert found.message == "a tab stands here"

    @pytest.mark.parametrize("text", ["a: 'x\ty'\n", 'a: "x\ty"\n', "a: |\n  x\ty\n", "#\tc\na: b # \t c\n"])
    def test_tabs_in_texts_and_comments_are_silent(self, text: str) -> None:
        """There a tab is a character like others."""
        assert read(text)[1] == []

    @given(st.lists(st.sampled_from(["x", "y: ", "\t", " ", "\n", "\n  ", "'z\t'", "# c", "- "]), max_size=8))
    def test_as_the_pure_parser(self, pieces: list[str]) -> None:
        """A file that is silent here is read alike by PyYAML's own parser, which takes no tabs between values."""
        text = "a: b" + "".join(pieces)
        found, findings = read(text)
        if found is not None and not findings:
            assert yaml.load(text, Loader=yaml.BaseLoader) == _as_text(found.data)


def _as_text(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_text(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_as_text(entry) for entry in value]
    return "" if value is None else value


class TestSyntax:
    """A fault is told in words for people, where they have to look."""

    @pytest.mark.parametrize(
        ("text", "place", "words"),
        [
            ("a: b: c\n", (1, 5), 'a second ": "'),
            ("name:Express\ncode: x\n", (1, 1), 'no ": "'),
            ("code: x\nname:Express\nb: c\n", (2, 1), 'no ": "'),
            ("name Express\ncode: x\n", (1, 1), 'no ": "'),
            ("a: 'x\nb: c\n", (1, 4), "the quote that opens here"),
            ("a: 'x\nb: 'c'\n", (1, 4), "the quote that opens here"),
            ("a: 'L'Express'\n", (1, 7), "the text in quotes is over"),
            ('a: "\\d{8}"\n', (1, 5), "a backslash"),
            ('a: "x \\ud800"\n', (1, 7), "a backslash"),
            ("a: @x\n", (1, 4), "cannot begin with @"),
            ("a: %x\n", (1, 4), "cannot begin with @"),
            ("a: `x\n", (1, 4), "cannot begin with @"),
            ("a: [b\nc: d\n", (1, 4), "the bracket or brace"),
            ("a: {b\n", (1, 4), "the bracket or brace"),
            ("a: - b\n", (1, 4), "a list cannot begin"),
            (" a: b\nc: d\n", (2, 1), "indentation"),
            ("a: b\n- c\n", (2, 1), "indentation"),
            (": b\n", (1, 1), "no key before the colon"),
            ("[a]: b\n", (1, 1), "where a key is meant"),
            ("a: {{ b }}\n", (1, 4), "stands here without quotes"),
            ("a: x\u2028y\n", (1, 5), "U+2028"),
            ("é: b\nname: Dup\u200buis\n", (2, 10), "U+200B"),
            ("a: \x00\n", (1, 4), "U+0000"),
            ("a: x\rb: \x85\r", (2, 4), "U+0085"),
        ],
    )
    def test_the_fault_is_named(self, text: str, place: tuple[int, int], words: str) -> None:
        """Each of the usual faults has its own sentence."""
        found = one(text)
        assert (found.line, found.column) == place
        assert words in found.message

    def test_large_files_too(self) -> None:
        """In a file too large for the parser with the better words, the place is the same."""
        text = "# x\n" * 40_000
        assert places(f"{text}a: b: c\n") == [(40_001, 5, "yaml-syntax")]
        assert places(f"{text}a: 'b\n") == [(40_001, 4, "yaml-syntax")]

    @pytest.mark.parametrize(
        ("data", "place", "words"),
        [
            ("name: é\nà: œ\n".encode("cp1252"), (1, 7), "0xE9 is not UTF-8"),
            ("# ok\nname: ok\nx: 'a€'\n".encode("cp1252"), (3, 6), "0x80"),
            ("a: é\n".encode() + b"b\xff", (2, 2), "0xFF"),
            ("a: b\n".encode("utf-16"), (1, 1), "UTF-16"),
        ],
    )
    def test_other_encodings(self, data: bytes, place: tuple[int, int], words: str) -> None:
        """The first byte that is no UTF-8 is told, with what it is in Windows-1252."""
        found = one(data)
        assert (found.line, found.column, found.code) == (*place, "not-utf8")
        assert words in found.message


class TestPlaces:
    """Lines and columns count from 1, columns in characters."""

    TEXT = "a: 1\nб😀:\n  - x: 'y'\n    z: {q: w}\n  - v\n"

    @pytest.mark.parametrize(
        ("path", "value", "key"),
        [
            ((), (1, 1), (1, 1)),
            (("a",), (1, 4), (1, 1)),
            (("б😀",), (3, 3), (2, 1)),
            (("б😀", 0), (3, 5), (3, 5)),
            (("б😀", 0, "x"), (3, 8), (3, 5)),
            (("б😀", 0, "z"), (4, 9), (4, 5)),
            (("б😀", 0, "z", "q"), (4, 12), (4, 9)),
            (("б😀", 1), (5, 5), (5, 5)),
            (("б😀", 0, "z", "none"), (4, 9), (4, 9)),
        ],
    )
    def test_values_and_keys(self, path: tuple[str | int, ...], value: object, key: object) -> None:
        """A mapping stands at its first key; what is not there at the nearest thing above."""
        found = document(self.TEXT)
        assert (found.at(path), found.key_at(path)) == (value, key)

    def test_what_is_left_out_is_not_missing(self) -> None:
        """Without a value, its key stays known; a misspelt one counts for the one that was meant."""
        found = document("a: {b: 1, c: 2, dd: 3}\ne: [x, y]\n").without(
            {("a", "b"), ("a", "dd"), ("e", 0)}, {("a", "dd"): "d"}
        )
        assert found.data == {"a": {"c": "2"}, "e": ["y"]}
        assert found.at(("e", 0)) == (2, 8)
        assert [found.lacks(("a", key)) for key in "bcdf"] == [False, False, False, True]
        assert not found.sound

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("k: xx N\n", (1, 7)),
            ("k: 'xx N'\n", (1, 8)),
            ("k: 'é''😀 N'\n", (1, 10)),
            ('k: "\\u00e9\\n\\x20\\U0001F600 N"\n', (1, 28)),
            ('k: "xx\\\n   \\  N"\n', (2, 7)),
            ("k: xx\n  yy N\n", (2, 6)),
            ("k: 'xx\n\n  yy N'\n", (3, 6)),
            ("k: |\n  xx\n\n   yy N\n", (4, 7)),
            ("k: >-\n  xx\n  yy N\n", (3, 6)),
            ("k: >2-  # N\n\n    xx N\n", (3, 8)),
            ("k: |\r\n  xx\r\n  N\r\n", (3, 3)),
            ("k:\n  - [{q: 'x N'}]\n", (2, 13)),
        ],
    )
    def test_inside_texts_of_every_style(self, text: str, place: tuple[int, int]) -> None:
        """A character of a value is found where it is written, however it is written."""
        found = document(text)
        path: list[str | int] = ["k", 0, 0, "q"] if "q" in text else ["k"]
        value = found.node(path).value
        assert found.position_in(path, value.index("N")) == place

    @given(
        st.text(st.sampled_from("ab'\"\\ \n\té😀{}:#-|>%\u00a0\u0007"), min_size=1, max_size=60),
        st.sampled_from([None, "'", '"', "|", ">"]),
        st.integers(8, 40),
        st.booleans(),
    )
    def test_every_character_has_its_own_place(self, value: str, style: str, width: int, crlf: bool) -> None:
        """Characters that are not blank are where they are said to be, in the order of the text."""
        assume("\t" not in value.lstrip(" \n") or style in ("'", '"', "|"))
        text = yaml.safe_dump({"k": [value]}, default_style=style, width=width, allow_unicode=True)
        text = text.replace("\n", "\r\n") if crlf else text
        found, findings = read(text)
        assume(found is not None and not findings and found.data == {"k": [value]})
        assert found is not None
        lines = text.split("\r\n" if crlf else "\n")
        before = (0, 0)
        for offset, char in enumerate(value):
            if char not in " \t\n":
                line, column = found.position_in(("k", 0), offset)
                assert (line, column) > before
                assert lines[line - 1][column - 1] in (char, "\\")
                before = (line, column)
