"""Candidate patches are taken in, and what machines found of them is attached. Nothing is ever applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.proofs.types import PatchCheck
from seatrial.clearinghouse.triage.actions.judging import MACHINE
from seatrial.clearinghouse.triage.actions.linking import regroup
from seatrial.clearinghouse.triage.actions.recording import check_analyst, note
from seatrial.clearinghouse.triage.models import Patch, Relation
from seatrial.clearinghouse.triage.queries.places import readable_place
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.parties.types import Actor

MOST_BYTES = 1024**2


@transaction.atomic
def give_patch(*, by: Actor, report: str, diff: bytes, at: datetime) -> str:
    """Take in a unified diff that is to mend a report's flaw; its id. It is checked by machine when it is its turn.

    Raises ``Misuse`` (``bad-patch``), ``Conflict`` (``given-already``), ``Forbidden``, ``NotFound``.
    """
    check_analyst(by, to="give a patch to check")
    readable_place(by, report)
    if not diff.strip() or len(diff) > MOST_BYTES:
        raise Misuse("bad-patch", f"A patch is a unified diff of 1 to {MOST_BYTES} bytes; this has {len(diff)}.")
    known = digest(diff)
    if Patch.objects.filter(report=report, digest=known).exists():
        raise Conflict("given-already", f"The report {report} has this patch already.")
    row = Patch.objects.create(report_id=report, digest=known, diff=diff, by=by.person, at=at)
    note("triage.patch-given", by.person, {"report": report, "patch": row.id, "digest": known}, [report], at)
    return row.id


@transaction.atomic
def record_patch_check(
    *, patch: str, check: PatchCheck, stopped: Sequence[str], untouched: Sequence[str], at: datetime
) -> None:
    """Attach what was found. Reports whose proofs one patch silences are one flaw, those it leaves are not it."""
    row = Patch.objects.select_for_update().get(id=patch)
    row.verdict, row.reason, row.checked_at = check.verdict, check.reason, at
    row.checks = [[one.name, one.passed, one.why] for one in check.checks]
    row.stopped, row.untouched = sorted(stopped), sorted(untouched)
    row.save(update_fields=["verdict", "reason", "checked_at", "checks", "stopped", "untouched"])
    shown = dict.fromkeys(stopped, True) | dict.fromkeys(untouched, False)
    for report, same in shown.items():
        one, other = sorted((row.report_id, report))
        Relation.objects.update_or_create(
            one_id=one, other_id=other, patch=row.digest, defaults={"same": same, "at": at}
        )
    if shown:
        regroup([row.report_id, *shown])
    facts = {"patch": patch, "verdict": str(check.verdict), "environment": check.environment, "stopped": row.stopped}
    note("triage.patch-checked", MACHINE, facts, [row.report_id, *shown], at)
