"""The words of background work. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of background work. ``state`` is ``ready``, ``running``, ``succeeded`` or ``failed``."""

    id: str
    task: str
    state: str
