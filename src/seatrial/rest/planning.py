"""Release plans and engagement memos over HTTP: the developer's own desk. To everybody else there is nothing here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import aware, now
from seatrial.parties import api as parties
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import (
    Entry,
    Form,
    Heading,
    MemoLine,
    MemoView,
    Milestone,
    Move,
    Option,
    PlanLine,
    PlanView,
    Progress,
    ReleasePlan,
    Schedule,
    Side,
    Track,
    Unit,
    Weighing,
    WhatIf,
    WindowRule,
)

from .asking import actor_of
from .once import shown_once
from .schemas import schema_of

router = Router(tags=["plans"])
memos = Router(tags=["engagement memos"])


class MilestoneIn(Schema):
    title: str
    track: Track
    owner: str
    days: int
    unit: Unit = Unit.WORKING
    when: Side = Side.BEFORE
    anchor: str
    length: int = 1
    needs: list[str] = []

    def milestone(self, key: str) -> Milestone:
        return Milestone(
            key=key,
            title=self.title,
            track=self.track,
            owner=self.owner,
            days=self.days,
            unit=self.unit,
            side=self.when,
            anchor=self.anchor,
            length=self.length,
            needs=tuple(self.needs),
        )


class KeyedMilestoneIn(MilestoneIn):
    key: str
    begun_at: datetime | None = None
    done_at: datetime | None = None

    def marked(self) -> Milestone:
        begun, done = (at and aware(at) for at in (self.begun_at, self.done_at))
        return replace(self.milestone(self.key), begun_at=begun, done_at=done)


class WindowIn(Schema):
    days: int
    ends_before: int = 0


class ContentIn(Schema):
    """Times with an offset are taken as they are; without one they count in the plan's zone."""

    title: str
    model: str
    zone: str = "UTC"
    partner_release: datetime
    public_release: datetime
    window: WindowIn | None = None
    holidays: list[date] = []
    milestones: list[KeyedMilestoneIn] = []

    def content(self) -> ReleasePlan:
        return ReleasePlan(
            title=self.title,
            model=self.model,
            zone=self.zone,
            partner_release=planning.moment(self.partner_release, self.zone),
            public_release=planning.moment(self.public_release, self.zone),
            window=WindowRule(self.window.days, self.window.ends_before) if self.window else None,
            holidays=frozenset(self.holidays),
            milestones=tuple(m.marked() for m in self.milestones),
        )


class PlanIn(ContentIn):
    developer: str


class MoveIn(Schema):
    partner_release: datetime | None = None
    public_release: datetime | None = None
    lengths: dict[str, int] = {}
    revision: int | None = None

    def move(self, zone: str) -> Move:
        partner, public = (at and planning.moment(at, zone) for at in (self.partner_release, self.public_release))
        return Move(partner, public, tuple(self.lengths.items()))


class ProgressIn(Schema):
    progress: Progress


class ReviewIn(Schema):
    review: str | None


class FileIn(Schema):
    toml: str


@router.get("", response=list[schema_of(PlanLine)])  # type: ignore[misc]
def list_plans(request: HttpRequest) -> Any:
    """Your organisation's release plans."""
    return plain(planning.plans(actor_of(request)))


@router.post("", response={201: schema_of(PlanView)})
def make(request: HttpRequest, body: PlanIn) -> Any:
    """Keep a release plan. Only its developer's people can see it."""
    actor, at = actor_of(request), now()
    made = planning.make_plan(by=actor, developer=body.developer, plan=body.content(), at=at)
    return Status(201, plain(planning.plan(actor, made, at)))


@router.post("/files", response={201: schema_of(PlanView)})
def make_from_file(request: HttpRequest, body: FileIn, developer: str) -> Any:
    """Keep a release plan from its file (TOML); faults name line and field."""
    actor, at = actor_of(request), now()
    made = planning.make_plan(by=actor, developer=developer, plan=planning.from_toml(body.toml), at=at)
    return Status(201, plain(planning.plan(actor, made, at)))


@router.get("/schema", response=dict[str, Any])
def schema(request: HttpRequest) -> Any:
    """The JSON Schema of a plan file."""
    return plain(planning.schema())


