"""Mending: what is mended, that the rest stays byte for byte, and that nothing ever gets worse."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from rakuten_orders.checking import check
from rakuten_orders.cli.program import program
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.mending import MAX_BYTES, Mended, counted, mend
from rakuten_orders.sources import CarriersLayer, RulesLayer, SourceFile, Sources, read_sources

HERE = Path(__file__).parent
SHIPPED = read_sources()
ERR = sorted(path for area in ("carriers", "rules") for path in (HERE / area / "err").glob("*.yaml") if path.is_file())

CARRIER = """\
# A carrier of the north.
code: dupuis
name:   Transports Dupuis   # as on the van

rakuten_name: Autre
aliases:
  - Dupuis Express
countries: [FR, 'NO']
tracking_url: 'https://dupuis.example/{{ tracking_number }}'
sources:
  - {note: a mail of the carrier, read: 2026-11-23}
examples:
  valid:
    - {tracking_number: '0012', url: 'https://dupuis.example/0012'}
"""


def with_file(file: str, data: bytes) -> Sources:
    """The shipped set with one file more, in the place of a shipped one of its name."""
    source = SourceFile(file, data)
    if b"\nkind:" in b"\n" + data or "rules" in file:
        return replace(SHIPPED, rules=(*SHIPPED.rules, RulesLayer((source,), ())))
    return replace(SHIPPED, carriers=(*SHIPPED.carriers, CarriersLayer("mine", (source,))))


def mended(text: str | bytes, file: str = "dupuis.yaml") -> tuple[Mended, Sequence[Diagnostic], Sequence[Diagnostic]]:
    """What mending makes of a file, and what is found in it before and after."""
    data = text.encode() if isinstance(text, str) else text
    sources = with_file(file, data)

    def findings_of(tried: bytes) -> Sequence[Diagnostic]:
        return check(sources.having(file, tried), {file}).diagnostics

    made = mend(file, data, findings_of)
    return made, findings_of(data), findings_of(made.data)


def broken(old: str, new: str) -> str:
    assert CARRIER.count(old) == 1
    return CARRIER.replace(old, new)


SLIPS = [("  ", "\t"), (": ", ":\u00a0"), (": ", ":\t"), ("'", ""), ("'", "”"), ("e", "")]

BREAKS = {
    "no quotes around a country": ("'NO'", "NO"),
    "no quotes around zeros": ("tracking_number: '0012'", "tracking_number: 0012"),
    "a misspelt key": ("countries:", "contries:"),
    "a misspelt key within braces": ("read: 2026", "raed: 2026"),
    "a tab between": ("code: dupuis", "code:\tdupuis"),
    "tabs in the indentation": ("\n  valid:\n    -", "\n\tvalid:\n\t\t-"),
    "a tab before a comment": ("   # as", " \t # as"),
    "a no-break space": ("code: dupuis", "code:\u00a0dupuis"),
    "no-break spaces in the indentation": ("  valid:", "\u00a0 valid:"),
    "two lines with no-break spaces": ("Autre\naliases:\n  - D", "Autre\naliases:\n \u00a0-\u00a0D"),
    "a spelling of Rakuten's": ("Autre", "AUTRE"),
}


class TestFixes:
    """Each kind of mistake, by example."""

    @pytest.mark.parametrize(("right", "wrong"), BREAKS.values(), ids=BREAKS)
    def test_a_slip_is_undone(self, right: str, wrong: str) -> None:
        """The file is what it was before the slip, but for blanks where tabs stood; what was done is told by line."""
        made, before, after = mended(broken(right, wrong))
        assert before
        assert after == ()
        assert made.data.decode().replace(" ", "") == CARRIER.replace(" ", "")
        assert made.done
        assert all(re.fullmatch(r"dupuis\.yaml:\d+: \S.*", done) for done in made.done)

    @pytest.mark.parametrize("quotes", ["“”", "„“", "«»", "‘’"])
    def test_typographic_quotes_become_straight(self, quotes: str) -> None:
        """Around a whole value, an apostrophe inside is written twice."""
        value = f"{quotes[0]}Express du Nord{quotes[1]}"
        made, before, after = mended(broken("Dupuis Express", value))
        assert [found.code for found in before] == ["look-alike"]
        assert (made.data.decode(), after) == (broken("Dupuis Express", "'Express du Nord'"), ())

    def test_typographic_quotes_around_a_template(self) -> None:
        """Also where they break more than themselves."""
        made, _before, after = mended(
            CARRIER.replace(
                "'https://dupuis.example/{{ tracking_number }}'", "“https://dupuis.example/{{ tracking_number }}”"
            )
        )
        assert (made.data.decode(), after) == (CARRIER, ())

    def test_a_template_without_quotes(self) -> None:
        """The whole value is put in quotes, its own quotes doubled, the comment left outside."""
        rules = (
            "kind: order\norder:\n  label:\n    with: {first: purchaseid}\n"
            "    template: {{ first }} isn't new  # a note\nlines:\n  sku: {from: sku}\n"
        )
        made, _before, after = mended(rules, "rules.yaml")
        right = rules.replace("{{ first }} isn't new", "'{{ first }} isn''t new'")
        assert (made.data.decode(), after) == (right, ())

    def test_a_template_without_quotes_in_braces(self) -> None:
        """Up to the comma or the brace."""
        rules = (
            "kind: order\norder:\n  label: {with: {first: purchaseid}, template: {{ first }}}\n"
            "lines:\n  sku: {from: sku}\n"
        )
        made, _before, after = mended(rules, "rules.yaml")
        assert (made.data.decode(), after) == (rules.replace("{{ first }}", "'{{ first }}'"), ())

    def test_an_alias_that_says_nothing(self) -> None:
        """Its line goes, or its place in brackets; with the last one, the key."""
        first = broken("  - Dupuis Express\n", "  - DUPUIS\n  - Dupuis Express\n")
        assert mended(first)[0].data.decode() == CARRIER
        last = broken("Dupuis Express", "DUPUIS")
        assert mended(last)[0].data.decode() == CARRIER.replace("aliases:\n  - Dupuis Express\n", "")
        flow = broken("aliases:\n  - Dupuis Express\n", "aliases: [DUPUIS, Dupuis Express]\n")
        assert "aliases: [Dupuis Express]\n" in mended(flow)[0].data.decode()

    def test_an_alias_with_a_comment_stays(self) -> None:
        """What somebody wrote about it is not thrown away."""
        text = broken("Dupuis Express", "DUPUIS  # on old labels")
        assert mended(text)[0] == Mended(text.encode())

    def test_one_slip_can_hide_another(self) -> None:
        """All are mended where the file is better only with all of them."""
        text = broken("code: dupuis", "code:\u00a0dupuis").replace("'NO'", "NO").replace("countries", "contries")
        made, before, after = mended(text)
        assert (len(before), after) == (1, ())
        assert (made.data.decode(), len(made.done)) == (CARRIER, 3)

    def test_what_would_bring_a_new_finding_is_left(self) -> None:
        """A no-break space goes only if what it hid can go as well; that it was left is told, and why."""
        text = broken("code: dupuis", "code:\u00a0dupuis").replace("example/0012", "example/0013")
        made = mended(text)[0]
        assert (made.data, made.done, len(made.withheld)) == (text.encode(), (), 1)
        assert made.withheld[0].startswith("dupuis.yaml:2: left as it is")
        assert "no-break spaces" in made.withheld[0]

    def test_line_ends_and_byte_order_mark_stay(self) -> None:
        """A file of Windows stays one."""
        text = broken("'NO'", "NO").replace("countries", "contries").replace("\n", "\r\n")
        made, _before, after = mended(b"\xef\xbb\xbf" + text.encode())
        assert made.data == b"\xef\xbb\xbf" + CARRIER.replace("\n", "\r\n").encode()
        assert after == ()

    @pytest.mark.parametrize("data", [b"\xff\xfea", b"caf\xe9: x", b"", b"a: \x00", b"# " + b"x" * MAX_BYTES])
    def test_what_is_no_such_file_is_left(self, data: bytes) -> None:
        """Other encodings, no text, too much text: as it is."""
        assert mended(data)[0] == Mended(data)


class TestAlways:
    """What holds whatever the file."""

    @pytest.mark.parametrize("path", ERR, ids=lambda path: path.stem)
    def test_a_wrong_file_never_gets_worse(self, path: Path) -> None:
        """Either fewer findings and no new ones, or not a byte is changed; a second time nothing is left to do."""
        made, before, after = mended(path.read_bytes(), f"{path.parents[1].name}/{path.name}")
        if made.done:
            assert counted(after) < counted(before)
            again = mended(made.data, f"{path.parents[1].name}/{path.name}")[0]
            assert again == Mended(made.data)
        else:
            assert made.data == path.read_bytes()

    def test_what_is_right_is_not_touched(self) -> None:
        """Not a byte of a file without findings, and it is checked only once."""
        for source in (*SHIPPED.carriers[0].files, *SHIPPED.rules[0].rules):
            asked: list[bytes] = []

            def findings_of(data: bytes, asked: list[bytes] = asked) -> Sequence[Diagnostic]:
                asked.append(data)
                return ()

            assert mend(source.file, source.data, findings_of) == Mended(source.data)
            assert asked == [source.data]

    @settings(max_examples=12, deadline=None)
    @given(data=st.data())
    def test_a_broken_shipped_file_never_gets_a_new_finding(self, data: st.DataObject) -> None:
        """One slip anywhere in a shipped carrier: nothing is found that was not, and mending twice is mending once."""
        source = data.draw(st.sampled_from(SHIPPED.carriers[0].files))
        text = source.data.decode()
        slip = data.draw(st.sampled_from(SLIPS))
        places = [at for at in range(len(text)) if text.startswith(slip[0], at)]
        at = data.draw(st.sampled_from(places))
        wrong = text[:at] + slip[1] + text[at + len(slip[0]) :]

        def findings_of(tried: bytes) -> Sequence[Diagnostic]:
            return check(SHIPPED.having(source.file, tried), {source.file}).diagnostics

        made = mend(source.file, wrong.encode(), findings_of)
        before, after = findings_of(wrong.encode()), findings_of(made.data)
        assert counted(after) <= counted(before)
        assert bool(made.done) == (made.data != wrong.encode())
        assert mend(source.file, made.data, findings_of).done == ()

    @pytest.mark.parametrize("slip", [(": ", ":\t"), ("\nsources:", "\nsuorces:"), ("\n  ", "\n\t")])
    @settings(max_examples=4, deadline=None)
    @given(source=st.sampled_from((*SHIPPED.carriers[0].files, *SHIPPED.rules[0].rules)))
    def test_a_slip_all_over_a_shipped_file_is_undone(self, slip: tuple[str, str], source: SourceFile) -> None:
        """Nothing is found any more, and the file differs from the shipped one in blanks at most."""
        wrong = source.data.decode().replace(*slip)

        def findings_of(tried: bytes) -> Sequence[Diagnostic]:
            return check(SHIPPED.having(source.file, tried), {source.file}).diagnostics

        made = mend(source.file, wrong.encode(), findings_of)
        assert findings_of(made.data) == ()
        assert made.data.split() == source.data.split()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder, without a configuration from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)
    (tmp_path / "carriers.d").mkdir()
    return tmp_path / "carriers.d"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(program, ["validate-rules", *arguments])
    return result.exit_code, result.stdout, result.stderr


class TestCommand:
    """``validate-rules --fix`` and ``--diff``."""

    def test_fix_mends_and_reports_the_rest(self, folder: Path) -> None:
        """What was done comes first, then the usual report; the mode stays and nothing lies beside the file."""
        file = folder / "dupuis.yaml"
        file.write_text(broken("countries", "contries"), encoding="utf-8")
        file.chmod(0o640)
        code, printed, said = run("--fix")
        assert (code, said) == (0, "")
        first, summary, _digest = printed.splitlines()
        assert first == 'carriers.d/dupuis.yaml:8: renamed the key "contries" to "countries"'
        assert summary == "1 carrier, 0 rule files, 0 tables: 0 errors, 0 warnings"
        assert file.read_text(encoding="utf-8") == CARRIER
        assert (file.stat().st_mode & 0o777, list(folder.iterdir())) == (0o640, [file])

    def test_the_exit_code_is_by_what_is_left(self, folder: Path) -> None:
        """What cannot be mended still fails; with JSON what was done goes to standard error."""
        (folder / "dupuis.yaml").write_text(broken("'NO'", "NO").replace("/0012", "/0013"), encoding="utf-8")
        code, printed, said = run("--fix", "--format", "json")
        assert code == 1
        assert '"example-mismatch"' in printed
        assert said == "carriers.d/dupuis.yaml:8: wrote 'NO' in quotes\n"

    @pytest.mark.parametrize("option", ["--fix", "--diff"])
    def test_what_is_withheld_is_told(self, folder: Path, option: str) -> None:
        """One sentence; the file stays, and the finding with it."""
        text = broken("code: dupuis", "code:\u00a0dupuis").replace("example/0012", "example/0013")
        (folder / "dupuis.yaml").write_text(text, encoding="utf-8")
        code, printed, said = run(option)
        assert code == 1
        assert (printed + said).count("carriers.d/dupuis.yaml:2: left as it is") == 1
        assert (folder / "dupuis.yaml").read_text(encoding="utf-8") == text

    def test_diff_writes_nothing(self, folder: Path) -> None:
        """It prints a unified diff, and exits as the check of the files as they are."""
        file = folder / "dupuis.yaml"
        file.write_text(broken("countries", "contries"), encoding="utf-8")
        code, printed, said = run("--diff")
        assert (code, said) == (1, "")
        assert printed.startswith("--- carriers.d/dupuis.yaml\n+++ carriers.d/dupuis.yaml\n@@ ")
        assert [line for line in printed.splitlines()[3:] if line[0] in "+-"] == [
            "-contries: [FR, 'NO']",
            "+countries: [FR, 'NO']",
        ]
        assert file.read_text(encoding="utf-8") == broken("countries", "contries")

    @pytest.mark.parametrize("suffix", [".yml", ".yaml.txt", ".YAML"])
    def test_a_file_that_would_be_overlooked_is_renamed(self, folder: Path, suffix: str) -> None:
        """And mended under its new name; also where it is the path that was given."""
        file = folder / f"dupuis{suffix}"
        file.write_text(broken("countries", "contries"), encoding="utf-8")
        code, printed, said = run("--diff", f"carriers.d/dupuis{suffix}")
        assert (code, said) == (1, "")
        assert printed.startswith(f"rename from carriers.d/dupuis{suffix}\nrename to carriers.d/dupuis.yaml\n---")
        assert file.exists()
        code, printed, said = run("--fix", f"carriers.d/dupuis{suffix}")
        assert (code, said) == (0, "")
        assert printed.startswith(f"carriers.d/dupuis{suffix}:1: renamed to carriers.d/dupuis.yaml\n")
        assert [path.name for path in folder.iterdir()] == ["dupuis.yaml"]
        assert (folder / "dupuis.yaml").read_text(encoding="utf-8") == CARRIER

    def test_nothing_is_renamed_over_a_file(self, folder: Path) -> None:
        """Both stay, and the finding with them."""
        (folder / "dupuis.yaml").write_text(CARRIER, encoding="utf-8")
        (folder / "dupuis.yml").write_text("code: other\n", encoding="utf-8")
        code, printed, _said = run("--fix")
        assert code == 1
        assert "[wrong-suffix]" in printed
        assert sorted(path.name for path in folder.iterdir()) == ["dupuis.yaml", "dupuis.yml"]
        assert (folder / "dupuis.yaml").read_text(encoding="utf-8") == CARRIER

    @pytest.mark.parametrize("option", ["--fix", "--diff"])
    @pytest.mark.parametrize("name", ["dupuis (copie).yml", "dupuis2.yml", "colissimo.yaml.txt"])
    def test_an_overlooked_copy_with_the_code_of_another_stays(self, folder: Path, name: str, option: str) -> None:
        """Under a name that is read it would be wrong as well: both files stay, and are told."""
        (folder / "dupuis.yaml").write_text(CARRIER, encoding="utf-8")
        (folder / name).write_text(CARRIER, encoding="utf-8")
        code, printed, _said = run(option)
        assert code == 1
        assert ("[wrong-suffix]" in printed) is (option == "--fix")
        assert sorted(path.name for path in folder.iterdir()) == sorted(["dupuis.yaml", name])

    def test_only_what_was_asked_about_is_mended(self, folder: Path) -> None:
        """A file beside it stays as it is."""
        for code in ("dupuis", "durand"):
            text = broken("'NO'", "NO").replace("dupuis", code).replace("Dupuis", code)
            (folder / f"{code}.yaml").write_text(text, encoding="utf-8")
        beside = (folder / "durand.yaml").read_bytes()
        assert run("--fix", "carriers.d/dupuis.yaml")[0] == 0
        assert "'NO'" in (folder / "dupuis.yaml").read_text(encoding="utf-8")
        assert (folder / "durand.yaml").read_bytes() == beside

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    def test_a_link_stays_a_link(self, folder: Path, tmp_path: Path) -> None:
        """The file that it points to is mended."""
        (tmp_path / "real.yaml").write_text(broken("'NO'", "NO"), encoding="utf-8")
        (folder / "dupuis.yaml").symlink_to(tmp_path / "real.yaml")
        assert run("--fix")[0] == 0
        assert (folder / "dupuis.yaml").is_symlink()
        assert (tmp_path / "real.yaml").read_text(encoding="utf-8") == CARRIER

    def test_the_configuration_is_not_mended(self, folder: Path) -> None:
        """It is no rule file: wrong usage, and not a byte is changed."""
        config = folder.parent / "rakuten-orders.yaml"
        config.write_text("connections: []\nnmae: NO\n", encoding="utf-8")
        assert run("--fix", "rakuten-orders.yaml")[0] == 2
        assert config.read_text(encoding="utf-8") == "connections: []\nnmae: NO\n"

    @pytest.mark.parametrize("others", [("--fix",), ("--format", "json")])
    def test_diff_stands_alone(self, folder: Path, others: tuple[str, ...]) -> None:
        """With --fix or another form it is wrong usage."""
        (folder / "dupuis.yaml").write_text(CARRIER, encoding="utf-8")
        assert run("--diff", *others)[0] == 2
