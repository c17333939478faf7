"""Which of ten million components does an advisory speak of? On SQLite, from a new advisory and from all of them.

    python -m benchmarks.matching [--quick]

1. *Equal*: on 10⁵ pairs of advisory and release the engine says what ``univers`` says by itself
   (``matching_parts/naive.py``).
2. *Peer*: rows a second of AppThreat's vulnerability-db 7 with the same advisories, where it is installed
   (``make peers``), asked in batches or one by one, whichever is quicker, without its loading. It keeps only part of
   the records, so speed is compared, not what is found. Ours, with everything in it, is that of part 3 at 10⁷ rows:
   what grows with distinct releases is to be seen where rows are many. (``--quick`` asks for no bar.)
3. *Volume*: inventories grown from real bills of materials (``matching_parts/world.py``), no two systems equal, are
   kept through the room's own action at 10⁴ … 10⁷ rows. At each size: fifteen advisories, the farthest-reaching among
   them, are forgotten and come anew (learned, evaluated, committed, and every match read as inventory, system and hit),
   and everything is matched with everything from nothing.

Exits 1 unless every bar holds. One JSON line last. ``--quick`` ends at 10⁵ rows, within a minute.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CLAIM = "from a new advisory to every affected system in moments"
ONE, EVERYTHING, TIMES, PAIRS = 100.0, 60.0, 50.0, 100_000
PEER = Path("var/peers/vdb/bin/python")
AT = datetime(2026, 11, 1, tzinfo=UTC)
_OPERATORS = 50  # in one transaction


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "seatrial.config.django", "SEATRIAL_HOME": home}
        import django
        from django.core.management import call_command

        django.setup()
        from benchmarks.matching_parts.world import DATA, World, advisories

        if not DATA.exists():
            print(f"there is no {DATA} here: nothing to measure with")
            return 0
        call_command("migrate", verbosity=0)
        quick = "--quick" in sys.argv[1:]
        records = advisories(DATA)
        world = World(DATA, records)
        bars: dict[str, Any] = {}
        further: dict[str, Any] = {}
        for name, part in (("equal", equal), ("peer", peer), ("volume", volume)):
            found = part(world, records, quick)
            bars |= found.pop("bars")
            if name == "volume" and (rate := further["peer"].get("peer_rows_a_second")) and not quick:
                bars |= _against(found["curve"][-1], rate)
            further[name] = found
            print(f"{name}: {json.dumps(found)}", flush=True)
        holds = all(bar["holds"] for bar in bars.values())
        print(json.dumps({"claim": CLAIM, "bars": bars, "holds": holds, "quick": quick, **further}))
        return 0 if holds else 1


def equal(world: Any, records: list[dict[str, Any]], quick: bool) -> dict[str, Any]:
    """Pairs of a record and a release of one of its packages, three in a hundred with a version nothing orders."""
    from benchmarks.matching_parts import naive

    from seatrial.clearinghouse.exposure.core.affects import from_osv
    from seatrial.clearinghouse.exposure.core.matching import Statements
    from seatrial.clearinghouse.exposure.types import Release

    draw, count = random.Random(7), PAIRS // 10 if quick else PAIRS
    by_package: dict[str, list[Release]] = {}
    for one in world.releases():
        by_package.setdefault(one.package, []).append(one)
    ready = [(record, Statements(from_osv(record).statements)) for record in records]
    unequal, verdicts = [], {"affected": 0, "cannot_tell": 0, "": 0}
    engine = plain = 0.0
    for _ in range(count):
        record, statements = draw.choice(ready)
        package = draw.choice(record["affected"])["package"]["purl"]
        release = draw.choice(by_package.get(package) or [Release(package, "1.0", "pypi")])
        if draw.random() < 0.03:
            release = Release(package, f"{release.version}-not.a.version", "pypi")
        begun = time.perf_counter()
        hits = statements.of(release)
        between = time.perf_counter()
        wanted = naive.evaluated(record, package, release.version)
        plain += time.perf_counter() - between
        engine += between - begun
        found = {hit.verdict.value for hit in hits}
        said = "affected" if "affected" in found else "cannot_tell" if found else ""
        verdicts[said] += 1
        if said != wanted:
            unequal.append((record["id"], release.version, said, wanted))
    return {
        "pairs": count,
        "verdicts": verdicts,
        "pairs_a_second": round(count / engine),
        "naive_pairs_a_second": round(count / plain),
        "unequal": unequal[:10],
        "bars": {
            f"of {count:,} pairs unequal to univers": {
                "asked": "0",
                "measured": len(unequal),
                "holds": not unequal,
            }
        },
    }


def peer(world: Any, records: list[dict[str, Any]], quick: bool) -> dict[str, Any]:
    """Rows a second of the peer, in the better of its ways, and of matching at home, on the same rows and records.
    Loading is in neither time."""
    from benchmarks.matching_parts.world import DATA

    from seatrial.clearinghouse.exposure.core.affects import from_osv
    from seatrial.clearinghouse.exposure.core.home import match
    from seatrial.clearinghouse.exposure.core.inventory import merged
    from seatrial.clearinghouse.exposure.types import Reading, System

    if not PEER.exists():
        print(f"the peer is left out: there is no {PEER}; 'make peers' installs it", flush=True)
        return {"bars": {}}
    operators = range(2 if quick else 20)
    reading = merged(
        Reading(one.form, tuple(System(f"{number} {system.name}", system.components) for system in one.systems))
        for number in operators
        for one in (world.operator(number),)
    )
    rows = [component for system in reading.systems for component in system.components]
    read = [from_osv(record) for record in records]
    begun = time.perf_counter()
    found = sum(1 for _ in match(reading, read))
    own = len(rows) / (time.perf_counter() - begun)  # statements made ready in it, no key known before
    with tempfile.TemporaryDirectory() as folder:
        purls = Path(folder) / "purls"
        purls.write_text("\n".join(f"{one.name}@{one.version}" for one in rows))
        words = [str(PEER), str(Path(__file__).parent / "matching_parts" / "peer.py")]
        done = subprocess.run(
            [*words, str(DATA / "pypa-advisories.osv.jsonl"), str(purls)],
            env={"PATH": os.environ["PATH"], "HOME": folder, "VDB_HOME": folder, "VDB_CACHE": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        print(f"the peer is left out: {done.stderr.strip().splitlines()[-1]}", flush=True)
        return {"bars": {}}
    said = json.loads(done.stdout.strip().splitlines()[-1])
    return {
        "rows": len(rows),
        "distinct": len(set(rows)),
        "matches_at_home": found,
        "rows_a_second_at_home": round(own),
        "peer": {name: round(value) for name, value in said.items()},
        "peer_rows_a_second": max(said["batched"], said["single"]),
        "bars": {},
    }


def volume(world: Any, records: list[dict[str, Any]], quick: bool) -> dict[str, Any]:
    """The curve, and the bars at its end."""
    from seatrial.clearinghouse.exposure.models import Holding, InventoryRow, ReleaseRow
    from seatrial.parties.models import Organisation

    sizes = [10, 100] if quick else [10, 100, 1_000, 10_000]
    Organisation.objects.bulk_create(
        Organisation(id=f"op-{number}", name=f"Operator {number}", kind="operator", created_at=AT)
        for number in range(sizes[-1])
    )
    curve, built, rows, seconds = [], 0, 0, 0.0
    for size in sizes:
        begun = time.perf_counter()
        for first in range(built, size, _OPERATORS):
            rows += _keep(world, range(first, min(first + _OPERATORS, size)))
        seconds += time.perf_counter() - begun
        built = size
        everything = _everything(records)
        one = _one(records)
        curve.append(
            {
                "operators": InventoryRow.objects.count(),
                "rows": rows,
                "distinct_releases": ReleaseRow.objects.count(),
                "holdings": Holding.objects.count(),
                "seconds_keeping_so_far": round(seconds, 1),
                **everything,
                **one,
            }
        )
        print(json.dumps(curve[-1]), flush=True)
    last = curve[-1]
    return {
        "curve": curve,
        "bars": {
            f"ms from the farthest-reaching advisory to all its matches, {last['rows']:,} rows": {
                "asked": f"<= {ONE:g}",
                "measured": last["one_ms_worst"],
                "holds": last["one_ms_worst"] <= ONE,
            },
            f"seconds for everything with everything, {last['rows']:,} rows": {
                "asked": f"<= {EVERYTHING:g}",
                "measured": last["everything_seconds"],
                "holds": last["everything_seconds"] <= EVERYTHING,
            },
        },
    }


def _against(last: dict[str, Any], rate: float) -> dict[str, Any]:
    """Everything with everything, from records to every match read, against the peer's asking alone."""
    times = last["rows"] / last["everything_seconds"] / rate
    name = f"times the rows a second of vulnerability-db 7, {last['rows']:,} rows"
    return {name: {"asked": f">= {TIMES:g}", "measured": round(times, 1), "holds": times >= TIMES}}


