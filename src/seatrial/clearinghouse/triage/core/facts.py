"""Facts of a crash as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.clearinghouse.proofs.types import CrashFacts, Exploitability, Frame


def read_facts(written: Mapping[str, Any]) -> CrashFacts:
    """What ``kernel.canonical.plain`` made of a ``CrashFacts``."""
    frames = tuple(Frame(**frame) for frame in written["frames"])
    return CrashFacts(**{**written, "frames": frames, "exploitability": Exploitability(written["exploitability"])})
