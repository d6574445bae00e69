"""The log on the command line."""

from __future__ import annotations

import logging


def keep_quiet() -> None:
    """Keep log records off the terminal: commands tell what happened themselves.

    Without any handler Python would print warnings of the log to standard error.
    """
    logger = logging.getLogger("rakuten_orders")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
