"""Paths as people write them, also those who write backslashes."""

from __future__ import annotations

from pathlib import Path


def given_path(text: str, folder: Path = Path()) -> Path:
    """The path that a person wrote, from ``folder``.

    Backslashes separate folders wherever it is read, so that a project can be carried from Windows; but a file that
    has one in its name is that file.
    """
    path = folder / text
    return path if "\\" not in text or path.exists() else folder / text.replace("\\", "/")
