"""A clearinghouse with an analyst, reports, and what a machine is to have found of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.proofs.types import CrashFacts, Exploitability, Frame, OracleKind, Run, Validation, Verdict
from seatrial.clearinghouse.triage import actions
from seatrial.clearinghouse.triage.ports import Ran
from seatrial.kernel.digests import digest
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role

OVERFLOW = CrashFacts(
    "asan",
    "heap-buffer-overflow",
    "write",
    4,
    (Frame("decode", "decode.c", 12), Frame("main", "main.c", 40)),
    Exploitability.EXPLOITABLE,
    "heap-buffer-overflow(write)",
)


def clearinghouse(operator: Actor, at: datetime) -> Actor:
    """A clearinghouse, and its analyst Ann."""
    kind, name = OrganisationKind.CLEARINGHOUSE, findings.CLEARINGHOUSE
    parties.create_organisation(by=operator, name="Clearinghouse", kind=kind, at=at, id=name)
    parties.add_person(by=operator, name="Ann", email="ann@c.example", password="ann rows a boat", at=at, id="ann")
    parties.give_role(by=operator, person="ann", organisation=name, role=Role.ANALYST, at=at)
    return parties.actor("ann")


def reporting(start: datetime) -> Callable[..., str]:
    """Takes a report in, each an hour after the one before; its id."""
    numbers = count(1)

    def report(**said: Any) -> str:
        number = next(numbers)
        new = NewReport(
            **{
                "title": f"Flaw number {number} of the decoder",
                "description": "It writes past its end on long input.",
                "product": "decoder",
                **said,
            }
        )
        return findings.submit(report=new, at=start + timedelta(hours=number), source="api").report

    return report


def judge(
    report: str,
    at: Any,
    verdict: Verdict = Verdict.REPRODUCED,
    *,
    crash: CrashFacts | None = OVERFLOW,
    key: str = "",
    target: str = "target",
) -> str:
    """Takes down what a machine is to have found; crashes of one ``key`` are at the same line, others elsewhere."""
    fired = {Verdict.REPRODUCED: 3, Verdict.FLAKY: 1}.get(verdict, 0)
    runs = tuple(Run(number < fired, 1, 0.01, b"", b"", "It crashed.") for number in range(3))
    line = 1 + zlib.crc32((key or report).encode()) % 10_000
    shown = replace(crash, frames=(replace(crash.frames[0], line=line), *crash.frames[1:])) if fired and crash else None
    validation = Validation(verdict, "It crashed.", runs, shown, digest(b"recipe"), digest(b"environment"))
    return actions.record_judgement(
        report=report,
        validation=validation,
        ran=Ran(digest(target.encode()), OracleKind.SANITIZER, transcript={"report": report, "runs": []}),
        at=at,
    )