@router.post("/check", response=schema_of(Schedule))
def check(request: HttpRequest, body: FileIn) -> Any:
    """Work out a plan file (TOML) without keeping it; faults name line and field."""
    return plain(planning.schedule(planning.from_toml(body.toml), now()))


@router.get("/{plan}", response=schema_of(PlanView))
def show(request: HttpRequest, plan: str) -> Any:
    """One plan, worked out as of now."""
    return plain(planning.plan(actor_of(request), plan, now()))


@router.put("/{plan}", response=schema_of(PlanView))
def rewrite(request: HttpRequest, plan: str, body: ContentIn, revision: int | None = None) -> Any:
    """Replace all a plan says; with ``revision`` only if it is still that one."""
    actor, at = actor_of(request), now()
    planning.rewrite_plan(by=actor, plan=plan, content=body.content(), revision=revision, at=at)
    return plain(planning.plan(actor, plan, at))


@router.put("/{plan}/file", response=schema_of(PlanView))
def rewrite_from_file(request: HttpRequest, plan: str, body: FileIn, revision: int | None = None) -> Any:
    """Replace all a plan says by its file (TOML); with ``revision`` only if it is still that one."""
    actor, at = actor_of(request), now()
    content = planning.from_toml(body.toml)
    planning.rewrite_plan(by=actor, plan=plan, content=content, revision=revision, at=at)
    return plain(planning.plan(actor, plan, at))


@router.post("/{plan}/what-if", response=schema_of(WhatIf))
def what_if(request: HttpRequest, plan: str, body: MoveIn) -> Any:
    """What a move would make slip. Nothing is saved."""
    at = now()
    content = planning.plan(actor_of(request), plan, at).plan
    return plain(planning.what_if(content, body.move(content.zone), at))


@router.post("/{plan}/move", response=schema_of(PlanView))
def move(request: HttpRequest, plan: str, body: MoveIn) -> Any:
    """Move dates or change lengths. No window is longer for it, and no review's dates move with it."""
    actor, at = actor_of(request), now()
    zone = planning.plan(actor, plan, at).plan.zone
    planning.move_plan(by=actor, plan=plan, move=body.move(zone), revision=body.revision, at=at)
    return plain(planning.plan(actor, plan, at))


@router.put("/{plan}/milestones/{key}", response=schema_of(PlanView))
def set_milestone(request: HttpRequest, plan: str, key: str, body: MilestoneIn) -> Any:
    """Add a milestone, or replace the one of that key; what was begun or done stays so."""
    actor, at = actor_of(request), now()
    planning.set_milestone(by=actor, plan=plan, milestone=body.milestone(key), at=at)
    return plain(planning.plan(actor, plan, at))


@router.delete("/{plan}/milestones/{key}", response=schema_of(PlanView))
def remove_milestone(request: HttpRequest, plan: str, key: str) -> Any:
    """Take a milestone out, unless others count from it or need it."""
    actor, at = actor_of(request), now()
    planning.remove_milestone(by=actor, plan=plan, milestone=key, at=at)
    return plain(planning.plan(actor, plan, at))


@router.post("/{plan}/milestones/{key}/mark", response=schema_of(PlanView))
def mark(request: HttpRequest, plan: str, key: str, body: ProgressIn) -> Any:
    """Say that a milestone is begun, done, or open again."""
    actor, at = actor_of(request), now()
    planning.mark_milestone(by=actor, plan=plan, milestone=key, progress=body.progress, at=at)
    return plain(planning.plan(actor, plan, at))


@router.put("/{plan}/review", response=schema_of(PlanView))
def link(request: HttpRequest, plan: str, body: ReviewIn) -> Any:
    """Say which review of yours the plan is about, or none. Neither moves the other's dates."""
    actor, at = actor_of(request), now()
    planning.link_review(by=actor, plan=plan, review=body.review, at=at)
    return plain(planning.plan(actor, plan, at))


@router.post("/{plan}/feed", response={201: dict[str, str]})
@shown_once("plan")
def issue_feed(request: HttpRequest, plan: str) -> Any:
    """Issue a secret calendar address, shown this once; an earlier one ends."""
    secret = planning.issue_feed(by=actor_of(request), plan=plan, at=now())
    return Status(201, {"plan": plan, "feed": settings.SEATRIAL.portal_url + reverse("plan-calendar", args=[secret])})


