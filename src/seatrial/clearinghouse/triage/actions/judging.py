"""What the machine found of a report is taken down: the verdict, the transcript, and what follows for its cluster."""

from __future__ import annotations

import zlib
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.proofs.types import Validation, Verdict
from seatrial.clearinghouse.triage.actions.linking import join_equal
from seatrial.clearinghouse.triage.actions.placing import place
from seatrial.clearinghouse.triage.actions.recording import note
from seatrial.clearinghouse.triage.core.likeness import Item, exact_key
from seatrial.clearinghouse.triage.models import Judgement
from seatrial.clearinghouse.triage.ports import Ran
from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import digest

MACHINE = "machine"
_SHOWN = (Verdict.REPRODUCED, Verdict.FLAKY)


@transaction.atomic
def record_judgement(*, report: str, validation: Validation, ran: Ran, at: datetime) -> str:
    """The judgement's id. An earlier one of the report stays and no longer counts."""
    Judgement.objects.filter(report=report, latest=True).update(latest=False)
    written = canonical(ran.transcript or {})
    shown = validation.crash if validation.verdict in _SHOWN else None
    row = Judgement.objects.create(
        report_id=report,
        verdict=validation.verdict,
        reason=validation.reason,
        fired=validation.fired,
        runs=len(validation.runs),
        oracle=ran.oracle or "",
        over_network=ran.over_network,
        crash=plain(shown) if shown else None,
        target=ran.target,
        key=exact_key(Item(report, ran.target, "", shown)) or "",
        recipe=validation.recipe,
        environment=validation.environment,
        transcript=zlib.compress(written),
        seconds=validation.seconds,
        at=at,
    )
    findings.judged(report=report, at=at)
    place([report])
    join_equal(report)
    facts = {
        "report": report,
        "judgement": row.id,
        "verdict": str(validation.verdict),
        "recipe": validation.recipe,
        "environment": validation.environment,
        "transcript": digest(written),
    }
    note("triage.judged", MACHINE, facts, [report], at)
    return row.id
