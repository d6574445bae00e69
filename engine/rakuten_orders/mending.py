"""Mending a file: small edits of its text, of which only those are kept that take findings away and bring none.

Comments, order and layout stay as they are, byte for byte outside the mended places. What is proposed follows from a
finding's code and place; whether it helps is for the checker to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import mending_text
from rakuten_orders.names import fold
from rakuten_orders.positions import index_at
from rakuten_orders.scalars import quoted
from rakuten_orders.yamlnodes import Node, read_nodes

FindingsOf = Callable[[bytes], Sequence[Diagnostic]]
"""What the checker finds where the file has these bytes: about it, and about the files beside it."""

# Longer files are made by programs. Each try is a check of the whole set.
MAX_BYTES = 200_000
_MAX_TRIES = 150
_MAX_DEPTH = 40
_MAX_TABS = 500

_BOM = b"\xef\xbb\xbf"
_OPEN, _CLOSE = "“”„«»‘’‚‹›", "”“»«’‘›‹"
_BLANKS = "\u00a0\u2007\u202f"
_LINE = re.compile(r"[^\r\n]*")
_TYPOGRAPHIC = re.compile(
    rf"(?:(?<=[:\-,] )|(?<=[\[{{]))[{_OPEN}](?P<text>[^'\"]*?)[{_CLOSE}](?=[ \t]*(?:$|[,\]}}]| #))"
)
_KEY_AND_BLANK = re.compile(rf"[ {_BLANKS}]*(?:-[ {_BLANKS}]+)*(?:[\w.-]+:[ {_BLANKS}]+)?")
_UNQUOTED = re.compile(r"(?P<before> *(?:- +)*(?:[\w.-]+: +)?)(?P<value>(?:\{[{%]|[@%`]).*?)(?P<after> *(?: #.*)?)")
_TEMPLATE_IN_BRACES = re.compile(r"(?<=: )\{\{[^'\"{}]*\}\}(?=[,}])")
_LINE_NUMBER = re.compile(r"\bline \d+")


@dataclass(frozen=True, slots=True)
class Mended:
    """A file's bytes after mending, and what was done, each as ``file:line: what``; nothing where it stayed.

    ``withheld`` tells in the same form what would have made the file readable and was not done, because mistakes that
    nobody could see before would have come to light.
    """

    data: bytes
    done: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Edit:
    """The whole text after an edit, and the edit in words."""

    text: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class _State:
    """A text, what is found in it, and how it came about."""

    text: str
    findings: tuple[Diagnostic, ...]
    done: tuple[str, ...] = ()

    def better_than(self, other: _State) -> bool:
        """Whether findings are gone and none is new, wherever those that stayed stand now."""
        return counted(self.findings) < counted(other.findings)


def mend(file: str, data: bytes, findings_of: FindingsOf) -> Mended:
    """Mends what can safely be mended in the YAML file of that name. Never raises for any bytes.

    The result has fewer findings than ``data`` and no new ones, or it is ``data`` itself.
    """
    if len(data) > MAX_BYTES:
        return Mended(data)
    bom = _BOM if data.startswith(_BOM) else b""
    try:
        text = data.removeprefix(bom).decode("utf-8")
    except UnicodeDecodeError:
        return Mended(data)
    search = _Search(file, lambda tried: findings_of(bom + tried.encode("utf-8")))
    mended = search.mended(search.state(text), 0)
    withheld = (what for found, what in search.withheld.items() if found in mended.findings)
    return Mended(bom + mended.text.encode("utf-8"), mended.done, tuple(withheld))


def counted(findings: Sequence[Diagnostic]) -> Counter[tuple[str, str, str]]:
    """Findings without their places, counted: ``<`` compares them as sets in which one can be several times."""
    return Counter((found.file, found.code, _LINE_NUMBER.sub("line", found.message)) for found in findings)


@dataclass(slots=True)
class _Search:
    """Tries edits, a bounded number of times."""

    file: str
    findings_of: Callable[[str], Sequence[Diagnostic]]
    withheld: dict[Diagnostic, str] = field(default_factory=dict)
    _known: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)

    def state(self, text: str, done: tuple[str, ...] = ()) -> _State:
        """The text with what is found in it; each text is checked once."""
        if text not in self._known:
            self._known[text] = tuple(self.findings_of(text))
        return _State(text, self._known[text], done)

    def mended(self, state: _State, depth: int) -> _State:
        """The state after all edits that help."""
        while (better := self._better(state, depth)) is not None:
            state = better
        return state

    def _better(self, state: _State, depth: int) -> _State | None:
        """A better state. An edit can bring to light what it hid: then that has to be mended too."""
        for found in state.findings:
            if found.file != self.file:
                continue
            for edit in _proposals(state.text, found):
                if edit.text == state.text or len(self._known) >= _MAX_TRIES:
                    continue
                trial = self.state(edit.text, (*state.done, f"{self.file}:{edit.line}: {edit.what}"))
                if not trial.better_than(state) and found not in trial.findings and depth < _MAX_DEPTH:
                    trial = self.mended(trial, depth + 1)
                if trial.better_than(state):
                    return trial
                if found.code == "yaml-syntax" and found not in trial.findings:
                    what = mending_text("withheld", what=edit.what)
                    self.withheld.setdefault(found, f"{self.file}:{edit.line}: {what}")
        return None


def _proposals(text: str, found: Diagnostic) -> Iterator[_Edit]:
    """Edits that could mend a finding, the likeliest first."""
    own = _BY_CODE.get(found.code)
    if own is not None:
        yield from own(text, found)
    if found.code == "yaml-syntax":
        yield from _tabs(text, found)
    if own is None or found.code == "wrong-value":
        for line in (found.line, found.line - 1, found.line + 1):
            if line > 0:
                yield from _typographic(text, line)
                yield from _blanks(text, line)
                if found.code == "yaml-syntax":
                    yield from _unquoted(text, line)


def _scalar(text: str, found: Diagnostic) -> Node | None:
    """The key or value that begins where the finding stands, if it is written on one line."""
    root, _findings = read_nodes(found.file, text)
    for node in _scalars(root) if root is not None else ():
        if (node.line, node.column) == (found.line, found.column) and not re.search(
            r"[\r\n]", text[node.index : node.end]
        ):
            return node
    return None


def _scalars(node: Node) -> Iterator[Node]:
    yield from node.keys.values()
    if node.children is None:
        yield node
    else:
        for child in node.children.values() if isinstance(node.children, dict) else node.children:
            yield from _scalars(child)


def _replaced(text: str, node: Node, new: str) -> str:
    return text[: node.index] + new + text[node.end :]


def _ambiguous(text: str, found: Diagnostic) -> Iterator[_Edit]:
    node = _scalar(text, found)
    if node is not None and node.plain:
        new = quoted(text[node.index : node.end])
        yield _Edit(_replaced(text, node, new), found.line, mending_text("quoted", value=new))


def _misspelt_key(text: str, found: Diagnostic) -> Iterator[_Edit]:
    node = _scalar(text, found)
    if node is not None and found.meant:
        yield _Edit(
            _replaced(text, node, found.meant), found.line, mending_text("key", before=node.value, after=found.meant)
        )


def _misspelt_value(text: str, found: Diagnostic) -> Iterator[_Edit]:
    """Only where case, accents, spaces and punctuation make the difference."""
    node = _scalar(text, found)
    if node is not None and found.meant and fold(str(node.value)) == fold(found.meant):
        raw = text[node.index : node.end]
        new = quoted(found.meant) if not node.plain or not re.fullmatch(r"[\w -]+", found.meant) else found.meant
        yield _Edit(_replaced(text, node, new), found.line, mending_text("value", before=raw, after=new))


def _alias(text: str, found: Diagnostic) -> Iterator[_Edit]:
    """The alias' whole line, where nothing else stands on it, or its place in brackets."""
    node = _scalar(text, found)
    if node is None:
        return
    what = mending_text("alias", alias=node.value)
    start = index_at(text, found.line, 1)
    before, after = text[start : node.index], re.compile(r"[ \t]*(?:\r\n?|\n|\Z)").match(text, node.end)
    if re.fullmatch(r" *- +", before) and after is not None:
        yield _Edit(text[:start] + text[after.end() :], found.line, what)
        above = re.search(r"^ *aliases: *(?:\r\n?|\n)\Z", text[:start], re.MULTILINE)
        if above is not None and not re.match(r"\s*[-#]", text[after.end() :]):
            yield _Edit(text[: above.start()] + text[after.end() :], found.line, what)
    elif (comma := re.compile(r" *, *").match(text, node.end)) is not None:
        yield _Edit(text[: node.index] + text[comma.end() :], found.line, what)
    elif (comma := re.search(r" *, *\Z", text[: node.index])) is not None:
        yield _Edit(text[: comma.start()] + text[node.end :], found.line, what)


