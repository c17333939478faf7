"""A box with every limit and the filter: how soon it speaks, how many there are in a second, and what it leaves.

    python -m benchmarks.sandbox [--quick]

- From start to the first output, in turns with bare bubblewrap, so that whatever else the machine does meets both; then
  ``podman run`` over the same root, where there is podman (runc, cgroupfs).
- Commands a second on two processors, through the room's door.
- 1,000 runs (300 with ``--quick``) that are cancelled, met by their limits or killed process by process, in programs
  that are killed with SIGKILL themselves: what is left, alive, mounted, grouped or on disk, after the next has swept.
- Inspect's own 44 checks and the attempts to get out are tests; without ``--quick`` they are run and counted here.

Exits 1 if a bar does not hold. One JSON line last.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from benchmarks.sandbox_parts import kills, speed

from seatrial.sandbox import api
from seatrial.sandbox.adapters import machine

CORES = 2
FIRST_MS, PODMAN_RATIO, PER_SECOND, CHECKS, ATTEMPTS = 12.0, 15.0, 150, 44, 40
TESTS = {
    "Inspect's checks passed": (f">= {CHECKS}", "tests/conformance/test_inspect_sandbox.py", "self_check"),
    "attempts held": (f">= {ATTEMPTS}", "tests/integration/sandbox/test_escapes.py", "no_attempt_gets_out"),
}


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SEATRIAL_HOME": home, "DJANGO_SETTINGS_MODULE": "seatrial.config.django"}
        reason = api.available()
        if reason is None:
            return measure(quick="--quick" in sys.argv[1:])
    print(reason, file=sys.stderr)
    return 1


def measure(*, quick: bool) -> int:
    rounds, seconds, runs = (150, 4.0, 300) if quick else (1000, 20.0, 1000)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    policy = machine.policy(())
    ours, bare = asyncio.run(speed.compare(policy, rounds))
    peer = speed.podman(10 if quick else 50)
    per_second = asyncio.run(speed.throughput(seconds, 2 * CORES))
    left = kills.leftovers(runs, seed=1)
    tests = {} if quick else {name: _passed(path, words) for name, (_, path, words) in TESTS.items()}

    print(f"{'':12} {'first output':>14} {'p95':>8} {'to the end':>12}   (ms, median of {rounds})")
    for name, taken in (("ours", ours), ("bubblewrap", bare), ("podman", peer)):
        print(f"{name:12} {taken}" if isinstance(taken, str) else f"{name:12} {_line(taken)}")
    print(f"{per_second:.0f} commands/s on {CORES} processors; left after kills: {left}; {tests}")

    first = _median(ours)
    bars = {
        "first output, ms, median": _bar(f"<= {FIRST_MS:g}", round(first, 2), first <= FIRST_MS),
        "commands a second": _bar(f">= {PER_SECOND}", round(per_second), per_second >= PER_SECOND),
        "left after kills": _bar("0", _left(left), _left(left) == 0),
    }
    if not isinstance(peer, str):
        ratio = _median(peer) / first
        bars["times faster than podman run"] = _bar(f">= {PODMAN_RATIO:g}", round(ratio, 1), ratio >= PODMAN_RATIO)
    for name, (passed, failed) in tests.items():
        asked = TESTS[name][0]
        bars[name] = _bar(asked, passed, failed == 0 and passed >= int(asked.split()[1]))
    holds = all(bar["holds"] for bar in bars.values())
    print(
        json.dumps(
            {
                "claim": "a sandbox with every limit and a filter is fast, holds, and leaves nothing",
                "bars": bars,
                "holds": holds,
                "version": api.version(),
                "rounds": rounds,
                "processors": CORES,
                "bare_bubblewrap_first_ms": round(_median(bare), 2),
                "of_bare_bubblewrap": round(first / _median(bare), 2),
                "podman": peer if isinstance(peer, str) else round(_median(peer), 1),
                "to_the_end_ms": round(statistics.median(end for _, end in ours) * 1000, 2),
                "left": left,
                "skipped": sorted(TESTS) if quick else [],
            }
        )
    )
    return 0 if holds else 1


def _left(found: dict[str, int]) -> int:
    return sum(found[kind] for kind in ("processes", "mounts", "groups", "files"))


def _passed(path: str, words: str) -> tuple[int, int]:
    """Tests that passed and that did not (skipped and expected failures among them)."""
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "-rA", path]
    said = subprocess.run(line, capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^([A-Z]+) (\S+)", said, re.MULTILINE)
    chosen = [how for how, name in found if _is_one(name, words)]
    return chosen.count("PASSED"), len(chosen) - chosen.count("PASSED")


def _is_one(name: str, words: str) -> bool:
    if words != "self_check":
        return words in name
    import inspect_ai.util._sandbox.self_check as checks

    return name.rpartition("::")[2].partition("[")[0] in checks.__all__


def _bar(asked: str, measured: float, holds: bool) -> dict[str, Any]:
    return {"asked": asked, "measured": measured, "holds": holds}


def _median(taken: Sequence[tuple[float, float]]) -> float:
    return statistics.median(first for first, _ in taken) * 1000


def _line(taken: Sequence[tuple[float, float]]) -> str:
    firsts, ends = zip(*taken, strict=True)
    p95 = statistics.quantiles(firsts, n=20)[-1] * 1000
    return f"{_median(taken):14.2f} {p95:8.2f} {statistics.median(ends) * 1000:12.2f}"


if __name__ == "__main__":
    sys.exit(main())
