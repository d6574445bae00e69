"""Reads YAML files with ``CSafeLoader`` and does nothing else: ``python -m bench.floors.reading FOLDER…``

It prints the CPU seconds that the reading took, after its imports.
"""

import sys
import time
from pathlib import Path
from typing import Any

import yaml


def read(folders: list[str]) -> dict[str, Any]:
    """The values of every YAML file in the folders, by the file's name."""
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.yaml"))]
    return {file.name: yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in files}


if __name__ == "__main__":
    start = time.process_time()
    read(sys.argv[1:])
    print(time.process_time() - start)
