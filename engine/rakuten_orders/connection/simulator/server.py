"""HTTP on loopback: requests in, replies out, faults played on the wire."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from rakuten_orders.connection.simulator import control
from rakuten_orders.connection.simulator.faults import Fault
from rakuten_orders.connection.simulator.requests import read_request

if TYPE_CHECKING:
    from rakuten_orders.connection.simulator.simulator import Simulator

HOST = "127.0.0.1"
MAX_REQUEST = 16 * 2**20
SALES_PATH = "/sales_ws"
_XML = "text/xml;charset=ISO-8859-1"
_PAGE = b"<html><body><h1>Service momentan\xe9ment indisponible</h1></body></html>\n"
_SLOW_PIECES = 20


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer's bytes, and the fault that happens to them on the way."""

    body: bytes
    fault: Fault | None = None


class Server(ThreadingHTTPServer):
    """A listening server and its thread; ``stop`` ends both and every open connection."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        self.stopping = threading.Event()
        self.to_reset: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((HOST, port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="simulator", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def stop(self) -> None:
        """Returns when nothing of it is left: no thread, no socket."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                _quietly(connection.shutdown, socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=5)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remembers the connection, so that ``stop`` can end it."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Ends a connection: in order, or with a reset where a fault asks for one."""
        with self._changed:
            if request in self.to_reset:
                self.to_reset.discard(request)
                self.close_request(request)
            else:
                super().shutdown_request(request)
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to report; anything else is a fault of the simulator."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "rakuten-simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece
    timeout: ClassVar[float] = 60.0

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST:
            self.close_connection = True
            self._send(411 if not length else 413, "text/plain", b"Content-Length is missing or too large\n")
            return
        self._answer(self.rfile.read(int(length)))

    def log_message(self, *_args: object) -> None:
        """Nothing: request lines hold the token."""

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith(control.PREFIX):
            status, json = control.respond(self.server.simulator, self.command, parts.path, parts.query, body)
            self._send(status, "application/json", json)
        elif parts.path == SALES_PATH:
            request = read_request(self.command, parts.query, self.headers.get("Content-Type", ""), body)
            self._play(self.server.simulator.handle(request))
        else:
            self._send(404, "text/html", b"<html><body>Not Found</body></html>\n")

    def _play(self, reply: Reply) -> None:
        fault = reply.fault
        if fault is None or fault.kind == "error":
            self._send(fault.status if fault else 200, _XML, reply.body)
            return
        kinds: dict[str, Callable[[], None]] = {
            "http_500": lambda: self._send(500, "text/html", b""),
            "html": lambda: self._send(fault.status, "text/html;charset=ISO-8859-1", _PAGE),
            "cut_off": lambda: self._send(200, _XML, reply.body[: len(reply.body) // 2]),
            "broken_off": lambda: self._break_off(reply.body),
            "reset": self._reset,
            "delay": lambda: self._send_late(reply.body, fault.seconds),
            "slow": lambda: self._trickle(reply.body, fault.seconds),
        }
        kinds[fault.kind]()

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self._send_head(status, content_type, len(body))
        self.wfile.write(body)

    def _send_head(self, status: int, content_type: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _break_off(self, body: bytes) -> None:
        self._send_head(200, _XML, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _reset(self) -> None:
        """Closes with no time to linger, which sends RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.to_reset.add(self.connection)
        self.close_connection = True

    def _send_late(self, body: bytes, seconds: float) -> None:
        if not self.server.stopping.wait(seconds):
            self._send(200, _XML, body)

    def _trickle(self, body: bytes, seconds: float) -> None:
        self._send_head(200, _XML, len(body))
        size = max(1, -(-len(body) // _SLOW_PIECES))
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self.wfile.flush()
            if self.server.stopping.wait(seconds / _SLOW_PIECES):
                self.close_connection = True
                return


def _quietly(act: Callable[[int], None], argument: int) -> None:
    try:
        act(argument)
    except OSError:
        return
