"""The intake: reports a second in bulk into SQLite with the ledger on, and what ``kill -9`` at random moments loses.

    python -m benchmarks.findings_parts.intake speed 10000
    python -m benchmarks.findings_parts.intake kills 50 [seed]

``speed``: one call with so many reports as JSON lines, in the own format, by a lab with an account, on a fresh instance
(WAL, ``synchronous=FULL``); reading, checking, quotas, rows, Merkle roots and ledger entries are all in the time. Then
the same file again, which is known by then. ``kills``: each round a process takes a new file in parts and writes down
each part's answer once it has it, until it is killed at a random moment; another one sends the whole file again. Lost
is an answered report that does not stand; twice is one that came to stand twice, or was answered with another id.
Parts hold 40 reports here, so that many kills fall between two.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PART, IN_A_ROUND = 40, 320
A_SECOND = 500


def report(number: int, text: str) -> dict[str, Any]:
    """A report of about a kilobyte, as a fuzzing pipeline sends them."""
    return {
        "format": "seatrial-report/1",
        "title": f"heap-buffer-overflow in chunk reader, finding {text} {number}",
        "description": f"Run {number}: a length that is not checked writes past the end of the buffer. " * 6,
        "product": {"name": "pngcut", "vendor": "Cutters", "purl": f"pkg:generic/pngcut@1.{number % 40}"},
        "versions": [f"1.{number % 40}"],
        "weaknesses": ["CWE-787"],
        "severity": {"word": "high"},
        "proof": {"text": f"pngcut < crash-{number:08x}", "recipe": {"format": "seatrial-proof/1", "number": number}},
        "credits": [{"name": "Fuzzing farm", "type": "TOOL"}],
        "chain": [{"organisation": "Lab North", "identifier": f"LN-{number}"}],
    }


def lines(count: int, text: str) -> bytes:
    return "\n".join(json.dumps(report(number, text)) for number in range(count)).encode()


def prepare() -> Any:
    """An instance of its own with a lab; who reports for it."""
    import django
    from django.core.management import call_command
    from django.db import connection

    os.environ["DJANGO_SETTINGS_MODULE"] = "seatrial.config.django"
    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        modes = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    if modes != ["wal", 2]:
        raise RuntimeError(f"not measured as claimed: {modes}")

    from seatrial.kernel.clock import now
    from seatrial.parties import api as parties
    from seatrial.parties.types import OrganisationKind, Role

    operator, at = parties.operator(), now()
    parties.create_organisation(by=operator, name="Lab", kind=OrganisationKind.DEVELOPER, at=at, id="lab")
    parties.add_person(by=operator, name="Gwen", email="g@lab.example", password="a long boat here", at=at, id="gwen")
    parties.give_role(by=operator, person="gwen", organisation="lab", role=Role.SECURITY, at=at)
    return parties.actor("gwen")


def speed(count: int) -> dict[str, Any]:
    lab = prepare()
    from seatrial.clearinghouse.findings import api as findings
    from seatrial.kernel.clock import now
    from seatrial.ledger import api as ledger

    data, figures = lines(count, "speed"), {}
    for name in ("taken", "known"):
        started, busy = time.perf_counter(), time.process_time()
        made = findings.import_file(pieces=[data], by=lab, at=now(), source="bench")
        figures[f"{name}_a_second"] = round(count / (time.perf_counter() - started))
        figures[f"{name}_a_cpu_second"] = round(count / (time.process_time() - busy))
        if getattr(made, name) != count:
            raise RuntimeError(f"{getattr(made, name)} of {count} were {name}")
    if ledger.audit().fault is not None:
        raise RuntimeError("the ledger does not add up")
    return figures


def kills(count: int, seed: int) -> dict[str, Any]:
    """Rounds until so many processes were killed while they took a file in."""
    from django.db import connections

    lab = prepare()
    connections.close_all()  # what is open must not be shared with a child
    dice, killed, rounds = random.Random(seed), 0, 0
    lost = twice = unkilled = 0
    longest = 0.3
    while killed < count:
        data = lines(IN_A_ROUND, f"round {rounds}")
        rounds += 1
        started = time.perf_counter()
        answered, was_killed = _taking(lab, data, after=dice.uniform(0, longest))
        if was_killed:
            killed += 1
        else:
            unkilled += 1
            longest = max(0.05, (time.perf_counter() - started) * 0.9)
        if unkilled > count:
            raise RuntimeError("too few were still at work when they were to be killed")
        again, _ = _taking(lab, data, after=None)
        if len(again) != IN_A_ROUND:
            raise RuntimeError(f"only {len(again)} of {IN_A_ROUND} were answered at last")
        lost += sum(again[place][0] != "known" for place in answered)
        twice += sum(again[place][1] != said[1] for place, said in answered.items())
    from seatrial.clearinghouse.findings.models import Report
    from seatrial.ledger import api as ledger

    standing = Report.objects.count()
    twice += standing - len(set(Report.objects.values_list("content_digest", flat=True)))
    missing = rounds * IN_A_ROUND - standing
    if ledger.audit().fault is not None:
        raise RuntimeError("the ledger does not add up")
    return {"kills": killed, "lost": lost + missing, "twice": twice, "reports": standing}


def _taking(lab: Any, data: bytes, *, after: float | None) -> tuple[dict[str, tuple[str, str]], bool]:
    """A process takes ``data`` in and is killed ``after`` so many seconds; what it had answered, and whether it was."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _take(lab, data, writing)
        finally:
            os._exit(0)
    os.close(writing)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    found = {}
    for line in said.split(b"\n")[:-1]:  # a line that was cut was no answer
        for pointer, outcome, report_id in json.loads(line):
            found[pointer] = (outcome, report_id)
    return found, os.WIFSIGNALED(status)


def _take(lab: Any, data: bytes, writing: int) -> None:
    from seatrial.clearinghouse.findings import api as findings
    from seatrial.clearinghouse.findings.actions import receiving
    from seatrial.kernel.clock import now

    receiving.AT_ONCE = PART
    for part in findings.import_parts(data=data, by=lab, at=now(), source="bench")[1]:
        answer = [[item.pointer, item.outcome, item.report] for item in part]
        os.write(writing, json.dumps(answer).encode() + b"\n")


def measure(quick: bool) -> dict[str, Any]:
    """The bars of the intake, each measured in a process and an instance of its own."""
    kills = 2 if quick else 50
    taken, survived = _run("speed", "1000" if quick else "10000"), _run("kills", str(kills))
    return {
        "bars": {
            "reports taken in a second": {
                "asked": f">= {A_SECOND}",
                "measured": taken["taken_a_second"],
                "holds": taken["taken_a_second"] >= A_SECOND,
            },
            "lost under kill -9": {"asked": "0", "measured": survived["lost"], "holds": not survived["lost"]},
            "taken twice": {"asked": "0", "measured": survived["twice"], "holds": not survived["twice"]},
            "kills": {"asked": f">= {kills}", "measured": survived["kills"], "holds": survived["kills"] >= kills},
        },
        **taken,
        "reports_under_kills": survived["reports"],
    }


def _run(*words: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="seatrial-intake-") as home:
        environment = {**os.environ, "SEATRIAL_HOME": home}
        environment.pop("SEATRIAL_DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.findings_parts.intake", *words],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    what, count = sys.argv[1], int(sys.argv[2])
    print(json.dumps(speed(count) if what == "speed" else kills(count, int(sys.argv[3]) if sys.argv[3:] else 1)))
