"""``orders accept|refuse|release|cancel|resend|handle-manually``: asked, recorded, refused with a sentence."""

from __future__ import annotations

import getpass
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

COMMAND = Path(sys.executable).with_name("rakuten-orders")
HELD, ACCEPTED = "400000006", "400000001"


@pytest.fixture
def taken_in(project: Project) -> Project:
    """A project whose first pass is made."""
    assert project.run("sync")[0] == 0
    return project


def test_a_decision_is_asked_about_and_carried_out_by_the_next_pass(taken_in: Project) -> None:
    """It says what it will do, and then that it is decided; Rakuten hears it from the pass."""
    code, printed, said = taken_in.run("orders", "accept", HELD, "--yes", "--because", "agreed")
    assert code == 0
    assert f"{HELD} (on_hold): accept 1 item at Rakuten: the buyer is debited, though: " in said
    assert printed == "Decided to accept 1 order. The next pass does it: rakuten-orders sync\n"
    assert (
        f"next       the next pass does what {getpass.getuser()} decided: accept"
        in taken_in.run("orders", "show", HELD)[1]
    )
    assert taken_in.run("sync")[0] == 0
    assert taken_in.orders()[HELD]["status"] == "not_shipped"


def test_a_decision_is_recorded_with_who_took_it(taken_in: Project) -> None:
    """The system user, or whoever ``--by`` names."""
    assert taken_in.run("orders", "release", HELD, "--yes")[0] == 0
    assert taken_in.run("orders", "refuse", HELD, "--yes", "--by", "lise")[0] == 0
    decided = [event["by"] for event in taken_in.orders()[HELD]["events"] if event["code"] == "decided"]
    assert decided == [getpass.getuser(), "lise"]


@pytest.mark.parametrize(
    "words",
    [
        ("accept", HELD),
        ("refuse", HELD),
        ("release", HELD),
        ("cancel", ACCEPTED, "--because", "broken"),
        ("resend", ACCEPTED),
        ("handle-manually", ACCEPTED),
    ],
    ids=lambda words: words[0],
)
def test_without_a_terminal_nothing_is_decided_unasked(taken_in: Project, words: tuple[str, ...]) -> None:
    """Exit 2, the question, and how to answer it beforehand."""
    before = taken_in.orders()
    code, printed, said = taken_in.run("orders", *words)
    assert (code, printed) == (2, "")
    assert said.endswith("? Nobody can be asked here.\n  Add --yes to go on.\n")
    assert "Usage" not in said
    assert taken_in.orders() == before


@pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")
@pytest.mark.parametrize(("answer", "status"), [(b"y\n", "manual"), (b"n\n", "on_hold")])
def test_on_a_terminal_it_asks(taken_in: Project, tmp_path: Path, answer: bytes, status: str) -> None:
    """And does what the person answers."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(
            [COMMAND, "orders", "handle-manually", HELD],
            cwd=tmp_path,
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    assert "Go on with 1 order?" in done.stderr
    assert taken_in.orders()[HELD]["status"] == status


def test_what_is_not_possible_stops_none_of_the_rest(taken_in: Project) -> None:
    """Exit 1, the sentence with what is possible, and the others are decided."""
    code, printed, said = taken_in.run("orders", "refuse", ACCEPTED, "999", HELD, "--yes")
    assert code == 1
    assert f"order {ACCEPTED} is not_shipped: refuse is for orders that are on_hold, awaiting_confirmation" in said
    assert "there is no order 999" in said
    assert printed.startswith("Decided to refuse 1 order.")
    taken_in.run("sync")
    assert taken_in.orders()[HELD]["status"] == "refused"


def test_orders_in_error_are_chosen_by_their_reason(taken_in: Project) -> None:
    """``--reason`` and ``--status`` instead of ids, for what can be many."""
    taken_in.run("ship", ACCEPTED, "--transporter", "Transports Dupuis", "--number", "1")
    taken_in.run("ship", "400000002", "--transporter", "Transports Dupuis", "--number", "2")
    assert taken_in.run("sync")[0] == 1
    assert taken_in.run("orders", "handle-manually", "--reason", "sku_missing", "--yes") == (0, "", "No such orders.\n")
    words = ("handle-manually", "--reason", "unsupported_transporter", "--because", "gone by courier", "--yes")
    code, printed, said = taken_in.run("orders", *words)
    assert (code, printed) == (0, "Took over 2 orders.\n")
    history = [event["message"] for event in taken_in.orders()[ACCEPTED]["events"]]
    assert "decided by hand: handle-manually: gone by courier" in history
    assert said.count("put its error aside") == 2
    assert {taken_in.orders()[order_id]["status"] for order_id in (ACCEPTED, "400000002")} == {"manual"}
    assert taken_in.run("orders", "resend", "--status", "on_hold", "--yes")[1].startswith("Decided to resend 1 order.")


@pytest.mark.parametrize(
    "words",
    [
        ("orders", "resend", "--yes"),
        ("orders", "accept", "--yes"),
        ("orders", "cancel", ACCEPTED, "--yes"),
        ("orders", "cancel", ACCEPTED, "--because", " ", "--yes"),
    ],
    ids=["resend nothing", "accept nothing", "cancel without a reason", "cancel with a blank reason"],
)
def test_what_is_missing_is_wrong_usage(taken_in: Project, words: tuple[str, ...]) -> None:
    """Exit 2, and nothing is decided."""
    before = taken_in.orders()
    assert taken_in.run(*words)[0] == 2
    assert taken_in.orders() == before
