"""What a report's document says for its case: until when its reporter wished silence, and who passed it on.

The protocol's defaults (Vultron, "Default Embargoes"): a reporter who proposes nothing to the contrary has accepted the
recipient's default; of two dates the shorter is agreed, and the longer stands as a proposed revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from seatrial.kernel.clock import parse_time
from seatrial.kernel.errors import Misuse


def wish(document: Mapping[str, Any]) -> datetime | None:
    """The end of the embargo that the report asks for; a bare date means the end of that day, UTC."""
    text = str(document.get("embargo", {}).get("until", ""))
    if not text:
        return None
    try:
        if len(text) == len("2026-07-01"):
            return datetime.combine(datetime.fromisoformat(text), time(23, 59, 59), UTC)
        return parse_time(text)
    except (Misuse, ValueError):
        return None


def hops(document: Mapping[str, Any], nearest: str) -> tuple[str, ...]:
    """Who passed it on, the nearest to the clearinghouse first, without the one who brought it (``nearest``)."""
    named = [str(hop["organisation"]) for hop in reversed(document.get("chain", ()))]
    return tuple(name for name in dict.fromkeys(named) if name.casefold() != nearest.casefold())


def first_date(usual: datetime, wishes: Iterable[datetime | None], now: datetime) -> datetime:
    """The shortest of the usual embargo and what reporters asked for; what is past asks for nothing."""
    return min([usual, *(one for one in wishes if one is not None and one > now)])


def in_time(asked: datetime | None, until: datetime, now: datetime) -> bool:
    """Whether a report that asks for silence until ``asked`` has nothing against ``until``."""
    return asked is None or asked <= now or asked >= until


def longer_date(agreed: datetime, wishes: Iterable[datetime | None], bound: datetime) -> datetime | None:
    """The longest wish beyond what is agreed, as far as the terms allow, or ``None``."""
    longest = max((min(one, bound) for one in wishes if one is not None), default=agreed)
    return longest if longest > agreed else None
