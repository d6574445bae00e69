"""``python -m torture --seed 7 --kills 300``: one play after another, and a summary of each."""

from __future__ import annotations

import argparse
import random
import sys
import time

from torture.play import in_a_folder_of_its_own, play
from torture.side_by_side import side_by_side


def main() -> int:
    """The command; exits 1 where an invariant does not hold."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="repeatable; one at random if none is given")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--side-by-side", type=float, metavar="MINUTES", help="two jobs on one project instead")
    options = parser.parse_args()
    minutes = options.side_by_side
    failed = False
    for seed in options.seed or [random.randrange(10**6)]:
        print(f"seed {seed} ...", flush=True)
        began = time.monotonic()
        summary = in_a_folder_of_its_own(
            lambda folder, seed=seed: (
                side_by_side(seed, minutes, folder) if minutes else play(seed, options.kills, folder)
            )
        )
        print(f"{summary}\n  {time.monotonic() - began:.0f} s", flush=True)
        failed = failed or bool(summary.broken)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
