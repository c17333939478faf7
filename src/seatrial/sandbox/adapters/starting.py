"""Starting one run: bubblewrap makes the box, we limit its first process, and only then does the program begin.

Blocking; done in a thread of ``launching``, whose user is also the box's outside, so that it may limit the box.
bubblewrap waits before the program until the limits are set: they bind from its first instruction, and no further
program has to be started to set them from inside.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.sandbox.core.policy import Descriptors

_PATIENCE = 10.0  # bubblewrap names the box's first process within milliseconds; this long is a defect
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


@dataclass(frozen=True, slots=True)
class Started:
    """A bubblewrap at work."""

    popen: subprocess.Popen[bytes]
    status: IO[bytes]  # what else it says of how it ends
    said: bytes  # what it said so far
    first: tuple[int, int] | None  # the box's first process: its number here, and a descriptor that holds it


def start(
    line: Callable[[Descriptors], list[str]],
    *,
    stdin: bytes = b"",
    filter: bytes | None = None,
    rlimits: Mapping[int, tuple[int, int]],
    admit: Callable[[int], object] = lambda _: None,
) -> Started:
    """Start the command ``line`` and limit what it starts to ``rlimits``; ``admit`` gets its number before it begins.

    Raises ``Misuse`` (``bad-command``) or ``Unavailable`` (``sandbox-failed``).
    """
    with contextlib.ExitStack() as failing:
        status, status_fd = os.pipe()
        failing.callback(os.close, status)
        gate, opening = os.pipe()
        try:
            popen = _popen(line, (status_fd, gate, opening), stdin, filter)
        finally:  # bubblewrap has its own; with ours open, we would not see when it is gone
            os.close(status_fd)
            os.close(gate)
        failing.callback(_end, popen)
        try:
            said = _first_line(status)
            first = _first(said, popen.pid)
            if first is not None:
                failing.callback(os.close, first[1])
                failing.callback(_kill, first[1])
                _limit(first[0], rlimits)
                try:
                    admit(first[0])
                except OSError as error:
                    raise Unavailable("sandbox-failed", f"A sandbox's control group failed: {error}.") from error
                with contextlib.suppress(BrokenPipeError):  # it has ended meanwhile
                    os.write(opening, b"!")
        finally:
            os.close(opening)
        failing.pop_all()
    return Started(popen, os.fdopen(status, "rb", buffering=0), said, first)


def _popen(
    line: Callable[[Descriptors], list[str]], descriptors: tuple[int, int, int], stdin: bytes, filter: bytes | None
) -> subprocess.Popen[bytes]:
    with contextlib.ExitStack() as ours:
        filter_fd = None if filter is None else ours.enter_context(_fed(filter))
        source = ours.enter_context(_sealed(stdin)) if stdin else subprocess.DEVNULL
        try:
            return subprocess.Popen(
                line(Descriptors(*descriptors, filter_fd, _terminal())),
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=[fd for fd in (*descriptors, filter_fd) if fd is not None],
                env={},
                cwd="/",
                process_group=0,  # a Ctrl-C at our terminal is ours to handle
            )
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise Misuse(
                    "bad-command", "The command line is too long for the kernel; use a file or stdin."
                ) from None
            raise Unavailable("sandbox-failed", f"bubblewrap could not be started: {error}.") from error


def _terminal() -> bool:
    """Whether we have a controlling terminal, which a box would share unless it had a session of its own.

    The kernel schedules each session as one, and a new one slowly at first: one more each run doubles the time to the
    first output where others compute.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError as error:
        return error.errno != errno.ENXIO
    return True


def _end(popen: subprocess.Popen[bytes]) -> None:
    """Kill a bubblewrap whose box never began."""
    kill_all(popen)
    popen.wait()
    for pipe in (popen.stdout, popen.stderr):
        if pipe is not None:
            pipe.close()


def kill_all(popen: subprocess.Popen[bytes]) -> None:
    """Kill bubblewrap and what it has started, also where somebody else killed it before that asked to die with it."""
    if popen.returncode is None:  # not reaped, so its number, and its group's, is nobody else's
        with contextlib.suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)


def _kill(first: int) -> None:
    """Kill its first process, which waits for us and has not yet asked to die with bubblewrap."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(first, signal.SIGKILL)


def _first_line(status: int) -> bytes:
    """What bubblewrap says up to the end of its first line, or all that it said before it ended."""
    said, latest = b"", time.monotonic() + _PATIENCE
    waiting = select.poll()
    waiting.register(status, select.POLLIN)
    while b"\n" not in said:
        if not waiting.poll(max(0.0, latest - time.monotonic()) * 1000):
            raise Unavailable("sandbox-failed", f"bubblewrap made no sandbox within {_PATIENCE:g} seconds.")
        part = os.read(status, 4096)
        if not part:
            break
        said += part
    return said


def _first(said: bytes, bwrap: int) -> tuple[int, int] | None:
    """The box's first process, named in bubblewrap's first line, held by a descriptor."""
    if b"\n" not in said:
        return None
    pid = json.loads(said.partition(b"\n")[0])["child-pid"]
    try:
        held = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    # bubblewrap reaps it, so the number may be another's by now; a child of bubblewrap is ours for certain
    if _parent(pid) == bwrap:
        return pid, held
    os.close(held)
    return None


def _limit(pid: int, rlimits: Mapping[int, tuple[int, int]]) -> None:
    try:
        for what, soft_and_hard in rlimits.items():
            resource.prlimit(pid, what, soft_and_hard)
    except ProcessLookupError:
        return  # it failed before its program; bubblewrap says why
    except OSError as error:
        raise Unavailable("sandbox-failed", f"The kernel did not take a sandbox's limits: {error}.") from error


def _parent(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


@contextlib.contextmanager
def _fed(data: bytes) -> Iterator[int]:
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
