"""Sectors of critical infrastructure, and when a number may be shown of one."""

from __future__ import annotations

from seatrial.kernel.errors import Misuse

LEAST = 5  # operators behind a number that others see

# National Security Memorandum 22 (2024), as words for one line.
SECTORS = (
    "chemical",
    "commercial facilities",
    "communications",
    "critical manufacturing",
    "dams",
    "defence industrial base",
    "emergency services",
    "energy",
    "financial services",
    "food and agriculture",
    "government services and facilities",
    "healthcare and public health",
    "information technology",
    "nuclear reactors, materials and waste",
    "transportation systems",
    "water and wastewater systems",
)


def check_sector(sector: str) -> str:
    """Raises ``Misuse`` (``bad-sector``) for one that is not listed; none is none."""
    if sector and sector not in SECTORS:
        raise Misuse("bad-sector", f"There is no sector {sector[:60]!r}; choose one of: {'; '.join(SECTORS)}.")
    return sector


def hidden(number: int, operators: int) -> int | None:
    """The number, unless so few operators stand behind it that one could be found out."""
    return number if operators >= LEAST else None
