"""What benchmarks needs from outside: something that runs cells, a shelf for suites, the machine's tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .types import AttemptResult, Cell, Elicitation, Failure, Item


@dataclass(frozen=True, slots=True)
class Work:
    """What a runner is to do: ``cells`` in the committed order, at most ``concurrency`` at once."""

    campaign: str
    cells: Sequence[Cell]
    items: Mapping[str, Item]
    elicitation: Elicitation
    model: str  # sent as "model"
    base_url: str
    key: str  # the evaluator's access key: never logged, never written
    concurrency: int
    timeout_seconds: float  # of one call
    log_dir: Path


class Book(Protocol):
    """Where a runner writes down what it does, durably and at once. Safe to call from any task of one loop."""

    @property
    def over(self) -> bool:
        """True when no further cell should be started; those in flight may finish."""
        ...

    async def begin(self, cell: str) -> int | None:
        """Start an attempt; its number, durable before this returns. ``None``: do not run this cell (any more)."""
        ...

    async def scored(self, number: int, result: AttemptResult) -> None:
        """The attempt came to a score."""
        ...

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        """The machine failed. Seconds to wait before trying this cell again, or ``None`` for not again."""
        ...


class Runner(Protocol):
    """Runs cells against an endpoint.

    Guarantees: calls ``begin`` before anything is sent and exactly one of ``scored`` and ``failed`` for each
    attempt that ends; starts cells in the given order; starts nothing once ``over`` is true; never scores a
    machine's failure; runs what a model wrote only inside a sandbox; leaves its log under ``log_dir``;
    returns when nothing is in flight. Raises ``Unavailable`` if it could not run at all.
    """

    def run(self, work: Work, book: Book) -> None: ...


class Shelf(Protocol):
    """Keeps suites by digest. ``put`` is atomic and durable; ``get`` returns the bytes as they are now, unchecked."""

    def put(self, digest: str, data: bytes) -> None: ...

    def get(self, digest: str) -> bytes:
        """Raises ``Unavailable`` (``suite-file-missing``)."""
        ...


class Tools(Protocol):
    """What this machine has."""

    def missing(self, needs: Iterable[str]) -> Mapping[str, str]:
        """Those of ``needs`` that do not work here, each with one sentence that says what to do."""
        ...
