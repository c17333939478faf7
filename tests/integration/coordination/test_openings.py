"""What a report brings into its case: its reporter's date, the chain behind them; and what many cases cost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.models import ScanRow
from seatrial.clearinghouse.coordination.types import EmbargoState, MilestoneKind, PartyRole
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.core.document import of_short
from seatrial.clearinghouse.findings.models import Report
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.triage.core.clusters import cluster_name
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import Window
from seatrial.kernel.errors import Conflict, NotFound, Refused, SeatrialError
from simulators.judged_reports import judge, reporting

REPORT = NewReport("Overflow in curd", "A long header writes past the end of its buffer.", "curd", finder="Fay")


def reported(harbour: Any, **more: Any) -> str:
    """A report whose document says ``more``, as one that came as a file does."""
    receipt = findings.submit(report=REPORT, at=harbour.start, source="cli")
    document = canonical({**of_short(REPORT), **more}).decode()
    Report.objects.filter(id=receipt.report).update(document=document)
    return str(receipt.report)


@pytest.mark.parametrize(
    ("asked", "agreed", "proposed"), [(None, 45, None), (7, 7, None), (60, 45, 60), (400, 45, 90), (-3, None, 45)]
)
def test_of_the_usual_date_and_the_reporters_the_shorter_is_agreed(
    harbour: Any, asked: int | None, agreed: int | None, proposed: int | None
) -> None:
    more = {} if asked is None else {"embargo": {"until": harbour.days(asked).isoformat()}}
    case = harbour.open(reported(harbour, **more))
    clock = coordination.case(harbour.analyst, case, harbour.start).embargo
    assert clock.until == (None if agreed is None else harbour.days(agreed))
    assert clock.proposed_until == (None if proposed is None else harbour.days(proposed))
    expected = EmbargoState.PROPOSED if agreed is None else EmbargoState.REVISE if proposed else EmbargoState.ACTIVE
    assert clock.state is expected


def test_milestones_go_up_the_chain_that_the_report_names(harbour: Any) -> None:
    chain = [{"organisation": "Finder AG"}, {"organisation": "JPCERT"}]
    case = harbour.open(reported(harbour, chain=chain))
    view = coordination.case(harbour.analyst, case, harbour.start)
    up = [one for one in sorted(view.parties, key=lambda one: one.chain) if one.role is PartyRole.REPORTER]
    assert [(one.name, one.chain) for one in up] == [("Fay", 0), ("JPCERT", 1), ("Finder AG", 2)]
    relays = view.milestones[0].relays
    assert [(one.name, one.told_at is None) for one in relays] == [
        ("Fay", False),
        ("JPCERT", True),
        ("Finder AG", True),
    ]
    told = {"by": harbour.analyst, "case": case, "party": up[1].id, "at": harbour.start}
    coordination.mark_told(kind=MilestoneKind.RECEIVED, **told)
    relays = coordination.case(harbour.analyst, case, harbour.start).milestones[0].relays
    assert [one.told_at is None for one in relays] == [False, False, True]
    assert view.embargo.state is EmbargoState.ACTIVE, "whoever passed it on holds up nobody"


def test_a_case_of_a_cluster_is_about_its_reports_and_tells_each_reporter(harbour: Any) -> None:
    report = reporting(harbour.start)
    one, other = report(finder="Fay"), report(finder="Finn")
    for each in (one, other):
        judge(each, harbour.start, key="same line")
    case = harbour.open(cluster_name(other))
    view = coordination.case(harbour.analyst, case, harbour.start)
    assert view.about == (cluster_name(one), one, other), "under the name it has now"
    assert {party.name for party in view.parties if party.role is PartyRole.REPORTER} == {"Fay", "Finn"}
    assert coordination.progress(other, harbour.start).embargo is EmbargoState.ACTIVE
    with pytest.raises(Conflict):
        harbour.open(one)
    with pytest.raises(NotFound):
        harbour.open("cluster-00000000")


def test_a_list_costs_the_same_whatever_its_length(harbour: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connections["default"]) as seen:
            assert coordination.cases(harbour.analyst, harbour.start)
            assert coordination.inbox(harbour.maintainer, "vendor-a", harbour.start).cases
        return len(seen)

    harbour.joined(harbour.open("flaw-0"))
    few = queries()
    for number in range(1, 6):
        harbour.joined(harbour.open(f"flaw-{number}"))
    assert queries() == few <= 16


def test_one_case_that_cannot_go_on_holds_up_no_other(harbour: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [harbour.open(f"flaw-{number}") for number in range(2)]
    for case in cases:
        party = harbour.joined(case)
        coordination.propose(by=harbour.maintainer, party=party, until=harbour.days(20), why="", at=harbour.days(1))
    lead = coordination.case(harbour.analyst, cases[0], harbour.start).mine[0]
    for event in ("defer", "close"):
        coordination.move_report(by=harbour.analyst, party=lead, event=event, at=harbour.days(1))
    assert coordination.turn(at=harbour.days(9))["settled"] == 2
    found = [coordination.case(harbour.maintainer, case, harbour.days(9)).embargo.until for case in cases]
    assert found == [harbour.days(20)] * 2, "whoever has closed the report is not counted, and blocks nobody"


def test_two_requests_at_once_share_one_days_number(durable_world: Any) -> None:
    at = durable_world.start
    window = Window(at, at + timedelta(days=7))

    def register(half: str) -> bool:
        names = [f"pkg:pypi/{half}-{number}" for number in range(coordination.SCANS_A_DAY - 50)]
        try:
            coordination.register_scans(
                by=durable_world.security, organisation="lab-north", purls=names, window=window, who="x", at=at
            )
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(register, ("left", "right")))
    assert sorted(done) == [False, True]
    assert ScanRow.objects.count() == coordination.SCANS_A_DAY - 50


def test_errors_are_of_the_house(harbour: Any) -> None:
    with pytest.raises(SeatrialError):
        coordination.open_case(by=harbour.analyst, subjects=[], title="x", summary="x", product="x", at=harbour.start)
    with pytest.raises(SeatrialError):
        harbour.open(priority=-1)
