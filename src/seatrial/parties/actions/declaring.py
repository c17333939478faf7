"""Declaring one's interests in a developer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Forbidden, Misuse
from seatrial.kernel.labels import Label
from seatrial.parties.core import declaration as rules
from seatrial.parties.models import Declaration, Membership
from seatrial.parties.queries import declaration_view
from seatrial.parties.queries import organisation as organisation_view
from seatrial.parties.types import Actor, DeclarationView, Interest, OrganisationKind

from .recording import record


@transaction.atomic
def declare(
    *, by: Actor, organisation: str, developer: str, interests: Sequence[Interest], at: datetime
) -> DeclarationView:
    """``by``, who belongs to ``organisation``, has these interests in ``developer``, or none if there are none.

    It replaces what they declared before and counts for twelve months. It informs that developer; no guard of
    anything reads it. The entry holds the number and the digest of the interests, not their words.
    """
    if not Membership.objects.filter(person_id=by.person, organisation_id=organisation).exists():
        raise Forbidden("not-of-organisation", f"Only people of {organisation} declare interests for it.")
    if organisation_view(organisation).kind not in rules.DECLARING:
        raise Misuse("declaration-invalid", "Interests are declared by people of a review body or a trusted partner.")
    if organisation_view(developer).kind is not OrganisationKind.DEVELOPER:
        raise Misuse("declaration-invalid", f"{developer} is no developer; interests are declared about developers.")
    kept = rules.check(interests)
    row = Declaration.objects.create(
        person_id=by.person,
        organisation_id=organisation,
        developer_id=developer,
        interests=plain(kept),
        declared_at=at,
        valid_until=at + rules.VALID_FOR,
    )
    facts = {"declaration": row.id, "person": by.person, "organisation": organisation, "developer": developer}
    said = {"interests": len(kept), "words": digest_of(plain(kept))}
    record("declaration.made", by, at, Label.among(organisation, developer), **facts, **said)
    return declaration_view(row, by.name)
