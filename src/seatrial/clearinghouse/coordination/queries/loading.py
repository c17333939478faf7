"""Rows into what the rules need, and who may see or speak for what. Every other query and action builds on this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from seatrial.clearinghouse.coordination.core.case import Case, Party, told
from seatrial.clearinghouse.coordination.core.standing import Embargo, Proposal, Terms, longest_until
from seatrial.clearinghouse.coordination.core.terms import read
from seatrial.clearinghouse.coordination.models import CaseRow, PartyRow
from seatrial.clearinghouse.coordination.types import DisclosureTerms, EndReason, PartyRole, ReportStatus
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor, Role

ACTS = (
    *(Role.MAINTAINER, Role.SECURITY, Role.GOVERNANCE, Role.ANALYST, Role.INTAKE, Role.AUTHORITY, Role.EVALUATOR),
    Role.SIGNATORY,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case's rows, and the same as the rules see it."""

    row: CaseRow
    parties: tuple[PartyRow, ...]
    case: Case
    terms: DisclosureTerms

    def party(self, party: str) -> PartyRow:
        """Raises ``NotFound`` (``no-such-party``)."""
        for found in self.parties:
            if found.id == party:
                return found
        raise NotFound("no-such-party", f"There is no party {party[:60]!r} in this case.")

    @property
    def coordinator(self) -> PartyRow:
        return next(one for one in self.parties if one.role == PartyRole.COORDINATOR)


def loaded(row: CaseRow, parties: Iterable[PartyRow]) -> Loaded:
    """What the rules need of these rows."""
    found = tuple(sorted(parties, key=_order))
    terms = read(row.terms)
    proposal = None
    if row.proposed_until is not None and row.proposed_at is not None:
        proposal = Proposal(
            row.proposed_until,
            row.proposed_by,
            row.proposed_at,
            frozenset(one.id for one in found if one.said is True),
            frozenset(one.id for one in found if one.said is False),
        )
    active = Terms(row.active_until, frozenset(one.id for one in found if one.bound)) if row.active_until else None
    embargo = Embargo(
        bound=longest_until(row.opened_at, terms.longest),
        active=active,
        proposal=proposal,
        ended_at=row.ended_at,
        reason=EndReason(row.ended_for) if row.ended_for else None,
    )
    case = Case(
        embargo=embargo,
        parties=tuple(
            Party(
                id=one.id,
                role=PartyRole(one.role),
                joined=one.joined_at is not None and one.declined_at is None,
                report=ReportStatus(one.status),
                aware=one.aware_at is not None,
                ready=one.ready_at is not None,
                deployed=one.deployed_at is not None,
            )
            for one in found
        ),
        public=row.public_at is not None,
        exploit=row.exploit_at is not None,
        attacks=row.attacks_at is not None,
    )
    return Loaded(row, found, case, terms)


def _order(one: PartyRow) -> tuple[bool, datetime, int, str]:
    """Coordinators first, then as they came; a reporter chain from the nearest on."""
    return one.role != PartyRole.COORDINATOR, one.invited_at, one.place, one.id


def is_analyst(asking: Actor) -> bool:
    """Whether the asker handles cases for the clearinghouse."""
    return asking.has(Role.ANALYST, CLEARINGHOUSE)


def label_of(found: Loaded, now: datetime, to: Iterable[str] | None = None) -> Label:
    """For the clearinghouse and the organisations of the parties told now, or of those of them named by ``to``."""
    reached = told(found.case, now)
    wanted = reached if to is None else reached & set(to)
    homes = {one.organisation_id for one in found.parties if one.id in wanted and one.organisation_id}
    return Label.among(CLEARINGHOUSE, *sorted(homes))


def speaks_for(asking: Actor, party: PartyRow) -> bool:
    """People of its organisation speak for a party; analysts for one that is outside this instance."""
    if party.organisation_id:
        return any(asking.has(role, party.organisation_id) for role in ACTS)
    return is_analyst(asking)


def may_see(asking: Actor, found: Loaded, now: datetime) -> bool:
    """Analysts, and whoever may read what is said to the parties told now."""
    return asking.may_read(label_of(found, now))


def visible(asking: Actor, case_id: str, now: datetime) -> Loaded:
    """Raises ``NotFound`` (``no-such-case``), also for a case the asker must not know of."""
    row = CaseRow.objects.filter(id=case_id).first()
    if row is not None:
        found = loaded(row, row.parties.select_related("contact"))
        if may_see(asking, found, now):
            return found
    raise no_such_case(case_id)


def silence(row: CaseRow, party: PartyRow) -> datetime | None:
    """Since when a vendor's word is waited for: its last one, or when it was invited; ``None`` once nothing is due."""
    finished = row.closed_at is not None or party.deployed_at is not None or party.status == ReportStatus.CLOSED
    if party.role != PartyRole.VENDOR or party.released_at is None or party.declined_at is not None or finished:
        return None
    return max(party.released_at, party.last_word_at or party.released_at)


def no_such_case(case_id: str) -> NotFound:
    """The one sentence for what is not there and what must not be seen to be there."""
    return NotFound("no-such-case", f"There is no case {case_id[:60]!r} that you may see.")
