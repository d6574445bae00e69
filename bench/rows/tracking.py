"""A shipment to its tracking update: ``Engine.track`` over all carriers against the same by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bench import data
from bench.floors.tracking import Tracking
from bench.outcome import Row, difference
from bench.setting import Setting
from bench.work import Work, in_turn, timed
from rakuten_orders.carriers import CarrierCatalogue
from rakuten_orders.engine import Engine
from rakuten_orders.errors import ShipmentError
from rakuten_orders.model import Shipment, TrackingUpdate

_IN_A_CALL = 100


def measure(setting: Setting) -> Iterator[Row]:
    """The row."""
    yield timed(prepare(setting), setting.method)


def prepare(setting: Setting) -> Work:
    """Both sides on shipments of every carrier; wrong numbers and missing postcodes are compared too."""
    engine = Engine.load()
    hand = Tracking(engine.catalogue)
    good = list(shipments(engine.catalogue, max(_IN_A_CALL, setting.numbers // 5)))
    row = Row(
        key="track",
        name="shipment to tracking update",
        against="the same by hand, a function a carrier",
        target=4.0,
        per="a shipment",
        differs=_difference(engine, hand, [*good, *_wrong(engine.catalogue)]),
    )
    parts = [good[start : start + _IN_A_CALL] for start in range(0, len(good) - _IN_A_CALL + 1, _IN_A_CALL)]
    ours, floor = (in_turn(parts, partial(_updates, track), _IN_A_CALL) for track in (engine.track, hand.update))
    return Work(row, ours, floor)


def shipments(catalogue: CarrierCatalogue, count: int) -> Iterator[Shipment]:
    """Shipments as back offices report them: a carrier by one of its names, a number of its own with blanks in it."""
    rng = random.Random(data.SEED)  # noqa: S311 - reproducible, no secret
    examples = [(carrier, example) for carrier in catalogue for example in carrier.examples["valid"]]
    for number in range(count):
        carrier, example = rng.choice(examples)
        name = rng.choice(carrier.names)
        yield Shipment(
            transporter=name.upper() if rng.random() < 0.2 else name,
            tracking_number=_as_written(rng, example["tracking_number"]),
            order_id=f"5{number:08d}",
            item_ids=(f"7{number:08d}",),
            postcode=example.get("postcode", "75011"),
            country=example.get("country", "FR"),
            pickup_postcode=example.get("pickup_postcode"),
            phone_last4=example.get("phone_last4"),
            language=example.get("language"),
        )


def _as_written(rng: random.Random, number: str) -> str:
    if rng.random() < 0.7:
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4)).lower()


def _wrong(catalogue: CarrierCatalogue) -> Iterator[Shipment]:
    """What is warned of or refused: each carrier with numbers that are not its own, and without anything else."""
    others = ["123", "1Z999AA10123456784", "LX123456785FR", "9" * 70, "RR473124829GB", "é 12/34?5&6"]
    for carrier in catalogue:
        for number in (*(one["tracking_number"] for one in carrier.examples.get("invalid", ())), *others):
            yield Shipment(transporter=carrier.name, tracking_number=number, country="DE")


def _updates(track: Callable[[Shipment], TrackingUpdate], sent: Sequence[Shipment]) -> list[TrackingUpdate]:
    return [track(shipment) for shipment in sent]


def _difference(engine: Engine, hand: Tracking, sent: Sequence[Shipment]) -> str:
    for shipment in sent:
        sides: list[object] = []
        for track in (engine.track, hand.update):
            try:
                sides.append(track(shipment))
            except ShipmentError as fault:
                sides.append([fault.reason, fault.message, fault.hint])
        found = difference(sides[0], sides[1])
        if found:
            return f"{shipment.transporter} {shipment.tracking_number!r}: {found}"
    return ""
