"""Capacity, silence, contacts and terms on a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.core.escalation import DEFAULT
from seatrial.clearinghouse.coordination.types import Capacity, PartyRole, Place, Step
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.notices import api as notices

REPORT = NewReport("Overflow in curd", "A long header writes past the end of its buffer.", "curd")
SECURITY_TXT = "Contact: mailto:sec@example.com\nContact: https://example.com/report\nExpires: 2026-12-31T00:00:00Z\n"


def told(harbour: Any) -> list[str]:
    box = coordination.inbox(harbour.maintainer, "vendor-a", harbour.start)
    return [one.product for one in box.invitations]


def capacity(harbour: Any, *args: Any, **kwargs: Any) -> None:
    said = Capacity(*args, **kwargs)
    coordination.state_capacity(by=harbour.maintainer, organisation="vendor-a", capacity=said, at=harbour.start)


def test_what_waits_is_released_by_priority_within_capacity_and_its_reporter_sees_that_it_waits(harbour: Any) -> None:
    capacity(harbour, 2, 2)
    receipt = findings.submit(report=REPORT, at=harbour.start, source="cli")
    for number, priority in enumerate((30, 10, 20)):
        subject = receipt.report if priority == 30 else f"flaw-{number}"
        case = harbour.open(subject, product=f"p{priority}", priority=priority)
        party = harbour.invited(case)
    assert told(harbour) == []
    assert coordination.inbox(harbour.maintainer, "vendor-a", harbour.start).waiting == 3
    view = coordination.case(harbour.analyst, case, harbour.start)
    assert next(one for one in view.parties if one.id == party).place is Place.WAITING
    with pytest.raises(NotFound):
        coordination.join(by=harbour.maintainer, party=party, accept_embargo=True, at=harbour.start)
    before = ledger.head()
    assert coordination.turn(at=harbour.start)["released"] == 2
    assert ledger.head() == before + 1, "one turn has one entry"
    assert told(harbour) == ["p10", "p20"]
    assert coordination.progress(receipt.report, harbour.start).waiting_for_capacity == 1
    assert coordination.turn(at=harbour.days(6))["released"] == 0
    assert coordination.turn(at=harbour.days(8))["released"] == 0, "two are open still"
    party = coordination.inbox(harbour.maintainer, "vendor-a", harbour.start).invitations[0].party
    coordination.decline(by=harbour.maintainer, party=party, why="not ours", at=harbour.days(8))
    assert coordination.turn(at=harbour.days(8))["released"] == 1
    assert coordination.progress(receipt.report, harbour.days(8)).waiting_for_capacity == 0


def test_what_attackers_know_waits_for_nobody(harbour: Any) -> None:
    capacity(harbour, 1, 1)
    for number in range(2):
        case = harbour.open(f"flaw-{number}", product=f"p{number}", priority=number)
        harbour.invited(case)
    coordination.turn(at=harbour.start)
    assert told(harbour) == ["p0"]
    coordination.record_event(by=harbour.analyst, case=case, event="attacks", at=harbour.days(1))
    assert told(harbour) == ["p0", "p1"]
    late = harbour.open("flaw-9", product="p9")
    coordination.record_event(by=harbour.analyst, case=late, event="public", at=harbour.days(1))
    harbour.invited(late, at=harbour.days(1))
    assert told(harbour) == ["p0", "p1", "p9"]


def test_a_capacity_is_stated_by_ones_own_people(harbour: Any) -> None:
    for other in (harbour.other, harbour.analyst, harbour.lab):
        with pytest.raises(Forbidden):
            coordination.state_capacity(by=other, organisation="vendor-a", capacity=Capacity(1, 1), at=harbour.start)
    with pytest.raises(Misuse):
        capacity(harbour, 0, 1)
    capacity(harbour, 3, 4, frozenset({5, 6}))
    assert coordination.capacity_of("vendor-a") == Capacity(3, 4, frozenset({5, 6}))
    with pytest.raises(Forbidden):
        coordination.inbox(harbour.other, "vendor-a", harbour.start)


def test_silence_escalates_by_the_rule_once_a_step_and_a_word_begins_it_anew(harbour: Any) -> None:
    contact = coordination.add_security_txt(by=harbour.analyst, name="curd", text=SECURITY_TXT, at=harbour.start)
    case = harbour.open()
    party = coordination.invite(by=harbour.analyst, case=case, role=PartyRole.VENDOR, contact=contact, at=harbour.start)

    def own(days: float) -> Any:
        view = coordination.case(harbour.analyst, case, harbour.days(days))
        return next(one for one in view.parties if one.id == party)

    assert own(0).address == "mailto:sec@example.com"
    assert (own(0).next_step.step, own(0).next_step.at) == (Step.NEXT_CONTACT, harbour.days(14))
    assert coordination.turn(at=harbour.days(13))["escalated"] == 0
    before = ledger.head()
    assert coordination.turn(at=harbour.days(14))["escalated"] == 1
    assert coordination.turn(at=harbour.days(14))["escalated"] == 0
    assert ledger.head() == before + 1
    assert own(14).address == "https://example.com/report"
    coordination.heard(by=harbour.analyst, party=party, at=harbour.days(20))
    assert own(20).silent_since == harbour.days(20)
    assert own(20).escalated == ()
    assert coordination.turn(at=harbour.days(33))["escalated"] == 0
    assert coordination.turn(at=harbour.days(70))["escalated"] == 3, "a turn that was missed is made up"
    assert [step.step for step in own(70).escalated] == list(Step)
    assert coordination.cases(harbour.analyst, harbour.days(70))[0].silent == 1


def test_contacts_are_for_analysts_and_an_expired_one_is_not_used(harbour: Any) -> None:
    contact = coordination.add_security_txt(by=harbour.analyst, name="curd", text=SECURITY_TXT, at=harbour.start)
    assert coordination.contacts(harbour.maintainer, harbour.start) == ()
    with pytest.raises(NotFound):
        coordination.contact(harbour.lab, contact, harbour.start)
    later = harbour.days(300)
    assert coordination.contact(harbour.analyst, contact, later).expired
    with pytest.raises(Misuse, match="expired"):
        coordination.invite(by=harbour.analyst, case=harbour.open(), role=PartyRole.VENDOR, contact=contact, at=later)
    for bad in ("nobody", "http://example.com", "a b@c"):
        with pytest.raises(Misuse):
            coordination.add_contact(by=harbour.analyst, name="x", addresses=[bad], at=harbour.start)
    assert "example.com" not in str([entry.openings for entry in ledger.entries(harbour.analyst)])


def test_terms_are_published_once_and_cases_in_flight_keep_theirs(harbour: Any) -> None:
    first = harbour.open("flaw-1")
    document = coordination.terms_document(DEFAULT) | {"version": "2026-07", "usual": 10 * 86400}
    assert coordination.publish_terms(by=harbour.analyst, document=document, at=harbour.start) == "2026-07"
    with pytest.raises(Conflict):
        coordination.publish_terms(by=harbour.analyst, document=document, at=harbour.start)
    for bad in ({"version": "x"}, document | {"version": "y", "longest": 9e9}, document | {"rungs": [{"after": 1}]}):
        with pytest.raises(Misuse):
            coordination.publish_terms(by=harbour.analyst, document=bad, at=harbour.start)
    second = harbour.open("flaw-2")
    untils = [coordination.case(harbour.analyst, case, harbour.start).embargo.until for case in (first, second)]
    assert untils == [harbour.days(45), harbour.days(10)]


def test_people_are_told_that_something_changed_and_only_those_it_concerns(harbour: Any) -> None:
    def heard(by: Any) -> int:
        while notices.watch(at=harbour.start):
            pass
        return len(notices.notices(by))

    before = {by: heard(by) for by in (harbour.maintainer, harbour.other, harbour.lab)}
    case = harbour.open()
    assert {by: heard(by) for by in before} == before
    harbour.invited(case)
    assert heard(harbour.maintainer) == before[harbour.maintainer] + 1
    assert heard(harbour.other) == before[harbour.other]
    assert heard(harbour.lab) == before[harbour.lab]


def test_only_one_party_of_a_kind_and_only_by_whoever_accepted_the_report(harbour: Any) -> None:
    case = harbour.open()
    harbour.invited(case)
    with pytest.raises(Conflict, match="already"):
        harbour.invited(case)
    lead = coordination.case(harbour.analyst, case, harbour.start).mine[0]
    coordination.move_report(by=harbour.analyst, party=lead, event="defer", at=harbour.start)
    with pytest.raises(Refused, match="accepted the report itself"):
        harbour.invited(case, organisation="vendor-b")
    assert DEFAULT.answer_within == timedelta(days=7)
