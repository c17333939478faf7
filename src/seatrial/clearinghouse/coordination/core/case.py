"""A case of several parties: the machines applied to one of them, and what follows for the others.

What the world knows and the embargo are the case's, so an event of one party changes them for all. Two things follow
at once: an exploit that is public makes the vulnerability public, and what is public every vendor knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from seatrial.clearinghouse.coordination.types import EmbargoState, PartyRole, ReportStatus
from seatrial.kernel.errors import NotFound, Refused
from seatrial.kernel.lifecycle import Machine

from .standing import IN_FORCE, Counted, Embargo, Standing, embargo_state
from .tables import CASE, EMBARGO, REPORT, case_state


@dataclass(frozen=True, slots=True)
class Party:
    """What is a party's own. ``joined`` means that it has accepted to take part."""

    id: str
    role: PartyRole
    joined: bool = True
    report: ReportStatus = ReportStatus.START
    aware: bool = False
    ready: bool = False
    deployed: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules need of a case."""

    embargo: Embargo
    parties: tuple[Party, ...]
    public: bool = False
    exploit: bool = False
    attacks: bool = False

    def party(self, party: str) -> Party:
        """Raises ``NotFound`` (``no-such-party``)."""
        for found in self.parties:
            if found.id == party:
                return found
        raise NotFound("no-such-party", f"There is no party {party[:60]!r} in this case.")


@dataclass(frozen=True, slots=True)
class Machines:
    """The three tables; a test puts another in the place of one."""

    report: Machine[Standing] = REPORT
    embargo: Machine[Standing] = EMBARGO
    case: Machine[Standing] = CASE

    def of(self, event: str) -> Machine[Standing]:
        """The machine of a report or of what is known that has ``event``; no event stands in both."""
        return self.report if event in self.report.transitions else self.case


VULTRON = Machines()


def standing(case: Case, party: str) -> Standing:
    """The protocol's state of one party: its own part, and the case's."""
    own = case.party(party)
    vendors = [one for one in case.parties if one.role is PartyRole.VENDOR and one.joined]
    return Standing(
        party=own.id,
        role=own.role,
        embargo=case.embargo,
        report=own.report,
        aware=own.aware,
        ready=own.ready,
        deployed=own.deployed,
        public=case.public,
        exploit=case.exploit,
        attacks=case.attacks,
        all_fixed=bool(vendors) and all(one.deployed for one in vendors),
    )


def happen(
    case: Case, party: str, event: str, details: object, now: datetime, machines: Machines = VULTRON
) -> tuple[Case, tuple[tuple[str, str], ...]]:
    """The case after an event of a report or of what is known, and what followed from it as (vendor or "", event).

    Raises ``Refused`` with a guard's name as code or ``not-joined``, ``Misuse`` (``no-such-event``).
    """
    _joined(case.party(party))
    case = _put(case, machines.of(event).apply(standing(case, party), event, details, now))
    followed: list[tuple[str, str]] = []
    while (forced := _forced(case)) is not None and forced not in followed:
        whose, what = forced
        case = _put(case, machines.of(what).apply(standing(case, whose or party), what, None, now))
        followed.append(forced)
    return case, tuple(followed)


def negotiate(case: Case, party: str, event: str, details: object, now: datetime, machines: Machines = VULTRON) -> Case:
    """The case after ``event`` of its embargo. Raises as ``happen``."""
    _joined(case.party(party))
    return _put(case, machines.embargo.apply(standing(case, party), event, details, now))


def answer(case: Case, party: str, accepts: bool, now: datetime) -> Case:
    """``party`` says yes or no to the proposal that stands. Raises ``Refused`` (``no-proposal``, ``not-joined``)."""
    own, proposal = case.party(party), case.embargo.proposal
    if proposal is None or embargo_state(standing(case, party), now) not in (
        EmbargoState.PROPOSED,
        EmbargoState.REVISE,
    ):
        raise Refused("no-proposal", "No date is proposed in this case; there is nothing to answer.")
    _takes_part(own)
    said = replace(
        proposal,
        accepted_by=proposal.accepted_by | {party} if accepts else proposal.accepted_by - {party},
        rejected_by=proposal.rejected_by - {party} if accepts else proposal.rejected_by | {party},
    )
    return replace(case, embargo=replace(case.embargo, proposal=said))


def adhere(case: Case, party: str, now: datetime) -> Case:
    """``party`` accepts the embargo in force, as one that came later must. Raises ``Refused`` (``no-embargo``)."""
    own, active = case.party(party), case.embargo.active
    if active is None or embargo_state(standing(case, party), now) not in IN_FORCE:
        raise Refused("no-embargo", "No embargo is in force in this case.")
    _takes_part(own)
    return replace(
        case, embargo=replace(case.embargo, active=replace(active, accepted_by=active.accepted_by | {party}))
    )


def counted(case: Case, now: datetime, answer_within: timedelta) -> Counted:
    """Whose agreement a proposal takes: all that take part, but for those whose time to answer is over."""
    proposal = case.embargo.proposal
    said = proposal.accepted_by | proposal.rejected_by if proposal else frozenset()
    in_time = proposal is not None and now < proposal.at + answer_within
    return Counted(
        frozenset(
            one.id
            for one in case.parties
            if one.joined and one.report is not ReportStatus.CLOSED and (in_time or one.id in said)
        )
    )


def outcome(case: Case, now: datetime, answer_within: timedelta) -> str | None:
    """``accept`` or ``reject`` once the answers decide it; ``None`` while it is open, or nothing is proposed."""
    proposal = case.embargo.proposal
    if proposal is None or proposal.until <= now:
        return None
    if proposal.rejected_by:
        return "reject"
    agree = counted(case, now, answer_within).parties
    return "accept" if agree and agree <= proposal.accepted_by else None


def told(case: Case, now: datetime) -> frozenset[str]:
    """The parties that what is said in the case may reach: told of it, and bound while an embargo is in force."""
    reached = (standing(case, one.id) for one in case.parties if one.report is not ReportStatus.START)
    return frozenset(one.party for one in reached if one.bound or embargo_state(one, now) not in IN_FORCE)


def advice(case: Case, now: datetime) -> tuple[str, ...]:
    """What the protocol says one should do, without making anybody: a sentence each, in its order of urgency."""
    if not case.parties:
        return ()
    state = embargo_state(standing(case, case.parties[0].id), now)
    vendors = [one for one in case.parties if one.role is PartyRole.VENDOR and one.joined]
    ready = [one for one in vendors if one.ready]
    found = []
    if case.attacks and not case.public:
        found.append("Attacks are seen: publish with what there is, and deploy as soon as is practical.")
    if state is EmbargoState.NONE and any(one.aware for one in vendors) and not (case.public or ready or case.attacks):
        found.append("A vendor knows and nothing is agreed: propose an embargo now.")
    if state is EmbargoState.PROPOSED and any(one.aware for one in vendors):
        found.append("A vendor knows: decide the proposed embargo soon.")
    if state in IN_FORCE and vendors and len(ready) == len(vendors):
        found.append("Every vendor has a fix: prepare to publish and to end the embargo.")
    elif state in IN_FORCE and ready:
        found.append("Some vendors have a fix and some have none: agree on an extension, or on who is enough.")
    if case.public and any(not one.deployed for one in vendors):
        found.append("It is public and a fix is not out everywhere: tell deployers what they can do meanwhile.")
    return tuple(found)


def check_sender(case: Case, sender: str) -> None:
    """Only a party that has accepted the report sends it to others. Raises ``Refused`` (``sender-not-accepted``)."""
    if case.party(sender).report is not ReportStatus.ACCEPTED:
        raise Refused("sender-not-accepted", "Whoever invites others must have accepted the report itself.")


def _joined(party: Party) -> None:
    if not party.joined:
        raise Refused("not-joined", "This party has not accepted to take part in the case.")


def _takes_part(party: Party) -> None:
    _joined(party)
    if party.report is ReportStatus.CLOSED:
        raise Refused("not-closed", "This party has closed the report; it takes no further part.")


def _put(case: Case, after: Standing) -> Case:
    parties: Iterable[Party] = (
        replace(one, report=after.report, aware=after.aware, ready=after.ready, deployed=after.deployed)
        if one.id == after.party
        else one
        for one in case.parties
    )
    return replace(
        case,
        embargo=after.embargo,
        parties=tuple(parties),
        public=after.public,
        exploit=after.exploit,
        attacks=after.attacks,
    )


def _forced(case: Case) -> tuple[str, str] | None:
    """What must come next before anything else can: (party or "", event)."""
    if case.exploit and not case.public:
        return "", "public"
    for one in case.parties:
        if case.public and one.role is PartyRole.VENDOR and not one.aware:
            return one.id, "vendor_aware"
    return None


def letters(case: Case, party: str, now: datetime) -> str:
    """The case state of a party in the protocol's six letters."""
    return case_state(standing(case, party), now)
