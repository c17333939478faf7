"""Contacts outside this instance, terms of disclosure, and what maintainers said they can take."""

from __future__ import annotations

from datetime import date, datetime

from seatrial.clearinghouse.coordination.core.escalation import DEFAULT
from seatrial.clearinghouse.coordination.core.terms import read
from seatrial.clearinghouse.coordination.models import CapacityRow, ContactRow, TermsRow
from seatrial.clearinghouse.coordination.types import Capacity, ContactView, Delivery, DisclosureTerms
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor

from .loading import is_analyst


def contacts(asking: Actor, now: datetime) -> tuple[ContactView, ...]:
    """The directory, by name; nothing to anybody but analysts."""
    if not is_analyst(asking):
        return ()
    return tuple(contact_view(row, now) for row in ContactRow.objects.order_by("name", "id"))


def contact(asking: Actor, contact_id: str, now: datetime) -> ContactView:
    """Raises ``NotFound`` (``no-such-contact``)."""
    row = ContactRow.objects.filter(id=contact_id).first() if is_analyst(asking) else None
    if row is None:
        raise NotFound("no-such-contact", f"There is no contact {contact_id[:60]!r} that you may see.")
    return contact_view(row, now)


def contact_view(row: ContactRow, now: datetime) -> ContactView:
    """The frozen form of a row, for analysts."""
    return ContactView(
        id=row.id,
        name=row.name,
        addresses=tuple(row.addresses),
        languages=tuple(row.languages),
        policy=tuple(row.policy),
        signed=row.signed,
        expires_at=row.expires_at,
        expired=row.expires_at is not None and row.expires_at <= now,
    )


def terms_in_force() -> DisclosureTerms:
    """Those published last, under which the next case is opened; the built-in ones before any."""
    row = TermsRow.objects.order_by("-published_at", "-id").first()
    return DEFAULT if row is None else read(row.document)


def terms() -> tuple[DisclosureTerms, ...]:
    """Every version, newest first, the built-in one last. Terms are public."""
    rows = TermsRow.objects.order_by("-published_at", "-id")
    return (*(read(row.document) for row in rows), DEFAULT)


def capacity_of(organisation: str) -> Capacity | None:
    """What the organisation said it can take; ``None`` if it said nothing, and then nothing waits for it."""
    row = CapacityRow.objects.filter(organisation=organisation).first()
    return None if row is None else capacity_from(row)


def capacity_from(row: CapacityRow) -> Capacity:
    """The frozen form of a row."""
    return Capacity(
        open_at_once=row.open_at_once,
        per_week=row.per_week,
        quiet_weekdays=frozenset(row.quiet_weekdays),
        quiet_dates=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in row.quiet_dates),
        delivery=Delivery(row.delivery),
    )