def _keep(world: Any, numbers: range) -> int:
    """Through the room's own action; many operators in one transaction, so that the disk is not what is measured."""
    from django.db import transaction

    from seatrial.clearinghouse.exposure import actions
    from seatrial.kernel.digests import digest
    from seatrial.parties.types import Actor, Role

    rows = 0
    with transaction.atomic():
        for number in numbers:
            home = f"op-{number}"
            by = Actor(f"person-{number}", frozenset({home}), roles=frozenset({(home, Role.DEFENDER)}))
            reading = world.operator(number)
            given = {"plant": (reading, digest(home.encode()))}
            (kept,) = actions.keep_inventories(by=by, organisation=home, inventories=given, at=AT)
            rows += kept.components
    return rows


def _everything(records: list[dict[str, Any]]) -> dict[str, Any]:
    from seatrial.clearinghouse.exposure import actions
    from seatrial.clearinghouse.exposure.core.affects import from_osv
    from seatrial.clearinghouse.exposure.models import HitRow
    from seatrial.clearinghouse.exposure.queries.matches import all_matches
    from seatrial.kernel.digests import digest
    from seatrial.kernel.labels import OPEN

    actions.forget_advisories(names=[record["id"] for record in records])
    begun = time.perf_counter()
    read = [(from_osv(record), digest(record["id"].encode())) for record in records]
    actions.learn_advisories(advisories=read, label=OPEN, at=AT)
    learned = time.perf_counter()
    matches = sum(len(part) for part in all_matches())
    done = time.perf_counter()
    return {
        "hits": HitRow.objects.count(),
        "matches": matches,
        "everything_seconds": round(done - begun, 2),
        "of_which_evaluating": round(learned - begun, 2),
    }


