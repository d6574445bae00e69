"""Tracking URLs: a carrier's template, and what may be sent as one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rakuten_orders.templates import Template, TemplateFault, check_template

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

_HEAD = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,})(?::[0-9]{1,5})?(?=[/?#]|\Z)")
_PLACEHOLDER = re.compile(
    r"(?<!\{)\{[A-Za-z_ ]+\}(?!\})|\$\{[^}]*\}|%s|%d|@@?|<[A-Za-z_ ]+>|\[[A-Za-z_ ]+\]|｛+[^｝]*｝+|#\{[^}]*\}"
)


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """A checked template for tracking URLs. ``scheme`` and ``host`` are literal text in it."""

    template: Template
    scheme: str
    host: str

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
        """The tracking URL, every value percent-encoded where it stands. The caller checks the result."""
        return self.template.render(values, encode=True)

    def faults_of(self, url: str) -> str | None:
        """Why a rendered ``url`` can't be sent (a variant of ``url_invalid``); None where it can."""
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
    if not all("!" <= char <= "~" for char in url):
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
    first = source.find("{{") if "{{" in source else len(source)
    statement = source.find("{%")
    literal = source[: min(first, statement if statement >= 0 else len(source))]
    head = _HEAD.match(literal)
    if head is None or (head.end() == len(literal) and len(literal) < len(source)):
        faults.append(TemplateFault("host-not-literal", 0))
    elif head[1] == "http":
        faults.append(TemplateFault("http-url", 0))
    if "tracking_number" not in source and not search_page and not any(f.code == "template-syntax" for f in faults):
        foreign = _PLACEHOLDER.search(source)
        if foreign:
            fault = TemplateFault("number-not-used", foreign.start(), "placeholder", {"placeholder": foreign[0]})
        else:
            fault = TemplateFault("number-not-used", 0)
        # A misspelt variable is one finding, not two.
        if not any(f.code == "unknown-variable" for f in faults):
            faults.append(fault)
    if template is None or head is None or any(fault.code != "http-url" for fault in faults):
        return None, faults
    return UrlTemplate(template, head[1], head[2]), faults
