"""What triage asks of the outside: machines that judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from seatrial.clearinghouse.proofs.types import OracleKind, Validation
from seatrial.kernel.digests import Digest


@dataclass(frozen=True, slots=True)
class Job:
    """A report whose proof waits to be run: its recipe as JSON (empty if it has none), and the files that came."""

    report: str
    recipe: bytes
    files: Mapping[Digest, bytes]


@dataclass(frozen=True, slots=True)
class Ran:
    """What was run; all empty where nothing could be."""

    target: str = ""  # digest
    oracle: OracleKind | None = None
    over_network: bool = False  # by requests to a service alone
    transcript: Mapping[str, Any] | None = None  # what ``proofs`` can run again


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a job."""

    report: str
    validation: Validation
    ran: Ran


class Docket(Protocol):
    """What waits, in the order in which it is to be judged. One coordinator keeps it, and all rows."""

    async def next(self) -> Job | None:
        """The next job; ``None`` when nothing waits any more, or enough was done."""
        ...

    async def done(self, judged: Judged) -> None:
        """Take the result down; durable when this returns."""
        ...


class Judges(Protocol):
    """Machines that take jobs from a docket until it is empty, several at once."""

    def run(self, docket: Docket) -> None:
        """Returns when the docket gave ``None`` and all that was taken is done. A machine that dies loses no job:
        another takes it up; one over which machines die again and again is judged to need a person.

        Raises ``Unavailable`` (``no-sandbox``, ``no-cluster``): then nothing was judged.
        """
        ...
