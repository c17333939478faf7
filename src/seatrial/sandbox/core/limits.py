"""Limits as numbers that the kernel will take.

An unprivileged process may lower its hard limits and never raise them, so what a caller asks for is
clamped to what this machine lets a process have.
"""

from __future__ import annotations

import resource
import signal
from collections.abc import Mapping
from dataclasses import fields, replace

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.types import Limits, Outcome

UNLIMITED = -1  # as the kernel writes RLIM_INFINITY

# Which resource (as setrlimit(2) names it, less RLIMIT_) carries which of our limits.
RESOURCES: Mapping[str, str] = {
    "as": "memory_bytes",
    "cpu": "cpu_seconds",
    "fsize": "file_bytes",
    "nproc": "processes",
    "nofile": "open_files",
}

_NOT_STARTED = {
    125: "was to run in a folder that cannot be entered",
    126: "could not be executed",
    127: "was not found in the sandbox",
}


def clamp(limits: Limits, hard: Mapping[str, int]) -> Limits:
    """``limits``, none above ``hard`` (by the names of ``RESOURCES``; ``UNLIMITED`` binds nothing).

    Raises ``Misuse`` (``bad-limit``) for a limit that is not positive.
    """
    for limit in fields(limits):
        value = getattr(limits, limit.name)
        if value is not None and value <= 0:
            raise Misuse("bad-limit", f"The limit {limit.name} must be more than nothing, but is {value}.")
    lower: dict[str, int] = {}
    for kind, name in RESOURCES.items():
        most, value = hard.get(kind, UNLIMITED), getattr(limits, name)
        if most != UNLIMITED and value is not None and value > most:
            lower[name] = most
    return replace(limits, **lower)


def rlimits(limits: Limits, *, bind_processes: bool) -> dict[int, tuple[int, int]]:
    """What each of the kernel's resources is limited to, (soft, hard): the same, save for the processor (SIGXCPU first,
    SIGKILL a second later)."""
    found = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1),
        resource.RLIMIT_FSIZE: (limits.file_bytes, limits.file_bytes),
        resource.RLIMIT_NOFILE: (limits.open_files, limits.open_files),
    }
    if bind_processes:
        found[resource.RLIMIT_NPROC] = (limits.processes, limits.processes)
    if limits.memory_bytes is not None:
        found[resource.RLIMIT_AS] = (limits.memory_bytes, limits.memory_bytes)
    return found


def explain(outcome: Outcome, limits: Limits) -> str:
    """One clause on how the program ended, e.g. for a transcript: "was killed by SIGSEGV"."""
    if outcome.timed_out:
        return f"was stopped after {limits.wall_seconds:g} seconds"
    if outcome.out_of_memory:
        return f"was stopped when it held more than {limits.resident_bytes // 1024**2} MiB of memory"
    if outcome.out_of_disk:
        return (
            f"was stopped when its box held more than {limits.disk_bytes // 1024**2} MiB or {limits.disk_files} files"
        )
    if not outcome.started:
        return _NOT_STARTED[outcome.status]
    if outcome.status == -signal.SIGXCPU:
        return f"used up its {limits.cpu_seconds} seconds of processor time"
    if outcome.status == -signal.SIGXFSZ:
        return f"wrote a file of more than {limits.file_bytes} bytes"
    if outcome.status < 0:
        return f"was killed by {signal.Signals(-outcome.status).name}"
    return f"exited with status {outcome.status}"
