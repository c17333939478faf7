"""Losses of power while the gateway works.

``python -m benchmarks.gateway_parts.power [LOSSES [SECONDS]]`` prints one JSON object.

The real gateway runs under load and under strace, which tells every write, every sync and every byte sent, in their
order. Then, for each loss, what a disk would hold at a random point of that is put together (``disk``); the
gateway's own recovery runs on it, and what is found is held against what had been sent to the endpoint before.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .disk import Disk
from .stage import Instance, endpoint, instance, new_key, open_review, process, serving
from .trace import Event, available, events, traced

Found = dict[str, int]
_SENT = frozenset({"write", "writev", "sendto", "sendmsg"})
FAULTS = ("database", "left_open", "settled_twice", "without_receipt", "batch", "account", "ledger")
_RECEIPTS = 3  # whole ones, after each loss; of the others the batch's root is computed anew


def power_losses(losses: int, *, seconds: float = 3.0, seed: int = 0) -> Found | None:
    """What ``losses`` of power under load came to; ``None`` where strace cannot be used. Needs a process of its own."""
    if not available():
        return None
    with endpoint(None) as behind, instance() as ours:
        review = open_review(behind)
        before, said = _recorded(ours, new_key(review)[1], seconds)
        return _lose(ours, review, before, said, losses, random.Random(seed))


def _recorded(ours: Instance, key: str, seconds: float) -> tuple[dict[str, bytes], list[Event]]:
    """The database before, and everything the gateway did under load until it was told to stop."""
    path = _settled_database()
    before = {path: Path(path).read_bytes()}
    with tempfile.TemporaryDirectory(prefix="seatrial-trace-") as folder:
        into = Path(folder) / "trace"
        with process(traced(serving(), into), ours.port, log=ours.home / "gateway.log") as child:
            words = [sys.executable, "-m", "benchmarks.gateway_parts.caller", str(ours.port), key, "power"]
            caller = subprocess.Popen(words, stdout=subprocess.PIPE)
            assert caller.stdout is not None
            caller.stdout.readline()
            time.sleep(seconds)
            child.send_signal(signal.SIGTERM)  # a part of the losses falls into its last records and batches
            child.wait(30)
            caller.kill()
            caller.communicate()
        until = time.monotonic() + 30
        while b"+++ exited" not in into.read_bytes()[-200:] and time.monotonic() < until:
            time.sleep(0.05)
        return before, list(events(into))


def _settled_database() -> str:
    """The path of the instance's database, whole and closed."""
    from django.db import connection, connections

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = str(connection.settings_dict["NAME"])
    connections.close_all()
    if Path(f"{path}-wal").exists():
        raise RuntimeError("somebody else has the database open")
    return os.path.realpath(path)


def _lose(
    ours: Instance, review: str, before: dict[str, bytes], said: Sequence[Event], losses: int, chance: random.Random
) -> Found:
    [path] = before
    name = f"{socket.gethostname()}:127.0.0.1:{ours.port}"
    telling = [number for number, event in enumerate(said) if event.file.startswith(path) or _forwarded(event)]
    moments = Counter(chance.choices(telling, k=losses))  # at the others nothing changes
    disk, liar = (Disk(before, (path, f"{path}-wal"), honest=honest) for honest in (True, False))
    sent: Counter[str] = Counter()
    found: Counter[str] = Counter(losses=losses, caught_on_a_disk_that_lies=0)
    whole: set[tuple[str, ...]] = set()
    with tempfile.TemporaryDirectory(prefix="seatrial-power-", dir=_fast()) as folder:
        for number, event in enumerate(said):
            found["writes"] += disk.take(event) and not event.returns
            liar.take(event)
            if event.call in _SENT and not event.returns:
                sent.update(_forwarded(event))
            for once in range(moments[number]):
                files = disk.lost(chance)
                whole.add(tuple(hashlib.sha256(data).hexdigest() for _, data in sorted(files.items())))
                found.update(_checked(Path(folder), path, files, name, review, sent, chance))
                if once == 0 and sent and found["looked_at_the_liar"] < max(8, losses / 10):
                    found["looked_at_the_liar"] += 1
                    found["caught_on_a_disk_that_lies"] += _lost_something(Path(folder), path, liar.lost(chance), sent)
    found["syncs"], found["different_disks"], found["forwarded"] = disk.synced, len(whole), sent.total()
    found["checkpoints"] = sum(event.call == "fdatasync" and event.file == path and not event.returns for event in said)
    return dict(found)


