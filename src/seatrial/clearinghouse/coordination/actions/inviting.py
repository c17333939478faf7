"""Who takes part: invited from the directory or the organisations here, told once they accepted what is in force."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from seatrial.clearinghouse.coordination.core.case import Case, check_sender, happen, standing
from seatrial.clearinghouse.coordination.core.case import adhere as adhered
from seatrial.clearinghouse.coordination.core.standing import in_force
from seatrial.clearinghouse.coordination.models import CapacityRow, ContactRow, PartyRow
from seatrial.clearinghouse.coordination.queries.loading import Loaded, loaded
from seatrial.clearinghouse.coordination.types import MilestoneKind, PartyRole, ReportStatus
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.text import checked
from seatrial.parties import api as parties
from seatrial.parties.types import Actor

from .keeping import keep, locked, narrow, reach, record, record_in, require_analyst, spoke, spoken_for


@transaction.atomic
def invite(
    *,
    by: Actor,
    case: str,
    role: PartyRole,
    at: datetime,
    organisation: str = "",
    contact: str = "",
    chain: int = 0,
) -> str:
    """Invite an organisation of this instance or an outside contact. Returns the party's id.

    A maintainer that stated a capacity is invited in fact when there is room, or at once if the world knows already.
    Raises ``Conflict`` (``party-already``), ``Misuse`` (``contact-expired``), ``Refused`` (``sender-not-accepted``).
    """
    require_analyst(by, to="invite a party")
    if bool(organisation) == bool(contact):
        raise Misuse("party-unnamed", "Name either an organisation of this instance or an outside contact.")
    if not 0 <= chain <= 1000:
        raise Misuse("bad-chain", "A place in the reporter chain is a whole number from 0, the nearest, to 1,000.")
    found = locked(by, case, at)
    check_sender(found.case, found.coordinator.id)
    name = parties.organisation(organisation).name if organisation else _contact(contact, at).name
    row = PartyRow(
        case=found.row,
        role=role,
        name=name,
        organisation_id=organisation or None,
        contact_id=contact or None,
        place=chain,
        invited_at=at,
        released_at=None if _must_wait(found, role, organisation) else at,
        status=ReportStatus.START,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("party-already", f"{name} is a party of this case already.") from error
    if row.released_at is not None and role is PartyRole.VENDOR:
        reach(found, MilestoneKind.VENDOR_CONTACTED, at)
    label = narrow(organisation if row.released_at else None)
    record("coordination.invited", by.person, at, label, case, party=row.id, role=role, waits=row.released_at is None)
    return row.id


@transaction.atomic
def join(*, by: Actor, party: str, accept_embargo: bool, at: datetime) -> bool:
    """``party`` takes part; true if it is told at once, false if it has not accepted the embargo in force.

    Raises ``Refused`` (``joined-already``).
    """
    found, own = spoken_for(by, party, at)
    if own.joined_at is not None:
        raise Refused("joined-already", "This party takes part in the case already.")
    own.joined_at, own.declined_at, own.declined_why = at, None, ""
    own.save(update_fields=["joined_at", "declined_at", "declined_why"])
    found = loaded(found.row, found.parties)
    after = found.case
    if accept_embargo and in_force(standing(after, party), at):
        after = adhered(after, party, at)
    after, told = _told(after, party, at)
    keep(found, after, at)
    spoke(own, at)
    _mark_told(found, own, told, at)
    record_in(found, "coordination.joined", by.person, at, party=party, told=told)
    return told


@transaction.atomic
def decline(*, by: Actor, party: str, why: str, at: datetime) -> None:
    """``party`` will not take part; it may come back by joining. Raises ``Refused`` (``joined-already``)."""
    found, own = spoken_for(by, party, at)
    if own.joined_at is not None:
        raise Refused("joined-already", "This party takes part in the case already; it can close the report.")
    own.declined_at, own.declined_why = at, checked("The reason", why, longest=2_000, optional=True)
    own.save(update_fields=["declined_at", "declined_why"])
    record("coordination.declined", by.person, at, narrow(own.organisation_id), found.row.id, party=party, why=why)


@transaction.atomic
def tell(*, by: Actor, party: str, at: datetime) -> None:
    """Tell a party that takes part, by its own wish once it accepted the embargo, or because the embargo is over.

    Raises ``Refused`` (``embargo-accepted-first``, ``wrong-state``, ``not-joined``).
    """
    found, own = spoken_for(by, party, at)
    after, _ = happen(found.case, party, "receive", None, at)
    keep(found, after, at)
    _mark_told(found, own, True, at)
    record_in(found, "coordination.party_told", by.person, at, party=party)


def _told(case: Case, party: str, at: datetime) -> tuple[Case, bool]:
    """The case once ``party`` has the report, if it may have it."""
    own = standing(case, party)
    if in_force(own, at) and not own.bound:
        return case, False
    return happen(case, party, "receive", None, at)[0], True


def _mark_told(found: Loaded, own: PartyRow, told: bool, at: datetime) -> None:
    if told:
        PartyRow.objects.filter(id=own.id).update(told_at=at)
        if own.role == PartyRole.VENDOR:
            reach(found, MilestoneKind.ACKNOWLEDGED, at, own)


def _contact(contact: str, at: datetime) -> ContactRow:
    row = ContactRow.objects.filter(id=contact).first()
    if row is None:
        raise NotFound("no-such-contact", f"There is no contact {contact[:60]!r}.")
    if row.expires_at is not None and row.expires_at <= at:
        raise Misuse(
            "contact-expired", f"The security.txt of {row.name} expired on {row.expires_at:%Y-%m-%d}; add the new one."
        )
    return row


def _must_wait(found: Loaded, role: PartyRole, organisation: str) -> bool:
    """What the world or attackers know waits for no capacity; nor does one that stated none."""
    known = found.case.public or found.case.exploit or found.case.attacks
    if role is not PartyRole.VENDOR or known:
        return False
    return CapacityRow.objects.filter(organisation=organisation).exists() if organisation else False
