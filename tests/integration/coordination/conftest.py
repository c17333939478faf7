"""A clearinghouse with an analyst, two vendors with maintainers, and a lab that reports."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.harbour import Harbour, furnished


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, world.start)
