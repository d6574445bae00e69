"""The address of a tracking page as it was pasted, taken to pieces: the site, and the characters behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

from rakuten_orders.new_carrier.given import Remark, look, refusal
from rakuten_orders.tracking_urls import MAX_URL, check_url_template

_AROUND = "<>\"'`«»“”„‘’()[]{}*_ "
_BEHIND = _AROUND + ".,;:!…"
_OPENED = {">": "<", ")": "(", "]": "[", "}": "{"}
_STARTS = re.compile(r"https?://", re.IGNORECASE)
_SITE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,63}(?=[/?#:]|\Z)", re.IGNORECASE)
_PARTS = re.compile(r"(?P<scheme>https?)://(?P<user>[^/?#]*@)?(?P<site>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|.", re.DOTALL)
_KEPT = frozenset("!#$&'()*+,-./:;=?@[]^_|~")
_WRAPPED = {"safelinks.protection.outlook.com": "url", "google.com/url": "q", "google.fr/url": "q"}
_MAIL = re.compile(r"[^\s/?&=#;,@]+@[^\s/?&=#;,@]+\.[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Unit:
    """One character of an address: as it stands there (``%20``), and as it is meant (a space)."""

    raw: str
    text: str


@dataclass(frozen=True)
class Address:
    """An address that can be sent: ``head`` is scheme, host and port, ``units`` are the characters behind them."""

    scheme: str
    host: str
    head: str
    units: tuple[Unit, ...]

    @cached_property
    def text(self) -> str:
        """The characters behind the head as they are meant, one for each unit."""
        return "".join(unit.text for unit in self.units)

    @property
    def url(self) -> str:
        """The whole address."""
        return self.head + "".join(unit.raw for unit in self.units)


def read_address(pasted: str) -> tuple[Address | None, list[Remark]]:
    """The address in what was pasted, None where there is none that could be sent, and remarks about it."""
    text, remarks = _unwrapped(_address_in(pasted))
    if text and not _STARTS.search(pasted):
        remarks = [look("https-added", url=text)]
    if not text:
        return None, [refusal("no-address", pasted=pasted)]
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None, [refusal("address", "scheme", url=text)]
    if parts["user"]:
        return None, [refusal("address", "user", user=parts["user"])]
    scheme, site = parts["scheme"].lower(), _ascii_site(parts["site"])
    template, _faults = check_url_template(f"{scheme}://{site}/", search_page=True)
    if template is None or "{" in site:
        return None, [refusal("address", "host", host=parts["site"])]
    address = Address(scheme, template.host, f"{scheme}://{site}", tuple(_units(parts["rest"])))
    if len(address.url) > MAX_URL:
        return None, [refusal("address", "long", limit=MAX_URL)]
    mail = _MAIL.search(address.text)
    if mail:
        return None, [refusal("address", "mail", mail=mail[0])]
    return address, remarks


def _address_in(pasted: str) -> str:
    """The address in a line of a mail: without what stands around it, with ``https://`` where that was left out."""
    text = "".join(char for char in pasted if char.isprintable() or char.isspace())
    text = re.sub(r"[\t\r\n\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+", "", text.strip())
    found = _STARTS.search(text)
    if found is None:
        text = _without_end(text.lstrip(_AROUND))
        return f"https://{text}" if _SITE.match(text) else ""
    if found.start():  # a sentence: what follows the address belongs to it
        text = re.split(r"(?<![\[{<])\s(?![^\[{<]*[\]}>])", text[found.start() :])[0]
    return _without_end(text)


def _without_end(text: str) -> str:
    """The text without the signs that a sentence puts behind an address; a bracket that was opened in it stays."""
    while text and text[-1] in _BEHIND:
        opening = _OPENED.get(text[-1])
        if opening and text.count(opening) >= text.count(text[-1]):
            break
        text = text[:-1]
    return text


def _unwrapped(text: str) -> tuple[str, list[Remark]]:
    """The address that a mail program or a search engine packed into one of its own."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return text, []
    for place, name in _WRAPPED.items():
        if f"{parts.netloc}{parts.path}".lower().rstrip("/").endswith(place):
            inside = dict(parse_qsl(parts.query)).get(name, "")
            if _STARTS.match(inside):
                return inside, [look("unwrapped", host=parts.netloc, url=inside)]
    return text, []


def _ascii_site(site: str) -> str:
    """Host and port as browsers send them; the text itself where it has no such form."""
    host, colon, port = site.lower().partition(":")
    try:
        return (host if host.isascii() else host.encode("idna").decode("ascii")) + (
            f":{port}" if colon and port else ""
        )
    except UnicodeError:
        return site


def _units(rest: str) -> Iterator[Unit]:
    """The characters of path, query and fragment; what cannot stand in an address is encoded."""
    query = False
    for found in _ENCODED.finditer(rest):
        raw = found[0]
        if len(raw) > 1:
            yield from _decoded(raw)
            continue
        query = raw == "?" or (query and raw != "#")
        if raw == "+" and query:
            yield Unit(raw, " ")
        elif raw.isascii() and (raw.isalnum() or raw in _KEPT):
            yield Unit(raw, raw)
        else:
            yield Unit(quote(raw, safe="", errors="replace"), raw)


def _decoded(raw: str) -> Iterator[Unit]:
    """The characters behind percent signs: UTF-8 where it is, else as older pages write them (Latin-1)."""
    data = unquote_to_bytes(raw)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield from (Unit(raw[index * 3 : index * 3 + 3], chr(byte)) for index, byte in enumerate(data))
        return
    start = 0
    for char in text:
        end = start + len(char.encode()) * 3
        yield Unit(raw[start:end], char)
        start = end
