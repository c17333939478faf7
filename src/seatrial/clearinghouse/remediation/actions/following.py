"""What matching finds is followed: exposures open and end. Entries are in each operator's own log, so that nobody else
can read, count or time them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.remediation.core.dates import due, rank
from seatrial.clearinghouse.remediation.models import ExposureRow, Followed, PaceRow
from seatrial.clearinghouse.remediation.queries.loading import pace_of, said_of
from seatrial.clearinghouse.remediation.types import Opened, Over
from seatrial.kernel.digests import digest_of
from seatrial.kernel.labels import Label
from seatrial.kernel.parts import in_parts
from seatrial.ledger import api as ledger

INSTANCE_ITSELF = "instance"
_BATCH = 500  # rows in one insert


@transaction.atomic
def follow(*, organisation: str, found: Sequence[Opened], mark: str, at: datetime) -> int:
    """``found`` is all that matching finds at an operator's at ``mark``; how many opened or ended. Idempotent."""
    Followed.objects.get_or_create(organisation_id=organisation, defaults={"mark": "", "at": at})
    followed = Followed.objects.select_for_update().get(organisation=organisation)
    here = {one.match for one in found}
    kept = ExposureRow.objects.filter(organisation=organisation).exclude(over=Over.GONE)
    gone = [match for match in kept.values_list("match", flat=True) if match not in here]
    changed = open_(opened=found, at=at) + end(matches=gone, at=at)
    followed.mark, followed.at = mark, at
    followed.save()
    return changed


@transaction.atomic
def open_(*, opened: Sequence[Opened], at: datetime) -> int:
    """Keep what was found; how many are new or open again. Idempotent: one ``match`` is one exposure.

    One that was gone opens again; what an answer ended stays so. What an advisory says by now is kept of all.
    """
    found = {one.match: one for one in opened}
    homes = {one.organisation for one in opened}
    paces = {row.organisation_id: pace_of(row) for row in PaceRow.objects.filter(organisation__in=homes)}
    changed: dict[str, list[str]] = defaultdict(list)
    known = {row.match: row for row in _rows(found)}
    new = []
    for match, one in found.items():
        row = known.get(match)
        if row is None:
            row = ExposureRow(match=match, organisation_id=one.organisation, since=one.at)
            new.append(row)
        told = _told(one)
        if match in known and row.over != Over.GONE and told == {name: getattr(row, name) for name in told}:
            continue
        for name, value in told.items():
            setattr(row, name, value)
        if match not in known or row.over == Over.GONE:
            row.over, row.over_at = "", None
            changed[row.organisation_id].append(row.id)
        if not row.over:
            row.due = due(paces.get(row.organisation_id), row.urgency, row.since, said_of(row))
        if match in known:
            row.save()
    ExposureRow.objects.bulk_create(new, batch_size=_BATCH)
    _record("remediation.exposed", changed, at)
    return sum(map(len, changed.values()))


@transaction.atomic
def end(*, matches: Iterable[str], at: datetime) -> int:
    """What matching finds no more is over; how many were not gone before. Idempotent."""
    changed: dict[str, list[str]] = defaultdict(list)
    for row in _rows(matches):
        if row.over != Over.GONE:
            if not row.over:
                row.over_at = at
            row.over, row.due = Over.GONE, None
            row.save(update_fields=["over", "over_at", "due"])
            changed[row.organisation_id].append(row.id)
    _record("remediation.gone", changed, at)
    return sum(map(len, changed.values()))


def _told(one: Opened) -> dict[str, object]:
    return {
        "advisory": one.advisory,
        "title": one.title,
        "urgency": one.urgency,
        "rank": rank(one.urgency),
        "system": one.system,
        "component": one.component,
        "version": one.version,
        "why": one.why,
        "action": one.action,
    }


def _rows(matches: Iterable[str]) -> list[ExposureRow]:
    rows: list[ExposureRow] = []
    for part in in_parts(sorted(set(matches))):
        rows += ExposureRow.objects.select_for_update().filter(match__in=part)
    return rows


def _record(kind: str, changed: dict[str, list[str]], at: datetime) -> None:
    for organisation, ids in sorted(changed.items()):
        ledger.append(
            log=organisation,
            kind=kind,
            actor=INSTANCE_ITSELF,
            facts={"count": len(ids), "exposures": digest_of(sorted(ids))},
            label=Label.among(organisation),
            at=at,
        )
