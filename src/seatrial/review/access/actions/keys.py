"""Keys, and the developer's credential."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.access.core.decision import stands
from seatrial.review.access.core.keys import new_key
from seatrial.review.access.core.sentences import SENTENCES
from seatrial.review.access.models import AccessKey, UpstreamCredential
from seatrial.review.access.ports import Sealer
from seatrial.review.access.types import KeyFacts, NewKey, Why
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED, ReviewState, Standing


@transaction.atomic
def issue_key(*, by: Actor, review: str, purpose: str, at: datetime) -> NewKey:
    """A fresh key for oneself, as one of the body's people or of a trusted partner's.

    Raises ``NotFound`` (``no-such-review``) and ``Refused`` (a ``Why``).
    """
    standing = _standing_to_call_under(by, review, at)
    consent = standing.consent
    if consent is None or standing.state in ENDED or standing.state is ReviewState.CONTAINED:
        facts = KeyFacts("", by.person, review, standing.home, purpose, False, at, by)
        why = stands(standing, facts, at) or Why.NO_CONSENT
        raise Refused(why.value, SENTENCES[why])
    if by.person not in consent.people:
        raise Refused(Why.NOT_NAMED.value, SENTENCES[Why.NOT_NAMED])
    if purpose not in consent.purposes:
        named = ", ".join(sorted(consent.purposes))
        raise Refused(Why.PURPOSE, f"The consent does not name the purpose {purpose!r}; it names {named}.")
    key_id, text = new_key()
    label = standing.label
    AccessKey.objects.create(
        id=key_id,
        digest=digest(text.encode()),
        person=by.person,
        review=review,
        developer=standing.developer,
        body=standing.body,
        home=standing.home,
        purpose=purpose,
        label=str(label),
        issued_at=at,
    )
    ledger.append(
        kind="access.key-issued",
        actor=by.person,
        facts={"key": key_id, "review": review, "person": by.person, "purpose": purpose, "consent": consent.digest},
        label=label,
        at=at,
    )
    return NewKey(key_id, text, by.person, review, purpose)


@transaction.atomic
def revoke_key(*, by: Actor, key: str, at: datetime) -> None:
    """End a key: its holder, the developer's security or governance, or the body's intake or authority.

    Revoking again changes nothing. Raises ``NotFound`` (``no-such-key``).
    """
    row = AccessKey.objects.select_for_update().filter(id=key).first()
    if row is None or not (
        row.person == by.person
        or by.has(Role.SECURITY, row.developer)
        or by.has(Role.GOVERNANCE, row.developer)
        or by.has(Role.INTAKE, row.body)
        or by.has(Role.AUTHORITY, row.body)
    ):
        raise NotFound("no-such-key", f"There is no access key {key!r} that you may revoke; name the key's id (key-…).")
    if row.revoked_at is not None:
        return
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    ledger.append(
        kind="access.key-revoked",
        actor=by.person,
        facts={"key": row.id, "review": row.review, "person": row.person},
        label=Label.parse(row.label),
        at=at,
    )


@transaction.atomic
def set_upstream_credential(*, by: Actor, review: str, credential: str, at: datetime, sealer: Sealer) -> None:
    """Keep, sealed, the secret with which the gateway calls the developer's endpoint; a later one replaces it.

    The entry goes to the developer's own log, and says only that it was set. Raises ``NotFound``, ``Forbidden``
    (``role-missing``) and ``Misuse`` (``bad-credential``).
    """
    standing = _standing_seen_by(by, review, at)
    by.require(standing.developer, Role.SECURITY, Role.GOVERNANCE, to="set the endpoint's credential")
    if not credential.strip() or not credential.isascii() or not credential.isprintable():
        raise Misuse("bad-credential", "The credential must be printable ASCII text, as it stands after 'Bearer '.")
    UpstreamCredential.objects.update_or_create(
        review=review,
        defaults={"sealed": sealer.seal(credential.strip(), review), "set_by": by.person, "set_at": at},
    )
    ledger.append(
        log=standing.developer,
        kind="access.credential-set",
        actor=by.person,
        facts={"review": review},
        label=Label.among(standing.developer),
        at=at,
    )


def _standing_seen_by(by: Actor, review: str, at: datetime) -> Standing:
    """Raises ``NotFound`` (``no-such-review``), also for a review that ``by`` must not know of."""
    cases.review(by, review, at)
    return cases.standing(review, at)


def _standing_to_call_under(by: Actor, review: str, at: datetime) -> Standing:
    """The same, for whoever may call: a trusted partner's people know of nothing but their own grant."""
    for invitation in cases.invitations(by, at):
        if invitation.review == review and by.person in invitation.terms.people:
            return cases.standing(review, at, home=invitation.partner)
    return _standing_seen_by(by, review, at)
