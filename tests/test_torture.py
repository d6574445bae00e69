"""A short torture: thirty processes killed, one call in ten faulted. ``make torture`` is the long one."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from torture.play import play
from torture.secrecy import NAME, PHONE, TOKEN, Ears, in_arguments, leaks, marked
from torture.world import make_sales


def test_thirty_kills_lose_nothing_do_nothing_twice_and_tell_nothing(tmp_path: Path) -> None:
    """With calm restored and more passes, the five invariants hold; no output has the token or the buyers."""
    summary = play(20261124, 30, tmp_path, calm_every=20)
    assert summary.broken == []
    assert summary.kills >= 30
    assert summary.faults
    assert summary.checks >= 2
    assert summary.heard > 1000


def test_the_torture_hears_what_is_told(tmp_path: Path) -> None:
    """A log, an exception and its variables, files: what must not be there is found."""
    ears = Ears(tmp_path)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        with ears.listening():
            logging.getLogger("any.library").debug("for %s", NAME)
    finally:
        root.handlers, root.level = before, level
    assert [line.split(":")[1] for line in leaks(tmp_path)] == [" the log of any.library"] * 2
    try:
        token = TOKEN
        raise ValueError(PHONE)
    except ValueError:
        ears.hear_exception()
    assert token in leaks(tmp_path)[-1]
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange/1.json").write_text(NAME)
    (tmp_path / "orders.sqlite3-wal").write_text(TOKEN)
    (tmp_path / "job.log").write_text(PHONE)
    assert leaks(tmp_path)[-2:] == [f"said: job.log: {PHONE}", f"said: orders.sqlite3-wal: {TOKEN}"]


def test_every_buyer_is_marked() -> None:
    """Whoever buys has a mark in name, street, login, mail and, where there is one, phone."""
    for sale in map(marked, make_sales(5, 20)):
        values = {path.rpartition(".")[2]: text for path, text in sale.fields.items()}
        assert NAME in values["lastname"]
        assert NAME in values["address1"]
        assert NAME in values["purchasebuyerlogin"]
        assert values.get("phonenumber1", PHONE) == PHONE


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks at processes as Linux shows them")
def test_arguments_are_read() -> None:
    """As the process list shows them to everybody."""
    command = [sys.executable, "-uc", "print(); input()", TOKEN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it runs under its own arguments by now
        assert in_arguments(process.pid) == [f"said: {TOKEN} in the arguments of a process"]
        process.kill()
    assert in_arguments(os.getpid()) == []
