"""What a program may see, written as the command line that brings it about.

The rules, each of which a test breaks into:

- Every namespace is its own: users, processes, network (an empty loopback), IPC, host name, control groups.
- It sees the system's programs and libraries read-only, a fresh ``/proc``, a minimal ``/dev``, a handful of files
  in ``/etc``, its work folder at ``/box`` and its own ``/tmp``. All else does not exist, or is hidden.
- It is nobody, holds no capability, can become nothing else, and can make no user namespace of its own.
- Its environment is what is written here and what the caller added.
- It dies with the process that started it, and has no controlling terminal.
- Of the kernel's calls it has those that ordinary programs make (``seccomp``).

Limits are set inside, by prlimit(1): there the count of processes is the box's own (Linux 5.14), whereas a count set
outside would be shared with everything else its user runs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.types import Command, Limits

from .limits import prlimit_arguments

NOBODY = 65534
WORK = "/box"
SHARED_MEMORY = 64 * 1024**2  # /dev/shm; a tmpfs of no size would take half the machine's memory
PATH = "/usr/local/bin:/usr/bin:/bin"

# What stands in /etc. The real files name this machine's people and neighbours.
ETC = {
    "passwd": f"root:x:0:0:root:/:/bin/false\nnobody:x:{NOBODY}:{NOBODY}:nobody:/tmp:/bin/sh\n",
    "group": f"root:x:0:\nnogroup:x:{NOBODY}:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
}
ETC_OF_THE_SYSTEM = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ssl/openssl.cnf",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How boxes are made on this machine."""

    bwrap: str
    prlimit: str  # absolute, and beneath one of ``trees``
    version: str
    drop: str | None = None  # setpriv, if bubblewrap is to be started as another user than ours
    trees: tuple[str, ...] = ("/usr",)  # shown read-only at the same place
    links: tuple[tuple[str, str], ...] = ()  # (target, link), e.g. ("usr/bin", "/bin")
    python: str | None = None  # the prefix to show if the trees hold no python3
    hidden: tuple[str, ...] = ()  # covered where they lie beneath a tree
    disable_userns: bool = True
    bind_processes: bool = True
    filter: bytes | None = None  # of the kernel's calls; None on an architecture whose numbers we do not know


def argv(
    policy: Policy,
    folder: str,
    command: Command,
    limits: Limits,
    *,
    status_fd: int | None = None,
    filter_fd: int | None = None,
) -> list[str]:
    """The whole command line; ``folder`` holds the box's ``work``, ``tmp`` and ``etc``; ``filter_fd`` the filter.

    Raises ``Misuse`` (``bad-command``) for a command that no kernel would take.
    """
    _check(command)
    started_by = [] if policy.drop is None else _as_nobody(policy.drop)
    return [
        *started_by,
        policy.bwrap,
        *_isolation(policy),
        *_view(policy, folder),
        *_environment(policy, command, limits),
        *("--chdir", posixpath.normpath(posixpath.join(WORK, command.cwd))),
        *(() if status_fd is None else ("--json-status-fd", str(status_fd))),
        *(() if filter_fd is None else ("--seccomp", str(filter_fd))),
        "--",
        policy.prlimit,
        *prlimit_arguments(limits, bind_processes=policy.bind_processes),
        "--",
        *command.argv,
    ]


def _as_nobody(setpriv: str) -> list[str]:
    user = str(NOBODY)
    return [setpriv, "--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=-all", "--"]


def _isolation(policy: Policy) -> list[str]:
    return [
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--hostname", "sandbox"),
        *("--uid", str(NOBODY), "--gid", str(NOBODY)),
        *(("--disable-userns",) if policy.disable_userns else ()),
    ]


def _view(policy: Policy, folder: str) -> Iterator[str]:
    for tree in policy.trees:
        yield from ("--ro-bind", tree, tree)
    for target, link in policy.links:
        yield from ("--symlink", target, link)
    covered = [
        path
        for path in policy.hidden
        if any(_beneath(path, tree) for tree in policy.trees) and not _beneath(policy.prlimit, path)
    ]
    for path in covered:
        yield from ("--tmpfs", path)
    if policy.python is not None:
        yield from ("--ro-bind", policy.python, policy.python)
    for path in covered:
        yield from ("--remount-ro", path)
    yield from ("--dir", "/etc")
    for path in ETC_OF_THE_SYSTEM:
        yield from ("--ro-bind-try", path, path)
    for name in ETC:
        yield from ("--ro-bind", f"{folder}/etc/{name}", f"/etc/{name}")
    yield from ("--proc", "/proc", "--dev", "/dev", "--size", str(SHARED_MEMORY), "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--remount-ro", "/dev")
    yield from ("--bind", f"{folder}/tmp", "/tmp", "--bind", f"{folder}/work", WORK)  # noqa: S108
    yield from ("--remount-ro", "/")


def _environment(policy: Policy, command: Command, limits: Limits) -> Iterator[str]:
    path = PATH if policy.python is None else f"{policy.python}/bin:{PATH}"
    variables = {"PATH": path, "HOME": "/tmp", "LANG": "C.UTF-8", **command.env}  # noqa: S108
    if limits.memory_bytes is None:
        bound = f"hard_rss_limit_mb={max(1, limits.resident_bytes // 1024**2)}"
        # LeakSanitizer traces the program, which the filter refuses: it would end every run with an error.
        said = variables.get("ASAN_OPTIONS", "")
        variables["ASAN_OPTIONS"] = ":".join(filter(None, (said, "detect_leaks=0", bound)))
    for name, value in variables.items():
        yield from ("--setenv", name, value)


def _check(command: Command) -> None:
    if not command.argv or not command.argv[0]:
        raise Misuse("bad-command", "A command needs at least the name of a program.")
    for name in command.env:
        if not name or "=" in name:
            raise Misuse("bad-command", f"{name!r} cannot name a variable of the environment.")
    if any("\0" in text for text in (*command.argv, *command.env, *command.env.values(), command.cwd)):
        raise Misuse("bad-command", "A command cannot hold a NUL character.")


def _beneath(path: str, tree: str) -> bool:
    return path.startswith(tree.rstrip("/") + "/")
