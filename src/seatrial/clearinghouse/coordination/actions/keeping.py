"""What every action does: lock the case, apply the rules, write what they changed, leave one entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from seatrial.clearinghouse.coordination.core.case import Case, Party
from seatrial.clearinghouse.coordination.models import CaseRow, MilestoneRow, PartyRow, RelayRow
from seatrial.clearinghouse.coordination.queries.loading import (
    Loaded,
    is_analyst,
    label_of,
    loaded,
    speaks_for,
    visible,
)
from seatrial.clearinghouse.coordination.types import MilestoneKind, PartyRole
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.errors import Forbidden, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role

CHAIN = (PartyRole.REPORTER, PartyRole.FINDER)
INSTANCE_ITSELF = "instance"  # who acts when a rule does


def require_analyst(by: Actor, *, to: str) -> None:
    """Raises ``Forbidden`` (``role-missing``)."""
    by.require(CLEARINGHOUSE, Role.ANALYST, to=to)


def locked(by: Actor, case: str, at: datetime, *, even_closed: bool = False) -> Loaded:
    """The case, locked until the transaction ends.

    Raises ``NotFound`` (``no-such-case``), ``Refused`` (``case-closed``) unless ``even_closed``.
    """
    CaseRow.objects.select_for_update().filter(id=case).first()
    found = visible(by, case, at)
    if not even_closed:
        _open(found)
    return found


def locked_by_rule(case: str) -> Loaded:
    """The case, locked, for what a rule does without anybody asking."""
    row = CaseRow.objects.select_for_update().get(id=case)
    return loaded(row, row.parties.select_related("contact"))


def spoken_for(by: Actor, party: str, at: datetime) -> tuple[Loaded, PartyRow]:
    """The case of a party that ``by`` speaks for, locked.

    Raises ``NotFound`` (``no-such-party``) for one it must not know of, ``Forbidden`` (``not-yours``) for others' own,
    ``Refused`` (``case-closed``).
    """
    row = PartyRow.objects.filter(id=party).first()
    if row is not None:
        found = locked_by_rule(row.case_id)
        own = found.party(party)
        if speaks_for(by, own) and own.released_at is not None:
            _open(found)
            return found, own
        if is_analyst(by):
            raise Forbidden("not-yours", f"{own.name} speaks for itself; ask it in the case's thread.")
    raise NotFound("no-such-party", f"There is no party {party[:60]!r} that you speak for.")


def _open(found: Loaded) -> None:
    if found.row.closed_at is not None:
        raise Refused(
            "case-closed", f"The case was closed on {found.row.closed_at:%Y-%m-%d}; its owner can open it again."
        )


def told_voice(by: Actor, found: Loaded, party: str, at: datetime) -> PartyRow:
    """The party ``by`` speaks for in a case: the one named, or the only one there is, which is always told.

    Raises ``NotFound`` (``no-such-party``), ``Forbidden`` (``not-yours``).
    """
    mine = [one for one in found.parties if speaks_for(by, one)]
    homes = [one for one in mine if one.organisation_id]  # oneself before those one speaks for
    if party:
        mine = [one for one in mine if one.id == party]
        if not mine:
            raise Forbidden("not-yours", "You do not speak for that party; it speaks for itself.")
        return mine[0]
    if not mine:
        raise Forbidden("not-yours", "Only people of a party act in a case.")
    return (homes or mine)[0]


def keep(found: Loaded, after: Case, at: datetime, *, why: str | None = None) -> None:
    """Write what differs between the case as it was found and ``after``."""
    row, embargo = found.row, after.embargo
    for field, happened in (("public_at", after.public), ("exploit_at", after.exploit), ("attacks_at", after.attacks)):
        if happened and getattr(row, field) is None:
            setattr(row, field, at)
    row.active_until = embargo.active.until if embargo.active else None
    row.ended_at, row.ended_for = embargo.ended_at, embargo.reason or ""
    proposal = embargo.proposal
    row.proposed_until = proposal.until if proposal else None
    row.proposed_by = proposal.by if proposal else ""
    row.proposed_at = proposal.at if proposal else None
    row.proposed_why = "" if proposal is None else row.proposed_why if why is None else why
    row.save()
    own = {one.id: one for one in after.parties}
    for party in found.parties:
        _keep_party(party, own[party.id], after, at)


def reach(found: Loaded, kind: MilestoneKind, at: datetime, party: PartyRow | None = None, note: str = "") -> bool:
    """The milestone, once, with its way up the reporter chain: who has no account must be told by somebody."""
    row, new = MilestoneRow.objects.get_or_create(
        case=found.row, kind=kind, party=party, defaults={"at": at, "note": note}
    )
    if new:
        chain = sorted((one for one in found.parties if one.role in CHAIN), key=lambda one: (one.place, one.id))
        RelayRow.objects.bulk_create(
            RelayRow(milestone=row, party=one, told_at=at if follows(one) else None)
            for one in chain
            if one.declined_at is None
        )
    return new


def follows(one: PartyRow) -> bool:
    """Whether a party of the chain sees milestones itself: by its account, or with the report's receipt code."""
    return one.joined_at is not None and one.contact_id is None


def record(kind: str, by: str, at: datetime, label: Label, case: str, **facts: object) -> None:
    """The one ledger entry of an action."""
    ledger.append(kind=kind, actor=by, facts={"case": case, **facts}, label=label, at=at)


def record_in(found: Loaded, kind: str, by: str, at: datetime, **facts: object) -> None:
    """The entry of an action on a case, for the parties told once it has happened, and for those told before."""
    row = CaseRow.objects.get(id=found.row.id)
    after = loaded(row, row.parties.all())
    record(kind, by, at, _widest(label_of(found, at), label_of(after, at)), found.row.id, **facts)


def narrow(*homes: str | None) -> Label:
    """For the clearinghouse and these organisations only."""
    return Label.among(CLEARINGHOUSE, *sorted(home for home in homes if home))


def _widest(one: Label, other: Label) -> Label:
    return narrow(*(one.audience or ()), *(other.audience or ()))


def _keep_party(row: PartyRow, own: Party, after: Case, at: datetime) -> None:
    proposal, active = after.embargo.proposal, after.embargo.active
    row.status = own.report
    for field, happened in (("aware_at", own.aware), ("ready_at", own.ready), ("deployed_at", own.deployed)):
        if happened and getattr(row, field) is None:
            setattr(row, field, at)
    row.bound = active is not None and own.id in active.accepted_by
    row.said = None
    if proposal is not None:
        row.said = True if own.id in proposal.accepted_by else False if own.id in proposal.rejected_by else None
    row.save(update_fields=["status", "aware_at", "ready_at", "deployed_at", "bound", "said"])


def spoke(row: PartyRow, at: datetime) -> None:
    """A party's word: its silence begins anew."""
    PartyRow.objects.filter(id=row.id).update(last_word_at=at)
    row.last_word_at = at


def facts_of(followed: Iterable[tuple[str, str]]) -> list[str]:
    """What followed from an event, for its entry."""
    return [f"{party} {event}".strip() for party, event in followed]
