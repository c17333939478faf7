"""The conductor between fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from seatrial.gateway.call import Call, Headers
from seatrial.gateway.carriage import Carriage, Means
from seatrial.gateway.conduct import Conductor
from seatrial.gateway.limits import LIMITS
from seatrial.gateway.live import Live
from seatrial.gateway.metrics import Metrics
from simulators.gateway_fakes import FakeDoor, FakeKeeper, FakeReply, FakeUpstream

BODY = b'{"model": "north", "max_tokens": 5, "stream": true}'
HEADERS = Headers([("authorization", "Bearer stk-1"), ("content-type", "application/json")])
CALL = Call("POST", "chat/completions", "", HEADERS, BODY)


@dataclass
class Stage:
    door: FakeDoor
    upstream: FakeUpstream
    live: Live
    conductor: Conductor
    keeper: FakeKeeper

    def begin(self, reply: FakeReply, call: Call = CALL) -> Carriage | None:
        return self.conductor.take(call, reply)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    door, upstream, keeper = FakeDoor(), FakeUpstream(), FakeKeeper()
    limits = replace(
        LIMITS, decide_seconds=0.2, read_seconds=0.2, watch_seconds=0.01, cut_seconds=0.2, idle_seconds=1.0
    )
    live = Live(door, limits)
    watch = asyncio.create_task(live.watch())
    yield Stage(door, upstream, live, Conductor(Means(door, upstream, live, limits, Metrics(), keeper), "g"), keeper)
    watch.cancel()
