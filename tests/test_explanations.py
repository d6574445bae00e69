"""``explain CODE``: every code has its meaning, why it matters, and a wrong and a right example that hold.

An example is one file or several. Each begins with a comment that names it, perhaps with a note about what its text
cannot say: ``# carriers.d/x.yaml (saved as Windows-1252)``. What a carrier or rule file's example leaves out does not
matter and is filled in here, unless the note is ``all of it``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner

from rakuten_orders import messages
from rakuten_orders.cli.program import program

HEADER = re.compile(r"# ((?:[\w.-]+/)*[\w.-]+\.\w+)(?: \((.+)\))?")


def carrier(stem: str) -> dict[str, str]:
    """The parts of a valid carrier file by key, in their order."""
    url = f"https://suivi.{stem}.example/"
    return {
        "code": f"code: {stem}\n",
        "name": f"name: {stem.replace('-', ' ').title()}\n",
        "tracking_url": f"tracking_url: '{url}{{{{ tracking_number }}}}'\n",
        "sources": "sources:\n  - {note: 'mail of the carrier, ticket 4711', read: 2026-11-23}\n",
        "examples": f"examples:\n  valid:\n    - {{tracking_number: 'D1', url: '{url}D1'}}\n",
    }


RULES = {
    "order": {
        "kind": "kind: order\n",
        "order": "order:\n  order_id: purchaseid\n",
        "lines": "lines:\n  internal_id: sku\n",
    },
    "transporters": {"kind": "kind: transporters\n"},
    "acceptance": {"kind": "kind: acceptance\n", "ships_from": "ships_from: FR\n"},
}


def completed(name: str, excerpt: str) -> str:
    """The excerpt with the parts of a valid file of its kind that it leaves out, before it."""
    path = PurePosixPath(name)
    if path.parts[0] == "carriers.d":
        parts = carrier(path.stem)
    elif path.suffix == ".yaml" and path.stem in RULES:
        parts = RULES[path.stem]
    else:
        return excerpt
    keys = set(re.findall(r"^(\w+):", excerpt, re.MULTILINE))
    return "".join(part for key, part in parts.items() if key not in keys) + excerpt


def files(example: str) -> Iterator[tuple[str, str, str]]:
    """Name, note and text of each file of an example."""
    name = note = text = ""
    for line in f"{example}\n".splitlines(keepends=True):
        header = HEADER.fullmatch(line.rstrip("\n"))
        if header is None:
            assert name, "an example begins with the name of its file"
            text += line
            continue
        if name:
            yield name, note, text
        name, note, text = header[1], header[2] or "", ""
    yield name, note, text


def gone(path: Path, _text: str) -> None:
    path.symlink_to("gone.yaml")


WRITE: dict[str, Callable[[Path, str], object]] = {
    "": lambda path, text: path.write_text(text, encoding="utf-8"),
    "all of it": lambda path, text: path.write_text(text, encoding="utf-8"),
    "saved as UTF-8": lambda path, text: path.write_text(text, encoding="utf-8"),
    "saved as Windows-1252": lambda path, text: path.write_text(text, encoding="cp1252"),
    "3 MiB of text": lambda path, text: path.write_text(text + "#\n" * (3 * 2**19), encoding="utf-8"),
    "a link to a file that is gone": gone,
}


OPTIONS = {"not-covered": ("--coverage",)}


def codes_found(example: str, *options: str) -> set[str]:
    """The codes that ``validate-rules`` finds in a project of the example's files, in the current folder."""
    for name, note, text in files(example):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        WRITE[note](path, text if note == "all of it" else completed(name, text))
    result = CliRunner().invoke(program, ["validate-rules", "--format", "json", *options])
    if result.exit_code == 2:  # the configuration: its findings are told as text
        return set(re.findall(r": error: .* \[([a-z0-9-]+)\]$", result.stderr, re.MULTILINE))
    return {found["code"] for found in json.loads(result.stdout)["diagnostics"]}


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAKUTEN_ORDERS_CONFIG", raising=False)


@pytest.mark.parametrize("code", messages.codes())
def test_every_code_is_explained_in_full(code: str) -> None:
    """Meaning, why it matters, what to do, a wrong and a right example: all are there, and each says its own."""
    known = messages.explanation(code)
    assert known is not None
    parts = [known.meaning, known.why, known.mend, known.wrong, known.right]
    assert all(parts)
    assert len(set(parts)) == len(parts)
    assert all(prose.endswith(".") for prose in (known.meaning, known.why, known.mend))


@pytest.mark.parametrize("code", messages.codes())
def test_the_wrong_example_has_the_code(code: str) -> None:
    """What ``explain`` shows as wrong is wrong in just that way, and in no other."""
    known = messages.explanation(code)
    assert known is not None
    assert codes_found(known.wrong, *OPTIONS.get(code, ())) == {code}


@pytest.mark.parametrize("code", messages.codes())
def test_the_right_example_is_silent(code: str) -> None:
    """What ``explain`` shows as right can be pasted: nothing at all is found in it."""
    known = messages.explanation(code)
    assert known is not None
    assert codes_found(known.right, *OPTIONS.get(code, ())) == set()


def test_explain_prints_all_of_it() -> None:
    """Meaning, why, what to do, and both examples with the names of their files."""
    result = CliRunner().invoke(program, ["explain", "ambiguous-scalar"])
    assert result.exit_code == 0
    for part in (
        "ambiguous-scalar: a finding of validate-rules",
        "\nWhy it matters:\n  ",
        "\nWhat to do:\n  ",
        "\nWrong:\n  # carriers.d/transports-dupuis.yaml\n  countries: [FR, NO]\n",
        "\nRight:\n  # carriers.d/transports-dupuis.yaml\n  countries: [FR, 'NO']\n",
    ):
        assert part in result.stdout
