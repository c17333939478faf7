"""Seconds to the first output, of our boxes, of bare bubblewrap and of podman; and commands a second."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.sandbox import api
from seatrial.sandbox.adapters import bubblewrap
from seatrial.sandbox.core.policy import Place, Policy
from seatrial.sandbox.types import Command, Limits

ECHO = Command(("echo", "x"))
BARE = (
    "--unshare-all",
    "--die-with-parent",
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--",
    "echo",
    "x",
)
PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
PODMAN_RUN = ("--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")


async def ours(policy: Policy, box: api.Sandbox) -> tuple[float, float]:
    """Seconds of a box with every limit and the filter: to its first output, and until nothing of it lives."""
    started = time.perf_counter()
    process = await bubblewrap.launch(policy, Place(box._folder.path), ECHO, Limits())
    await process.said_something()
    first = time.perf_counter() - started
    await process.ended(Limits(), box._folder.path)
    await process.settle()
    outcome = process.outcome(0, timed_out=False)
    if outcome.stdout != b"x\n":
        raise RuntimeError(outcome)
    return first, time.perf_counter() - started


def theirs(line: tuple[str, ...]) -> tuple[float, float]:
    """The same two of a program that prints ``x``."""
    started = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as process:
        assert process.stdout is not None
        said = process.stdout.read(1)
        first = time.perf_counter() - started
    if said != b"x":
        raise RuntimeError(f"{line[0]} said {said!r}")
    return first, time.perf_counter() - started


async def compare(policy: Policy, rounds: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Ours and bare bubblewrap in turns, so that whatever else the machine does meets both."""
    our, bare = [], []
    async with api.Sandbox.open() as box:
        for _ in range(rounds):
            our.append(await ours(policy, box))
            bare.append(theirs((policy.bwrap, *BARE)))
    return our, bare


def podman(rounds: int) -> list[tuple[float, float]] | str:
    """``podman run`` over the same programs and libraries; or why it cannot be measured here."""
    with _root() as root:
        line = (*PODMAN, "run", *PODMAN_RUN, "--volume", "/usr:/usr:ro", "--rootfs", root, "echo", "x")
        try:
            theirs(line)
            return [theirs(line) for _ in range(rounds)]
        except (OSError, RuntimeError) as error:
            return f"podman does not run here: {error}"


@contextmanager
def _root() -> Iterator[str]:
    """A root that holds what a box's does."""
    with tempfile.TemporaryDirectory() as place:
        for name in ("usr", "proc", "dev", "sys", "tmp", "etc", "run", "box"):
            Path(place, name).mkdir()
        for name in ("bin", "lib", "lib64", "sbin"):
            if Path("/", name).is_symlink():
                Path(place, name).symlink_to(f"usr/{name}")
        yield place


async def throughput(seconds: float, at_once: int) -> float:
    """Commands a second through the room's door, ``at_once`` at a time, each in a box of its own."""
    end, done = time.perf_counter() + seconds, 0

    async def keep_running() -> None:
        nonlocal done
        async with api.Sandbox.open() as box:
            while time.perf_counter() < end:
                if not (await box.run(ECHO)).ok:
                    raise RuntimeError("a command failed")
                done += 1

    started = time.perf_counter()
    await asyncio.gather(*(keep_running() for _ in range(at_once)))
    return done / (time.perf_counter() - started)
