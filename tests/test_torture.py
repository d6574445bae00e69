"""A short torture: thirty processes killed, one call in ten faulted. ``make torture`` is the long one."""

from __future__ import annotations

from pathlib import Path

from torture.play import play


def test_thirty_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    """With calm restored and more passes, the five invariants hold."""
    summary = play(20261124, 30, tmp_path, calm_every=20)
    assert summary.broken == []
    assert summary.kills >= 30
    assert summary.faults
    assert summary.checks >= 2
