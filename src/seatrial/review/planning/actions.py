"""Every write of the lab's own desk. Each leaves one entry in the developer's own log, and none anywhere else (V10).

Governance writes; security people and signatories read, and mark milestones.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases

from .core import weighing as weighings
from .core.moves import moved
from .core.rules import check
from .core.scheduling import schedule
from .models import EntryRow, Feed, Memo, MemoVersionRow, MilestoneRow, Plan
from .queries import READERS, content_of, memo_row, plan_row, weighing_of
from .types import Milestone, Move, Progress, ReleasePlan, Weighing


@transaction.atomic
def make_plan(*, by: Actor, developer: str, plan: ReleasePlan, at: datetime) -> str:
    """Keep a new plan; returns its id. Raises ``Misuse`` (``plan-invalid``)."""
    by.require(developer, Role.GOVERNANCE, to="make a release plan")
    check(plan)
    row = Plan(developer_id=developer, changed_by_id=by.person, changed_at=at)
    _put(row, plan)
    row.save(force_insert=True)
    MilestoneRow.objects.bulk_create(_milestone(row, place, m, 1) for place, m in enumerate(plan.milestones))
    _record("plan.made", by, developer, at, plan=row.id, revision=1, digest=digest_of(plan))
    return row.id


def rewrite_plan(*, by: Actor, plan: str, content: ReleasePlan, at: datetime, revision: int | None = None) -> None:
    """Replace all a plan says. With ``revision``, only if it is still that one: else ``Conflict`` (``plan-changed``).

    Raises ``Misuse`` (``plan-invalid``) and ``Conflict`` (``nothing-changed``), as do all changes below.
    """
    _change(by=by, plan=plan, at=at, kind="plan.changed", change=lambda _: content, revision=revision)


def move_plan(*, by: Actor, plan: str, move: Move, at: datetime, revision: int | None = None) -> None:
    """Move dates or change lengths. No window is longer for it, and no review's dates move with it."""
    _change(by=by, plan=plan, at=at, kind="plan.moved", change=lambda now: moved(now, move), revision=revision)


def set_milestone(*, by: Actor, plan: str, milestone: Milestone, at: datetime) -> None:
    """Add a milestone, or replace the one of that key; what was begun or done stays so."""

    def change(content: ReleasePlan) -> ReleasePlan:
        kept = {m.key: m for m in content.milestones}
        old = kept.get(milestone.key)
        kept[milestone.key] = replace(
            milestone, begun_at=old.begun_at if old else None, done_at=old.done_at if old else None
        )
        return replace(content, milestones=tuple(kept.values()))

    facts = {"milestone": milestone.key}
    _change(by=by, plan=plan, at=at, kind="plan.milestone-set", change=change, facts=facts)


def remove_milestone(*, by: Actor, plan: str, milestone: str, at: datetime) -> None:
    """Take a milestone out; one that others count from or need stays, and the refusal names them."""

    def change(content: ReleasePlan) -> ReleasePlan:
        _one(content, milestone)
        return replace(content, milestones=tuple(m for m in content.milestones if m.key != milestone))

    facts = {"milestone": milestone}
    _change(by=by, plan=plan, at=at, kind="plan.milestone-removed", change=change, facts=facts)


def mark_milestone(*, by: Actor, plan: str, milestone: str, progress: Progress, at: datetime) -> None:
    """Say that a milestone is begun, done, or open again."""

    def change(content: ReleasePlan) -> ReleasePlan:
        old = _one(content, milestone)
        if old.progress is progress:
            return content
        begun = {Progress.OPEN: None, Progress.BEGUN: at, Progress.DONE: old.begun_at}[progress]
        new = replace(old, begun_at=begun, done_at=at if progress is Progress.DONE else None)
        return replace(content, milestones=tuple(new if m.key == milestone else m for m in content.milestones))

    facts = {"milestone": milestone, "progress": progress.value}
    _change(by=by, plan=plan, at=at, kind="plan.milestone-marked", change=change, facts=facts, roles=READERS)


