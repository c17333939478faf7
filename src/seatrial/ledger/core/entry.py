"""What an entry is made of: salted commitments in public, openings for those whom the label lets read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.clock import iso
from seatrial.kernel.digests import commitment, new_salt
from seatrial.kernel.errors import Misuse

VERSION = 1
_LOG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,59}")


def is_log_name(log: str) -> bool:
    """A log's name stands in what is signed, in the first line of a checkpoint: nothing in it may end that line."""
    return _LOG.fullmatch(log) is not None


def log_name(log: str) -> str:
    """``log``. Raises ``Misuse`` (``bad-log-name``) if no log can be called so."""
    if not is_log_name(log):
        raise Misuse(
            "bad-log-name", f"No log is called {log[:80]!r}; its name has at most 60 letters, digits and . _ @ - only."
        )
    return log


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


def entry_fault(
    data: str, openings: str | None, *, origin: str, log: str, index: int, at: datetime, kind: str
) -> str | None:
    """Why stored bytes are not the entry that its row says, or its openings not those committed to; ``None`` if all
    is well. ``openings`` may be ``None``: they were erased, which harms no proof.
    """
    try:
        entry = json.loads(data)
        said = {name: entry[name] for name in ("v", "origin", "log", "index", "at", "kind")}
        opened: Mapping[str, Any] = {} if openings is None else json.loads(openings)
        reopened = {name: commitment(o["salt"], name, o["value"]) for name, o in opened.items()}
        committed = dict(entry["commitments"])
    except (ValueError, KeyError, TypeError, AttributeError, Misuse):
        return "cannot be read"
    row = {"v": VERSION, "origin": origin, "log": log, "index": index, "at": iso(at), "kind": kind}
    if said != row:
        wrong = next(name for name in row if said[name] != row[name])
        return f"is filed under another {wrong} than its bytes say"
    if openings is not None and reopened != committed:
        return "has openings that do not match its commitments"
    return None
