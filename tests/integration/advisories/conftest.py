"""A clearinghouse with a case, from which advisories are made."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.harbour import Harbour, furnished


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, world.start)
