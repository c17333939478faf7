"""Advisories over HTTP, and through the client: two people, one embargo, every form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import AdvisoryState, Form
from seatrial.client import Seatrial
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.rest.local import InProcess
from simulators.harbour import furnished
from simulators.issues import CONTENT


@pytest.fixture
def harbour(world: Any) -> Any:
    return furnished(world, now())


@pytest.fixture
def second(harbour: Any) -> Any:
    return harbour.second()


def test_from_a_case_to_what_everybody_reads(harbour: Any, second: Any) -> None:
    ann, bea = (Seatrial.over(InProcess(one)) for one in (harbour.analyst, second))
    case = harbour.open()
    made = ann.advisories.draft(case)
    assert made.state is AdvisoryState.DRAFT
    assert made.gaps
    document = advisories.content_document(CONTENT)
    edited = ann.advisories.edit(made.id, made.version, document)
    assert edited.gaps == ()
    with pytest.raises(Conflict):
        ann.advisories.edit(made.id, made.version, document)
    with pytest.raises(Misuse, match="has no member"):
        ann.advisories.edit(made.id, edited.version, document | {"strange": 1})
    submitted = ann.advisories.submit(made.id, edited.version)
    assert bea.advisories.give_back(made.id, "The title says too little.").returned_why
    submitted = ann.advisories.submit(made.id, ann.advisories.show(made.id).version)
    with pytest.raises(Refused):
        bea.advisories.publish(made.id)
    ann.coordination.record(case, "attacks", note="seen")
    with pytest.raises(Refused):
        ann.advisories.publish(made.id)
    assert bea.advisories.publish(made.id).state is AdvisoryState.PUBLISHED
    anybody = Seatrial.over(InProcess(harbour.rival))
    for form in Form:
        assert anybody.advisories.document(submitted.tracking, form)
    found = json.loads(anybody.advisories.document(submitted.tracking, Form.CSAF_20))
    assert found["document"]["tracking"]["id"] == submitted.tracking
    with pytest.raises(NotFound):
        anybody.advisories.document("SEATRIAL-1999-0001", Form.OSV)
    with pytest.raises(Forbidden):
        anybody.advisories.draft(case)
    assert ann.advisories.revise(made.id).state is AdvisoryState.REVISING
    assert [one.tracking for one in ann.advisories.list()] == [submitted.tracking]
