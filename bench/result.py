"""What a whole run found, kept in result.json with the machine that found it."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.outcome import Row
from bench.setting import ROOT

FILE = Path(__file__).parent / "result.json"

_PACKAGES = (
    *("cerberus", "click", "httpx", "jinja2", "pyyaml"),
    *("glom", "jmespath", "jsonata-python", "zen-engine", "xmltodict", "tracking-numbers"),
)


def write(rows: Sequence[Row]) -> None:
    """Keeps the run."""
    document = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(),
        "rows": [row.to_json() for row in rows],
    }
    FILE.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read() -> tuple[list[Row], dict[str, Any]]:
    """The rows of the run that is kept, and the rest of what is known of it."""
    document = json.loads(FILE.read_text(encoding="utf-8"))
    return [Row.from_json(row) for row in document.pop("rows")], document


def commit() -> str:
    """The commit that is checked out, empty where nobody can say; with a plus where files differ from it."""
    try:
        head, changed = (
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603, S607
            for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{head}+" if changed else head


def machine() -> dict[str, str]:
    """What it was measured on."""
    optimised = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    return {
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "build": f"{platform.python_compiler()}, {'with' if optimised else 'without'} --enable-optimizations"
        + (", free-threaded" if free_threaded else ""),
    }


def versions() -> dict[str, str]:
    """The packages that take part, as installed."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
