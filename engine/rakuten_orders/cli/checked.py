"""What ``validate-rules`` read and found: the one value that every form of its report is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rakuten_orders.cli.text import counted
from rakuten_orders.coverage import Point
from rakuten_orders.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, in all sets together: file names by sort, findings, contents, and each set's digest.

    ``digests`` has pairs of a connection's label (empty without one) and its set's digest, None where the set does
    not load. ``strict`` tells that warnings fail too. ``points`` are what the examples can reach, None where nobody
    asked; ``least`` is the percentage of them below which the check fails.
    """

    carriers: frozenset[str] = frozenset()
    rule_files: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    diagnostics: frozenset[Diagnostic] = frozenset()
    texts: tuple[tuple[str, bytes], ...] = ()
    digests: tuple[tuple[str, str | None], ...] = ()
    points: frozenset[Point] | None = None
    strict: bool = False
    least: int = 0

    @property
    def files(self) -> frozenset[str]:
        """The names of all files that were asked about."""
        return self.carriers | self.rule_files | self.tables

    def count(self, severity: str) -> int:
        """How many findings are of that severity."""
        return sum(found.severity == severity for found in self.diagnostics)

    def fails(self, found: Diagnostic) -> bool:
        """Whether this finding makes the check fail."""
        return found.severity == "error" or (self.strict and found.severity == "warning")

    @property
    def covered(self) -> int:
        """How much of what the examples can reach they do, in whole percent; 100 where there is nothing to reach."""
        points = self.points or frozenset()
        return 100 * sum(point.reached for point in points) // len(points) if points else 100

    @property
    def failed(self) -> bool:
        """Whether the check fails as a whole."""
        return any(map(self.fails, self.diagnostics)) or self.covered < self.least

    @property
    def digest(self) -> str | None:
        """The digest of the set; None where it does not load, or where there are several."""
        digests = {digest for _, digest in self.digests}
        return digests.pop() if len(digests) == 1 else None

    def summary(self) -> str:
        """What was read and found, in a line, and the digest of each set."""
        read = ", ".join(
            (
                counted(len(self.carriers), "carrier(s)"),
                counted(len(self.rule_files), "rule file(s)"),
                counted(len(self.tables), "table(s)"),
            )
        )
        found = f"{counted(self.count('error'), 'error(s)')}, {counted(self.count('warning'), 'warning(s)')}"
        return "\n".join((f"{read}: {found}", *self._coverage_line(), *self._digest_lines()))

    def _coverage_line(self) -> Iterator[str]:
        if self.points is not None:
            reached = sum(point.reached for point in self.points)
            least = f", less than the {self.least} % asked for" if self.covered < self.least else ""
            yield f"coverage: {reached} of {len(self.points)} reached by examples ({self.covered} %){least}"

    def _digest_lines(self) -> Iterator[str]:
        several = len({digest for _, digest in self.digests}) > 1
        for label, digest in self.digests if several else self.digests[:1]:
            whose = f"digest of {label}" if several else "digest"
            yield f"{whose}: {digest}" if digest else f"{whose}: none, the set does not load"
