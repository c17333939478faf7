"""Release plans to try things on: the usual milestones around two dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, settings

from seatrial.review.planning.core.plan_file import from_toml, template
from seatrial.review.planning.types import Milestone, ReleasePlan, Side, Track, Unit

# How long drawing takes says how busy the machine is, nothing of the rules.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PARTNER = datetime(2026, 11, 12, 14, tzinfo=UTC)
PUBLIC = datetime(2026, 12, 3, 14, tzinfo=UTC)
EARLY = datetime(2026, 8, 3, 12, tzinfo=UTC)  # before anything has to begin


def file(zone: str = "America/New_York", partner: datetime = PARTNER, public: datetime = PUBLIC) -> str:
    return template(title="Tern 2", model="tern-2", zone=zone, partner_release=partner, public_release=public)


def usual(**changes: Any) -> ReleasePlan:
    """The template's plan."""
    return replace(from_toml(file()), **changes)


def milestone(key: str, **changes: Any) -> Milestone:
    said: dict[str, Any] = {
        "title": key.capitalize(),
        "track": Track.PRODUCT,
        "owner": "Olga",
        "days": 1,
        "unit": Unit.CALENDAR,
        "side": Side.BEFORE,
        "anchor": "partner-release",
    }
    return Milestone(key=key, **(said | changes))


def bare(*milestones: Milestone, zone: str = "UTC", holidays: frozenset[date] = frozenset()) -> ReleasePlan:
    return ReleasePlan("Bare", "m", zone, PARTNER, PUBLIC, None, holidays, milestones)


def crowded(count: int) -> ReleasePlan:
    """``count`` milestones, each counting from an earlier one or from a date, some needing others."""
    made = []
    for number in range(count):
        anchor = f"m-{number - 7}" if number >= 7 else "public-release"
        needs = (f"m-{number - 6}",) if number >= 6 and number % 3 == 0 else ()
        side = Side.AFTER
        made.append(milestone(f"m-{number}", days=number % 4, unit=Unit.WORKING, side=side, anchor=anchor, needs=needs))
    return replace(bare(*made, zone="Asia/Kathmandu"), title=f"{count} milestones")
