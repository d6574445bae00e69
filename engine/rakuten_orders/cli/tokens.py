"""How far what a finding points at reaches: a key, a value, a word of a template, or one character.

It is read off the line alone, as YAML writes it; a diagnostic knows only where its token begins. All pure.
"""

from __future__ import annotations

import re

_LONGEST = 10_000  # characters of a line that are looked into; nobody wrote a longer one by hand
_BLOCK_END = re.compile(r":(?=\s|$)|(?<=\s)#|$")
_FLOW_END = re.compile(r":(?=[\s,\[\]{}]|$)|[,\[\]{}]|(?<=\s)#|$")
_IN_QUOTES = {"'": re.compile(r"'(?:[^']|'')*'?"), '"': re.compile(r'"(?:[^"\\]|\\.)*"?')}
_WORD = re.compile(r"\w+")
_HOST = re.compile(r"[^\s/?#'\"]+")
_OPENING = re.compile(r"\{\{|\{%|\{\w*\}|%\w")  # of a template, or another system's placeholder
_CELLS = {separator: re.compile(rf'"(?:[^"]|"")*"?|[^{separator}]+') for separator in ";\t,"}
_BRACKETS = {"[": "]", "{": "}"}


def token_length(line: str, column: int) -> int:
    """How many code points the token that begins at ``column`` (from 1) of a YAML line has; at least 1."""
    start = column - 1
    if start >= min(len(line), _LONGEST) or line[start].isspace():
        return 1
    line = line[:_LONGEST]
    index = depth = 0
    while index < start:
        index, depth = _next(line, index, depth)
    length = _end(line, start, depth) - start if index == start else _inner_length(line, start)
    return max(len(line[start : start + length].rstrip()), 1)


def cell_length(line: str, column: int) -> int:
    """The same for the cell that begins at ``column`` of a table's line."""
    separator = next((known for known in _CELLS if known in line), ",")
    found = _CELLS[separator].match(line[:_LONGEST], column - 1)
    return max(len(found[0].rstrip()), 1) if found else 1


def _next(line: str, index: int, depth: int) -> tuple[int, int]:
    """Where the token at ``index`` ends and how many brackets are open there; a bracket is a token of its own."""
    char = line[index]
    if char in _BRACKETS:
        return index + 1, depth + 1
    if char in "]}":
        return index + 1, max(depth - 1, 0)
    if char.isspace():
        return index + 1, depth
    return _end(line, index, depth), depth


def _end(line: str, index: int, depth: int) -> int:
    """Where the token at ``index`` ends, blanks behind it included; a bracket reaches to the one that closes it."""
    char = line[index]
    if char in _BRACKETS:
        return _closed(line, index)
    if char in _IN_QUOTES:
        found = _IN_QUOTES[char].match(line, index)
        return found.end() if found else index + 1
    if char in "]},#" or (char in "-?:" and line[index + 1 : index + 2].strip() == ""):
        return index + 1
    found = (_FLOW_END if depth else _BLOCK_END).search(line, index + 1)
    return found.start() if found else len(line)


def _closed(line: str, index: int) -> int:
    """Behind the bracket that closes the one at ``index``, or the end of the line."""
    opening, depth = line[index], 0
    for at in range(index, len(line)):
        depth += (line[at] == opening) - (line[at] == _BRACKETS[opening])
        if depth == 0:
            return at + 1
    return len(line)


def _inner_length(line: str, start: int) -> int:
    """The length of what stands inside a scalar: all of it, a host, a template's word or sign, else one character."""
    before = line[:start]
    if before.endswith("//"):
        found = _HOST.match(line, start)
    elif max(before.rfind("{{"), before.rfind("{%")) > max(before.rfind("}}"), before.rfind("%}")):
        found = _WORD.match(line, start)
    else:
        found = _OPENING.match(line, start)
    if found:
        return len(found[0])
    if _first_in_quotes(line, start):
        quoted = _IN_QUOTES[line[start - 1]].match(line, start - 1)
        return len(quoted[0].rstrip(line[start - 1])) - 1 if quoted else 1
    return 1


def _first_in_quotes(line: str, start: int) -> bool:
    """Whether a quoted value begins right before ``start``."""
    return line[start - 1] in _IN_QUOTES and line[: start - 1].endswith((" ", "[", "{", ",")) and len(line) > start + 1
