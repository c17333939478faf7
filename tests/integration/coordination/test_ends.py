"""A case that ends and is opened again; a case that follows its cluster."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.models import SubjectRow
from seatrial.clearinghouse.coordination.types import CaseEnd, EmbargoState, PartyRole, PartyView
from seatrial.clearinghouse.findings.core.document import of_short
from seatrial.clearinghouse.findings.models import Report
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.triage import api as triage
from seatrial.clearinghouse.triage.core.clusters import cluster_name
from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Forbidden, Misuse, Refused
from seatrial.ledger import api as ledger
from simulators.judged_reports import judge, reporting


def close(harbour: Any, case: str, reason: CaseEnd, at: datetime, **more: Any) -> None:
    coordination.close_case(by=harbour.analyst, case=case, reason=reason, why="Because.", at=at, **more)


def test_a_case_that_is_fixed_and_public_closes_and_leaves_queues_and_escalations(harbour: Any) -> None:
    case, at = harbour.open(), harbour.days(60)
    party = harbour.joined(case)
    with pytest.raises(Refused, match="not public yet"):
        close(harbour, case, CaseEnd.FIXED, at)
    for event in ("validate", "accept"):
        coordination.move_report(by=harbour.maintainer, party=party, event=event, at=harbour.start)
    coordination.record_event(by=harbour.analyst, case=case, event="public", at=harbour.start)
    with pytest.raises(Refused, match="1 of 1 vendors"):
        close(harbour, case, CaseEnd.FIXED, at)
    for event in ("fix_ready", "fix_deployed"):
        coordination.record_event(by=harbour.maintainer, case=case, event=event, party=party, at=harbour.start)
    assert "close" in coordination.case(harbour.analyst, case, at).may
    before = ledger.head()
    close(harbour, case, CaseEnd.FIXED, at)
    assert ledger.head() == before + 1
    view = coordination.case(harbour.analyst, case, at)
    assert (view.ended.reason, view.ended.why, view.may, view.advice) == (CaseEnd.FIXED, "Because.", ("reopen",), ())
    assert all(one.may == () for one in view.parties)
    theirs = coordination.case(harbour.maintainer, case, at)
    assert (theirs.ended.why, theirs.may) == ("", ())
    assert coordination.cases(harbour.analyst, at) == ()
    assert [one.ended for one in coordination.cases(harbour.maintainer, at, closed=True)] == [CaseEnd.FIXED]
    assert coordination.inbox(harbour.maintainer, "vendor-a", at).cases == ()
    for act in (
        lambda: coordination.say(by=harbour.maintainer, case=case, text="One more thing", at=at),
        lambda: coordination.move_report(by=harbour.maintainer, party=party, event="defer", at=at),
        lambda: coordination.record_event(by=harbour.analyst, case=case, event="attacks", at=at),
        lambda: harbour.invited(case, organisation="vendor-b", at=at),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "case-closed"
    coordination.reopen_case(by=harbour.analyst, case=case, why="Attacks are seen.", at=at)
    coordination.record_event(by=harbour.analyst, case=case, event="attacks", at=at)
    assert [one.id for one in coordination.cases(harbour.analyst, at)] == [case]
    with pytest.raises(Refused):
        coordination.reopen_case(by=harbour.analyst, case=case, why="Again.", at=at)


def test_a_case_whose_vendors_are_silent_is_abandoned_by_its_rule_and_escalates_no_more(harbour: Any) -> None:
    case = harbour.open()
    harbour.joined(case)
    with pytest.raises(Refused, match="has until"):
        close(harbour, case, CaseEnd.ABANDONED, harbour.days(44))
    close(harbour, case, CaseEnd.ABANDONED, harbour.days(45))
    assert coordination.turn(at=harbour.days(60)) == dict.fromkeys(
        ("followed", "released", "escalated", "settled", "overlaps"), 0
    )
    party = coordination.case(harbour.analyst, case, harbour.days(60)).parties[1]
    assert (party.silent_since, party.next_step) == (None, None)
    coordination.reopen_case(by=harbour.analyst, case=case, why="It wrote.", at=harbour.days(61))
    assert coordination.turn(at=harbour.days(61))["escalated"] == 3


def test_a_duplicate_names_the_case_that_goes_on_and_only_the_owner_closes(harbour: Any) -> None:
    one, other = harbour.open("flaw-1"), harbour.open("flaw-2")
    at = harbour.days(1)
    for named in ("", one, "case-nothing"):
        with pytest.raises(Refused, match="Name the case that goes on"):
            close(harbour, one, CaseEnd.DUPLICATE, at, duplicate_of=named)
    with pytest.raises(Refused, match="Only a duplicate"):
        close(harbour, one, CaseEnd.NO_FLAW, at, duplicate_of=other)
    close(harbour, one, CaseEnd.DUPLICATE, at, duplicate_of=other)
    with pytest.raises(Refused):
        close(harbour, other, CaseEnd.DUPLICATE, at, duplicate_of=one)
    assert coordination.case(harbour.analyst, one, at).ended.duplicate_of == other
    with pytest.raises(Forbidden):
        coordination.close_case(by=harbour.maintainer, case=other, reason=CaseEnd.NO_FLAW, why="x", at=at)
    with pytest.raises(Misuse):
        coordination.close_case(by=harbour.analyst, case=other, reason=CaseEnd.NO_FLAW, why=" ", at=at)
    assert coordination.case(harbour.analyst, one, at).embargo.state is EmbargoState.ACTIVE, "what was agreed stays"


def reporters(harbour: Any, case: str) -> dict[str, PartyView]:
    view = coordination.case(harbour.analyst, case, harbour.days(2))
    return {one.name: one for one in view.parties if one.role is PartyRole.REPORTER}


def said(report: str, **more: Any) -> None:
    """The report's document says ``more``."""
    short = NewReport("Overflow", "It writes past its end.", "decoder", finder=Report.objects.get(id=report).finder)
    Report.objects.filter(id=report).update(document=canonical({**of_short(short), **more}).decode())


