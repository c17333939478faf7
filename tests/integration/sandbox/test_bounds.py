"""Each limit, met."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seatrial.sandbox import api
from seatrial.sandbox.adapters import bubblewrap, groups, machine
from seatrial.sandbox.adapters.folder import Folder
from seatrial.sandbox.core.policy import Place
from seatrial.sandbox.types import Command, Limits

pytestmark = pytest.mark.sandbox

FORKS = """
import os
n = 0
try:
    while n < 500:
        if os.fork() == 0:
            import time
            time.sleep(30)
            os._exit(0)
        n += 1
except BlockingIOError:
    pass
print(n)
"""


async def test_address_space(run: Any) -> None:
    outcome = await run("python3", "-c", "bytearray(600 * 1024**2)")
    assert b"MemoryError" in outcome.stderr


async def test_resident_memory_of_all_processes_together(run: Any) -> None:
    """Three processes, each below its own limit: only together are they too large."""
    code = "import os, time\nos.fork(); os.fork()\nx = bytearray(60 * 1024**2)\ntime.sleep(20)"
    outcome = await run("python3", "-c", code, limits=Limits(resident_bytes=150 * 1024**2))
    assert outcome.out_of_memory
    assert outcome.seconds < 18
    assert outcome.status == -signal.SIGKILL


async def test_processor_time(run: Any) -> None:
    outcome = await run("sh", "-c", "while :; do :; done", limits=Limits(cpu_seconds=1))
    assert outcome.status == -signal.SIGXCPU
    assert not outcome.timed_out


async def test_wall_clock_kills_every_process(run: Any, alive: Callable[[str], bool]) -> None:
    outcome = await run(
        "sh", "-c", "setsid sh -c 'sleep 61; : marker-wall' & sleep 62", limits=Limits(wall_seconds=0.5)
    )
    assert outcome.timed_out
    assert outcome.status == -signal.SIGKILL
    assert outcome.seconds < 30
    assert not alive(f"marker-wall-{os.getpid()}")


async def test_a_program_that_ignores_every_signal_is_stopped_too(run: Any) -> None:
    code = "trap '' TERM INT HUP XCPU ALRM; while :; do sleep 1; done"
    assert (await run("sh", "-c", code, limits=Limits(wall_seconds=0.3))).timed_out


async def test_file_size(run: Any, box: api.Sandbox) -> None:
    outcome = await run("sh", "-c", "exec yes > full", limits=Limits(file_bytes=1024**2))
    assert outcome.status == -signal.SIGXFSZ
    assert len(await box.read("full")) == 1024**2


@pytest.mark.parametrize(
    "code",
    [
        "for n in range(60): open(f'f{n}', 'wb').write(bytes(1 << 20))",
        "os.mkdir('shut')\nfor n in range(60): open(f'shut/f{n}', 'wb').write(bytes(1 << 20))\nos.chmod('shut', 0)",
        "held = []\nfor n in range(60): held.append(open('x', 'wb', 0)); os.unlink('x'); held[-1].write(bytes(2**20))",
        "os.chdir('/tmp')\nfor n in range(60): open(f'f{n}', 'wb').write(bytes(1 << 20))",
    ],
    ids=["files", "in a closed folder", "without a name", "in /tmp"],
)
async def test_all_files_together(run: Any, code: str) -> None:
    limits = Limits(disk_bytes=20 * 1024**2)
    outcome = await run("python3", "-c", f"import os, time\n{code}\ntime.sleep(9)", limits=limits)
    assert outcome.out_of_disk, outcome
    assert outcome.seconds < 8


async def test_the_number_of_files(run: Any) -> None:
    code = "import os, time\nfor n in range(3000): os.symlink('x', f'l{n}')\ntime.sleep(9)"
    outcome = await run("python3", "-c", code, limits=Limits(disk_files=1000))
    assert outcome.out_of_disk, outcome


async def test_what_is_removed_or_has_two_names_does_not_count_twice(run: Any) -> None:
    code = (
        "import os, time\nfor n in range(40): open('f', 'wb').write(bytes(1 << 20)); os.unlink('f')\n"
        "open('g', 'wb').write(bytes(15 << 20))\n"
        "for n in range(5): os.link('g', f'g{n}')\ntime.sleep(1.5)"
    )
    outcome = await run("python3", "-c", code, limits=Limits(disk_bytes=20 * 1024**2))
    assert outcome.ok, outcome


async def test_open_files(run: Any) -> None:
    code = "import os\nn=0\ntry:\n while True: os.dup(0); n+=1\nexcept OSError: print(n)"
    assert int((await run("python3", "-c", code, limits=Limits(open_files=32))).stdout) < 32


async def test_no_core_is_dumped(run: Any) -> None:
    outcome = await run("sh", "-c", "kill -SEGV $$")
    assert outcome.status == -signal.SIGSEGV
    assert (await run("ls", "-A")).stdout == b""


async def test_a_fork_bomb_is_bounded_and_its_neighbour_does_not_notice(run: Any) -> None:
    if not machine.policy(()).bind_processes:
        pytest.skip("the number of processes cannot be limited here")
    async with api.Sandbox.open() as neighbour:
        bomb = asyncio.ensure_future(run("python3", "-c", FORKS))
        await asyncio.sleep(0.2)
        beside = await neighbour.run(Command(("sh", "-c", "true | true | true")))
        outcome = await bomb
    assert beside.ok
    assert 50 < int(outcome.stdout) < 64
    assert outcome.seconds < 25, "its children are killed, not waited for"


async def test_a_flood_of_output_is_cut_and_held_to_its_cap(run: Any) -> None:
    limits = Limits(wall_seconds=1, output_bytes=10_000)
    outcome = await run("sh", "-c", "yes >&2 & yes", limits=limits)
    assert outcome.truncated
    assert (len(outcome.stdout), len(outcome.stderr)) == (10_000, 10_000)
    assert outcome.timed_out


async def test_much_output_is_cut_and_the_program_still_ends_by_itself(run: Any) -> None:
    outcome = await run("sh", "-c", "head -c 3000000 /dev/zero; exit 7", limits=Limits(output_bytes=1000))
    assert (outcome.status, len(outcome.stdout), outcome.truncated) == (7, 1000, True)


async def test_output_of_exactly_the_cap_is_whole(run: Any) -> None:
    outcome = await run("head", "-c", "1000", "/dev/zero", limits=Limits(output_bytes=1000))
    assert (len(outcome.stdout), outcome.truncated) == (1000, False)


async def test_shared_memory_is_bounded(run: Any) -> None:
    code = "for i in 1 2 3 4 5; do head -c 30000000 /dev/zero > /dev/shm/$i || exit 1; done"
    assert not (await run("sh", "-c", code)).ok


async def test_a_limit_above_the_machines_own_is_lowered_not_refused(run: Any) -> None:
    assert (await run("true", limits=replace(Limits(), open_files=2**40))).ok


@pytest.mark.skipif("memory" not in groups.bases(), reason="no control group of memory can be written here")
@pytest.mark.parametrize(
    "code",
    [
        # Twenty pipes of 1 MiB in each of eight processes: no process holds that memory.
        "import fcntl, os\nfor _ in range(3): os.fork()\nheld = [os.pipe() for _ in range(20)]\n"
        "for _, end in held: fcntl.fcntl(end, 1031, 1 << 20); os.write(end, bytes(1 << 20))\n",
        "held = bytearray(120 << 20)\n",
    ],
    ids=["pipes", "its own"],
)
async def test_memory_is_counted_by_the_kernel_where_it_can_be(run: Any, code: str) -> None:
    limits = Limits(resident_bytes=60 * 1024**2)
    outcome = await run("python3", "-c", f"{code}\nimport time\ntime.sleep(3)\nprint('held')", limits=limits)
    assert outcome.out_of_memory, outcome


@pytest.mark.skipif("pids" not in groups.bases(), reason="no control group of processes can be written here")
async def test_processes_are_counted_by_the_kernel_where_they_can_be(box: api.Sandbox) -> None:
    """Also where rlimits would not bind: for root outside."""
    policy = replace(machine.policy(()), nobody=False, bind_processes=False)
    folder = Folder.make(nobody=False)
    try:
        outcome = await bubblewrap.run(policy, Place(folder.path), Command(("python3", "-c", FORKS)), Limits())
    finally:
        folder.remove()
    assert 50 < int(outcome.stdout) < 64


def test_groups_of_killed_processes_are_swept() -> None:
    left = groups.Group.make("seatrial-box-test", Limits())
    groups.sweep("seatrial-box-test")
    assert not [place for place in left.places.values() if place.exists()]


V1 = """\
30 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
31 23 0:29 /docker/x /c/pids rw - cgroup p rw,pids
"""


def test_groups_are_found_beneath_our_own_in_the_first_version() -> None:
    own = "8:pids:/docker/x/y\n4:memory:/a/b\n0::/\n"
    assert dict(groups._found(own, V1)) == {
        "memory": Path("/sys/fs/cgroup/memory/a/b"),
        "pids": Path("/c/pids/y"),
    }


@pytest.mark.parametrize("divided", ["a/b", "a", None])
def test_groups_are_found_where_ours_may_be_divided_in_the_second_version(tmp_path: Path, divided: str | None) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    for place in ("a/b", "a"):
        said = "cpu memory pids" if place == divided else "cpu"
        (tmp_path / place / "cgroup.subtree_control").write_text(said)
    found = dict(groups._found("0::/a/b\n", f"30 23 0:28 / {tmp_path} rw - cgroup2 cgroup2 rw\n"))
    assert found == ({} if divided is None else dict.fromkeys(("memory", "pids"), tmp_path / divided))
