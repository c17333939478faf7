"""What a caller says of a program to run, and what it gets back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Each limit is enforced on every run; sizes in bytes, times in seconds."""

    wall_seconds: float = 10.0
    cpu_seconds: int = 10  # of each process
    memory_bytes: int | None = 512 * 1024**2  # address space of each process; None for sanitizer builds (terabytes)
    resident_bytes: int = 1024**3  # resident memory of all its processes together, looked at every 50 ms
    file_bytes: int = 32 * 1024**2  # largest file it may write
    disk_bytes: int = 256 * 1024**2  # all that the box holds, in work folder and /tmp; looked at as memory is
    disk_files: int = 20_000  # of any kind, in all
    processes: int = 64
    open_files: int = 256
    output_bytes: int = 1024**2  # per stream; the rest is dropped and ``truncated`` says so


@dataclass(frozen=True, slots=True)
class Command:
    """``argv`` runs in ``cwd`` (inside the sandbox, relative to its work folder ``/box``).

    ``user`` is nobody, root or one whom the box's root has added: names, under which all have the powers of nobody.
    """

    argv: Sequence[str]
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    limits: Limits = Limits()
    user: str = "nobody"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status`` is the exit status, or minus the signal's number; ``timed_out`` means the wall limit.

    With ``started`` false the program never ran: 127 it was not found, 126 it could not be executed, 125 ``cwd`` could
    not be entered. bubblewrap reports a signal as 128 + n, as shells do, so a program that exits with such a
    status of its own accord reads as killed by that signal.
    """

    status: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    truncated: bool = False
    out_of_memory: bool = False  # it met ``resident_bytes`` and was killed
    out_of_disk: bool = False  # the box held more than ``disk_bytes`` or ``disk_files``, and it was killed
    started: bool = True

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.timed_out


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder of ours that a box may begin with, as a copy of its own; nobody but us may write it.

    Paths are relative to ``root``; folders stand before what is in them, links (path, where it leads) are not followed.
    """

    root: str
    files: tuple[tuple[str, bool], ...] = ()  # path, whether it is executable
    links: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()
    size: int = 0  # bytes in all files


@dataclass(frozen=True, slots=True)
class Host:
    """A service beside the box: ``argv`` runs over ``files`` in a sandbox of its own, on the box's private network.

    Commands of the box reach it by its name and TCP, and nothing else of it. ``ready`` is the port that must listen
    before the box's first command runs. ``files`` are laid over ``tree``, in its own work folder.
    """

    argv: Sequence[str]
    files: Mapping[str, bytes | str] = field(default_factory=dict)  # relative path → content
    ready: int = 8080
    env: Mapping[str, str] = field(default_factory=dict)
    tree: Tree | None = None
    loopback: bool = False  # whether it may listen on 127.0.0.1 alone, where the box finds it and its name leads not
