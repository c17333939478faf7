"""What the three machines must not do. Each guard names the protocol's rule; its name becomes the refusal's code."""

from __future__ import annotations

from datetime import datetime

from seatrial.clearinghouse.coordination.types import EndReason, ReportStatus

from .standing import Counted, Ending, NewTerms, Standing, in_force


def not_closed(standing: Standing, details: object, now: datetime) -> str | None:
    """Whoever has closed the report takes no further part (every row of the protocol's tables says "not C")."""
    return "This party has closed the report; it takes no further part." if _closed(standing) else None


def nothing_public(standing: Standing, details: object, now: datetime) -> str | None:
    """New embargoes are neither sought nor agreed once it is public, an exploit is, or attacks are seen."""
    if standing.public or standing.exploit or standing.attacks:
        known = "is public" if standing.public else "is used in attacks" if standing.attacks else "has a public exploit"
        return f"The vulnerability {known}; no embargo can be sought any more."
    return None


def date_ahead(standing: Standing, details: NewTerms, now: datetime) -> str | None:
    return None if details.until > now else "An embargo ends in the future; propose a later date."


def date_within_bound(standing: Standing, details: NewTerms, now: datetime) -> str | None:
    """The policy's bound, counted from the opening of the case."""
    if details.until <= standing.embargo.bound:
        return None
    return f"The policy of this case allows no embargo beyond {standing.embargo.bound:%Y-%m-%d %H:%M} UTC."


def everyone_counted_agrees(standing: Standing, details: Counted, now: datetime) -> str | None:
    """Consensus of those whose answer counts, of whom there is at least one."""
    proposal = standing.embargo.proposal
    missing = details.parties - (proposal.accepted_by if proposal else frozenset())
    if not details.parties or missing:
        return "Not everybody whose answer counts has agreed to this date."
    return None


def somebody_objects(standing: Standing, details: object, now: datetime) -> str | None:
    """A proposal is rejected by a party that rejects it, not by silence."""
    proposal = standing.embargo.proposal
    return None if proposal and proposal.rejected_by else "Nobody has rejected this proposal."


def reason_holds(standing: Standing, details: Ending, now: datetime) -> str | None:
    """An embargo ends early for a reason that the case shows, or on evidence that attackers know."""
    holds = {
        EndReason.PUBLIC: standing.public,
        EndReason.EXPLOIT: standing.exploit,
        EndReason.ATTACKS: standing.attacks,
        EndReason.ADVERSARIES: True,
        EndReason.FIXED: standing.all_fixed,
        EndReason.LAPSED: False,
    }
    return None if holds[details.reason] else f"The case does not show the reason '{details.reason}'."


def embargo_accepted_first(standing: Standing, details: object, now: datetime) -> str | None:
    """A report is not shared with a party that has not accepted the embargo in force."""
    if in_force(standing, now) and not standing.bound:
        return "This party has not accepted the embargo in force; nothing is told to it before it does."
    return None


def report_accepted(standing: Standing, details: object, now: datetime) -> str | None:
    """Fix readiness comes only from a vendor that has accepted the report."""
    if standing.report is ReportStatus.ACCEPTED:
        return None
    return f"A fix comes from a vendor that has accepted the report; here it is {standing.report}."


def _closed(standing: Standing) -> bool:
    return standing.report is ReportStatus.CLOSED