_BY_CODE: dict[str, Callable[[str, Diagnostic], Iterator[_Edit]]] = {
    "ambiguous-scalar": _ambiguous,
    "unknown-key": _misspelt_key,
    "wrong-value": _misspelt_value,
    "redundant-alias": _alias,
}


def _tabs(text: str, found: Diagnostic) -> Iterator[_Edit]:
    """All tabs at once, as the checker names only the first; how many spaces one of an indentation is, is tried."""
    if text[index_at(text, found.line, found.column) :][:1] == "\t":
        for width in (2, 4, 8, 1):
            yield _Edit(_without_tabs(found.file, text, width), found.line, mending_text("tabs"))


def _without_tabs(file: str, text: str, width: int) -> str:
    for _ in range(_MAX_TABS):
        _root, findings = read_nodes(file, text)
        places = [index_at(text, found.line, found.column) for found in findings if found.code == "yaml-syntax"]
        at = next((place for place in places if text.startswith("\t", place)), None)
        if at is None:
            break
        run = len(text) - at - len(text[at:].lstrip("\t"))
        indents = not re.split(r"[\r\n]", text[:at])[-1].strip()
        text = text[:at] + " " * (run * width if indents else run) + text[at + run :]
    return text


def _line_at(text: str, line: int) -> tuple[int, str]:
    """Where a line begins, and the line without its end."""
    start = index_at(text, line, 1)
    found = _LINE.match(text, start)
    return start, found[0] if found else ""


