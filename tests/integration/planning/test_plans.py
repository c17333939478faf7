"""Release plans on a real database: the lab's own, one entry for each change, none for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from icalendar import Calendar

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, SeatrialError
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Role
from seatrial.review.cases import api as cases
from seatrial.review.planning import api as planning
from seatrial.review.planning.models import Feed, MilestoneRow, Plan
from seatrial.review.planning.types import Move, Progress, WindowRule
from simulators.release_plans import EARLY, PARTNER, PUBLIC, bare, crowded, milestone, usual

DAY = timedelta(days=1)


@pytest.fixture
def plan(world: Any) -> str:
    return planning.make_plan(by=world.governance, developer=world.lab, plan=usual(), at=world.start)


@pytest.fixture
def review(world: Any) -> str:
    return cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title="A review",
        model="tern-2",
        partner_release=PARTNER,
        public_release=PUBLIC,
        at=world.start,
    )


def heads(world: Any) -> tuple[int, int]:
    return ledger.head(world.lab), ledger.head(MAIN)


WRITES: dict[str, Callable[[Any, Any, str], object]] = {
    "plan.made": lambda w, by, _: planning.make_plan(by=by, developer=w.lab, plan=bare(), at=w.start),
    "plan.changed": lambda w, by, p: planning.rewrite_plan(by=by, plan=p, content=bare(), at=w.start),
    "plan.moved": lambda w, by, p: planning.move_plan(by=by, plan=p, move=Move(PARTNER - DAY), at=w.start),
    "plan.milestone-set": lambda w, by, p: planning.set_milestone(by=by, plan=p, milestone=milestone("x"), at=w.start),
    "plan.milestone-removed": lambda w, by, p: planning.remove_milestone(
        by=by, plan=p, milestone="look-back", at=w.start
    ),
    "plan.milestone-marked": lambda w, by, p: planning.mark_milestone(
        by=by, plan=p, milestone="look-back", progress=Progress.DONE, at=w.start
    ),
    "plan.feed-issued": lambda w, by, p: planning.issue_feed(by=by, plan=p, at=w.start),
}
MARKS = "plan.milestone-marked"


@pytest.mark.parametrize("kind", WRITES)
def test_each_change_leaves_one_entry_in_the_labs_own_log(world: Any, plan: str, kind: str) -> None:
    own, main = heads(world)
    WRITES[kind](world, world.governance, plan)
    assert heads(world) == (own + 1, main)
    entry = ledger.entries(world.security, log=world.lab, newest_first=True, limit=1)[0]
    assert (entry.kind, entry.label) == (kind, Label.among(world.lab))
    assert "seatrial" not in str(entry.openings)


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("who", ["security", "signatory_only", "intake", "authority", "rival", "operator"])
def test_governance_writes_the_labs_people_mark_and_nobody_else_does_anything(
    world: Any, plan: str, kind: str, who: str
) -> None:
    roles = frozenset(role for role in world.signatory.roles if role[1] == "signatory")
    actor = replace(world.signatory, roles=roles) if who == "signatory_only" else getattr(world, who)
    ours = who in ("security", "signatory_only")
    before = heads(world)
    if ours and kind == MARKS:
        WRITES[kind](world, actor, plan)
        return
    with pytest.raises(Forbidden if ours or kind == "plan.made" else NotFound):
        WRITES[kind](world, actor, plan)
    assert heads(world) == before


def test_a_change_that_changes_nothing_or_cannot_stand_leaves_nothing(world: Any, plan: str) -> None:
    before, shown = heads(world), planning.plan(world.governance, plan, EARLY)
    by: dict[str, Any] = {"by": world.governance, "plan": plan, "at": world.start}
    refused: tuple[Callable[[], object], ...] = (
        lambda: planning.move_plan(move=Move(), **by),
        lambda: planning.rewrite_plan(content=usual(), **by),
        lambda: planning.rewrite_plan(content=replace(usual(), window=WindowRule(31)), **by),
        lambda: planning.rewrite_plan(content=bare(), revision=7, **by),
        lambda: planning.remove_milestone(milestone="freeze-build", **by),
        lambda: planning.remove_milestone(milestone="nothing", **by),
        lambda: planning.mark_milestone(milestone="look-back", progress=Progress.OPEN, **by),
        lambda: planning.set_milestone(milestone=milestone("x", anchor="x"), **by),
        lambda: planning.revoke_feed(**by),
        lambda: planning.link_review(review="review-0000000000000000", **by),
        lambda: planning.link_review(review=None, **by),
        lambda: planning.make_plan(by=world.governance, developer=world.lab, plan=bare(milestone("A")), at=world.start),
    )
    for act in refused:
        with pytest.raises(SeatrialError):
            act()
    assert heads(world) == before
    assert planning.plan(world.governance, plan, EARLY) == shown
    assert Plan.objects.count() == 1


def test_a_plan_is_kept_word_for_word(world: Any, plan: str) -> None:
    shown = planning.plan(world.security, plan, EARLY)
    assert (shown.plan, shown.revision, shown.may_write) == (usual(), 1, False)
    assert planning.plan(world.governance, plan, EARLY).may_write
    (line,) = planning.plans(world.signatory)
    assert (line.id, line.milestones, line.done) == (plan, len(usual().milestones), 0)
    holiday = replace(usual(), holidays=frozenset({EARLY.date()}), window=None, milestones=(milestone("x"),))
    planning.rewrite_plan(by=world.governance, plan=plan, content=holiday, at=world.start, revision=1)
    assert planning.plan(world.security, plan, EARLY).plan == holiday


def test_a_milestone_is_begun_done_and_opened_again(world: Any, plan: str) -> None:
    def mark(progress: Progress) -> Any:
        planning.mark_milestone(
            by=world.security, plan=plan, milestone="freeze-build", progress=progress, at=world.start
        )
        found = planning.plan(world.security, plan, EARLY).plan.milestones
        return next(m for m in found if m.key == "freeze-build")

    begun, done = mark(Progress.BEGUN), mark(Progress.DONE)
    assert (begun.begun_at, begun.done_at) == (world.start, None)
    assert (done.begun_at, done.done_at) == (world.start, world.start)
    changed = replace(done, title="Freeze it", done_at=None, begun_at=None)
    planning.set_milestone(by=world.governance, plan=plan, milestone=changed, at=world.start)
    assert planning.plans(world.governance)[0].done == 1, "what was done stays done when its words change"
    assert mark(Progress.OPEN).progress is Progress.OPEN


def test_a_linked_review_keeps_its_own_dates_and_its_own_window(world: Any, plan: str, review: str) -> None:
    planning.link_review(by=world.governance, plan=plan, review=review, at=world.start)
    linked = planning.plan(world.security, plan, world.start).linked
    assert linked is not None
    assert (linked.id, linked.differs, linked.window) == (review, False, None)
    planning.move_plan(by=world.governance, plan=plan, move=Move(PARTNER + 7 * DAY), at=world.start)
    moved = planning.plan(world.security, plan, world.start)
    assert moved.linked is not None
    assert (moved.linked.differs, moved.linked.partner_release) == (True, PARTNER)
    assert cases.review(world.governance, review, world.start).clock.partner_release == PARTNER
    planning.link_review(by=world.governance, plan=plan, review=None, at=world.start)
    assert planning.plan(world.security, plan, world.start).linked is None


def test_a_review_of_another_developer_cannot_be_linked(world: Any, plan: str, review: str) -> None:
    theirs = planning.make_plan(by=world.rival, developer="lab-south", plan=bare(), at=world.start)
    with pytest.raises(NotFound):
        planning.link_review(by=world.rival, plan=theirs, review=review, at=world.start)
    both = replace(world.rival, organisations=world.rival.organisations | {world.lab})
    with pytest.raises(Misuse, match="another developer’s"):
        planning.link_review(by=both, plan=theirs, review=review, at=world.start)


def test_who_is_cleared_for_less_than_the_plans_label_sees_none(world: Any, plan: str) -> None:
    lower = replace(world.security, level=Level.OPEN)
    assert planning.plans(lower) == ()
    assert planning.desks(lower) == ()
    with pytest.raises(NotFound):
        planning.plan(lower, plan, EARLY)


def test_who_manages_the_labs_people_only_reads_no_plan(world: Any, plan: str) -> None:
    steward = replace(world.security, roles=frozenset({(world.lab, Role.STEWARD)}))
    assert planning.plans(steward) == ()
    assert planning.desks(steward) == ()
    with pytest.raises(NotFound):
        planning.mark_milestone(by=steward, plan=plan, milestone="opening", progress=Progress.DONE, at=world.start)


def test_a_feed_answers_its_address_until_it_is_ended_or_replaced(world: Any, plan: str) -> None:
    first = planning.issue_feed(by=world.governance, plan=plan, at=world.start)
    assert not Feed.objects.filter(digest__contains=first).exists()
    client = Client()
    answer = client.get(f"/feeds/plans/{first}.ics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-cache"
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == len(usual().milestones) + 3
    assert client.get(f"/feeds/plans/{first}.ics", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.post(f"/feeds/plans/{first}.ics").status_code == 405

    planning.mark_milestone(
        by=world.security, plan=plan, milestone="freeze-build", progress=Progress.DONE, at=world.start
    )
    changed = client.get(f"/feeds/plans/{first}.ics", headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == 200
    events = {str(e["UID"]): e for e in Calendar.from_ical(changed.content).walk("VEVENT")}
    sequences = {uid.split(".")[0]: int(e["SEQUENCE"]) for uid, e in events.items()}
    assert (sequences["m-freeze-build"], sequences["m-opening"]) == (1, 0)

    second = planning.issue_feed(by=world.governance, plan=plan, at=world.start)
    assert client.get(f"/feeds/plans/{first}.ics").status_code == 404
    assert client.get(f"/feeds/plans/{second}.ics?alarm=2").content.count(b"BEGIN:VALARM") > 5
    assert client.get(f"/feeds/plans/{second}.ics?alarm=soon").status_code == 400
    planning.revoke_feed(by=world.governance, plan=plan, at=world.start)
    gone = client.get(f"/feeds/plans/{second}.ics")
    never = client.get(f"/feeds/plans/{'x' * 43}.ics")
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content


def test_a_move_raises_the_sequence_of_what_moved_only(world: Any, plan: str) -> None:
    planning.move_plan(by=world.governance, plan=plan, move=Move(lengths=(("system-card-draft", 12),)), at=world.start)
    revisions = dict(planning.calendar(world.security, plan, EARLY).revisions)
    assert {key for key, revision in revisions.items() if revision == 2} == {"system-card-draft"}


def test_the_database_keeps_what_the_rules_say(world: Any, plan: str) -> None:
    rows = MilestoneRow.objects.filter(plan=plan)
    for change in ({"length": 0}, {"track": "sales"}, {"side": "beside"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    for head in ({"window_days": 31}, {"public_release": PARTNER - DAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Plan.objects.filter(id=plan).update(**head)
    planning.issue_feed(by=world.governance, plan=plan, at=world.start)
    with pytest.raises(IntegrityError), transaction.atomic():
        Feed.objects.create(plan_id=plan, digest="x", issued_by_id=world.governance.person, issued_at=world.start)


def test_reads_ask_the_database_as_often_for_two_hundred_milestones_as_for_two(
    world: Any, django_assert_max_num_queries: Any
) -> None:
    for count in (2, 200):
        made = planning.make_plan(by=world.governance, developer=world.lab, plan=crowded(count), at=world.start)
        with django_assert_max_num_queries(3):
            assert len(planning.plan(world.governance, made, EARLY).schedule.items) == count
    with django_assert_max_num_queries(1):
        assert len(planning.plans(world.governance)) == 2


def test_one_of_two_changes_made_from_the_same_revision_is_told_so(world: Any, plan: str) -> None:
    planning.rewrite_plan(by=world.governance, plan=plan, content=bare(), at=world.start, revision=1)
    with pytest.raises(Conflict, match="revision 2 by now"):
        planning.move_plan(by=world.governance, plan=plan, move=Move(PARTNER - DAY), at=world.start, revision=1)
    assert parties.actor(world.governance.person).person == planning.plan(world.security, plan, EARLY).changed_by
