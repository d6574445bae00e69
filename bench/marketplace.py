"""The other side of the loop, a process of its own: the simulator, or a server that repeats what it once answered.

``python -m bench.marketplace sales SEED N`` or ``… replay FILE`` prints its address and serves until standard input
ends.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

from bench.processes import environment
from bench.setting import ROOT

Replies = list[tuple[int, bytes]]
"""Status and body of each answer, in the order of the calls."""

_HELD = ("isnego", "ispreorder", "isrsl")


@contextmanager
def marketplace(*arguments: str) -> Iterator[str]:
    """The address of a marketplace in a process of its own."""
    command = [sys.executable, "-m", "bench.marketplace", *arguments]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        yield process.stdout.readline().strip()
        assert process.stdin is not None  # noqa: S101
        process.stdin.close()


def serve_sales(seed: int, count: int) -> None:
    """Serves ``count`` new sales of all kinds that are accepted by themselves."""
    from rakuten_orders.connection.simulator import Simulator, make_sales  # noqa: PLC0415 - not needed for a replay

    made = make_sales(seed, count * 2 + 10)
    accepted = (sale for sale in made if not any(one.fields.get(mark) == "Y" for one in sale.items for mark in _HELD))
    with Simulator(sales=islice(accepted, count)) as simulator:
        print(simulator.url, flush=True)
        sys.stdin.read()


def serve_again(replies: Replies) -> None:
    """Answers each call with the next of the replies, whatever it asks."""
    following = iter(replies)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Replaying,), {"replies": following}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()


class _Replaying(BaseHTTPRequestHandler):
    replies: Iterator[tuple[int, bytes]]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """The next answer."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = next(self.replies)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml;charset=ISO-8859-1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as http.server names it

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    if sys.argv[1] == "sales":
        serve_sales(int(sys.argv[2]), int(sys.argv[3]))
    else:
        serve_again(pickle.loads(Path(sys.argv[2]).read_bytes())[1])  # noqa: S301 - our own file
