"""The intake on a real database: taken whole or not at all, followed by its code, seen by analysts only."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.models import Report
from seatrial.clearinghouse.findings.types import NewReport, ReportState
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE

GOOD = NewReport(
    title="Heap overflow in x",
    description="It writes past its end on long input.",
    product="x",
    finder="Ünïcode Finder 漢字",
    proof="'; DROP TABLE reports; --",
)


def test_a_report_is_followed_by_its_code_and_kept_verbatim(world: Any) -> None:
    receipt = findings.submit(report=GOOD, at=world.start, source="api")
    view = findings.follow(f" {receipt.code.upper()} ")
    assert (view.finder, view.proof, view.state) == (GOOD.finder, GOOD.proof, ReportState.RECEIVED)
    assert receipt.code not in str(list(Report.objects.values()))


def test_a_report_that_says_too_little_leaves_nothing(world: Any) -> None:
    before = ledger.head()
    with pytest.raises(Misuse):
        findings.submit(report=NewReport("x", "y", ""), at=world.start, source="api")
    assert Report.objects.count() == 0
    assert ledger.head() == before


def test_each_report_has_one_entry_that_only_the_clearinghouse_reads(world: Any, analyst: Any) -> None:
    before = ledger.head()
    receipt = findings.submit(report=GOOD, at=world.start, source="page")
    assert ledger.head() == before + 1
    found = ledger.receipt(analyst, log=receipt.log, index=receipt.index, at=world.start)
    assert ledger.verify_receipt(found, ledger.public_key()).kind == "report.received"
    with pytest.raises(NotFound):
        ledger.receipt(world.governance, log=receipt.log, index=receipt.index, at=world.start)


def test_reports_are_listed_to_analysts_and_to_nobody_else(world: Any, analyst: Any) -> None:
    receipt = findings.submit(report=GOOD, at=world.start, source="cli")
    assert [report.id for report in findings.reports(analyst)] == [receipt.report]
    for other in (ANYONE, world.governance, world.authority, world.operator):
        assert findings.reports(other) == ()
        with pytest.raises(NotFound):
            findings.report(other, receipt.report)


def test_an_analyst_acknowledges_once(world: Any, analyst: Any) -> None:
    receipt = findings.submit(report=GOOD, at=world.start, source="cli")
    assert findings.acknowledge(by=analyst, report=receipt.report, at=world.start).state is ReportState.ACKNOWLEDGED
    with pytest.raises(Conflict):
        findings.acknowledge(by=analyst, report=receipt.report, at=world.start)
    with pytest.raises(NotFound):
        findings.acknowledge(by=world.authority, report=receipt.report, at=world.start)


def test_a_mistyped_code_finds_nothing(world: Any) -> None:
    receipt = findings.submit(report=GOOD, at=world.start, source="api")
    for wrong in ("", receipt.code[:-1], receipt.code[:-1] + ("2" if receipt.code[-1] != "2" else "3")):
        with pytest.raises(NotFound, match="mistyped"):
            findings.follow(wrong)


def test_the_same_report_again_is_the_same_report(world: Any) -> None:
    first = findings.submit(report=GOOD, at=world.start, source="api")
    before = ledger.head()
    again = findings.submit(report=GOOD, at=world.start, source="page")
    assert (again.report, again.known, again.code, again.index) == (first.report, True, "", first.index)
    assert (ledger.head(), Report.objects.count()) == (before, 1)


def test_with_an_account_a_report_is_the_organisations_own_too(world: Any, analyst: Any) -> None:
    receipt = findings.submit(report=GOOD, at=world.start, source="api", by=world.governance)
    assert receipt.code == ""
    assert findings.report(world.security, receipt.report).organisation == world.lab
    assert [line.id for line in findings.mine(world.signatory)] == [receipt.report]
    assert findings.mine(world.rival) == findings.mine(ANYONE) == ()
    with pytest.raises(NotFound):
        findings.report(world.rival, receipt.report)
    # The same words from somebody else are another report: whoever repeats them learns nothing of the first.
    assert not findings.submit(report=GOOD, at=world.start, source="api", by=world.rival).known


def test_a_report_is_returned_with_a_reason_or_accepted_by_an_analyst_alone(world: Any, analyst: Any) -> None:
    receipt = findings.submit(report=GOOD, at=world.start, source="api", by=world.governance)
    with pytest.raises(Forbidden):
        findings.accept(by=world.governance, report=receipt.report, at=world.start)
    with pytest.raises(Refused, match="reason"):
        findings.return_report(by=analyst, report=receipt.report, reason=" ", at=world.start)
    findings.return_report(by=analyst, report=receipt.report, reason="Which version?", at=world.start)
    assert findings.report(world.governance, receipt.report).reason == "Which version?"
    assert findings.accept(by=analyst, report=receipt.report, at=world.start).state is ReportState.ACCEPTED
