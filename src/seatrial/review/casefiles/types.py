"""The words of a case file: what is in one, what was left out, what verifying it shows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.digests import Digest

FORMAT = "seatrial/casefile/v1"
MANIFEST = "MANIFEST.json"
RECEIPT = "RECEIPT.json"  # the ledger's receipt that the manifest's digest was recorded
INDEX = "index.html"
KIND = "casefile.exported"  # of the ledger entry that an export makes


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file inside, as the manifest lists it."""

    path: str
    media: str
    bytes: int
    sha256: str  # 64 hex digits


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that is not in the file: where it would be, and the category of the reason; never the thing."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a case as its readable index shows it. ``files`` are (path, words)."""

    title: str
    sentence: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an export would hold for this asker: the parts' titles, each with a sentence, and what is left out."""

    review: str
    title: str
    parts: tuple[tuple[str, str], ...]
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A case file that was made. ``log``/``index`` lead to the ledger entry about it, in the exporter's own side."""

    review: str
    name: str  # what the file is called
    at: datetime
    files: int
    bytes: int
    digest: Digest  # of the whole file
    manifest: Digest
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class Container:
    """A case file that somebody hands in: nothing about it is trusted.

    ``names`` are the paths inside as they stand, one twice if it stands twice. ``pieces`` gives the bytes of one, or
    raises ``Misuse``. ``fault`` says why it is not exactly what Seatrial writes around these files, or ``None``.
    """

    names: tuple[str, ...]
    pieces: Callable[[str], Iterator[bytes]]
    fault: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was verified, as a sentence."""

    holds: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying a case file showed. ``review`` and ``at`` are empty if the file does not say them credibly."""

    holds: bool
    review: str
    at: str
    files: int
    checks: tuple[Check, ...]
