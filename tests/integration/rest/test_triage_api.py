"""Triage over HTTP through the client: the queue, what people decide, patches, transcripts."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.clearinghouse.proofs.types import Verdict
from seatrial.client import Seatrial
from seatrial.client.triage import Triage
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound
from seatrial.rest.local import InProcess
from simulators.judged_reports import clearinghouse, judge, reporting

DIFF = b"--- a/decode.c\n+++ b/decode.c\n@@ -1,1 +1,1 @@\n-int most = 9;\n+int most = 8;\n"


@pytest.fixture
def ann(world: Any) -> Triage:
    return Seatrial.over(InProcess(clearinghouse(world.operator, world.start))).triage


@pytest.fixture
def reports(world: Any, ann: Triage) -> tuple[str, str]:
    report = reporting(world.start)
    made = report(), report()
    for one in made:
        judge(one, world.start)
    return made


def test_the_queue_a_finding_and_its_runs(ann: Triage, reports: tuple[str, str]) -> None:
    lines = ann.queue()
    assert sorted(line.report for line in lines) == sorted(reports)
    assert [line.report for line in ann.queue(after=lines[0].report)] == [lines[1].report]
    view = ann.show(reports[0])
    assert view.judgements == ann.judgements(reports[0])
    assert view.judgements[0].verdict is Verdict.REPRODUCED
    assert ann.transcript(view.judgements[0].id)["report"] == reports[0]
    assert ann.flow(days=2).waiting == 2
    with pytest.raises(NotFound):
        ann.show("report-nothing")
    with pytest.raises(Misuse):
        ann.replay({"not": "a transcript"}, [])


def test_what_is_one_flaw_is_said_and_taken_back(ann: Triage, reports: tuple[str, str]) -> None:
    number = ann.same(reports, reason="One loop.")
    (line,) = ann.queue()
    view = ann.cluster(line.cluster)
    assert [one.number for one in view.decisions] == [number]
    assert {one.report for one in view.reports} == set(reports)
    ann.undo(number)
    with pytest.raises(Conflict):
        ann.undo(number)
    assert len(ann.queue()) == 2
    again = ann.apart(reports[:1], reports[1:], reason="Two loops.")
    assert again != number
    assert ann.cluster(line.cluster).suggestions == ()


def test_points_and_patches(ann: Triage, reports: tuple[str, str], world: Any) -> None:
    said = ann.point(reports[0], "exploitation", "active", reason="Seen in a honeypot.")
    assert next(one for one in said.points if one.name == "exploitation").said_by == "ann"
    (patch,) = ann.patch(reports[0], DIFF).patches
    assert patch.verdict is None, "it waits for a machine"
    with pytest.raises((Forbidden, NotFound)):
        Seatrial.over(InProcess(world.rival)).triage.patch(reports[0], DIFF)
