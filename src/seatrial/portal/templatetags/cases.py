"""How the words of coordination are said on a page: states of a report, the protocol's letters, answers, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from seatrial.clearinghouse.coordination.types import (
    Answer,
    Capacity,
    CaseEnd,
    CaseLine,
    Delivery,
    EmbargoState,
    EndReason,
    InboxLine,
    MilestoneKind,
    PartyRole,
    Progress,
    ReportStatus,
    Step,
)
from seatrial.kernel.clock import iso

from .words import moment

register = template.Library()

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

STATUSES: Mapping[ReportStatus, str] = {
    ReportStatus.START: "Has not been told",
    ReportStatus.RECEIVED: "Has the report",
    ReportStatus.INVALID: "Found it not valid",
    ReportStatus.VALID: "Found it valid",
    ReportStatus.DEFERRED: "Put it off",
    ReportStatus.ACCEPTED: "Took it on",
    ReportStatus.CLOSED: "Closed it",
}
ROLES: Mapping[PartyRole, str] = {
    PartyRole.FINDER: "Finder",
    PartyRole.REPORTER: "Reporter",
    PartyRole.VENDOR: "Vendor or maintainer",
    PartyRole.COORDINATOR: "Coordinator",
    PartyRole.DEPLOYER: "Deployer",
    PartyRole.OTHER: "Other",
}
EMBARGOES: Mapping[EmbargoState, str] = {
    EmbargoState.NONE: "No embargo",
    EmbargoState.PROPOSED: "Embargo proposed",
    EmbargoState.ACTIVE: "Embargo",
    EmbargoState.REVISE: "Embargo, another date proposed",
    EmbargoState.EXITED: "Embargo over",
}
REASONS: Mapping[EndReason, str] = {
    EndReason.LAPSED: "its date came",
    EndReason.PUBLIC: "it was published, here or elsewhere",
    EndReason.EXPLOIT: "an exploit is public",
    EndReason.ATTACKS: "attacks are seen",
    EndReason.ADVERSARIES: "there is evidence that attackers know",
    EndReason.FIXED: "every vendor of the case has a fix out",
}
ENDS: Mapping[CaseEnd, str] = {
    CaseEnd.FIXED: "it is fixed and public",
    CaseEnd.NO_FLAW: "it is no vulnerability",
    CaseEnd.WITHDRAWN: "its reports were withdrawn",
    CaseEnd.DUPLICATE: "another case is about the same flaw",
    CaseEnd.ABANDONED: "every vendor is silent beyond what its terms bear",
}
ANSWERS: Mapping[Answer, str] = {
    Answer.ACCEPTED: "accepted it",
    Answer.REJECTED: "rejected it",
    Answer.NONE: "has not answered yet",
    Answer.LATE: "did not answer in time, and is told nothing more until it accepts",
    Answer.NOT_ASKED: "is not asked",
}
STEPS: Mapping[Step, str] = {
    Step.NEXT_CONTACT: "its next contact is tried",
    Step.COORDINATOR: "a person of the clearinghouse takes it up",
    Step.PROPOSE_PUBLICATION: "publication is proposed",
}
MILESTONES: Mapping[MilestoneKind, str] = {
    MilestoneKind.RECEIVED: "Received",
    MilestoneKind.VALIDATED: "Found valid",
    MilestoneKind.VENDOR_CONTACTED: "Vendor contacted",
    MilestoneKind.ACKNOWLEDGED: "Acknowledged by the vendor",
    MilestoneKind.PATCH: "A fix is ready",
    MilestoneKind.RELEASED: "The fix is out",
    MilestoneKind.PUBLISHED: "Published",
}
# Each letter of the protocol's case state: what it says in lower case, and in upper case.
LETTERS: tuple[tuple[str, str, str], ...] = (
    ("v", "the vendor does not know", "the vendor knows"),
    ("f", "no fix is ready", "a fix is ready"),
    ("d", "no fix is out", "the fix is out"),
    ("p", "not public", "public"),
    ("x", "no exploit is public", "an exploit is public"),
    ("a", "no attacks are seen", "attacks are seen"),
)


@register.filter
def status_words(status: str) -> str:
    """How far a party is with the report."""
    return STATUSES[ReportStatus(status)]


@register.filter
def role_words(role: str) -> str:
    """What a party is."""
    return ROLES[PartyRole(role)]


@register.filter
def embargo_line(line: CaseLine | InboxLine | Progress) -> SafeString | str:
    """Where a case's embargo is, and until when while it counts: ``Embargo until 12 January 2027, 09:00 UTC``."""
    if line.until is None or line.embargo not in (EmbargoState.ACTIVE, EmbargoState.REVISE):
        return EMBARGOES[line.embargo]
    more = "; another date is proposed" if line.embargo is EmbargoState.REVISE else ""
    return format_html("Embargo until {}{}", moment(line.until), more)


@register.filter
def answer_words(answer: str) -> str:
    """What a party said to the proposed date, after its name."""
    return ANSWERS[Answer(answer)]


@register.filter
def end_words(reason: str) -> str:
    """Why a case was closed, after ``because``."""
    return ENDS[CaseEnd(reason)]


@register.filter
def step_words(step: str) -> str:
    """What follows a silence."""
    return STEPS[Step(step)]


@register.filter
def milestone_words(kind: str) -> str:
    """What was reached."""
    return MILESTONES[MilestoneKind(kind)]


@register.filter
def meaning(letters: str) -> str:
    """``Vfdpxa`` in words: ``the vendor knows, no fix is ready, …``; a party that is no vendor has no first three."""
    pairs = zip(letters, LETTERS, strict=True)
    return ", ".join(upper if letter.isupper() else lower for letter, (_, lower, upper) in pairs if letter != "-")


@register.filter
def lettered(letters: str) -> SafeString:
    """The protocol's letters with their meaning as title."""
    return format_html('<abbr title="{}">{}</abbr>', meaning(letters), letters)


@register.filter
def day(value: datetime | None) -> SafeString | str:
    """A ``time`` element that shows the day alone: ``12 January 2027``."""
    if value is None:
        return "–"
    return format_html('<time datetime="{}">{}</time>', iso(value), f"{value.day} {value:%B %Y}")


@register.filter
def capacity_words(capacity: Capacity) -> str:
    """What a maintainer said it can take, as one sentence."""
    one = capacity.open_at_once == 1
    words = [
        f"At most {capacity.open_at_once} case{'' if one else 's'} open at once and {capacity.per_week} new a week"
    ]
    if capacity.quiet_weekdays:
        words.append("nothing on " + ", ".join(DAYS[number] for number in sorted(capacity.quiet_weekdays)))
    words += [f"nothing from {first} to {last}" for first, last in capacity.quiet_dates]
    words.append(
        "together, at most weekly" if capacity.delivery is Delivery.DIGEST else "each as soon as there is room"
    )
    return "; ".join(words) + "."
