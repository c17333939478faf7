"""A call whose bodies are kept: nothing leaves before its request is, nothing is whole before its answer is."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Unavailable
from seatrial.kernel.recipients import PrivateKey
from seatrial.review.access.types import Keep, Side, Why
from simulators.gateway_fakes import FakeReply

from .conftest import BODY

WORD = b'data: {"choices": [{"delta": {"content": "w"}}]}\n\n'
DONE = b"data: [DONE]\n\n"
FULL = Unavailable("body-not-kept", "The disk is full.")


@pytest.fixture(autouse=True)
def keep(stage) -> None:
    stage.door.keep = Keep((PrivateKey(ec.generate_private_key(ec.SECP384R1())).public,), "OPEN", 1)


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def settled(stage):
    assert await stage.keeper.ended(2.0) + await stage.conductor.decided(2.0) + await stage.door.recorded(2.0) == 0
    [found] = stage.door.settled
    return found


async def test_a_request_leaves_once_it_is_kept(stage):
    stage.keeper.hold = True
    reply = FakeReply()
    stage.begin(reply)
    await turns()
    assert (stage.upstream.calls, stage.keeper.kept["exchange-1.request"]) == ([], BODY)
    stage.keeper.let_go()
    stage.upstream.script.put_nowait(DONE)
    stage.upstream.script.put_nowait(None)
    await reply.over.wait()
    assert len(stage.upstream.calls) == 1
    assert {body.side: body.whole for body in (await settled(stage)).bodies} == dict.fromkeys(Side, True)


async def test_the_last_of_a_whole_answer_waits_until_it_is_kept(stage):
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    stage.keeper.hold = True
    stage.upstream.script.put_nowait(DONE)
    stage.upstream.script.put_nowait(None)
    await turns()
    assert (reply.data, reply.finished, stage.door.settled) == (WORD, False, [])
    stage.keeper.let_go()
    await reply.over.wait()
    assert (reply.data, reply.finished) == (WORD + DONE, True)
    assert stage.keeper.kept["exchange-1.response"] == reply.data
    assert (await settled(stage)).ended == "complete"


async def test_a_right_that_ends_while_the_last_is_kept_ends_the_call_without_a_word(stage):
    reply = FakeReply()
    carriage = stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    stage.keeper.hold = True
    stage.upstream.script.put_nowait(DONE)
    stage.upstream.script.put_nowait(None)
    await turns()
    carriage.end(Why.WITHDRAWN)
    assert (reply.data, reply.aborted) == (WORD, True)
    stage.keeper.let_go()
    found = await settled(stage)
    assert found.ended == Why.WITHDRAWN
    assert found.response_digest == digest(stage.keeper.kept["exchange-1.response"])
    assert len(stage.live) == 0


async def test_a_cut_stream_is_kept_with_its_last_words(stage):
    reply = FakeReply()
    carriage = stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    carriage.end(Why.WITHDRAWN)
    found = await settled(stage)
    assert stage.keeper.kept["exchange-1.response"] == reply.data
    assert (found.ended, found.response_digest) == (Why.WITHDRAWN, digest(reply.data))


@pytest.mark.parametrize("how", ["withdrawn", "left"])
async def test_a_call_that_ends_before_its_request_is_kept_never_leaves(stage, how):
    stage.keeper.hold = True
    reply = FakeReply()
    carriage = stage.begin(reply)
    await turns()
    carriage.caller_gone() if how == "left" else carriage.end(Why.WITHDRAWN)
    stage.keeper.let_go()
    found = await settled(stage)
    assert found.ended == ("client-left" if how == "left" else Why.WITHDRAWN)
    assert stage.upstream.calls == []


async def test_what_cannot_be_kept_does_not_leave_and_says_why(stage):
    stage.keeper.fault = FULL
    reply = FakeReply()
    stage.begin(reply)
    await reply.over.wait()
    assert (reply.status, b"body-not-kept" in reply.data, stage.upstream.calls) == (503, True, [])
    found = await settled(stage)
    assert found.ended == "body-not-kept"
    assert {body.whole for body in found.bodies} == {False}


async def test_an_answer_whose_end_cannot_be_kept_does_not_become_whole(stage):
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    stage.keeper.fault = FULL
    stage.upstream.script.put_nowait(DONE)
    stage.upstream.script.put_nowait(None)
    await reply.over.wait()
    assert reply.data.startswith(WORD)
    assert DONE not in reply.data
    assert b"body-not-kept" in reply.data
    assert (await settled(stage)).ended == "body-not-kept"


async def test_a_disk_that_takes_nothing_ends_the_call_in_time(stage):
    stage.keeper.hold = True
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 3.0)  # the idle bound of this stage is one second
    assert b"body-not-kept" in reply.data
    assert stage.upstream.calls == []
    stage.keeper.let_go()
    assert (await settled(stage)).ended == "body-not-kept"


async def test_the_endpoint_is_read_from_while_both_the_caller_and_the_keeper_keep_up(stage):
    reply = FakeReply()
    carriage = stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    sending = carriage._sending
    carriage.keeper_keeps_up(False)
    carriage.caller_keeps_up(False)
    carriage.keeper_keeps_up(True)
    assert sending.flowing == [False]
    carriage.caller_keeps_up(True)
    assert sending.flowing == [False, True]
    carriage.end(Why.WITHDRAWN)
    await settled(stage)


async def test_a_pass_that_comes_too_late_is_given_back_with_nothing_kept(stage):
    stage.door.slow = 0.05
    reply = FakeReply()
    carriage = stage.begin(reply)
    carriage.caller_gone()
    found = await settled(stage)
    assert [(body.digest, body.whole) for body in found.bodies] == [(None, False)] * 2
    assert stage.keeper.kept == {}
