"""Engagement memos on a real database: the lab weighs for itself, version by version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.review.planning import api as planning
from seatrial.review.planning.core.weighing import pin
from seatrial.review.planning.models import EntryRow, Memo
from seatrial.review.planning.types import Entry, Heading, Option, Weighing
from simulators.release_plans import bare

GAIN = Entry(Option.ENGAGE, Heading.BENEFITS, 4, "Outside eyes before release")
LEAK = Entry(Option.ENGAGE, Heading.EXPOSURE, 3, "Prompts may leak")
FIRST = Weighing("Tern 2: take part?", (GAIN, LEAK), scope="API level only")


@pytest.fixture
def memo(world: Any) -> str:
    return planning.write_memo(by=world.governance, developer=world.lab, weighing=FIRST, at=world.start)


def test_a_memo_grows_by_versions_and_words_keep_whoever_wrote_them_first(world: Any, memo: str) -> None:
    more = Entry(Option.NOT, Heading.BURDEN, 2, "Four people for six weeks", author=world.governance.person)
    concluded = replace(FIRST, entries=(GAIN, more), conclusion=Option.PARTLY, reasons="API level serves both.")
    assert planning.rewrite_memo(by=world.signatory, memo=memo, weighing=concluded, at=world.start) == 2
    shown = planning.memo(world.security, memo)
    assert [entry.author for entry in shown.weighing.entries] == ["gwen", "sig"], "an author cannot be made up"
    assert (shown.version, shown.by, shown.weighing.conclusion) == (2, "sig", Option.PARTLY)
    assert pin(2, shown.weighing) == shown.digest
    first = planning.memo(world.security, memo, 1)
    assert (first.by, len(first.weighing.entries), first.weighing.conclusion) == ("gwen", 2, None)
    assert [v.version for v in first.versions] == [1, 2]
    assert planning.memos(world.security)[0].version == 2


def test_each_version_leaves_one_entry_in_the_labs_own_log(world: Any, memo: str) -> None:
    own, main = ledger.head(world.lab), ledger.head(MAIN)
    planning.rewrite_memo(by=world.governance, memo=memo, weighing=replace(FIRST, scope=""), at=world.start)
    assert (ledger.head(world.lab), ledger.head(MAIN)) == (own + 1, main)
    entry = ledger.entries(world.governance, log=world.lab, newest_first=True, limit=1)[0]
    assert (entry.kind, entry.label) == ("engagement.written", Label.among(world.lab))
    assert "Prompts" not in str(entry.openings)


def test_refusals_leave_nothing(world: Any, memo: str) -> None:
    before, head = planning.memo(world.governance, memo), ledger.head(world.lab)
    for by in (world.intake, world.rival, world.authority, world.operator):
        with pytest.raises(NotFound):
            planning.rewrite_memo(by=by, memo=memo, weighing=replace(FIRST, title="x"), at=world.start)
        with pytest.raises(Forbidden):
            planning.write_memo(by=by, developer=world.lab, weighing=FIRST, at=world.start)
        with pytest.raises(NotFound):
            planning.memo(by, memo)
        assert planning.memos(by) == ()
    with pytest.raises(Forbidden):
        planning.rewrite_memo(by=world.security, memo=memo, weighing=replace(FIRST, title="x"), at=world.start)
    by_hand: dict[str, Any] = {"by": world.governance, "memo": memo, "at": world.start}
    with pytest.raises(Conflict, match="Nothing would change"):
        planning.rewrite_memo(weighing=FIRST, **by_hand)
    with pytest.raises(Conflict, match="kept meanwhile"):
        planning.rewrite_memo(weighing=replace(FIRST, title="x"), version=7, **by_hand)
    for broken, said in (
        (replace(FIRST, title=""), "the title needs"),
        (replace(FIRST, entries=(replace(GAIN, weight=6),)), "the weight of entry 1 is 0 to 5, not 6"),
        (replace(FIRST, entries=(replace(GAIN, text=" "),)), "entry 1 needs 1 to 5,000"),
        (replace(FIRST, reasons="a\x00"), "control character"),
        (replace(FIRST, entries=(GAIN,) * 201), "more than 200 entries"),
    ):
        with pytest.raises(Misuse, match=said):
            planning.rewrite_memo(weighing=broken, **by_hand)
    assert planning.memo(world.governance, memo) == before
    assert ledger.head(world.lab) == head


def test_a_memo_may_be_about_a_plan_of_the_same_lab_only(world: Any, memo: str) -> None:
    ours = planning.make_plan(by=world.governance, developer=world.lab, plan=bare(), at=world.start)
    theirs = planning.make_plan(by=world.rival, developer="lab-south", plan=bare(), at=world.start)
    planning.rewrite_memo(by=world.governance, memo=memo, weighing=FIRST, plan=ours, at=world.start)
    assert planning.memo(world.governance, memo).plan == ours
    for plan in (theirs, "plan-0000000000000000"):
        with pytest.raises(NotFound):
            planning.rewrite_memo(by=world.governance, memo=memo, weighing=FIRST, plan=plan, at=world.start)
    both = replace(world.governance, organisations=frozenset({world.lab, "lab-south"}))
    with pytest.raises(NotFound):
        planning.write_memo(by=both, developer=world.lab, weighing=FIRST, plan=theirs, at=world.start)
    assert Memo.objects.count() == 1


def test_the_database_keeps_weights_and_words(world: Any, memo: str) -> None:
    for change in ({"weight": 6}, {"option": "maybe"}, {"heading": "fame"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            EntryRow.objects.update(**change)


def test_a_memo_is_read_in_a_bounded_number_of_queries(
    world: Any, memo: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        planning.rewrite_memo(
            by=world.governance, memo=memo, weighing=replace(FIRST, title=f"Try {number}"), at=world.start
        )
    with django_assert_max_num_queries(3):
        planning.memo(world.governance, memo)
    with django_assert_max_num_queries(1):
        planning.memos(world.governance)
