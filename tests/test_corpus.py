"""The corpora: a file of ``ok`` is silent, one of ``err`` has the findings that stand beside it, one a line.

A case is a file, or a folder where several files make it. ``x.out`` says ``line:column: severity code``, with the
file's name in front where the case is a folder. The expectations are written by hand.
"""

import re
from pathlib import Path

import pytest

from rakuten_orders.checking import check
from rakuten_orders.messages import codes
from rakuten_orders.sources import read_sources

HERE = Path(__file__).parent
AREAS = ("carriers", "rules")

FIRST_AFTERNOON = (
    "carriers-nom-instead-of-name",  # keys in one's own language
    "carriers-quotes-pasted-from-word",
    "carriers-tab-instead-of-spaces",
    "carriers-url-of-example-one-space-short",
    "carriers-note-with-a-colon",
    "carriers-leading-zero-without-quotes",
    "carriers-placeholder-in-brackets",  # the address from another system
    "carriers-date-as-in-france",
    "carriers-countries-without-brackets",
    "carriers-code-of-the-file-copied-from",
)
"""The ten mistakes of a support person's first afternoon."""

ELSEWHERE = {
    "no-such-folder": "a folder's name, in test_sources",
    "unreadable": "rights and links, in test_sources",
    "file-too-large": "megabytes, in test_rulefiles",
    "not-covered": "asked for with --coverage, in test_coverage",
    "email-as-login": "the configuration, in test_config",
    "duplicate-account": "the configuration, in test_config",
    "bad-label": "the configuration, in test_config",
    "bad-address": "the configuration, in test_config",
    "asked-too-often": "the configuration, in test_config",
    "one-of": "the configuration, in test_config",
}
"""The codes that no file of a corpus can have, why, and the tests that provoke them."""


def cases(kind):
    found = [
        (area, case)
        for area in AREAS
        for case in sorted((HERE / area / kind).iterdir())
        if case.is_dir() or case.suffix == ".yaml"
    ]
    return [pytest.param(area, case, id=f"{area}-{case.stem}") for area, case in found]


def findings(area, case, folder):
    """What the checker finds in a case, each as ``[file:]line:column: severity code``."""
    layer = folder / area
    layer.mkdir()
    for source in [path for path in case.rglob("*") if path.is_file()] if case.is_dir() else [case]:
        copy = layer / (source.relative_to(case) if case.is_dir() else source.name)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(source.read_bytes())
    sources = read_sources(**{area: [layer]})
    shipped = {source.file for source in _files(read_sources())}
    report = check(sources, {source.file for source in _files(sources)} - shipped)
    return [
        f"{found.file.removeprefix(f'{layer.as_posix()}/') + ':' if case.is_dir() else ''}"
        f"{found.line}:{found.column}: {found.severity} {found.code}"
        for found in report.diagnostics
    ]


def _files(sources):
    return [
        source
        for group in [
            *((layer.rules, layer.tables) for layer in sources.rules),
            [layer.files for layer in sources.carriers],
        ]
        for files in group
        for source in files
    ]


@pytest.mark.parametrize(("area", "case"), cases("ok"))
def test_a_good_file_is_silent(area, case, tmp_path):
    """Nothing is said about what is right."""
    assert findings(area, case, tmp_path) == []


@pytest.mark.parametrize(("area", "case"), cases("err"))
def test_a_wrong_file_has_its_findings(area, case, tmp_path):
    """Exactly what is wrong is found, each at its place."""
    expected = case.with_suffix(".out").read_text(encoding="utf-8").splitlines()
    assert findings(area, case, tmp_path) == expected


@pytest.mark.parametrize("area", AREAS)
def test_every_case_has_its_expectation(area):
    """Each case of ``err`` has an ``.out`` that is not empty and well-formed, and each ``.out`` its case."""
    folder = HERE / area / "err"
    names = {case.stem for case in folder.iterdir() if case.is_dir() or case.suffix == ".yaml"}
    outs = {case.stem: case.read_text(encoding="utf-8") for case in folder.glob("*.out")}
    assert names == set(outs)
    for name, text in outs.items():
        assert re.fullmatch(r"(?:(?:[\w./-]+:)?\d+:\d+: (?:error|warning|information) [a-z0-9-]+\n)+", text), name


@pytest.mark.parametrize("area", AREAS)
def test_no_case_of_ok_expects_anything(area):
    """Nothing lies among the good files that only a finding would have."""
    assert not list((HERE / area / "ok").rglob("*.out"))


def test_the_corpora_are_not_empty():
    """The cases above are there."""
    assert len(cases("ok")) >= 15
    assert len(cases("err")) >= 300


def test_the_first_afternoon_is_among_them():
    """Each of its mistakes is a case with one finding."""
    outs = {case.id: case.values[1].with_suffix(".out").read_text(encoding="utf-8") for case in cases("err")}
    assert [outs[name].count("\n") for name in FIRST_AFTERNOON] == [1] * 10


def test_every_code_is_provoked():
    """By a case here, or by the test that is named for it, which speaks of it."""
    here = {
        line.split()[-1]
        for area in AREAS
        for out in (HERE / area / "err").glob("*.out")
        for line in out.read_text(encoding="utf-8").splitlines()
    }
    assert here | set(ELSEWHERE) == set(codes())
    assert not here & set(ELSEWHERE)
    for code, where in ELSEWHERE.items():
        assert f'"{code}"' in (HERE / f"{where.rsplit()[-1]}.py").read_text(encoding="utf-8"), code
