"""The same batch judged by processes of this machine and by a Ray cluster of two nodes: the same verdicts and clusters.

    python -m benchmarks.findings_parts.nodes [--count N]

The nodes are two on loopback, of one processor each. Left out where Ray is not installed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COUNT = 500
_VOLUME = "benchmarks.findings_parts.volume"


def available() -> bool:
    """Whether Ray is installed."""
    return importlib.util.find_spec("ray") is not None


def measure(quick: bool) -> dict[str, Any]:
    return run(20 if quick else COUNT)


def run(count: int) -> dict[str, Any]:
    """Judges ``count`` reports of the volume's twice, and compares."""
    here, seconds_here = _judged("processes:2", count)
    with _two_nodes() as address:
        there, seconds_there = _judged(f"ray:2@{address}", count)
    differing = [title for title in here.keys() | there.keys() if here.get(title) != there.get(title)]
    return {
        "bars": {
            "reports that two Ray nodes judge otherwise": {
                "asked": "0",
                "measured": len(differing),
                "holds": not differing and len(here) == count,
            },
        },
        "reports": count,
        "clusters": len({cluster for _, cluster in here.values()}),
        "seconds_processes": seconds_here,
        "seconds_ray": seconds_there,
    }


def _judged(executor: str, count: int) -> tuple[dict[str, tuple[str, str]], float]:
    """Title → verdict and the first title of its cluster; seconds of judging, the start of judges included."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "SEATRIAL_HOME": home,
            "SEATRIAL_EXECUTOR": executor,
            "SEATRIAL_REPORTS_ORGANISATION": str(10 * COUNT),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
        }
        _said([_VOLUME, "--child", "take", str(count)], environment)
        begun = time.monotonic()
        _said([_VOLUME, "--child", "judge", "0"], environment)
        seconds = round(time.monotonic() - begun, 1)
        found = _said(["benchmarks.findings_parts.nodes", "--child"], environment)
        return {title: (verdict, cluster) for title, verdict, cluster in found}, seconds


def _said(words: list[str], environment: dict[str, str]) -> Any:
    line = [sys.executable, "-m", *words]
    said = subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return json.loads(said.stdout.splitlines()[-1])


@contextlib.contextmanager
def _two_nodes() -> Iterator[str]:
    """The address of a cluster whose nodes find our code."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DISABLE_IMPORT_WARNING": "1"}
    os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    try:
        yield str(made.address)
    finally:
        made.shutdown()


def result() -> list[tuple[str, str, str]]:
    """What this instance holds: each report's title, verdict, and the first title of its cluster."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
    django.setup()
    from seatrial.clearinghouse.findings.models import Report
    from seatrial.clearinghouse.triage.models import Judgement, Place

    titles = dict(Report.objects.values_list("id", "title"))
    verdicts = dict(Judgement.objects.filter(latest=True).values_list("report_id", "verdict"))
    places = list(Place.objects.values_list("report_id", "cluster"))
    named: dict[str, str] = {}
    for report, cluster in places:
        named[cluster] = min(titles[report], named.get(cluster, titles[report]))
    return sorted((titles[report], verdicts[report], named[cluster]) for report, cluster in places)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(result()))
        raise SystemExit(0)
    print(json.dumps(run(int(sys.argv[sys.argv.index("--count") + 1]) if "--count" in sys.argv else COUNT)))
