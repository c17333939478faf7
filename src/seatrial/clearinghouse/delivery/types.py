"""The words of delivery. Roles are those of The Update Framework (TUF 1.0.34). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = "root", "targets", "snapshot", "timestamp"
CHECKS = "checks"  # the delegated role of the instance itself: what machines found of patches
MOST_BYTES = 16 * 1024**2  # of one target


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role's metadata in force: ``targets`` are the paths that it signs, ``keys`` the ids that may sign it."""

    role: str
    version: int
    expires: datetime
    keys: tuple[str, ...]
    threshold: int
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatchLine:
    """A file that a vendor signs now. ``path`` is what ``fetch-patch`` takes, ``sha256`` hexadecimal, ``length`` bytes.

    ``verdict`` and ``checks`` (what was asked, and whether it passed; None: could not be) are what machines here found
    of it; empty if they were not asked.
    """

    path: str
    vendor: str
    sha256: str
    length: int
    expires: datetime
    verdict: str = ""
    checks: tuple[tuple[str, bool | None], ...] = ()
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A file as a client fetches it: its bytes, its SHA-256 in hexadecimal, whether it can ever change."""

    content: bytes
    sha256: str
    fixed: bool
