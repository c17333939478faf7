"""A crew of processes: questions answered in one place, deaths noticed, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from seatrial.compute.api import Ended, Executor, ExecutorKind, WorkerEnd, crew
from seatrial.kernel.errors import Misuse
from simulators import crew_work

HERE = Executor(ExecutorKind.PROCESSES, 2)


async def doubled(worker, question):
    return question[1] if isinstance(question, tuple) else 2 * question


async def nobody_else(ended):
    return None


async def run(function, tasks, answer=doubled, news=lambda: None, lost=nobody_else):
    return await crew(HERE, function, tasks, answer=answer, lost=lost, news=news)


async def test_every_question_gets_its_own_answer_whatever_the_order():
    sums = {}

    async def answer(worker, question):
        if isinstance(question, tuple):
            sums[worker] = question[1]
            return None
        await asyncio.sleep(0.001 * (question % 7))
        return 2 * question

    ends = await run(crew_work.double, [range(100), range(50, 60)], answer)
    assert [one.end for one in ends] == [WorkerEnd.DONE, WorkerEnd.DONE]
    assert sums == {0: 9900, 1: 1090}


async def test_a_worker_that_fails_says_why():
    assert await run(crew_work.refuse, [7]) == (Ended(0, WorkerEnd.FAILED, "The task 7 is refused.", "no-such-thing"),)
    [ended] = await run(crew_work.stumble, ["rope"])
    assert (ended.end, ended.why) == (WorkerEnd.FAILED, "ValueError: rope")


async def test_a_worker_that_is_killed_is_noticed_and_the_others_go_on():
    async def answer(worker, question):
        return None if question == "about to die" else await doubled(worker, question)

    lost, done = await run(crew_work.die_or_double, ["die", range(10)], answer)
    assert (lost.end, done.end) == (WorkerEnd.LOST, WorkerEnd.DONE)
    assert "killed" in lost.why


async def test_another_worker_takes_up_what_a_lost_one_left():
    async def answer(worker, question):
        return None if question == "about to die" else await doubled(worker, question)

    async def lost(ended):
        return range(5) if ended.worker < 3 else None

    ends = await run(crew_work.die_or_double, ["die", "die"], answer, lost=lost)
    assert [one.end for one in ends] == [WorkerEnd.LOST, WorkerEnd.LOST, WorkerEnd.DONE, WorkerEnd.DONE]


async def test_a_refusal_of_the_coordinator_reaches_the_worker():
    async def answer(worker, question):
        raise RuntimeError("not today")

    [ended] = await run(crew_work.double, [range(3)], answer)
    assert (ended.end, ended.code, ended.why) == (WorkerEnd.FAILED, "crew-refused", "not today")


async def test_news_goes_along_with_answers():
    since = time.monotonic()

    async def answer(worker, question):
        return None

    [ended] = await run(crew_work.wait_for_news, [0], answer, lambda: time.monotonic() - since > 0.3)
    assert ended.end is WorkerEnd.DONE


async def test_cancelling_ends_every_worker():
    pids, both = [], asyncio.Event()

    async def answer(worker, question):
        pids.append(question)
        if len(pids) == 2:
            both.set()

    work = asyncio.ensure_future(run(crew_work.linger, [0, 1], answer))
    await both.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("inline", Executor()),
        ("processes:4", Executor(ExecutorKind.PROCESSES, 4)),
        ("processes", Executor(ExecutorKind.PROCESSES, 2)),
        ("ray:8", Executor(ExecutorKind.RAY, 8)),
        ("ray:8@head:6379", Executor(ExecutorKind.RAY, 8, "head:6379")),
    ],
)
def test_executors_are_read(text, found):
    assert Executor.parse(text) == found


@pytest.mark.parametrize(
    "text", ["", "threads:2", "processes:0", "processes:x", "processes:257", "inline:2", "processes:2@x"]
)
def test_what_is_no_executor_says_what_is(text):
    with pytest.raises(Misuse, match="is no executor; use inline"):
        Executor.parse(text)
