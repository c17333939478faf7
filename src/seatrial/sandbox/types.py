"""What a caller says of a program to run, and what it gets back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Each limit is enforced on every run; sizes in bytes, times in seconds."""

    wall_seconds: float = 10.0
    cpu_seconds: int = 10
    memory_bytes: int | None = 512 * 1024**2  # address space; None for sanitizer builds, which reserve terabytes
    file_bytes: int = 32 * 1024**2  # largest file it may write
    processes: int = 64
    open_files: int = 256
    output_bytes: int = 1024**2  # per stream; the rest is dropped and ``truncated`` says so


@dataclass(frozen=True, slots=True)
class Command:
    """``argv`` runs in ``cwd`` (inside the sandbox, relative to its work folder)."""

    argv: Sequence[str]
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status`` is the exit status, or minus the signal's number; ``timed_out`` means the wall limit."""

    status: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    truncated: bool = False

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.timed_out
