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
_SPARE = 8 * 1024**2  # bytes charged to a group whose processes are gone: what the kernel remembers of their files
_FILES = {  # what is asked of a controller → its file in the first version of groups, and in the second
    ("memory", "limit"): ("memory.limit_in_bytes", "memory.max"),
    ("memory", "used"): ("memory.usage_in_bytes", "memory.current"),
    ("memory", "ended"): ("memory.oom_control", "memory.events"),
    ("pids", "limit"): ("pids.max", "pids.max"),
    ("pids", "used"): ("pids.current", "pids.current"),
}


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
            group.bind(limits)
            if os.geteuid() == 0:  # so that the thread that launches may admit the box, which is its own user's
                for place in set(group.places.values()):
                    os.chown(place / "cgroup.procs", NOBODY, NOBODY)
        except OSError:
            group.remove()
            return cls()
        return group

    def bind(self, limits: Limits) -> None:
        """Bind what will run in it as ``limits`` say; nothing does yet. A dead process of an earlier run counts until
        its parent, by now the machine's first process, has looked at it: it is not counted against the next.

        Raises ``OSError`` where the kernel does not take them, or the group is gone.
        """
        self._write("memory", "limit", limits.resident_bytes)
        self._write("pids", "limit", limits.processes + self._read("pids", "used"))

    def clean(self) -> bool:
        """Whether nothing is left of what ran in it: no living process, and no memory worth mentioning."""
        try:
            living = (self.places["pids"] / "cgroup.procs").read_bytes()
            return not living and self._read("memory", "used") < _SPARE
        except (OSError, ValueError, KeyError):
            return False

    def admit(self, pid: int) -> None:
        """Put a process into it, and so all that it will start."""
        for place in set(self.places.values()):
            with contextlib.suppress(ProcessLookupError):  # it failed before its program
                (place / "cgroup.procs").write_text(str(pid))

    def exhausted(self) -> bool:
        """Whether the kernel has ended a process of it for want of memory."""
        if "memory" not in self.places:
            return False
        with contextlib.suppress(OSError):
            said = self._file("memory", "ended").read_text().splitlines()
            return int(dict(line.split() for line in said).get("oom_kill", 0)) > 0
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

    def _file(self, kind: str, what: str) -> Path:
        return self.places[kind] / _FILES[kind, what][_second(self.places[kind].parent)]

    def _write(self, kind: str, what: str, value: int) -> None:
        if kind in self.places:
            self._file(kind, what).write_text(str(value))

    def _read(self, kind: str, what: str) -> int:
        return int(self._file(kind, what).read_text()) if kind in self.places else 0


@cache
def _second(base: Path) -> bool:
    """Whether groups in ``base`` are of the second version."""
    return (base / "cgroup.controllers").exists()


def sweep(name: str, patience: float = _PATIENCE_OF_SWEEPS) -> bool:
    """Remove the groups named after the folder ``name``; whether all are gone. Nothing in them is alive."""
    left = {str(place): place for base in set(bases().values()) for place in base.glob(f"{name}-*")}
    return Group(left).remove(patience)


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
