"""How much is measured, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.measuring import Method

ROOT = Path(__file__).resolve().parents[1]

_WHOLE = Method(sample_s=0.12, rounds=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """``method`` is for what is timed within the process, ``processes`` the rounds of whole ones.

    ``sales`` (of 3 items) are mapped and ``numbers`` looked up, ``megabytes`` are the documents' sizes, ``synced``
    orders go through the whole loop ``loops`` times, ``stored`` are in the large store, ``planned`` sales are compared.
    ``peers`` says whether others do the same work too, ``scratch`` is a folder that is gone afterwards.
    """

    scratch: Path
    peers: bool = True
    method: Method = _WHOLE
    processes: int = 7
    sales: int = 3334
    numbers: int = 10_000
    megabytes: Sequence[int] = (1, 10, 100, 300)
    synced: int = 2000
    loops: int = 2
    stored: int = 100_000
    planned: int = 10_000

    @classmethod
    def whole(cls, scratch: Path) -> Setting:
        """What the targets are held against."""
        return cls(scratch=scratch)

    def without_peers(self) -> Setting:
        """The same, others left out."""
        return replace(self, peers=False)

    @classmethod
    def for_daily_use(cls, scratch: Path) -> Setting:
        """Fewer rounds, less data, no peers."""
        return cls(
            scratch=scratch,
            peers=False,
            method=Method(sample_s=0.05, rounds=5),
            processes=3,
            sales=600,
            numbers=1500,
            megabytes=(1, 17),
            synced=40,
            stored=3000,
            planned=1000,
        )

    @classmethod
    def tiny(cls, scratch: Path) -> Setting:
        """Just enough to see that both sides of each row still give the same."""
        return cls(
            scratch=scratch,
            peers=False,
            method=Method(sample_s=0.0, rounds=1),
            processes=1,
            sales=40,
            numbers=150,
            megabytes=(1,),
            synced=5,
            stored=10,
            planned=10,
        )
