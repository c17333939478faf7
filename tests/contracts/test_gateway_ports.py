"""What every ``gateway.door.Door`` and ``gateway.upstream.Upstream`` guarantees, the real ones and the fakes alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from seatrial.gateway.door import DatabaseDoor, Door
from seatrial.gateway.limits import LIMITS
from seatrial.gateway.upstream import HttpUpstream, Upstream
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Refused, SeatrialError
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Pass, Settlement, Why
from seatrial.review.cases import api as cases
from simulators.gateway_fakes import FakeDoor, FakeListener, FakeUpstream
from simulators.scripted_upstream import ScriptedUpstream
from simulators.staged_reviews import CAPABILITY, consented


@dataclass
class Held:
    """A door, a request it lets through, and the hand that withdraws."""

    door: Door
    request: AccessRequest
    withdraw: Callable[[], None]


def request(key: str) -> AccessRequest:
    return AccessRequest(
        key=key,
        purpose=None,
        method="POST",
        path="chat/completions",
        request_digest=digest(b""),
        request_bytes=0,
        tokens=10,
        model="north-7b",
        gateway="here",
    )


def faked(_: pytest.FixtureRequest) -> Held:
    door = FakeDoor(strangers={"stk-nobody"})
    return Held(door, request("stk-1"), lambda: setattr(door, "why", Why.WITHDRAWN))


def real(asked: pytest.FixtureRequest) -> Held:
    world = asked.getfixturevalue("durable_world")
    review = consented(world, "A voyage")
    key = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    door = DatabaseDoor()
    return Held(door, request(key), lambda: cases.withdraw(by=world.security, review=review, at=now()))


@pytest.fixture(params=[faked, pytest.param(real, marks=pytest.mark.django_db(transaction=True))], ids=["fake", "real"])
def held(request: pytest.FixtureRequest) -> Held:
    return request.param(request)


def settlement(exchange: str) -> Settlement:
    return Settlement(exchange, 200, digest(b""), 0, 1, 1, 0.1, 0.1, "complete")


async def authorised(held: Held) -> Pass:
    told: asyncio.Future[Pass | SeatrialError] = asyncio.get_running_loop().create_future()
    held.door.authorise(held.request, told.set_result)
    assert not told.done(), "it is told in a later turn of the loop"
    outcome = await told
    if isinstance(outcome, SeatrialError):
        raise outcome
    return outcome


def run(held: Held, work: Callable[[Door], object]) -> None:
    async def whole() -> None:
        try:
            await work(held.door)  # type: ignore[misc]
        finally:
            await held.door.close()

    asyncio.run(whole())


def test_a_pass_names_its_exchange_and_each_is_another(held):
    async def work(door: Door) -> None:
        one, two = await authorised(held), await authorised(held)
        assert one.exchange != two.exchange
        assert one.ends_at > now()
        assert await door.still_open([one.exchange, two.exchange]) == {one.exchange: None, two.exchange: None}

    run(held, work)


def test_after_the_end_of_the_right_there_is_no_pass_and_nothing_goes_on(held):
    async def work(door: Door) -> None:
        passed = await authorised(held)
        await asyncio.to_thread(held.withdraw)
        assert await door.still_open([passed.exchange]) == {passed.exchange: Why.WITHDRAWN}
        with pytest.raises(Refused) as refused:
            await authorised(held)
        assert refused.value.code == Why.WITHDRAWN

    run(held, work)


def test_a_door_knows_its_keys_and_no_others(held):
    async def work(door: Door) -> None:
        assert await door.knows(held.request.key)
        assert not await door.knows("stk-nobody")

    run(held, work)


def test_settling_twice_is_settling_once_and_is_possible_after_the_right_has_ended(held):
    async def work(door: Door) -> None:
        passed = await authorised(held)
        await asyncio.to_thread(held.withdraw)
        for _ in range(2):
            door.settle(settlement(passed.exchange))
        assert await door.recorded(5.0) == 0

    run(held, work)


def test_a_door_that_is_ready_says_so_and_knows_what_to_recover(held):
    async def work(door: Door) -> None:
        await door.ready()
        assert await door.recover("nobody") == 0

    run(held, work)


BODY = b'{"messages": [{"role": "user", "content": "%s"}]}'
QUICK = replace(LIMITS, connect_seconds=1.0)


async def hear(upstream: Upstream, url: str, body: bytes) -> FakeListener:
    listener = FakeListener()
    upstream.send("POST", url, (), body, listener)
    await asyncio.wait_for(listener.over.wait(), 10)
    return listener


async def test_an_answer_comes_in_order_and_to_its_end():
    fake = FakeUpstream()
    for word in (b"one ", b"two ", b"data: [DONE]\n\n", None):
        fake.script.put_nowait(word)
    with ScriptedUpstream() as lab:
        real = HttpUpstream(QUICK)
        for upstream, base in ((fake, "http://nowhere/v1"), (real, lab.base_url), (real, lab.base_url)):
            heard = await hear(upstream, f"{base}/chat/completions", b'{"stream": true}')
            assert (heard.status, heard.error) == (200, None)
            assert heard.body.endswith(b"data: [DONE]\n\n")
        await real.close()


@pytest.mark.parametrize("words", [b"drop"])
async def test_an_endpoint_that_breaks_off_is_unavailable(words):
    with ScriptedUpstream() as lab:
        upstream = HttpUpstream(QUICK)
        heard = await hear(upstream, f"{lab.base_url}/x", BODY % words)
        assert heard.error is not None
        assert heard.error.code == "upstream-broke"
        await upstream.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://nobody.invalid/v1"])
async def test_an_endpoint_that_cannot_be_reached_is_down(url):
    upstream = HttpUpstream(QUICK)
    heard = await hear(upstream, url, b"")
    assert heard.error is not None
    assert heard.error.code == "upstream-down"
    await upstream.close()


async def test_stopping_ends_the_exchange_on_the_endpoints_side_and_says_nothing_more():
    with ScriptedUpstream() as lab:
        upstream, listener = HttpUpstream(QUICK), FakeListener()
        sending = upstream.send("POST", f"{lab.base_url}/x", (), BODY % b"forever", listener)
        await asyncio.wait_for(listener.begun.wait(), 5)
        sending.stop()
        heard = listener.body
        async with asyncio.timeout(2):
            while not lab.cancelled:  # noqa: ASYNC110 - counted in another thread
                await asyncio.sleep(0.01)
        assert (listener.body, listener.over.is_set()) == (heard, False)
        await upstream.close()
