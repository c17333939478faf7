"""A clearinghouse, and operators whose defenders answer."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.harbour import Harbour, furnished
from simulators.operators import Operators, settled


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, world.start)


@pytest.fixture
def operators(harbour: Harbour) -> Operators:
    return settled(harbour, 6)
