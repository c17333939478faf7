"""The ledger appends, proves and verifies fast enough that nobody leaves anything unrecorded.

Run as ``python -m benchmarks.ledger [--quick]``. Peer: pymerkle's SQLite tree (hashing and storage, neither
commitments nor signatures) with the same file system and ``synchronous=FULL``, in the same run. Ours is measured
through the door, on SQLite in WAL mode with ``synchronous=FULL``, commitments, labels and nodes included.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

AT = datetime(2026, 7, 1, tzinfo=UTC)


def rate(work: Callable[[], int], repetitions: int) -> float:
    """Median operations a second of ``work``, which returns how many it did."""
    rates = []
    for _ in range(repetitions):
        begun = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - begun))
    return statistics.median(rates)


def peer_appends(folder: Path, count: int, number: list[int]) -> int:
    import pymerkle

    number[0] += 1
    with pymerkle.SqliteTree(str(folder / f"peer-{number[0]}.db"), algorithm="sha256") as tree:
        tree.con.execute("PRAGMA journal_mode=WAL")
        tree.con.execute("PRAGMA synchronous=FULL")
        for entry in range(count):
            tree.append_entry(f"entry {entry}".encode())
    return count


def main(quick: bool) -> int:
    """Measure, print the JSON line, return the exit status."""
    repetitions, batch, singles, proofs = (3, 300, 60, 100) if quick else (7, 2000, 400, 1000)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(SEATRIAL_HOME=home, DJANGO_SETTINGS_MODULE="seatrial.config.django")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import transaction

        from seatrial.kernel.labels import OPEN, PUBLIC
        from seatrial.ledger import api as ledger

        call_command("migrate", verbosity=0, interactive=False)
        facts = {"review": "review-0123456789abcdef", "consent": "sha256:" + "0" * 64, "number": 1}

        def append() -> None:
            ledger.append(kind="case.consented", actor="person-1", facts=facts, label=OPEN, at=AT)

        def batched() -> int:
            with transaction.atomic():
                for _ in range(batch):
                    append()
            return batch

        def one_by_one() -> int:
            for _ in range(singles):
                with transaction.atomic():
                    append()
            return singles

        figures: dict[str, Any] = {
            "appends_per_second_in_one_transaction": rate(batched, repetitions),
            "appends_per_second_each_durable": rate(one_by_one, repetitions),
        }
        size = ledger.head()
        begun = time.perf_counter()
        ledger.checkpoint(at=AT)
        figures["seconds_to_recompute_and_sign_all"] = time.perf_counter() - begun
        figures["entries"] = size
        made: list[dict[str, Any]] = []

        def receipts() -> int:
            made.clear()
            for place in range(proofs):
                made.append(ledger.receipt(PUBLIC, log="main", index=place * (size - 1) // proofs, at=AT))
            return proofs

        key = ledger.public_key()

        def verify() -> int:
            for receipt in made:
                ledger.verify_receipt(receipt, key)
            return len(made)

        figures["receipts_per_second"] = rate(receipts, repetitions)
        figures["verifications_per_second"] = rate(verify, repetitions)
        figures["receipt_bytes"] = len(json.dumps(made[-1]))
        number = [0]
        figures["peer_appends_per_second_each_durable"] = rate(
            lambda: peer_appends(Path(home), singles, number), repetitions
        )
    ratio = figures["appends_per_second_each_durable"] / figures["peer_appends_per_second_each_durable"]
    bars = {
        "appends each durable, of pymerkle's": {
            "asked": ">= 0.15",
            "measured": round(ratio, 3),
            "holds": ratio >= 0.15,
        },
        "receipts per second": {
            "asked": ">= 100",
            "measured": round(figures["receipts_per_second"]),
            "holds": figures["receipts_per_second"] >= 100,
        },
        "verifications per second": {
            "asked": ">= 1000",
            "measured": round(figures["verifications_per_second"]),
            "holds": figures["verifications_per_second"] >= 1000,
        },
    }
    for name, figure in figures.items():
        print(f"{name:<42} {figure:>12,.1f}")
    claim = "append, prove and verify fast enough to record everything"
    print(json.dumps({"claim": claim, "bars": bars, "figures": {n: round(f, 3) for n, f in figures.items()}}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv[1:]))
