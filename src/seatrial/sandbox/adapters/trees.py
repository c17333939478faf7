"""Trees: folders of ours that boxes begin with, and what a box is left with made one of them.

Into a box goes a copy: what a program does to it stays in the box. It is laid before any program runs, so nothing in
the box is hostile yet. Out of a box comes what a program left, which is: it is read when none of the box's programs
lives, no link is followed, and pipes, sockets and names that are no text are left behind.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from seatrial.kernel.errors import Refused
from seatrial.sandbox.core.policy import NOBODY
from seatrial.sandbox.types import Limits, Tree

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def tree_of(root: Path) -> Tree:
    """What lies in ``root``, in the order of its paths."""
    files: list[tuple[str, bool]] = []
    links: list[tuple[str, str]] = []
    folders: list[str] = []
    size = 0
    for path, status in _walk(str(root), ""):
        if stat.S_ISDIR(status.st_mode):
            folders.append(path)
        elif stat.S_ISLNK(status.st_mode):
            links.append((path, str((root / path).readlink())))
        else:
            files.append((path, bool(status.st_mode & 0o100)))
            size += status.st_size
    return Tree(str(root), tuple(files), tuple(links), tuple(folders), size)


def lay(tree: Tree, into: str, *, nobody: bool) -> None:
    """Copy ``tree`` into the empty folder ``into``, all of it nobody's if ``nobody`` says so."""
    owner = (NOBODY, NOBODY) if nobody else (-1, -1)
    for path in tree.folders:
        os.mkdir(f"{into}/{path}", 0o755)  # noqa: PTH102 - a third of the time that a Path takes, for every run
        if nobody:
            os.chown(f"{into}/{path}", *owner)
    for path, executable in tree.files:
        _copied(f"{tree.root}/{path}", f"{into}/{path}", 0o755 if executable else 0o644, owner)
    for path, leads in tree.links:
        os.symlink(leads, f"{into}/{path}")  # noqa: PTH211
        if nobody:
            os.lchown(f"{into}/{path}", *owner)


def keep(work: str, into: Path, limits: Limits) -> Tree:
    """Copy what a box's programs left in ``work`` into the empty folder ``into``.

    Raises ``Refused`` (``tree-too-large``, ``tree-closed``).
    """
    size = count = 0
    try:
        for path, status in _walk(work, ""):
            size, count = size + status.st_size, count + 1
            if size > limits.disk_bytes or count > limits.disk_files:
                raise Refused(
                    "tree-too-large",
                    f"The box was left with more than {limits.disk_bytes // 1024**2} MiB or {limits.disk_files} files.",
                )
            if stat.S_ISDIR(status.st_mode):
                (into / path).mkdir(mode=0o755)
            elif stat.S_ISLNK(status.st_mode):
                (into / path).symlink_to(Path(work, path).readlink())
            else:
                mode = 0o755 if status.st_mode & 0o100 else 0o644
                _copied(f"{work}/{path}", f"{into}/{path}", mode, (-1, -1))
    except OSError as error:
        raise Refused("tree-closed", f"What the box was left with cannot be read ({error.strerror}).") from error
    return tree_of(into)


def _walk(root: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    """Folders, files and links below ``root``, each folder before what is in it."""
    waiting = [below]
    while waiting:
        here = waiting.pop()
        with os.scandir(f"{root}/{here}") as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            path = f"{here}/{entry.name}" if here else entry.name
            status = entry.stat(follow_symlinks=False)
            if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
                continue
            if not _is_text(path):
                continue
            yield path, status
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _copied(source: str, target: str, mode: int, owner: tuple[int, int]) -> None:
    read = os.open(source, _READ)
    try:
        made = os.open(target, _MAKE, mode)
        try:
            while os.sendfile(made, read, None, 1 << 30):
                pass
            if owner[0] >= 0:
                os.fchown(made, *owner)
        finally:
            os.close(made)
    finally:
        os.close(read)