def _with_line(text: str, line: int, new: str, what: str) -> _Edit:
    start, old = _line_at(text, line)
    return _Edit(text[:start] + new + text[start + len(old) :], line, what)


def _typographic(text: str, line: int) -> Iterator[_Edit]:
    """Typographic quotes around whole values."""
    _start, old = _line_at(text, line)
    new = _TYPOGRAPHIC.sub(lambda whole: quoted(whole["text"].strip(f" {_BLANKS}")), old)
    if new != old:
        yield _with_line(text, line, new, mending_text("straight"))


def _blanks(text: str, line: int) -> Iterator[_Edit]:
    """No-break spaces: first only those before a value, then all of the line."""
    _start, old = _line_at(text, line)
    if any(blank in old for blank in _BLANKS):
        to_spaces = str.maketrans(dict.fromkeys(_BLANKS, " "))
        what = mending_text("blanks")
        yield _with_line(text, line, _KEY_AND_BLANK.sub(lambda key: key[0].translate(to_spaces), old, count=1), what)
        yield _with_line(text, line, old.translate(to_spaces), what)


def _unquoted(text: str, line: int) -> Iterator[_Edit]:
    """A value that begins as no value can: with a template, ``@``, ``%`` or a backtick."""
    _start, old = _line_at(text, line)
    whole = _UNQUOTED.fullmatch(old)
    if whole is not None:
        new = f"{whole['before']}{quoted(whole['value'])}{whole['after']}"
        yield _with_line(text, line, new, mending_text("whole"))
    new = _TEMPLATE_IN_BRACES.sub(lambda template: quoted(template[0]), old)
    if new != old:
        yield _with_line(text, line, new, mending_text("whole"))
