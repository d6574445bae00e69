"""The loop's calls and commits and nothing else: ``python -m bench.floors.syncing RECORDING STORE URL``

Each recorded call is made by httpx, its answer read to the end and forgotten; each recorded transaction writes the same
rows and is committed as durably. It prints the CPU seconds that this took.
"""

from __future__ import annotations

import pickle
import sqlite3
import sys
import time
from pathlib import Path

import httpx


def main(recording: str, store: str, url: str) -> None:
    """Repeats the recording against the address and an empty store."""
    steps, _replies = pickle.loads(Path(recording).read_bytes())  # noqa: S301 - our own file
    connection = sqlite3.connect(store, isolation_level=None)
    for setting in ("foreign_keys = ON", "synchronous = FULL", "journal_mode = WAL"):
        connection.execute(f"PRAGMA {setting}")
    execute = connection.execute
    with httpx.Client(trust_env=False) as client:
        start = time.process_time()
        for step in steps:
            if step[0] == "call":
                _, method, path, kind, body = step
                client.request(
                    method, url + path, content=body or None, headers={"Content-Type": kind} if kind else None
                )
            else:
                execute("BEGIN IMMEDIATE")
                for sql, values in step[1]:
                    execute(sql, values)
                execute("COMMIT")
        print(time.process_time() - start)
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
