"""The end of the story: each side checks every receipt, a stranger checks one, and every reachable state is visited."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from seatrial.compute.api import command
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties.types import Actor
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases

from . import cast
from .voyage import Voyage

_PATIENCE = 20.0  # seconds, for the receipts of the last uses


def verify(voyage: Voyage) -> None:
    """Each side fetches every receipt it may read and checks it with nothing but the public key."""
    key = ledger.public_key()
    (voyage.settings.home / "ledger.pub").write_text(key + "\n")
    folder = voyage.folder / "receipts"
    folder.mkdir(exist_ok=True)
    verified: dict[str, int] = {}
    sample: Path | None = None
    readers = ((voyage.people["ruth"], MAIN), (voyage.people["ruth"], cast.LAB), (voyage.people["dana"], MAIN))
    for done, (reader, log) in enumerate(readers):
        entries = _all_entries(reader, log)
        for number, entry in enumerate(entries):
            receipt = plain(ledger.receipt(reader, log=log, index=entry.index, at=now()))
            ledger.verify_receipt(receipt, key)
            if reader.person == "ruth":
                sample = folder / f"{log}-{entry.index:05}.json"
                sample.write_text(json.dumps(receipt, indent=1) + "\n")
            voyage.stages.within("verification", (done + number / len(entries)) / len(readers))
        verified[f"{reader.name}, log {log}"] = len(entries)
    verified["each use of the models"] = _uses(voyage.people["ruth"], key)
    voyage.facts["receipts_verified"] = {**verified, "whole": sum(verified.values())}
    voyage.facts["offline_verification"] = sample is not None and _verify_elsewhere(sample, key)
    checked = cases.check_model()
    voyage.facts["model_check"] = {
        "states": checked.states,
        "transitions": checked.transitions,
        "violations": len(checked.violations),
    }
    voyage.stages.say(f"{sum(verified.values())} receipts verified by both sides; {checked.states:,} states checked")


def _uses(reader: Actor, key: str) -> int:
    """The receipt of every use. The last ones get theirs about a second after they ended, so they are waited for."""
    until, verified = time.monotonic() + _PATIENCE, 0
    for view in cases.reviews(reader, now()):
        uses = access.exchanges(reader, view.id, limit=10_000)
        while any(use.index is None for use in uses) and time.monotonic() < until:
            time.sleep(0.2)
            uses = access.exchanges(reader, view.id, limit=10_000)
        for use in uses:
            access.verify_receipt(plain(access.receipt(reader, use.id, now())), key)
        verified += len(uses)
    return verified


def _all_entries(reader: Actor, log: str) -> list[Any]:
    found: list[Any] = []
    while True:
        page = ledger.entries(reader, log=log, after=found[-1].index if found else -1, limit=500)
        if not page:
            return found
        found.extend(page)


def _verify_elsewhere(receipt: Path, key: str) -> bool:
    """The same check as a stranger runs it: an empty folder, the receipt, the public key, the command."""
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            command("ledger", "verify", str(receipt), "--key", key),
            env={"SEATRIAL_HOME": empty, "PATH": "/usr/bin:/bin", "SEATRIAL_DATABASE_URL": "sqlite:////nowhere/at-all"},
            capture_output=True,
            check=False,
            timeout=120,
        )
    return done.returncode == 0