@router.delete("/{plan}/feed", response=schema_of(PlanView))
def revoke_feed(request: HttpRequest, plan: str) -> Any:
    """End the calendar address at once."""
    actor, at = actor_of(request), now()
    planning.revoke_feed(by=actor, plan=plan, at=at)
    return plain(planning.plan(actor, plan, at))


@router.get("/{plan}/plan.toml", response=None)
def as_toml(request: HttpRequest, plan: str) -> Any:
    """The plan as a file that ``check`` and the command line read."""
    text = planning.to_toml(planning.plan(actor_of(request), plan, now()).plan)
    return HttpResponse(text, content_type="application/toml; charset=utf-8")


@router.get("/{plan}/plan.ics", response=None)
def as_calendar(request: HttpRequest, plan: str) -> Any:
    """The plan as a calendar file."""
    body = planning.ics(planning.calendar(actor_of(request), plan, now()))
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


class EntryIn(Schema):
    option: Option
    heading: Heading
    weight: int
    text: str


class MemoIn(Schema):
    """Authors are not said: words that stood in the version before keep theirs, all others are yours."""

    title: str
    entries: list[EntryIn] = []
    scope: str = ""
    conclusion: Option | None = None
    reasons: str = ""
    plan: str | None = None

    def weighing(self) -> Weighing:
        entries = tuple(Entry(e.option, e.heading, e.weight, e.text) for e in self.entries)
        return Weighing(self.title, entries, self.scope, self.conclusion, self.reasons)


class NewMemoIn(MemoIn):
    developer: str


@memos.get("", response=list[schema_of(MemoLine)])  # type: ignore[misc]
def list_memos(request: HttpRequest) -> Any:
    """Your organisation's engagement memos."""
    return plain(planning.memos(actor_of(request)))


@memos.post("", response={201: schema_of(MemoView)})
def write_memo(request: HttpRequest, body: NewMemoIn) -> Any:
    """Begin a memo. Only its developer's people can see it."""
    actor = actor_of(request)
    made = planning.write_memo(by=actor, developer=body.developer, weighing=body.weighing(), plan=body.plan, at=now())
    return Status(201, plain(planning.memo(actor, made)))


@memos.post("/files", response={201: schema_of(MemoView)})
def write_memo_from_file(request: HttpRequest, body: FileIn, developer: str, plan: str | None = None) -> Any:
    """Begin a memo from its file (TOML); faults name line and field."""
    actor = actor_of(request)
    weighing = planning.memo_from_toml(body.toml)
    made = planning.write_memo(by=actor, developer=developer, weighing=weighing, plan=plan, at=now())
    return Status(201, plain(planning.memo(actor, made)))


@memos.put("/{memo}/file", response=schema_of(MemoView))
def rewrite_memo_from_file(
    request: HttpRequest, memo: str, body: FileIn, plan: str | None = None, version: int | None = None
) -> Any:
    """A new version from its file (TOML); with ``version`` only if that is still the newest."""
    actor = actor_of(request)
    weighing = planning.memo_from_toml(body.toml)
    planning.rewrite_memo(by=actor, memo=memo, weighing=weighing, plan=plan, version=version, at=now())
    return plain(planning.memo(actor, memo))


@memos.get("/{memo}", response=schema_of(MemoView))
def show_memo(request: HttpRequest, memo: str, version: int | None = None) -> Any:
    """A version of a memo, the newest by default."""
    return plain(planning.memo(actor_of(request), memo, version))


@memos.put("/{memo}", response=schema_of(MemoView))
def rewrite_memo(request: HttpRequest, memo: str, body: MemoIn, version: int | None = None) -> Any:
    """A new version; with ``version`` only if that is still the newest."""
    actor = actor_of(request)
    planning.rewrite_memo(by=actor, memo=memo, weighing=body.weighing(), plan=body.plan, version=version, at=now())
    return plain(planning.memo(actor, memo))


@memos.get("/{memo}/export/{form}", response=None)
def export_memo(request: HttpRequest, memo: str, form: Form, version: int | None = None) -> Any:
    """A memo as ``md``, ``html``, ``json``, ``csv`` (its entries) or ``toml``."""
    text = planning.exported(planning.memo(actor_of(request), memo, version), form, parties.names())
    response = HttpResponse(text, content_type=f"{form.media}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="engagement-memo.{form}"'
    return response
