"""``python -m torture --seed 7 --kills 300``: one play after another, and a summary of each."""

from __future__ import annotations

import argparse
import random
import sys
import time

from torture.play import play_in_a_folder_of_its_own


def main() -> int:
    """The command; exits 1 where an invariant does not hold."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="repeatable; one at random if none is given")
    parser.add_argument("--kills", type=int, default=300)
    options = parser.parse_args()
    failed = False
    for seed in options.seed or [random.randrange(10**6)]:
        print(f"seed {seed} ...", flush=True)
        began = time.monotonic()
        summary = play_in_a_folder_of_its_own(seed, options.kills)
        print(f"{summary}\n  {time.monotonic() - began:.0f} s", flush=True)
        failed = failed or bool(summary.broken)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
