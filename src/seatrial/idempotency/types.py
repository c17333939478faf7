"""What was asked under which key, and what was answered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from seatrial.kernel.digests import Digest


@dataclass(frozen=True, slots=True)
class Asked:
    """One request under a key. ``person`` is "" for the public; ``fingerprint`` tells one request from another."""

    person: str
    key: str
    fingerprint: Digest


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. ``made`` is ``None`` unless the answer shows a secret: then it is all that is kept of it."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    stands: bool = True  # False: refused, nothing happened, nothing is kept
    made: str | None = None  # the id of what was made
