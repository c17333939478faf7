"""What is shown of registered scans. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.clock import Window


@dataclass(frozen=True, slots=True)
class ScanView:
    """One's own registration. The package is not in it: only whoever registered it knows what it was."""

    id: str
    organisation: str
    window: Window
    identity: str
    registered_at: datetime
    overlaps: int


@dataclass(frozen=True, slots=True)
class OverlapView:
    """That another lab scans what one registered oneself: the other's name, window and words."""

    scan: str  # one's own registration
    organisation: str
    name: str
    window: Window
    identity: str


@dataclass(frozen=True, slots=True)
class Registered:
    """One package of a registration: as one wrote it, in the one spelling, and the registration's id."""

    purl: str
    package: str
    scan: str
    new: bool
