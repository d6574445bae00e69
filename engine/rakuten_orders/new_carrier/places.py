"""Where the values of one parcel stand in an address, and the template that comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rakuten_orders.formats import clean_number
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.new_carrier.address import Address
from rakuten_orders.templates import FILTERS
from rakuten_orders.tracking import language_of

SHORT = 6
"""A number of fewer characters is only looked for between other signs: four digits stand in many addresses."""

_FILTERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "postcode": (
        (),
        ("upper",),
        ("lower",),
        ("no_spaces",),
        ("no_spaces", "upper"),
        ("no_spaces", "lower"),
        ("digits",),
    ),
    "country": ((), ("lower",)),
    "language": ((), ("upper",)),
}
_FILTERS_OF = {**_FILTERS, "pickup_postcode": _FILTERS["postcode"]}
_WORDS = frozenset({"country", "language"})
"""Variables of two letters: they count only where they are a whole part of the address."""

_KEYS: Mapping[str, str] = {
    **dict.fromkeys(("cp", "codepostal", "codepost", "cpdest", "cpdestinataire"), "postcode"),
    **dict.fromkeys(("postcode", "postalcode", "postal", "zip", "zipcode", "plz", "postleitzahl"), "postcode"),
    **dict.fromkeys(("country", "countrycode", "pays", "codepays", "paysdest", "destcountry", "land"), "country"),
    **dict.fromkeys(("lang", "language", "langue", "lng", "lc", "locale", "hl", "culture"), "language"),
    **dict.fromkeys(("sprache", "idioma", "taal"), "language"),
}
"""What the names of an address's values mean, in small letters, without what is neither letter nor digit."""
POSTCODE = re.compile(r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z -]{2,9}")
"""What can be a postcode: 3 to 10 characters, a digit among them."""
_LOCALE = re.compile(r"([A-Za-z]{2})[-_]([A-Za-z]{2})")
_PART = re.compile(r"[^/?&=#;,:|!~]+")
_PLACE_OF_POSTCODE = re.compile(r"cp|post|zip|plz", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[$#]?\{+[^{}/?&=]{1,40}\}+|\[[^][/?&=]{1,40}\]|<[^<>/?&=]{1,40}>|%[sd]|@@?|(?<![A-Za-z])[Xx]{5,}(?![A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A variable's place among an address's characters."""

    start: int
    end: int
    variable: str
    filters: tuple[str, ...] = ()

    @property
    def expression(self) -> str:
        """What stands there in the template."""
        return f"{{{{ {' | '.join((self.variable, *self.filters))} }}}}"


@dataclass(frozen=True, slots=True)
class Filled:
    """One parcel's address with variables in it.

    ``number`` is the cleaned number that it holds, empty where it holds none; ``values`` are those of the other
    variables. ``inferred`` names the variables that only the address's own words tell; ``placeholders`` are the words
    that stood for values; ``languages`` are parts of the path that stay though the country is written so. ``inside`` is
    the longer run of digits that the number is only part of, else empty. ``left`` are parts with many digits that no
    value explains.
    """

    template: str
    address: Address
    number: str
    values: Mapping[str, str]
    inferred: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    inside: str = ""
    left: tuple[str, ...] = ()


def fill(address: Address, numbers: Sequence[str], given: Mapping[str, Sequence[str]]) -> Filled:
    """The template of ``address`` for the first of the cleaned ``numbers`` that it holds, the longest first.

    ``given`` has the values that are known, by variable.
    """
    free = [True] * len(address.units)
    places: list[Found] = []

    def take(found: Iterable[Found]) -> bool:
        before = len(places)
        for place in found:
            if all(free[place.start : place.end]):
                free[place.start : place.end] = [False] * (place.end - place.start)
                places.append(place)
        return len(places) > before

    number = next((one for one in sorted(numbers, key=len, reverse=True) if take(_number_places(address, one))), "")
    values: dict[str, str] = {}
    inferred = _inferred(address, given, free)
    wanted = [(name, value) for name, known in {**given, **inferred}.items() for value in known]
    for name, value in sorted(wanted, key=lambda entry: (-len(entry[1]), entry[0] == "pickup_postcode")):
        if name not in values and take(_value_places(address, name, value, {**given, **inferred})):
            values[name] = value
    held = [] if number else list(_placeholders(address))
    if take(held) and any(place.variable == "tracking_number" for place in held):
        number = max(numbers, key=len, default="")
    return Filled(
        _template(address, places),
        address,
        number,
        {place.variable: values.get(place.variable, "") for place in places if place.variable != "tracking_number"},
        tuple(name for name in inferred if name in values),
        tuple(address.text[place.start : place.end] for place in held if place in places),
        tuple(part[0] for part in _PART.finditer(address.text) if _is_language(address.text, part, given)),
        _longer(address, places),
        tuple(_personal(address, free)),
    )


def _template(address: Address, places: Sequence[Found]) -> str:
    starts = {place.start: place for place in places}
    inside = {index for place in places for index in range(place.start, place.end)}
    parts = [address.head]
    for index, unit in enumerate(address.units):
        if index in starts:
            parts.append(starts[index].expression)
        elif index not in inside:
            parts.append(unit.raw)
    return "".join(parts)


def _number_places(address: Address, number: str) -> Iterator[Found]:
    """Everywhere that a cleaned number stands, whatever its case and spacing, and where its digits alone do."""
    for start, end in loosely(address.text, number):
        if len(number) >= SHORT or _bounded(address.text, start, end):
            yield Found(start, end, "tracking_number", _case(address.text[start:end]))
    digits = FILTERS["digits"](number)
    if digits != number and len(digits) >= SHORT:
        for start, end in loosely(address.text, digits):
            if _bounded(address.text, start, end):
                yield Found(start, end, "tracking_number", ("digits",))


def loosely(text: str, number: str) -> Iterator[tuple[int, int]]:
    """Where ``number`` stands in ``text`` once what cleaning removes is left out; beginning and end in ``text``."""
    chars, at = [], []
    for index, char in enumerate(text):
        for cleaned in clean_number(char):
            chars.append(cleaned)
            at.append(index)
    compact = "".join(chars)
    start = compact.find(number)
    while start >= 0:
        end = start + len(number)
        yield at[start], at[end - 1] + 1
        start = compact.find(number, end)


def without_numbers(text: str, real: Sequence[str]) -> str:
    """The text with an ellipsis for each of the cleaned numbers in it, however they are spaced."""
    for number in real:
        for start, end in reversed(list(loosely(text, number)) if len(number) >= SHORT else []):
            text = f"{text[:start]}…{text[end:]}"
    return text


def _case(text: str) -> tuple[str, ...]:
    letters = [char for char in text if char.isalpha()]
    return ("lower",) if letters and all(char.islower() for char in letters) else ()


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether neither a letter nor a digit stands before or behind."""
    return not (text[start - 1 : start] if start else "").isalnum() and not text[end : end + 1].isalnum()


def _value_places(address: Address, variable: str, value: str, given: Mapping[str, Sequence[str]]) -> Iterator[Found]:
    """Everywhere that a value stands, in each form that filters can give it."""
    seen: set[str] = set()
    for filters in _FILTERS_OF.get(variable, ((),)):
        form = value
        for name in filters:
            form = FILTERS[name](form)
        if form in seen or (filters == ("digits",) and len(form) < 4):
            continue
        seen.add(form)
        for match in re.finditer(re.escape(form), address.text):
            fits = _is_word if variable in _WORDS else _is_value
            if fits(address.text, match.start(), match.end(), variable, given):
                yield Found(match.start(), match.end(), variable, filters)


def _is_value(text: str, start: int, end: int, _variable: str, _given: Mapping[str, Sequence[str]]) -> bool:
    return _bounded(text, start, end)


def _is_word(text: str, start: int, end: int, variable: str, given: Mapping[str, Sequence[str]]) -> bool:
    """Whether two letters are a whole part of the address, or half a locale, and more likely this variable's."""
    part = next((found for found in _PART.finditer(text) if found.start() <= start < found.end()), None)
    if part is None or text[part.end() : part.end() + 1] == "=":
        return False
    if variable == "country" and _is_language(text, part, given):
        return False
    locale = _LOCALE.fullmatch(part[0])
    if locale is not None:
        return variable == ("language" if start == part.start() else "country")
    if (part.start(), part.end()) != (start, end):
        return False
    meaning = _KEYS.get(_key(text, part.start()))
    if meaning is not None:
        return meaning == variable
    other = "language" if variable == "country" else "country"
    rivals = [value.upper() for value in given.get(other, ())]
    return text[start:end].upper() not in rivals or text[start:end].isupper() == (variable == "country")


def _is_language(text: str, part: re.Match[str], given: Mapping[str, Sequence[str]]) -> bool:
    """Whether a part of the path holds the country's letters and is the site's language: ``/fr/``, ``/fr-fr/``.

    Where a language was given too, the two are told apart by it.
    """
    if "language" in given or re.search("[?#=]", text[: part.start()]) or text[part.end() : part.end() + 1] == "=":
        return False
    countries = [value.upper() for value in given.get("country", ())]
    locale = _LOCALE.fullmatch(part[0])
    if locale is not None:
        return locale[2].upper() in countries
    country = part[0].upper()
    return country in countries and part[0] == language_of(country)


def _key(text: str, start: int) -> str:
    """The name before ``=`` that the part at ``start`` belongs to; without it the part before, in small letters."""
    before = list(_PART.finditer(text[:start]))
    if not before or start - before[-1].end() != 1:
        return ""
    return re.sub(r"[^a-z0-9]", "", before[-1][0].lower()) if text[start - 1] == "=" else ""


def _inferred(address: Address, given: Mapping[str, Sequence[str]], free: Sequence[bool]) -> dict[str, tuple[str, ...]]:
    """Values that nobody named, where the address's own words say what they are (``cp=75011``)."""
    found: dict[str, tuple[str, ...]] = {}
    for part in _PART.finditer(address.text):
        value, meaning = part[0], _KEYS.get(_key(address.text, part.start()))
        if not all(free[part.start() : part.end()]):
            continue
        if meaning == "postcode" and POSTCODE.fullmatch(value):
            found.setdefault("postcode", (value,))
        elif meaning == "country" and len(value) == 2 and numeric_country(value) is not None:
            found.setdefault("country", (value.upper(),))
    taken = {"postcode", "pickup_postcode"} if {"postcode", "pickup_postcode"} & set(given) else set()
    return {name: values for name, values in found.items() if name not in given and name not in taken}


def _placeholders(address: Address) -> Iterator[Found]:
    """Words that a carrier's own manual has where the values go: ``[NUMERO]``, ``{cp}``, ``XXXXXXXX``."""
    parts = {part.span() for part in _PART.finditer(address.text)}
    for match in _PLACEHOLDER.finditer(address.text):
        if match.span() in parts or match[0][0] != "@":  # an @ stands in many addresses
            postcode = _PLACE_OF_POSTCODE.search(match[0])
            yield Found(match.start(), match.end(), "postcode" if postcode else "tracking_number")


def _longer(address: Address, places: Sequence[Found]) -> str:
    """The run of digits that the number is only part of, where it stands nowhere by itself."""
    runs = []
    inside = {index for place in places for index in range(place.start, place.end)}
    for place in places:
        if place.variable != "tracking_number":
            continue
        start, end = place.start, place.end
        while start and start - 1 not in inside and address.text[start - 1] in "0123456789":
            start -= 1
        while end < len(address.text) and end not in inside and address.text[end] in "0123456789":
            end += 1
        if (start, end) == (place.start, place.end):
            return ""
        runs.append(address.text[start:end])
    return runs[0] if runs else ""


def _personal(address: Address, free: Sequence[bool]) -> Iterator[str]:
    """Parts that stay as they are and have many digits: they may be this one parcel's alone."""
    for part in _PART.finditer(address.text):
        left = (char for char, untouched in zip(part[0], free[part.start() : part.end()], strict=True) if untouched)
        if sum(char.isdigit() for char in left) >= 4:
            yield part[0]
