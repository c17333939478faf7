"""Cases with their party matrix and embargo clock, lists of them, and their threads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from seatrial.clearinghouse.coordination.core.case import advice, letters, outcome, standing, told
from seatrial.clearinghouse.coordination.core.escalation import coming, due
from seatrial.clearinghouse.coordination.core.moves import case_moves, party_moves
from seatrial.clearinghouse.coordination.core.standing import embargo_state
from seatrial.clearinghouse.coordination.models import CaseRow, EscalationRow, MessageRow, MilestoneRow, PartyRow
from seatrial.clearinghouse.coordination.types import (
    Answer,
    CaseEnd,
    CaseLine,
    CoordinationView,
    EmbargoState,
    EmbargoView,
    EndReason,
    EscalationView,
    MessageView,
    MilestoneKind,
    MilestoneView,
    PartyRole,
    PartyView,
    Place,
    RelayView,
    ReportStatus,
    Step,
    ThreadPart,
)
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from .ends import end_moves, ended
from .loading import Loaded, is_analyst, label_of, loaded, may_see, silence, speaks_for, visible

PART = 50


def cases(asking: Actor, now: datetime, limit: int = 100, *, closed: bool = False) -> tuple[CaseLine, ...]:
    """The open cases the asker may see, by priority and age; with ``closed`` those that ended, the last one first."""
    rows = CaseRow.objects.filter(closed_at__isnull=not closed)
    rows = rows.order_by("-closed_at", "id") if closed else rows.order_by("priority", "opened_at", "id")
    if not is_analyst(asking):
        rows = rows.filter(parties__organisation__in=asking.organisations - {""}).distinct()
    rows = rows.select_related("owner").prefetch_related("parties", "parties__escalations")
    readable = (found for found in (loaded(row, row.parties.all()) for row in rows) if may_see(asking, found, now))
    return tuple(_line(found, now) for _, found in zip(range(max(0, limit)), readable, strict=False))


def case(asking: Actor, case_id: str, now: datetime) -> CoordinationView:
    """A case as the asker may see it. Raises ``NotFound`` (``no-such-case``)."""
    found = visible(asking, case_id, now)
    return view(asking, found, now)


def view(asking: Actor, found: Loaded, now: datetime) -> CoordinationView:
    """The frozen form of a case; whoever calls has checked that the asker may see it."""
    row, analyst = found.row, is_analyst(asking)
    spoken = sorted(
        (one for one in found.parties if speaks_for(asking, one)), key=lambda one: one.organisation_id is None
    )
    mine = tuple(one.id for one in spoken)
    taken = defaultdict(list)
    for step in EscalationRow.objects.filter(party__case=row).order_by("at", "id"):
        taken[step.party_id].append(step)
    names = {one.id: one.name for one in found.parties}
    return CoordinationView(
        id=row.id,
        title=row.title,
        summary=row.summary,
        product=row.product,
        about=tuple(row.subjects.order_by("id").values_list("subject", flat=True)) if analyst else (),
        priority=row.priority,
        owner=row.owner_id,
        owner_name=row.owner.name,
        opened_at=row.opened_at,
        public_at=row.public_at,
        exploit_at=row.exploit_at,
        attacks_at=row.attacks_at,
        embargo=embargo_view(found, now),
        parties=tuple(_party(asking, found, one, taken[one.id], now) for one in found.parties),
        milestones=_milestones(row, names, analyst),
        advice=() if row.closed_at else advice(found.case, now),
        terms=found.terms,
        mine=mine,
        may=_case_moves(asking, found, mine, now),
        label=label_of(found, now),
        ended=ended(row, whole=analyst),
    )


def _case_moves(asking: Actor, found: Loaded, mine: Iterable[str], now: datetime) -> tuple[str, ...]:
    """What the asker can do with the case; once it is closed, at most open it again."""
    told_now = told(found.case, now)
    able = [one for one in mine if one in told_now]
    moves = () if found.row.closed_at else case_moves(found.case, able, is_analyst(asking), now)
    return (*moves, *end_moves(asking, found, now))


def embargo_view(found: Loaded, now: datetime) -> EmbargoView:
    """The clock of a case's embargo."""
    embargo, row = found.case.embargo, found.row
    state = embargo_state(standing(found.case, found.coordinator.id), now)
    proposal = embargo.proposal if embargo.proposal and embargo.proposal.until > now else None
    return EmbargoView(
        state=state,
        until=embargo.active.until if embargo.active else None,
        bound=embargo.bound,
        ended_at=embargo.ended_at or (embargo.active.until if embargo.active and embargo.active.until <= now else None),
        reason=embargo.reason or (EndReason.LAPSED if state is EmbargoState.EXITED else None),
        proposed_until=proposal.until if proposal else None,
        proposed_by=found.party(proposal.by).name if proposal else "",
        proposed_at=proposal.at if proposal else None,
        why=row.proposed_why if proposal else "",
        answer_by=proposal.at + found.terms.answer_within if proposal else None,
        decided=outcome(found.case, now, found.terms.answer_within) or "",
    )


