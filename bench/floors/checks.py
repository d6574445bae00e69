"""Check digits by hand, for numbers whose form is known to be right already."""

from __future__ import annotations

from collections.abc import Callable

from rakuten_orders.checksums import ALGORITHMS

Check = Callable[[str], bool]

_S10 = {"0": "5", "1": "0", **{str(rest): str(11 - rest) for rest in range(2, 10)}, "10": "1"}
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DOUBLED = str.maketrans("0123456789", "0246813579")


def check_for(name: str, tail: int | None) -> Check:
    """The check of that name over the last ``tail`` characters (None: all of them)."""
    check = _BY_HAND.get(name) or _of_the_engine(name)
    return check if tail is None else lambda number: check(number[-tail:])


def _of_the_engine(name: str) -> Check:
    """The rarer ones: the engine's digits without its look at the form."""
    algorithm = ALGORITHMS[name]
    at, expected, lengths = algorithm.position, algorithm.expected, algorithm.lengths

    def check(number: str) -> bool:
        if len(number) not in lengths:
            return False
        place = at % len(number)
        return number[place] in expected(number[:place] + number[place + 1 :])

    return check


def _s10(number: str) -> bool:
    if len(number) != 13:
        return False
    a, b, c, d, e, f, g, h = map(int, number[2:10])
    return number[10] == _S10[str((8 * a + 6 * b + 4 * c + 2 * d + 3 * e + 5 * f + 9 * g + 7 * h) % 11)]


def _gs1(number: str) -> bool:
    return (3 * sum(map(int, number[-2::-2])) + sum(map(int, number[::-2]))) % 10 == 0


def _gls(number: str) -> bool:
    return (3 * sum(map(int, number[-2::-2])) + sum(map(int, number[::-2])) + 1) % 10 == 0


def _luhn(number: str) -> bool:
    return (sum(map(int, number[::-2])) + sum(map(int, number[-2::-2].translate(_DOUBLED)))) % 10 == 0


def _iso7064(number: str) -> bool:
    check = 36
    for character in number[:-1]:
        check = ((check + _VALUES[character]) % 36 or 36) * 2 % 37
    return (check + _VALUES[number[-1]]) % 36 == 1


def _mod7(number: str) -> bool:
    return int(number[:-1]) % 7 == int(number[-1])


_BY_HAND: dict[str, Check] = {
    "s10": _s10,
    "gs1-mod10": _gs1,
    "gls-mod10-plus1": _gls,
    "luhn": _luhn,
    "iso7064-mod37-36": _iso7064,
    "mod7": _mod7,
}
