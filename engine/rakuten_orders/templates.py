"""The template language: literal text, ``{{ … }}`` with known variables and a few filters, ``{% if %}``.

A template is parsed, its nodes are checked against a list, and only then compiled: Jinja runs constant
expressions while compiling, so ``{{ 9**(9**9) }}`` would hang a checker that compiles first. No attribute, call,
loop or arithmetic is in the language, so its cost is bounded by its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rakuten_orders.template_code import Render, compiled
from rakuten_orders.template_places import Places, error_place, without_control
from rakuten_orders.template_words import COMPLAINTS, NODE_NAMES

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

_STATEMENT_IN_BRACES = re.compile(r"\{\{\s*(?:if|elif|else|endif)\b")
_ENCODERS = frozenset({"e", "escape", "url_encode", "urlencode", "url_param_escape"})

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
    """A checked template.

    ``required`` variables must have a value; ``optional`` ones, which it tests or gives a default, may be empty.
    ``shown`` are those that it puts out.
    """

    source: str
    required: frozenset[str]
    optional: frozenset[str]
    shown: frozenset[str]

    def render(self, values: Mapping[str, str], *, encode: bool) -> str:
        """The text, with ``values`` put in (missing ones empty); ``encode`` percent-encodes each where it stands.

        Raises UnicodeEncodeError where half a surrogate pair, which is no character, is to be encoded.
        """
        return _compiled(self.source)(values, _percent_encoded if encode else str)


def check_template(source: str, variables: Collection[str]) -> tuple[Template | None, list[TemplateFault]]:
    """The template in ``source``, or None, and everything that is wrong with it. Never compiles, never raises."""
    if len(source) > MAX_SOURCE:
        return None, [TemplateFault("template-syntax", 0, "long", {"limit": MAX_SOURCE})]
    plain = _plain_template(source, variables)
    if plain is not None:
        return plain, []
    read, controls = without_control(source)
    # Who writes one hyphen writes them all over: the first is enough.
    faults = [TemplateFault("template-not-allowed", offset, "whitespace") for offset in controls[:1]]
    environment = _ENVIRONMENT
    try:
        tree = environment.parse(read)
    except TemplateSyntaxError as fault:
        variant = next((variant for words, variant in COMPLAINTS if re.search(words, fault.message or "")), "")
        said = {} if variant else {"said": "what stands between the braces is not complete"}
        place = error_place(environment, read)
        if _STATEMENT_IN_BRACES.match(read, place):
            variant = "statement"
        elif variant == "empty" and not read.startswith("{{", place):
            variant = "tag"
        return None, [*faults, TemplateFault("template-syntax", place, variant, said)]
    except (ValueError, RecursionError):
        return None, [TemplateFault("template-syntax", 0, params={"said": "it is too deep or holds a huge number"})]
    places = Places(environment, read)
    walk = _Walk(places, frozenset(variables) - {"self"})  # Jinja gives that name to the template itself
    walk.body(tree.body)
    faults += walk.faults
    faults += [TemplateFault("template-not-allowed", offset, "", {"what": what}) for offset, what in places.unwanted()]
    if walk.count > MAX_NODES:
        faults.append(TemplateFault("template-syntax", 0, "complex", {"limit": MAX_NODES}))
    if faults:
        return None, sorted(faults, key=lambda fault: fault.offset)
    required = walk.shown - walk.tested - walk.defaulted
    optional = (walk.shown | walk.tested) - required
    return Template(source, frozenset(required), frozenset(optional), frozenset(walk.shown)), []


# Text and variables alone. A carriage return Jinja would change.
_PLAIN = re.compile(r"(?:[^{\r]|\{\{ *[a-z][a-z0-9_]* *\}\})*")
_SHOWN = re.compile(r"\{\{ *([a-z][a-z0-9_]*)")
_WORDS = frozenset({"true", "false", "none", "not", "self"})


def _plain_template(source: str, variables: Collection[str]) -> Template | None:
    """The template where it has neither conditions nor filters, as most, and is well: Jinja need not look at it."""
    if _PLAIN.fullmatch(source) is None:
        return None
    names = _SHOWN.findall(source)
    shown = frozenset(names)
    if len(names) >= MAX_NODES or not shown.isdisjoint(_WORDS) or not shown <= frozenset(variables):
        return None
    return Template(source, shown, frozenset(), shown)


def parse_checked(source: str) -> nodes.Template:
    """The syntax tree of a template that is well."""
    return _ENVIRONMENT.parse(source)


def literal_text(source: str) -> list[tuple[int, str]]:
    """The pieces of literal text of a template that is well, with their offsets."""
    return Places(_ENVIRONMENT, source).literals()


def literal_parts(source: str) -> list[tuple[bool, str]] | None:
    """The pieces of a template that is well and has nothing but names and literal text; None of any other.

    Each with whether it is a name. They are to be joined as they stand.
    """
    pieces: list[tuple[bool, str]] = []
    for output in parse_checked(source).body:
        for node in output.nodes if isinstance(output, nodes.Output) else (output,):
            if isinstance(node, nodes.TemplateData):
                pieces.append((False, node.data))
            elif isinstance(node, nodes.Name):
                pieces.append((True, node.name))
            else:
                return None
    return pieces


class _Walk:
    """Walks the tree once; what is not in the language is a fault."""

    def __init__(self, places: Places, variables: frozenset[str]) -> None:
        self.variables = variables
        self.faults: list[TemplateFault] = []
        self.shown: set[str] = set()
        self.tested: set[str] = set()
        self.defaulted: set[str] = set()
        self.count = 0
        self._places = places

    def body(self, body: list[nodes.Node]) -> None:
        """Checks a list of statements."""
        for node in body:
            self.count += 1
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    if not isinstance(child, nodes.TemplateData):
                        self._places.enter("variable")
                        self._output(child)
            elif isinstance(node, nodes.If):
                self._if(node)
            else:
                self._places.enter("statement")
                self._refuse(node)
                self._pass_over(node)

    def _if(self, node: nodes.If) -> None:
        self._places.enter("if")
        self._test(node.test)
        self.body(node.body)
        for branch in node.elif_:
            self._if(branch)
        self.body(node.else_)

    def _pass_over(self, node: nodes.Node) -> None:
        """Leaves the braces inside a statement that was refused behind."""
        for inner in node.find_all(nodes.Stmt):
            if isinstance(inner, nodes.Output):
                for child in inner.nodes:
                    if not isinstance(child, nodes.TemplateData):
                        self._places.enter("variable")
            else:
                self._places.enter("if" if isinstance(inner, nodes.If) else "statement")

    def _output(self, node: nodes.Node) -> None:
        self.count += 1
        defaulted = False
        while isinstance(node, nodes.Filter) and node.node is not None:
            self._filter(node)
            defaulted = defaulted or node.name == "default"
            node = node.node
        if isinstance(node, nodes.Sub) and (words := _hyphenated(node)):
            known = ", ".join(sorted(self.variables))
            self._fault("unknown-variable", words[0], "", name="-".join(words), known=known)
            return
        if isinstance(node, nodes.Getattr):
            self._fault("template-not-allowed", ".", "dot", known=", ".join(sorted(self.variables)))
            return
        if isinstance(node, (nodes.Const, nodes.TemplateData)):
            self._fault("template-not-allowed", "", "text", known=", ".join(sorted(self.variables)))
            return
        if not isinstance(node, nodes.Name):
            self._refuse(node)
            return
        self._name(node)
        self.shown.add(node.name)
        if defaulted:
            self.defaulted.add(node.name)

    def _test(self, node: nodes.Node) -> None:
        self.count += 1
        if isinstance(node, (nodes.And, nodes.Or)):
            self._test(node.left)
            self._test(node.right)
        elif isinstance(node, nodes.Not):
            self._test(node.node)
        elif isinstance(node, nodes.Compare):
            self._compare(node)
        elif isinstance(node, nodes.Name):
            self._name(node)
            self.tested.add(node.name)
        else:
            self._refuse(node)

    def _compare(self, node: nodes.Compare) -> None:
        """One variable against texts: ``==`` and ``!=`` one text, ``in`` and ``not in`` a list of them."""
        if isinstance(node.expr, nodes.Name):
            self._test(node.expr)
        else:
            self._fault("template-not-allowed", "", "constant")
            return
        self.count += len(node.ops)
        if len(node.ops) != 1 or node.ops[0].op not in ("eq", "ne", "in", "notin"):
            self._fault("template-not-allowed", "", "comparison")
            return
        wanted = node.ops[0].expr
        listed = node.ops[0].op in ("in", "notin")
        if listed and not isinstance(wanted, (nodes.List, nodes.Tuple)):
            self._fault("template-not-allowed", "in", "comparison")
            return
        values = wanted.items if isinstance(wanted, (nodes.List, nodes.Tuple)) and listed else [wanted]
        wrong = [value for value in values if not (isinstance(value, nodes.Const) and isinstance(value.value, str))]
        if wrong:
            token = wrong[0].name if isinstance(wrong[0], nodes.Name) else ""
            self._fault("template-not-allowed", token, "constant")

    def _filter(self, node: nodes.Filter) -> None:
        self.count += 1
        if node.name not in FILTERS:
            variant = "encoder" if node.name in _ENCODERS else "filter"
            self._fault("template-not-allowed", node.name, variant, name=node.name, known=", ".join(FILTERS))
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
        words, token = NODE_NAMES.get(type(node), (type(node).__name__.lower(), ""))
        self._fault("template-not-allowed", token, "", what=words)

    def _fault(self, code: str, token: str, variant: str, **params: object) -> None:
        self.faults.append(TemplateFault(code, self._places.of(token), variant, params))


def _hyphenated(node: nodes.Node) -> list[str]:
    """The words of a name that is written with hyphens, which Jinja reads as a subtraction; empty for another one."""
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Sub) and isinstance(node.right, nodes.Name) and (words := _hyphenated(node.left)):
        return [*words, node.right.name]
    return []


def _percent_encoded(value: str) -> str:
    """The value in UTF-8, percent-encoded, ``/`` included. Raises UnicodeEncodeError for half a character."""
    return value if value.isalnum() and value.isascii() else quote(value, safe="")


def _build_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        keep_trailing_newline=True, optimized=False, cache_size=0, auto_reload=False
    )
    environment.filters = dict(FILTERS)
    environment.tests.clear()
    environment.globals.clear()
    return environment


_ENVIRONMENT = _build_environment()


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Render:
    """The renderer of a checked source. Kept beside the template, so that templates stay plain values."""
    return compiled(source, parse_checked(source).body, FILTERS)
