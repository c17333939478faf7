"""A clearinghouse with an analyst, reports, and what a machine is to have found of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.proofs.types import CrashFacts, Exploitability, Frame, OracleKind, Run, Validation, Verdict
from seatrial.clearinghouse.triage import actions
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
    report: str, at: Any, verdict: Verdict = Verdict.REPRODUCED, *, crash: CrashFacts | None = OVERFLOW, key: str = ""
) -> str:
    """Takes down what a machine is to have found."""
    fired = {Verdict.REPRODUCED: 3, Verdict.FLAKY: 1}.get(verdict, 0)
    runs = tuple(Run(number < fired, 1, 0.01, b"", b"", "It crashed.") for number in range(3))
    shown = crash if fired else None
    validation = Validation(verdict, "It crashed.", runs, shown, digest(b"recipe"), digest(b"environment"))
    return actions.record_judgement(
        report=report,
        validation=validation,
        transcript={"format": "seatrial-transcript/1", "report": report},
        target=digest(b"target"),
        oracle=OracleKind.SANITIZER,
        over_network=False,
        key=key,
        at=at,
    )
