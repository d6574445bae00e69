"""What is sent: parameters in the encoding that Rakuten reads them in, and the file of shipped items. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NEAREST = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u2002\u2003\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        "…": "...",
        "•": "·",
        "œ": "oe",
        "Œ": "OE",
        "€": "EUR",
        "™": "TM",
        "ł": "l",
        "Ł": "L",
    }
)


@dataclass(frozen=True, slots=True)
class ShippingStatusLine:
    """An item that is reported as sent.

    Without a tracked parcel ``tracking_number`` is ``Oui`` and the rest stays empty (what a client does).
    """

    purchase_id: str
    item_id: str
    transporter: str = ""
    tracking_number: str = ""
    tracking_url: str = ""


def latin1(text: str) -> str:
    """``text`` with only characters of ISO-8859-1.

    Typographic characters become their plain form, letters with marks that it lacks lose them, and what is
    still left becomes ``?``, so that one sees that something was there.
    """
    if text.isascii():
        return text
    return "".join(map(_latin1_character, unicodedata.normalize("NFC", text).translate(_NEAREST)))


def _latin1_character(character: str) -> str:
    if character <= "\xff":
        return character
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return plain if plain and max(plain) <= "\xff" else "?"


def query(parameters: Mapping[str, str]) -> str:
    """``parameters`` percent-encoded in ISO-8859-1, which Rakuten decodes them as (what production clients do)."""
    return urlencode({name: latin1(value) for name, value in parameters.items()}, encoding="iso-8859-1")


def shipping_status_file(lines: Iterable[ShippingStatusLine]) -> bytes:
    """The file of importitemshippingstatus: UTF-8, declared as such (what production clients send)."""
    items = "".join(_item(line) for line in lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<items>\n{items}</items>\n'.encode()


def _item(line: ShippingStatusLine) -> str:
    values = {
        "purchaseid": line.purchase_id,
        "itemid": line.item_id,
        "transporter": line.transporter,
        "trackingnumber": line.tracking_number,
        "trackingurl": line.tracking_url,
    }
    elements = "".join(f"<{name}>{escape(_xml_text(value))}</{name}>" for name, value in values.items())
    return f"<item>{elements}</item>\n"


def _xml_text(text: str) -> str:
    """``text`` without the characters that XML forbids."""
    return _NOT_IN_XML.sub("", text)
