"""The embargo: proposed, countered, answered, joined, ended. What the answers come to happens with the last of them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.case import Case, counted, negotiate, outcome
from seatrial.clearinghouse.coordination.core.case import adhere as adhered
from seatrial.clearinghouse.coordination.core.case import answer as answered
from seatrial.clearinghouse.coordination.core.standing import Ending, NewTerms
from seatrial.clearinghouse.coordination.core.tables import EMBARGO
from seatrial.clearinghouse.coordination.queries.loading import Loaded
from seatrial.clearinghouse.coordination.types import DisclosureTerms, EndReason, ReportStatus
from seatrial.kernel.clock import aware
from seatrial.kernel.text import checked
from seatrial.parties.types import Actor

from .keeping import (
    INSTANCE_ITSELF,
    keep,
    locked,
    locked_by_rule,
    record_in,
    require_analyst,
    spoke,
    spoken_for,
    told_voice,
)

_ENTRY = {event: row.entry for event, row in EMBARGO.transitions.items()}


@transaction.atomic
def propose(*, by: Actor, party: str, until: datetime, why: str, at: datetime) -> None:
    """A date for ``party``: the first, a counter-proposal, a shorter or a longer one. Others' answers begin anew.

    Raises ``Refused`` (``not-joined``, ``nothing-public``, ``date-ahead``, ``date-within-bound``, ``wrong-state``).
    """
    found, own = spoken_for(by, party, at)
    until, why = aware(until), checked("The reason", why, longest=5_000, optional=True)
    case = negotiate(found.case, party, "propose", NewTerms(until), at)
    after, decided = decide(case, party, found.terms, at)
    keep(found, after, at, why=why)
    spoke(own, at)
    kind = _ENTRY[decided or "propose"]
    record_in(found, kind, by.person, at, party=party, event="propose", until=until, why=why)


@transaction.atomic
def answer(*, by: Actor, party: str, accepts: bool, at: datetime) -> None:
    """``party`` accepts or rejects the date that is proposed. Raises ``Refused`` (``no-proposal``, ``not-joined``)."""
    found, own = spoken_for(by, party, at)
    case = answered(found.case, party, accepts, at)
    after, decided = decide(case, party, found.terms, at)
    keep(found, after, at)
    spoke(own, at)
    kind = _ENTRY[decided] if decided else "coordination.embargo_answered"
    record_in(found, kind, by.person, at, party=party, accepts=accepts, until=_date(case))


@transaction.atomic
def adhere(*, by: Actor, party: str, at: datetime) -> None:
    """``party`` accepts the embargo that is in force. Raises ``Refused`` (``no-embargo``, ``not-joined``)."""
    found, own = spoken_for(by, party, at)
    keep(found, adhered(found.case, party, at), at)
    spoke(own, at)
    record_in(found, "coordination.embargo_joined", by.person, at, party=party, until=found.row.active_until)


@transaction.atomic
def terminate(*, by: Actor, case: str, reason: EndReason, why: str, at: datetime) -> None:
    """End the embargo before its date, for a reason that the case shows or on evidence that attackers know.

    Raises ``Refused`` (``reason-holds``, ``wrong-state``), ``Misuse`` if ``why`` says nothing.
    """
    require_analyst(by, to="end an embargo")
    found = locked(by, case, at)
    own = told_voice(by, found, "", at)
    why = checked("The reason", why, longest=5_000)
    keep(found, negotiate(found.case, own.id, "terminate", Ending(reason), at), at)
    record_in(found, _ENTRY["terminate"], by.person, at, reason=reason, why=why)


@transaction.atomic
def settle(*, case: str, at: datetime) -> bool:
    """What the answers come to once the time for others is over; true if it decided something. Idempotent."""
    found = locked_by_rule(case)
    proposal = found.case.embargo.proposal
    if proposal is None or found.row.closed_at is not None:
        return False
    able = [one.id for one in found.parties if one.joined_at and one.status != ReportStatus.CLOSED]
    after, decided = decide(found.case, able[0], found.terms, at) if able else (found.case, None)
    if decided is None:
        return False
    keep(found, after, at)
    record_in(found, _ENTRY[decided], INSTANCE_ITSELF, at, until=proposal.until, late=_late(found, at))
    return True


def decide(case: Case, party: str, terms: DisclosureTerms, at: datetime) -> tuple[Case, str | None]:
    """The case once what is decided has happened, and which of ``accept`` and ``reject`` it was."""
    decided = outcome(case, at, terms.answer_within)
    if decided is None:
        return case, None
    return negotiate(case, party, decided, counted(case, at, terms.answer_within), at), decided


def _late(found: Loaded, at: datetime) -> list[str]:
    who = counted(found.case, at, found.terms.answer_within).parties
    return sorted(one.id for one in found.case.parties if one.joined and one.id not in who)


def _date(case: Case) -> datetime | None:
    return case.embargo.proposal.until if case.embargo.proposal else None
