"""Tracking URLs: a carrier's template, and what may be sent as one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from rakuten_orders.templates import Template, TemplateFault, check_template, literal_text

VARIABLES: Mapping[str, str] = {
    "tracking_number": "the cleaned tracking number",
    "postcode": "the recipient's postcode: the delivery address's, else the billing address's",
    "country": "the recipient's country, ISO 3166-1 alpha-2, from the same address",
    "pickup_postcode": "the collection point's postcode",
    "phone_last4": "the last four digits of the recipient's phone number",
    "language": "the page's language, two letters: from the country unless given",
    "order_id": "the order's id at Rakuten (purchaseid)",
    "item_id": "the item's id at Rakuten (itemid)",
}
"""What a tracking URL's template can use, and what it stands for."""

MAX_URL = 2000
"""The longest tracking URL that is sent, in characters. Rakuten's own limit is not known."""

_sendable = re.compile(rf"[!-~]{{0,{MAX_URL}}}").fullmatch

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})"
_HEAD = re.compile(rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?=[/?#]|\Z)")
# The same, looser: enough of an address to say what is wrong with it.
_NEARLY = re.compile(r"\s*(?P<scheme>https?)://(?P<user>[^/?#@]*@)?(?P<host>[^/?#@:]*)(?::[0-9]*)?", re.IGNORECASE)
# The beginning of an address that was pasted in quotes, in brackets or without its scheme.
_ROUGHLY = re.compile(rf"\W*(?:h?t?tps?\W*)?(?P<host>{_HOST})(?=[/?#:\\]|\Z)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?<!\{)\{[A-Za-z_ ]+\}\}?|\$\{[^}]*\}|%s|%d|%[A-Za-z_]{3,}%|@@?"
    r"|<[A-Za-z_ ]+>|\[[A-Za-z_ ]+\]|｛+[^｝]*｝+|#\{[^}]*\}"
    r"|(?<=[=/]):[a-z_]{4,}|X{5,}"
)
_WRAPPING = frozenset('<>"\\ “”„«»‘’‚‹›')
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# What no URL may hold as it is: blanks, other alphabets, a lone %, and signs that browsers read in their own way.
_NOT_IN_URLS = re.compile(r"&amp;|[^!-~]|[{}<>\"\\`]|%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """A checked template for tracking URLs. ``scheme`` and ``host`` are literal text in it.

    ``head`` is the text that it begins with up to the path: both of them, and the port where there is one.
    """

    template: Template
    scheme: str
    host: str
    head: str

    @property
    def source(self) -> str:
        """The template as it stands in the file."""
        return self.template.source

    @property
    def required(self) -> frozenset[str]:
        """The variables that must have a value."""
        return self.template.required

    @property
    def optional(self) -> frozenset[str]:
        """The variables that the template tests or gives a default."""
        return self.template.optional

    def url(self, values: Mapping[str, str]) -> str:
        """The tracking URL, every value percent-encoded where it stands. The caller checks the result.

        Raises UnicodeEncodeError for half a character in a value.
        """
        return self.template.render(values, encode=True)

    def faults_of(self, url: str) -> str | None:
        """Why a rendered ``url`` can't be sent (a variant of ``url_invalid``); None where it can."""
        behind = url[len(self.head) : len(self.head) + 1]
        if url.startswith(self.head) and behind in ("", "/", "?", "#") and _sendable(url):
            return None  # so scheme and host are those of the head, which was checked with the template
        fault = url_fault(url)
        if fault is None:
            parts = urlsplit(url)
            if (parts.scheme, parts.hostname) != (self.scheme, self.host):
                return "host"
        return fault


def url_fault(url: str) -> str | None:
    """Why ``url`` can't be sent as a tracking URL: ``long``, ``characters`` or ``absolute``; None where it can."""
    if len(url) > MAX_URL:
        return "long"
    if not _sendable(url):
        return "characters"
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "absolute"
    if parts.scheme not in ("http", "https") or not host or "." not in host:
        return "absolute"
    return None


def check_url_template(source: str, *, search_page: bool) -> tuple[UrlTemplate | None, list[TemplateFault]]:
    """The tracking URL's template in ``source``, or None, and what is wrong with it.

    Faults with the code ``http-url`` are advice; the template is good all the same.
    """
    template, faults = check_template(source, VARIABLES)
    head = _HEAD.match(source)
    wrong_head = head is None or int(head["port"] or 0) > 65535
    if wrong_head:
        faults.append(_head_fault(source))
    elif head is not None and head["scheme"] == "http":
        faults.append(TemplateFault("http-url", 0))
    if wrong_head and _ROUGHLY.match(source) is None and _NEARLY.match(source) is None and "{" not in source:
        return None, faults  # it is no address at all
    # Braces that cannot be read, or hold a misspelt variable, are one mistake, not two.
    if template is not None:
        unused = None if search_page or "tracking_number" in template.shown else _unused_fault(source)
        faults += [unused] if unused else []
        if source.endswith("'"):
            faults.append(TemplateFault("url-character", len(source) - 1, "quote"))
        if unused is None or not unused.variant:
            faults += _literal_faults(source, _WRAPPING if wrong_head else frozenset())
    if template is None or head is None or any(fault.code != "http-url" for fault in faults):
        return None, faults
    return UrlTemplate(template, head["scheme"], head["host"], head[0]), faults


def _head_fault(source: str) -> TemplateFault:
    """Why the beginning of an address is not a scheme and a host written out."""
    beginning = source.split("{", 1)[0]
    nearly = _NEARLY.match(beginning)
    if nearly is None or beginning[0].isspace():
        return _rough_fault(beginning)
    host = nearly["host"]
    if nearly["user"]:
        return TemplateFault("host-not-literal", nearly.start("user"), "user", {"user": nearly["user"]})
    if not host.isascii():
        return TemplateFault(
            "host-not-literal", nearly.start("host"), "alphabet", {"host": host, "ascii": _ascii(host)}
        )
    if not host:
        return TemplateFault("host-not-literal", 0)
    lowered = nearly[0].lower()
    if lowered != nearly[0] and _HEAD.match(f"{lowered}/"):
        return TemplateFault("host-not-literal", 0, "capitals", {"lowered": lowered})
    if not re.fullmatch(_HOST, host.lower()) and nearly.end() < len(source) and source[nearly.end()] != "{":
        return TemplateFault("host-not-literal", nearly.start("host"), "name", {"host": host})
    return TemplateFault("host-not-literal", 0)


def _rough_fault(beginning: str) -> TemplateFault:
    """Why what does not begin as an address is none, with the beginning to write where that can be told."""
    roughly = _ROUGHLY.match(beginning)
    if roughly is None:
        return TemplateFault("host-not-literal", 0)
    params = {"written": roughly[0], "meant": f"https://{roughly['host'].lower()}"}
    return TemplateFault("host-not-literal", 0, "scheme", params)


def _ascii(host: str) -> str:
    """A host of another alphabet as browsers send it."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "xn--…"


def _unused_fault(source: str) -> TemplateFault:
    """The fault of a template without the number, at the placeholder that another system would have filled."""
    placeholder = _PLACEHOLDER.search(source)
    if placeholder is None:
        return TemplateFault("number-not-used", 0)
    return TemplateFault("number-not-used", placeholder.start(), "placeholder", {"placeholder": placeholder[0]})


def _literal_faults(source: str, said: Collection[str]) -> Iterator[TemplateFault]:
    """The characters of the literal text behind the host that cannot stand in a URL, the first of each kind.

    Those that are ``said`` already are left out.
    """
    host = _NEARLY.match(source)
    behind = host.end() if host else 0
    seen: set[str] = set()
    for start, text in literal_text(source) if _NOT_IN_URLS.search(_BRACES.sub("", source)) else ():
        for found in _NOT_IN_URLS.finditer(text):
            variant = _variant(found[0])
            if not {variant or found[0], found[0]} & {*seen, *said} and start + found.start() >= behind:
                seen.add(variant or found[0])
                params = {"character": found[0], "encoded": quote(found[0], safe="", errors="replace")}
                yield TemplateFault("url-character", start + found.start(), variant, params)


def _variant(found: str) -> str:
    """The variant of ``url-character`` for what cannot stand in a URL."""
    if found == "&amp;":
        return "html"
    return "braces" if found in "{}" else "blank" if found.isspace() else ""
