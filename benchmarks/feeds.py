"""A page of a TAXII collection (100 of 10,000 objects) beside OpenTAXII and beside nginx sending the same bytes.

    python -m benchmarks.feeds [--quick]

An instance of its own (granian, SQLite, loopback) holds 10,000 objects in published bundles. Servers have one worker
each, pinned to the same core; the load has the other: closed loops over raw sockets that read each answer whole. Rates
are medians of interleaved rounds. OpenTAXII (``make peers``) holds the same objects in SQLite and is asked by as few
clients as suit it best. ``while publishing`` counts answers that were not 200 or 304, were cut, or were of another
length than they said, over many requests of five kinds while advisories are published beside. One JSON line last;
exits 1 unless every bar holds.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from .feeds_parts import stage
from .feeds_parts.load import Found, load

OBJECTS, PAGE = 10_000, "/taxii2/advisories/collections/clear/objects/?limit=100"


def rates(ports: dict[str, tuple[int, str, str]], *, rounds: int, seconds: float) -> dict[str, float]:
    """Whole answers a second of each server, the median of ``rounds``."""
    taken: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(rounds):
        for name, (port, path, known) in ports.items():
            clients = 2 if name == "opentaxii" else 32
            found = load(port, [(path, known)], clients=clients, seconds=seconds)
            if found.failed:
                raise SystemExit(f"{name} failed {found.failed} requests: {found.why}")
            taken[name].append(found.answers / found.seconds)
            print(f"  {name}: {taken[name][-1]:,.0f}/s", flush=True)
    return {name: statistics.median(values) for name, values in taken.items()}


def publishing(port: int, paths: list[tuple[str, str]], *, requests: int, published: Any) -> Found:
    """``requests`` answers while ``published`` publishes in a process of its own."""
    with published as publisher:
        found = load(port, paths, clients=32, requests=requests)
        publisher.terminate()
        publisher.wait()
        found.published = stage.published_by(publisher)
    return found


def main() -> int:
    """All of it in one run."""
    quick = sys.argv[1:] == ["--quick"]
    if sys.argv[1:] not in ([], ["--quick"]):
        raise SystemExit("Write nothing, or --quick.")
    bars: dict[str, Any] = {}
    told: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seatrial-bench-")))
        instance = stage.prepare(home, OBJECTS)
        port = stack.enter_context(stage.portal(instance))
        first = stage.ask(port, PAGE)
        assert len(json.loads(first.body)["objects"]) == 100
        told["page_bytes"] = len(first.body)
        ports = {"ours": (port, PAGE, ""), "ours, unchanged": (port, PAGE, first.etag)}
        file = stack.enter_context(stage.nginx(home, first.body))
        if file is not None:
            ports["nginx"] = (file, "/page.json", "")
        other = stack.enter_context(stage.opentaxii(home, instance))
        if other is not None:
            ports["opentaxii"] = (other[0], other[1], "")
        found = told["rates"] = rates(ports, rounds=1 if quick else 5, seconds=1.5 if quick else 4.0)
        for name, bar in (("opentaxii", 75.0), ("nginx", 0.25)):
            measured = round(found["ours"] / found[name], 3) if name in found else None
            if measured is not None or not quick:
                bars[f"times {name}"] = {"asked": f">= {bar:g}", "measured": measured, "holds": (measured or 0) >= bar}
        paths = [(PAGE, ""), (PAGE, first.etag), (PAGE.replace("objects", "manifest"), "")]
        paths += [(PAGE + "&match[type]=vulnerability", ""), ("/taxii2/advisories/collections/", "")]
        requests = 5_000 if quick else 100_000
        beside = publishing(port, paths, requests=requests, published=stage.publisher(instance))
        told["while_publishing"] = {"requests": beside.answers, "published": beside.published, "why": beside.why}
        bars[f"errors over {requests:,} requests while publishing"] = {
            "asked": "== 0",
            "measured": beside.failed,
            "holds": beside.failed == 0 and beside.published > 0 and beside.answers >= requests,
        }
    for name, bar in bars.items():
        print(f"  {'holds ' if bar['holds'] else 'MISSED'} {name}: {bar['measured']} (asked {bar['asked']})")
    print(json.dumps({"claim": "feeds are as quick as files", "quick": quick, "bars": bars, **told}))
    return 0 if all(bar["holds"] for bar in bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
