"""The signed papers of a review, each with its signatures, for whoever may read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor, Signature
from seatrial.review.cases.core.signed import destruction, further_signature
from seatrial.review.cases.models import ConsentRow, CountersignatureRow, Review
from seatrial.review.cases.types import Paper, PaperKind

from .rows import dutiful, no_such_review, visible


def papers(asking: Actor, review_id: str) -> tuple[Paper, ...]:
    """Consents, further signatures, partners' terms and attestations, in that order.

    To a trusted partner its own terms and attestations, until the developer withdraws. Raises ``NotFound``
    (``no-such-review``).
    """
    row = visible(asking).filter(id=review_id).first()
    if row is not None and asking.may_read(Label.parse(row.label)):
        return (*_consents(row), *_partners(row, None), *_attestations(row, None))
    row = dutiful(asking).filter(id=review_id, withdrawn_at=None).exclude(body_id__in=asking.organisations).first()
    if row is None or row.developer_id in asking.organisations:
        raise no_such_review(review_id)
    return (*_partners(row, asking.organisations), *_attestations(row, asking.organisations))


def _consents(row: Review) -> Iterator[Paper]:
    further = list[Paper]()
    for consent in sorted(row.consents.all(), key=lambda one: one.number):
        made = _given(consent, row.developer_id, consent.signed_by_id, consent.signed_at, Digest(consent.digest))
        yield Paper(PaperKind.CONSENT, str(consent.number), consent.statement, (made,))
        signed = sorted(consent.countersignatures.all(), key=lambda one: one.pk)
        if signed:
            said = further_signature(row.id, consent.digest)
            homes = {"developer": row.developer_id, "body": row.body_id}
            given = (_given(one, homes[one.side], one.person_id, one.at, digest_of(said)) for one in signed)
            further.append(Paper(PaperKind.FURTHER, str(consent.number), canonical(said).decode(), tuple(given)))
    yield from further


def _partners(row: Review, only: frozenset[str] | None) -> Iterator[Paper]:
    for partner in sorted(row.partners.all(), key=lambda one: one.organisation_id):
        if partner.statement and (only is None or partner.organisation_id in only):
            given = (partner.developer_signature, partner.body_signature)
            signatures = tuple(_kept(one) for one in given if one is not None)
            yield Paper(PaperKind.PARTNER, partner.organisation_id, partner.statement, signatures)


def _attestations(row: Review, only: frozenset[str] | None) -> Iterator[Paper]:
    for item in sorted(row.items.all(), key=lambda one: (one.listed_at, one.id)):
        if item.signature is not None and (only is None or item.holder_id in only):
            said = destruction(row.id, item.id, item.digest, item.attestation)
            yield Paper(PaperKind.DESTRUCTION, item.id, canonical(said).decode(), (_kept(item.signature),))


def _given(row: ConsentRow | CountersignatureRow, home: str, person: str, at: Any, statement: Digest) -> Signature:
    return Signature(home, person, at, statement, row.public_key, row.signature)


def _kept(said: Mapping[str, Any]) -> Signature:
    return Signature(**{**said, "at": parse_time(said["at"]), "statement": Digest(said["statement"])})
