"""An analyst, and reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatrial.parties.types import Actor
from simulators.judged_reports import clearinghouse, reporting


@pytest.fixture
def analyst(world: Any) -> Actor:
    return clearinghouse(world.operator, world.start)


@pytest.fixture
def reported(world: Any) -> Callable[..., str]:
    return reporting(world.start)
