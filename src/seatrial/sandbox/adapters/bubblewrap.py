"""One run: launch bubblewrap, read it within bounds, and leave nothing alive.

A run is over when no process of its namespace lives: the namespace's first process is killed (the kernel kills all
others before that one is gone), and it and bubblewrap are waited for, also when the caller was cancelled.
Works in any event loop that has ``add_reader``, in any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, TypeVar, cast

from seatrial.kernel.errors import Unavailable
from seatrial.sandbox.core.limits import rlimits
from seatrial.sandbox.core.policy import Place, Policy, argv
from seatrial.sandbox.types import Command, Limits, Outcome

from .groups import Group
from .launching import launchers, ourselves
from .spares import SPARES
from .starting import Started, kill_all, start
from .usage import Meter

_CHUNK = 1 << 16  # what a pipe holds
_PAUSE = 0.002  # between reads of a stream beyond its cap: a flood must not keep the loop busy
_LOOK = 0.05  # between looks at the memory and disk in use
_PAGE = os.sysconf("SC_PAGE_SIZE")

_NO_GROUP = Group()

T = TypeVar("T")


async def run(policy: Policy, place: Place, command: Command, limits: Limits) -> Outcome:
    """Run ``command`` to its end. Raises ``Misuse`` or ``Unavailable`` (``sandbox-failed``) if no box opened."""
    begun = time.monotonic()
    process = await launch(policy, place, command, limits)
    timed_out = False
    try:
        async with asyncio.timeout(limits.wall_seconds):
            await process.ended(limits, place.folder)
    except TimeoutError:
        timed_out = True
    finally:
        await to_its_end(process.settle())
    return process.outcome(time.monotonic() - begun, timed_out=timed_out)


async def launch(policy: Policy, place: Place, command: Command, limits: Limits) -> Process:
    """Start ``command`` in a box; whoever gets it must ``settle`` it. Raises as ``run`` does."""
    group = SPARES.take(limits)
    admitting = ourselves()

    def admit(pid: int) -> None:
        try:
            group.admit(pid)
        except PermissionError:  # the thread that launches is nobody, who may not in the second version
            admitting.submit(group.admit, pid).result()

    try:
        return await launched(
            policy,
            lambda: start(
                lambda descriptors: argv(policy, place, command, limits, descriptors),
                stdin=command.stdin,
                filter=policy.filter_of_root if place.user == 0 else policy.filter,
                rlimits=rlimits(limits, bind_processes=policy.bind_processes),
                admit=admit,
            ),
            limits.output_bytes,
            group,
        )
    except BaseException:
        group.remove()
        raise


async def launched(
    policy: Policy, starting: Callable[[], Started], output_bytes: int, group: Group = _NO_GROUP
) -> Process:
    """What ``starting`` starts, in a thread that launches. If this is cancelled, nothing stays behind."""

    async def begin() -> Process:
        threads = launchers(nobody=policy.nobody)
        return Process(await asyncio.get_running_loop().run_in_executor(threads, starting), output_bytes, group)

    beginning = asyncio.ensure_future(begin())
    try:
        return await to_its_end(beginning)
    except asyncio.CancelledError:
        if not beginning.cancelled() and beginning.exception() is None:
            await to_its_end(beginning.result().settle())
        raise


async def to_its_end(work: Awaitable[T]) -> T:
    """Wait for ``work`` even when cancelled meanwhile; the cancellation follows afterwards."""
    task, cancelled = asyncio.ensure_future(work), None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


class Process:
    """A started bubblewrap and the three pipes read from it."""

    def __init__(self, started: Started, output_bytes: int, group: Group) -> None:
        self._group = group
        self._popen = started.popen
        self._stdout = _Stream(output_bytes, cast(IO[bytes], self._popen.stdout))
        self._stderr = _Stream(output_bytes, cast(IO[bytes], self._popen.stderr))
        self._status = _Stream(1 << 16, started.status)
        self._status.data += started.said
        self._bwrap = _Pidfd(self._popen.pid, os.pidfd_open(self._popen.pid))
        self._first = None if started.first is None else _Pidfd(*started.first)  # the namespace's first process
        self._out_of_memory = self._out_of_disk = self._exhausted = False

    @property
    def first(self) -> int | None:
        """The number of the namespace's first process."""
        return None if self._first is None else self._first.pid

    @property
    def over(self) -> bool:
        """Whether it has ended by itself."""
        return self._bwrap.over.done()

    @property
    def _streams(self) -> tuple[_Stream, _Stream, _Stream]:
        return self._stdout, self._stderr, self._status

    @property
    def stdout(self) -> bytes:
        """What it has written there so far."""
        return bytes(self._stdout.data)

    @property
    def stderr(self) -> bytes:
        """What it has written there so far."""
        return bytes(self._stderr.data)

    def kill(self) -> None:
        """End it and all that it started; whoever has it must ``settle`` it all the same."""
        (self._first or self._bwrap).kill()

    async def said_something(self) -> None:
        """Wait until it has written something to its standard output, or has ended."""
        await asyncio.shield(self._stdout.begun)

    async def ended(self, limits: Limits, folder: str) -> None:
        """Wait until bubblewrap has ended by itself, or its programs held more memory or disk than ``limits`` say."""
        over, meter = self._bwrap.over, Meter(folder)
        while not over.done():
            await asyncio.wait((over,), timeout=_LOOK)
            if over.done() or self._first is None:
                continue
            processes = tree(self._first.pid)
            self._out_of_memory = sum(map(_resident, processes)) > limits.resident_bytes
            if meter.due(limits, time.monotonic()):
                self._out_of_disk = await asyncio.to_thread(meter.over, limits, processes)
            if self._out_of_memory or self._out_of_disk:
                return

    async def settle(self) -> None:
        """Kill what is left and wait until it is gone and everything it wrote has been read."""
        self.kill()
        if self._first is None or self.over:
            kill_all(self._popen)  # nothing of it may hold the pipes that are read to their end below
        await self._bwrap.over
        if self._first is not None:
            await self._first.over
            self._first.close()
        self._popen.wait()
        self._bwrap.close()
        self._exhausted = self._group.exhausted()
        if (self._exhausted or not SPARES.give(self._group)) and not self._group.removed():
            await asyncio.to_thread(self._group.remove)
        for stream in self._streams:
            await stream.closed

    def outcome(self, seconds: float, *, timed_out: bool) -> Outcome:
        """Raises ``Unavailable`` (``sandbox-failed``) if bubblewrap never came as far as the command."""
        stdout, stderr = bytes(self._stdout.data), bytes(self._stderr.data)
        killed = timed_out or self._out_of_memory or self._out_of_disk
        code, started = self._exit_code(), True
        if code is None and not killed:
            code, said = _why_not(stderr.decode(errors="replace").strip().removeprefix("bwrap: "))
            started, stderr = False, f"sandbox: {said}\n".encode()
        return Outcome(
            status=-signal.SIGKILL if killed or code is None else _status(code),
            stdout=stdout,
            stderr=stderr,
            seconds=seconds,
            timed_out=timed_out,
            truncated=self._stdout.truncated or self._stderr.truncated,
            out_of_memory=self._out_of_memory or self._exhausted,
            out_of_disk=self._out_of_disk,
            started=started,
        )

    def _exit_code(self) -> int | None:
        for line in self._status.data.splitlines():
            with contextlib.suppress(ValueError):
                if "exit-code" in (said := json.loads(line)):
                    return int(said["exit-code"])
        return None


