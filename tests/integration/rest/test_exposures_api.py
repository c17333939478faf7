"""Exposures over HTTP and through the client: the operator's own, problem documents, files for other tools."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from seatrial.clearinghouse.remediation.types import Justification, Over, PaceView, Said, Status, UndertakingState
from seatrial.client import Seatrial
from seatrial.kernel.errors import Forbidden, Misuse, NotFound
from seatrial.rest.local import InProcess
from simulators.harbour import furnished
from simulators.operators import settled

from .test_http_api import Api, problem


@pytest.fixture
def operators(world: Any) -> Any:
    return settled(furnished(world, world.start), 5)


def test_from_exposure_to_answer(operators: Any) -> None:
    operators.exposed(0, 2)
    operators.exposed(1, 1)
    nia, other = (Seatrial.over(InProcess(operators.defenders[number])) for number in (0, 1))
    stated = nia.exposures.state_pace(PaceView("water-0", act=3, sector="energy"))
    assert (stated.act, stated.track, stated.sector) == (3, None, "energy")
    mine = nia.exposures.list()
    assert [one.system for one in mine] == ["pump 0", "pump 1"]
    assert all(one.due for one in mine)
    said = Said(Status.NOT_AFFECTED, Justification.CODE_NOT_PRESENT, note="built without it")
    assert nia.exposures.answer([mine[0].id], said) == 1
    shown = nia.exposures.show(mine[0].id)
    assert (shown.over, shown.answers[0].said) == (Over.ANSWER, said)
    assert [one.id for one in nia.exposures.list(over=True)] == [mine[0].id]
    with pytest.raises(NotFound):
        other.exposures.show(mine[0].id)
    with pytest.raises(Misuse, match="Say why"):
        nia.exposures.answer([mine[1].id], Said(Status.NOT_AFFECTED))
    [row] = csv.DictReader(io.StringIO(nia.exposures.tickets(), newline=""))
    assert row["system"] == "pump 1"
    assert b"SUMMARY:pump 1" in nia.exposures.calendar()
    assert nia.exposures.vex("water-0")["statements"][0]["justification"] == "vulnerable_code_not_present"
    assert nia.exposures.curves()["yours"][0]["at_risk"] == 2
    assert nia.exposures.protected("SEA-2026-0001").systems is None


def test_what_is_asked_is_agreed_to_or_not(operators: Any) -> None:
    nia, ann = (Seatrial.over(InProcess(one)) for one in (operators.defenders[0], operators.analyst))
    undertaking = ann.exposures.offer_undertaking("water-0", "Answer what is urgent within a week.")
    assert [one.id for one in nia.exposures.undertakings()] == [undertaking]
    assert nia.exposures.move_undertaking(undertaking, "decline").state is UndertakingState.DECLINED
    assert ann.exposures.undertakings()[0].may == ()
    with pytest.raises(Forbidden):
        nia.exposures.offer_undertaking("water-1", "Hurry.")
    assert ann.exposures.sectors() == ()


def test_bad_input_is_a_problem(operators: Any) -> None:
    [mine] = operators.exposed(0)
    api = Api(operators.defenders[0])
    said = {"exposures": [mine.id], "status": "fixed", "until": "2099-01-01"}
    problem(api.post("/exposures/answers", said), 400, "answer-contradicts")
    problem(api.get("/exposures?limit=0"), 400, "bad-limit")
    problem(api.get("/paces/water-1"), 404, "no-such-organisation")
    problem(api.post("/exposures/answers", {"exposures": [mine.id], "status": "fine"}), 422, "body-invalid")
