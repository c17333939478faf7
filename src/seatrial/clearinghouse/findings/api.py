"""The door to the intake: the same one for everybody."""

from __future__ import annotations

from datetime import datetime

from seatrial.parties.types import ANYONE, Actor

from . import actions
from .actions import accept, acknowledge, judged, return_report
from .core.document import of_short
from .core.intake import CLEARINGHOUSE, check
from .core.reporting import prepared, reporter
from .queries import follow, mine, report, reports, stated
from .types import NewReport, Receipt

__all__ = [
    "CLEARINGHOUSE",
    "accept",
    "acknowledge",
    "follow",
    "judged",
    "mine",
    "report",
    "reports",
    "return_report",
    "stated",
    "submit",
]


def submit(*, report: NewReport, at: datetime, source: str, by: Actor = ANYONE, organisation: str = "") -> Receipt:
    """Take a report in from anyone; ``source`` says by which way it came (``api``, ``page``, ``cli``).

    Raises ``Misuse`` (``report-invalid``, ``which-organisation``).
    """
    check(report)
    whose = reporter(by, organisation)
    return actions.take(reports=[prepared(of_short(report))], whose=whose, at=at, source=source)[0]
