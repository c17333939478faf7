"""A large body is read elsewhere as it would be here, and whatever happens there stays there."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from seatrial.gateway import reading
from seatrial.gateway.call import Call, Headers, asked
from seatrial.gateway.reading import Readers
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse, Unavailable

JSON = Headers([("content-type", "application/json")])
ASK = {"model": "north-7b", "max_tokens": 5, "n": 2, "messages": [{"role": "user", "content": "Ahoy " * 100_000}]}


@dataclass
class InMemory:
    """A ``Large`` that is not."""

    data: bytes
    size = 1000

    def __len__(self) -> int:
        return len(self.data)

    @property
    def digest(self) -> Digest:
        return digest(self.data)

    @property
    def pieces(self) -> int:
        return -(-len(self.data) // self.size)

    async def piece(self, number: int) -> bytes:
        return self.read(number)

    def read(self, number: int) -> bytes:
        return self.data[number * self.size : (number + 1) * self.size]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    made = Readers()
    yield made
    made.close()


async def told(readers: Readers, data: bytes, headers: Headers = JSON):
    body = InMemory(data)
    call = Call("POST", "chat/completions", "", headers, body)
    return await asyncio.wait_for(readers.read(call, body, answer_tokens=7), 30)


def here(data: bytes, headers: Headers = JSON):
    return asked(Call("POST", "chat/completions", "", headers, data), answer_tokens=7)


def pids(readers: Readers) -> list[int]:
    return [child._process.pid for child in readers._children]


async def test_it_says_what_would_be_said_here(readers):
    for body in (ASK, {**ASK, "logprobs": True}, [1, 2], {"model": 7}):
        data = json.dumps(body).encode()
        assert await told(readers, data) == here(data)


@pytest.mark.parametrize("data", [b"{", b'{"model": 1, "model": 2}', b"\xff", b'{"max_tokens": -1}', b"[" * 100_000])
async def test_it_refuses_what_would_be_refused_here_and_goes_on(readers, data):
    with pytest.raises(Misuse) as there:
        await told(readers, data)
    with pytest.raises(Misuse) as refused:
        here(data)
    assert (there.value.code, there.value.message) == (refused.value.code, refused.value.message)
    assert (await told(readers, json.dumps(ASK).encode())).model == "north-7b"


async def test_many_are_read_by_few(readers):
    data = json.dumps(ASK).encode()
    found = await asyncio.gather(*(told(readers, data) for _ in range(10)))
    assert set(found) == {here(data)}
    assert len(readers._children) <= 2


async def test_one_that_dies_is_replaced(readers):
    data = json.dumps(ASK).encode()
    await told(readers, data)
    for pid in pids(readers):
        os.kill(pid, signal.SIGKILL)
    outcomes = [await asyncio.gather(told(readers, data), return_exceptions=True) for _ in range(4)]
    assert outcomes[-1] == [here(data)]
    broken = [said for [said] in outcomes if isinstance(said, Exception)]
    assert all(isinstance(error, Unavailable) and error.code == "reader-ended" for error in broken)


async def test_each_reads_so_many_and_then_a_fresh_one_does(readers, monkeypatch):
    monkeypatch.setattr(reading, "_BODIES", 1)
    seen = set()
    for _ in range(3):
        await told(readers, json.dumps(ASK).encode())
        seen |= set(pids(readers))
    assert len(seen) >= 2
    assert len(readers._children) <= 2


async def test_a_body_of_too_many_parts_is_refused(readers):
    await told(readers, json.dumps(ASK).encode())
    await told(readers, json.dumps(ASK).encode())
    for pid in pids(readers):
        resource.prlimit(pid, resource.RLIMIT_AS, (200 * 2**20, 200 * 2**20))
    with pytest.raises(Misuse, match="too many parts"):
        await told(readers, b'{"model": "north-7b", "input": [' + b"[]," * 4_000_000 + b"[]]}")


async def test_they_end_when_told_to(readers):
    await told(readers, json.dumps(ASK).encode())
    [pid] = pids(readers)
    readers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