def _one(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Fifteen advisories, the five with most matches among them, come anew."""
    from seatrial.clearinghouse.exposure import actions, queries
    from seatrial.clearinghouse.exposure.core.affects import from_osv
    from seatrial.kernel.digests import digest
    from seatrial.kernel.labels import OPEN

    by_id = {record["id"]: record for record in records}
    draw = random.Random(3)
    reach = {name: len(queries.every_match(name)) for name in draw.sample(sorted(by_id), 300)}
    known = sorted((name for name in reach if reach[name]), key=reach.__getitem__, reverse=True)
    chosen = [*known[:5], *draw.sample(known[5:], min(10, len(known) - 5))]
    spent, found = [], []
    for name in chosen:
        actions.forget_advisories(names=[name])
        begun = time.perf_counter()
        read = from_osv(by_id[name])
        actions.learn_advisories(advisories=[(read, digest(name.encode()))], label=OPEN, at=AT)
        matches = queries.every_match(name)
        spent.append(1000 * (time.perf_counter() - begun))
        found.append(len(matches))
    return {
        "one_ms_median": round(statistics.median(spent), 1),
        "one_ms_worst": round(max(spent), 1),
        "matches_of_the_farthest": max(found),
    }


if __name__ == "__main__":
    sys.exit(main())
