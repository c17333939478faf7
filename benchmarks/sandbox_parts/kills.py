"""Runs that are killed at random, and what is left of them: processes, mounts, control groups, files.

As a module it is the victim: it keeps boxes running, writes a dot for each run it starts, kills processes of its own
boxes and cancels runs, until it is killed itself.

    python -m benchmarks.sandbox_parts.kills MARKER
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seatrial.kernel.errors import Unavailable
from seatrial.sandbox import api
from seatrial.sandbox.adapters import bubblewrap
from seatrial.sandbox.types import Command, Host, Limits

AT_ONCE = 4
SERVE = "import http.server as h; h.HTTPServer(('web', 8080), h.SimpleHTTPRequestHandler).serve_forever()"


def leftovers(runs: int, seed: int) -> dict[str, int]:
    """What is left after ``runs`` with kills: numbers of each kind, and how many runs and kills there were."""
    chance = random.Random(seed)
    marker = f"seatrial-kills-{os.getpid()}"
    mounts, groups = _mounts(), _without_processes()
    started = kills = 0
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # nobody's boxes are made from there
        while started < runs:
            victim = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.sandbox_parts.kills", marker],
                env={**os.environ, "TMPDIR": place},
                stdout=subprocess.PIPE,
                bufsize=0,
            )
            assert victim.stdout is not None
            for _ in range(chance.randrange(40, 120)):
                if not victim.stdout.read(1):
                    raise RuntimeError("the victim ended by itself")
                started += 1
            time.sleep(chance.random() / 50)
            victim.kill()
            victim.communicate()
            kills += 1
        found = len(_folders(place))
        tempfile.tempdir = place
        try:
            api.sweep()
        finally:
            tempfile.tempdir = None
        end = time.monotonic() + 10
        while (alive := _alive(marker)) and time.monotonic() < end:
            time.sleep(0.05)
        return {
            "runs": started,
            "kills_of_the_process": kills,
            "processes": alive,
            "mounts": len(_mounts() - mounts),
            "groups": len(_idle_groups() - groups),
            "folders_found": found,
            "files": len(_folders(place)),
        }


def _alive(marker: str) -> int:
    """How many processes of this machine, but for ourselves, have the marker on their command line."""
    found = 0
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and process.name != str(os.getpid()):
            with contextlib.suppress(OSError):
                found += marker.encode() in (process / "cmdline").read_bytes()
    return found


def _mounts() -> set[str]:
    return set(Path("/proc/self/mountinfo").read_text().splitlines())


def _idle_groups() -> set[Path]:
    """Control groups in which nothing lives for three seconds, and that no living process keeps for runs to come."""
    found = _without_processes()
    time.sleep(3)
    return found & _without_processes()


def _without_processes() -> set[Path]:
    found = set()
    for place in Path("/sys/fs/cgroup").rglob("seatrial-groups-*"):
        kept = Path(tempfile.gettempdir(), place.name.rpartition("-")[0]).exists()
        with contextlib.suppress(OSError):  # gone meanwhile, or no group
            if not kept and not (place / "cgroup.procs").read_text():
                found.add(place)
    return found


def _folders(place: str) -> list[str]:
    return [folder.name for folder in Path(place).iterdir() if folder.name.startswith("seatrial-")]


async def victim(marker: str) -> None:
    chance = random.Random()

    async def keep_running() -> None:
        while True:
            hosts = {"web": Host(("python3", "-c", SERVE, marker))} if chance.random() < 0.02 else None
            with contextlib.suppress(Unavailable):
                async with api.Sandbox.open({"file": "x"}, hosts=hosts) as box:
                    for _ in range(5):
                        os.write(1, b".")
                        await one(box, marker, chance)

    await asyncio.gather(*(keep_running() for _ in range(AT_ONCE)))


async def one(box: api.Sandbox, marker: str, chance: random.Random) -> None:
    """One run that ends as chance wills."""
    code = chance.choice(
        (
            f"echo x > file; : {marker}",
            f"setsid sleep 60 & setsid sh -c 'sleep 61; : {marker}' & : {marker}",
            f"ln -s / l; mkdir -p a/b; chmod 000 a; sleep 0.05; : {marker}",
            f"trap '' TERM; sleep 62; : {marker}",
        )
    )
    run = asyncio.ensure_future(box.run(Command(("sh", "-c", code), limits=Limits(wall_seconds=0.2))))
    await asyncio.sleep(chance.random() / 20)
    match chance.randrange(3):
        case 0:
            run.cancel()
        case 1:
            mine = bubblewrap.tree(os.getpid())[1:]
            with contextlib.suppress(ProcessLookupError, IndexError):
                os.kill(chance.choice(mine), signal.SIGKILL)
    with contextlib.suppress(asyncio.CancelledError, Unavailable):
        await run


if __name__ == "__main__":
    asyncio.run(victim(sys.argv[1]))