def _forwarded(event: Event) -> list[str]:
    """Digests of the bodies of calls that go to the endpoint with these bytes."""
    data = b"".join(event.texts)
    if not data.startswith(b"POST /v1/"):
        return []
    return ["sha256:" + hashlib.sha256(data.partition(b"\r\n\r\n")[2]).hexdigest()]


def _checked(
    folder: Path, path: str, files: dict[str, bytes], name: str, review: str, sent: Counter[str], chance: random.Random
) -> Found:
    """What recovery makes of the files, as counts of faults (``FAULTS``) and of what was looked at."""
    from django.db import connection

    from seatrial.kernel.clock import now
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access
    from seatrial.review.access.models import Exchange

    found = {"forwarded_without_record": _missing(folder, path, files, sent)}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        found["database"] = int(cursor.fetchall() != [("ok",)])
    found["settled_by_recovery"] = access.settle_abandoned(gateway=name, now=now())
    found["settled_twice"] = access.settle_abandoned(gateway=name, now=now())
    lab, public = parties.actor("lab-person"), ledger.public_key()
    records, found["batch"] = _proven()
    found["records"] = Exchange.objects.count()
    found["left_open"] = Exchange.objects.filter(ended=None).count()
    found["without_receipt"] = found["records"] - len(records)
    names = [record["id"] for record in records]
    for exchange in chance.sample(names, min(len(names), _RECEIPTS)):
        access.verify_receipt(access.receipt(lab, exchange, now()), public)
        found["receipts_verified"] = found.get("receipts_verified", 0) + 1
    usage = access.usage(lab, review)
    charged = sum(record["charged"] for record in records)
    found["account"] = int((usage.requests, usage.tokens, usage.in_flight) != (len(records), charged, 0))
    found["ledger"] = int(ledger.audit().fault is not None)
    connection.close()
    return found


def _missing(folder: Path, path: str, files: dict[str, bytes], sent: Counter[str]) -> int:
    """Put the files down, and count the calls that were forwarded and have no record there."""
    from django.db import connection

    connection.close()
    for suffix in ("", "-wal", "-shm"):
        target = folder / f"found.sqlite3{suffix}"
        target.unlink(missing_ok=True)
        if path + suffix in files:
            target.write_bytes(files[path + suffix])
    connection.settings_dict["NAME"] = str(folder / "found.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("SELECT request_digest FROM access_exchange")
        return (sent - Counter(row[0] for row in cursor.fetchall())).total()


def _lost_something(folder: Path, path: str, files: dict[str, bytes], sent: Counter[str]) -> bool:
    from django.db import DatabaseError

    try:
        return _missing(folder, path, files, sent) > 0
    except DatabaseError:
        return True


def _proven() -> tuple[list[dict[str, Any]], int]:
    """The records of every exchange that has a batch; and how many batches are not what the ledger says of them."""
    from seatrial.ledger import api as ledger
    from seatrial.parties import api as parties
    from seatrial.review.access.core.records import batch_root, leaf_of
    from seatrial.review.access.models import Batch
    from seatrial.review.access.queries.views import exchange_records

    entries = ledger.entries(parties.actor("lab-person"), kind="access.exchanges", limit=10**6)
    roots = {entry.index: entry.openings["root"]["value"] for entry in entries}
    records, wrong = list[dict[str, Any]](), 0
    for batch in Batch.objects.all():
        of_it = exchange_records(batch)
        wrong += roots.get(batch.index) != batch_root([leaf_of(record) for record in of_it]).hex()
        records += of_it
    return records, wrong


def _fast() -> str | None:
    """A folder in memory, if there is one: what is looked at there need not be durable."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> None:
    """Print what was found."""
    losses, seconds = (*sys.argv[1:], *("1000", "3")[len(sys.argv) - 1 :])[:2]
    print(json.dumps(power_losses(int(losses), seconds=float(seconds))))


if __name__ == "__main__":
    main()
