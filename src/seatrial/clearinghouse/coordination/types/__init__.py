"""The words of coordination. Pure.

States and their letters are those of Vultron, CERT/CC's protocol for coordinated disclosure among several parties
(Householder, "Designing Vultron", CMU/SEI-2022-SR-012): one for the handling of the report by each party, one for
the embargo of the case, one for what vendors and the world know.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from seatrial.kernel.labels import Label

from .scanning import OverlapView as OverlapView
from .scanning import Registered as Registered
from .scanning import ScanView as ScanView


class PartyRole(enum.StrEnum):
    """What a party is in a case. One organisation may take part in one role only."""

    FINDER = "finder"
    REPORTER = "reporter"
    VENDOR = "vendor"  # or maintainer: whoever can fix it
    COORDINATOR = "coordinator"
    DEPLOYER = "deployer"
    OTHER = "other"


class ReportStatus(enum.StrEnum):
    """How far a party is with the report (RM): each has its own."""

    START = "start"  # has not been told
    RECEIVED = "received"
    INVALID = "invalid"
    VALID = "valid"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class EmbargoState(enum.StrEnum):
    """Whether the parties agreed to publish nothing until a date (EM): one for the case."""

    NONE = "none"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REVISE = "revise"  # in force, and another date is proposed
    EXITED = "exited"


class EndReason(enum.StrEnum):
    """Why an embargo ended. Only a lapse needs nobody to say so."""

    LAPSED = "lapsed"  # its date came
    PUBLIC = "public"  # it was published, here or elsewhere
    EXPLOIT = "exploit-public"
    ATTACKS = "attacks"
    ADVERSARIES = "adversaries-know"  # evidence that attackers have it, though nobody published it
    FIXED = "fixed"  # every vendor of the case has a fix out


class CaseEnd(enum.StrEnum):
    """Why the owner of a case closed it."""

    FIXED = "fixed-and-public"
    NO_FLAW = "not-a-vulnerability"
    WITHDRAWN = "withdrawn"  # every report of it was taken back
    DUPLICATE = "duplicate"  # another case is about the same flaw
    ABANDONED = "abandoned-by-rule"  # every vendor is silent beyond the last step of the case's terms


# What a maintainer can take, and what follows when one says nothing ----------------------------------


class Delivery(enum.StrEnum):
    SINGLE = "single"  # each case as soon as there is room
    DIGEST = "digest"  # together, at most once in seven days


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a maintainer organisation can take. Days are UTC; weekdays run from 0, Monday."""

    open_at_once: int
    per_week: int
    quiet_weekdays: frozenset[int] = frozenset()
    quiet_dates: tuple[tuple[date, date], ...] = ()  # first and last day of each stretch
    delivery: Delivery = Delivery.SINGLE


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a maintainer. The lowest number of ``priority`` goes first."""

    id: str
    priority: int
    since: datetime


class Step(enum.StrEnum):
    NEXT_CONTACT = "next-contact"
    COORDINATOR = "coordinator"  # a person of the clearinghouse takes it up
    PROPOSE_PUBLICATION = "propose-publication"


@dataclass(frozen=True, slots=True)
class Rung:
    """A step that follows after so long a silence."""

    after: timedelta
    step: Step


@dataclass(frozen=True, slots=True)
class DisclosureTerms:
    """What a case is opened under. ``longest`` is counted from its opening and bounds every embargo of it."""

    version: str
    usual: timedelta
    longest: timedelta
    answer_within: timedelta  # whoever has not answered a proposal by then holds it up no longer
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class SecurityTxt:
    """What a security.txt says; contacts in its order of preference. ``signed``: it had a signature, not verified."""

    contacts: tuple[str, ...]
    expires: datetime
    languages: tuple[str, ...]
    encryption: tuple[str, ...]
    policy: tuple[str, ...]
    canonical: tuple[str, ...]
    signed: bool


# What is shown -------------------------------------------------------------------------------------


class Place(enum.StrEnum):
    """How far a party is in the case."""

    WAITING = "waiting for capacity"  # not invited yet: the maintainer has no room
    INVITED = "invited"
    JOINED = "joined"
    DECLINED = "declined"


class Answer(enum.StrEnum):
    """What a party has said to the date that is proposed."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NONE = "not answered"
    LATE = "not answered in time"  # holds it up no longer, and is told nothing more until it accepts
    NOT_ASKED = "not asked"  # takes no part, or nothing is proposed


