"""Whoever reported a flaw hears how many systems it no longer exposes; of few operators nothing."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.clearinghouse.advisories.models import Advisory
from seatrial.clearinghouse.advisories.types import AdvisoryState
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Said, Status
from seatrial.client import Seatrial
from seatrial.kernel.errors import NotFound
from seatrial.rest.local import InProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_loop_is_closed_to_the_reporter(operators: Any, harbour: Any) -> None:
    said = NewReport("Overflow in curd", "A long header writes past the end of its buffer.", "curd")
    report = findings.submit(by=harbour.lab, report=said, source="api", at=operators.start).report
    case = harbour.open(subject=report)
    Advisory.objects.create(
        tracking="SEA-2026-0001",
        case_id=case,
        state=AdvisoryState.PUBLISHED,
        revision=1,
        content={},
        created_at=operators.start,
        created_by="ann",
        edited_at=operators.start,
        edited_by="ann",
        released_at=operators.start,
    )
    lab = Seatrial.over(InProcess(harbour.lab))
    for number in range(5):
        assert lab.exposures.protected_by(report) is None
        mine = [one.id for one in operators.exposed(number, 2)]
        by = operators.defenders[number]
        remediation.answer(by=by, exposures=mine, said=Said(Status.FIXED), at=operators.start)
    assert lab.exposures.protected_by(report) == 10
    with pytest.raises(NotFound):
        Seatrial.over(InProcess(harbour.rival)).exposures.protected_by(report)
