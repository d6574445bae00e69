"""The corpora: a file of ``ok`` is silent, one of ``err`` has the findings that stand beside it, one a line.

A case is a file, or a folder where several files make it. ``x.out`` says ``line:column: severity code``, with the
file's name in front where the case is a folder. The expectations are written by hand.
"""

import re
from pathlib import Path

import pytest

from rakuten_orders.checking import check
from rakuten_orders.sources import read_sources

HERE = Path(__file__).parent
AREAS = ("carriers", "rules")

# Where the checker does not yet find what it should, or not only that. Strict: an entry goes when its case passes.
NOT_YET: dict[str, str] = {}


def cases(kind):
    found = [
        (area, case)
        for area in AREAS
        for case in sorted((HERE / area / kind).iterdir())
        if case.is_dir() or case.suffix == ".yaml"
    ]
    return [pytest.param(area, case, id=(name := f"{area}-{case.stem}"), marks=marks(name)) for area, case in found]


def marks(name):
    return [pytest.mark.xfail(reason=NOT_YET[name])] if name in NOT_YET else []


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
    assert len(cases("err")) >= 100
