"""One run: start bubblewrap, feed it, read it within bounds, and leave nothing alive.

A run is over when no process of its namespace lives: the namespace's first process is killed (the kernel kills all
others before that one is gone), and it and bubblewrap are waited for, also when the caller was cancelled.
Works in any event loop that has ``add_reader``, in any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.sandbox.core.policy import Policy, argv
from seatrial.sandbox.types import Command, Limits, Outcome

_PAUSE = 0.002  # between reads of a stream beyond its cap: a flood must not keep the loop busy
_LOOK = 0.05  # between looks at the memory in use
_START = 10.0  # bubblewrap names the namespace's first process within milliseconds; this long is a defect
_NOT_EXECUTED = b"prlimit: failed to execute "
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL

T = TypeVar("T")


async def run(policy: Policy, folder: str, command: Command, limits: Limits) -> Outcome:
    """Run ``command`` to its end. Raises ``Misuse`` or ``Unavailable`` (``sandbox-failed``) if no box opened."""
    started = time.monotonic()
    process = _Process(policy, folder, command, limits)
    timed_out = False
    try:
        async with asyncio.timeout(limits.wall_seconds):
            await process.ended(limits.resident_bytes)
    except TimeoutError:
        timed_out = True
    finally:
        await to_its_end(process.settle())
    return process.outcome(time.monotonic() - started, timed_out=timed_out)


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
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


class _Process:
    """A started bubblewrap and the three pipes read from it."""

    def __init__(self, policy: Policy, folder: str, command: Command, limits: Limits) -> None:
        self._stdout, self._stderr = _Stream(limits.output_bytes), _Stream(limits.output_bytes)
        self._status = _Stream(1 << 16)
        self._popen, status = _start(policy, folder, command, limits)
        self._bwrap = _Pidfd(self._popen.pid)
        self._first: _Pidfd | None = None  # the namespace's first process, once it is known
        self._out_of_memory = False
        pipes = self._popen.stdout, self._popen.stderr, status
        self._connected = asyncio.gather(
            *(stream.connect(pipe) for stream, pipe in zip(self._streams, pipes, strict=True) if pipe is not None)
        )

    @property
    def _streams(self) -> tuple[_Stream, _Stream, _Stream]:
        return self._stdout, self._stderr, self._status

    async def ended(self, resident_bytes: int) -> None:
        """Wait until bubblewrap has ended by itself, or its programs held more than ``resident_bytes``."""
        await asyncio.shield(self._connected)
        await self._know_first()
        over = self._bwrap.over
        while not over.done():
            await asyncio.wait((over,), timeout=_LOOK)
            if not over.done() and self._first is not None and _resident(self._first.pid) > resident_bytes:
                self._out_of_memory = True
                return

    async def settle(self) -> None:
        """Kill what is left and wait until it is gone and everything it wrote has been read."""
        await self._connected
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START):
                await self._know_first()
        (self._first or self._bwrap).kill()
        await self._bwrap.over
        if self._first is not None:
            await self._first.over
            self._first.close()
        self._popen.wait()
        self._bwrap.close()
        for stream in self._streams:
            await stream.closed

    def outcome(self, seconds: float, *, timed_out: bool) -> Outcome:
        """Raises ``Unavailable`` (``sandbox-failed``) if bubblewrap never came as far as the command."""
        stdout, stderr = bytes(self._stdout.data), bytes(self._stderr.data)
        killed = timed_out or self._out_of_memory
        code = self._exit_code()
        started = True
        if code is None and not killed:
            said = stderr.decode(errors="replace").strip().removeprefix("bwrap: ")
            if not said.startswith("Can't chdir to "):
                raise Unavailable(
                    "sandbox-failed", f"bubblewrap could not make the sandbox: {said or 'no reason given'}."
                )
            code, started = 125, False
            stderr = f"sandbox: {said}\n".encode()
        elif code in (126, 127) and stderr.startswith(_NOT_EXECUTED):
            started = False
            stderr = b"sandbox: cannot execute " + stderr.removeprefix(_NOT_EXECUTED)
        return Outcome(
            status=-signal.SIGKILL if killed or code is None else _status(code),
            stdout=stdout,
            stderr=stderr,
            seconds=seconds,
            timed_out=timed_out,
            truncated=self._stdout.truncated or self._stderr.truncated,
            out_of_memory=self._out_of_memory,
            started=started,
        )

    async def _know_first(self) -> None:
        """Take hold of the namespace's first process, from the first line bubblewrap writes to its status pipe."""
        line = await asyncio.shield(self._status.first_line)
        if line is None or self._first is not None:
            return
        pid = json.loads(line)["child-pid"]
        with contextlib.suppress(ProcessLookupError):
            first = _Pidfd(pid)
            # bubblewrap reaps it, so the number may be another's by now; a child of bubblewrap is ours for certain
            if _parent(pid) == self._popen.pid:
                self._first = first
            else:
                first.close()

    def _exit_code(self) -> int | None:
        for line in self._status.data.splitlines():
            with contextlib.suppress(ValueError):
                if "exit-code" in (said := json.loads(line)):
                    return int(said["exit-code"])
        return None


