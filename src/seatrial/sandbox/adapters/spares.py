"""Control groups that runs have left clean, kept by this process for the runs that follow.

To make a group and to remove it costs the kernel more than a millisecond, much of a short run. One is used again only
if nothing is left of what ran in it and the kernel had to end nothing there. They are named after a folder that this
process holds by a lock: when it has been killed outright, whoever sweeps that folder removes them.
"""

from __future__ import annotations

import atexit
import os
from collections import deque
from pathlib import Path

from seatrial.sandbox.types import Limits

from . import places
from .groups import Group

_MOST = 16  # kept at once


class Spares:
    """Those of one process."""

    def __init__(self) -> None:
        self._kept: deque[Group] = deque()
        self._held: tuple[str, int] | None = None  # the folder they are named after, and its lock

    def take(self, limits: Limits) -> Group:
        """A group in which nothing runs, bound as ``limits`` say; none where none can be made."""
        while self._kept:
            group = self._kept.popleft()
            try:
                group.bind(limits)
            except OSError:  # somebody removed it, or the kernel still holds more for it than it may have now
                group.remove()
            else:
                return group
        return Group.make(Path(self._folder()).name, limits)

    def give(self, group: Group) -> bool:
        """Keep ``group`` for another run, if it is clean; whether it is kept. Nothing runs in it any more."""
        kept = len(self._kept) < _MOST and group.clean()
        if kept:
            self._kept.append(group)
        return kept

    def forget(self) -> None:
        """In a child of this process: they are the parent's."""
        if self._held is not None:
            os.close(self._held[1])
        self._kept, self._held = deque(), None

    def _folder(self) -> str:
        if self._held is None:
            self._held = places.make(places.GROUPS)
            atexit.register(self._leave, os.getpid())
        return self._held[0]

    def _leave(self, process: int) -> None:
        if self._held is None or process != os.getpid():
            return
        while self._kept:
            self._kept.popleft().remove()
        places.remove(self._held[0])


SPARES = Spares()
os.register_at_fork(after_in_child=SPARES.forget)
