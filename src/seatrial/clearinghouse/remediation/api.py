"""The door to remediation: what is exposed, what operators say of it, by their own dates, and how long it lasts."""

from __future__ import annotations

from datetime import datetime

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.parties.types import Actor

from . import actions, queries
from .actions import (
    answer,
    end,
    end_calendar,
    issue_calendar,
    move_undertaking,
    offer_undertaking,
    open_,
    state_pace,
)
from .adapters.calendar import calendar
from .adapters.remediation_figure import remediation_figure
from .core.sectors import LEAST, SECTORS
from .core.survival import Step, days_until
from .core.tickets import as_csv, row
from .core.vex import openvex
from .queries import (
    MOST,
    calendar_of,
    curves,
    dated_at,
    exposure,
    exposures,
    pace,
    protected,
    protected_by,
    sectors,
    undertakings,
)

__all__ = [
    "LEAST",
    "MOST",
    "SECTORS",
    "Step",
    "answer",
    "as_csv",
    "calendar",
    "calendar_of",
    "curves",
    "dated_at",
    "days_until",
    "end",
    "end_calendar",
    "exposure",
    "exposures",
    "issue_calendar",
    "move_undertaking",
    "offer_undertaking",
    "open_",
    "own_vex",
    "pace",
    "protected",
    "protected_by",
    "remediation_figure",
    "row",
    "sectors",
    "state_pace",
    "turn",
    "undertakings",
]


def own_vex(asking: Actor, organisation: str) -> dict[str, object]:
    """An operator's answers as OpenVEX. Raises ``NotFound`` (``no-such-organisation``)."""
    queries.pace(asking, organisation)  # who answers for it
    every = [
        one
        for over in (False, True)
        for one in exposures(asking, over=over, organisation=organisation, limit=queries.MOST)
        if one.status is not None
    ]
    return openvex(parties.organisation(organisation).name, [exposure(asking, one.id) for one in every], now())


def turn(*, at: datetime) -> int:
    """Follow what matching finds, and remind operators of their own dates, as they wanted; how much there was to do.
    Idempotent."""
    followed = sum(
        actions.follow(
            organisation=organisation, found=queries.found_at(organisation, at) if mark else [], mark=mark, at=at
        )
        for organisation, mark in list(queries.unfollowed())
    )
    return followed + sum(
        actions.remind(organisation=organisation, exposures=ids, at=at)
        for organisation, ids in queries.due_soon(at.date()).items()
    )
