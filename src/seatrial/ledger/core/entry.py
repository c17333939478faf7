"""What an entry is made of: salted commitments in public, openings for those whom the label lets read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.clock import iso
from seatrial.kernel.digests import commitment, new_salt

VERSION = 1


def openings_of(facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A fresh salt for each fact: ``{name: {"salt", "value"}}`` in plain JSON."""
    return {name: {"salt": new_salt(), "value": plain(value)} for name, value in facts.items()}


def entry_bytes(
    *, origin: str, log: str, index: int, at: datetime, kind: str, openings: Mapping[str, Mapping[str, Any]]
) -> bytes:
    """The canonical bytes of an entry, which its leaf hash covers. No value of any fact is in them."""
    return canonical(
        {
            "v": VERSION,
            "origin": origin,
            "log": log,
            "index": index,
            "at": iso(at),
            "kind": kind,
            "commitments": {name: commitment(o["salt"], name, o["value"]) for name, o in openings.items()},
        }
    )
