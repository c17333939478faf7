"""What the gateway's own recovery makes of the files that a loss of power left; see ``power``."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Files = Mapping[str, bytes]

FAULTS = (
    *("database", "left_open", "settled_twice", "without_receipt", "batch", "account", "ledger"),
    *("body_undecided", "body_missing", "forwarded_without_body"),
)
_RECEIPTS = 3  # whole ones, after each loss; of the others the batch's root is computed anew


class Recovery:
    """Of the database that was at ``path`` and the bodies under ``tree``; the database is put into ``folder``, the
    bodies where they were.
    """

    def __init__(self, folder: Path, path: str, tree: str, gateway: str, reviews: Sequence[str]) -> None:
        self._database, self._path, self._tree = folder / "found.sqlite3", path, tree
        self._gateway, self._reviews = gateway, reviews
        self._bodies: dict[str, bytes] = {}
        for left in Path(tree).rglob("*"):
            if left.is_file():
                left.unlink()

    def faults(self, files: Files, sent: Counter[str], chance: random.Random) -> dict[str, int]:
        """Counts of faults (``FAULTS``, ``forwarded_without_record``) and of what was looked at."""
        from django.db import connection

        from seatrial.kernel.clock import now
        from seatrial.ledger import api as ledger
        from seatrial.parties import api as parties
        from seatrial.review.access import api as access
        from seatrial.review.access.models import Exchange

        found = {"forwarded_without_record": self._missing(files, sent)}
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found["database"] = int(cursor.fetchall() != [("ok",)])
        found["settled_by_recovery"] = access.settle_abandoned(gateway=self._gateway, now=now())
        found["settled_twice"] = access.settle_abandoned(gateway=self._gateway, now=now())
        lab, public = parties.actor("lab-person"), ledger.public_key()
        records, found["batch"] = _proven()
        found["records"] = Exchange.objects.count()
        found["left_open"] = Exchange.objects.filter(ended=None).count()
        found["without_receipt"] = found["records"] - len(records)
        names = [record["id"] for record in records]
        for exchange in chance.sample(names, min(len(names), _RECEIPTS)):
            access.verify_receipt(access.receipt(lab, exchange, now()), public)
            found["receipts_verified"] = found.get("receipts_verified", 0) + 1
        found["account"] = 0
        for review in self._reviews:
            usage, of_it = access.usage(lab, review), [record for record in records if record["review"] == review]
            charged = sum(record["charged"] for record in of_it)
            found["account"] += (usage.requests, usage.tokens, usage.in_flight) != (len(of_it), charged, 0)
        found["ledger"] = int(ledger.audit().fault is not None)
        found |= self._kept(sent)
        connection.close()
        return found

    def misses_something(self, files: Files, sent: Counter[str]) -> bool:
        """Whether a call was forwarded that has no record there, or the database cannot even be read."""
        from django.db import DatabaseError

        try:
            return self._missing(files, sent) > 0
        except DatabaseError:
            return True

    def _missing(self, files: Files, sent: Counter[str]) -> int:
        """Put the files down, and count the calls that were forwarded and have no record there."""
        from django.db import connection

        connection.close()
        for suffix in ("", "-wal", "-shm"):
            target = Path(f"{self._database}{suffix}")
            target.unlink(missing_ok=True)
            if self._path + suffix in files:
                target.write_bytes(files[self._path + suffix])
        self._place_bodies({path: data for path, data in files.items() if path.startswith(self._tree)})
        connection.settings_dict["NAME"] = str(self._database)
        with connection.cursor() as cursor:
            cursor.execute("SELECT request_digest FROM access_exchange")
            return (sent - Counter(row[0] for row in cursor.fetchall())).total()

    def _place_bodies(self, bodies: Files) -> None:
        for path in self._bodies.keys() - bodies.keys():
            Path(path).unlink(missing_ok=True)
        for path, data in bodies.items():
            if self._bodies.get(path) != data:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_bytes(data)
        self._bodies = dict(bodies)

    def _kept(self, sent: Counter[str]) -> dict[str, int]:
        """Every body has its verdict; every whole one is there as recorded, and so is each request that was sent on."""
        from seatrial.review.access.models import KeptBody

        found = {"body_undecided": 0, "body_missing": 0, "forwarded_without_body": 0, "whole_bodies": 0}
        for row in KeptBody.objects.select_related("exchange"):
            found["body_undecided"] += row.whole is None
            data = self._bodies.get(f"{self._tree}/bodies/{row.review}/{row.exchange_id}.{row.side}.sealed")
            there = data is not None and row.digest == "sha256:" + hashlib.sha256(data).hexdigest()
            found["whole_bodies"] += bool(row.whole)
            found["body_missing"] += bool(row.whole) and not there
            if row.side == "request" and row.exchange.request_digest in sent:
                found["forwarded_without_body"] += not (row.whole and there)
        return found


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
