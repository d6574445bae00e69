"""What several tracking numbers have in common: a pattern, check digits that hold for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rakuten_orders.checksums import ALGORITHMS
from rakuten_orders.formats import MAX_NUMBER, NumberFormat, clean_number
from rakuten_orders.new_carrier.given import Remark, look, refusal

ENOUGH_FOR_A_PATTERN = 2
"""So many numbers of one length show a form; one alone may have any letter or digit by chance."""

ENOUGH_FOR_A_CHECKSUM = 3
"""A check digit modulo 10 holds for one number in ten by chance, for three in one case of a thousand."""

_SHORTEST = 4
_DIGIT, _LETTER, _EITHER = "[0-9]", "[A-Z]", "[0-9A-Z]"


@dataclass(frozen=True, slots=True)
class Form:
    """Numbers of one length, and the pattern that fits all of them; empty where one sample shows none."""

    samples: tuple[str, ...]
    pattern: str = ""


def check_number(typed: str) -> Remark | None:
    """Why ``typed`` can be no tracking number; None where it can."""
    number = clean_number(typed)
    odd = next((char for char in number if not "!" <= char <= "~"), None)
    if odd is not None:
        return refusal("number", "characters", number=typed, character=odd)
    if len(number) > MAX_NUMBER:
        return refusal("number", "long", number=typed, limit=MAX_NUMBER)
    if len(number) < _SHORTEST:
        return refusal("number", "short", number=typed, least=_SHORTEST)
    if not any(char in "0123456789" for char in number):
        return refusal("number", "no_digit", number=typed)
    return None


def forms(numbers: Sequence[str]) -> tuple[tuple[Form, ...], Remark]:
    """The forms that the cleaned numbers have, by length, and what to say of them.

    A pattern is proposed only where each length has enough samples: one sample proposes none, and patterns for some of
    the forms alone would warn of the others.
    """
    by_length = [tuple(group) for _, group in groupby(sorted(set(numbers), key=lambda one: (len(one), one)), key=len)]
    lone = next((group[0] for group in by_length if len(group) < ENOUGH_FOR_A_PATTERN), None)
    plain = tuple(Form(group) for group in by_length)
    if lone is not None:
        variant = "one" if len(plain) == 1 else "lone"
        return plain, look("no-pattern", variant, lengths=len(plain), length=len(lone))
    found = tuple(Form(group, _pattern(group)) for group in by_length)
    if not all(form.pattern for form in found):
        return plain, look("no-pattern", "unlike")
    patterns = ", ".join(form.pattern for form in found)
    return found, look("pattern", patterns=patterns, count=len(set(numbers)))


def _pattern(samples: Sequence[str]) -> str:
    """The pattern for numbers of one length; empty where they have signs in different places.

    Letters that all of them have stay, digits never do: that all begin with the same ones may be chance.
    """
    classes = [_class(set(column)) for column in zip(*samples, strict=True)]
    if "" in classes:
        return ""
    return "".join(_repeated(kind, len(list(run))) for kind, run in groupby(classes))


def _class(column: set[str]) -> str:
    if len(column) == 1 and not column & set("0123456789"):
        return re.escape(next(iter(column)))
    if not all(char.isalnum() for char in column):
        return ""
    digits = sum(char.isdigit() for char in column)
    return _DIGIT if digits == len(column) else _EITHER if digits else _LETTER


def _repeated(kind: str, times: int) -> str:
    if kind in (_DIGIT, _LETTER, _EITHER):
        return kind if times == 1 else f"{kind}{{{times}}}"
    return kind * times


def with_checksum(known: Sequence[Form], asked: str) -> tuple[tuple[NumberFormat, ...], list[Remark]]:
    """The formats to write: the forms' patterns, with the check digit that was asked for (``name`` or ``name:tail``).

    Where none was, check digits that hold for all samples are told, and not taken: they may hold by chance.
    """
    if not asked:
        patterns = tuple(NumberFormat(form.pattern) for form in known if form.pattern)
        return patterns, _hints([sample for form in known for sample in form.samples])
    name, _, tail = asked.partition(":")
    algorithm = ALGORITHMS.get(name)
    length = int(tail) if re.fullmatch("[1-9][0-9]?", tail) else None
    if algorithm is None:
        return (), [refusal("checksum", "unknown", name=name, known=", ".join(ALGORITHMS))]
    if tail and (length is None or not algorithm.takes_tail):
        return (), [refusal("checksum", "tail", name=name, tail=tail)]
    if not all(form.pattern for form in known):
        return (), [refusal("checksum", "no_pattern", name=asked)]
    wrong = next((one for form in known for one in form.samples if not algorithm.check(one, length)), None)
    if wrong is not None:
        return (), [refusal("checksum", "fails", name=asked, number=wrong)]
    return tuple(NumberFormat(form.pattern, name, length) for form in known), []


def _hints(samples: Sequence[str]) -> list[Remark]:
    if len(samples) < ENOUGH_FOR_A_CHECKSUM:
        return []
    holding = list(_holding(samples))
    return [look("check-digit", found=", ".join(holding), count=len(samples), first=holding[0])] if holding else []


def _holding(samples: Sequence[str]) -> Iterator[str]:
    """The algorithms that hold for all samples, with the tail of digits behind letters where only that counts."""
    tails = {len(found[0]) for sample in samples if (found := re.search("[0-9]+$", sample))}
    tail = tails.pop() if len(tails) == 1 else None
    for name, algorithm in ALGORITHMS.items():
        if all(algorithm.check(sample) for sample in samples):
            yield name
        elif tail and tail > 1 and algorithm.takes_tail and all(algorithm.check(one, tail) for one in samples):
            yield f"{name}:{tail}"
