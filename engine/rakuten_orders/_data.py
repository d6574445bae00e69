"""Where the shipped rules and carriers are: in the wheel's package, or in the checkout of an editable install."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def data_dir(name: str) -> Path:
    """The folder of shipped data called ``rules`` or ``carriers.d``. Raises FileNotFoundError where there is none."""
    installed = Path(str(resources.files("rakuten_orders"))) / "data" / name
    if installed.is_dir():
        return installed
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise FileNotFoundError(f"the shipped {name} are missing from this installation")