def thread(asking: Actor, case_id: str, now: datetime, *, before: str | None = None, limit: int = PART) -> ThreadPart:
    """A part of what was said in a case, newest first: what the asker may read of it.

    Raises ``NotFound`` (``no-such-case``), ``Misuse`` (``bad-place``).
    """
    found = visible(asking, case_id, now)
    names = {one.id: one.name for one in found.parties}
    rows = MessageRow.objects.filter(case=found.row)
    labels = rows.order_by("label").values_list("label", flat=True).distinct()
    rows = rows.filter(label__in=asking.readable(labels))
    if before is not None:
        if not re.fullmatch(r"[0-9]{1,18}", before):
            raise Misuse("bad-place", f"{before[:40]!r} is no place to go on from; follow the link to what is earlier.")
        rows = rows.filter(number__lt=int(before))
    most = max(1, limit)
    part = list(rows.select_related("by").order_by("-number")[: most + 1])
    more, part = len(part) > most, part[:most]
    return ThreadPart(tuple(_message(one, names) for one in part), str(part[-1].number) if more else None)


def _message(row: MessageRow, names: dict[str, str]) -> MessageView:
    return MessageView(
        id=row.id,
        at=row.at,
        by=row.by.name,
        party=row.party_id,
        name=names.get(row.party_id, row.party_id),
        text=row.text,
        to=None if row.to is None else tuple(names.get(one, one) for one in row.to),
        label=Label.parse(row.label),
    )


def _line(found: Loaded, now: datetime) -> CaseLine:
    row, vendors = found.row, [one for one in found.parties if one.role == PartyRole.VENDOR]
    clock = embargo_view(found, now)
    silent = 0
    for one in vendors:
        since = silence(row, one)
        silent += bool(since and due(found.terms.rungs, since, (), now))
    return CaseLine(
        id=row.id,
        title=row.title,
        product=row.product,
        priority=row.priority,
        owner_name=row.owner.name,
        opened_at=row.opened_at,
        embargo=clock.state,
        until=clock.until,
        public=found.case.public,
        attacks=found.case.attacks,
        vendors=len(vendors),
        fixed=sum(1 for one in vendors if one.ready_at),
        silent=silent,
        ended=CaseEnd(row.closed_for) if row.closed_for else None,
    )


def _party(asking: Actor, found: Loaded, one: PartyRow, taken: Iterable[EscalationRow], now: datetime) -> PartyView:
    analyst, own = is_analyst(asking), standing(found.case, one.id)
    since = silence(found.row, one)
    steps = tuple(EscalationView(Step(step.step), step.at) for step in taken if since is None or step.since == since)
    ahead = coming(found.terms.rungs, since, now) if since else None
    addresses = one.contact.addresses if one.contact is not None else []
    return PartyView(
        id=one.id,
        role=PartyRole(one.role),
        name=one.name,
        organisation=one.organisation_id,
        contact=one.contact_id if analyst else None,
        address=addresses[min(one.address, len(addresses) - 1)] if analyst and addresses else "",
        place=place(one),
        chain=one.place,
        invited_at=one.invited_at,
        released_at=one.released_at,
        joined_at=one.joined_at,
        declined_why=one.declined_why,
        status=ReportStatus(one.status),
        letters=letters(found.case, one.id, now),
        told=one.id in told(found.case, now),
        bound=own.bound,
        answer=_answer(found, one, now),
        silent_since=since,
        escalated=steps,
        next_step=EscalationView(ahead[0].step, ahead[1]) if ahead else None,
        may=moves_of(asking, found, one, now),
    )


def moves_of(asking: Actor, found: Loaded, one: PartyRow, now: datetime) -> tuple[str, ...]:
    """What the asker can do for a party now; nothing for one that speaks for itself or waits, or in a closed case."""
    if not speaks_for(asking, one) or found.row.closed_at is not None:
        return ()
    where = place(one)
    if where is not Place.JOINED:
        return {Place.WAITING: (), Place.INVITED: ("join", "decline"), Place.DECLINED: ("join",)}[where]
    heard = ("heard",) if one.organisation_id is None and silence(found.row, one) is not None else ()
    return (*party_moves(found.case, one.id, now), *heard)


def place(one: PartyRow) -> Place:
    """How far a party is in its case."""
    if one.declined_at is not None:
        return Place.DECLINED
    if one.joined_at is not None:
        return Place.JOINED
    return Place.INVITED if one.released_at is not None else Place.WAITING


def _answer(found: Loaded, one: PartyRow, now: datetime) -> Answer:
    clock = found.case.embargo.proposal
    if clock is None or clock.until <= now or place(one) is not Place.JOINED or one.status == ReportStatus.CLOSED:
        return Answer.NOT_ASKED
    if one.said is not None:
        return Answer.ACCEPTED if one.said else Answer.REJECTED
    return Answer.NONE if now < clock.at + found.terms.answer_within else Answer.LATE


def _milestones(row: CaseRow, names: dict[str, str], analyst: bool) -> tuple[MilestoneView, ...]:
    rows = MilestoneRow.objects.filter(case=row).order_by("at", "id").prefetch_related("relays__party")
    return tuple(
        MilestoneView(
            kind=MilestoneKind(one.kind),
            party=one.party_id,
            name=names.get(one.party_id or "", ""),
            at=one.at,
            note=one.note,
            relays=tuple(
                RelayView(relay.party_id, relay.party.name, relay.told_at)
                for relay in sorted(one.relays.all(), key=lambda relay: (relay.party.place, relay.pk))
            )
            if analyst
            else (),
        )
        for one in rows
    )
