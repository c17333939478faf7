"""A clearinghouse whose documents are in the feeds, and people who ask with tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from seatrial.clearinghouse.advisories.types import Form, Tlp
from seatrial.feeds import serving
from simulators import advised
from simulators.harbour import Harbour, furnished


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    """Tests take numbers again; an instance never does."""
    serving.forget()
    yield
    serving.forget()


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, world.start)


@pytest.fixture
def bundles(harbour: Harbour) -> str:
    """Five advisories as STIX, one of each marking, the first revised once; the case they come from."""
    case = harbour.open()

    def put(number: int, tracking: str, day: int, **more: Any) -> None:
        at = harbour.days(day)
        content = advised.stix(
            tracking, at, revision=more.get("revision", 1), released=harbour.days(1) if "revision" in more else at
        )
        advised.put(case, number, tracking, Form.STIX, content, at, **more)

    put(1, "SEA-1", 1)
    put(2, "SEA-2", 2, tlp=Tlp.GREEN)
    put(3, "SEA-3", 3, tlp=Tlp.AMBER, audience=("vendor-a",))
    put(4, "SEA-4", 3, tlp=Tlp.AMBER_STRICT, audience=("vendor-b",))
    put(5, "SEA-5", 3, tlp=Tlp.RED, audience=("mia",))
    put(6, "SEA-6", 4)
    put(7, "SEA-1", 5, revision=2)
    return case
