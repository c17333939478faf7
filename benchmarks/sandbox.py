"""From start to exit of ``true`` in a box with every limit, against bare bubblewrap in the same run.

    python -m benchmarks.sandbox [--quick]

The two take turns, so that whatever else the machine does meets both. Then commands a second with as many at once
as there are processors (two are used), in one box each. Exits 1 if a run takes more than BAR times as long as bare
bubblewrap. One JSON line last.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from seatrial.sandbox import api
from seatrial.sandbox.adapters import machine
from seatrial.sandbox.types import Command

BAR = 4.0
CORES = 2
BARE = ("--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true")
TRUE = Command(("true",))


def bare(bwrap: str) -> float:
    """Seconds of bubblewrap with namespaces and nothing else: no limits, no other user, no output read."""
    started = time.perf_counter()
    subprocess.run([bwrap, *BARE], check=True)
    return time.perf_counter() - started


async def ours(box: api.Sandbox) -> float:
    started = time.perf_counter()
    outcome = await box.run(TRUE)
    if not outcome.ok:
        raise RuntimeError(outcome)
    return time.perf_counter() - started


async def compare(rounds: int) -> tuple[list[float], list[float]]:
    bwrap = machine.policy(()).bwrap
    ours_s, bare_s = [], []
    async with api.Sandbox.open() as box:
        for _ in range(rounds):
            ours_s.append(await ours(box))
            bare_s.append(bare(bwrap))
    return ours_s, bare_s


async def throughput(seconds: float) -> float:
    """Commands a second, ``CORES`` at once."""
    end, done = time.perf_counter() + seconds, 0

    async def keep_running() -> None:
        nonlocal done
        async with api.Sandbox.open() as box:
            while time.perf_counter() < end:
                await ours(box)
                done += 1

    started = time.perf_counter()
    await asyncio.gather(*(keep_running() for _ in range(CORES)))
    return done / (time.perf_counter() - started)


async def boxes(rounds: int) -> float:
    """Median seconds of opening a box with one file, running one command and closing it."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        async with api.Sandbox.open({"file": "x"}) as box:
            await box.run(TRUE)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SEATRIAL_HOME": home, "DJANGO_SETTINGS_MODULE": "seatrial.config.django"}
        reason = api.available()
        if reason is None:
            return measure(quick="--quick" in sys.argv[1:])
    print(reason, file=sys.stderr)
    return 1


def measure(*, quick: bool) -> int:
    rounds, seconds = (200, 5.0) if quick else (1000, 20.0)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    ours_s, bare_s = asyncio.run(compare(rounds))
    ours_ms, bare_ms = statistics.median(ours_s) * 1000, statistics.median(bare_s) * 1000
    ratio = ours_ms / bare_ms
    print(f"{'':12} {'median ms':>10} {'p95 ms':>8}")
    for name, taken in (("ours", ours_s), ("bare", bare_s)):
        print(f"{name:12} {statistics.median(taken) * 1000:10.2f} {statistics.quantiles(taken, n=20)[-1] * 1000:8.2f}")
    per_second, box_ms = asyncio.run(throughput(seconds)), asyncio.run(boxes(rounds // 4)) * 1000
    print(f"{ratio:.2f} × bare; {per_second:.0f} commands/s on {CORES} processors; a box of its own {box_ms:.1f} ms")
    print(
        json.dumps(
            {
                "claim": "every limit costs little beside bare bubblewrap",
                "bars": {
                    "median of bare bubblewrap's": {
                        "asked": f"<= {BAR}",
                        "measured": round(ratio, 2),
                        "holds": ratio <= BAR,
                    }
                },
                "version": api.version(),
                "rounds": rounds,
                "ours_ms": round(ours_ms, 2),
                "bare_ms": round(bare_ms, 2),
                "ratio": round(ratio, 2),
                "bar": BAR,
                "commands_per_second": round(per_second),
                "processors": CORES,
                "own_box_ms": round(box_ms, 2),
            }
        )
    )
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
