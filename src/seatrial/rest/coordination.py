"""Coordination over HTTP: cases of several parties, their embargoes and messages, one's inbox and capacity."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import (
    Capacity,
    CaseEnd,
    CaseLine,
    ContactView,
    CoordinationView,
    DisclosureTerms,
    EndReason,
    Inbox,
    MilestoneKind,
    PartyRole,
    Progress,
    ThreadPart,
)
from seatrial.clearinghouse.findings import api as findings
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now, parse_time

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["coordination"])


class CaseIn(Schema):
    subjects: list[str]
    title: str
    summary: str
    product: str
    priority: int = 100


class InviteIn(Schema):
    role: PartyRole
    organisation: str = ""
    contact: str = ""
    chain: int = 0


class EventIn(Schema):
    event: str
    party: str = ""
    note: str = ""


class MessageIn(Schema):
    text: str
    to: list[str] | None = None
    party: str = ""


class MilestoneIn(Schema):
    kind: MilestoneKind
    party: str = ""
    note: str = ""


class ToldIn(Schema):
    kind: MilestoneKind
    party: str


class EndIn(Schema):
    reason: EndReason
    why: str


class CloseIn(Schema):
    reason: CaseEnd
    why: str
    duplicate_of: str = ""


class JoinIn(Schema):
    accept_embargo: bool


class WhyIn(Schema):
    why: str = ""


class AnswerIn(Schema):
    accepts: bool


class ProposeIn(Schema):
    until: str
    why: str = ""


class MoveIn(Schema):
    event: str


class ContactIn(Schema):
    name: str
    addresses: list[str]


class SecurityTxtIn(Schema):
    name: str
    text: str


class RungIn(Schema):
    after: float
    step: str


class TermsIn(Schema):
    version: str
    usual: float
    longest: float
    answer_within: float
    rungs: list[RungIn]


class CapacityIn(Schema):
    open_at_once: int
    per_week: int
    quiet_weekdays: list[int] = []
    quiet_dates: list[list[str]] = []
    delivery: str = "single"


@router.get("/cases", response=list[schema_of(CaseLine)])  # type: ignore[misc]
def cases(request: HttpRequest, limit: int = 100, closed: bool = False) -> Any:
    """The open cases you may see, by priority and age; with `closed` those that ended, the last one first."""
    return plain(coordination.cases(actor_of(request), now(), limit=min(max(limit, 1), 1000), closed=closed))


@router.post("/cases", response={201: schema_of(CoordinationView)})
def open_case(request: HttpRequest, body: CaseIn) -> Any:
    """Open a case about reports, findings or clusters; the shorter of the usual date and the report's is agreed."""
    actor, at = actor_of(request), now()
    made = coordination.open_case(by=actor, at=at, **body.dict())
    return Status(201, plain(coordination.case(actor, made, at)))


@router.get("/cases/{case}", response=schema_of(CoordinationView))
def show(request: HttpRequest, case: str) -> Any:
    """A case: its parties, the embargo's clock, milestones, and what you can do."""
    return plain(coordination.case(actor_of(request), case, now()))


@router.post("/cases/{case}/parties", response={201: dict[str, str]})
def invite(request: HttpRequest, case: str, body: InviteIn) -> Any:
    """Invite an organisation of this instance or an outside contact."""
    made = coordination.invite(by=actor_of(request), case=case, at=now(), **body.dict())
    return Status(201, {"party": made})


@router.post("/cases/{case}/events", response=schema_of(CoordinationView))
def record(request: HttpRequest, case: str, body: EventIn) -> Any:
    """A fix that is ready or out, or what the world knows: each of the latter ends an embargo in force."""
    actor, at = actor_of(request), now()
    coordination.record_event(by=actor, case=case, at=at, **body.dict())
    return plain(coordination.case(actor, case, at))


@router.get("/cases/{case}/messages", response=schema_of(ThreadPart))
def messages(request: HttpRequest, case: str, before: str | None = None, limit: int = 50) -> Any:
    """What was said and you may read, newest first; `earlier` is where the next part begins."""
    return plain(coordination.thread(actor_of(request), case, now(), before=before, limit=min(max(limit, 1), 500)))


