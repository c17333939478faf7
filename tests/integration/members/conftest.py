"""A clearinghouse, and a provider on loopback whose feed it follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from seatrial.feeds import serving as feeds
from simulators.harbour import Harbour, furnished
from simulators.provider import Provider, serving


@pytest.fixture
def harbour(world: Any) -> Harbour:
    return furnished(world, world.start)


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))
    feeds.forget()


@pytest.fixture
def dairy() -> Iterator[Provider]:
    with serving(Provider()) as found:
        yield found
