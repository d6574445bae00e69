"""Memory: the peak of ``map FILE`` above that of the engine with one small sale, by the size of the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import data
from bench.outcome import Line, Row
from bench.processes import peak
from bench.setting import Setting

MIB = 2**20
WHOLE = 16
"""Documents up to so many MiB are read whole, larger ones streamed."""

_MAP = ("-c", "import sys; from rakuten_orders.cli import main; sys.exit(main())", "map")


def measure(setting: Setting) -> Iterator[Row]:
    """One row for documents that are read whole, one for those that are streamed."""
    empty = _peak(setting.scratch, 0)
    sizes = [(size, (_peak(setting.scratch, size) - empty) / MIB) for size in setting.megabytes]
    whole = [(size, above / size) for size, above in sizes if size <= WHOLE]
    streamed = [(size, above) for size, above in sizes if size > WHOLE]
    if whole:
        yield _row("memory", f"memory: documents up to {whole[-1][0]} MiB", 10.0, "× its size", whole)
    if streamed:
        yield _row("streamed", f"memory: documents up to {streamed[-1][0]} MiB, streamed", 64.0, "MiB", streamed)


def _row(key: str, name: str, target: float, unit: str, measured: Sequence[tuple[int, float]]) -> Row:
    """The worst of the sizes counts."""
    figures = [figure for _size, figure in measured]
    return Row(
        key=key,
        name=name,
        against="the peak above the loaded engine",
        target=target,
        figure=max(figures),
        lowest=min(figures),
        highest=max(figures),
        unit=unit,
        lines=tuple(Line(f"{size} MiB", figure, figure, figure) for size, figure in measured),
    )


def _peak(folder: Path, megabytes: int) -> float:
    """Bytes; of a document with one sale where ``megabytes`` is 0."""
    path = folder / "document.xml"
    if megabytes:
        data.large_document(path, megabytes * MIB)
    else:
        path.write_bytes(next(data.documents(1)))
    try:
        return peak(*_MAP, str(path), cwd=folder)
    finally:
        path.unlink()
