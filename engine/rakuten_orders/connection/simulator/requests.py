"""HTTP requests as the marketplace understands them: parameters in ISO-8859-1, and an uploaded file."""

from __future__ import annotations

import email.parser
import email.policy
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

_CHARSET = "iso-8859-1"


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """An ``<item>`` of importitemshippingstatus' file."""

    purchase_id: str
    item_id: str
    transporter: str
    tracking_number: str
    tracking_url: str


@dataclass(frozen=True, slots=True)
class Request:
    """A call: its parameters, and the lines of its file where it has one.

    ``lines`` is None where no readable file came. ``repr`` leaves out the token.
    """

    method: str
    params: Mapping[str, str] = field(repr=False)
    lines: tuple[ShippingLine, ...] | None = None

    @property
    def action(self) -> str:
        """The web service's name, empty where it is missing."""
        return self.params.get("action", "")

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items that the call names."""
        if self.lines is not None:
            return tuple(line.item_id for line in self.lines)
        return (self.params["itemid"],) if self.params.get("itemid") else ()


def read_request(method: str, query: str, content_type: str, body: bytes) -> Request:
    """Parameters from the query and, as Rakuten takes them too, from a posted form; the file from its part."""
    params = dict(parse_qsl(query, keep_blank_values=True, encoding=_CHARSET))
    if content_type.startswith("application/x-www-form-urlencoded"):
        form = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding=_CHARSET)
        return Request(method, {**params, **dict(form)})
    if content_type.startswith("multipart/form-data"):
        return Request(method, params, _lines(_file_part(content_type, body)))
    return Request(method, params)


def _file_part(content_type: str, body: bytes) -> bytes | None:
    """The content of the part named ``file``."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else None
    return None


def _lines(file: bytes | None) -> tuple[ShippingLine, ...] | None:
    if file is None:
        return None
    try:
        root = ET.fromstring(file)  # noqa: S314 - a local client's own file, and expat bounds entity expansion
    except ET.ParseError:
        return None
    names = ("purchaseid", "itemid", "transporter", "trackingnumber", "trackingurl")
    return tuple(ShippingLine(*((item.findtext(name) or "").strip() for name in names)) for item in root.iter("item"))
