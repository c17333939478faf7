"""The walls of a sandbox, as the argument list of bubblewrap.

A program sees: the machine's toolchain read-only, its own work folder at ``/work``, its own ``/tmp``, a
fresh ``/proc`` with nobody else in it, a minimal ``/dev``, an empty loopback. It does not see home folders,
this checkout, the instance's data, other processes, the network, or the caller's environment.

``ulimit`` is set by the sandbox's own shell, so the limits bind the program and all it starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seatrial.sandbox.types import Limits

WORK = "/work"
PATH = "/usr/local/bin:/usr/bin:/bin"
NOBODY = 65534

_READ_ONLY = ("/usr",)
_READ_ONLY_IF_THERE = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ssl/openssl.cnf",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the walls are built from: found once by the adapter.

    ``links`` are the root's symbolic links into ``/usr`` (``bin`` → ``usr/bin``); ``folders`` those of the same names
    that are real folders; ``prefixes`` further read-only folders (a Python outside ``/usr``), whose ``bin`` joins PATH.
    """

    bwrap: str
    links: Mapping[str, str]
    folders: tuple[str, ...]
    prefixes: tuple[str, ...]
    can_disable_userns: bool


def argument_list(
    machine: Machine,
    *,
    work: str,
    tmp: str,
    cwd: str,
    env: Mapping[str, str],
    limits: Limits,
    argv: Sequence[str],
) -> list[str]:
    """The whole command line that runs ``argv`` inside the walls."""
    words = [machine.bwrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--clearenv"]
    words += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox", "--cap-drop", "ALL"]
    if machine.can_disable_userns:
        words.append("--disable-userns")
    for folder in (*_READ_ONLY, *machine.folders, *machine.prefixes):
        words += ["--ro-bind", folder, folder]
    for folder in _READ_ONLY_IF_THERE:
        words += ["--ro-bind-try", folder, folder]
    for name, target in machine.links.items():
        words += ["--symlink", target, f"/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--bind", tmp, "/tmp", "--bind", work, WORK]  # noqa: S108 - inside
    path = ":".join([*(f"{prefix}/bin" for prefix in machine.prefixes), PATH])
    inside = {"PATH": path, "HOME": WORK, "LANG": "C.UTF-8", "TMPDIR": "/tmp", **_sanitizers(limits), **env}  # noqa: S108
    for name, value in inside.items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", cwd, "--", "/bin/sh", "-c", f'{ulimits(limits)}exec "$@"', "sh", *argv]


def ulimits(limits: Limits) -> str:
    """The shell line that sets every rlimit; ``ulimit -p`` is dash's word for processes, ``-u`` bash's."""
    words = [
        "ulimit -c 0",
        f"ulimit -t {max(1, limits.cpu_seconds)}",
        f"ulimit -f {max(1, limits.file_bytes // 512)}",
        f"ulimit -n {limits.open_files}",
        f"{{ ulimit -p {limits.processes} || ulimit -u {limits.processes}; }} 2>/dev/null",
    ]
    if limits.memory_bytes is not None:
        words.append(f"ulimit -v {limits.memory_bytes // 1024}")
    return "; ".join(words) + "; "


def _sanitizers(limits: Limits) -> dict[str, str]:
    """A sanitizer reserves terabytes of address space, so it bounds itself by what is really used."""
    if limits.memory_bytes is not None:
        return {}
    return {"ASAN_OPTIONS": "detect_leaks=0:hard_rss_limit_mb=1024:allocator_may_return_null=1"}