class _Stream:
    """Keeps the first ``cap`` bytes; reads on and drops the rest, slowly.

    It reads itself: uvloop's transports close a pipe twice, and by then its number may be another's.
    """

    def __init__(self, cap: int, pipe: IO[bytes]) -> None:
        self._loop = asyncio.get_running_loop()
        self._cap = cap
        self._pipe = pipe
        self.data = bytearray()
        self.truncated = False
        self.begun: asyncio.Future[None] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        os.set_blocking(pipe.fileno(), False)
        self._resume()

    def _resume(self) -> None:
        self._loop.add_reader(self._pipe.fileno(), self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._pipe.fileno(), _CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._end()
            return
        room = self._cap - len(self.data)
        self.data += data[:room]
        if not self.begun.done():
            self.begun.set_result(None)
        if len(data) > room:
            self.truncated = True
            self._loop.remove_reader(self._pipe.fileno())
            self._loop.call_later(_PAUSE, self._resume)

    def _end(self) -> None:
        self._loop.remove_reader(self._pipe.fileno())
        self._pipe.close()
        for future in (self.begun, self.closed):
            if not future.done():
                future.set_result(None)


class _Pidfd:
    """A process held by descriptor, so that a signal can never reach another that got its number."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._fd = descriptor
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._fd, self._gone)

    def kill(self) -> None:
        if self._fd < 0:
            return  # its number may be another's descriptor by now
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._fd, signal.SIGKILL)

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        self._fd = -1

    def _gone(self) -> None:
        self._loop.remove_reader(self._fd)
        if not self.over.done():
            self.over.set_result(None)


def _why_not(said: str) -> tuple[int, str]:
    """The status and the words for a program that was never started, as shells have them."""
    if said.startswith("Can't chdir to "):
        return 125, said
    if said.startswith("execvp "):
        return 127 if said.endswith(
            os.strerror(errno.ENOENT)
        ) else 126, f"cannot execute {said.removeprefix('execvp ')}"
    raise Unavailable("sandbox-failed", f"bubblewrap could not make the sandbox: {said or 'no reason given'}.")


def _status(code: int) -> int:
    """bubblewrap reports death by signal n as 128 + n."""
    try:
        return -signal.Signals(code - 128)
    except ValueError:
        return code


def tree(pid: int) -> list[int]:
    """``pid`` and all its descendants."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in Path(f"/proc/{found[-1]}/task").iterdir():
                with contextlib.suppress(OSError):
                    waiting += map(int, (thread / "children").read_text().split())
    return found


def _resident(pid: int) -> int:
    """Bytes of its resident memory; pages that processes share count for each."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0  # it has ended meanwhile
