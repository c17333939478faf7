"""Folders of ours among the machine's temporary files: held by a lock while their process lives, swept afterwards.

A process that is killed outright removes nothing. Its boxes die with it (the kernel sees to that), its folders stay;
but the lock that it held on each is gone with it, so whoever comes next can tell, and removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from seatrial.sandbox.core.policy import NOBODY

PREFIX = "seatrial-box-"
_OWNER = "owner"
_YOUNG = 10.0  # seconds; a folder younger than this may not be locked yet


def make() -> tuple[str, int]:
    """A new folder, and the descriptor of the lock that holds it."""
    path = tempfile.mkdtemp(prefix=PREFIX)
    lock = os.open(f"{path}/{_OWNER}", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return path, lock


def remove(path: str) -> None:
    """Remove everything, however it was left. Only when no process of the box is alive."""
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(path)
    if os.path.lexists(path):  # closed or very deep folders: coreutils neither recurse nor follow links
        for tool in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            subprocess.run([*tool, "--", path], capture_output=True, check=False)


def sweep() -> int:
    """Remove the folders that processes of ours left when they were killed; how many."""
    with os.scandir(tempfile.gettempdir()) as entries:
        found = [entry.path for entry in entries if entry.name.startswith(PREFIX)]
    return sum(_swept(path) for path in found)


def _swept(path: str) -> bool:
    """Whether ``path`` was ours, without a living owner, and is gone now."""
    mine = {os.geteuid()} | ({NOBODY} if os.geteuid() == 0 else set())
    try:
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in mine or time.time() - status.st_mtime < _YOUNG:
            return False
        owner = os.open(f"{path}/{_OWNER}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False  # somebody else's, or gone meanwhile
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        remove(path)
        return not Path(path).exists()
    finally:
        os.close(owner)
