"""Control groups for runs, where this machine lets us write them: memory and processes counted exactly, by the kernel.

What is bound by a group is bound by rlimits and looks as well, so nothing depends on there being one. Memory that no
process holds (a pipe's, a socket's, a tmpfs's) only a group counts. Groups of the second version are used where ours is
one that may be divided (a service with ``Delegate=``, or the root); of the first, where we may write beside our own.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from seatrial.sandbox.core.policy import NOBODY
from seatrial.sandbox.types import Limits

_PATIENCE = 2.0  # the kernel takes a moment to let go of a group whose last process has just been reaped
_PATIENCE_OF_SWEEPS = 10.0  # nobody waits for it, and a machine on which processes were killed may be a busy one
_CONTROLLERS = ("memory", "pids")


@dataclass(frozen=True, slots=True)
class Group:
    """Of one run: a folder for each controller (one for both in the second version)."""

    places: Mapping[str, Path] = field(default_factory=dict)  # controller → folder

    @classmethod
    def make(cls, name: str, limits: Limits) -> Group:
        """A group bound as ``limits`` say, named ``name`` and something; none where none can be made."""
        group = cls({kind: base / f"{name}-{secrets.token_hex(4)}" for kind, base in bases().items()})
        try:
            for place in group.places.values():
                place.mkdir(exist_ok=True)
            group._write("memory", ("memory.max", "memory.limit_in_bytes"), limits.resident_bytes)
            group._write("pids", ("pids.max",), limits.processes)
            if os.geteuid() == 0:  # so that the thread that launches may admit the box, which is its own user's
                for place in set(group.places.values()):
                    os.chown(place / "cgroup.procs", NOBODY, NOBODY)
        except OSError:
            group.remove()
            return cls()
        return group

    def admit(self, pid: int) -> None:
        """Put a process into it, and so all that it will start."""
        for place in set(self.places.values()):
            with contextlib.suppress(ProcessLookupError):  # it failed before its program
                (place / "cgroup.procs").write_text(str(pid))

    def exhausted(self) -> bool:
        """Whether the kernel has ended a process of it for want of memory."""
        place = self.places.get("memory")
        if place is None:
            return False
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):
                said = dict(line.split() for line in (place / name).read_text().splitlines())
                return int(said.get("oom_kill", 0)) > 0
        return False

    def removed(self) -> bool:
        """Remove it at once, if the kernel has let go of it. Only when no process of it is alive."""
        places = set(self.places.values())
        return sum(map(_removed, places)) == len(places)  # each is tried

    def remove(self, patience: float = _PATIENCE) -> bool:
        """Remove it, waiting until the kernel has let go of it; whether it did within ``patience`` seconds."""
        latest = time.monotonic() + patience
        while not (gone := self.removed()) and time.monotonic() < latest:
            time.sleep(0.005)
        return gone

    def _write(self, kind: str, names: tuple[str, ...], value: int) -> None:
        if (place := self.places.get(kind)) is not None:
            found = next((name for name in names if (place / name).exists()), names[0])
            (place / found).write_text(str(value))


def sweep(name: str, patience: float = _PATIENCE_OF_SWEEPS) -> bool:
    """Remove the groups of the box whose folder is called ``name``; whether all are gone. Nothing of it is alive."""
    left = {str(place): place for base in set(bases().values()) for place in base.glob(f"{name}-*")}
    return Group(left).remove(patience)


def sweep_forgotten(prefix: str, old: float) -> int:
    """Remove the groups of boxes (``prefix``) without a process that are older than ``old`` seconds; how many.

    The kernel refuses to remove one that has a process, and a run's group has one within moments of its making.
    """
    forgotten = {}
    for place in {place for base in set(bases().values()) for place in base.glob(f"{prefix}*")}:
        with contextlib.suppress(OSError):  # gone meanwhile
            if time.time() - place.stat().st_mtime > old and not (place / "cgroup.procs").read_text():
                forgotten[str(place)] = place
    return sum(map(_removed, forgotten.values()))


@cache
def bases() -> Mapping[str, Path]:
    """Where groups can be made here: controller → folder."""
    found = dict(_found(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mountinfo").read_text()))
    return {kind: base for kind, base in found.items() if _writable(base)}


def _found(own: str, mounts: str) -> Iterator[tuple[str, Path]]:
    """Each controller's folder beside which, or in which, a group would be made."""
    ours = {
        kind: path for line in own.splitlines() for _, kinds, path in [line.split(":", 2)] for kind in kinds.split(",")
    }
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        root, point = left.split()[3:5]
        kind, _, options = right.split()[:3]
        if kind == "cgroup":
            for controller in set(options.split(",")) & set(_CONTROLLERS) & set(ours):
                yield controller, _beneath(point, root, ours[controller])
        elif kind == "cgroup2" and "" in ours:
            base = _beneath(point, root, ours[""])
            for place in (base, base.parent):  # a group that holds processes may not be divided; the one above may be
                with contextlib.suppress(OSError):
                    divided = (place / "cgroup.subtree_control").read_text().split()
                    if set(_CONTROLLERS) <= set(divided):
                        yield from ((controller, place) for controller in _CONTROLLERS)
                        break


def _beneath(point: str, root: str, path: str) -> Path:
    """A group's folder, where ``root`` of the hierarchy is mounted at ``point``."""
    return Path(point) / os.path.relpath(path, root)


def _writable(base: Path) -> bool:
    """Whether a group can be made in ``base`` and taken away."""
    trial = base / f"seatrial-trial-{secrets.token_hex(4)}"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError:
        return False
    return os.access(base / "cgroup.procs", os.W_OK)


def _removed(place: Path) -> bool:
    try:
        place.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
