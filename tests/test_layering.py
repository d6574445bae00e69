"""Imports point one way, and the engine touches neither network, database, terminal nor clock."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "engine"
PACKAGE = "rakuten_orders"
MODULES = sorted(SOURCE.glob("rakuten_orders/**/*.py"))

# From the top down. A module may import from its own layer and from those below; the first prefix that fits decides.
LAYERS = (
    ("commands", ("cli",)),
    ("the job", ("connection",)),
    ("the facade", ("", "engine", "checking", "loading", "new_carrier")),
    ("what the facade is made of", None),
    (
        "files and schemas",
        (
            "_data",
            "fitting",
            "misfit_values",
            "misfits",
            "positions",
            "rulefiles",
            "schema_export",
            "schemas",
            "shape",
            "yamlnodes",
            "yamltraps",
        ),
    ),
    (
        "the words that files may use",
        (
            "checksums",
            "conditions",
            "marketplace",
            "meant",
            "names",
            "pattern_chars",
            "patterns",
            "scalars",
            "transforms",
            "values",
        ),
    ),
    ("findings, errors, values", ("diagnostics", "errors", "messages", "model")),
)
FACADE = 2
FORBIDDEN_IN_THE_ENGINE = {"click", "httpx", "sqlite3", "socket", "holidays", "tenacity", "subprocess"}
CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter", "localtime", "gmtime"}


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> int:
    inner = module.removeprefix(PACKAGE).removeprefix(".").split(".")[0]
    open_layer = next(rank for rank, (_, names) in enumerate(LAYERS) if names is None)
    return next((rank for rank, (_, names) in enumerate(LAYERS) if names and inner in names), open_layer)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(node: ast.AST, *, at_run_time: bool) -> Iterator[ast.AST]:
    """All nodes below; ``at_run_time`` leaves out what stands under ``if TYPE_CHECKING``."""
    if at_run_time and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from nodes(child, at_run_time=at_run_time)


def imported(path: Path, *, at_run_time: bool = False) -> Iterator[str]:
    """Every module that the file imports, wherever in it; ``from package import module`` counts as the module."""
    known = {name_of(module) for module in MODULES}
    for node in nodes(tree(path), at_run_time=at_run_time):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else str(node.module)


ENGINE = [path for path in MODULES if layer_of(name_of(path)) >= FACADE]


def test_there_are_modules_in_every_layer() -> None:
    """An empty glob or a renamed package would make every other test here pass for nothing."""
    assert {layer_of(name_of(path)) for path in MODULES} == set(range(len(LAYERS)))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    """No module imports from a layer above its own."""
    own = layer_of(name_of(path))
    above = [name for name in imported(path) if name.split(".")[0] == PACKAGE and layer_of(name) < own]
    assert not above, f"{name_of(path)} ({LAYERS[own][0]}) imports {above}"


def test_no_two_modules_need_each_other() -> None:
    """Within a layer, too, imports form no circle."""
    names = {name_of(path): path for path in MODULES}
    graph = {
        name: {other for other in imported(path, at_run_time=True) if other in names} - {name}
        for name, path in names.items()
    }
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("path", ENGINE, ids=name_of)
def test_the_engine_imports_no_io_and_reads_no_clock(path: Path) -> None:
    """The engine works on values: what time it is and what the network says is told to it."""
    assert not {name.split(".")[0] for name in imported(path)} & FORBIDDEN_IN_THE_ENGINE
    clocks = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr in CLOCKS]
    assert not clocks, f"{path}:{clocks[0].lineno} reads a clock"


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running the command with these arguments."""
    program = (
        "import sys\n"
        "from rakuten_orders.cli.program import program\n"
        "try:\n    program.main(sys.argv[1:], 'rakuten-orders')\n"
        "except SystemExit as end:\n    print(end.code, *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, cwd=Path(sys.prefix)
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(modules)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("explain", "unknown-key"),
        ("track", "--transporter", "Colissimo", "--number", "6A12345678905"),
        ("validate-rules",),
        ("carriers", "list"),
        ("carriers", "detect", "6A12345678905"),
    ],
    ids=" ".join,
)
def test_commands_of_the_engine_load_nothing_of_the_job(arguments: tuple[str, ...]) -> None:
    """Start-up is what a person waits for: these commands import neither the HTTP client, SQLite nor the holidays."""
    assert not loaded_by(*arguments) & {"httpx", "sqlite3", "holidays", "tenacity", "rakuten_orders.connection.store"}


@pytest.mark.parametrize("package", ["rakuten_orders", "rakuten_orders.connection"])
def test_public_names_are_there_when_they_are_asked_for(package: str) -> None:
    """Names that are imported on first use exist, are sorted, and are all that is public."""
    module = importlib.import_module(package)
    assert sorted(module.__all__) == module.__all__
    assert {name: getattr(module, name).__name__ for name in module.__all__} == {name: name for name in module.__all__}
    with pytest.raises(AttributeError):
        module.no_such_name  # noqa: B018 - the access is the test


def test_help_imports_no_command() -> None:
    """The list of commands comes from a table, not from importing them all."""
    loaded = loaded_by("--help")
    assert not loaded & {"yaml", "jinja2", "cerberus", "rakuten_orders.engine", "rakuten_orders.cli.track"}


def test_a_number_without_a_standard_check_digit_needs_no_library_for_those() -> None:
    """Nor does a right set need Cerberus: each takes a good part of the time that a person waits for ``track``."""
    loaded = loaded_by("track", "--transporter", "Mondial Relay", "--number", "12345678", "--postcode", "75011")
    assert not loaded & {"stdnum", "ssl", "pydoc", "cerberus"}
    assert "stdnum" in loaded_by("carriers", "detect", "00340434161094042557")
