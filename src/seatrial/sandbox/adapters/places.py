"""Folders of ours among the machine's temporary files: held by a lock while their process lives, swept afterwards.

A process that is killed outright removes nothing. Its boxes die with it, save for one that was just being made and
waits for ever (bubblewrap asks the kernel a little late to die with us); its folders stay. But the lock that it held on
each is gone with it, so whoever comes next can tell, ends what waits there, and removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from seatrial.sandbox.core.policy import NOBODY

from . import groups

PREFIX = "seatrial-box-"
GROUPS = "seatrial-groups-"  # only names control groups
_NEW = "seatrial-new-"  # not locked yet
_OWNER = "owner"
_OLD = 60.0  # seconds after which a folder that is not locked yet never will be
_PATIENCE = 5.0


def make(prefix: str = PREFIX) -> tuple[str, int]:
    """A new folder, and the descriptor of the lock that holds it."""
    new = tempfile.mkdtemp(prefix=_NEW)
    lock = os.open(f"{new}/{_OWNER}", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    path = prefix.join(new.rsplit(_NEW, 1))
    Path(new).rename(path)  # and from now on it may be swept
    return path, lock


def remove(path: str) -> None:
    """Remove everything, however it was left. Only when no process of the box is alive."""
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(path)
    if os.path.lexists(path):  # closed or very deep folders: coreutils neither recurse nor follow links
        for tool in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            subprocess.run([*tool, "--", path], capture_output=True, check=False)


def sweep() -> int:
    """End and remove what processes of ours left when they were killed; how many folders."""
    with os.scandir(tempfile.gettempdir()) as entries:
        found = [entry.path for entry in entries if entry.name.startswith((PREFIX, GROUPS, _NEW))]
    found.sort(key=lambda path: Path(path).name.startswith(GROUPS))  # what runs in groups is ended first
    return sum(_swept(path) for path in found)


def _swept(path: str) -> bool:
    """Whether ``path`` was ours, without a living owner, and is gone now."""
    mine = {os.geteuid()} | ({NOBODY} if os.geteuid() == 0 else set())
    try:
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in mine:
            return False
        if _NEW in path and time.time() - status.st_mtime < _OLD:
            return False
        owner = os.open(f"{path}/{_OWNER}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False  # somebody else's, or gone meanwhile
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        _end_what_waits(path)
        if not groups.sweep(Path(path).name):
            return False  # what is left keeps its name, for the next who sweeps
        remove(path)
        return not Path(path).exists()
    finally:
        os.close(owner)


def _end_what_waits(path: str) -> None:
    """Kill every bubblewrap that was to make a box of ``path``, and wait until it is gone."""
    latest = time.monotonic() + _PATIENCE
    while sum(_killed(int(process.name), path) for process in Path("/proc").iterdir() if process.name.isdecimal()):
        if time.monotonic() > latest:
            return
        time.sleep(0.01)


def _killed(pid: int, path: str) -> bool:
    """Whether ``pid`` has ``path`` on its command line, and so was killed."""
    with contextlib.suppress(OSError):
        if not _names(pid, path):
            return False
        held = os.pidfd_open(pid)
        try:
            if _names(pid, path):  # still: the number is not another's by now
                signal.pidfd_send_signal(held, signal.SIGKILL)
                return True
        finally:
            os.close(held)
    return False


def _names(pid: int, path: str) -> bool:
    return f"{path}/".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
