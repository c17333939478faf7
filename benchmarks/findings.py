"""The clearinghouse: intake, validation, deduplication, patches, on planted flaws and on real crashes.

    python -m benchmarks.findings [--quick]

1. *Intake*: reports a second in bulk, and nothing lost or doubled under ``kill -9`` (``findings_parts/intake.py``).
2. *Validation*: the planted corpus, true claims and decoys, each proof three times; proofs a second of prebuilt
   AddressSanitizer targets that end at once, over two processes (``findings_parts/validation.py``).
3. *Deduplication* of the planted flaws: by equal crashes alone, and with the fixes tried; beside it the rule that
   ClusterFuzz documents, on the same crashes (``findings_parts/alike.py``).
4. *Real crashes*: 2,471 OSS-Fuzz states; left out where the file is absent (``findings_parts/ossfuzz.py``).
5. *Patches*: honest ones pass, hostile ones are caught (``findings_parts/patches.py``).
6. *Volume*: 23,019 reports from a file to clusters (``findings_parts/volume.py``; sixty of them with ``--quick``).
7. *Nodes*: a batch judged by a Ray cluster of two nodes as by processes here; left out where Ray is not installed, and
   with ``--quick`` (``findings_parts/nodes.py``).

Exits 1 unless every bar holds. One JSON line last. ``--quick`` takes a sample of each that ends in a minute.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

CLAIM = "ten thousand reports come in, and true and distinct cases come out"


def parts(quick: bool) -> Mapping[str, Callable[..., dict[str, Any]]]:
    """Name → what measures it: ``measure(quick=…)`` returns ``{"bars": …, …}``."""
    from benchmarks.findings_parts import alike, intake, nodes, ossfuzz, patches, validation, volume

    from seatrial.sandbox import api as sandbox

    every: dict[str, Callable[..., dict[str, Any]]] = {
        "intake": intake.measure,
        "validation": validation.measure,
        "deduplication": alike.measure,
        "ossfuzz": ossfuzz.measure,
        "patches": patches.measure,
        "volume": volume.measure,
        "nodes": nodes.measure,
    }
    if not ossfuzz.DATA.exists():
        print(f"ossfuzz is left out: there is no {ossfuzz.DATA.name} here", flush=True)
        del every["ossfuzz"]
    if quick or not nodes.available():
        print(
            f"nodes is left out: {'it takes longer than a quick form may' if quick else 'Ray is not installed'}",
            flush=True,
        )
        del every["nodes"]
    if (reason := sandbox.available()) is not None:
        print(f"validation, patches, volume and nodes are left out: {reason}", flush=True)
        for name in ("validation", "patches", "volume", "nodes"):
            every.pop(name, None)
    return every


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "seatrial.config.django", "SEATRIAL_HOME": home}
        import django

        django.setup()
        return measured()


def measured() -> int:
    """Exit status."""
    quick = "--quick" in sys.argv[1:]
    only = [word for word in sys.argv[1:] if not word.startswith("-")]
    bars: dict[str, Any] = {}
    further: dict[str, Any] = {}
    for name, measure in parts(quick).items():
        if only and name not in only:
            continue
        begun = time.monotonic()
        found = measure(quick=quick)
        bars |= found.pop("bars")
        further[name] = {**found, "seconds": round(time.monotonic() - begun, 1)}
        print(f"{name}: {json.dumps(further[name])}", flush=True)
    holds = all(bar["holds"] for bar in bars.values())
    print(json.dumps({"claim": CLAIM, "bars": bars, "holds": holds, "quick": quick, **further}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
