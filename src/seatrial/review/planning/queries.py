"""Every read of the lab's own desk: the developer's own people, as far as its label lets them read; to all others
there is nothing, and nothing tells that there is (V10). ``calendar_at`` answers whoever has a calendar's address.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from seatrial.kernel.digests import Digest, digest, digest_of
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.cases import api as cases

from .core.scheduling import schedule
from .models import EntryRow, Feed, Memo, MemoVersionRow, MilestoneRow, Plan
from .types import (
    CalendarView,
    Entry,
    FeedView,
    Heading,
    LinkedReview,
    MemoLine,
    MemoVersion,
    MemoView,
    Milestone,
    Option,
    PlanLine,
    PlanView,
    ReleasePlan,
    Side,
    Track,
    Unit,
    Weighing,
    WindowRule,
)

READERS = (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY)


def desks(asking: Actor) -> tuple[str, ...]:
    """The developers for whom the asker reads plans and memos, in order; empty for everybody else."""
    known = {view.id for view in parties.organisations(asking, OrganisationKind.DEVELOPER)}
    return tuple(sorted(known & _homes(asking)))


def plans(asking: Actor) -> tuple[PlanLine, ...]:
    """The asker's plans, the next release to partners first."""
    rows = _plans(asking).annotate(
        many=Count("milestones"), done=Count("milestones", filter=Q(milestones__done_at__isnull=False))
    )
    return tuple(
        PlanLine(
            id=row.id,
            developer=row.developer_id,
            title=row.title,
            model=row.model,
            zone=row.zone,
            partner_release=row.partner_release,
            public_release=row.public_release,
            milestones=row.many,
            done=row.done,
            changed_at=row.changed_at,
        )
        for row in rows.order_by("partner_release", "id")
    )


def plan(asking: Actor, plan_id: str, now: datetime) -> PlanView:
    """One plan, worked out as of ``now``. Raises ``NotFound`` (``no-such-plan``)."""
    row = plan_row(asking, plan_id)
    content = content_of(row)
    feed = row.feeds.filter(revoked_at__isnull=True).first()
    return PlanView(
        id=row.id,
        developer=row.developer_id,
        revision=row.revision,
        digest=digest_of(content),
        changed_by=row.changed_by_id,
        changed_at=row.changed_at,
        plan=content,
        schedule=schedule(content, now),
        linked=_linked(asking, row, now),
        feed=FeedView(feed.issued_by_id, feed.issued_at) if feed else None,
        may_write=asking.has(Role.GOVERNANCE, row.developer_id),
    )


def plan_row(asking: Actor, plan_id: str, *, lock: bool = False) -> Plan:
    """The row, for whoever may see it. Raises ``NotFound`` (``no-such-plan``)."""
    rows = _plans(asking)
    row = (rows.select_for_update() if lock else rows).filter(id=plan_id).first()
    if row is None:
        raise NotFound("no-such-plan", f"There is no plan {plan_id!r} that you may see.")
    return row


def calendar(asking: Actor, plan_id: str, now: datetime) -> CalendarView:
    """What a calendar shows of a plan. Raises ``NotFound`` (``no-such-plan``)."""
    return _calendar(plan_row(asking, plan_id), now)


def calendar_at(secret: str, now: datetime) -> CalendarView:
    """What the calendar with that secret address shows. Raises ``NotFound`` (``no-such-calendar``)."""
    feed = Feed.objects.select_related("plan").filter(digest=digest(secret.encode()), revoked_at__isnull=True).first()
    if feed is None:
        raise NotFound("no-such-calendar", "There is no calendar at this address, or it was withdrawn.")
    return _calendar(feed.plan, now)


def content_of(row: Plan) -> ReleasePlan:
    """What a row says, with its milestones in their order (one query)."""
    return ReleasePlan(
        title=row.title,
        model=row.model,
        zone=row.zone,
        partner_release=row.partner_release,
        public_release=row.public_release,
        window=None if row.window_days is None else WindowRule(row.window_days, row.window_ends_before),
        holidays=frozenset(date.fromisoformat(day) for day in row.holidays),
        milestones=tuple(_milestone(milestone) for milestone in row.milestones.order_by("place")),
    )


