"""The volume of the record: 23,019 reports go from files to clusters, and a kill in between loses nothing.

    python -m benchmarks.findings_parts.volume [--count N] [--executor processes:2]

Reports are the corpus's true claims, decoys, and claims without a proof (three in ten of each hundred are one of the
latter two), in the own format, from one lab with an account, as files of at most 10,000. They are imported, judged by a
process that is killed once on the way and begun again, and put into clusters; all of it is in the time.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COUNT, MINUTES = 23_019, 30.0
_A_FILE = 10_000


def measure(quick: bool) -> dict[str, Any]:
    count = 60 if quick else COUNT
    found = run(count, "processes:2")
    minutes = found["seconds_in_all"] / 60
    if quick:  # without the starts of processes, which are most of so short a run
        each = found["seconds_taking"] / count + found["seconds_judging"] / (count - found["judged_when_killed"])
        minutes = each * COUNT / 60
    return {
        "bars": {
            "minutes for 23,019 reports": {
                "asked": f"< {MINUTES:g}",
                "measured": round(minutes, 1),
                "holds": minutes < MINUTES,
            },
            "reports lost or left": {
                "asked": "0",
                "measured": count - found["judged"],
                "holds": found["judged"] == count,
            },
        },
        **found,
    }


def run(count: int, executor: str) -> dict[str, Any]:
    """Takes in, judges with a kill on the way, and says what came out."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "SEATRIAL_HOME": home,
            "SEATRIAL_EXECUTOR": executor,
            "SEATRIAL_REPORTS_ORGANISATION": str(10 * COUNT),
            "PYTHONPATH": str(ROOT),
        }
        begun = time.monotonic()
        taken = _child("take", count, environment)
        killed = _killed(count, environment)
        found = _child("judge", 0, environment)
        seconds = time.monotonic() - begun
        return {
            "reports": count,
            "taken": taken["taken"],
            "seconds_taking": taken["seconds"],
            "judged_when_killed": killed,
            "seconds_in_all": round(seconds, 1),
            **found,
        }


def _child(what: str, count: int, environment: dict[str, str]) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.findings_parts.volume", "--child", what, str(count)]
    said = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def _killed(count: int, environment: dict[str, str]) -> int:
    """Judges a part, then is killed outright with all that it started; how many were judged by then."""
    words = [sys.executable, "-m", "benchmarks.findings_parts.volume", "--child", "judge", "0"]
    victim = subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )
    assert victim.stdout is not None
    done = 0
    for line in victim.stdout:
        if line.startswith("judged "):
            done = int(line.split()[1])
            if done >= count // 3:
                break
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    return done


def documents(count: int) -> Iterator[tuple[dict[str, Any], Mapping[str, bytes]]]:
    """Reports, each its own, with the files that it names; those come beside it, once for all reports."""
    from benchmarks.findings_parts.corpus.recipes import recipes

    from seatrial.clearinghouse.proofs import api as proofs

    cases = list(recipes())
    for number, case in zip(range(count), itertools.cycle(cases), strict=False):
        said: dict[str, Any] = {
            "format": "seatrial-report/1",
            "title": f"{case.program}: finding {number} of the run",
            "description": f"Found by machine in run {number}; the proof says what happens.",
            "product": {"name": case.program},
        }
        if number % 10 != 9:  # one in ten comes without a proof
            said["proof"] = {"recipe": proofs.written(case.proof.recipe)}
            said["attachments"] = [
                {"name": key.removeprefix("sha256:"), "digest": str(key), "size": len(data)}
                for key, data in case.proof.attachments.items()
            ]
            yield said, {key.removeprefix("sha256:"): data for key, data in case.proof.attachments.items()}
        else:
            yield said, {}


def take(count: int) -> dict[str, Any]:
    from benchmarks.findings_parts.intake import prepare

    lab = prepare()
    from seatrial.clearinghouse.findings import api as findings
    from seatrial.kernel.clock import now

    taken, begun = 0, time.monotonic()
    every = documents(count)
    while several := list(itertools.islice(every, _A_FILE)):
        lines = "\n".join(json.dumps(said) for said, _ in several).encode()
        files = {name: partial(tuple, [data]) for _, named in several for name, data in named.items()}
        result = findings.import_file(pieces=[lines], files=files, at=now(), source="api", by=lab)
        taken += result.taken
        if result.refused:
            raise RuntimeError(next(item.why for item in result.items if item.refusal))
    return {"taken": taken, "seconds": round(time.monotonic() - begun, 2)}


def judge() -> dict[str, Any]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
    django.setup()
    from django.db.models import Count

    from seatrial.clearinghouse.triage import api as triage
    from seatrial.clearinghouse.triage.models import Judgement, Place, Turn

    Turn.objects.all().delete()  # a killed one's turn would be waited for; the time for that is no measure of anything
    moments: list[float] = []

    def progress(done: int, _left: int) -> None:
        moments.append(time.monotonic())
        print("judged", done, flush=True)

    triage.judge_waiting(progress=progress)
    latest = Judgement.objects.filter(latest=True)
    shown = Place.objects.filter(proven=0)
    return {
        "judged": latest.count(),
        "seconds_judging": round(moments[-1] - moments[0], 2) if moments else 0.0,
        "verdicts": dict(latest.values_list("verdict").annotate(Count("id"))),
        "reproduced": shown.count(),
        "clusters_of_reproduced": shown.values("cluster").distinct().count(),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(take(int(sys.argv[3])) if sys.argv[2] == "take" else judge()))
        raise SystemExit(0)
    wanted = int(sys.argv[sys.argv.index("--count") + 1]) if "--count" in sys.argv else COUNT
    how = sys.argv[sys.argv.index("--executor") + 1] if "--executor" in sys.argv else "processes:2"
    print(json.dumps(run(wanted, how)))
