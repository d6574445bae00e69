"""The page itself: template, style and scripts in one file that asks nothing of any network.

What a page may load is said in its policy, and is nothing: style and scripts are named by their digests.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from rakuten_orders.cli.page.cards import card, page_data
from rakuten_orders.cli.page.words import words
from rakuten_orders.engine import Engine
from rakuten_orders.marketplace import OTHER_TRANSPORTER
from rakuten_orders.names import fold

SCRIPTS = ("numbers.js", "search.js", "page.js")


def render_page(engine: Engine, language: str, made_on: dt.date) -> str:
    """The HTML of the page, in ``fr`` or ``en``, of the carriers in force; it says that it was made on that day."""
    texts = words(language)
    style = _asset("page.css")
    script = "".join(map(_asset, SCRIPTS))
    # One order for the list and for what the scripts search in.
    carriers = sorted(engine.catalogue, key=lambda carrier: fold(carrier.name))
    spoken = {key: text for key, text in texts.items() if isinstance(text, str)}
    return _template().render(
        language=language,
        words=texts,
        policy=_policy(style, script),
        style=style,
        script=script,
        cards=list(map(card, carriers)),
        data={**page_data(carriers), "language": language, "texts": spoken},
        other=OTHER_TRANSPORTER,
        digest=engine.digest,
        made_on=made_on,
        day=_day(texts, made_on),
    )


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment.from_string(_asset("page.html"))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _day(texts: dict[str, Any], day: dt.date) -> str:
    first = texts["first_day"] if day.day == 1 else str(day.day)
    date: str = texts["date"].format(day=first, month=texts["months"][day.month - 1], year=day.year)
    return date
