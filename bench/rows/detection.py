"""Detection: numbers over the whole catalogue against testing the possible carriers alone, and how it grows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from bench import data
from bench.floors.detection import Detecting
from bench.measuring import Case, interleaved
from bench.outcome import Row, difference
from bench.setting import Setting
from bench.work import Other, Work, in_turn, line, timed
from rakuten_orders.carriers import CarrierCatalogue
from rakuten_orders.detection import detect
from rakuten_orders.engine import Engine
from rakuten_orders.model import Detection

SIZES = (60, 240, 960)
_IN_A_CALL = 100

Detect = Callable[[str], tuple[Detection, ...]]


def measure(setting: Setting) -> Iterator[Row]:
    """Both rows, with the peer below the first."""
    yield timed(prepare(setting), setting.method)
    yield growth(setting)


def prepare(setting: Setting) -> Work:
    """Both sides on the same numbers."""
    catalogue = Engine.load().catalogue
    tried = numbers(catalogue, setting.numbers)
    hand = Detecting(catalogue, tried)
    ours: Detect = partial(detect, catalogue)
    row = Row(
        key="detect",
        name=f"detect among {len(catalogue)} carriers",
        against="testing only the carriers that are possible",
        target=2.0,
        per="a number",
        differs=difference(list(map(ours, tried)), list(map(hand.detect, tried))),
    )
    parts = _parts(tried)
    others: dict[str, Other] = {}
    if setting.peers:
        from bench.peers.detection import case  # noqa: PLC0415 - installed by `make bench` alone

        others["tracking-numbers"] = case(parts)
    return Work(row, _case(ours, parts), _case(hand.detect, parts), others)


def growth(setting: Setting) -> Row:
    """Time for each carrier that is returned, with 16 times the carriers: below 1 it grows slower than they do."""
    shipped = Engine.load().catalogue
    catalogues = {size: grown(shipped, size) for size in SIZES}
    tried = numbers(shipped, max(_IN_A_CALL, setting.numbers // 5))
    parts = _parts(tried)
    cases = {}
    for size, catalogue in catalogues.items():
        ours: Detect = partial(detect, catalogue)
        returned = sum(len(ours(number)) for number in tried)
        cases[str(size)] = Case(_case(ours, parts).call, max(1, round(returned / len(parts))))
    few, some, many = map(str, SIZES)
    timings = interleaved(cases, few, setting.method)
    return Row(
        key="growth",
        name="detect: growth from 60 to 960",
        against="the time for a carrier returned with 60 of them (made carriers overlap like the shipped)",
        target=1.0,
        per="a carrier returned",
        figure=timings[many].ratio,
        lowest=timings[many].lowest,
        highest=timings[many].highest,
        floor=timings[few].seconds,
        ours=timings[many].seconds,
        lines=(line("from 60 to 240", timings[some]),),
    )


def numbers(catalogue: CarrierCatalogue, count: int) -> list[str]:
    """Numbers of all kinds: the carriers' own examples with other digits, so that check digits mostly fail, and some
    as they are; one in twenty is nobody's.
    """
    rng = random.Random(data.SEED)  # noqa: S311 - reproducible, no secret
    own = [example["tracking_number"] for carrier in catalogue for example in carrier.examples["valid"]]
    made = []
    for _ in range(count):
        number = rng.choice(own)
        if rng.random() < 0.5:
            number = "".join(rng.choice("0123456789") if char.isdigit() else char for char in number)
        made.append(number if rng.random() < 0.95 else f"?{number}")
    return made


def grown(catalogue: CarrierCatalogue, size: int) -> CarrierCatalogue:
    """``size`` carriers: every so manieth of the shipped, or all of them and copies under other names.

    A copy has its original's formats and an operator of its own, so that the share of carriers that a number fits
    stays what it is.
    """
    shipped = [carrier for carrier in catalogue if carrier.formats]
    chosen = [shipped[index * len(shipped) // size] for index in range(min(size, len(shipped)))]
    for index in range(size - len(chosen)):
        original = shipped[index % len(shipped)]
        code = f"{original.code}-{index}"
        chosen.append(replace(original, code=code, name=f"{original.name} {index}", aliases=(), operator=code))
    chosen.sort(key=lambda carrier: carrier.code)
    by_code = {carrier.code: carrier for carrier in chosen}
    return CarrierCatalogue(tuple(chosen), by_code, by_code)


def _parts(tried: Sequence[str]) -> list[Sequence[str]]:
    return [tried[start : start + _IN_A_CALL] for start in range(0, len(tried) - _IN_A_CALL + 1, _IN_A_CALL)]


def _case(one: Detect, parts: Sequence[Sequence[str]]) -> Case:
    return in_turn(parts, lambda part: [one(number) for number in part], _IN_A_CALL)
