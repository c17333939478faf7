"""Appending to the ledger, proving and verifying, with pymerkle's SQLite tree as the peer in the same run.

    python -m benchmarks.ledger [--quick]

Both sides keep their rows in SQLite files in WAL mode with ``synchronous=FULL``, on the same disk, and take turns.
They do not do the same work, and the comparison says so: ours stores an entry of five salted commitments with its
openings, its label and the nodes of the tree, through the application's own tables and transactions; the peer stores
the same entry's bytes and its leaf hash, and computes nodes when asked, with a cache in memory. What is compared:

    batched        appends a second, all of a block in one transaction    (the peer: ``append_entries``)
    one at a time  appends a second, a durable transaction for each       (the peer: ``append_entry``)
    proofs         inclusion proofs a second, of random entries, from stored rows
    verified       receipts a second verified from their parsed JSON: signature, inclusion, openings
                   (the peer: inclusion only)

What waits for the disk (one at a time) is taken by the wall clock; all else is a second of this process's processor
time, so that what else the machine does changes little. Each figure is the best of the rounds. Appending is no
contest: the peer's is many times faster, because it does so much less. It is shown, and has no bar. Exits 1 unless
every bar holds. One JSON line last.
"""

from __future__ import annotations

import base64
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

CLAIM = (
    "on SQLite (WAL, synchronous=FULL) the ledger appends and proves hundreds of entries a second, and receipts verify "
    "offline by the thousand a second"
)
BARS = {  # a second; "…_of_peer" is our figure over the peer's
    "appends_batched": 300.0,
    "appends_one_at_a_time": 50.0,
    "proofs": 250.0,
    "proofs_of_peer": 0.1,
    "receipts_verified": 1500.0,
}
Clock = Callable[[], float]
AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


def rate(count: int, work: Callable[..., object], *arguments: object, clock: Clock = time.process_time) -> float:
    """``count`` things done by one call of ``work``, in things a second of ``clock``."""
    started = clock()
    work(*arguments)
    return count / (clock() - started)


class Ours:
    """The ledger of an instance of its own."""

    def __init__(self) -> None:
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", "ledger", verbosity=0)
        with connection.cursor() as cursor:
            modes = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        if modes != ["wal", 2]:
            raise RuntimeError(f"not measured as claimed: {modes}")

    def append(self, count: int) -> None:
        from seatrial.kernel.labels import Label
        from seatrial.ledger import api

        for number in range(count):
            api.append(
                kind="access.exchanges",
                actor="person-0123456789abcdef",
                facts={
                    "review": "review-0123456789abcdef",
                    "exchange": f"exchange-{number:016}",
                    "request": "sha256:" + "ab" * 32,
                    "tokens": number,
                },
                label=Label.among("lab-north", "body-one"),
                at=AT,
            )

    def batched(self, count: int) -> None:
        from django.db import transaction

        with transaction.atomic():
            self.append(count)

    def one_at_a_time(self, count: int) -> None:
        for _ in range(count):
            self.batched(1)

    def prove(self, places: list[int], size: int) -> None:
        from seatrial.kernel.merkle import coordinates, inclusion_path
        from seatrial.ledger import queries

        for index in places:
            wanted = coordinates(partial(inclusion_path, index=index, size=size))
            inclusion_path(queries.looker("main", wanted), index, size)

    def receipts(self, places: list[int]) -> list[dict[str, Any]]:
        from seatrial.kernel.labels import Level, Reader
        from seatrial.ledger import api

        reader = Reader("anybody", frozenset({"lab-north"}), Level.CONTROLLED)
        return [api.receipt(reader, log="main", index=index, at=AT) for index in places]

    def entries(self) -> list[bytes]:
        from seatrial.ledger.models import EntryRow

        return [data.encode() for data in EntryRow.objects.order_by("index").values_list("data", flat=True)]


