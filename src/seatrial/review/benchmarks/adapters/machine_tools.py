"""What this machine can run, found out by running it where it will be needed: inside the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from seatrial.kernel.errors import SeatrialError
from seatrial.review.benchmarks.core.planning import SANDBOX
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Command, Limits

_PROBES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "python3": (
        ("python3", "-c", "pass"),
        "Python cannot be run in the sandbox; install python3 where the system keeps its programs (/usr/bin).",
    ),
    "cc": (
        ("sh", "-c", "cc -g -fsanitize=address probe.c -o probe && ./probe"),
        "There is no C compiler with AddressSanitizer; install gcc or clang (on Debian: apt-get install gcc).",
    ),
}


class MachineTools:
    """See ``ports.Tools``. What was found holds for the life of the process."""

    def missing(self, needs: Iterable[str]) -> Mapping[str, str]:
        return {need: why for need in sorted(needs) if (why := _why_missing(need)) is not None}


@cache
def _why_missing(need: str) -> str | None:
    no_sandbox = sandbox.available()
    if no_sandbox is not None or need == SANDBOX:
        return no_sandbox
    if need not in _PROBES:
        return f"This version knows no tool {need!r}; leave such items out."
    argv, advice = _PROBES[need]
    with ThreadPoolExecutor(1) as apart:  # the caller may be inside an event loop
        return None if apart.submit(asyncio.run, _works(argv)).result() else advice


async def _works(argv: tuple[str, ...]) -> bool:
    try:
        async with sandbox.Sandbox.open({"probe.c": "int main(void) { return 0; }\n"}) as box:
            outcome = await box.run(Command(argv, limits=Limits(wall_seconds=30, cpu_seconds=30, memory_bytes=None)))
    except SeatrialError:
        return False
    return outcome.ok
