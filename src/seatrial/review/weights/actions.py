"""Every write of weights in transfer: offer, take a part in, hand over, give a part out, destroy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import Digest, parse_digest
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ItemKind, Standing
from seatrial.review.identity import api as identity

from .core.lifecycle import MACHINE
from .core.manifest import check, manifest_said, most_sealed, signed
from .core.rights import why_not_sent
from .models import FetchRow, PartRow, TransferRow
from .ports import Store
from .queries import SENDS, check_fetch, facts_of, known, manifest_of, part
from .types import WeightsManifest, WeightsPart, root_of

_INSTANCE = "instance"


@transaction.atomic
def offer(*, by: Actor, review: str, manifest: WeightsManifest, at: datetime, largest_part: int) -> str:
    """Begin a transfer of the weights that the consent pins; its id. Nobody can fetch anything of it yet.

    Every recipient's key must be in force and belong to a person whom the consent names. Raises ``Forbidden``,
    ``Refused`` (``not-sent``), ``Misuse`` (``manifest-invalid``).
    """
    cases.developer_of(by, review)
    standing = cases.standing(review, at)
    by.require(standing.developer, *SENDS, to="send weights")
    pinned = identity.manifest_of("", {file.path: file.digest for file in manifest.files}).digest
    check(manifest, pinned=pinned, largest_part=largest_part)
    _check_sent(standing, manifest.artefact)
    _check_recipients(standing, manifest)
    consent = standing.consent
    label = Label.among(standing.developer, standing.body)
    row = TransferRow.objects.create(
        review_id=review,
        manifest=canonical(manifest_said(manifest)).decode(),
        digest=manifest.digest,
        artefact=manifest.artefact,
        parts=manifest.parts,
        label=str(label.join(consent.label) if consent is not None else label),
        offered_at=at,
        offered_by_id=by.person,
    )
    facts = {"artefact": row.artefact, "manifest": row.digest, "parts": row.parts, "recipients": manifest.recipients}
    _record(row, "weights.offered", by.person, facts, at)
    return row.id


def keep_part(
    *, by: Actor, transfer: str, number: int, digest: str, pieces: Iterable[bytes], at: datetime, store: Store
) -> WeightsPart:
    """Take a sealed part in. Sending it again changes nothing; the bytes must come to ``digest``.

    Raises ``Refused`` (``not-sent``), ``Conflict`` (``part-known``) if another sealing of it has come, ``NotFound``,
    and what the store raises.
    """
    row, announced = known(by, transfer), parse_digest(digest)
    _check_open(by, row, at)
    if not 0 <= number < row.parts:
        raise NotFound("no-such-part", f"This transfer has parts 0 to {row.parts - 1:,}, and no part {number}.")
    before = PartRow.objects.filter(transfer=row, number=number).first()
    if before is not None:
        return _same(before, announced)
    size = store.put(row.id, number, announced, pieces, limit=most_sealed(manifest_of(row).part_bytes))
    with transaction.atomic():
        locked = _locked(row.id)
        if locked.destroyed_at is None and locked.completed_at is None:
            defaults = {"digest": announced, "size": size, "at": at}
            made, _ = PartRow.objects.get_or_create(transfer=locked, number=number, defaults=defaults)
            return _same(made, announced)
    if locked.destroyed_at is not None:
        store.remove(row.id)
    raise Refused("not-sent", "This transfer takes no parts any more.")


@transaction.atomic
def complete(*, by: Actor, transfer: str, at: datetime) -> None:
    """Hand the weights over: signed by the developer's signatory, listed among what left its hands, on the ledger.

    Raises ``Refused`` (``not-sent``, ``all-parts-there``, ``wrong-state``, and what ``cases.hand_over`` raises).
    """
    known(by, transfer)
    row = _locked(transfer)
    standing = cases.standing(row.review_id, at)
    _check_sent(standing, Digest(row.artefact))
    MACHINE.apply(facts_of(row, row.received.count()), "complete", None, at)
    digests = [Digest(one) for one in row.received.order_by("number").values_list("digest", flat=True)]
    root = root_of(digests)
    said = signed(row.review_id, row.id, Digest(row.digest), root)
    signature = parties.sign(by=by, organisation=standing.developer, statement=said, at=at)
    manifest = manifest_of(row)
    text = f"Weights in {len(manifest.files):,} files, {manifest.bytes:,} bytes ({row.id})."
    row.item = cases.hand_over(
        by=by,
        review=row.review_id,
        kind=ItemKind.WEIGHTS,
        text=text,
        holder=standing.body,
        artefact=row.artefact,
        at=at,
    )
    row.completed_at, row.completed_by_id, row.root, row.signature = at, by.person, root, plain(signature)
    facts = {"artefact": row.artefact, "manifest": row.digest, "parts": root, "item": row.item}
    row.log, row.index = _record(row, "weights.completed", by.person, facts, at)
    row.save()


@transaction.atomic
def begin_fetch(*, by: Actor, transfer: str, number: int, at: datetime) -> tuple[TransferRow, WeightsPart]:
    """Leave to read one part. The first of a person is on the ledger before a byte of it leaves.

    Raises ``Refused`` (``not-fetched``) with the reason, ``NotFound``.
    """
    known(by, transfer)
    row = _locked(transfer)
    check_fetch(by, row, at)
    found = part(row, number)
    fetched = FetchRow.objects.filter(transfer=row, person_id=by.person)
    if not fetched.update(last_at=at, parts=F("parts") + 1):
        FetchRow.objects.create(transfer=row, person_id=by.person, first_at=at, last_at=at, parts=1)
        _record(row, "weights.fetched", by.person, {"artefact": row.artefact, "item": row.item}, at)
    return row, found


def cancel(*, by: Actor, transfer: str, at: datetime, store: Store) -> None:
    """The developer takes it back: whatever of it is here is destroyed, and nobody fetches any more of it."""
    row = known(by, transfer)
    by.require(cases.standing(row.review_id, at).developer, *SENDS, to="take weights back")
    destroy(transfer=transfer, by=by.person, why="the developer took it back", at=at, store=store)


def destroy(*, transfer: str, why: str, at: datetime, store: Store, by: str = _INSTANCE) -> None:
    """Destroy every sealed part that is here, and say so on the ledger. Raises ``Refused`` (``wrong-state``)."""
    with transaction.atomic():
        row = _locked(transfer)
        MACHINE.apply(facts_of(row, 0), "destroy", None, at)
        store.remove(transfer)  # before the record says so; a crash in between is mended by doing it again
        facts = {"artefact": row.artefact, "parts": row.received.count(), "why": why}
        row.received.all().delete()
        row.destroyed_at, row.why = at, why
        row.save(update_fields=["destroyed_at", "why"])
        _record(row, "weights.destroyed", by, facts, at)


def _check_open(by: Actor, row: TransferRow, at: datetime) -> None:
    standing = cases.standing(row.review_id, at)
    by.require(standing.developer, *SENDS, to="send weights")
    _check_sent(standing, Digest(row.artefact))
    if row.destroyed_at is not None or row.completed_at is not None:
        raise Refused("not-sent", "This transfer takes no parts any more.")


def _check_sent(standing: Standing, artefact: Digest) -> None:
    why = why_not_sent(standing, artefact)
    if why is not None:
        raise Refused("not-sent", why)


def _check_recipients(standing: Standing, manifest: WeightsManifest) -> None:
    people = standing.consent.people if standing.consent is not None else frozenset()
    known_keys = {one.id for one in parties.recipients(people).values()}
    strange = [key for key in manifest.recipients if key not in known_keys]
    if strange:
        raise Misuse(
            "manifest-invalid",
            f"These weights cannot be sent: {strange[0]} is the key in force of nobody whom the consent names; "
            "leave it out, or have its holder register it.",
        )


def _same(row: PartRow, digest: Digest) -> WeightsPart:
    if row.digest != digest:
        raise Conflict("part-known", f"Part {row.number} has come already; ask which parts are missing.")
    return WeightsPart(row.number, Digest(row.digest), row.size)


def _locked(transfer: str) -> TransferRow:
    return TransferRow.objects.select_for_update().get(id=transfer)


def _record(row: TransferRow, kind: str, actor: str, facts: dict[str, Any], at: datetime) -> tuple[str, int]:
    entry = ledger.append(
        kind=kind,
        actor=actor,
        facts={"review": row.review_id, "transfer": row.id, **facts},
        label=Label.parse(row.label),
        at=at,
    )
    return entry.log, entry.index