@router.post("/cases/{case}/messages", response={201: dict[str, str]})
def say(request: HttpRequest, case: str, body: MessageIn) -> Any:
    """Write to all parties told now, or to those named in `to`."""
    made = coordination.say(by=actor_of(request), case=case, at=now(), **body.dict())
    return Status(201, {"message": made})


@router.post("/cases/{case}/milestones", response=schema_of(CoordinationView))
def milestone(request: HttpRequest, case: str, body: MilestoneIn) -> Any:
    """Record a milestone; it goes up the reporter chain."""
    actor, at = actor_of(request), now()
    coordination.reach_milestone(by=actor, case=case, at=at, **body.dict())
    return plain(coordination.case(actor, case, at))


@router.post("/cases/{case}/relays", response=schema_of(CoordinationView))
def relayed(request: HttpRequest, case: str, body: ToldIn) -> Any:
    """Say that somebody of the chain without an account was told of a milestone."""
    actor, at = actor_of(request), now()
    coordination.mark_told(by=actor, case=case, at=at, **body.dict())
    return plain(coordination.case(actor, case, at))


@router.post("/cases/{case}/terminate", response=schema_of(CoordinationView))
def terminate(request: HttpRequest, case: str, body: EndIn) -> Any:
    """End the embargo before its date, for a reason that the case shows or on evidence that attackers know."""
    actor, at = actor_of(request), now()
    coordination.terminate(by=actor, case=case, at=at, **body.dict())
    return plain(coordination.case(actor, case, at))


@router.post("/cases/{case}/close", response=schema_of(CoordinationView))
def close(request: HttpRequest, case: str, body: CloseIn) -> Any:
    """Close a case of your own, for a reason that holds; an embargo in force stays agreed."""
    actor, at = actor_of(request), now()
    coordination.close_case(by=actor, case=case, at=at, **body.dict())
    return plain(coordination.case(actor, case, at))


@router.post("/cases/{case}/reopen", response=schema_of(CoordinationView))
def reopen(request: HttpRequest, case: str, body: WhyIn) -> Any:
    """Open a closed case of your own again; it goes on where it was."""
    actor, at = actor_of(request), now()
    coordination.reopen_case(by=actor, case=case, why=body.why, at=at)
    return plain(coordination.case(actor, case, at))


@router.post("/parties/{party}/join", response=dict[str, bool])
def join(request: HttpRequest, party: str, body: JoinIn) -> Any:
    """Take part; `told` is false as long as the embargo in force is not accepted."""
    return {"told": coordination.join(by=actor_of(request), party=party, accept_embargo=body.accept_embargo, at=now())}


@router.post("/parties/{party}/decline", response={204: None})
def decline(request: HttpRequest, party: str, body: WhyIn) -> Any:
    """Do not take part; joining later is possible."""
    coordination.decline(by=actor_of(request), party=party, why=body.why, at=now())
    return Status(204, None)


@router.post("/parties/{party}/tell", response={204: None})
def tell(request: HttpRequest, party: str) -> Any:
    """Receive the report, once the embargo is accepted or over."""
    coordination.tell(by=actor_of(request), party=party, at=now())
    return Status(204, None)


@router.post("/parties/{party}/adhere", response={204: None})
def adhere(request: HttpRequest, party: str) -> Any:
    """Accept the embargo that is in force."""
    coordination.adhere(by=actor_of(request), party=party, at=now())
    return Status(204, None)


@router.post("/parties/{party}/answer", response={204: None})
def answer(request: HttpRequest, party: str, body: AnswerIn) -> Any:
    """Accept or reject the date that is proposed."""
    coordination.answer(by=actor_of(request), party=party, accepts=body.accepts, at=now())
    return Status(204, None)


