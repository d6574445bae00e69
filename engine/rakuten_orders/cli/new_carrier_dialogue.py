"""What ``carriers new`` asks a person on a terminal, and says where nobody can be asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

import click

from rakuten_orders.cli import console
from rakuten_orders.errors import ConfigError
from rakuten_orders.new_carrier import Draft, Given, Place, Remark, draft


def sentence(remark: Remark) -> str:
    """A remark as people read it: what is so, and below it what to do."""
    return f"- {remark.message}" + (f"\n    {remark.hint}" if remark.hint else "")


def ask_for_missing(given: Given, place: Place) -> Given:
    """What was given, and what a person added. Raises UsageError where something is missing and nobody can be asked."""
    missing = [
        flag
        for flag, value in (("--name", given.name.strip()), ("--number", given.numbers), ("--url", given.urls))
        if not value
    ]
    if not missing:
        return given
    if not sys.stdin.isatty():
        raise click.UsageError(f"missing: {', '.join(missing)}. On a terminal you are asked for them.")
    if not given.name.strip():
        given = replace(given, name=_asked("Name of the carrier"))
    given = _named(given, place)
    if not given.numbers:
        given = replace(given, numbers=_several("A tracking number of it", "Another number of it (Enter: no more)"))
    if not given.urls:
        given = replace(given, urls=(_asked("Address of that parcel's page, as the browser shows it"),))
    if not any(given.values.values()):
        postcode = _asked("Postcode of the recipient (Enter: not known)", optional=True)
        given = replace(given, values={**given.values, "postcode": (postcode,) if postcode else ()})
    if not given.source_note and not given.source_url:
        source = _asked("Where do you have this from: a ticket, a mail, a page? (Enter: not known)", optional=True)
        web = source.startswith(("http://", "https://"))
        given = replace(given, source_url=source if web else "", source_note="" if web else source)
    return given


def settle(given: Given, place: Place) -> tuple[Given, Draft]:
    """The draft with a file in it, after what can be asked was asked. Raises ConfigError with the reasons for none."""
    sure: set[str] = set()
    while True:
        made = draft(given, place)
        doubts = [remark for remark in made.remarks if remark.weight == "doubt" and remark.message not in sure]
        for remark in doubts:
            sure.add(remark.message)
            _doubt(remark)
        if not made.refusals:
            return given, made
        changed = _mended(given, made) if sys.stdin.isatty() else None
        if changed is None:
            raise ConfigError("no file was written", "\n  ".join(map(sentence, made.refusals)))
        given = changed


def _doubt(remark: Remark) -> None:
    """Ask whether to go on; where nobody can be asked, say it."""
    if sys.stdin.isatty():
        console.say(f"{remark.message}\n  {remark.hint}")
        if not click.confirm("Go on with a new carrier?", err=True):
            raise click.Abort
    else:
        console.say(f"Warning: {remark.message}\n  {remark.hint}")


def _named(given: Given, place: Place) -> Given:
    """The name compared with the catalogue before anything else is asked."""
    while True:
        made = draft(replace(given, numbers=(), urls=()), place)
        wrong = next((remark for remark in made.refusals if remark.code in ("name", "name-taken", "code")), None)
        if wrong is None:
            return given
        changed = _mended(given, replace(made, remarks=(wrong,)))
        if changed is None:
            raise click.Abort
        given = changed


def _mended(given: Given, made: Draft) -> Given | None:
    """What was given with the first refusal's cause mended by a person; None where nobody can do that here."""
    for remark in made.refusals:
        if remark.code in _MENDERS:
            console.say(f"{remark.message}\n  {remark.hint}")
            return _MENDERS[remark.code](given, made)
    return None


def _other_name(given: Given, _made: Draft) -> Given:
    return replace(given, name=_asked("Name of the carrier (Ctrl-C: stop)"), code="")


def _code(given: Given, _made: Draft) -> Given:
    return replace(given, code=_asked("Code of the carrier"))


def _other_numbers(given: Given, _made: Draft) -> Given:
    return replace(given, numbers=_several("The tracking number", "Another number of it (Enter: no more)"))


def _other_address(given: Given, _made: Draft) -> Given:
    return replace(given, urls=(_asked("Address of that parcel's page"),))


def _number_or_address(given: Given, made: Draft) -> Given:
    answer = click.prompt(
        "Give another number, another address, or is it a page to search on?",
        type=click.Choice(["number", "address", "search"]),
        err=True,
    )
    if answer == "search":
        return replace(given, search_page=True)
    return (_other_numbers if answer == "number" else _other_address)(given, made)


def _encrypted(given: Given, _made: Draft) -> Given:
    if click.confirm("Does the page open with https:// in front?", err=True):
        return replace(given, urls=tuple(url.replace("http://", "https://", 1) for url in given.urls))
    return replace(given, note="the page has only http")


def _same_digits(given: Given, made: Draft) -> Given:
    if click.confirm("Are the other digits the same for all parcels?", err=True):
        return replace(given, same_digits=True)
    return _other_numbers(given, made)


def _same_company(given: Given, made: Draft) -> Given:
    if click.confirm(f"Is it the same company ({made.operator})?", err=True):
        return replace(given, operator=made.operator)
    return _other_address(given, made)


_MENDERS: Mapping[str, Callable[[Given, Draft], Given]] = {
    "name": _other_name,
    "name-taken": _other_name,
    "code": _code,
    "number": _other_numbers,
    "no-address": _other_address,
    "address": _other_address,
    "not-in-address": _number_or_address,
    "number-inside": _same_digits,
    "http": _encrypted,
    "host-taken": _same_company,
}


def _asked(question: str, *, optional: bool = False) -> str:
    """One line typed by a person. Ctrl-C and the end of input raise click.Abort."""
    answer = ""
    while not answer:
        answer = click.prompt(question, default="", show_default=False, err=True).strip()
        if optional:
            break
    return answer


def _several(first: str, more: str) -> tuple[str, ...]:
    answers = [_asked(first)]
    while answer := _asked(more, optional=True):
        answers.append(answer)
    return tuple(answers)
