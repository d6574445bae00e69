"""A checked template as a Python function: Jinja parses it and says what it means, and need not be there to render.

Nothing of a template gets into the code but through ``repr``, as a name of ASCII letters behind a prefix, or as one
of the language's filters. The source stands in ``linecache``, so that tracebacks and debuggers show it.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence

from jinja2 import nodes

Render = Callable[[Mapping[str, str], Callable[[str], str]], str]
"""The text for the values by name (a missing one is empty), each value put through the second argument."""

_OPERATORS = {"eq": "==", "ne": "!=", "in": "in", "notin": "not in"}


def compiled(source: str, body: Sequence[nodes.Node], filters: Mapping[str, Callable[..., str]]) -> Render:
    """The function for the statements of a template that is in the language."""
    code = code_of(body)
    file = f"<template {source!r}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    made: dict[str, object] = {f"filter_{name}": function for name, function in filters.items()}
    exec(compile(code, file, "exec"), made)  # noqa: S102 - made of literals and checked names, see above
    return made["render"]  # type: ignore[return-value]


def code_of(body: Sequence[nodes.Node]) -> str:
    """The function's source."""
    return "\n".join(_Code(body).lines()) + "\n"


class _Code:
    """The lines of one function, from a tree that was checked before."""

    def __init__(self, body: Sequence[nodes.Node]) -> None:
        self._body = body
        names = dict.fromkeys(name.name for node in body for name in _names(node))
        self._local = {
            name: f"v_{name}" if name.isascii() else f"v{number}" for number, name in enumerate(names, start=1)
        }

    def lines(self) -> Iterator[str]:
        """The whole function."""
        yield "def render(values, put):"
        for name, local in self._local.items():
            yield f"    {local} = values.get({name!r}) or ''"
        if not any(isinstance(node, nodes.If) for node in self._body):
            yield f"    return {self._joined(self._body)}"
            return
        yield "    text = ''"
        yield from self._statements(self._body, "    ")
        yield "    return text"

    def _statements(self, body: Sequence[nodes.Node], indent: str) -> Iterator[str]:
        if not body:
            yield f"{indent}pass"
        for node in body:
            if isinstance(node, nodes.If):
                yield from self._branches(node, indent)
            else:
                yield f"{indent}text += {self._joined([node])}"

    def _branches(self, node: nodes.If, indent: str) -> Iterator[str]:
        for word, branch in [("if", node), *(("elif", branch) for branch in node.elif_)]:
            yield f"{indent}{word} {self._expression(branch.test)}:"
            yield from self._statements(branch.body, indent + "    ")
        if node.else_:
            yield f"{indent}else:"
            yield from self._statements(node.else_, indent + "    ")

    def _joined(self, outputs: Sequence[nodes.Node]) -> str:
        """The expression for what is put out one behind the other."""
        pieces = []
        for output in outputs:
            if not isinstance(output, nodes.Output):
                raise _not_in_the_language(output)
            for piece in output.nodes:
                if isinstance(piece, nodes.TemplateData):
                    pieces.append(repr(piece.data))
                else:
                    pieces.append(f"put({self._expression(piece)})")
        return " + ".join(pieces) or "''"

    def _expression(self, node: nodes.Node | None) -> str:
        if isinstance(node, nodes.Name):
            return self._local[node.name]
        if isinstance(node, nodes.Const):
            return repr(node.value)
        if isinstance(node, (nodes.List, nodes.Tuple)):
            return f"({''.join(f'{self._expression(item)}, ' for item in node.items)})"
        if isinstance(node, nodes.Filter):
            arguments = (self._expression(one) for one in (node.node, *node.args))
            return f"filter_{node.name}({', '.join(arguments)})"
        if isinstance(node, nodes.Not):
            return f"(not {self._expression(node.node)})"
        if isinstance(node, nodes.And):
            return f"({self._expression(node.left)} and {self._expression(node.right)})"
        if isinstance(node, nodes.Or):
            return f"({self._expression(node.left)} or {self._expression(node.right)})"
        if isinstance(node, nodes.Compare):
            (operand,) = node.ops
            return f"({self._expression(node.expr)} {_OPERATORS[operand.op]} {self._expression(operand.expr)})"
        raise _not_in_the_language(node)


def _not_in_the_language(node: object) -> TypeError:
    return TypeError(f"{type(node).__name__} is not in the language of templates")


def _names(node: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Name):
        yield node
    for child in node.iter_child_nodes():
        yield from _names(child)
