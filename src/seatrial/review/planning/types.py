"""The words of release plans and engagement memos: a lab's own, private until it shares them. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest

# --- Release plans -----------------------------------------------------------------------------------

PARTNER_RELEASE = "partner-release"
PUBLIC_RELEASE = "public-release"
WINDOW_OPENS = "window-opens"
WINDOW_CLOSES = "window-closes"
ANCHORS = (
    PARTNER_RELEASE,
    PUBLIC_RELEASE,
    WINDOW_OPENS,
    WINDOW_CLOSES,
)  # besides milestones


class Track(enum.StrEnum):
    """Whose work a milestone is."""

    PRODUCT = "product"
    SECURITY = "security"
    POLICY = "policy"
    LEGAL = "legal"


class Unit(enum.StrEnum):
    """Which days count."""

    CALENDAR = "calendar"
    WORKING = "working"  # not Saturdays, Sundays and the plan's holidays


class Side(enum.StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Progress(enum.StrEnum):
    OPEN = "open"
    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One piece of work, placed by counting ``days`` before (or after) its ``anchor``.

    Before: it is due that many days before the anchor begins. After: it starts that many days after the anchor
    ends. It takes ``length`` days (1: one day); both count in ``unit``. ``needs`` names milestones that must be done
    by the day it starts.
    """

    key: str
    title: str
    track: Track
    owner: str  # a name, or a person's id
    days: int
    unit: Unit
    side: Side
    anchor: str  # one of ANCHORS, or another milestone's key
    length: int = 1
    needs: tuple[str, ...] = ()
    begun_at: datetime | None = None
    done_at: datetime | None = None

    @property
    def progress(self) -> Progress:
        if self.done_at is not None:
            return Progress.DONE
        return Progress.BEGUN if self.begun_at is not None else Progress.OPEN


@dataclass(frozen=True, slots=True)
class WindowRule:
    """The window the lab has in mind: ``days`` × 24 hours, over ``ends_before`` × 24 hours before partner release."""

    days: int  # 1 to 30
    ends_before: int = 0


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What a plan says. Both dates are UTC; ``zone`` (IANA) is where its days are counted and shown."""

    title: str
    model: str
    zone: str
    partner_release: datetime
    public_release: datetime
    window: WindowRule | None
    holidays: frozenset[date]
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A milestone in its place: local days, the first and the last. ``late`` is in days, 0 if it is not."""

    milestone: Milestone
    starts: date
    due: date
    late: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plan worked out, as of ``today`` in its zone; the items in order of their start."""

    items: tuple[Item, ...]
    window: Window | None
    partner_day: date
    public_day: date
    today: date

    @property
    def late(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.late)


@dataclass(frozen=True, slots=True)
class Move:
    """What if: new dates (``None``: as they are) and new lengths by milestone key."""

    partner_release: datetime | None = None
    public_release: datetime | None = None
    lengths: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """One milestone before and after a move. ``days`` is how far its due day moves (later is positive);
    ``slips`` is by how many days the move makes it late, or later than it was, 0 if it does not.
    """

    key: str
    title: str
    owner: str
    starts_before: date
    due_before: date
    starts_after: date
    due_after: date
    days: int
    late_before: int
    late_after: int
    slips: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a move would do. Nothing is saved by looking. The window may move, and is never longer."""

    plan: ReleasePlan
    shifts: tuple[Shift, ...]
    window_before: Window | None
    window_after: Window | None

    @property
    def slipping(self) -> tuple[Shift, ...]:
        return tuple(shift for shift in self.shifts if shift.slips)


@dataclass(frozen=True, slots=True)
class LinkedReview:
    """The review a plan is about, with the review's own dates: moving the plan never moves these."""

    id: str
    title: str
    state: str
    partner_release: datetime
    public_release: datetime
    window: Window | None
    differs: bool  # its dates are not the plan's


@dataclass(frozen=True, slots=True)
class FeedView:
    """That a calendar address was issued; the address itself is shown once and kept nowhere."""

    issued_by: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in a list."""

    id: str
    developer: str
    title: str
    model: str
    zone: str
    partner_release: datetime
    public_release: datetime
    milestones: int
    done: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as the developer's own people see it; nobody else does. ``revision`` counts its changes from 1."""

    id: str
    developer: str
    revision: int
    digest: Digest
    changed_by: str
    changed_at: datetime
    plan: ReleasePlan
    schedule: Schedule
    linked: LinkedReview | None
    feed: FeedView | None
    may_write: bool


@dataclass(frozen=True, slots=True)
class CalendarView:
    """What a calendar shows of a plan; ``revisions`` says in which revision each milestone last changed."""

    id: str
    plan: ReleasePlan
    schedule: Schedule
    revision: int
    revisions: tuple[tuple[str, int], ...]
    changed_at: datetime


# --- Engagement memos --------------------------------------------------------------------------------


class Option(enum.StrEnum):
    """What a lab may choose. Any of them is its own to choose, for any reason or none."""

    ENGAGE = "engage"
    PARTLY = "partly"  # some levels, some variants, some windows
    NOT = "not"


class Heading(enum.StrEnum):
    BENEFITS = "benefits"
    EXPOSURE = "exposure"
    BURDEN = "burden"
    ALTERNATIVES = "alternatives"


class Form(enum.StrEnum):
    """What a memo can be handed on as; the value ends the file's name."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"
    CSV = "csv"  # the entries
    TOML = "toml"  # what a new version can be written from

    @property
    def media(self) -> str:
        """Its media type."""
        return {"md": "text/markdown", "csv": "text/csv", "html": "text/html"}.get(
            self.value, f"application/{self.value}"
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One consideration; ``weight`` is 0 (none) to 5 (decisive to its author). ``author`` is a person's id, set
    when it is kept: who wrote these words first.
    """

    option: Option
    heading: Heading
    weight: int
    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a version of a memo says. ``conclusion`` may still be open; ``scope`` says what partly would mean."""

    title: str
    entries: tuple[Entry, ...]
    scope: str = ""
    conclusion: Option | None = None
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class MemoVersion:
    version: int
    by: str
    at: datetime
    digest: Digest
    conclusion: Option | None


@dataclass(frozen=True, slots=True)
class MemoLine:
    """A memo in a list."""

    id: str
    developer: str
    title: str
    version: int
    conclusion: Option | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MemoView:
    """A memo as the developer's own people see it; nobody else does."""

    id: str
    developer: str
    plan: str | None
    weighing: Weighing
    version: int
    by: str
    at: datetime
    digest: Digest
    versions: tuple[MemoVersion, ...]  # oldest first
    may_write: bool


@dataclass(frozen=True, slots=True)
class Total:
    """The sum and number of weights under one heading of one option: a picture, not a rule."""

    option: Option
    heading: Heading
    entries: int
    weight: int
