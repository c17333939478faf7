"""What proofs run in here: tools with their versions, the sandbox, the kernel, the limits of a build. Found once."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from seatrial.kernel.digests import Digest, digest_of
from seatrial.sandbox.api import Sandbox, version
from seatrial.sandbox.types import Command, Limits

from .building import LIMITS

_TOOLS = ("gcc", "g++", "clang", "make", "cmake", "python3", "node", "go", "cargo", "java", "addr2line")
_ASK = 'for tool; do printf "%s\\t%s\\n" "$tool" "$("$tool" --version 2>/dev/null | head -n 1)"; done'


async def environment() -> Mapping[str, Any]:
    """It, as JSON's own types. Raises ``Unavailable`` (``no-sandbox``)."""
    found = _found.get("")
    if found is None:
        _found[""] = found = await _asked()
    return found


async def environment_digest() -> Digest:
    """The digest of its canonical JSON."""
    return _digest(repr(await environment()))


_found: dict[str, Mapping[str, Any]] = {}


@cache
def _digest(_: str) -> Digest:
    return digest_of(_found[""])


async def _asked() -> Mapping[str, Any]:
    limits = Limits(memory_bytes=None, wall_seconds=60)
    async with Sandbox.open() as box:
        asked = await box.run(Command(("sh", "-c", _ASK, "sh", *_TOOLS), limits=limits))
    lines = asked.stdout.decode(errors="replace").splitlines()
    tools = dict(line.split("\t", 1) for line in lines if "\t" in line)
    return {
        "machine": platform.machine(),
        "kernel": f"{platform.system()} {platform.release()}",
        "sandbox": await asyncio.to_thread(version),
        "tools": {name: said for name, said in sorted(tools.items()) if said},
        "build": {name: value for name, value in asdict(LIMITS).items() if value is not None},
    }
