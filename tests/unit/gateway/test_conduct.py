"""One call from its arrival to its record, without a socket: whoever ends it first says how."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from seatrial.gateway.call import Asked, Headers
from seatrial.gateway.problems import Problem
from seatrial.gateway.reading import Readers
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Unavailable
from seatrial.review.access.types import Why
from simulators.gateway_fakes import FakeReply

from .conftest import CALL
from .test_reading import InMemory

WORD = b'data: {"choices": [{"delta": {"content": "w"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


async def settle_down(stage) -> None:
    assert await stage.conductor.decided(2.0) + await stage.door.recorded(2.0) == 0


async def test_a_whole_stream_passes_unchanged_and_is_recorded_before_its_end_is_seen(stage):
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    assert reply.data == WORD
    stage.upstream.script.put_nowait(DONE)
    stage.upstream.script.put_nowait(None)
    await reply.over.wait()
    assert (reply.status, reply.data, reply.finished) == (200, WORD + DONE, True)
    [settled] = stage.door.settled
    assert (settled.ended, settled.status, settled.completion_tokens) == ("complete", 200, 1)
    assert settled.response_digest == "sha256:" + hashlib.sha256(WORD + DONE).hexdigest()
    assert len(stage.live) == 0


@pytest.mark.parametrize("why", Why)
async def test_the_end_of_a_right_is_the_last_event_of_a_stream(stage, why):
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    stage.door.why = why
    await asyncio.wait_for(reply.over.wait(), 0.2)
    await settle_down(stage)
    last = json.loads(reply.data.removeprefix(WORD).partition(b"data: ")[2])
    assert last["error"]["code"] == why
    assert reply.finished
    assert stage.upstream.left_early == 1
    assert [settled.ended for settled in stage.door.settled] == [why]


async def test_nothing_more_reaches_a_caller_who_does_not_read(stage):
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    reply.waiting = True
    stage.door.why = Why.WITHDRAWN
    await asyncio.wait_for(reply.over.wait(), 0.2)
    assert (reply.data, reply.finished, reply.aborted) == (WORD, False, True)


async def test_a_plain_answer_that_has_begun_is_aborted(stage):
    stage.upstream.headers = Headers([("content-type", "application/json"), ("content-length", "100")])
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(b"{")
    await reply.heard.wait()
    stage.door.why = Why.RELEASED
    await asyncio.wait_for(reply.over.wait(), 0.2)
    assert (reply.data, reply.aborted) == (b"{", True)


async def test_the_timer_cuts_when_the_window_closes_even_if_nobody_can_be_asked(stage):
    stage.door.ends_at = now() + timedelta(seconds=0.05)
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    stage.door.away = True
    await asyncio.wait_for(reply.over.wait(), 0.2)
    assert b'"code": "expired"' in reply.data


async def test_what_cannot_be_confirmed_within_the_bound_is_cut(stage):
    reply = FakeReply()
    stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    stage.door.away = True
    begun = asyncio.get_running_loop().time()
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert asyncio.get_running_loop().time() - begun <= 0.25
    assert b'"code": "access-unverified"' in reply.data
    assert stage.door.settled == []
    stage.door.away = False
    await settle_down(stage)  # the record is made as soon as it can be
    assert [settled.ended for settled in stage.door.settled] == [Why.UNVERIFIED]


async def test_nobody_is_asked_while_nothing_is_in_flight(stage):
    await asyncio.sleep(0.05)
    assert stage.door.questions == 0


@pytest.mark.parametrize("why", Why)
async def test_a_refusal_reaches_the_caller_and_nothing_reaches_the_endpoint(stage, why):
    stage.door.why = why
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert reply.status == Problem(why, "").status
    assert stage.upstream.calls == []
    assert stage.door.settled == []


async def test_a_decision_that_comes_too_late_is_given_back_unused(stage):
    stage.door.slow = 0.4
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert (reply.status, stage.upstream.calls) == (503, [])
    await settle_down(stage)
    [settled] = stage.door.settled
    assert (settled.ended, settled.prompt_tokens, settled.completion_tokens) == ("gateway-stopped", 0, 0)


async def test_a_caller_who_leaves_during_the_decision_gives_its_pass_back(stage):
    stage.door.slow = 0.1
    carriage = stage.begin(FakeReply())
    await asyncio.sleep(0.02)
    carriage.caller_gone()
    await settle_down(stage)
    assert [settled.ended for settled in stage.door.settled] == ["client-left"]
    assert stage.upstream.calls == []


async def test_a_caller_who_leaves_is_recorded_and_ends_the_call_upstream(stage):
    reply = FakeReply()
    carriage = stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    carriage.caller_gone()
    stage.upstream.script.put_nowait(WORD)
    await settle_down(stage)
    [settled] = stage.door.settled
    assert (settled.ended, stage.upstream.left_early, len(stage.live)) == ("client-left", 1, 0)
    assert reply.data == WORD


async def test_what_a_caller_does_not_take_is_not_fetched_and_one_who_never_does_is_dropped(stage):
    reply = FakeReply()
    carriage = stage.begin(reply)
    stage.upstream.script.put_nowait(WORD)
    await reply.heard.wait()
    carriage.caller_keeps_up(False)
    carriage.caller_keeps_up(True)
    carriage.caller_keeps_up(False)
    assert carriage._sending.flowing == [False, True, False]
    await asyncio.wait_for(reply.over.wait(), 2.0)
    assert reply.aborted
    assert [settled.ended for settled in stage.door.settled] == ["client-left"]


@pytest.mark.parametrize(
    ("status", "code"), [(401, "upstream-refused"), (403, "upstream-refused"), (302, "upstream-redirected")]
)
async def test_what_an_endpoint_says_to_us_is_not_passed_on(stage, status, code):
    stage.upstream.status = status
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert reply.status == 502
    assert json.loads(reply.data)["error"]["code"] == code
    [settled] = stage.door.settled
    assert (settled.ended, settled.prompt_tokens, settled.completion_tokens) == ("upstream-failed", 0, 0)


async def test_a_failure_whose_cost_nobody_knows_keeps_its_reservation(stage):
    stage.upstream.fault = Unavailable("upstream-slow", "Slow.")
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert reply.status == 504
    [settled] = stage.door.settled
    assert (settled.prompt_tokens, settled.completion_tokens) == (None, None)


async def test_a_fault_of_our_own_is_said_and_recorded(stage):
    stage.upstream.fault = ZeroDivisionError()
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert (reply.status, json.loads(reply.data)["error"]["code"]) == (503, "gateway-fault")
    await settle_down(stage)
    assert [settled.ended for settled in stage.door.settled] == ["gateway-stopped"]


async def test_the_body_goes_upstream_byte_for_byte_with_the_developers_credential(stage):
    stage.upstream.script.put_nowait(None)
    reply = FakeReply()
    stage.begin(reply)
    await reply.over.wait()
    [(method, url, headers, body)] = stage.upstream.calls
    assert (method, url, body) == ("POST", "http://lab/v1/chat/completions", CALL.body)
    assert ("authorization", "Bearer upstream-secret") in headers
    assert "stk-1" not in str(headers)


async def test_a_query_is_part_of_what_is_decided(stage):
    stage.upstream.script.put_nowait(None)
    reply = FakeReply()
    stage.begin(reply, replace(CALL, query="a=b"))
    await reply.over.wait()
    assert stage.door.asked[0].path == "chat/completions?a=b"


async def test_while_stopping_nothing_is_let_through(stage):
    stage.conductor.stopping = True
    reply = FakeReply()
    stage.begin(reply)
    await asyncio.wait_for(reply.over.wait(), 1.0)
    assert (reply.status, stage.door.asked) == (503, [])


async def test_a_large_body_that_is_not_read_in_time_is_told_so_and_never_asked_about(stage, monkeypatch):
    reading: asyncio.Future[Asked] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(Readers, "read", lambda *_, **__: reading)
    reply = FakeReply()
    stage.begin(reply, replace(CALL, body=InMemory(b"{}")))
    await asyncio.wait_for(reply.over.wait(), 2.0)
    assert (reply.status, json.loads(reply.data)["error"]["code"]) == (503, "reader-busy")
    reading.set_result(Asked("north", False, False, 1, 1))
    await settle_down(stage)
    assert (stage.door.asked, stage.door.settled, stage.upstream.calls) == ([], [], [])
