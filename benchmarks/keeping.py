"""What it costs that the bodies of calls are kept, sealed and durable before their last bytes leave.

    python -m benchmarks.keeping [--quick]

One gateway on one core over SQLite, an endpoint and a load on another; two reviews that differ in one term: ``off``
keeps nothing, ``on`` keeps both bodies for one key of the developer's and one of the body's. In turn, several times,
the median of each: one client in a closed loop for the time of a plain call, and eight for calls and chunks of streams
a second. A kept call is two files of a kilobyte or two, four keys wrapped and four fsyncs. Then the latest files of
``on`` are opened with a key and must be what the record says: a figure for what was not kept would be worth nothing.
Exits 1 unless every bar holds. One JSON line last.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.gateway_parts import stage

CLAIM = "a call whose bodies are kept takes some milliseconds more, and each kept file opens as what was recorded"
CLIENTS = 8
LEAST = {"plain_of_off": 0.1, "chunks_of_off": 0.1}
MOST = {"added_p50": 15.0, "added_p99": 60.0, "not_kept": 0}  # milliseconds, and files


def recipients(folder: Path) -> tuple[list[str], Any]:
    """A key of each side, registered; their ids, and the developer's private one."""
    from seatrial.kernel.clock import now
    from seatrial.kernel.recipients import new_private_key
    from seatrial.parties import api as parties

    made = {}
    for person in ("lab-person", "body-person"):
        made[person] = new_private_key(folder / f"{person}.key")
        parties.register_recipient_key(by=parties.actor(person), pem=made[person].public.pem, at=now())
    return [key.public.id for key in made.values()], made["lab-person"]


def not_kept(review: str, key: Any, most: int) -> tuple[int, int, int]:
    """Of the latest ``most`` ended calls: how many files were looked at, how many do not open as what was recorded, and
    bytes on the disk for a call.
    """
    from seatrial.kernel.digests import digest
    from seatrial.kernel.envelope import open_stream, read_header
    from seatrial.parties import api as parties
    from seatrial.review.access import api as access
    from seatrial.review.access.types import Side

    lab, looked, wrong, size = parties.actor("lab-person"), 0, 0, 0
    views = [view for view in access.exchanges(lab, review, limit=most) if view.ended == "complete"]
    for view in views:
        for side, said in ((Side.REQUEST, view.request_digest), (Side.RESPONSE, view.response_digest)):
            looked += 1
            found, file = access.body(lab, review, view.id, side)
            size += found.size
            with file:
                context = read_header(file).context
                file.seek(0)
                opened = digest(b"".join(bytes(piece) for piece in open_stream(file, key=key, context=context)))
            wrong += opened != said or not found.whole
    return looked, wrong, round(size / max(1, len(views)))


def measured(port: int, keys: dict[str, str], rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Medians over the rounds, for each review."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in keys}
    for _ in range(rounds):
        for name, key in keys.items():
            for what, clients, kind, figure in (
                ("p50", 1, "plain", "whole_p50"),
                ("p99", 1, "plain", "whole_p99"),
                ("plain", CLIENTS, "plain", "answers"),
                ("chunks", CLIENTS, "stream", "chunks"),
            ):
                told = stage.load(port, key, clients, seconds, kind)
                if told["failed"]:
                    raise RuntimeError(f"{told['failed']:.0f} calls of {name} failed")
                found[name].setdefault(what, []).append(told[figure])
    return {
        name: {what: statistics.median(values) for what, values in figures.items()} for name, figures in found.items()
    }


def main() -> int:
    quick = "--quick" in sys.argv
    rounds, seconds = (1, 2.0) if quick else (5, 5.0)
    with stage.instance() as instance, stage.endpoint() as endpoint:
        ids, own = recipients(instance.home)
        reviews = {"off": stage.open_review(endpoint), "on": stage.open_review(endpoint, keep_for=ids)}
        keys = {name: stage.new_key(review)[1] for name, review in reviews.items()}
        with instance.serve():
            figures = measured(instance.port, keys, rounds, seconds)
            time.sleep(2)  # the last records
        looked, wrong, size = not_kept(reviews["on"], own, 300 if quick else 1000)
    on, off = figures["on"], figures["off"]
    derived = {
        "added_p50": on["p50"] - off["p50"],
        "added_p99": on["p99"] - off["p99"],
        "plain_of_off": on["plain"] / off["plain"],
        "chunks_of_off": on["chunks"] / off["chunks"],
        "not_kept": float(wrong),
    }
    bars = {name: _bar(derived[name], f">= {least:g}", derived[name] >= least) for name, least in LEAST.items()}
    bars |= {name: _bar(derived[name], f"<= {most:g}", derived[name] <= most) for name, most in MOST.items()}
    bars["looked_at"] = _bar(looked, "> 0", looked > 0)
    for name in ("off", "on"):
        print(
            f"{name:4} one client {figures[name]['p50']:6.2f} ms p50 {figures[name]['p99']:6.2f} p99   "
            f"{CLIENTS} clients {figures[name]['plain']:7.0f} calls/s  {figures[name]['chunks']:8.0f} chunks/s"
        )
    print(f"{looked} files opened, {wrong} wrong; {size} bytes a call on the disk; {os.cpu_count()} cores")
    rounded = {name: {what: round(value, 3) for what, value in of.items()} for name, of in figures.items()}
    print(json.dumps({"claim": CLAIM, "bars": bars, "bytes_a_call": size, **rounded}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


def _bar(value: float, asked: str, holds: bool) -> dict[str, Any]:
    return {"asked": asked, "measured": round(value, 3), "holds": holds}


if __name__ == "__main__":
    raise SystemExit(main())
