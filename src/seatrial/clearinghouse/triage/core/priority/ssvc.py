"""What to do how soon: CISA's decision table of SSVC, as data.

Stakeholder-Specific Vulnerability Categorization (CERT/CC): decision points Exploitation 1.1.0, Automatable 2.0.0,
Technical Impact 1.0.0, Mission and Well-Being Impact 1.0.0; the table *CISA Coordinator* 2.0.3.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Exploitation(enum.StrEnum):
    NONE = "none"  # no evidence of use, and no way to use it that is public
    PUBLIC_POC = "public poc"
    ACTIVE = "active"


class Automatable(enum.StrEnum):
    NO = "no"
    YES = "yes"  # reconnaissance, delivery and exploitation can be done by a machine for many targets


class TechnicalImpact(enum.StrEnum):
    PARTIAL = "partial"
    TOTAL = "total"  # full control of the program's behaviour, or all that it knows


class MissionImpact(enum.StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Action(enum.StrEnum):
    """Least urgent first."""

    TRACK = "track"
    TRACK_CLOSELY = "track*"
    ATTEND = "attend"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Points:
    """The four decision points."""

    exploitation: Exploitation
    automatable: Automatable
    technical_impact: TechnicalImpact
    mission_impact: MissionImpact


_ROWS = """
none        no   partial  track   track   track
none        no   total    track   track   track*
none        yes  partial  track   track   attend
none        yes  total    track   track   attend
public poc  no   partial  track   track   track*
public poc  no   total    track   track*  attend
public poc  yes  partial  track   track   attend
public poc  yes  total    track   track*  attend
active      no   partial  track   track   attend
active      no   total    track   attend  act
active      yes  partial  attend  attend  act
active      yes  total    attend  act     act
"""


def _table() -> Mapping[Points, Action]:
    table = {}
    for row in _ROWS.strip().splitlines():
        exploitation, automatable, impact, *actions = (word.strip() for word in row.split("  ") if word.strip())
        for mission, action in zip(MissionImpact, actions, strict=True):
            points = Points(
                Exploitation(exploitation), Automatable(automatable), TechnicalImpact(impact), MissionImpact(mission)
            )
            table[points] = Action(action)
    return table


TABLE: Mapping[Points, Action] = _table()


def decide(points: Points) -> Action:
    """What CISA's table says of the four points."""
    return TABLE[points]
