"""The demo's stage: runs real commands, shows them as typed, and checks what is announced."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from rakuten_orders.cli import console
from rakuten_orders.cli.failures import INTERRUPTED
from rakuten_orders.cli.program import program

_RULER = 78


class Stage:
    """Where the demo plays: a folder of its own, and what did not come true."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broken: list[str] = []
        self._step = 0

    def step(self, title: str, *sentences: str) -> None:
        """Begin a step: its number, its title, what it is about."""
        self._step += 1
        head = f"-- {self._step} {title} "
        console.show(f"\n{head}{'-' * (_RULER - len(head))}\n")
        for sentence in sentences:
            console.show(sentence)

    def run(self, *words: str, code: int = 0) -> None:
        """Run a command as a user would; show it and what it prints; check its exit code."""
        console.show(f"\n$ rakuten-orders {shlex.join(words)}")
        output = io.StringIO()
        ended = _run(words, output, output)
        console.show(output.getvalue().rstrip("\n"))
        if ended != code:
            self.holds(False, f"it exits {code} (and not {ended})")
        elif code:
            console.show(f"  (exit code {code})")

    def ask(self, *words: str) -> str:
        """What a command prints, without showing it."""
        printed = io.StringIO()
        _run(words, printed, io.StringIO())
        return printed.getvalue()

    def write(self, name: str, content: str, *, lines: int = 40) -> None:
        """Write a file of the project, and show it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        self.show_file(name, lines=lines)

    def show_file(self, name: str, *, lines: int = 40) -> None:
        """Show the beginning of a file of the project."""
        content = (self.folder / name).read_text(encoding="utf-8").splitlines()
        console.show(f"\n{name}:")
        for line in content[:lines]:
            console.show(f"    {line}")
        if len(content) > lines:
            console.show(f"    ... {len(content) - lines} more lines")

    def holds(self, truth: bool, fact: str) -> None:
        """Show a fact that was announced, and whether it is one."""
        console.show(f"  [{'ok' if truth else 'WRONG'}] {fact}")
        if not truth:
            self.broken.append(fact)


def _run(words: tuple[str, ...], printed: io.StringIO, said: io.StringIO) -> int:
    """Run a command; its standard output and standard error go where they are told. The exit code."""
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        ended = program.run(list(words), prog_name="rakuten-orders")
    if ended == INTERRUPTED:
        raise KeyboardInterrupt
    return ended


@contextlib.contextmanager
def inside(folder: Path, **variables: str) -> Iterator[None]:
    """Work in ``folder`` with these environment variables and no configuration from outside; put all back after."""
    before = dict(os.environ)
    os.environ.pop("RAKUTEN_ORDERS_CONFIG", None)
    os.environ.update(variables)
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