def test_a_report_that_joins_a_cluster_later_comes_into_its_case_and_leaves_it_again(harbour: Any) -> None:
    report, at = reporting(harbour.start), harbour.days(2)
    one, other, third = report(finder="Fay"), report(finder="Finn"), report(finder="Faye")
    said(other, chain=[{"organisation": "JPCERT"}])
    for each in (one, other, third):
        judge(each, harbour.start)
    case = harbour.open(cluster_name(one))
    assert coordination.turn(at=at)["followed"] == 0
    number = triage.say_same(by=harbour.analyst, reports=[one, other], reason="One loop.", at=at)
    before = ledger.head()
    assert coordination.turn(at=at)["followed"] == 1
    assert ledger.head() == before + 1
    assert coordination.turn(at=at)["followed"] == 0, "it is idempotent"
    found = reporters(harbour, case)
    assert set(found) == {"Fay", "Finn", "JPCERT"}
    assert (found["Finn"].bound, found["Finn"].told) == (True, True), "it asks for no other date"
    view = coordination.case(harbour.analyst, case, at)
    assert view.about == (cluster_name(one), one, other)
    assert [{relay.name: relay.told_at is None for relay in each.relays} for each in view.milestones] == [
        {"Fay": False, "Finn": False, "JPCERT": True}
    ] * 2
    assert coordination.progress(other, at).embargo is EmbargoState.ACTIVE
    triage.undo_decision(by=harbour.analyst, decision=number, at=at)
    assert coordination.turn(at=at)["followed"] == 1
    assert set(reporters(harbour, case)) == {"Fay"}
    assert coordination.case(harbour.analyst, case, at).about == (cluster_name(one), one)
    assert harbour.open(other), "it is free to have a case of its own"


def test_a_later_report_that_asks_for_a_shorter_silence_is_not_bound_and_its_date_is_proposed(harbour: Any) -> None:
    report, at = reporting(harbour.start), harbour.days(2)
    one, other = report(finder="Fay"), report(finder="Finn")
    said(other, embargo={"until": harbour.days(20).isoformat()})
    for each in (one, other):
        judge(each, harbour.start)
    case = harbour.open(cluster_name(one))
    triage.say_same(by=harbour.analyst, reports=[one, other], reason="One loop.", at=at)
    coordination.turn(at=at)
    clock = coordination.case(harbour.analyst, case, at).embargo
    assert (clock.state, clock.proposed_until, clock.proposed_by) == (EmbargoState.REVISE, harbour.days(20), "Finn")
    assert not reporters(harbour, case)["Finn"].told


def test_a_reporter_who_has_spoken_stays_in_the_matrix_when_its_report_leaves_and_can_come_back(harbour: Any) -> None:
    report, at = reporting(harbour.start), harbour.days(2)
    one, other = report(finder="Fay"), report(finder="Finn")
    for each in (one, other):
        judge(each, harbour.start)
    case = harbour.open(cluster_name(one))
    number = triage.say_same(by=harbour.analyst, reports=[one, other], reason="One loop.", at=at)
    coordination.turn(at=at)
    coordination.say(
        by=harbour.analyst, case=case, text="I mailed it.", party=reporters(harbour, case)["Finn"].id, at=at
    )
    triage.undo_decision(by=harbour.analyst, decision=number, at=at)
    coordination.turn(at=at)
    left = reporters(harbour, case)["Finn"]
    assert (left.told, left.declined_why) == (False, "Its report is not of this case's flaw any more.")
    triage.say_same(by=harbour.analyst, reports=[one, other], reason="It is after all.", at=at)
    coordination.turn(at=at)
    again = reporters(harbour, case)["Finn"]
    assert (again.place, again.bound, again.told) == ("joined", False, False), "it accepts what is in force anew"


def test_a_closed_case_and_one_of_a_report_alone_follow_nothing(harbour: Any) -> None:
    report, at = reporting(harbour.start), harbour.days(2)
    one, other, alone = report(finder="Fay"), report(finder="Finn"), report(finder="Flo")
    for each in (one, other, alone):
        judge(each, harbour.start)
    case = harbour.open(cluster_name(one))
    harbour.open(alone)
    close(harbour, case, CaseEnd.NO_FLAW, at)
    triage.say_same(by=harbour.analyst, reports=[one, other, alone], reason="One loop.", at=at)
    assert coordination.turn(at=at)["followed"] == 0
    coordination.reopen_case(by=harbour.analyst, case=case, why="It is one.", at=at)
    assert coordination.turn(at=at)["followed"] == 1, "and not the report that another case is about"
    assert SubjectRow.objects.filter(followed_at__isnull=False).values_list("subject", flat=True).get() == other
