"""The commands ``rakuten-orders`` and ``validate-rules``.

Start-up is what a person waits for, so this package imports click and nothing else: a command's module, and
what it needs, is imported when that command is run.
"""

from __future__ import annotations

from typing import NoReturn

from rakuten_orders.cli.program import program


def main() -> NoReturn:
    """Run ``rakuten-orders`` with the process's arguments, and exit with its code."""
    program.main(prog_name="rakuten-orders")


def validate_rules_main() -> NoReturn:
    """Run ``validate-rules``, the command of that name installed by itself, and exit with its code."""
    from rakuten_orders.cli.validate import command  # noqa: PLC0415 - see above: only when it is run

    command.main(prog_name="validate-rules")


__all__ = ["main", "validate_rules_main"]
