"""One thread writes, many ask: everybody is answered once, after the round, or told what failed."""

from __future__ import annotations

import asyncio
import threading

import pytest

from seatrial.compute.api import Rounds


def test_all_that_was_asked_meanwhile_is_one_round_and_answered_after_it():
    rounds: Rounds[int] = Rounds("work")
    sizes, threads, answers = [], set(), []

    def write(asked):
        sizes.append(len(asked))
        threads.add(threading.current_thread())
        assert not any(one.answer.done() for one in asked)
        return [(one, one.question * 2) for one in asked]

    async def several():
        for _ in range(5):
            answers.extend(await asyncio.gather(*(rounds.ask(number) for number in range(20))))

    rounds.serve(lambda: asyncio.run(several()), write, lambda: None)
    assert answers == [number * 2 for number in range(20)] * 5
    assert sum(sizes) == 100
    assert max(sizes) > 1
    assert threads == {threading.current_thread()}


def test_who_waits_for_a_later_round_is_answered_there():
    rounds: Rounds[str] = Rounds("work")
    held = []

    def write(asked):
        held.extend(asked)
        if held and held[-1].question == "last":
            found, held[:] = list(held), []
            return [(one, one.question) for one in found]
        return []

    async def both():
        first = asyncio.ensure_future(rounds.ask("first"))
        await asyncio.sleep(0.05)
        assert not first.done()
        assert await rounds.ask("last") == "last"
        assert await first == "first"

    rounds.serve(lambda: asyncio.run(both()), write, lambda: None)


def test_what_fails_in_a_round_fails_all_who_wait_and_the_work():
    rounds: Rounds[str] = Rounds("work")
    seen = []

    def write(asked):
        if any(one.question == "bad" for one in asked):
            raise ValueError("no room")
        return []

    async def both():
        waits = asyncio.ensure_future(rounds.ask("waits"))
        await asyncio.sleep(0.05)
        for found in (rounds.ask("bad"), waits):
            with pytest.raises(ValueError, match="no room"):
                await found
            seen.append(True)

    with pytest.raises(ValueError, match="no room"):
        rounds.serve(lambda: asyncio.run(both()), write, lambda: None)
    assert len(seen) == 2


def test_what_is_told_afterwards_may_fail_and_nobody_is_left_waiting():
    rounds: Rounds[int] = Rounds("work")
    answers = []

    def then():
        raise OSError("no terminal")

    async def asks():
        answers.append(await rounds.ask(1))
        answers.append(await rounds.ask(2))

    with pytest.raises(OSError, match="no terminal"):
        rounds.serve(lambda: asyncio.run(asks()), lambda asked: [(one, one.question) for one in asked], then)
    assert answers == [1, 2]


def test_what_the_work_raises_goes_on_its_way():
    rounds: Rounds[int] = Rounds("work")

    def work():
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        rounds.serve(work, lambda asked: [], lambda: None)


def test_interrupted_the_work_still_ends_by_itself():
    rounds: Rounds[int] = Rounds("work")
    answers, interrupted = [], []

    def write(asked):
        if asked and not interrupted:
            interrupted.append(True)
        return [(one, one.question) for one in asked]

    gather = rounds._gather

    def once(asked):
        if interrupted and rounds.broken is None:
            raise KeyboardInterrupt
        return gather(asked)

    rounds._gather = once

    async def asks():
        for number in range(3):
            answers.append(await rounds.ask(number))

    with pytest.raises(KeyboardInterrupt):
        rounds.serve(lambda: asyncio.run(asks()), write, lambda: None)
    assert answers == [0, 1, 2]


def test_a_round_is_made_even_if_nobody_asks():
    rounds: Rounds[int] = Rounds("work", pause=0.01)
    made = []
    enough = threading.Event()

    def write(asked):
        made.append(len(asked))
        if len(made) == 3:
            enough.set()
        return []

    rounds.serve(lambda: enough.wait(10), write, lambda: None)
    assert made[:3] == [0, 0, 0]


def test_who_no_longer_waits_is_not_in_the_round():
    rounds: Rounds[str] = Rounds("work")
    seen = []

    def write(asked):
        seen.extend(one.question for one in asked)
        return [(one, None) for one in asked]

    async def asks():
        hasty = asyncio.ensure_future(rounds.ask("hasty"))
        hasty.cancel()
        await asyncio.sleep(0)
        await rounds.ask("patient")

    rounds.serve(lambda: asyncio.run(asks()), write, lambda: None)
    assert seen == ["patient"]
