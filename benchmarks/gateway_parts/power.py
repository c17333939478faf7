"""Losses of power while the gateway works.

``python -m benchmarks.gateway_parts.power [LOSSES [SECONDS]]`` prints one JSON object.

The real gateway runs under load and under strace, which tells every write, every sync and every byte sent, in their
order. Of its two reviews one has its bodies kept. Then, for each loss, what a disk would hold at a random point of
that is put together (``disk``); the gateway's own recovery runs on it, and what is found is held against what had been
sent to the endpoint before (``recovery``).
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

from .disk import Disk
from .recovery import Recovery
from .stage import Instance, endpoint, instance, new_key, open_review, process, serving
from .trace import Event, available, events, traced

Found = dict[str, int]
_NAMING = frozenset({"rename", "mkdir", "unlink"})
_SENT = frozenset({"write", "writev", "sendto", "sendmsg"})


def power_losses(losses: int, *, seconds: float = 3.0, seed: int = 0) -> Found | None:
    """What ``losses`` of power under load came to; ``None`` where strace cannot be used. Needs a process of its own."""
    if not available():
        return None
    with endpoint(None) as behind, instance() as ours:
        reviews = [open_review(behind), open_review(behind, keep_for=[_labs_key(ours.home / "own.key")])]
        before, said = _recorded(ours, [new_key(review)[1] for review in reviews], seconds)
        return _lose(ours, reviews, before, said, losses, random.Random(seed))


def _recorded(ours: Instance, keys: Sequence[str], seconds: float) -> tuple[dict[str, bytes], list[Event]]:
    """The database before, and everything the gateway did under load until it was told to stop."""
    path = _settled_database()
    before = {path: Path(path).read_bytes()}
    with tempfile.TemporaryDirectory(prefix="seatrial-trace-") as folder:
        into = Path(folder) / "trace"
        with process(traced(serving(), into), ours.port, log=ours.home / "gateway.log") as child:
            callers = [_caller(ours.port, key, f"power-{number}") for number, key in enumerate(keys)]
            time.sleep(seconds)
            child.send_signal(signal.SIGTERM)  # a part of the losses falls into its last records and batches
            child.wait(30)
            for caller in callers:
                caller.kill()
                caller.communicate()
        until = time.monotonic() + 30
        while b"+++ exited" not in into.read_bytes()[-200:] and time.monotonic() < until:
            time.sleep(0.05)
        return before, list(events(into))


def _labs_key(path: Path) -> str:
    """A registered key of the lab's person."""
    from seatrial.kernel.clock import now
    from seatrial.kernel.recipients import new_private_key
    from seatrial.parties import api as parties

    made = new_private_key(path).public
    return parties.register_recipient_key(by=parties.actor("lab-person"), pem=made.pem, at=now()).id


def _caller(port: int, key: str, name: str) -> subprocess.Popen[bytes]:
    """Eight callers, the first of whom has been answered."""
    words = [sys.executable, "-m", "benchmarks.gateway_parts.caller", str(port), key, name]
    caller = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert caller.stdout is not None
    caller.stdout.readline()
    return caller


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
    ours: Instance,
    reviews: Sequence[str],
    before: dict[str, bytes],
    said: Sequence[Event],
    losses: int,
    chance: random.Random,
) -> Found:
    from django.conf import settings

    [path], tree = before, os.path.realpath(settings.SEATRIAL.artefacts)
    telling = [
        number
        for number, event in enumerate(said)
        if event.file.startswith((path, tree)) or event.call in _NAMING or _forwarded(event)
    ]
    moments = Counter(chance.choices(telling, k=losses))  # at the others nothing changes
    disk, liar = (Disk(before, (path, f"{path}-wal"), tree=tree, honest=honest) for honest in (True, False))
    sent: Counter[str] = Counter()
    found: Counter[str] = Counter(losses=losses, caught_on_a_disk_that_lies=0)
    different: set[int] = set()
    with tempfile.TemporaryDirectory(prefix="seatrial-power-", dir=_fast()) as folder:
        after = Recovery(Path(folder), path, tree, f"{socket.gethostname()}:127.0.0.1:{ours.port}", reviews)
        for number, event in enumerate(said):
            found["writes"] += disk.take(event) and not event.returns
            liar.take(event)
            if event.call in _SENT and not event.returns:
                sent.update(_forwarded(event))
            for once in range(moments[number]):
                files = disk.lost(chance)
                different.add(hash(tuple(sorted(files.items()))))
                found.update(after.faults(files, sent, chance))
                if once == 0 and sent and found["looked_at_the_liar"] < max(8, losses / 10):
                    found["looked_at_the_liar"] += 1
                    found["caught_on_a_disk_that_lies"] += after.misses_something(liar.lost(chance), sent)
    found["syncs"], found["different_disks"], found["forwarded"] = disk.synced, len(different), sent.total()
    found["checkpoints"] = sum(event.call == "fdatasync" and event.file == path and not event.returns for event in said)
    return dict(found)


def _forwarded(event: Event) -> list[str]:
    """Digests of the bodies of calls that go to the endpoint with these bytes."""
    data = b"".join(event.texts)
    if not data.startswith(b"POST /v1/"):
        return []
    return ["sha256:" + hashlib.sha256(data.partition(b"\r\n\r\n")[2]).hexdigest()]


def _fast() -> str | None:
    """A folder in memory, if there is one: what is looked at there need not be durable."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> None:
    """Print what was found."""
    losses, seconds = (*sys.argv[1:], *("1000", "3")[len(sys.argv) - 1 :])[:2]
    print(json.dumps(power_losses(int(losses), seconds=float(seconds))))


if __name__ == "__main__":
    main()