@router.post("/parties/{party}/propose", response={204: None})
def propose(request: HttpRequest, party: str, body: ProposeIn) -> Any:
    """Propose a date: the first, a counter-proposal, a shorter or a longer one."""
    until = parse_time(body.until)
    coordination.propose(by=actor_of(request), party=party, until=until, why=body.why, at=now())
    return Status(204, None)


@router.post("/parties/{party}/report", response={204: None})
def move_report(request: HttpRequest, party: str, body: MoveIn) -> Any:
    """`validate`, `invalidate`, `accept`, `defer` or `close` the report."""
    coordination.move_report(by=actor_of(request), party=party, event=body.event, at=now())
    return Status(204, None)


@router.post("/parties/{party}/heard", response={204: None})
def heard(request: HttpRequest, party: str) -> Any:
    """Note that an outside party gave word by other means."""
    coordination.heard(by=actor_of(request), party=party, at=now())
    return Status(204, None)


@router.get("/inbox", response=list[schema_of(Inbox)])  # type: ignore[misc]
def inbox(request: HttpRequest) -> Any:
    """Invitations and cases of each organisation you act for, with the one thing that is waited for."""
    return plain(coordination.inboxes(actor_of(request), now()))


@router.get("/capacities/{organisation}", response=schema_of(Capacity) | None)
def capacity(request: HttpRequest, organisation: str) -> Any:
    """What your organisation said it can take; null if it said nothing, and then nothing waits for it."""
    return plain(coordination.inbox(actor_of(request), organisation, now()).capacity)


@router.post("/capacities/{organisation}", response=schema_of(Capacity))
def state_capacity(request: HttpRequest, organisation: str, body: CapacityIn) -> Any:
    """Say what your organisation can take: open at once, per week, quiet days, singly or as a digest."""
    said = coordination.check_capacity(**body.dict())
    coordination.state_capacity(by=actor_of(request), organisation=organisation, capacity=said, at=now())
    return plain(said)


@router.get("/contacts", response=list[schema_of(ContactView)])  # type: ignore[misc]
def contacts(request: HttpRequest) -> Any:
    """The directory of outside contacts, for analysts."""
    return plain(coordination.contacts(actor_of(request), now()))


@router.post("/contacts", response={201: schema_of(ContactView)})
def add_contact(request: HttpRequest, body: ContactIn) -> Any:
    """Add an outside contact, the preferred address first."""
    actor, at = actor_of(request), now()
    made = coordination.add_contact(by=actor, at=at, **body.dict())
    return Status(201, plain(coordination.contact(actor, made, at)))


@router.post("/contacts/security-txt", response={201: schema_of(ContactView)})
def add_security_txt(request: HttpRequest, body: SecurityTxtIn) -> Any:
    """Add an outside contact from the text of its security.txt (RFC 9116). Nothing is fetched."""
    actor, at = actor_of(request), now()
    made = coordination.add_security_txt(by=actor, at=at, **body.dict())
    return Status(201, plain(coordination.contact(actor, made, at)))


@router.get("/terms", response=list[schema_of(DisclosureTerms)])  # type: ignore[misc]
def terms(request: HttpRequest) -> Any:
    """Terms of disclosure, newest first; spans in seconds."""
    return plain(coordination.terms())


@router.post("/terms", response={201: schema_of(DisclosureTerms)})
def publish_terms(request: HttpRequest, body: TermsIn) -> Any:
    """Publish terms under which cases are opened from now on; those in flight keep theirs."""
    coordination.publish_terms(by=actor_of(request), document=body.dict(), at=now())
    return Status(201, plain(coordination.terms_in_force()))


@router.get("/progress/{code}", response=schema_of(Progress), auth=None)
def progress(request: HttpRequest, code: str) -> Any:
    """What became of the case made of a report, for whoever holds its receipt code: milestones, and what waits."""
    return plain(coordination.progress(findings.follow(code).id, now()))


@router.get("/reports/{report}/progress", response=schema_of(Progress))
def progress_of(request: HttpRequest, report: str) -> Any:
    """The same for a report of your own, or one you may read."""
    return plain(coordination.progress(findings.report(actor_of(request), report).id, now()))
