"""What a box holds on disk, counted often enough to stop a program that fills it and seldom enough to cost nothing.

A count walks the folder, so it is made only when the whole file system has grown by as much as the box may still take,
or after a second. A file without a name counts as long as a process of the box has it open or mapped. What a closed
folder holds is seen by root alone: for others, growth of the whole file system beyond the limit counts as the box's.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.sandbox.types import Limits

_SECOND = 1.0
_SHARE = 10  # counting takes at most one part in so many of the time


@dataclass(frozen=True, slots=True)
class Use:
    """Bytes and files (folders and links too); not ``whole`` if something could not be looked into."""

    size: int = 0
    files: int = 0
    whole: bool = True

    def over(self, limits: Limits) -> bool:
        return self.size > limits.disk_bytes or self.files > limits.disk_files


class Meter:
    """Of one run in the box whose folder is ``path``."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._known = Use()
        self._start = self._at = _filesystem(path)
        self._next = 0.0

    def due(self, limits: Limits, now: float) -> bool:
        """Whether to count at ``now`` (monotonic seconds)."""
        if self._next == 0.0:
            self._next = now + _SECOND
        used = _filesystem(self._path)
        grown = Use(
            self._known.size + max(0, used.size - self._at.size),
            self._known.files + max(0, used.files - self._at.files),
        )
        return now >= self._next or (grown.over(limits) and now >= self._next - _SECOND)

    def over(self, limits: Limits, processes: list[int]) -> bool:
        """Count. Whether the box holds more than ``limits`` let it. Blocks for as long as the walk takes."""
        begun = time.monotonic()
        self._at = _filesystem(self._path)
        self._known = counted(self._path, limits, processes)
        ended = time.monotonic()
        self._next = ended + _SECOND + _SHARE * (ended - begun)
        grown = Use(self._at.size - self._start.size, self._at.files - self._start.files)
        return self._known.over(limits) or (not self._known.whole and grown.over(limits))


def counted(path: str, limits: Limits, processes: list[int]) -> Use:
    """What the folder and the box's ``processes`` hold; counting ends where it is more than ``limits``."""
    device = Path(path).stat().st_dev
    size = files = 0
    whole = True
    seen: set[int] = set()
    for inode, blocks in _nameless(processes, device):
        if inode not in seen:
            seen.add(inode)
            size, files = size + blocks, files + 1
    waiting = [f"{path}/{part}" for part in ("work", "tmp", "users")]
    while waiting and not Use(size, files).over(limits):
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif status.st_ino in seen:
                        continue
                    elif status.st_nlink > 1:
                        seen.add(status.st_ino)
                    size, files = size + status.st_blocks * 512, files + 1
                    if files > limits.disk_files:
                        break
        except FileNotFoundError:
            continue  # removed meanwhile
        except OSError:
            whole = False  # closed, or too deep for a path
    return Use(size, files, whole)


def _nameless(processes: list[int], device: int) -> Iterator[tuple[int, int]]:
    """Files on ``device`` without a name that a process has open or mapped: inode, bytes."""
    for pid in processes:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for held in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    status = held.stat()
                    if status.st_nlink == 0 and status.st_dev == device and stat.S_ISREG(status.st_mode):
                        yield status.st_ino, status.st_blocks * 512
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                if line.endswith(" (deleted)"):
                    span, _, _, where, inode, *_ = line.split()
                    if _device(where) == device:
                        first, _, last = span.partition("-")
                        yield int(inode), int(last, 16) - int(first, 16)


def _device(text: str) -> int:
    major, _, minor = text.partition(":")
    return os.makedev(int(major, 16), int(minor, 16))


def _filesystem(path: str) -> Use:
    """What is used of the whole file system."""
    said = os.statvfs(path)
    return Use((said.f_blocks - said.f_bfree) * said.f_frsize, said.f_files - said.f_ffree)
