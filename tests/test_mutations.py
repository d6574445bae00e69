"""A valid file that is changed in one place is valid still, or has a finding where it was changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rakuten_orders.checking import check
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.sources import CarriersLayer, RulesLayer, SourceFile, Sources, read_sources

SHIPPED = read_sources()
# As few carriers as the examples of the shipped rules need, beside the one that is changed.
FEW = {
    one.file: one for one in SHIPPED.carriers[0].files if Path(one.file).stem in ("bpost", "colissimo", "dhl-express")
}
COLISSIMO = next(name for name in FEW if Path(name).stem == "colissimo")
RULES = SHIPPED.rules[0].rules
FILES = [*SHIPPED.carriers[0].files, *RULES]
PUT = "x0É'\" :-#[]{},&*!|>%@\\\t\u00a0“»\u200b．５"
KEYS = ["x", "nom", "name", "code", "url", "pattern", "from", "when", "kind", "'a: b'"]
VALUES = ["", "x", "0", "NO", "[]", "{}", "[x]", "{x: y}", "{{ x }}", "'", '"', "*x", "France", "a: b", "- x", "x #y"]

ELSEWHERE = {"example-mismatch", "name-collision", "host-collision", "name-taken-over", "unreachable-rule", "unused"}
"""What is told where the change shows: at an example that does not come out, at another file or rule."""


def lines_with_content(lines: list[str]) -> list[int]:
    return [at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]


def changed(draw: Callable[..., object], text: str) -> tuple[str, set[int]]:
    """The text with one change, and the lines (from 1) that it is in."""
    lines = text.split("\n")
    at: int = draw(st.sampled_from(lines_with_content(lines)))  # type: ignore[assignment]
    line = lines[at]
    column: int = draw(st.integers(0, max(len(line) - 1, 0)))  # type: ignore[assignment]
    kind = draw(st.sampled_from(["delete", "insert", "swap", "indent", "key", "value", "without", "twice"]))
    touched = {at + 1}
    if kind == "delete":
        lines[at] = line[:column] + line[column + 1 :]
    elif kind == "insert":
        lines[at] = line[:column] + str(draw(st.sampled_from(PUT))) + line[column:]
    elif kind == "swap" and at + 1 < len(lines):
        lines[at], lines[at + 1] = lines[at + 1], line
        touched.add(at + 2)
    elif kind == "indent":
        blanks = str(draw(st.sampled_from(["", " ", "  ", "   ", "    ", "\t", "\u00a0\u00a0"])))
        lines[at] = blanks + line.lstrip(" ")
    elif kind in ("key", "value"):
        key, colon, value = line.partition(":")
        bare = key.lstrip(" -")
        before = key[: len(key) - len(bare)]
        new = str(draw(st.sampled_from(KEYS if kind == "key" else VALUES)))
        lines[at] = f"{before}{new}{colon}{value}" if kind == "key" else f"{key}{colon} {new}"
    elif kind == "without":
        del lines[at]
    elif kind == "twice":
        lines.insert(at, line)
        touched.add(at + 2)
    return "\n".join(lines), touched


def parents(lines: list[str], at: int) -> Iterator[int]:
    """The lines (from 1) of the keys that a line stands below, and the first line of each block on the way up.

    A missing key stands at its parent's first key, so those count as the parent.
    """
    depth = len(lines[at - 1]) - len(lines[at - 1].lstrip(" -")) if at <= len(lines) else 0
    for above in range(at - 1, 0, -1):
        line = lines[above - 1]
        here = len(line) - len(line.lstrip(" -"))
        if line.strip() and here <= depth:
            yield above
            depth = here


def near(before: str, after: str, touched: set[int]) -> set[int]:
    """The lines where a finding about a change may stand: itself, those beside it, its parents."""
    found = {line + step for line in touched for step in (-1, 0, 1)}
    for text in (before, after):
        lines = text.split("\n")
        found |= {parent for line in touched for parent in parents(lines, min(line, len(lines)))}
    return found


def told(found: Diagnostic, text: str) -> set[int]:
    """The lines that a finding names, and those of the keys directly above: what does not fit together with what."""
    lines = text.split("\n")
    named = {found.line, *(int(line) for line in re.findall(r"line ([0-9]+)", found.message))}
    return named | {next(parents(lines, line), line) for line in named}


def findings(source: SourceFile, text: str) -> list[Diagnostic]:
    wrong = replace(source, data=text.encode())
    rules = tuple(wrong if one == source else one for one in RULES)
    few = {**FEW, source.file: wrong} if source not in RULES else FEW
    sources = Sources(
        (RulesLayer(rules, SHIPPED.rules[0].tables),),
        (CarriersLayer("shipped", tuple(few[name] for name in sorted(few))),),
    )
    return list(check(sources, {source.file}).diagnostics)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_change_is_told_where_it_was_made(data: st.DataObject) -> None:
    """At the line itself, the one beside it or its parent; or an example no longer comes out."""
    source = data.draw(st.sampled_from(FILES))
    before = source.data.decode()
    after, touched = changed(data.draw, before)
    found = findings(source, after)
    there = near(before, after, touched)
    assert not found or any(told(one, after) & there or one.code in ELSEWHERE for one in found), (found, touched)


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["carrier", "rules", "table"]))
def test_any_bytes_give_findings(data: bytes, sort: str) -> None:
    """As a carrier, as a rule file, as a table: what comes is a report, and a set that does not load has an error."""
    rules = RulesLayer((SourceFile("mine/r.yaml", data),) if sort == "rules" else (), ())
    if sort == "table":
        rules = RulesLayer((), (SourceFile("mine/tables/t.csv", data),))
    files = (SourceFile("mine/c.yaml", data),) if sort == "carrier" else ()
    sources = Sources((SHIPPED.rules[0], rules), (SHIPPED.carriers[0], CarriersLayer("mine", files)))
    made = check(sources, {"mine/r.yaml", "mine/c.yaml", "mine/tables/t.csv"})
    assert (made.digest is None) is (made.count("error") > 0 and any(map(is_loading, made.diagnostics)))


def is_loading(found: Diagnostic) -> bool:
    """Whether a finding stands in the way of loading, and is no example that does not come out."""
    return found.severity == "error" and found.code != "example-mismatch"


CODES = ["colissimo", "colissimo2", "a"]
NAMES = [*CODES, "Copie de colissimo", "colissimo (copie)"]
SORTS = ["whole", "extends: colissimo", "extends: a", "x: y", "["]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.tuples(st.sampled_from(CODES), st.sampled_from(SORTS)), max_size=4))
def test_any_folder_of_copies_gives_findings(files: dict[str, tuple[str, str]]) -> None:
    """Whole copies, extended and broken ones under any name and code: whoever has not its file's name is told."""
    _code, whole = FEW[COLISSIMO].data.decode().split("\n", 1)
    texts = {name: f"code: {code}\n{whole if sort == 'whole' else sort}" for name, (code, sort) in files.items()}
    copies = tuple(SourceFile(f"mine/{name}.yaml", texts[name].encode()) for name in sorted(texts))
    layer = CarriersLayer("mine", copies)
    made = check(Sources((SHIPPED.rules[0],), (CarriersLayer("shipped", tuple(FEW.values())), layer)))
    wrong = {found.file for found in made.diagnostics if found.severity == "error"}
    assert {f"mine/{name}.yaml" for name, (code, _sort) in files.items() if code != name} <= wrong
    assert (made.digest is None) is any(map(is_loading, made.diagnostics))