def memos(asking: Actor) -> tuple[MemoLine, ...]:
    """The asker's memos, the newest version first."""
    newest = MemoVersionRow.objects.filter(memo=OuterRef("memo")).order_by("-version").values("version")[:1]
    rows = MemoVersionRow.objects.filter(memo__in=_memos(asking), version=Subquery(newest)).select_related("memo")
    return tuple(
        MemoLine(
            id=row.memo_id,
            developer=row.memo.developer_id,
            title=row.title,
            version=row.version,
            conclusion=Option(row.conclusion) if row.conclusion else None,
            by=row.written_by_id,
            at=row.written_at,
        )
        for row in rows.order_by("-written_at", "memo_id")
    )


def memo(asking: Actor, memo_id: str, version: int | None = None) -> MemoView:
    """A version of a memo, the newest by default. Raises ``NotFound`` (``no-such-memo``)."""
    row = memo_row(asking, memo_id)
    versions = list(row.versions.order_by("version"))
    shown = next((v for v in versions if v.version == version), None) if version is not None else versions[-1]
    if shown is None:
        raise NotFound("no-such-memo", f"The memo {memo_id} has no version {version}.")
    return MemoView(
        id=row.id,
        developer=row.developer_id,
        plan=row.plan_id,
        weighing=weighing_of(shown),
        version=shown.version,
        by=shown.written_by_id,
        at=shown.written_at,
        digest=Digest(shown.digest),
        versions=tuple(
            MemoVersion(
                version=v.version,
                by=v.written_by_id,
                at=v.written_at,
                digest=Digest(v.digest),
                conclusion=Option(v.conclusion) if v.conclusion else None,
            )
            for v in versions
        ),
        may_write=asking.has(Role.GOVERNANCE, row.developer_id),
    )


def memo_row(asking: Actor, memo_id: str, *, lock: bool = False) -> Memo:
    """The row, for whoever may see it. Raises ``NotFound`` (``no-such-memo``)."""
    rows = _memos(asking)
    row = (rows.select_for_update() if lock else rows).filter(id=memo_id).first()
    if row is None:
        raise NotFound("no-such-memo", f"There is no memo {memo_id!r} that you may see.")
    return row


def weighing_of(row: MemoVersionRow) -> Weighing:
    """What a version says (one query)."""
    return Weighing(
        title=row.title,
        entries=tuple(_entry(entry) for entry in row.entries.order_by("place")),
        scope=row.scope,
        conclusion=Option(row.conclusion) if row.conclusion else None,
        reasons=row.reasons,
    )


def _homes(asking: Actor) -> set[str]:
    """The organisations whose own papers the asker may read: cleared for their label, and in one of these roles."""
    return {home for home, role in asking.roles if role in READERS and asking.may_read(Label.among(home))}


def _plans(asking: Actor) -> QuerySet[Plan]:
    return Plan.objects.filter(developer_id__in=_homes(asking))


def _memos(asking: Actor) -> QuerySet[Memo]:
    return Memo.objects.filter(developer_id__in=_homes(asking))


def _calendar(row: Plan, now: datetime) -> CalendarView:
    content = content_of(row)
    revisions = row.milestones.order_by("place").values_list("key", "revision")
    return CalendarView(row.id, content, schedule(content, now), row.revision, tuple(revisions), row.changed_at)


def _linked(asking: Actor, row: Plan, now: datetime) -> LinkedReview | None:
    if row.review_id is None:
        return None
    try:
        found = cases.review(asking, row.review_id, now)
    except NotFound:
        return None
    clock = found.clock
    return LinkedReview(
        id=found.id,
        title=found.title,
        state=found.state.value,
        partner_release=clock.partner_release,
        public_release=clock.public_release,
        window=clock.window,
        differs=(clock.partner_release, clock.public_release) != (row.partner_release, row.public_release),
    )


def _milestone(row: MilestoneRow) -> Milestone:
    return Milestone(
        key=row.key,
        title=row.title,
        track=Track(row.track),
        owner=row.owner,
        days=row.days,
        unit=Unit(row.unit),
        side=Side(row.side),
        anchor=row.anchor,
        length=row.length,
        needs=tuple(row.needs),
        begun_at=row.begun_at,
        done_at=row.done_at,
    )


def _entry(row: EntryRow) -> Entry:
    return Entry(Option(row.option), Heading(row.heading), row.weight, row.text, row.author_id)
