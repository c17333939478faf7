"""A case on a real database: who is told what and when, embargoes, messages, milestones, one entry for each act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.models import CaseRow, PartyRow
from seatrial.clearinghouse.coordination.types import (
    Answer,
    EmbargoState,
    EndReason,
    MilestoneKind,
    PartyRole,
    Place,
    ReportStatus,
)
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE

REPORT = NewReport("Overflow in curd", "A long header writes past the end of its buffer.", "curd", finder="Fay Finder")


def entries(act: Callable[[], Any]) -> Any:
    """What ``act`` returns, which must leave exactly one entry."""
    before = ledger.head()
    found = act()
    assert ledger.head() == before + 1
    return found


def test_a_case_begins_with_its_owner_and_the_usual_embargo(harbour: Any) -> None:
    case = entries(harbour.open)
    view = coordination.case(harbour.analyst, case, harbour.start)
    assert (view.owner, view.about) == ("ann", ("flaw-1",))
    assert (view.embargo.state, view.embargo.until) == (EmbargoState.ACTIVE, harbour.days(45))
    assert view.embargo.bound == harbour.days(90)
    for other in (ANYONE, harbour.maintainer, harbour.lab, harbour.operator):
        assert coordination.cases(other, harbour.start) == ()
        with pytest.raises(NotFound):
            coordination.case(other, case, harbour.start)


def test_one_subject_has_one_case_and_only_analysts_open_any(harbour: Any) -> None:
    harbour.open()
    with pytest.raises(Conflict, match="already"):
        harbour.open()
    with pytest.raises(Forbidden):
        coordination.open_case(
            by=harbour.maintainer, subjects=["x"], title="x", summary="x", product="x", at=harbour.start
        )
    with pytest.raises(NotFound):
        harbour.open("report-00000000")


def test_an_invited_vendor_reads_the_product_and_the_date_and_nothing_else_before_it_accepts(harbour: Any) -> None:
    case = harbour.open()
    party = entries(lambda: harbour.invited(case))
    box = coordination.inbox(harbour.maintainer, "vendor-a", harbour.start)
    assert [(one.product, one.until) for one in box.invitations] == [("curd", harbour.days(45))]
    assert "Overflow" not in repr(box)
    with pytest.raises(NotFound):
        coordination.case(harbour.maintainer, case, harbour.start)
    told = entries(
        lambda: coordination.join(by=harbour.maintainer, party=party, accept_embargo=False, at=harbour.start)
    )
    assert not told
    with pytest.raises(NotFound):
        coordination.case(harbour.maintainer, case, harbour.start)
    with pytest.raises(Refused, match="not accepted the embargo"):
        coordination.tell(by=harbour.maintainer, party=party, at=harbour.start)
    entries(lambda: coordination.adhere(by=harbour.maintainer, party=party, at=harbour.start))
    entries(lambda: coordination.tell(by=harbour.maintainer, party=party, at=harbour.start))
    view = coordination.case(harbour.maintainer, case, harbour.start)
    own = next(one for one in view.parties if one.id == party)
    assert (own.place, own.status, own.letters, own.told) == (Place.JOINED, ReportStatus.RECEIVED, "Vfdpxa", True)
    assert (view.about, own.contact) == ((), None), "what is for analysts only is not in it"
    with pytest.raises(NotFound):
        coordination.case(harbour.other, case, harbour.start)


def test_a_declined_invitation_leaves_nothing_behind_and_can_be_taken_up_again(harbour: Any) -> None:
    case = harbour.open()
    party = harbour.invited(case)
    entries(lambda: coordination.decline(by=harbour.maintainer, party=party, why="not ours", at=harbour.start))
    assert coordination.inbox(harbour.maintainer, "vendor-a", harbour.start).invitations == ()
    assert coordination.join(by=harbour.maintainer, party=party, accept_embargo=True, at=harbour.days(1))


def test_nobody_speaks_for_another(harbour: Any) -> None:
    case = harbour.open()
    party = harbour.joined(case)
    for someone in (harbour.other, harbour.lab, ANYONE):
        with pytest.raises(NotFound):
            coordination.move_report(by=someone, party=party, event="validate", at=harbour.start)
    with pytest.raises(Forbidden, match="speaks for itself"):
        coordination.move_report(by=harbour.analyst, party=party, event="validate", at=harbour.start)
    with pytest.raises(Forbidden):
        coordination.record_event(by=harbour.analyst, case=case, party=party, event="fix_ready", at=harbour.start)
    with pytest.raises(Misuse):
        coordination.move_report(by=harbour.maintainer, party=party, event="receive", at=harbour.start)


def test_a_vendor_goes_from_report_to_fix_and_the_milestones_go_up_the_chain(harbour: Any) -> None:
    receipt = findings.submit(report=REPORT, at=harbour.start, source="cli")
    case = harbour.open(receipt.report)
    parties_then = coordination.case(harbour.analyst, case, harbour.start).parties
    assert [one.name for one in parties_then if one.role is PartyRole.REPORTER] == ["Fay Finder"]
    outside = coordination.add_contact(
        by=harbour.analyst, name="CERT", addresses=["cert@example.org"], at=harbour.start
    )
    finder = coordination.invite(
        by=harbour.analyst, case=case, role=PartyRole.FINDER, contact=outside, chain=2, at=harbour.start
    )
    coordination.join(by=harbour.analyst, party=finder, accept_embargo=True, at=harbour.start)
    party = harbour.joined(case)
    with pytest.raises(Refused, match="accepted the report"):
        coordination.record_event(by=harbour.maintainer, case=case, event="fix_ready", at=harbour.start)
    for number, event in enumerate(("validate", "accept")):
        at = harbour.days(1 + number)
        entries(lambda e=event, a=at: coordination.move_report(by=harbour.maintainer, party=party, event=e, at=a))
    for number, event in enumerate(("fix_ready", "fix_deployed")):
        at = harbour.days(10 + number)
        entries(lambda e=event, a=at: coordination.record_event(by=harbour.maintainer, case=case, event=e, at=a))
    entries(lambda: coordination.record_event(by=harbour.analyst, case=case, event="public", at=harbour.days(12)))
    view = coordination.case(harbour.analyst, case, harbour.days(12))
    assert [one.kind for one in view.milestones] == list(MilestoneKind)
    assert (view.embargo.state, view.embargo.reason) == (EmbargoState.EXITED, EndReason.PUBLIC)
    patch = view.milestones[4].relays
    assert [(one.name, one.told_at is None) for one in patch] == [("Fay Finder", False), ("CERT", True)]
    entries(
        lambda: coordination.mark_told(
            by=harbour.analyst, case=case, kind=MilestoneKind.PATCH, party=finder, at=harbour.days(12)
        )
    )
    with pytest.raises(Misuse, match="already"):
        coordination.mark_told(
            by=harbour.analyst, case=case, kind=MilestoneKind.PATCH, party=finder, at=harbour.days(12)
        )
    seen = coordination.progress(receipt.report, harbour.days(12))
    assert [kind for kind, _ in seen.milestones] == list(MilestoneKind)
    assert "Vendor" not in repr(seen), "no names in what a reporter sees"


def test_a_date_is_countered_shortened_and_extended_and_each_stance_is_shown(harbour: Any) -> None:
    case = harbour.open()
    one, two = harbour.joined(case), harbour.joined(case, organisation="vendor-b")
    propose, answer = coordination.propose, coordination.answer
    propose(by=harbour.maintainer, party=one, until=harbour.days(60), why="a release date", at=harbour.days(1))
    view = coordination.case(harbour.other, case, harbour.days(1))
    assert (view.embargo.state, view.embargo.until) == (EmbargoState.REVISE, harbour.days(45))
    stances = {party.id: party.answer for party in view.parties}
    assert (stances[one], stances[two]) == (Answer.ACCEPTED, Answer.NONE)
    answer(by=harbour.other, party=two, accepts=False, at=harbour.days(1))
    assert coordination.case(harbour.other, case, harbour.days(1)).embargo.state is EmbargoState.ACTIVE
    entries(
        lambda: propose(by=harbour.maintainer, party=one, until=harbour.days(50), why="so then", at=harbour.days(2))
    )
    entries(lambda: propose(by=harbour.other, party=two, until=harbour.days(30), why="sooner", at=harbour.days(2)))
    lead = coordination.case(harbour.analyst, case, harbour.start).mine[0]
    for by, party in ((harbour.maintainer, one), (harbour.analyst, lead)):
        entries(lambda b=by, p=party: answer(by=b, party=p, accepts=True, at=harbour.days(3)))
    clock = coordination.case(harbour.other, case, harbour.days(3)).embargo
    assert (clock.state, clock.until, clock.proposed_until) == (EmbargoState.ACTIVE, harbour.days(30), None)
    with pytest.raises(Refused, match="allows no embargo beyond"):
        propose(by=harbour.other, party=two, until=harbour.days(91), why="", at=harbour.days(3))
    with pytest.raises(Refused, match="nothing to answer"):
        answer(by=harbour.other, party=two, accepts=True, at=harbour.days(3))


def test_whoever_stays_silent_holds_up_nobody_for_ever_and_is_told_nothing_more(harbour: Any) -> None:
    case = harbour.open()
    one, two = harbour.joined(case), harbour.joined(case, organisation="vendor-b")
    coordination.propose(by=harbour.maintainer, party=one, until=harbour.days(60), why="", at=harbour.days(1))
    lead = coordination.case(harbour.analyst, case, harbour.start).mine[0]
    coordination.answer(by=harbour.analyst, party=lead, accepts=True, at=harbour.days(2))
    assert coordination.turn(at=harbour.days(7))["settled"] == 0
    late = {party.id: party.answer for party in coordination.case(harbour.analyst, case, harbour.days(8)).parties}
    assert late[two] is Answer.LATE
    assert coordination.turn(at=harbour.days(8))["settled"] == 1
    assert coordination.turn(at=harbour.days(8))["settled"] == 0
    assert coordination.case(harbour.maintainer, case, harbour.days(8)).embargo.until == harbour.days(60)
    with pytest.raises(NotFound):
        coordination.case(harbour.other, case, harbour.days(8))
    coordination.adhere(by=harbour.other, party=two, at=harbour.days(9))
    assert coordination.case(harbour.other, case, harbour.days(9)).embargo.until == harbour.days(60)


def test_a_date_that_comes_ends_the_embargo_without_a_job(harbour: Any) -> None:
    case = harbour.open()
    party = harbour.invited(case)
    coordination.join(by=harbour.maintainer, party=party, accept_embargo=False, at=harbour.start)
    clock = coordination.case(harbour.analyst, case, harbour.days(45)).embargo
    assert (clock.state, clock.ended_at, clock.reason) == (EmbargoState.EXITED, harbour.days(45), EndReason.LAPSED)
    coordination.tell(by=harbour.maintainer, party=party, at=harbour.days(45))
    assert coordination.case(harbour.maintainer, case, harbour.days(45)).embargo.state is EmbargoState.EXITED


@pytest.mark.parametrize(
    ("event", "reason", "public"),
    [
        ("attacks", EndReason.ATTACKS, False),
        ("exploit_public", EndReason.EXPLOIT, True),
        ("public", EndReason.PUBLIC, True),
    ],
)
def test_what_the_world_learns_ends_the_embargo_and_every_vendor_is_aware_of_what_is_public(
    harbour: Any, event: str, reason: EndReason, public: bool
) -> None:
    case = harbour.open()
    harbour.joined(case)
    waiting = harbour.invited(case, organisation="vendor-b")
    entries(lambda: coordination.record_event(by=harbour.maintainer, case=case, event=event, at=harbour.days(3)))
    view = coordination.case(harbour.analyst, case, harbour.days(3))
    assert (view.embargo.state, view.embargo.reason) == (EmbargoState.EXITED, reason)
    unaware = next(one for one in view.parties if one.id == waiting)
    assert (unaware.letters[0] == "V", view.public_at is not None) == (public, public)
    lead = view.mine[0]
    with pytest.raises(Refused):
        coordination.propose(by=harbour.analyst, party=lead, until=harbour.days(20), why="", at=harbour.days(4))


def test_an_embargo_ends_early_only_for_a_reason_the_case_shows(harbour: Any) -> None:
    case = harbour.open()
    for reason in (EndReason.PUBLIC, EndReason.ATTACKS, EndReason.FIXED, EndReason.LAPSED):
        with pytest.raises(Refused, match="does not show"):
            coordination.terminate(by=harbour.analyst, case=case, reason=reason, why="so", at=harbour.start)
    end = {"case": case, "reason": EndReason.ADVERSARIES, "at": harbour.start}
    with pytest.raises(Misuse):
        coordination.terminate(by=harbour.analyst, why=" ", **end)
    entries(lambda: coordination.terminate(by=harbour.analyst, why="a forum trades it", **end))
    assert coordination.case(harbour.analyst, case, harbour.start).embargo.reason is EndReason.ADVERSARIES


def test_messages_are_kept_as_written_and_reach_those_told_and_named(harbour: Any) -> None:
    case = harbour.open()
    one, two = harbour.joined(case), harbour.joined(case, organisation="vendor-b")
    words = "Grüße <b>漢字</b>\n\n  as it is"
    entries(lambda: coordination.say(by=harbour.analyst, case=case, text=words, at=harbour.start))
    entries(lambda: coordination.say(by=harbour.maintainer, case=case, text="to one", to=[two], at=harbour.start))
    entries(lambda: coordination.say(by=harbour.analyst, case=case, text="privately", to=[one], at=harbour.start))
    read = {
        key: [message.text for message in coordination.thread(by, case, harbour.start).messages]
        for key, by in (("a", harbour.maintainer), ("b", harbour.other), ("c", harbour.analyst))
    }
    assert read["a"] == ["privately", "to one", words]
    assert read["b"] == ["to one", words]
    assert read["c"] == ["privately", "to one", words], "the clearinghouse is in every label"
    part = coordination.thread(harbour.analyst, case, harbour.start, limit=2)
    assert coordination.thread(harbour.analyst, case, harbour.start, before=part.earlier).messages[0].text == words
    with pytest.raises(NotFound):
        coordination.thread(harbour.lab, case, harbour.start)
    untold = coordination.invite(
        by=harbour.analyst, case=case, role=PartyRole.DEPLOYER, organisation="lab-north", at=harbour.start
    )
    with pytest.raises(Refused, match="not been told"):
        coordination.say(by=harbour.analyst, case=case, text="x", to=[untold], at=harbour.start)


def test_a_party_that_closed_reads_on_and_takes_no_part(harbour: Any) -> None:
    case = harbour.open()
    party = harbour.joined(case)
    for event in ("invalidate", "close"):
        coordination.move_report(by=harbour.maintainer, party=party, event=event, at=harbour.start)
    with pytest.raises(Refused, match="closed the report"):
        coordination.say(by=harbour.maintainer, case=case, text="still here", at=harbour.start)
    with pytest.raises(Refused, match="closed the report"):
        coordination.record_event(by=harbour.maintainer, case=case, event="attacks", at=harbour.start)
    view = coordination.case(harbour.maintainer, case, harbour.start)
    assert next(one for one in view.parties if one.id == party).may == ()


def test_what_a_party_can_do_is_what_the_rules_let_happen(harbour: Any) -> None:
    case = harbour.open()
    party = harbour.joined(case)
    own = next(one for one in coordination.case(harbour.maintainer, case, harbour.start).parties if one.id == party)
    assert own.may == ("report:validate", "report:invalidate", "propose")
    view = coordination.case(harbour.maintainer, case, harbour.start)
    assert view.may == ("public", "exploit_public", "attacks", "say")
    assert coordination.case(harbour.analyst, case, harbour.start).may[-4:] == (
        "invite",
        "milestone",
        "terminate",
        "close",
    )


def test_the_database_refuses_a_fix_before_the_vendor_knows(harbour: Any) -> None:
    from django.db import IntegrityError, transaction

    case = harbour.open()
    party = harbour.invited(case)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartyRow.objects.filter(id=party).update(ready_at=harbour.start)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseRow.objects.filter(id=case).update(public_at=harbour.start)
