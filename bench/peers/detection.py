"""tracking-numbers: one carrier at most for a number, of the dozen that it knows."""

from __future__ import annotations

from collections.abc import Sequence

from tracking_numbers import get_tracking_number

from bench.work import Other, in_turn


def case(parts: Sequence[Sequence[str]]) -> Other:
    """The peer on the same numbers."""
    tried = [number for part in parts for number in part]
    recognised = sum(get_tracking_number(number) is not None for number in tried)
    note = f"one carrier at most, of few: recognises {recognised * 100 // len(tried)} % of the numbers"
    return Other(in_turn(parts, lambda part: [get_tracking_number(number) for number in part], len(parts[0])), note)
