"""What a program may see, written as the command line that brings it about.

The rules, each of which a test breaks into:

- Every namespace is its own: users, processes, network (an empty loopback), IPC, host name, control groups.
- It sees the system's programs and libraries read-only, a fresh ``/proc``, a minimal ``/dev``, a handful of files
  in ``/etc``, its work folder at ``/box`` and its own ``/tmp``. All else does not exist, or is hidden.
- It is nobody, holds no capability, can become nothing else, and can make no user namespace of its own. Under the name
  of another user of the box it is no more; under root's it may write the box's own /etc and /home besides.
- Its environment is what is written here and what the caller added.
- It dies with the process that started it, and has no controlling terminal.
- Of the kernel's calls it has those that ordinary programs make (``seccomp``).

Limits are set on the box's first process before its program begins, not before bubblewrap begins: in the box the count
of processes is its own (Linux 5.14), whereas a count set outside would be shared with everything else its user runs.

A network that several boxes share belongs to a keeper: a process that holds an empty network namespace, and a user
namespace that owns it, in which those boxes are made.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse
from seatrial.sandbox.types import Command, Limits

NOBODY = 65534
WORK = "/box"
SHARED_MEMORY = 64 * 1024**2  # /dev/shm; a tmpfs of no size would take half the machine's memory
ROOTS_OWN = 1024**2  # /run and /var of a command as root
PATH = "/usr/local/bin:/usr/bin:/bin"

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
    version: str
    nobody: bool = False  # bubblewrap is started as another user than ours
    nsenter: str | None = None  # joins a network; without it no box has hosts
    trees: tuple[str, ...] = ("/usr",)  # shown read-only at the same place
    links: tuple[tuple[str, str], ...] = ()  # (target, link), e.g. ("usr/bin", "/bin")
    python: str | None = None  # the prefix to show if the trees hold no python3
    hidden: tuple[str, ...] = ()  # covered where they lie beneath a tree
    disable_userns: bool = True
    bind_processes: bool = True
    filter: bytes | None = None  # of the kernel's calls; None on an architecture whose numbers we do not know
    filter_of_root: bytes | None = None  # for programs that are to think they are root


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What bubblewrap finds open: where it says how it ends, the pipe it waits at before the program, and the filter.

    It holds the pipe's writing end, too, so that it waits for ever, not runs without limits, if we are gone.
    """

    status: int
    gate: int
    opening: int
    filter: int | None = None
    terminal: bool = True  # whether whoever starts it has a terminal, of which it is to have none


@dataclass(frozen=True, slots=True)
class Place:
    """Where a program runs and as whom: its folder outside, its host name, its network (its own, or a keeper's)."""

    folder: str  # holds ``work``, ``tmp``, ``etc`` and maybe ``hosts``
    name: str = "sandbox"
    keeper: int | None = None  # the process that keeps the network
    users: str | None = None  # a folder with an ``etc`` and a ``home``, if the box has users
    user: int = NOBODY
    group: int = NOBODY
    home: str = "/tmp"  # noqa: S108


def etc(names: Mapping[str, str]) -> dict[str, str]:
    """What stands in /etc besides the system's: the real files name this machine's people and neighbours.

    ``names`` are further hosts: name → address.
    """
    return {
        "passwd": f"root:x:0:0:root:/:/bin/false\nnobody:x:{NOBODY}:{NOBODY}:nobody:/tmp:/bin/sh\n",
        "group": f"root:x:0:\nnogroup:x:{NOBODY}:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n"
        + "".join(f"{address} {name}\n" for name, address in names.items()),
    }


def argv(policy: Policy, place: Place, command: Command, limits: Limits, descriptors: Descriptors) -> list[str]:
    """The whole command line.

    Raises ``Misuse`` (``bad-command``) for a command that no kernel would take.
    """
    _check(command)
    return [
        *_joining(policy, place.keeper),
        policy.bwrap,
        *_isolation(policy, place),
        *(("--new-session",) if descriptors.terminal else ()),  # else it costs some milliseconds on a busy machine
        *_view(policy, place),
        *_environment(policy, place, command, limits),
        *("--chdir", posixpath.normpath(posixpath.join(WORK, command.cwd))),
        *_descriptors(descriptors),
        "--",
        *command.argv,
    ]


