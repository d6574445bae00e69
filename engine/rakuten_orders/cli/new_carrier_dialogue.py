"""What ``carriers new`` asks a person on a terminal, and says where nobody can be asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

import click

from rakuten_orders.cli import console
from rakuten_orders.errors import ConfigError
from rakuten_orders.new_carrier import Draft, Given, Place, Remark, draft, tidy_value


def sentence(remark: Remark) -> str:
    """A remark as people read it: what is so, and below it what to do."""
    return f"- {remark.message}" + (f"\n    {remark.hint}" if remark.hint else "")


def finished(given: Given, place: Place) -> tuple[Given, Draft]:
    """The draft with a file in it, after a person was asked for what is missing or doubtful.

    Where nobody can be asked, doubts are said; raises UsageError for what is missing, ConfigError where no file can be
    made of what there is.
    """
    return _Dialogue(place, sys.stdin.isatty()).finish(given)


class _Dialogue:
    """One carrier being asked for. What was said yes to is not asked twice."""

    def __init__(self, place: Place, asking: bool) -> None:
        self.place = place
        self.asking = asking
        self.sure: set[str] = set()

    def finish(self, given: Given) -> tuple[Given, Draft]:
        """Ask and draft until there is a file."""
        given = self._complete(given)
        while True:
            made = draft(given, self.place)
            self._doubts(made)
            if not made.refusals:
                return given, made
            changed = _mended(given, made) if self.asking else None
            if changed is None:
                raise ConfigError("no file was written", "\n  ".join(map(sentence, made.refusals)))
            given = changed

    def _complete(self, given: Given) -> Given:
        """What was given, and what a person adds."""
        flags = {"--name": given.name.strip(), "--number": given.numbers, "--url": given.urls}
        missing = [flag for flag, value in flags.items() if not value]
        if not missing:
            return given
        if not self.asking:
            raise click.UsageError(f"missing: {', '.join(missing)}. On a terminal you are asked for them.")
        given = self._named(given)
        if not given.numbers:
            given = replace(given, numbers=_several("A tracking number of it"))
        if not given.urls:
            given = replace(given, urls=(_asked("Address of that parcel's page, as the browser shows it"),))
        if not any(given.values.values()):
            postcode = _value("postcode", "Postcode of the recipient (Enter: not known)")
            country = _value("country", "Country of the recipient, two letters (Enter: not known)")
            given = replace(given, values={**given.values, "postcode": postcode, "country": country})
        if not given.source_note and not given.source_url:
            source = _asked("Where do you have this from: a ticket, a mail, a page? (Enter: not known)", optional=True)
            web = source.startswith(("http://", "https://"))
            given = replace(given, source_url=source if web else "", source_note="" if web else source)
        return given

    def _named(self, given: Given) -> Given:
        """The name, compared with the catalogue before anything else is asked."""
        given = given if given.name.strip() else replace(given, name=_asked("Name of the carrier"))
        while True:
            made = draft(replace(given, numbers=(), urls=()), self.place)
            wrong = tuple(remark for remark in made.refusals if remark.code in ("name", "name-taken", "code"))
            changed = _mended(given, replace(made, remarks=wrong))
            if changed is None:
                self._doubts(made)
                return given
            given = changed

    def _doubts(self, made: Draft) -> None:
        """Ask whether to go on; where nobody can be asked, say what is doubtful."""
        for remark in made.remarks:
            if remark.weight != "doubt" or remark.message in self.sure:
                continue
            self.sure.add(remark.message)
            console.say(f"{'' if self.asking else 'Warning: '}{remark.message}\n  {remark.hint}")
            if self.asking and not click.confirm("Go on with a new carrier?", err=True):
                raise click.Abort


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
    return replace(given, numbers=_several("The tracking number"))


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


def _value(name: str, question: str) -> tuple[str, ...]:
    """A value of the parcel, or none; what cannot be one is told, and asked for again."""
    while answer := _asked(question, optional=True):
        value = tidy_value(name, answer)
        if isinstance(value, str):
            return (value,) if value else ()
        console.say(f"{value.message}\n  {value.hint}")
    return ()


def _several(question: str) -> tuple[str, ...]:
    """One line, and more of them until one is empty."""
    answers = [_asked(question)]
    while answer := _asked("Another number of it (Enter: no more)", optional=True):
        answers.append(answer)
    return tuple(answers)
