"""The log on the command line: none unless it is asked for, then a line a fact on standard error."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["text", "json"]
LOGGER = "rakuten_orders"
FIELDS = ("connection", "order_id", "item_id", "code", "counts")


def keep_quiet() -> None:
    """Keep log records off the terminal: commands tell what happened themselves.

    Without any handler Python would print warnings of the log to standard error.
    """
    logger = logging.getLogger(LOGGER)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


@contextmanager
def logging_to_stderr(form: LogFormat | None) -> Iterator[None]:
    """Write the log to standard error in this form as long as the block runs; None keeps it off the terminal."""
    keep_quiet()
    if form is None:
        yield
        return
    logger = logging.getLogger(LOGGER)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else _Text())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: when, how serious, where from, what, and the ids that it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. What an exception says is left out: its text may hold what an order holds."""
        fields = {name: record.__dict__[name] for name in FIELDS if record.__dict__.get(name) is not None}
        return json.dumps(
            {
                "at": _at(record),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
                **fields,
            }
        )


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_at(record)} {record.levelname.lower():<7} {record.getMessage()}"


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
