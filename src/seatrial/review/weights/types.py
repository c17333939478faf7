"""The words of weights in transfer. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest, digest_of

PART_BYTES = 32 * 2**20  # of plain text, unless the sender says otherwise
SMALLEST_PART, LARGEST_PART = 2**16, 2**30
MOST_PARTS = 1_000_000


class TransferState(enum.StrEnum):
    """Where a transfer is."""

    OFFERED = "offered"  # its manifest stands, its sealed parts are coming
    COMPLETE = "complete"  # all are there, and it was handed over
    DESTROYED = "destroyed"  # the instance has none of its parts any more


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file of a model: its POSIX path inside it, bytes, and SHA-256."""

    path: str
    size: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class Span:
    """What one part holds: ``length`` bytes of the file ``path`` from ``offset`` on."""

    number: int  # from 0
    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class WeightsManifest:
    """What is sent. ``artefact`` pins paths and contents as the consent does; files are cut into parts in their order.

    ``recipients`` are the ids of the keys that every part is sealed for.
    """

    artefact: Digest
    files: tuple[WeightsFile, ...]  # by path
    part_bytes: int
    recipients: tuple[Digest, ...]

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.size for file in self.files)

    @property
    def parts(self) -> int:
        """How many parts it is cut into; an empty file is one too."""
        return sum(max(1, -(-file.size // self.part_bytes)) for file in self.files)

    @property
    def digest(self) -> Digest:
        """What pins the manifest on the ledger."""
        return digest_of(self)

    def spans(self) -> Iterator[Span]:
        """Every part, in its order."""
        number = 0
        for file in self.files:
            for offset in range(0, max(1, file.size), self.part_bytes):
                yield Span(number, file.path, offset, min(self.part_bytes, file.size - offset))
                number += 1

    def context(self, review: str, transfer: str, span: Span) -> dict[str, str]:
        """What a part's sealed file says of itself, so that it opens in its own place only."""
        return {
            "what": "weights",
            "review": review,
            "transfer": transfer,
            "artefact": self.artefact,
            "path": span.path,
            "offset": str(span.offset),
            "length": str(span.length),
            "part": f"{span.number} of {self.parts}",
        }


def root_of(parts: Sequence[Digest]) -> Digest:
    """What pins the sealed parts of a transfer, in their order."""
    return digest_of({"parts": list(parts)})


@dataclass(frozen=True, slots=True)
class WeightsPart:
    """A sealed part that has come: the digest and size of its sealed bytes."""

    number: int
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class WeightsFetch:
    """That a person fetched parts of a transfer, how many answers were begun, and when."""

    person: str
    name: str
    first_at: datetime
    last_at: datetime
    parts: int


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer as either side sees it. ``root`` covers the sealed parts in their order, once it is complete."""

    id: str
    review: str
    developer: str
    body: str
    state: TransferState
    artefact: Digest
    manifest: Digest
    files: int
    bytes: int
    part_bytes: int
    parts: int
    received: int
    recipients: tuple[Digest, ...]
    offered_at: datetime
    offered_by: str
    completed_at: datetime | None
    completed_by: str | None
    root: Digest | None
    signature: Mapping[str, Any] | None  # the developer's, over what ``api.signed`` says
    item: str | None  # under which it stands among what was handed over
    destroyed_at: datetime | None
    why: str | None  # it was destroyed
    log: str | None  # the ledger's entry of its completion
    index: int | None
    fetches: tuple[WeightsFetch, ...]
    may: frozenset[str]  # send, complete, fetch, cancel: what the asker can do now
