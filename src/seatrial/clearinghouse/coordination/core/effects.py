"""What the transitions change. Each returns a new value and touches nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from seatrial.clearinghouse.coordination.types import EndReason, ReportStatus

from .standing import IN_FORCE, Ending, NewTerms, Proposal, Standing, Terms, embargo_state

# The report


def received(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, report=ReportStatus.RECEIVED)


def vendor_told(standing: Standing, details: object, now: datetime) -> Standing:
    """Receiving the report is how a vendor becomes aware."""
    return replace(standing, aware=True) if standing.is_vendor else standing


def found_valid(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, report=ReportStatus.VALID)


def found_invalid(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, report=ReportStatus.INVALID)


def taken_on(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, report=ReportStatus.ACCEPTED)


def put_off(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, report=ReportStatus.DEFERRED)


def closed(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, report=ReportStatus.CLOSED)


# The embargo


def proposal_stands(standing: Standing, details: NewTerms, now: datetime) -> Standing:
    """A counter-proposal replaces the one before, with all that was said to it."""
    made = Proposal(details.until, standing.party, now, accepted_by=frozenset({standing.party}))
    return replace(standing, embargo=replace(standing.embargo, proposal=made))


def proposal_in_force(standing: Standing, details: object, now: datetime) -> Standing:
    """The new date replaces the old; whoever did not agree to it is not bound, and is told nothing more."""
    proposal = standing.embargo.proposal
    active = Terms(proposal.until, proposal.accepted_by) if proposal else standing.embargo.active
    return replace(standing, embargo=replace(standing.embargo, active=active))


def proposal_gone(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, embargo=replace(standing.embargo, proposal=None))


def embargo_over(standing: Standing, details: Ending, now: datetime) -> Standing:
    return replace(standing, embargo=replace(standing.embargo, ended_at=now, reason=details.reason))


# What vendors and the world know


def vendor_aware(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, aware=True)


def fix_ready(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, ready=True)


def fix_deployed(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, deployed=True)


def world_knows(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, public=True)


def exploit_out(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, exploit=True)


def attacks_seen(standing: Standing, details: object, now: datetime) -> Standing:
    return replace(standing, attacks=True)


def embargo_ends_with_it(standing: Standing, details: object, now: datetime) -> Standing:
    """Publication, a public exploit and attacks each end an embargo in force and make an end of proposals."""
    embargo = replace(standing.embargo, proposal=None)
    if embargo_state(standing, now) in IN_FORCE:
        reason = EndReason.EXPLOIT if standing.exploit else EndReason.PUBLIC
        embargo = replace(embargo, ended_at=now, reason=EndReason.ATTACKS if standing.attacks else reason)
    return replace(standing, embargo=embargo)
