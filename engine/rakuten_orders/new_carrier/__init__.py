"""A carrier's file from what a support person has: a tracking number, and the address of its tracking page.

Values in, text and remarks out: nothing here reads a file, a clock or a terminal.
"""

from __future__ import annotations

from rakuten_orders.new_carrier.draft import draft
from rakuten_orders.new_carrier.given import SAMPLED, Draft, Given, Place, Remark
from rakuten_orders.new_carrier.tidy import tidy_value

__all__ = ["SAMPLED", "Draft", "Given", "Place", "Remark", "draft", "tidy_value"]
