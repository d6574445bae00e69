"""A marketplace for your own tests: the fixture ``rakuten_simulator``.

pytest finds this plugin by itself once ``rakuten-orders`` is installed::

    def test_my_job(rakuten_simulator):
        rakuten_simulator.add(*showcase())              # from rakuten_orders.connection.simulator
        my_job(rakuten_simulator.url, login=rakuten_simulator.login, token=rakuten_simulator.token)
        assert rakuten_simulator.done("acceptsale", item_id) == 1

Each test gets a new, empty marketplace on a free port of 127.0.0.1; it is gone when the test ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rakuten_orders.connection.simulator import Simulator


@pytest.fixture
def rakuten_simulator() -> Iterator[Simulator]:
    """A running, empty simulator of Rakuten France; see ``rakuten_orders.connection.simulator``."""
    # pytest imports this plugin in every run on the machine, so the server is imported only when used.
    from rakuten_orders.connection.simulator import Simulator  # noqa: PLC0415

    with Simulator() as simulator:
        yield simulator
