"""Boxes run on any event loop, and close no descriptor but their own."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Command

uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_what_other_threads_open_meanwhile_stays_open(loop):
    stop, lost = threading.Event(), []

    def opening() -> None:
        while not stop.is_set():
            ends = os.pipe()
            for end in ends:
                try:
                    os.close(end)
                except OSError as error:
                    lost.append(error)

    async def one() -> None:
        async with sandbox.Sandbox.open() as box:
            for _ in range(40):
                assert (await box.run(Command(("true",)))).ok

    async def several() -> None:
        await asyncio.gather(*(one() for _ in range(4)))

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=opening) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(several())
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(switching)
    assert not lost
