"""Threads that launch boxes and wait for them, so that no event loop does; as root, they are nobody.

On Linux credentials belong to a thread; only libc makes them one for the whole process. What a thread that has become
nobody starts is nobody's from its first instruction, which costs nothing; another program that takes on the user and
then becomes bubblewrap would cost a millisecond or more a run. Such a thread does nothing but launch: it shares our
memory, and so is as trusted as we are.

A box dies with the thread that launched it (``--die-with-parent``); these last as long as the process.
"""

from __future__ import annotations

import ctypes
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from seatrial.sandbox.core.policy import NOBODY
from seatrial.sandbox.core.syscalls import MACHINES, NEEDED

_AT_ONCE = 16  # launches under way; each waits some milliseconds for bubblewrap and works for one
_libc = ctypes.CDLL(None, use_errno=True)


def can_become_nobody() -> bool:
    """Whether this thread may become nobody here (and we know how to say so to the kernel)."""
    if os.geteuid() != 0 or platform.machine() not in MACHINES:
        return False
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(_became_nobody).result()


@cache
def launchers(*, nobody: bool) -> ThreadPoolExecutor:
    """The threads that launch, as nobody or as ourselves."""
    return ThreadPoolExecutor(_AT_ONCE, "seatrial-box", initializer=_become_nobody if nobody else None)


@cache
def ourselves() -> ThreadPoolExecutor:
    """One thread with our own credentials, for what a launching thread may not do.

    To be called first by a thread that has them: a thread is made with the credentials of the one that makes it.
    """
    threads = ThreadPoolExecutor(1, "seatrial-self")
    threads.submit(os.getpid).result()
    return threads


def _forget() -> None:
    launchers.cache_clear()
    ourselves.cache_clear()


os.register_at_fork(after_in_child=_forget)  # threads are not forked


def _became_nobody() -> bool:
    try:
        _become_nobody()
    except OSError:
        return False
    return True


def _become_nobody() -> None:
    """Make the calling thread nobody for good: no groups, no capability, no way back. Raises ``OSError``."""
    _call("setgroups", 0, 0)
    _call("setresgid", NOBODY, NOBODY, NOBODY)
    _call("setresuid", NOBODY, NOBODY, NOBODY)


def _call(name: str, *arguments: int) -> None:
    """A system call for this thread alone; libc's own wrapper would make it for all."""
    number = NEEDED.calls[name][MACHINES.index(platform.machine())]
    if _libc.syscall(ctypes.c_long(number or 0), *map(ctypes.c_long, arguments)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