class _Stream(asyncio.Protocol):
    """Keeps the first ``cap`` bytes; reads on and drops the rest, slowly."""

    def __init__(self, cap: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._cap = cap
        self._transport: asyncio.ReadTransport | None = None
        self.data = bytearray()
        self.truncated = False
        self.first_line: asyncio.Future[bytes | None] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()

    async def connect(self, pipe: IO[bytes]) -> None:
        await self._loop.connect_read_pipe(lambda: self, pipe)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.ReadTransport, transport)

    def data_received(self, data: bytes) -> None:
        room = self._cap - len(self.data)
        self.data += data[:room]
        if not self.first_line.done() and b"\n" in data:
            self.first_line.set_result(bytes(self.data.partition(b"\n")[0]))
        if len(data) > room and self._transport is not None:
            self.truncated = True
            self._transport.pause_reading()
            self._loop.call_later(_PAUSE, self._resume)

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.first_line, self.closed):
            if not future.done():
                future.set_result(None)

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()


class _Pidfd:
    """A process held by descriptor, so that a signal can never reach another that got its number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._fd = os.pidfd_open(pid)
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._fd, self._gone)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._fd, signal.SIGKILL)

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _gone(self) -> None:
        self._loop.remove_reader(self._fd)
        if not self.over.done():
            self.over.set_result(None)


def _start(policy: Policy, folder: str, command: Command, limits: Limits) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """The process and the reading end of its status pipe."""
    ours, theirs = os.pipe()
    status = os.fdopen(ours, "rb", buffering=0)
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, theirs)
        stdin = closing.enter_context(_sealed(command.stdin)) if command.stdin else subprocess.DEVNULL
        filter_fd = None if policy.filter is None else closing.enter_context(fed(policy.filter))
        try:
            popen = subprocess.Popen(
                argv(policy, folder, command, limits, status_fd=theirs, filter_fd=filter_fd),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(theirs,) if filter_fd is None else (theirs, filter_fd),
                env={},
                cwd="/",
                start_new_session=True,  # a Ctrl-C at our terminal is ours to handle
            )
        except OSError as error:
            status.close()
            if error.errno == errno.E2BIG:
                raise Misuse(
                    "bad-command", "The command line is too long for the kernel; use a file or stdin."
                ) from None
            raise Unavailable("sandbox-failed", f"bubblewrap could not be started: {error}.") from error
        except BaseException:
            status.close()
            raise
    return popen, status


@contextlib.contextmanager
def fed(data: bytes) -> Iterator[int]:
    """The reading end of a pipe that holds ``data``, at most 64 KiB, and then ends."""
    ours, theirs = os.pipe()
    try:
        os.write(theirs, data)
    finally:
        os.close(theirs)
    try:
        yield ours
    finally:
        os.close(ours)


def _sealed(data: bytes) -> IO[bytes]:
    """``data`` as a file that nobody can change: stdin that can neither block us nor be written to."""
    file = os.fdopen(os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "r+b", buffering=0)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
    file.seek(0)
    return file


def _status(code: int) -> int:
    """bubblewrap reports death by signal n as 128 + n."""
    try:
        return -signal.Signals(code - 128)
    except ValueError:
        return code


def _parent(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


def _resident(pid: int) -> int:
    """Bytes of resident memory of ``pid`` and all its descendants; shared pages count for each."""
    total, waiting = 0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        with contextlib.suppress(OSError):  # it has ended meanwhile
            total += int((process / "statm").read_text().split()[1]) * _PAGE
            for thread in (process / "task").iterdir():
                with contextlib.suppress(OSError):
                    waiting += map(int, (thread / "children").read_text().split())
    return total
