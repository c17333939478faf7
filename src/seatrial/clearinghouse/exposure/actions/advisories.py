"""Advisories come in: statements are kept for what comes later, and matched with everything that is there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.exposure.core.keeping import to_text
from seatrial.clearinghouse.exposure.core.matching import Statements
from seatrial.clearinghouse.exposure.models import AdvisoryRow, HitRow, ReleaseRow, StatementRow
from seatrial.clearinghouse.exposure.types import AdvisoryRead, Release
from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label
from seatrial.kernel.parts import AT_ONCE, in_parts

from .meeting import ROWS, insert_many, meet, take_turn


@transaction.atomic
def learn_advisories(
    *, advisories: Sequence[tuple[AdvisoryRead, Digest]], label: Label, at: datetime
) -> tuple[str, ...]:
    """Keep what advisories say, in place of what they said before, and match it with every inventory; those that were
    new or have changed, by name. Who may read ``label`` sees their matches. A withdrawn one says nothing any more.

    For the house itself: whoever calls has checked who asks. Nothing is written to the ledger: what is learned follows
    from what was published.
    """
    take_turn()
    given = {read.id: (read, digest) for read, digest in advisories}
    known = _known(given)
    changed = {
        name: one
        for name, one in given.items()
        if name not in known or (known[name].digest, known[name].label) != (one[1], str(label))
    }
    rows = _kept(changed, known, label, at)
    since = _forgotten([rows[name].id for name in changed if name in known])
    insert_many(
        "INSERT INTO exposure_statementrow (advisory_id, package, data) VALUES (%s, %s, %s)",
        [
            (rows[name].id, statement.package, to_text(statement))
            for name, (read, _) in changed.items()
            for statement in read.statements
        ],
    )
    statements = Statements(one for read, _ in changed.values() for one in read.statements)
    releases: dict[Release, int] = {}
    for part in in_parts(sorted(statements.packages)):
        rows_of = ReleaseRow.objects.filter(package__in=part)
        for number, *words in rows_of.values_list("id", "package", "version", "scheme", "distro"):
            releases[Release(*words)] = number
    meet(releases, statements, {name: row.id for name, row in rows.items()}, at, since)
    return tuple(changed)


@transaction.atomic
def forget_advisories(*, names: Collection[str]) -> int:
    """Forget advisories and all their matches, as if they had never been; how many there were. For the house itself."""
    take_turn()
    known = _known(names)
    for part in in_parts(row.id for row in known.values()):
        AdvisoryRow.objects.filter(id__in=part).delete()
    return len(known)


def _known(names: Collection[str]) -> dict[str, AdvisoryRow]:
    found: dict[str, AdvisoryRow] = {}
    for part in in_parts(sorted(names)):
        found |= {row.name: row for row in AdvisoryRow.objects.filter(name__in=part)}
    return found


def _kept(
    changed: Mapping[str, tuple[AdvisoryRead, Digest]],
    known: Mapping[str, AdvisoryRow],
    label: Label,
    at: datetime,
) -> dict[str, AdvisoryRow]:
    rows = {name: known.get(name) or AdvisoryRow(name=name) for name in changed}
    for name, (read, digest) in changed.items():
        row = rows[name]
        row.revision, row.title, row.label, row.digest, row.at = read.revision, read.title, str(label), digest, at
        row.notes = json.dumps(read.notes, ensure_ascii=False)
    fields = ["revision", "title", "label", "digest", "notes", "at"]
    AdvisoryRow.objects.bulk_update([row for row in rows.values() if row.pk], fields, batch_size=AT_ONCE)
    AdvisoryRow.objects.bulk_create([row for row in rows.values() if not row.pk], batch_size=ROWS)
    return rows


def _forgotten(advisories: Sequence[int]) -> dict[tuple[int, int], datetime]:
    """Their statements and hits go; since when each spoke of each release."""
    since: dict[tuple[int, int], datetime] = {}
    for part in in_parts(advisories):
        gone = HitRow.objects.filter(advisory__in=part)
        since |= {(advisory, release): at for advisory, release, at in gone.values_list("advisory", "release", "since")}
        gone.delete()
        StatementRow.objects.filter(advisory__in=part).delete()
    return since
