"""Prepaid labels: shipping types for which Rakuten gives the label and knows the number beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from rakuten_orders.marketplace import prepaid_transporter


@dataclass(frozen=True, slots=True)
class PrepaidLabel:
    """A label that the seller prints. All addresses are below ``example.com``."""

    url: str
    tracking_number: str
    tracking_url: str


def prepaid_label(shipping_type: str, purchase_id: str) -> PrepaidLabel | None:
    """The sale's label, always the same for one purchase; None where the shipping type has none."""
    transporter = prepaid_transporter(shipping_type)
    if transporter is None:
        return None
    digits = "".join(character for character in purchase_id if character in "0123456789")
    number = _number(transporter, digits)
    return PrepaidLabel(
        url=f"https://etiquettes.example.com/etiquette?parcel={number}&signature=0",
        tracking_number=number,
        tracking_url=f"https://suivi.example.com/suivre?parcel={number}",
    )


def _number(transporter: str, digits: str) -> str:
    """A well-formed number of the transporter, made from the purchase's digits."""
    if transporter == "Chronopost":
        serial = digits[-8:].rjust(8, "0")
        return f"XP{serial}{_s10_check_digit(serial)}FR"
    if transporter == "Mondial Relay prépayé":
        return digits[-8:].rjust(8, "0")
    serial = digits[-10:].rjust(10, "0")
    return f"6C{serial}{_gs1_check_digit(serial)}"


def _s10_check_digit(serial: str) -> int:
    """UPU S10: a weighted sum modulo 11, where 10 is written 0 and 11 is written 5."""
    total = sum(int(digit) * weight for digit, weight in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def _gs1_check_digit(serial: str) -> int:
    """GS1: weights 3 and 1 alternate from the right."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(serial)))
    return -total % 10