@transaction.atomic
def link_review(*, by: Actor, plan: str, review: str | None, at: datetime) -> None:
    """Say which review of the same developer a plan is about, or none. Neither moves the other's dates.

    Raises ``NotFound`` (``no-such-review``), ``Misuse`` (``not-this-developers``).
    """
    row = _mine(by, plan)
    if review is not None and cases.developer_of(by, review) != row.developer_id:
        raise Misuse("not-this-developers", f"The review {review} is another developer’s; link one of your own.")
    if row.review_id == review:
        raise _nothing_changed()
    row.review_id = review
    row.save(update_fields=["review"])
    _record("plan.review-linked", by, row.developer_id, at, plan=row.id, linked=review or "")


@transaction.atomic
def issue_feed(*, by: Actor, plan: str, at: datetime) -> str:
    """The secret part of a new calendar address; this is the only time it can be read. An earlier one ends."""
    row = _mine(by, plan)
    row.feeds.filter(revoked_at__isnull=True).update(revoked_at=at)
    secret = secrets.token_urlsafe(32)
    Feed.objects.create(plan=row, digest=digest(secret.encode()), issued_by_id=by.person, issued_at=at)
    _record("plan.feed-issued", by, row.developer_id, at, plan=row.id)
    return secret


@transaction.atomic
def revoke_feed(*, by: Actor, plan: str, at: datetime) -> None:
    """End the calendar address at once. Raises ``Conflict`` (``no-feed``)."""
    row = _mine(by, plan)
    if not row.feeds.filter(revoked_at__isnull=True).update(revoked_at=at):
        raise Conflict("no-feed", "This plan has no calendar address to end.")
    _record("plan.feed-revoked", by, row.developer_id, at, plan=row.id)


@transaction.atomic
def write_memo(*, by: Actor, developer: str, weighing: Weighing, at: datetime, plan: str | None = None) -> str:
    """Begin an engagement memo; returns its id.

    Raises ``Misuse`` (``memo-invalid``), ``NotFound`` (``no-such-plan``).
    """
    by.require(developer, Role.GOVERNANCE, to="write an engagement memo")
    row = Memo.objects.create(developer_id=developer, plan_id=_plan_of(by, developer, plan))
    _write(row, 1, weighings.attributed(weighing, (), by.person), by, at)
    return row.id


@transaction.atomic
def rewrite_memo(
    *, by: Actor, memo: str, weighing: Weighing, at: datetime, plan: str | None = None, version: int | None = None
) -> int:
    """A new version of a memo, and which plan it is about; returns its number.

    With ``version``, only if that is still the newest. Raises ``Conflict`` (``memo-changed``).
    """
    row = memo_row(by, memo, lock=True)
    by.require(row.developer_id, Role.GOVERNANCE, to="write an engagement memo")
    newest = row.versions.order_by("-version")[0]
    if version is not None and version != newest.version:
        raise Conflict(
            "memo-changed", f"Version {newest.version} of this memo was kept meanwhile; read it, then keep yours again."
        )
    before = weighing_of(newest)
    new = weighings.attributed(weighing, before.entries, by.person)
    linked = _plan_of(by, row.developer_id, plan)
    if (new, linked) == (before, row.plan_id):
        raise _nothing_changed()
    row.plan_id = linked
    row.save(update_fields=["plan"])
    _write(row, newest.version + 1, new, by, at)
    return newest.version + 1


def _write(row: Memo, version: int, new: Weighing, by: Actor, at: datetime) -> None:
    weighings.check(new)
    kept = MemoVersionRow(
        memo=row,
        version=version,
        title=new.title,
        scope=new.scope,
        conclusion=new.conclusion,
        reasons=new.reasons,
        digest=weighings.pin(version, new),
        written_by_id=by.person,
        written_at=at,
    )
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "memo-changed", f"Version {version} of this memo was kept meanwhile; read it, then keep yours again."
        ) from error
    EntryRow.objects.bulk_create(
        EntryRow(
            version=kept,
            place=place,
            option=entry.option,
            heading=entry.heading,
            weight=entry.weight,
            text=entry.text,
            author_id=entry.author,
        )
        for place, entry in enumerate(new.entries)
    )
    _record("engagement.written", by, row.developer_id, at, memo=row.id, version=version, digest=kept.digest)


