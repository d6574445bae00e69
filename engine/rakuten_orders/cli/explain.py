"""``explain``: what a diagnostic's code or an order's reason means, and how to mend it."""

from __future__ import annotations

import difflib
import textwrap

import click

from rakuten_orders import messages
from rakuten_orders.cli import console
from rakuten_orders.cli.text import table

_KINDS = {"code": "a finding of validate-rules", "reason": "a reason that an order shows"}


def _completions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    return [code for code in (*messages.codes(), *messages.reasons()) if code.startswith(incomplete)]


@click.command("explain")
@click.argument("code", required=False, shell_complete=_completions)
def command(code: str | None) -> None:
    """Say what a code of validate-rules or an order's reason means, and how to mend it.

    Without CODE, list them all.

    \b
    Example:
      rakuten-orders explain unsupported_transporter
    """
    if code is None:
        console.show(_overview())
        return
    known = messages.explanation(code)
    if known is None:
        raise click.UsageError(f"no code '{code}'; {_nearest(code)}")
    console.show(_page(known))


def _page(known: messages.Explanation) -> str:
    sections = [f"{known.code}: {_KINDS[known.kind]}", _wrapped(known.meaning)]
    for title, body in (
        ("Why it matters", _wrapped(known.why)),
        ("What to do", _wrapped(known.mend)),
        ("Wrong", known.wrong),
        ("Right", known.right),
    ):
        if body:
            sections.append(f"{title}:\n{textwrap.indent(body, '  ')}")
    return "\n\n".join(sections)


def _wrapped(prose: str) -> str:
    """Long lines broken; lines that were written short stay as they are."""
    return "\n".join(
        textwrap.fill(line, 98, break_on_hyphens=False) if len(line) > 98 else line for line in prose.splitlines()
    )


def _overview() -> str:
    def rows(codes: tuple[str, ...]) -> list[tuple[str, str]]:
        known = [messages.explanation(code) for code in codes]
        return [(entry.code, first_sentence(entry.meaning)) for entry in known if entry is not None]

    return "\n\n".join(
        (
            table(("CODE", "FOUND BY validate-rules"), rows(messages.codes())),
            table(("REASON", "SHOWN BY AN ORDER"), rows(messages.reasons())),
            "More on one of them: rakuten-orders explain CODE",
        )
    )


def first_sentence(meaning: str) -> str:
    """What stands before the first full stop, on one line."""
    return meaning.replace("\n", " ").split(". ")[0].rstrip(".")


def _nearest(code: str) -> str:
    known = (*messages.codes(), *messages.reasons())
    folded = code.lower()
    variants = {name.replace("_", "-"): name for name in known}
    near = difflib.get_close_matches(folded.replace("_", "-"), variants, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(variants[name] for name in near)}?"
    return "'rakuten-orders explain' lists them all"
