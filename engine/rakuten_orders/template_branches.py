"""The branches of a checked template, and which of them values take. For advice and coverage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import nodes

from rakuten_orders.templates import FILTERS, parse_checked


@dataclass(frozen=True, slots=True)
class Branch:
    """One ``{% if %}`` or ``{% elif %}``: its number in the template and its place.

    ``compared`` are the variables that it compares with something, ``has_else`` tells whether all is said.
    """

    number: int
    offset: int
    compared: frozenset[str]
    has_else: bool


def branches(source: str) -> tuple[Branch, ...]:
    """Every test of a checked template, in the order of the source."""
    found = []
    offsets = _offsets(source)
    for number, (node, has_else) in enumerate(_ifs(parse_checked(source).body)):
        compared = frozenset(name.name for name in _compared_names(node.test))
        found.append(Branch(number, offsets[number] if number < len(offsets) else 0, compared, has_else))
    return tuple(found)


def taken(source: str, values: Mapping[str, str]) -> frozenset[tuple[int, bool]]:
    """Which tests of a checked template were asked for these values, by number, and how they came out."""
    tree = parse_checked(source).body
    numbers = {id(node): number for number, (node, _has_else) in enumerate(_ifs(tree))}
    asked: set[tuple[int, bool]] = set()

    def run(body: list[nodes.Node]) -> None:
        for node in body:
            if isinstance(node, nodes.If):
                choose([node, *node.elif_], node.else_)

    def choose(tests: list[nodes.If], otherwise: list[nodes.Node]) -> None:
        for test in tests:
            holds = bool(_value(test.test, values))
            asked.add((numbers[id(test)], holds))
            if holds:
                run(test.body)
                return
        run(otherwise)

    run(tree)
    return frozenset(asked)


def _ifs(body: list[nodes.Node]) -> Iterator[tuple[nodes.If, bool]]:
    """Each test with whether an ``else`` follows it; an ``elif`` is an else of the tests before it."""
    for node in body:
        if isinstance(node, nodes.If):
            chain = [node, *node.elif_]
            for test in chain:
                yield test, bool(node.else_)
                yield from _ifs(test.body)
            yield from _ifs(node.else_)


def _offsets(source: str) -> list[int]:
    """Where each ``{% if`` and ``{% elif`` begins."""
    found = []
    start = source.find("{%")
    while start >= 0:
        word = source[start + 2 :].lstrip()
        if word.startswith(("if ", "elif ")):
            found.append(start)
        start = source.find("{%", start + 2)
    return found


def _compared_names(node: nodes.Node) -> Iterator[nodes.Name]:
    compares = [node] if isinstance(node, nodes.Compare) else list(node.find_all(nodes.Compare))
    for compare in compares:
        yield from compare.find_all(nodes.Name)


def _value(node: nodes.Node | None, values: Mapping[str, str]) -> object:
    """The value of an expression of the language; a missing variable is empty text."""
    if isinstance(node, nodes.Name):
        return values.get(node.name) or ""
    if isinstance(node, nodes.Const):
        return node.value
    if isinstance(node, (nodes.List, nodes.Tuple)):
        return [_value(item, values) for item in node.items]
    if isinstance(node, nodes.Filter):
        return FILTERS[node.name](_value(node.node, values), *(_value(arg, values) for arg in node.args))
    if isinstance(node, nodes.Not):
        return not _value(node.node, values)
    if isinstance(node, nodes.And):
        return _value(node.left, values) and _value(node.right, values)
    if isinstance(node, nodes.Or):
        return _value(node.left, values) or _value(node.right, values)
    if isinstance(node, nodes.Compare):
        left = _value(node.expr, values)
        return all(_holds(operand.op, left, _value(operand.expr, values)) for operand in node.ops)
    raise TypeError(f"{type(node).__name__} is not in the language of templates")


def _holds(operator: str, left: object, right: object) -> bool:
    if operator in ("in", "notin"):
        inside = isinstance(right, (list, str)) and left in right
        return inside == (operator == "in")
    return (left == right) == (operator == "eq")
