"""The words of background work. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse

MOST_WORKERS = 256


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of background work. ``state`` is ``ready``, ``running``, ``succeeded`` or ``failed``."""

    id: str
    task: str
    state: str


class ExecutorKind(enum.StrEnum):
    """Where a crew works."""

    INLINE = "inline"  # in the process that started it
    PROCESSES = "processes"  # in processes of this machine
    RAY = "ray"  # on a Ray cluster


@dataclass(frozen=True, slots=True)
class Executor:
    """Where and how many. ``address`` is the Ray cluster's; ``auto`` finds the one this machine belongs to."""

    kind: ExecutorKind = ExecutorKind.INLINE
    workers: int = 1
    address: str = "auto"

    @classmethod
    def parse(cls, text: str) -> Executor:
        """``inline``, ``processes:4``, ``ray:8`` or ``ray:8@host:port``. Raises ``Misuse`` (``bad-setting``)."""
        kind, _, rest = text.partition(":")
        count, _, address = rest.partition("@")
        try:
            found = cls(ExecutorKind(kind), int(count or 2) if kind != ExecutorKind.INLINE else 1, address or "auto")
        except ValueError:
            found = None
        plain = found is None or (found.kind is not ExecutorKind.RAY and address) or (kind == "inline" and rest)
        if found is None or plain or not 1 <= found.workers <= MOST_WORKERS:
            raise Misuse(
                "bad-setting",
                f"{text!r} is no executor; use inline, processes:N, ray:N or ray:N@host:port, with N from 1 to "
                f"{MOST_WORKERS}.",
            )
        return found


class WorkerEnd(enum.StrEnum):
    """How a worker of a crew ended."""

    DONE = "done"
    FAILED = "failed"  # it said why
    LOST = "lost"  # killed, or its machine is gone


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker's end; ``why`` is one sentence unless it is done, with ``code`` if it said one."""

    worker: int
    end: WorkerEnd
    why: str = ""
    code: str = ""
