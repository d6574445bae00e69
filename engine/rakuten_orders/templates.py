"""The template language: literal text, ``{{ … }}`` with known variables and a few filters, ``{% if %}``.

A template is parsed, its nodes are checked against a list, and only then compiled: Jinja runs constant
expressions while compiling, so ``{{ 9**(9**9) }}`` would hang a checker that compiles first. No attribute, call,
loop or arithmetic is in the language, so its cost is bounded by its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_SOURCE = 1000
MAX_NODES = 100

FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "lower": lambda value: str(value).lower(),
        "upper": lambda value: str(value).upper(),
        "digits": lambda value: "".join(char for char in str(value) if char in "0123456789"),
        "no_spaces": lambda value: "".join(str(value).split()),
        "default": lambda value, otherwise: str(value) or otherwise,
    }
)
"""The filters of the language. Only ``default`` takes an argument: the text for an empty value."""

_ARGUMENTS = {"lower": 0, "upper": 0, "digits": 0, "no_spaces": 0, "default": 1}


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong with a template: a diagnostic's code and variant, the offset in the source, parameters."""

    code: str
    offset: int
    variant: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template. ``required`` variables must have a value, ``optional`` ones may be empty."""

    source: str
    required: frozenset[str]
    optional: frozenset[str]

    def render(self, values: Mapping[str, str], *, encode: bool) -> str:
        """The text, with ``values`` put in (missing ones empty); ``encode`` percent-encodes each where it stands."""
        filled = {name: values.get(name) or "" for name in self.required | self.optional}
        return _compiled(self.source, encode)(filled)


def check_template(source: str, variables: Collection[str]) -> tuple[Template | None, list[TemplateFault]]:
    """The template in ``source``, or None, and what is wrong with it. Never compiles, never raises."""
    if len(source) > MAX_SOURCE:
        return None, [TemplateFault("template-syntax", 0, "long", {"limit": MAX_SOURCE})]
    control = re.search(r"\{[{%][-+]|[-+][%}]\}", source)
    if control:
        return None, [TemplateFault("template-not-allowed", control.start(), "whitespace")]
    try:
        tree = _environment(False).parse(source)
    except TemplateSyntaxError as fault:
        return None, [_syntax_fault(source, fault)]
    except (ValueError, RecursionError):
        return None, [TemplateFault("template-syntax", 0, params={"said": "it is too deep or holds a huge number"})]
    walk = _Walk(source, variables)
    walk.body(tree.body, frozenset())
    if walk.count > MAX_NODES:
        walk.faults.append(TemplateFault("template-syntax", 0, "complex", {"limit": MAX_NODES}))
    if walk.faults:
        return None, walk.faults
    tested = walk.tested | walk.defaulted
    return Template(
        source, frozenset(walk.bare - tested), frozenset((walk.used | walk.tested) - (walk.bare - tested))
    ), []


def _syntax_fault(source: str, fault: TemplateSyntaxError) -> TemplateFault:
    """Jinja gives a line only; the first brace of that line is where a person looks."""
    lines = source.splitlines(keepends=True)
    start = sum(map(len, lines[: fault.lineno - 1]))
    brace = source.find("{", start)
    offset = brace if brace >= 0 else min(start, len(source))
    return TemplateFault("template-syntax", offset, params={"said": fault.message or "it is not complete"})


_NODE_NAMES: Mapping[type[nodes.Node], tuple[str, str]] = {
    nodes.Getattr: ("a dot", "."),
    nodes.Getitem: ("square brackets", "["),
    nodes.Call: ("a call", "("),
    nodes.Add: ("arithmetic", "+"),
    nodes.Sub: ("arithmetic", "-"),
    nodes.Mul: ("arithmetic", "*"),
    nodes.Div: ("arithmetic", "/"),
    nodes.FloorDiv: ("arithmetic", "//"),
    nodes.Mod: ("arithmetic", "%"),
    nodes.Pow: ("arithmetic", "**"),
    nodes.Concat: ("joining with ~", "~"),
    nodes.For: ("a loop", "for"),
    nodes.Assign: ("{% set %}", "set"),
    nodes.Macro: ("{% macro %}", "macro"),
    nodes.Include: ("{% include %}", "include"),
    nodes.Import: ("{% import %}", "import"),
    nodes.CondExpr: ("an if inside {{ }}", "if"),
    nodes.Test: ("a test with `is`", "is"),
    nodes.Const: ("a constant", ""),
    nodes.List: ("a list", "["),
    nodes.Dict: ("a dict", "{"),
}


class _Walk:
    """Walks the tree once; what is not in the language is a fault."""

    def __init__(self, source: str, variables: Collection[str]) -> None:
        self.variables = variables
        self.faults: list[TemplateFault] = []
        self.used: set[str] = set()
        self.bare: set[str] = set()  # put out where neither `if` nor `default` guards it
        self.tested: set[str] = set()
        self.defaulted: set[str] = set()
        self.count = 0
        self._tokens = list(_tokens(source))

    def body(self, body: list[nodes.Node], guarded: frozenset[str]) -> None:
        """Checks a list of statements; ``guarded`` are the variables that an ``if`` around them tests."""
        for node in body:
            self.count += 1
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    if not isinstance(child, nodes.TemplateData):
                        self._output(child, guarded)
            elif isinstance(node, nodes.If):
                self._if(node, guarded)
            else:
                self._refuse(node)

    def _if(self, node: nodes.If, guarded: frozenset[str]) -> None:
        tested: set[str] = set()
        self._test(node.test, tested)
        self.tested |= tested
        inside = guarded | tested
        self.body(node.body, inside)
        for branch in node.elif_:
            self._if(branch, inside)
        self.body(node.else_, inside)

    def _output(self, node: nodes.Node, guarded: frozenset[str]) -> None:
        self.count += 1
        defaulted = False
        while isinstance(node, nodes.Filter):
            self._filter(node)
            defaulted = defaulted or node.name == "default"
            if node.node is None:
                self._refuse(node)
                return
            node = node.node
        if not isinstance(node, nodes.Name):
            self._refuse(node)
            return
        self._name(node)
        self.used.add(node.name)
        if defaulted:
            self.defaulted.add(node.name)
        elif node.name not in guarded:
            self.bare.add(node.name)

    def _test(self, node: nodes.Node, tested: set[str]) -> None:
        self.count += 1
        if isinstance(node, (nodes.And, nodes.Or)):
            self._test(node.left, tested)
            self._test(node.right, tested)
        elif isinstance(node, nodes.Not):
            self._test(node.node, tested)
        elif isinstance(node, nodes.Compare):
            self._compare(node, tested)
        elif isinstance(node, nodes.Name):
            self._name(node)
            tested.add(node.name)
        else:
            self._refuse(node)

    def _compare(self, node: nodes.Compare, tested: set[str]) -> None:
        self._test(node.expr, tested)
        for operand in node.ops:
            self.count += 1
            wanted = operand.expr
            if operand.op in ("in", "notin") and isinstance(wanted, (nodes.List, nodes.Tuple)):
                values: list[nodes.Node] = list(wanted.items)
            else:
                values = [wanted]
            if operand.op not in ("eq", "ne", "in", "notin"):
                self._fault("template-not-allowed", "", "comparison")
            for value in values:
                if not (isinstance(value, nodes.Const) and isinstance(value.value, str)):
                    self._fault("template-not-allowed", "", "constant")

    def _filter(self, node: nodes.Filter) -> None:
        self.count += 1
        if node.name not in FILTERS:
            self._fault("template-not-allowed", node.name, "filter", name=node.name, known=", ".join(FILTERS))
            return
        texts = [arg for arg in node.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        plain = len(texts) == len(node.args) == _ARGUMENTS[node.name]
        if not plain or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self._fault("template-not-allowed", node.name, "arguments", name=node.name)

    def _name(self, node: nodes.Name) -> None:
        if node.name not in self.variables:
            known = ", ".join(sorted(self.variables))
            self._fault("unknown-variable", node.name, "", name=node.name, known=known)

    def _refuse(self, node: nodes.Node) -> None:
        words, token = _NODE_NAMES.get(type(node), (f"{type(node).__name__.lower()}", ""))
        self._fault("template-not-allowed", token, "", what=words)

    def _fault(self, code: str, token: str, variant: str, **params: object) -> None:
        offset = next((offset for offset, value in self._tokens if not token or value == token), 0)
        self.faults.append(TemplateFault(code, offset, variant, params))


def _tokens(source: str) -> Iterator[tuple[int, str]]:
    """The tokens inside braces with their offsets in the source (token lengths add up to it)."""
    offset = 0
    for _line, kind, value in _environment(False).lex(source):
        if kind not in ("data", "whitespace"):
            yield offset, value
        offset += len(value)


def _environment(encode: bool) -> ImmutableSandboxedEnvironment:
    return _ENVIRONMENTS[encode]


def _build_environment(encode: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=False,  # URLs and plain text; every value is percent-encoded where it goes into a URL
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        optimized=False,
        cache_size=0,
        auto_reload=False,
        finalize=(lambda value: quote(str(value), safe="")) if encode else str,
    )
    environment.filters = dict(FILTERS)
    environment.tests.clear()
    environment.globals.clear()
    return environment


_ENVIRONMENTS = {encode: _build_environment(encode) for encode in (False, True)}


@lru_cache(maxsize=4096)
def _compiled(source: str, encode: bool) -> Callable[[Mapping[str, str]], str]:
    """The renderer of a checked source. Kept beside the template, so that templates stay plain values."""
    template = _environment(encode).from_string(source)
    # Rendering copies the globals for each call; a plain dict makes that copy cheap.
    template.globals = dict(template.globals)
    return template.render
