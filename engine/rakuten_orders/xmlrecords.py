"""What XML is read into: records of texts by path, and the places in a document that they are found at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rakuten_orders.errors import PayloadError

MAX_DEPTH = 32
"""Elements within each other; Rakuten's documents have 8 (seen in samples)."""

Plan = Callable[[str], frozenset[str]]
"""From a root's local name to the names of the elements that are records; may raise to refuse the document."""


@dataclass(slots=True)
class Record:
    """One element of a document: its local name, the texts below it by path, the records within it.

    The text of a record that is a leaf itself stands under the empty path.
    """

    name: str
    fields: dict[str, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)


class Node(dict[str, "Node"]):
    """A place in the document's structure; its children, by name, are made when first met.

    Names are as a parser gives them: with a prefix, or with a namespace in braces. Raises PayloadError below
    ``MAX_DEPTH``.
    """

    __slots__ = ("depth", "is_record", "leaves", "local", "names", "parent", "path", "tally")

    def __init__(self, local: str, path: str, parent: Node | None, names: frozenset[str], *, is_record: bool) -> None:
        super().__init__()
        self.local = local
        self.path = path
        self.parent = self if parent is None else parent
        self.names = names  # elements below that are records; within a record its own name is an ordinary one
        self.is_record = is_record
        self.leaves: dict[str, str | None] = {}  # filled by leaf()
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.tally: list[int] = [0] if parent is None else parent.tally  # how many places there are below the start
        self.tally[0] += 1

    def __missing__(self, name: str) -> Node:
        if self.depth >= MAX_DEPTH:
            raise PayloadError(f"the document has more than {MAX_DEPTH} elements within each other")
        local = name.rpartition("}")[2].rpartition(":")[2]
        if self.depth == 0 or local in self.names:
            child = Node(local, "", self, self.names - {local}, is_record=True)
        else:
            child = Node(local, f"{self.path}.{local}" if self.path else local, self, self.names, is_record=False)
        self[name] = child
        return child

    def leaf(self, name: str) -> str | None:
        """The path of an element as a leaf, None of a record; ``leaves`` has it from now on."""
        below = self[name]
        path = self.leaves[name] = None if below.is_record else below.path
        return path


def start_node() -> Node:
    """The place above the root."""
    return Node("", "", None, frozenset(), is_record=False)
