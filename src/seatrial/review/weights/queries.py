"""Every read of weights in transfer: for the developer's people and the body's, while they may know of the review."""

from __future__ import annotations

import json
from datetime import datetime

from django.db.models import Count

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Standing

from .core.lifecycle import Transfer, state_of
from .core.manifest import manifest_from
from .core.rights import why_destroyed, why_not_fetched, why_not_sent
from .models import FetchRow, PartRow, TransferRow
from .types import TransferState, TransferView, WeightsFetch, WeightsManifest, WeightsPart

SENDS = (Role.SECURITY, Role.GOVERNANCE, Role.SIGNATORY)


def transfers(asking: Actor, review: str, now: datetime) -> tuple[TransferView, ...]:
    """All of a review, newest first. Raises ``NotFound`` (``no-such-review``)."""
    cases.developer_of(asking, review)
    rows = TransferRow.objects.filter(review_id=review).order_by("-offered_at", "-id")
    rows = rows.annotate(count=Count("received", distinct=True)).prefetch_related("fetches")
    known_ones = [row for row in rows if _may_know(asking, row)]
    if not known_ones:
        return ()
    standing = cases.standing(review, now)
    return tuple(_view(row, row.count, asking, standing, now) for row in known_ones)


def transfer(asking: Actor, transfer_id: str, now: datetime) -> TransferView:
    """Raises ``NotFound`` (``no-such-transfer``), also for one the asker may not know of."""
    row = known(asking, transfer_id)
    return _view(row, row.received.count(), asking, cases.standing(row.review_id, now), now)


def manifest(asking: Actor, transfer_id: str) -> WeightsManifest:
    """What is sent, file by file. Raises ``NotFound`` (``no-such-transfer``)."""
    return manifest_of(known(asking, transfer_id))


def parts(asking: Actor, transfer_id: str) -> tuple[WeightsPart, ...]:
    """The sealed parts that have come, by number. Raises ``NotFound`` (``no-such-transfer``)."""
    rows = PartRow.objects.filter(transfer=known(asking, transfer_id)).order_by("number")
    return tuple(
        WeightsPart(number, Digest(digest), size)
        for number, digest, size in rows.values_list("number", "digest", "size")
    )


def part(row: TransferRow, number: int) -> WeightsPart:
    """Raises ``NotFound`` (``no-such-part``)."""
    found = PartRow.objects.filter(transfer=row, number=number).first()
    if found is None:
        raise NotFound("no-such-part", f"Part {number} of this transfer is not here.")
    return WeightsPart(found.number, Digest(found.digest), found.size)


def known(asking: Actor, transfer_id: str) -> TransferRow:
    """The row, for whoever may know of it. Raises ``NotFound`` (``no-such-transfer``)."""
    row = TransferRow.objects.filter(id=transfer_id).first()
    if row is not None and _may_know(asking, row):
        try:
            cases.developer_of(asking, row.review_id)
        except NotFound:
            pass
        else:
            return row
    raise NotFound("no-such-transfer", f"There is no transfer {transfer_id[:80]!r} that you may see.")


def check_fetch(asking: Actor, row: TransferRow, now: datetime) -> None:
    """That ``asking`` may fetch parts of it at ``now``. Raises ``Refused`` (``not-fetched``) with the reason."""
    state = state_of(facts_of(row, 0), now)
    if state is not TransferState.COMPLETE:
        said = "is not complete yet" if state is TransferState.OFFERED else f"was destroyed here: {row.why}"
        raise Refused("not-fetched", f"This transfer {said}.")
    why = why_not_fetched(cases.standing(row.review_id, now), Digest(row.artefact), asking, now)
    if why is not None:
        raise Refused("not-fetched", why)


def overdue(now: datetime) -> tuple[tuple[str, str], ...]:
    """Transfers that this instance must not keep any longer, each with the reason, for the house itself."""
    rows = TransferRow.objects.filter(destroyed_at=None).order_by("id").values_list("id", "review_id")
    kept = list(rows)
    standings = cases.standings({(review, None) for _, review in kept}, now)
    found = ((transfer, why_destroyed(standings[review, None])) for transfer, review in kept)
    return tuple((transfer, why) for transfer, why in found if why is not None)


def manifest_of(row: TransferRow) -> WeightsManifest:
    """What the row's text says."""
    return manifest_from(json.loads(row.manifest))


def facts_of(row: TransferRow, received: int) -> Transfer:
    """What the rules need of a row."""
    return Transfer(row.parts, received, row.completed_at is not None, row.destroyed_at is not None)


def _may_know(asking: Actor, row: TransferRow) -> bool:
    return asking.may_read(Label.parse(row.label))


def _view(row: TransferRow, received: int, asking: Actor, standing: Standing, now: datetime) -> TransferView:
    said, state = manifest_of(row), state_of(facts_of(row, received), now)
    fetches = sorted(row.fetches.all(), key=lambda one: (one.first_at, one.pk))
    names = parties.names({row.offered_by_id, row.completed_by_id or "", *(one.person_id for one in fetches)})
    return TransferView(
        id=row.id,
        review=row.review_id,
        developer=standing.developer,
        body=standing.body,
        state=state,
        artefact=said.artefact,
        manifest=Digest(row.digest),
        files=len(said.files),
        bytes=said.bytes,
        part_bytes=said.part_bytes,
        parts=row.parts,
        received=received,
        recipients=said.recipients,
        offered_at=row.offered_at,
        offered_by=names.get(row.offered_by_id, row.offered_by_id),
        completed_at=row.completed_at,
        completed_by=names.get(row.completed_by_id or "", row.completed_by_id),
        root=Digest(row.root) if row.root else None,
        signature=row.signature,
        item=row.item,
        destroyed_at=row.destroyed_at,
        why=row.why,
        log=row.log,
        index=row.index,
        fetches=tuple(_fetch(one, names) for one in fetches),
        may=_may(row, state, received, asking, standing, now),
    )


def _fetch(one: FetchRow, names: dict[str, str]) -> WeightsFetch:
    return WeightsFetch(one.person_id, names.get(one.person_id, one.person_id), one.first_at, one.last_at, one.parts)


def _may(
    row: TransferRow, state: TransferState, received: int, asking: Actor, standing: Standing, now: datetime
) -> frozenset[str]:
    ours = any(asking.has(role, standing.developer) for role in SENDS)
    artefact, found = Digest(row.artefact), set[str]()
    if ours and state is TransferState.OFFERED and why_not_sent(standing, artefact) is None:
        found.add("send" if received < row.parts else "complete")
    if ours and state is not TransferState.DESTROYED:
        found.add("cancel")
    if state is TransferState.COMPLETE and why_not_fetched(standing, artefact, asking, now) is None:
        found.add("fetch")
    return frozenset(found)
