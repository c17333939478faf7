"""Lending one's role to a colleague for a time, and ending that."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.clock import aware
from seatrial.kernel.errors import Conflict, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.parties.core.delegation import Lent, check
from seatrial.parties.core.rules import INSTANCE
from seatrial.parties.models import Delegation, Membership
from seatrial.parties.queries import delegation_view
from seatrial.parties.queries import person as person_view
from seatrial.parties.types import Actor, DelegationView, Role

from .recording import record


@transaction.atomic
def delegate(*, by: Actor, organisation: str, role: Role, to: str, until: datetime, at: datetime) -> DelegationView:
    """``to`` has ``by``'s role in ``organisation`` too, from now until then. See ``core/delegation.py`` for the rules.

    Raises ``Conflict`` (``delegation-open``) while one of the same role from ``by`` to them runs.
    """
    lent = Lent(organisation, role, at, aware(until))
    own = Membership.objects.select_for_update().filter(person_id=by.person)
    giver = frozenset((home, Role(word)) for home, word in own.values_list("organisation_id", "role"))
    if organisation not in {home for home, _ in giver}:
        raise NotFound("no-such-organisation", f"You belong to no organisation {organisation!r}.")
    check(lent, giver=giver, receiver=person_view(by, to).roles)
    same = Delegation.objects.filter(organisation=organisation, role=role, delegator=by.person, delegate=to)
    if same.filter(ended_at=None, until__gt=at).exists():
        raise Conflict("delegation-open", f"You delegated {role} to them already; end that before you give another.")
    row = Delegation.objects.create(
        organisation_id=organisation, role=role, delegator_id=by.person, delegate_id=to, since=at, until=lent.until
    )
    facts = {"delegation": row.id, "organisation": organisation, "role": role, "to": to, "until": row.until}
    record("delegation.given", by, at, Label.among(organisation), **facts)
    return delegation_view(row, in_force=True)


@transaction.atomic
def end_delegation(*, by: Actor, delegation: str, at: datetime) -> None:
    """Ends it now: by whoever gave it, whoever has it, a steward of the organisation, or the operator.

    Raises ``NotFound`` (``no-such-delegation``), ``Refused`` (``delegation-over``).
    """
    row = Delegation.objects.select_for_update().filter(id=delegation).first()
    if row is None or not _may_end(by, row):
        raise NotFound("no-such-delegation", f"There is no delegation {delegation!r} that you may end.")
    if row.ended_at is not None or row.until <= at:
        raise Refused("delegation-over", "This delegation has ended already.")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    facts = {"delegation": row.id, "organisation": row.organisation_id, "role": row.role, "to": row.delegate_id}
    record("delegation.ended", by, at, Label.among(row.organisation_id), **facts)


def _may_end(by: Actor, row: Delegation) -> bool:
    manages = by.has(Role.STEWARD, row.organisation_id) or by.has(Role.OPERATOR, INSTANCE)
    return manages or by.person in (row.delegator_id, row.delegate_id)
