"""Folders as sources: what is read, in which layers, what would be overlooked, and that sources survive as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.rulefiles import MAX_BYTES
from rakuten_orders.sources import CarriersLayer, RulesLayer, SourceFile, Sources, read_sources

SHIPPED = read_sources()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
    return folder


def names(files: tuple[SourceFile, ...]) -> list[str]:
    return [source.file for source in files]


def strays(sources: Sources) -> list[tuple[str, str]]:
    return [(stray.file, stray.code) for stray in sources.strays]


def test_the_shipped_folders_are_the_first_layers() -> None:
    """Nothing else is read unless it is named."""
    assert [layer.origin for layer in SHIPPED.carriers] == ["shipped"]
    assert [Path(file).name for file in names(SHIPPED.rules[0].rules)] == [
        "acceptance.yaml",
        "order.yaml",
        "transporters.yaml",
    ]
    assert SHIPPED.strays == ()


def test_folders_are_layers_in_their_order(folder: Path) -> None:
    """Files of a folder sorted by name; tables beside the rules; folders below are not looked into."""
    write(
        folder / "mine", "b.yaml", "a.yaml", "README.md", "notes.txt", "tables/t.csv", "tables/old/u.csv", "old/c.yaml"
    )
    write(folder / "other", "d.yaml")
    sources = read_sources(rules=["mine"], carriers=["other", Path("mine")], tables={"t": {"a": "b"}})
    assert names(sources.rules[1].rules) == ["mine/a.yaml", "mine/b.yaml"]
    assert names(sources.rules[1].tables) == ["mine/tables/t.csv"]
    assert [(layer.origin, names(layer.files)) for layer in sources.carriers[1:]] == [
        ("other", ["other/d.yaml"]),
        ("mine", ["mine/a.yaml", "mine/b.yaml"]),
    ]
    assert sources.tables == {"t": {"a": "b"}}
    assert sources.strays == ()


def test_a_folder_is_not_layered_twice(folder: Path) -> None:
    """Under whatever name it comes: relative, absolute, through a link; nor the shipped one."""
    write(folder / "mine", "a.yaml")
    (folder / "link").symlink_to(folder / "mine")
    shipped = Path(SHIPPED.carriers[0].files[0].file).parent
    sources = read_sources(carriers=["mine", folder / "mine", "link", "mine/../mine", shipped])
    assert [layer.origin for layer in sources.carriers] == ["shipped", "mine"]


def test_names_are_shown_as_given(folder: Path) -> None:
    """Relative where they lie below the current folder, else absolute, always with slashes."""
    write(folder / "here" / "mine", "a.yaml")
    write(folder / "far", "b.yaml")
    os.chdir(folder / "here")
    sources = read_sources(carriers=[folder / "here" / "mine", "../far", folder / "far" / "."])
    assert [names(layer.files) for layer in sources.carriers[1:]] == [["mine/a.yaml"], ["../far/b.yaml"]]
    sources = read_sources(carriers=[folder / "far"])
    assert names(sources.carriers[1].files) == [(folder / "far" / "b.yaml").as_posix()]


def test_what_would_be_overlooked_is_told(folder: Path) -> None:
    """Names that look like a carrier, a rule file or a table and do not end as those do."""
    write(
        folder / "mine",
        "a.yml",
        "b.yaml.txt",
        "c.YAML",
        "d.yml.txt",
        "ok.yaml",
        "x.yaml.bak",
        ".hidden.yml",
        "README.md",
    )
    write(folder / "mine" / "tables", "t.csv.txt", "u.CSV", "v.xlsx", "w.csv")
    sources = read_sources(rules=["mine"])
    assert strays(sources) == [
        *((f"mine/{name}", "wrong-suffix") for name in ("a.yml", "b.yaml.txt", "c.YAML", "d.yml.txt")),
        *((f"mine/tables/{name}", "wrong-suffix") for name in ("t.csv.txt", "u.CSV")),
    ]
    assert names(sources.rules[1].rules) == ["mine/ok.yaml"]


def test_what_cannot_be_read_is_told_with_the_rest(folder: Path) -> None:
    """A folder that is not there, a link to nothing, a pipe: nothing of it ends the reading of others."""
    write(folder / "mine", "a.yaml", "no.yml")
    (folder / "mine" / "gone.yaml").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "mine" / "pipe.yaml")
    sources = read_sources(rules=["none", "mine/a.yaml"], carriers=["mine", "neither"])
    assert strays(sources) == [
        ("mine/a.yaml", "no-such-folder"),
        ("mine/gone.yaml", "unreadable"),
        ("mine/no.yml", "wrong-suffix"),
        ("mine/pipe.yaml", "unreadable"),
        ("neither", "no-such-folder"),
        ("none", "no-such-folder"),
    ]
    assert names(sources.carriers[1].files) == ["mine/a.yaml"]
    assert len(sources.rules) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(folder: Path) -> None:
    """The system's own words say why."""
    write(folder / "mine", "a.yaml", "b.yaml")
    (folder / "mine" / "a.yaml").chmod(0)
    write(folder / "closed", "c.yaml")
    (folder / "closed").chmod(0)
    sources = read_sources(carriers=["mine", "closed"])
    (folder / "closed").chmod(0o700)
    assert strays(sources) == [("closed", "unreadable"), ("mine/a.yaml", "unreadable")]
    assert "permission denied" in sources.strays[0].message


def test_no_more_is_read_than_a_file_may_have(folder: Path) -> None:
    """A file of any size costs no more memory than one that is just too large."""
    write(folder / "mine", "a.yaml")
    with (folder / "mine" / "a.yaml").open("wb") as large:
        large.truncate(2**33)
    assert len(read_sources(carriers=["mine"]).carriers[1].files[0].data) == MAX_BYTES + 1


FILES = st.lists(st.builds(SourceFile, st.text(max_size=5), st.binary(max_size=20)), max_size=3).map(tuple)
SOURCES = st.builds(
    Sources,
    st.lists(st.builds(RulesLayer, FILES, FILES), max_size=2).map(tuple),
    st.lists(st.builds(CarriersLayer, st.text(max_size=5), FILES), max_size=2).map(tuple),
    st.dictionaries(
        st.text(max_size=3), st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2), max_size=2
    ),
    st.lists(
        st.builds(
            Diagnostic, st.text(), st.integers(1), st.integers(1), st.text(), st.just("error"), st.text(), st.text()
        ),
        max_size=2,
    ).map(tuple),
)


@given(SOURCES)
def test_sources_survive_as_json(sources: Sources) -> None:
    """Whatever the bytes of the files, what comes back is equal."""
    stored = json.dumps(sources.to_json())
    assert stored.isascii()
    assert Sources.from_json(json.loads(stored)) == sources


def test_the_shipped_sources_survive_as_json() -> None:
    """As a store keeps them."""
    assert Sources.from_json(json.loads(json.dumps(SHIPPED.to_json()))) == SHIPPED
