"""The way back to a caller, and how a problem is said on it."""

from __future__ import annotations

from typing import Protocol

from seatrial.gateway.call import Fields
from seatrial.gateway.problems import Problem
from seatrial.gateway.protocols import Shape


class Reply(Protocol):
    """The way back to the caller. Nothing of it waits; what cannot be sent yet is kept until it can."""

    @property
    def started(self) -> bool: ...

    @property
    def waiting(self) -> bool:
        """True if bytes were written that the network has not taken yet."""
        ...

    def start(self, status: int, headers: Fields) -> None: ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """The answer is whole."""
        ...

    def abort(self) -> None:
        """Drop the connection with whatever waits in it; the caller can tell that the answer is not whole."""
        ...


def refuse(reply: Reply, problem: Problem, shape: Shape = Shape.OPENAI) -> None:
    """Answer with a problem."""
    reply.start(problem.status, problem.headers(shape))
    reply.write(problem.body(shape))
    reply.finish()
