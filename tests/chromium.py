"""A real browser for tests: headless Chromium, spoken to over a pipe in its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 30.0
FLAGS = (
    "--headless",
    "--no-sandbox",  # a sandbox of its own is refused to root, who runs the checks
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
# Becomes the browser, with the pipe's two ends as the files 3 and 4.
_START = (
    "import os, sys\nos.dup2(int(sys.argv[1]), 3), os.dup2(int(sys.argv[2]), 4)\nos.execv(sys.argv[3], sys.argv[3:])"
)


def program() -> str | None:
    """Where Chromium is; None where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Chromium:
    """A running browser with one tab. ``errors`` and ``requests`` gather what the page in it does."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._count = 0
        self._session: str | None = None
        self._unread = b""
        self._answers: dict[int, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        import fcntl  # there is none on Windows, where the other tests run

        found = program()
        assert found, "no Chromium"
        # The browser reads from its file 3 and writes to its file 4; ours are moved out of the way of both.
        (theirs_in, self._out), (self._in, theirs_out) = os.pipe(), os.pipe()
        moved = [fcntl.fcntl(file, fcntl.F_DUPFD, 10) for file in (theirs_in, theirs_out)]
        flags = (*FLAGS, f"--user-data-dir={self._profile.name}")
        self._process = subprocess.Popen(
            [sys.executable, "-ISc", _START, *map(str, moved), found, *flags],
            pass_fds=moved,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for file in (theirs_in, theirs_out, *moved):
            os.close(file)
        tab = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = None
        try:
            self.call("Browser.close")
            self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._in)
            os.close(self._out)
            self._profile.cleanup()

    def open(self, address: str | Path) -> None:
        """Opens a file or an address, and waits until it is loaded."""
        self.errors.clear()
        self.requests.clear()
        self.call("Page.navigate", url=address.as_uri() if isinstance(address, Path) else address)
        end = time.monotonic() + PATIENCE_S
        while self.evaluate("document.readyState") != "complete":
            assert time.monotonic() < end, "the page does not end loading"
            time.sleep(0.01)

    def evaluate(self, expression: str, *values: object) -> Any:
        """The value of a JavaScript expression; with ``values``, of the function that it is, called with them."""
        called = f"({expression})({', '.join(map(json.dumps, values))})" if values else expression
        answer = self.call("Runtime.evaluate", expression=called, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def type(self, text: str) -> None:
        """Types, or pastes, into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Presses a key by its name and number."""
        typed = {"Enter": "\r", "Space": " "}.get(key)
        named: dict[str, Any] = {"key": typed if key == "Space" else key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": typed} if typed else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def screen(self, width: int, height: int, *, dark: bool = False) -> None:
        """The size of the window, and whether its user likes it dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, file: Path) -> None:
        """What is to be seen now, as PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Calls a method of the protocol, and gives its answer."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        self._until(lambda: message["id"] in self._answers)
        answer = self._answers.pop(message["id"])
        assert "error" not in answer, answer["error"]
        return dict(answer["result"])

    def _until(self, done: Callable[[], bool]) -> None:
        """Hears what the browser says until ``done``."""
        end = time.monotonic() + PATIENCE_S
        while not done():
            assert select.select([self._in], [], [], max(0.0, end - time.monotonic()))[0], "the browser says nothing"
            read = os.read(self._in, 2**20)
            assert read, "the browser is gone"
            *whole, self._unread = (self._unread + read).split(b"\0")
            for heard in map(json.loads, whole):
                if "id" in heard:
                    self._answers[heard["id"]] = heard
                else:
                    self._hear(heard["method"], heard["params"])

    def _hear(self, event: str, params: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif event == "Log.entryAdded":
            self.errors.append(params["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled":
            self.errors.append(json.dumps(params["args"]))
