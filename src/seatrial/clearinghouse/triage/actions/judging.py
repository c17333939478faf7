"""What the machine found of a report is taken down: the verdict, the transcript, and what follows for its cluster."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.proofs.types import OracleKind, Validation, Verdict
from seatrial.clearinghouse.triage.actions.linking import MACHINE, join_by_machine
from seatrial.clearinghouse.triage.actions.placing import place
from seatrial.clearinghouse.triage.actions.recording import note
from seatrial.clearinghouse.triage.models import Judgement
from seatrial.clearinghouse.triage.types import LinkKind
from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import digest

_SHOWN = (Verdict.REPRODUCED, Verdict.FLAKY)


@transaction.atomic
def record_judgement(
    *,
    report: str,
    validation: Validation,
    transcript: Mapping[str, Any],
    target: str,
    oracle: OracleKind | None,
    over_network: bool,
    key: str,
    at: datetime,
) -> str:
    """The judgement's id. ``key`` is equal for reports of the same crash of the same target, empty for none to compare.

    An earlier judgement of the report stays and no longer counts.
    """
    Judgement.objects.filter(report=report, latest=True).update(latest=False)
    written = canonical(transcript)
    row = Judgement.objects.create(
        report_id=report,
        verdict=validation.verdict,
        reason=validation.reason,
        fired=validation.fired,
        runs=len(validation.runs),
        oracle=oracle or "",
        over_network=over_network,
        crash=plain(validation.crash) if validation.crash else None,
        target=target,
        key=key if validation.verdict in _SHOWN else "",
        recipe=validation.recipe,
        environment=validation.environment,
        transcript=zlib.compress(written),
        seconds=validation.seconds,
        at=at,
    )
    findings.judged(report=report, at=at)
    place([report])
    if row.key:
        twin = Judgement.objects.filter(key=row.key, latest=True).exclude(report=report).order_by("report_id").first()
        if twin is not None:
            reason = "Both proofs end in the same crash of the same target."
            join_by_machine(one=report, other=twin.report_id, kind=LinkKind.EXACT, reason=reason, at=at)
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
