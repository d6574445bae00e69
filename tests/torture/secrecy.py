"""What must be in no output: the account's token, and what is marked about the buyers. Each run is searched for it.

The back office's folder and the store are what the buyers' data is for; the token is looked for there too.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rakuten_orders.cli.logs import JsonLines
from rakuten_orders.connection.simulator import SimulatedSale

TOKEN = "marked-token-4711"
NAME = "Geheimnis"
PHONE = "0639984711"
MARKS = (TOKEN, NAME, PHONE)

_PHONES = ("phonenumber1", "phonenumber2")
_NAMES = (
    *("lastname", "firstname", "address1", "address2", "purchasebuyerlogin", "purchasebuyeremail"),
    *("negotiationcomment",),
)
_LEAKS = "leaks.txt"
_HEARD = "heard"
_COMMANDS = (
    ("status", "--json"),
    ("orders", "list"),
    ("orders", "list", "--json"),
    ("orders", "export"),
    ("store", "check"),
)


def marked(sale: SimulatedSale) -> SimulatedSale:
    """The sale with marks in all that tells who bought: names, streets, login, mail, phones, what they wrote."""
    items = tuple(replace(one, fields=_with_marks(one.fields)) for one in sale.items)
    return replace(sale, fields=_with_marks(sale.fields), items=items)


def _with_marks(fields: Mapping[str, str]) -> dict[str, str]:
    values = dict(fields)
    for path, text in values.items():
        name = path.rpartition(".")[2]
        if name in _PHONES:
            values[path] = PHONE
        elif name in _NAMES and text:
            values[path] = f"{NAME}-{text}"
    return values


@dataclass(slots=True)
class Ears:
    """Hears all that a process says, and writes down what holds a mark."""

    folder: Path
    lines: int = 0

    def hear(self, where: str, text: str, marks: Iterable[str] = MARKS) -> None:
        """Looks for marks in something that was said."""
        self.lines += 1
        for mark in marks:
            if mark in text:
                with (self.folder / _LEAKS).open("a") as file:
                    file.write(f"{where}: {mark} in {text!r}\n")

    def hear_exception(self) -> None:
        """The exception at hand: its text, and for the token also what a report with local variables would hold."""
        self.hear("an exception", traceback.format_exc())
        kind, fault, trace = sys.exc_info()
        assert kind is not None
        assert fault is not None
        whole = traceback.TracebackException(kind, fault, trace, capture_locals=True)
        self.hear("an exception's variables", "".join(whole.format()), [TOKEN])

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears every log, of every library and at every level, as text and as JSON."""
        root = logging.getLogger()
        root.addHandler(_Handler(self))
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            (self.folder / f"{_HEARD}.{os.getpid()}").write_text(str(self.lines))


class _Handler(logging.Handler):
    def __init__(self, ears: Ears) -> None:
        super().__init__()
        self._ears = ears
        self._forms = (logging.Formatter(), JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        for form in self._forms:
            self._ears.hear(f"the log of {record.name}", form.format(record))


def heard(folder: Path) -> int:
    """How many things the processes said that were heard to their end."""
    return sum(int(path.read_text()) for path in folder.glob(f"{_HEARD}.*"))


def leaks(folder: Path) -> list[str]:
    """Where a mark is that must not be there, a sentence each: what was heard, and every file of the project."""
    found = (folder / _LEAKS).read_text().splitlines() if (folder / _LEAKS).exists() else []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name == _LEAKS:
            continue
        is_for_them = path.name.startswith("orders.sqlite3") or path.is_relative_to(folder / "exchange")
        data = path.read_bytes()
        found += [
            f"{path.relative_to(folder)}: {mark}"
            for mark in ([TOKEN] if is_for_them else MARKS)
            if mark.encode() in data
        ]
    return [f"said: {sentence}" for sentence in found]


def said_by_commands(folder: Path) -> list[str]:
    """What commands that look into the store print of it: ids, states and numbers, but no mark."""
    command = Path(sys.executable).parent / "rakuten-orders"
    found = []
    for words in _COMMANDS:
        done = subprocess.run([command, *words], cwd=folder, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        found += [f"said: {mark} by {' '.join(words)}" for mark in MARKS if mark in said]
        if not said or "Traceback" in said:
            found.append(f"said: by {' '.join(words)}: {said!r}")
    return found


def in_arguments(pid: int) -> list[str]:
    """Marks in what the process list shows of a process."""
    path = Path(f"/proc/{pid}/cmdline")
    shown = path.read_text() if path.exists() else ""
    return [f"said: {mark} in the arguments of a process" for mark in MARKS if mark in shown]