@transaction.atomic
def _change(
    *,
    by: Actor,
    plan: str,
    at: datetime,
    kind: str,
    change: Callable[[ReleasePlan], ReleasePlan],
    facts: Mapping[str, Any] | None = None,
    roles: tuple[Role, ...] = (Role.GOVERNANCE,),
    revision: int | None = None,
) -> None:
    """Lock, change, check, keep, record: the one way in which a plan's words change."""
    row = _mine(by, plan, *roles)
    if revision is not None and revision != row.revision:
        raise Conflict(
            "plan-changed", f"This plan is at revision {row.revision} by now; read it, then make your change again."
        )
    before = content_of(row)
    after = change(before)
    if after == before:
        raise _nothing_changed()
    check(after)
    row.revision += 1
    row.changed_by_id, row.changed_at = by.person, at
    revisions = _revisions(row, before, after, at)
    _put(row, after)
    row.save()
    row.milestones.all().delete()
    MilestoneRow.objects.bulk_create(
        _milestone(row, place, m, revisions[m.key]) for place, m in enumerate(after.milestones)
    )
    said = {"plan": row.id, "revision": row.revision, "digest": digest_of(after), **(facts or {})}
    _record(kind, by, row.developer_id, at, **said)


def _revisions(row: Plan, before: ReleasePlan, after: ReleasePlan, at: datetime) -> dict[str, int]:
    """In which revision each milestone last changed its words or its place."""
    kept = dict(row.milestones.values_list("key", "revision"))
    was = {item.milestone.key: (item.milestone, item.starts, item.due) for item in schedule(before, at).items}
    found = {}
    for item in schedule(after, at).items:
        key = item.milestone.key
        same = was.get(key) == (item.milestone, item.starts, item.due)
        found[key] = kept[key] if same else row.revision
    return found


def _mine(by: Actor, plan: str, *roles: Role) -> Plan:
    row = plan_row(by, plan, lock=True)
    by.require(row.developer_id, *(roles or (Role.GOVERNANCE,)), to="change this plan")
    return row


def _plan_of(by: Actor, developer: str, plan: str | None) -> str | None:
    if plan is None:
        return None
    row = plan_row(by, plan)
    if row.developer_id != developer:
        raise NotFound("no-such-plan", f"{developer} has no plan {plan!r}.")
    return row.id


def _one(content: ReleasePlan, key: str) -> Milestone:
    for milestone in content.milestones:
        if milestone.key == key:
            return milestone
    raise NotFound("no-such-milestone", f"This plan has no milestone {key!r}.")


def _put(row: Plan, content: ReleasePlan) -> None:
    row.title, row.model, row.zone = content.title, content.model, content.zone
    row.partner_release, row.public_release = content.partner_release, content.public_release
    row.window_days = content.window.days if content.window else None
    row.window_ends_before = content.window.ends_before if content.window else 0
    row.holidays = [day.isoformat() for day in sorted(content.holidays)]


def _milestone(row: Plan, place: int, m: Milestone, revision: int) -> MilestoneRow:
    return MilestoneRow(
        plan=row,
        place=place,
        key=m.key,
        title=m.title,
        track=m.track,
        owner=m.owner,
        days=m.days,
        unit=m.unit,
        side=m.side,
        anchor=m.anchor,
        length=m.length,
        needs=list(m.needs),
        begun_at=m.begun_at,
        done_at=m.done_at,
        revision=revision,
    )


def _nothing_changed() -> Conflict:
    return Conflict("nothing-changed", "Nothing would change by this, so nothing was kept.")


def _record(kind: str, by: Actor, developer: str, at: datetime, **facts: Any) -> None:
    """One entry in the developer's own log, which nobody else can know of."""
    ledger.append(log=developer, kind=kind, actor=by.person, facts=facts, label=Label.among(developer), at=at)
