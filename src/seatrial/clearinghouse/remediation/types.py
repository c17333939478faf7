"""Exposures of operators, what they say of them in the words of advisories, and what they agreed to."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime

from seatrial.clearinghouse.advisories.types import Justification as Justification
from seatrial.clearinghouse.advisories.types import Status as Status


class Over(enum.StrEnum):
    """What ended an exposure."""

    ANSWER = "answer"  # the operator says fixed or not affected
    GONE = "gone"  # matching finds it no more: the inventory, or the advisory, changed


class UndertakingState(enum.StrEnum):
    """Of what an operator was asked to take upon itself."""

    OFFERED = "offered"
    AGREED = "agreed"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. ``action`` is what will be done, ``until`` by when, by the operator's own choice."""

    status: Status
    justification: Justification | None = None
    note: str = ""
    action: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An operator's system was found to hold what an advisory speaks of. ``match`` names it for good."""

    match: str
    organisation: str
    advisory: str
    title: str
    urgency: str  # one of ``URGENCIES``
    system: str
    component: str
    version: str
    why: str
    action: str  # what the advisory says to do
    at: datetime


URGENCIES = ("act", "attend", "track*", "track")  # SSVC's, the most urgent first


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What was said once."""

    said: Said
    at: datetime
    by: str  # the person's id


@dataclass(frozen=True, slots=True)
class ExposureView:
    """``due`` is the operator's own date, if it has one. Over if ``over`` says how."""

    id: str
    organisation: str
    advisory: str
    title: str
    urgency: str
    system: str
    component: str
    version: str
    why: str
    action: str
    since: datetime
    due: date | None
    status: Status | None  # the latest answer's
    over: Over | None
    over_at: datetime | None
    answers: tuple[AnswerView, ...] = ()  # newest first; only where one exposure is asked for


@dataclass(frozen=True, slots=True)
class PaceView:
    """The days an operator gives itself by urgency, and how it wants to be reminded. None: no date, no reminder."""

    organisation: str
    act: int | None = None
    attend: int | None = None
    track_more: int | None = None
    track: int | None = None
    remind: int | None = None  # days before a date
    sector: str = ""


@dataclass(frozen=True, slots=True)
class UndertakingView:
    """What an operator was asked to take upon itself, and what it said to that."""

    id: str
    organisation: str
    text: str
    state: UndertakingState
    moved_at: datetime
    may: tuple[str, ...] = ()  # what the asker may do with it


@dataclass(frozen=True, slots=True)
class SectorView:
    """One sector; numbers are None where so few operators stand behind them that they could be found out."""

    sector: str
    open: int | None
    over: int | None
    half: float | None  # days until half were over
    most: float | None  # until 95 % were


@dataclass(frozen=True, slots=True)
class Protected:
    """What became of one advisory's exposures, for those who found and reported the flaw."""

    advisory: str
    systems: int | None  # that were exposed and are not any more; None where too few operators stand behind it


@dataclass(frozen=True, slots=True)
class CalendarView:
    """That an operator's dates can be subscribed to; the address itself is shown once and kept nowhere."""

    issued_by: str
    issued_at: datetime
