"""The YAML parser's complaints, in words that help somebody who does not know YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

import yaml

from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.messages import finding
from rakuten_orders.positions import line_and_column

# What the two parsers of PyYAML say, and the variant of `yaml-syntax` that explains it. First match counts.
_COMPLAINTS = (
    (r"found character '?\\t'? that cannot start any token", "tab"),
    (r"escape", "escape"),
    (r"mapping values are not allowed", "colon"),
    (r"sequence entries are not allowed", "dash"),
    (r"that cannot start any token|while scanning an (alias|anchor)", "reserved"),
    (r"quoted scalar", "quote"),
    (r"flow (mapping|sequence)", "flow"),
    (r"while scanning a block scalar", "block"),
    (r"could not find expected ':'", "no_colon"),
    (r"block (mapping|collection)|expected <block end>|expected '?<document start>", "indentation"),
)
_EXPLAINED_BY_START = ("quote", "flow", "block", "no_colon", "reserved")
"""Variants whose place is where the fault began, not where reading stopped."""

# The pure parser's words are better, but it takes a second for so many characters.
_MAX_REREAD = 100_000

# What came in with copying, and where it stands in the text.
_PASTED = (
    ("page", re.compile(r"\A\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)),
    ("fence", re.compile(r"^(?:```|~~~)", re.MULTILINE)),
    ("conflict", re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)),
    ("mail", re.compile(r"\A> ")),
)
_NUMBERED = re.compile(r"\s*([0-9]+)[ \t.:|]")

_COMMENT = re.compile(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*")


def syntax_finding(file: str, text: str, fault: Exception, taken: int, quoted: Sequence[Any]) -> Diagnostic:
    """The finding for what the parser raised on ``text``, at the place where a person has to look.

    ``taken`` events had come before, among them the scalars in quotes ``quoted``.
    """
    for variant, pasted in _PASTED:
        if (found := pasted.search(text)) is not None:
            return finding("yaml-syntax", file, *line_and_column(text, found.start()), variant)
    fault = _pure_fault(text, taken) or fault
    began = getattr(fault, "context_mark", None)
    mark = getattr(fault, "problem_mark", None) or began
    at = mark.index if mark else 0
    said = " ".join(str(part) for part in (getattr(fault, "context", ""), getattr(fault, "problem", "")) if part)
    variant = next((variant for complaint, variant in _COMPLAINTS if re.search(complaint, said)), "other")
    stopped = line_and_column(text, at)
    if variant in _EXPLAINED_BY_START and began is not None:
        at = began.index
    elif variant == "escape":
        at = max(text.rfind("\\", 0, at + 1), 0)
    elif variant in ("indentation", "colon"):
        variant, at = _closer_look(text, at, variant, quoted)
    if variant in ("no_colon", "indentation"):
        variant = _kind_of_line(text, at) or variant
    line, column = line_and_column(text, at)
    other = _first_of_block(text, at) if variant == "indentation" else 0
    if other:
        return finding("yaml-syntax", file, line, column, "level", line=other)
    other = _filled_above(text, at) if variant == "indentation" else 0
    if other:
        return finding("yaml-syntax", file, line, column, "below_value", line=other)
    return finding("yaml-syntax", file, line, column, variant, line=stopped[0])


def numbered(text: str) -> bool:
    """Whether every line begins with its number: it was copied with them."""
    lines = text.splitlines()
    return len(lines) > 1 and all(
        (found := _NUMBERED.match(line)) is not None and int(found[1]) == number
        for number, line in enumerate(lines, start=1)
    )


def _first_of_block(text: str, at: int) -> int:
    """The line that began the block which the line at ``at`` was to go on, in a column further right; 0 for none."""
    lines = re.split(r"\r\n?|\n", text[:at])
    own = _indentation(lines[-1] + text[at : at + 1])
    first = 0
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number - 1]
        if line.strip() and not line.lstrip().startswith("#"):
            if _indentation(line) <= own:
                return first if _indentation(line) < own else 0
            first = number
    return 0


def _filled_above(text: str, at: int) -> int:
    """The line above, further left, whose key has a value already; 0 for none."""
    lines = re.split(r"\r\n?|\n", text[:at])
    own = _indentation(lines[-1] + text[at : at + 1])
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number - 1]
        if line.strip() and not line.lstrip().startswith("#"):
            return number if _indentation(line) < own and re.match(r" *[^\s#-][^#]*?: +[^\s#]", line) else 0
    return 0


def _bare_key(text: str, at: int) -> int | None:
    """Where the key of the same column above stands, if it has no colon and more stands below it; None else."""
    lines = text[:at].splitlines(keepends=True)
    own = _indentation((lines[-1] if text[:at][-1:] == " " else "") + text[at : at + 1])
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if line.strip() and not line.lstrip().startswith("#") and _indentation(line) <= own and number < len(lines) - 1:
            bare = _indentation(line) == own and re.fullmatch(r" *[\w.]+ *[\r\n]*", line)
            return sum(map(len, lines[:number])) + own if bare else None
    return None


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _kind_of_line(text: str, at: int) -> str | None:
    """What a line that is no key probably was meant to be; None where it does not look like anything."""
    line = text[at : at + 10]
    if line.startswith(("//", "/*", "<!--", ";")):
        return "comment"
    return "dash_space" if re.match(r"[-•–—*]\S|[•–—] ", line) else None


def tab_finding(file: str, text: str, quoted: Sequence[Any]) -> Diagnostic | None:
    """The finding for the first tab that is neither inside quotes or a block of text nor in a comment.

    The C parser takes tabs between values; PyYAML's own parser and others do not.
    """
    start = 0
    for scalar in [*quoted, None]:
        end = scalar.start_mark.index if scalar else len(text)
        gap = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[start:end])
        if "\t" in gap:
            return finding("yaml-syntax", file, *line_and_column(text, start + gap.index("\t")), "tab")
        start = scalar.end_mark.index if scalar else end
    return None


def _pure_fault(text: str, taken: int) -> Any:
    """The same fault as the Python parser tells it: its words are better than the C parser's.

    It is asked for no more events than the C parser gave; it does not stop at what we stop at.
    """
    if len(text) > _MAX_REREAD:
        return None
    try:
        for _event in islice(yaml.parse(text, Loader=yaml.SafeLoader), taken + 2):
            pass
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        return fault if getattr(fault, "problem_mark", None) is not None else None
    return None


def _closer_look(text: str, at: int, variant: str, quoted: Sequence[Any]) -> tuple[str, int]:
    """What is probably behind a line that does not fit, and where that is."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    line = re.split(r"[\r\n]", text[start:], maxsplit=1)[0]
    if line.lstrip(" ").startswith("\t"):
        return "tab", start + line.index("\t")
    if line.strip().startswith(":") and text[at : at + 1] == ":":
        return "empty_key", at
    last = quoted[-1] if quoted else None
    if last is not None and last.start_mark.index < start <= last.end_mark.index <= at:
        # A quote left open was closed by the next one, lines below.
        return "quote", last.start_mark.index
    if last is not None and start <= last.end_mark.index <= at and not text[last.end_mark.index : at].strip():
        # The quoted text is over, and more follows in its line.
        return "quote_inside", at
    if at > start and text[:at].rstrip(" ")[-1:] in ("]", "}"):
        # The brackets or braces are over, and more follows in their line.
        return "brackets_over", at
    before = text[:start].rstrip()
    above = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    if variant == "colon" and ":" not in text[start:at] and above and not re.search(r":\s|:\Z|^\s*[-#]", above):
        return "no_colon", len(before) - len(above.lstrip())
    if variant == "indentation" and (bare := _bare_key(text, at)) is not None:
        return "no_colon", bare
    if variant == "colon" and ":" not in text[start:at] and line.startswith(" "):
        # It is the first one in its line, which is indented further than the line above it.
        return "indentation", start + len(line) - len(line.lstrip(" "))
    return variant, at