class MilestoneKind(enum.StrEnum):
    """What is relayed up the reporter chain."""

    RECEIVED = "received"
    VALIDATED = "validated"
    VENDOR_CONTACTED = "vendor-contacted"
    ACKNOWLEDGED = "acknowledged"  # by the vendor
    PATCH = "patch"
    RELEASED = "released"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody outside. ``addresses`` is empty for whoever may not see them."""

    id: str
    name: str
    addresses: tuple[str, ...]
    languages: tuple[str, ...]
    policy: tuple[str, ...]
    signed: bool
    expires_at: datetime | None
    expired: bool


@dataclass(frozen=True, slots=True)
class EmbargoView:
    """The embargo's clock. ``until`` is the agreed date, also once it is over; ``bound`` the last possible one."""

    state: EmbargoState
    until: datetime | None
    bound: datetime
    ended_at: datetime | None
    reason: EndReason | None
    proposed_until: datetime | None
    proposed_by: str  # a party's name
    proposed_at: datetime | None
    why: str
    answer_by: datetime | None
    decided: str  # accept, reject or empty: what the answers so far come to


@dataclass(frozen=True, slots=True)
class EscalationView:
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class PartyView:
    """A row of the party matrix. ``letters`` are the protocol's, such as ``VfdPxa``; ``may`` what the asker can do."""

    id: str
    role: PartyRole
    name: str
    organisation: str | None
    contact: str | None  # the contact's id
    address: str  # in use, for analysts
    place: Place
    chain: int
    invited_at: datetime
    released_at: datetime | None
    joined_at: datetime | None
    declined_why: str
    status: ReportStatus
    letters: str
    told: bool  # what is said in the case reaches it now
    bound: bool
    answer: Answer
    silent_since: datetime | None  # a vendor's, while its word is waited for
    escalated: tuple[EscalationView, ...]  # in this silence
    next_step: EscalationView | None
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelayView:
    party: str
    name: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class MilestoneView:
    kind: MilestoneKind
    party: str | None
    name: str  # the party's
    at: datetime
    note: str
    relays: tuple[RelayView, ...]  # in the order of the chain; for analysts


@dataclass(frozen=True, slots=True)
class MessageView:
    id: str
    at: datetime
    by: str  # the person's name
    party: str
    name: str  # the party's
    text: str
    to: tuple[str, ...] | None  # names of parties; None for all
    label: Label


@dataclass(frozen=True, slots=True)
class ThreadPart:
    """Messages, newest first; ``earlier`` is where the next part begins."""

    messages: tuple[MessageView, ...]
    earlier: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """That a case is closed. ``why`` and ``duplicate_of`` (a case's id) are empty for whoever handles it not."""

    reason: CaseEnd
    at: datetime
    why: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True)
class CoordinationView:
    """A case with all that its page shows, but for the thread. ``mine``: for whom the asker speaks."""

    id: str
    title: str
    summary: str
    product: str
    about: tuple[str, ...]
    priority: int
    owner: str
    owner_name: str
    opened_at: datetime
    public_at: datetime | None
    exploit_at: datetime | None
    attacks_at: datetime | None
    embargo: EmbargoView
    parties: tuple[PartyView, ...]
    milestones: tuple[MilestoneView, ...]
    advice: tuple[str, ...]
    terms: DisclosureTerms
    mine: tuple[str, ...]
    may: tuple[str, ...]
    label: Label
    ended: Ended | None = None  # None while it is open


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list."""

    id: str
    title: str
    product: str
    priority: int
    owner_name: str
    opened_at: datetime
    embargo: EmbargoState
    until: datetime | None
    public: bool
    attacks: bool
    vendors: int
    fixed: int
    silent: int  # vendors whose silence has reached a step of the rule
    ended: CaseEnd | None = None


@dataclass(frozen=True, slots=True)
class InvitationToCase:
    """All that a party reads that is not told: the product and the embargo that it would accept.

    ``may`` is what it can do: ``join`` and ``decline`` at first, ``adhere`` and ``tell`` once it takes part.
    """

    party: str
    role: PartyRole
    product: str
    invited_at: datetime
    embargo: EmbargoState
    until: datetime | None
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A case in a maintainer's inbox, with the one thing that is waited for."""

    case: str
    party: str
    title: str
    product: str
    status: ReportStatus
    letters: str
    embargo: EmbargoState
    until: datetime | None
    waited_for: str  # one sentence
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """What an organisation has before it. ``waiting`` counts what its capacity keeps back."""

    organisation: str
    invitations: tuple[InvitationToCase, ...]
    cases: tuple[InboxLine, ...]
    waiting: int
    capacity: Capacity | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What the reporter of a report sees of the case made of it, whether or not it takes part: no names, no words."""

    report: str
    milestones: tuple[tuple[MilestoneKind, datetime], ...]
    waiting_for_capacity: int  # maintainers who have no room for it yet
    embargo: EmbargoState
    until: datetime | None
    ended: CaseEnd | None = None
