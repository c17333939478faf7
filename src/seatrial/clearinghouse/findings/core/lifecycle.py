"""The life of a report as data: draft → received → acknowledged → accepted or returned; withdrawn by its reporter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.clearinghouse.findings.types import ReportState
from seatrial.kernel.lifecycle import Machine, Transition


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need of a report."""

    state: ReportState


@dataclass(frozen=True, slots=True)
class Return:
    """Why a report is given back, for its reporter."""

    reason: str


def state_of(report: Standing, _now: datetime) -> ReportState:
    """Where it is."""
    return report.state


def says_why(report: Standing, details: Return, now: datetime) -> str | None:
    """A reporter who worked on it is owed a reason."""
    return None if details.reason.strip() else "A report is returned with a reason that its reporter reads; write it."


def received(report: Standing, details: object, now: datetime) -> Standing:
    return replace(report, state=ReportState.RECEIVED)


def acknowledged(report: Standing, details: object, now: datetime) -> Standing:
    return replace(report, state=ReportState.ACKNOWLEDGED)


def returned(report: Standing, details: object, now: datetime) -> Standing:
    return replace(report, state=ReportState.RETURNED)


def accepted(report: Standing, details: object, now: datetime) -> Standing:
    return replace(report, state=ReportState.ACCEPTED)


def withdrawn(report: Standing, details: object, now: datetime) -> Standing:
    return replace(report, state=ReportState.WITHDRAWN)


_NEW = frozenset({ReportState.RECEIVED})
_OPEN = frozenset({ReportState.RECEIVED, ReportState.ACKNOWLEDGED})

MACHINE: Machine[Standing] = Machine.of(
    state_of,
    [
        Transition("submit", "reporter", frozenset({ReportState.DRAFT}), "report.received", (), (received,)),
        Transition("acknowledge", "analyst", _NEW, "report.acknowledged", (), (acknowledged,)),
        Transition("return", "analyst or machine", _OPEN, "report.returned", (says_why,), (returned,)),
        Transition("accept", "analyst or machine", _OPEN | {ReportState.RETURNED}, "report.accepted", (), (accepted,)),
        Transition("withdraw", "reporter", _OPEN | {ReportState.RETURNED}, "report.withdrawn", (), (withdrawn,)),
    ],
)