class Peer:
    """pymerkle's tree on a SQLite file, set to the same durability."""

    def __init__(self, folder: Path) -> None:
        import pymerkle

        self.tree = pymerkle.SqliteTree(str(folder / "peer.sqlite3"))
        self.tree.cur.execute("PRAGMA journal_mode=WAL")
        self.tree.cur.execute("PRAGMA synchronous=FULL")

    def batched(self, entries: list[bytes]) -> None:
        self.tree.append_entries(entries)

    def one_at_a_time(self, entries: list[bytes]) -> None:
        for entry in entries:
            self.tree.append_entry(entry)

    def prove(self, places: list[int], size: int) -> list[Any]:
        return [self.tree.prove_inclusion(index + 1, size) for index in places]

    def verify(self, proofs: list[Any], size: int) -> None:
        root = self.tree.get_root(size)
        for proof in proofs:
            proof.verify(proof.path[0], root)


def verify(receipts: list[dict[str, Any]], key: str) -> None:
    from seatrial.ledger import api

    for receipt in receipts:
        api.verify_receipt(receipt, key)


def measure(folder: Path, *, quick: bool) -> dict[str, float]:
    from seatrial.ledger import api

    rounds, block, singles, proofs = (2, 500, 150, 150) if quick else (4, 2500, 600, 600)
    chance, best = random.Random(6962), dict[str, float]()

    def keep(name: str, found: float) -> None:
        best[name] = max(found, best.get(name, 0.0))

    ours, peer = Ours(), Peer(folder)
    receipts: list[dict[str, Any]] = []
    for _ in range(rounds):
        before = len(ours.entries())
        keep("appends_batched", rate(block, ours.batched, block))
        keep("appends_one_at_a_time", rate(singles, ours.one_at_a_time, singles, clock=time.perf_counter))
        new = ours.entries()[before:]
        keep("peer_appends_batched", rate(block, peer.batched, new[:block]))
        keep("peer_appends_one_at_a_time", rate(singles, peer.one_at_a_time, new[block:], clock=time.perf_counter))
        size = api.head()
        places = [chance.randrange(size) for _ in range(proofs)]
        keep("proofs", rate(proofs, ours.prove, places, size))
        keep("peer_proofs", rate(proofs, peer.prove, places, size))
        api.checkpoint(at=AT)
        receipts.clear()
        keep("receipts", rate(proofs, lambda wanted: receipts.extend(ours.receipts(wanted)), places))
        keep("receipts_verified", rate(proofs, verify, receipts, api.public_key()))
        keep("peer_verified", rate(proofs, peer.verify, peer.prove(places, size), size))
    size = api.head()
    if f"\n{base64.b64encode(peer.tree.get_root(size)).decode()}\n" not in api.checkpoint(at=AT):
        raise RuntimeError("the two trees disagree: nothing was measured")
    keep("entries", float(size))
    keep("audited", rate(size, api.audit))
    return {name: round(found, 1) for name, found in best.items()}


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SEATRIAL_HOME": home, "DJANGO_SETTINGS_MODULE": "seatrial.config.django"}
        os.environ.pop("SEATRIAL_DATABASE_URL", None)
        import django

        django.setup()
        found = measure(Path(home), quick=quick)
    for name in ("proofs", "appends_one_at_a_time"):
        found[f"{name}_of_peer"] = round(found[name] / found[f"peer_{name}"], 2)
    print(f"{'a second':26} {'ours':>10} {'pymerkle':>10}")
    for name, peers in (
        ("appends_batched", "peer_appends_batched"),
        ("appends_one_at_a_time", "peer_appends_one_at_a_time"),
        ("proofs", "peer_proofs"),
        ("receipts_verified", "peer_verified"),
    ):
        print(f"{name:26} {found[name]:10.0f} {found[peers]:10.0f}")
    print(f"{'receipts handed out':26} {found['receipts']:10.0f}\n{'entries audited':26} {found['audited']:10.0f}")
    print(f"{found['entries']:.0f} entries in the end; both trees have the same root")
    bars = {name: {"asked": bar, "measured": found[name], "holds": found[name] >= bar} for name, bar in BARS.items()}
    print(json.dumps({"claim": CLAIM, "bars": bars, "quick": quick, "figures": found}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