def keeper_argv(policy: Policy, folder: str, descriptors: Descriptors) -> list[str]:
    """The command line of a process that keeps a network: only a loopback, in a user namespace that owns it.

    ``folder`` is only named, so that it can be told whose keeper this is.
    """
    return [
        policy.bwrap,
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--die-with-parent", "--cap-drop", "ALL", "--clearenv"),
        *("--uid", str(NOBODY), "--gid", str(NOBODY)),
        *("--setenv", "PATH", PATH, "--setenv", "KEPT_FOR", f"{folder}/", "--ro-bind", "/", "/"),
        *_descriptors(descriptors),
        *("--", "sh", "-c", "echo kept; exec sleep infinity"),
    ]


def _joining(policy: Policy, keeper: int | None) -> list[str]:
    if keeper is None:
        return []
    if policy.nsenter is None:
        raise Misuse("no-hosts", "Hosts beside a sandbox need nsenter; install util-linux.")
    namespaces = (f"--user=/proc/{keeper}/ns/user", f"--net=/proc/{keeper}/ns/net")
    return [policy.nsenter, *namespaces, "--preserve-credentials", "--"]


def _descriptors(descriptors: Descriptors) -> list[str]:
    filtering = [] if descriptors.filter is None else ["--seccomp", str(descriptors.filter)]
    waiting = ["--block-fd", str(descriptors.gate), "--sync-fd", str(descriptors.opening)]
    return ["--json-status-fd", str(descriptors.status), *waiting, *filtering]


def _isolation(policy: Policy, place: Place) -> list[str]:
    return [
        *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *(("--unshare-net",) if place.keeper is None else ()),
        *("--die-with-parent", "--cap-drop", "ALL", "--clearenv", "--hostname", place.name),
        *("--uid", str(place.user), "--gid", str(place.group)),
        *(("--disable-userns",) if policy.disable_userns else ()),
    ]


def _view(policy: Policy, place: Place) -> Iterator[str]:
    for tree in policy.trees:
        yield from ("--ro-bind", tree, tree)
    for target, link in policy.links:
        yield from ("--symlink", target, link)
    covered = [
        path
        for path in policy.hidden
        if any(_beneath(path, tree) for tree in policy.trees) and not _beneath("/usr/bin/sh", path)
    ]
    for path in covered:
        yield from ("--tmpfs", path)
    if policy.python is not None:
        yield from ("--ro-bind", policy.python, policy.python)
    for path in covered:
        yield from ("--remount-ro", path)
    yield from _etc(place)
    yield from ("--proc", "/proc", "--dev", "/dev", "--size", str(SHARED_MEMORY), "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--remount-ro", "/dev")
    yield from ("--bind", f"{place.folder}/tmp", "/tmp", "--bind", f"{place.folder}/work", WORK)  # noqa: S108
    yield from ("--remount-ro", "/")


def _etc(place: Place) -> Iterator[str]:
    if place.users is None:
        yield from ("--ro-bind", f"{place.folder}/etc", "/etc")
        yield from ("--ro-bind-try", f"{place.folder}/hosts", "/etc/hosts")  # where it has any beside it
        return
    # Root may have put links into its etc, so it is shown whole and nothing in it is mounted or mounted upon.
    yield from ("--bind" if place.user == 0 else "--ro-bind", f"{place.users}/etc", "/etc")
    yield from ("--bind", f"{place.users}/home", "/home")
    if place.user == 0:
        for path in ("/run", "/var"):
            yield from ("--size", str(ROOTS_OWN), "--tmpfs", path)
        yield from ("--dir", "/var/log", "--dir", "/var/mail")


def _environment(policy: Policy, place: Place, command: Command, limits: Limits) -> Iterator[str]:
    path = PATH if policy.python is None else f"{policy.python}/bin:{PATH}"
    if place.user == 0:
        path = f"/usr/local/sbin:/usr/sbin:/sbin:{path}"
    variables = {"PATH": path, "HOME": place.home, "LANG": "C.UTF-8", **command.env}
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
