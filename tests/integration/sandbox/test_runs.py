"""What comes back from a run, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvloop

from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.sandbox import api
from seatrial.sandbox.adapters.bubblewrap import tree
from seatrial.sandbox.types import Command, Limits, Outcome

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize("status", [0, 1, 42, 125, 126, 127])
async def test_the_exit_status_is_the_programs(run: Any, status: int) -> None:
    outcome = await run("sh", "-c", f"exit {status}")
    assert (outcome.status, outcome.started) == (status, True)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGSEGV", "SIGABRT"])
async def test_death_by_a_signal_is_its_negative_number(run: Any, name: str) -> None:
    number = getattr(signal, name)
    assert (await run("sh", "-c", f"kill -{number.value} $$")).status == -number


@pytest.mark.parametrize(("argv", "cwd", "status"), [("nope", ".", 127), ("/etc/passwd", ".", 126), ("true", "a", 125)])
async def test_what_cannot_be_started_says_so(run: Any, argv: str, cwd: str, status: int) -> None:
    outcome = await run(argv, cwd=cwd)
    assert (outcome.status, outcome.started, outcome.ok) == (status, False, False)
    assert outcome.stderr.startswith(b"sandbox: ")


async def test_stdout_and_stderr_are_kept_apart(run: Any) -> None:
    outcome = await run("sh", "-c", "echo out; echo err >&2")
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")


async def test_a_large_input_is_fed_while_output_is_read(run: Any) -> None:
    data = os.urandom(1 << 20) * 20
    outcome = await run("cat", stdin=data, limits=Limits(output_bytes=len(data)))
    assert outcome.stdout == data


async def test_an_input_nobody_reads_blocks_nothing(run: Any) -> None:
    assert (await run("true", stdin=b"x" * 10_000_000)).ok


async def test_without_input_the_program_reads_the_end(run: Any) -> None:
    assert (await run("cat")).stdout == b""


async def test_variables_and_the_folder_are_the_callers(run: Any, box: api.Sandbox) -> None:
    await box.write("deep/er/file", b"")
    outcome = await run("sh", "-c", 'echo "$GREETING"; ls', env={"GREETING": "a b\n$c"}, cwd="deep/er")
    assert outcome.stdout == b"a b\n$c\nfile\n"


async def test_tmp_and_work_last_as_long_as_the_box(run: Any) -> None:
    await run("sh", "-c", "echo 1 > /tmp/a; echo 2 > /box/b")
    assert (await run("cat", "/tmp/a", "b")).stdout == b"1\n2\n"


async def test_what_runs_on_in_the_background_ends_with_the_command(run: Any, alive: Callable[[str], bool]) -> None:
    """Forty of them: their end takes the kernel long enough for a careless wait to be seen."""
    many = f"setsid sh -c 'sleep 63; : marker-background-{os.getpid()}' > /dev/null 2>&1 & " * 40
    outcome = await run("sh", "-c", f"{many} echo started", limits=Limits(processes=200))
    assert (outcome.stdout, outcome.ok) == (b"started\n", True)
    assert outcome.seconds < 30
    assert not alive(f"marker-background-{os.getpid()}")


@pytest.mark.parametrize("after", [0.0, 0.002, 0.005, 0.01, 0.02, 0.2])
async def test_a_cancelled_run_leaves_no_process(box: api.Sandbox, alive: Callable[[str], bool], after: float) -> None:
    marker = f"marker-cancel-{os.getpid()}-{after}."
    running = asyncio.ensure_future(box.run(Command(("sh", "-c", f"sleep 64; : {marker}"))))
    await asyncio.sleep(after)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not alive(marker)


async def test_a_timeout_around_a_run_leaves_no_process(box: api.Sandbox, alive: Callable[[str], bool]) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await box.run(Command(("sh", "-c", f"sleep 65; : marker-timeout-{os.getpid()}")))
    assert not alive(f"marker-timeout-{os.getpid()}")


async def test_a_cancel_scope_that_insists_leaves_no_process(box: api.Sandbox, alive: Callable[[str], bool]) -> None:
    """anyio cancels again at every turn of the loop, also while we are putting things in order."""
    marker = f"marker-scope-{os.getpid()}"
    with anyio.move_on_after(0.2) as scope:
        await box.run(Command(("sh", "-c", f"sleep 67; : {marker}")))
    assert scope.cancelled_caught
    assert not alive(marker)


async def test_closing_a_box_ends_what_runs_in_it(alive: Callable[[str], bool]) -> None:
    async with api.Sandbox.open() as box:
        running = asyncio.ensure_future(box.run(Command(("sh", "-c", f"sleep 66; : marker-close-{os.getpid()}"))))
        await asyncio.sleep(0.1)
    assert not alive(f"marker-close-{os.getpid()}")
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(Misuse) as raised:
        await box.run(Command(("true",)))
    assert raised.value.code == "box-closed"


async def test_fifty_at_once_each_get_their_own_answer() -> None:
    before = _descriptors()

    async def one(number: int) -> bytes:
        async with api.Sandbox.open({"number": str(number)}) as box:
            outcome = await box.run(
                Command(("sh", "-c", "cat number; cat"), stdin=b"!", limits=Limits(wall_seconds=60))
            )
            assert outcome.ok, outcome
            return outcome.stdout

    answers = await asyncio.gather(*(one(number) for number in range(50)))
    assert answers == [f"{number}!".encode() for number in range(50)]
    assert _descriptors() == before


async def test_many_at_once_in_one_box(run: Any) -> None:
    outcomes = await asyncio.gather(*(run("sh", "-c", f"echo {n}", limits=Limits(wall_seconds=60)) for n in range(20)))
    assert [outcome.stdout for outcome in outcomes] == [f"{n}\n".encode() for n in range(20)]


def test_it_works_in_another_event_loop_and_in_a_thread() -> None:
    async def work() -> Outcome:
        async with api.Sandbox.open() as box:
            return await box.run(Command(("echo", "hello")))

    assert uvloop.run(work()).stdout == b"hello\n"
    with ThreadPoolExecutor(1) as apart:
        assert apart.submit(asyncio.run, work()).result().stdout == b"hello\n"


async def test_a_command_line_beyond_the_kernels_is_a_misuse(run: Any) -> None:
    with pytest.raises(Misuse) as raised:
        await run("echo", "x" * 200_000)
    assert raised.value.code == "bad-command"


async def test_no_zombie_is_left(run: Any) -> None:
    await run("true")
    assert "bwrap" not in _children()


@pytest.mark.compiler
async def test_a_sanitizer_build_finds_its_overflow(run: Any, box: api.Sandbox) -> None:
    if "cc" not in api.toolchain():
        pytest.skip("no C compiler with AddressSanitizer")
    await box.write("over.c", "#include <stdlib.h>\nint main(int n, char **v) { char *p = malloc(n); return p[n]; }\n")
    unbound = Limits(memory_bytes=None)
    assert (await run("cc", "-g", "-fsanitize=address", "over.c", "-o", "over")).ok
    outcome = await run("./over", limits=unbound)
    assert outcome.status == 1
    assert b"AddressSanitizer: heap-buffer-overflow" in outcome.stderr


@pytest.mark.compiler
async def test_a_sanitizer_build_is_bound_by_real_memory(run: Any, box: api.Sandbox) -> None:
    if "cc" not in api.toolchain():
        pytest.skip("no C compiler with AddressSanitizer")
    code = (
        "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }\n"
    )
    await box.write("hungry.c", code)
    assert (await run("cc", "-fsanitize=address", "hungry.c", "-o", "hungry")).ok
    outcome = await run("./hungry", limits=Limits(memory_bytes=None, resident_bytes=200 * 1024**2))
    assert outcome.out_of_memory or b"hard rss limit exhausted" in outcome.stderr
    assert not outcome.timed_out


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _children() -> list[str]:
    """Names of the processes whose parent we are, dead ones included."""
    names = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if said["PPid"] == str(os.getpid()):
            names.append(said["Name"])
    return names


@pytest.mark.parametrize("after", [0.0, 0.001, 0.002, 0.004, 0.008])
async def test_a_bubblewrap_that_somebody_kills_leaves_nothing(
    box: api.Sandbox, alive: Callable[[str], bool], after: float
) -> None:
    """The out-of-memory killer, say, at any moment of its start."""
    marker = f"marker-killed-{os.getpid()}-{after}."
    for _ in range(5):
        running = asyncio.ensure_future(box.run(Command(("sh", "-c", f"sleep 60; : {marker}"))))
        while not (found := tree(os.getpid())[1:]):  # noqa: ASYNC110 - nothing tells us when it has started
            await asyncio.sleep(0)
        await asyncio.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(found[0], signal.SIGKILL)
        async with asyncio.timeout(30):
            with contextlib.suppress(Unavailable):
                await running
        assert not alive(marker)
