"""Where a token is kept: named in the configuration, fetched only when it is needed, and never shown."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rakuten_orders.errors import ConfigError

COMMAND_TIMEOUT_S = 30

SecretKind = Literal["env", "file", "command"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A place that a secret is read from: an environment variable, a file, or a command's standard output.

    ``folder`` is where a relative file is looked for and where the command runs.
    """

    kind: SecretKind
    place: tuple[str, ...]
    folder: Path

    def __repr__(self) -> str:
        # A command's arguments may hold a secret themselves.
        return f"Secret({self.kind}: {self.place[0]})"

    def resolve(self) -> str:
        """The secret, without surrounding blanks.

        Raises ConfigError, naming the place and never its content, where there is none.
        """
        value = _READ[self.kind](self).strip()
        if not value:
            raise ConfigError(f"{self._name()} is empty", self._hint())
        return value

    def _from_env(self) -> str:
        value = os.environ.get(self.place[0])
        if value is None:
            raise ConfigError(f"{self._name()} is not set", self._hint())
        return value

    def _from_file(self) -> str:
        path = self.folder / Path(self.place[0]).expanduser()
        try:
            return path.read_text(encoding="utf-8-sig")
        except OSError as fault:
            what = (fault.strerror or "cannot be read").lower()
            raise ConfigError(f"{self._name()} cannot be read: {what}", self._hint()) from None
        except UnicodeDecodeError:
            raise ConfigError(f"{self._name()} is no text", self._hint()) from None

    def _from_command(self) -> str:
        # The command is the user's own, out of their configuration, and no shell reads it.
        try:
            done = subprocess.run(  # noqa: S603
                self.place,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            what = "took too long" if isinstance(fault, subprocess.TimeoutExpired) else "could not be started"
            raise ConfigError(f"{self._name()} {what}", self._hint()) from None
        if done.returncode:
            raise ConfigError(f"{self._name()} ended with {done.returncode}", self._hint())
        return done.stdout.decode(errors="replace")

    def _name(self) -> str:
        names = {"env": "the environment variable", "file": "the file", "command": "the command"}
        return f"{names[self.kind]} {self.place[0]}"

    def _hint(self) -> str:
        return {
            "env": f"Set it before you start rakuten-orders: export {self.place[0]}=…",
            "file": f"Write the token into it, and let only its owner read it: chmod 600 {self.place[0]}",
            "command": "Run it by hand: it must print the token and end with 0.",
        }[self.kind]


_READ = {"env": Secret._from_env, "file": Secret._from_file, "command": Secret._from_command}
