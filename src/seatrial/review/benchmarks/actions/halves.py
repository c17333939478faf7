"""Two custodians open a sealed suite for a campaign: each release is on the ledger before the half is given out."""

from __future__ import annotations

import base64
from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Conflict, Misuse, Refused
from seatrial.kernel.halves import take
from seatrial.kernel.labels import Label
from seatrial.kernel.recipients import PrivateKey
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.benchmarks.actions.rows import locked, record
from seatrial.review.benchmarks.core.lifecycle import FINAL
from seatrial.review.benchmarks.core.sealing import context_of, read_sealed
from seatrial.review.benchmarks.core.unsealing import occasion_of, partner_of
from seatrial.review.benchmarks.models import Campaign, Half
from seatrial.review.benchmarks.ports import Shelf
from seatrial.review.benchmarks.queries import no_such_campaign
from seatrial.review.benchmarks.types import CampaignState, HandedHalf, ReleasedHalf


@transaction.atomic
def release_half(
    *, by: Actor, campaign: str, with_custodian: str, at: datetime, shelf: Shelf, instance: PrivateKey
) -> ReleasedHalf:
    """Record that ``by`` releases the half of his or her key for ``campaign``; then the half, wrapped to that key.

    Give it out once the transaction is committed: over HTTP the answer leaves after that.
    ``with_custodian`` is the other custodian's key, empty where there is no choice. Asked again it is released again,
    with another entry. Raises ``NotFound``, ``Misuse`` (``not-sealed``, ``not-a-custodian``, ``name-partner``) and
    ``Refused`` (``campaign-ended``).
    """
    row = _open(by, campaign)
    sealed = read_sealed(shelf.get(row.suite_id), row.suite_id)
    mine = _key_of(by, sealed.custodians)
    released = {Digest(one.key): Digest(one.partner) for one in row.halves.all() if one.key != mine}
    partner = partner_of(mine, sealed.custodians, released, with_custodian)
    pair = sealed.pair(mine, partner)
    Half.objects.update_or_create(
        campaign=row,
        key=mine,
        defaults={"person": by.person, "partner": partner, "released_at": at, "handed_at": None, "half": ""},
    )
    record(row, "benchmarks.half-released", by, at, suite=row.suite_id, key=mine, partner=partner)
    return ReleasedHalf(
        campaign=row.id,
        custodians=pair.custodians,
        half=base64.b64encode(pair.half_of(mine)).decode(),
        context=context_of(sealed.digest),
        occasion=occasion_of(row.id, sealed.digest),
        hand_to=instance.public.pem,
    )


@transaction.atomic
def hand_half(*, by: Actor, campaign: str, half: str, at: datetime, instance: PrivateKey) -> HandedHalf:
    """Keep the half that ``by`` opened, wrapped to this instance.

    Raises ``NotFound``, ``Misuse`` (``not-sealed``, ``bad-half``), ``Conflict`` (``half-not-released``) and ``Refused``
    (``campaign-ended``).
    """
    row = _open(by, campaign)
    mine = row.halves.filter(person=by.person).order_by("-released_at").first()
    if mine is None:
        raise Conflict("half-not-released", "You released no half for this campaign yet; release it first.")
    key = Digest(mine.key)
    take(half, key, instance, occasion=occasion_of(row.id, Digest(row.suite_id)))
    mine.half, mine.handed_at = half, at
    mine.save(update_fields=["half", "handed_at"])
    record(row, "benchmarks.half-handed", by, at, suite=row.suite_id, key=key)
    return HandedHalf(row.id, row.halves.filter(key=mine.partner, partner=key).exclude(half="").exists())


def forget_halves(row: Campaign) -> None:
    """The campaign has ended: nothing of the suite's key stays here."""
    row.halves.exclude(half="").update(half="")


def _open(by: Actor, campaign: str) -> Campaign:
    row = locked(campaign)
    if not by.may_read(Label.parse(row.label)):
        raise no_such_campaign(campaign)
    if not row.suite.sealed:
        raise Misuse("not-sealed", f"The suite of {campaign} lies open; there is nothing to release.")
    if CampaignState(row.state) in FINAL:
        raise Refused("campaign-ended", f"The campaign {campaign} has ended; no half is released for it any more.")
    return row


def _key_of(by: Actor, custodians: tuple[Digest, ...]) -> Digest:
    mine = [key for key, person in parties.recipient_holders(custodians).items() if person == by.person]
    in_force = parties.recipients_in_force(mine)
    if not in_force:
        raise Misuse(
            "not-a-custodian", "You hold no key of this suite that is in force; its custodians' keys are on the ledger."
        )
    return sorted(in_force)[0]
