"""What people type, brought into the form that files have, and what of it cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rakuten_orders.formats import clean_number
from rakuten_orders.marketplace import numeric_country
from rakuten_orders.names import code_of, fold
from rakuten_orders.new_carrier.address import read_address
from rakuten_orders.new_carrier.given import Given, Remark, look, refusal
from rakuten_orders.new_carrier.known import LONGEST_NAME, one_line
from rakuten_orders.new_carrier.places import POSTCODE, without_numbers

_CODE = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_LABEL = re.compile(r"\A(?:(?:(?:[^\W\dº]|[ .])*[:°º])+|#) *")  # "N° ", "Colis n° : "
_LONGEST_VALUE = 40
_LONGEST_NOTE = 500
_SOURCE = "a tracking number and the address of its page"


def tidy(given: Given) -> tuple[Given, list[Remark]]:
    """The same in clean form, and remarks about what was left out or cannot be used."""
    remarks: list[Remark] = []
    numbers = tuple(dict.fromkeys(filter(None, (_LABEL.sub("", one_line(number)) for number in given.numbers))))
    real = [clean_number(number) for number in numbers]
    name = one_line(given.name)
    aliases = _aliases(given, name, remarks)
    for text in (name, *aliases):
        if len(text) > LONGEST_NAME:
            remarks.append(refusal("name", "long", name=text, limit=LONGEST_NAME))
        elif without_numbers(text, real) != text:
            remarks.append(refusal("name", "number", name=text))
    if given.code and not _CODE.fullmatch(given.code):
        remarks.append(refusal("code", code=given.code, proposed=code_of(given.code) or "transports-dupuis"))
    if given.operator and not _CODE.fullmatch(given.operator):
        remarks.append(refusal("operator", operator=given.operator, proposed=code_of(given.operator) or "la-poste"))
    values = {key: tuple(_values(key, known, remarks)) for key, known in given.values.items()}
    source_url, source_note = _source(given, real, remarks)
    clean = replace(
        given,
        name=name,
        numbers=numbers,
        urls=tuple(url for url in given.urls if url.strip()),
        values={key: known for key, known in values.items() if known},
        aliases=aliases,
        checksum=one_line(given.checksum),
        note=_note(given.note, real, remarks),
        source_note=source_note,
        source_url=source_url,
    )
    return clean, remarks


def _aliases(given: Given, name: str, remarks: list[Remark]) -> tuple[str, ...]:
    """The aliases that say something new."""
    known = {fold(name), fold(given.code or code_of(name))}
    kept: list[str] = []
    for alias in map(one_line, given.aliases):
        if not fold(alias):
            remarks.append(refusal("name", "empty", name=alias))
        elif fold(alias) in known:
            remarks.append(look("alias", alias=alias, name=name))
        else:
            known.add(fold(alias))
            kept.append(alias)
    return tuple(kept)


def _values(key: str, known: Sequence[str], remarks: list[Remark]) -> Iterator[str]:
    for typed in known:
        value = tidy_value(key, typed)
        if isinstance(value, Remark):
            remarks.append(value)
        elif value:
            yield value


def tidy_value(key: str, typed: str) -> str | Remark:
    """What was typed for a variable, in clean form, or why it cannot be used; empty where nothing was."""
    value = one_line(typed)
    if not value:
        return ""
    variant = key
    if key == "country":
        value = value.upper()
        well = len(value) == 2 and numeric_country(value) is not None
    elif key == "language":
        value = value.lower()
        well = re.fullmatch("[a-z]{2}", value) is not None
    elif key == "phone_last4":
        value = "".join(char for char in value if char in "0123456789")[-4:]
        well = len(value) == 4
    elif key in ("postcode", "pickup_postcode"):
        variant = "postcode"
        well = POSTCODE.fullmatch(value) is not None
    else:
        variant = ""
        well = 2 <= len(value) <= _LONGEST_VALUE
    return value if well else refusal("value", variant, name=key, value=typed)


def _note(text: str, real: Sequence[str], remarks: list[Remark]) -> str:
    note = one_line(one_line(text)[:_LONGEST_NOTE])
    without = without_numbers(note, real)
    if without != note:
        remarks.append(look("note-without-number", note=without))
    return without


def _source(given: Given, real: Sequence[str], remarks: list[Remark]) -> tuple[str, str]:
    """Address and note of the source; one of them is empty."""
    if not given.source_url.strip():
        return "", _note(given.source_note, real, remarks) or _SOURCE
    address, found = read_address(given.source_url)
    if address is None:
        remarks += [refusal("source", why=remark.message, hint=remark.hint) for remark in found]
        return "", _SOURCE
    if without_numbers(address.text, real) != address.text:
        remarks.append(look("source-without-number", host=address.host))
        return "", f"{_SOURCE}, on {address.host}"
    return address.url, ""
