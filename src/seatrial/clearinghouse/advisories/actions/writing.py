"""Drafting an advisory from a case, editing it, and handing it to a second person and back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.advisories.core.content import read, written
from seatrial.clearinghouse.advisories.core.drafting import Source, drafted
from seatrial.clearinghouse.advisories.models import Advisory
from seatrial.clearinghouse.advisories.types import AdvisoryState
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.text import checked
from seatrial.parties.types import Actor

from .keeping import check_version, locked, moved, record, require_analyst, take


@transaction.atomic
def draft(*, by: Actor, case: str, at: datetime) -> str:
    """An advisory drafted from a case: products, flaws, severities and credits as its findings say. Returns its id.

    Raises ``Forbidden`` (``role-missing``), ``NotFound`` (``no-such-case``).
    """
    require_analyst(by, to="draft an advisory")
    found = coordination.case(by, case, at)
    sources = [one for subject in found.about if (one := _source(by, subject)) is not None]
    content = drafted(title=found.title, summary=found.summary[:20_000], product=found.product, sources=sources)
    kept = written(read(written(content)))  # what reports say passes the same checks as what people write
    row = Advisory(
        tracking=f"SEATRIAL-{at.year}-{take(f'tracking-{at.year}'):04}",
        case_id=found.id,
        state=AdvisoryState.DRAFT,
        content=kept,
        created_at=at,
        created_by=by.person,
        edited_at=at,
        edited_by=by.person,
    )
    row.save(force_insert=True)
    record(row, "drafted", by, at, content=digest(canonical(kept)), subjects=len(found.about))
    return row.id


@transaction.atomic
def edit(*, by: Actor, advisory: str, version: int, content: object, at: datetime, summary: str = "") -> int:
    """Replace what is being written; ``summary`` says of a revision what changed. Returns the new version.

    Gaps may remain. Raises ``Conflict`` (``changed-meanwhile``), ``Misuse`` (``bad-content``, ``bad-text``),
    ``Refused`` (``wrong-state``).
    """
    row = locked(by, advisory)
    check_version(row, version)
    moved(row, "edit", by, at)
    row.content = written(read(content))
    row.summary = checked("What changed", summary, longest=500, lines=False, optional=True)
    row.version += 1
    row.save()
    record(row, "edit", by, at, content=digest(canonical(row.content)), version=row.version)
    return row.version


@transaction.atomic
def submit(*, by: Actor, advisory: str, version: int, at: datetime) -> None:
    """Hand it to a second person, as it stands in ``version``.

    Raises ``Conflict`` (``changed-meanwhile``), ``Refused`` (``nothing-missing``, ``wrong-state``).
    """
    row = locked(by, advisory)
    check_version(row, version)
    moved(row, "submit", by, at)
    row.returned_why = ""
    row.save()
    record(row, "submit", by, at, content=digest(canonical(row.content)), version=row.version)


@transaction.atomic
def give_back(*, by: Actor, advisory: str, why: str, at: datetime) -> None:
    """Back to whoever writes it. Raises ``Refused`` (``says-why``, ``wrong-state``)."""
    row = locked(by, advisory)
    words = checked("The reason", why, longest=5_000, optional=True)
    moved(row, "return", by, at, words)
    row.returned_why = words
    row.save()
    record(row, "return", by, at, why=words)


@transaction.atomic
def revise(*, by: Actor, advisory: str, at: datetime, version: int | None = None) -> None:
    """Begin a further revision of what is published, as it stands in ``version`` if one is named.

    Raises ``Conflict`` (``changed-meanwhile``), ``Refused`` (``wrong-state``).
    """
    row = locked(by, advisory)
    if version is not None:
        check_version(row, version)
    moved(row, "revise", by, at)
    row.summary = ""
    row.version += 1
    row.save()
    record(row, "revise", by, at, revision=row.revision)


def _source(by: Actor, subject: str) -> Source | None:
    """A report with what triage knows of it, nothing yet before it was judged; a cluster's reports are subjects too."""
    if not subject.startswith("report-"):
        return None
    try:
        found = triage.finding(by, subject)
    except NotFound:
        report = findings.report(by, subject)
        return Source(report.id, "", report.document, "")
    return Source(found.report.id, found.line.cluster, found.report.document, found.vector)
