"""The demo: the loop as it is announced, and an exit code that tells when it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from rakuten_orders.cli.demo import world
from rakuten_orders.cli.program import program


def test_all_of_it_comes_as_announced(tmp_path: Path) -> None:
    """It exits 0, keeps every announcement, shows each command as typed, and leaves nothing behind."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    done = subprocess.run(
        [Path(sys.executable).with_name("rakuten-orders"), "demo"],
        cwd=here,
        env=os.environ
        | {"RAKUTEN_ORDERS_CONFIG": "somewhere/else.yaml", "PYTHONUTF8": "1"}
        | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "[WRONG]" not in done.stdout
    assert done.stdout.count("[ok]") >= 20
    for command in ("connection add", "validate-rules", "sync", "orders list", "orders show"):
        assert f"\n$ rakuten-orders {command}" in done.stdout
    assert not [*here.iterdir(), *temporary.iterdir()]


@pytest.fixture(scope="module")
def printed() -> str:
    """What the demo prints."""
    result = CliRunner().invoke(program, ["demo"])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def test_each_step_fits_on_a_screen(printed: str) -> None:
    """A person reads a step without scrolling back."""
    steps = printed.split("\n-- ")[1:]
    assert len(steps) >= 7
    assert max(len(step.splitlines()) for step in steps) <= 45


def test_the_error_of_the_unknown_transporter_is_shown_and_mended(printed: str) -> None:
    """Its status names the reason; after the file is written, the next pass sends it."""
    before, after = printed.split("\ncarriers.d/transports-dupuis.yaml:\n")
    assert f'unsupported_transporter: no carrier file covers the transporter "{world.NEW_TRANSPORTER}"' in before
    assert f"Autre        {world.NEW_NUMBER}" in after


@pytest.mark.parametrize("what", ["the carrier's file has a mistake", "Rakuten is told of another transporter"])
def test_what_differs_from_the_announcement_is_told(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, and each fact that did not come true, where it was announced and once more at the end."""
    if "mistake" in what:
        monkeypatch.setattr(world, "NEW_CARRIER", world.NEW_CARRIER.replace("name:", "nmae:"))
    else:
        told = [replace(parcel, transporter_name="DHL") for parcel in world.parcels(defaultdict(lambda: "12345678"))]
        monkeypatch.setattr(world, "parcels", lambda _: tuple(told))
    result = CliRunner().invoke(program, ["demo"])
    assert result.exit_code == 1
    wrong = [line.strip().removeprefix("[WRONG] ") for line in result.stdout.splitlines() if "[WRONG]" in line]
    assert wrong
    assert result.stderr.splitlines()[-len(wrong) :] == [f"  {fact}" for fact in wrong]
