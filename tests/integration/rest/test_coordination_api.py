"""Coordination and scanning over HTTP and through the client: the same rules, problem documents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from seatrial.clearinghouse.coordination.core.escalation import DEFAULT
from seatrial.clearinghouse.coordination.core.terms import written
from seatrial.clearinghouse.coordination.types import (
    Capacity,
    CaseEnd,
    Delivery,
    EmbargoState,
    EndReason,
    MilestoneKind,
    PartyRole,
    Place,
    ReportStatus,
)
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.client import Seatrial
from seatrial.kernel.clock import Window, now
from seatrial.kernel.errors import Forbidden, NotFound, Refused
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import OrganisationKind, Role
from seatrial.rest.local import InProcess

from .test_http_api import Api, problem

REPORT = NewReport("Overflow in curd", "A long header writes past the end of its buffer.", "curd")


@pytest.fixture
def people(world: Any) -> dict[str, Any]:
    found = {}
    for home, kind, key, role in (
        (findings.CLEARINGHOUSE, OrganisationKind.CLEARINGHOUSE, "ann", Role.ANALYST),
        ("vendor-a", OrganisationKind.VENDOR, "mia", Role.MAINTAINER),
    ):
        by, at = world.operator, world.start
        parties.create_organisation(by=by, name=home.title(), kind=kind, at=at, id=home)
        parties.add_person(
            by=by,
            name=key.title(),
            email=f"{key}@{home}.example",
            password=f"{key} rows a long boat",
            level=Level.CONTROLLED,
            at=at,
            id=key,
        )
        parties.give_role(by=by, person=key, organisation=home, role=role, at=at)
        found[key] = parties.actor(key)
    return found


def test_a_case_from_opening_to_publication(world: Any, people: dict[str, Any]) -> None:
    receipt = findings.submit(report=REPORT, at=now(), source="api")
    ann, mia = (Seatrial.over(InProcess(people[key])).coordination for key in ("ann", "mia"))
    said = Capacity(2, 2, frozenset(), (), Delivery.DIGEST)
    assert mia.state_capacity("vendor-a", said) == said
    case = ann.open([receipt.report], title="Overflow", summary="It writes past the end.", product="curd").id
    assert ann.show(case).embargo.state is EmbargoState.ACTIVE
    party = ann.invite(case, PartyRole.VENDOR, organisation="vendor-a")
    assert (mia.inbox()[0].invitations, mia.inbox()[0].waiting) == ((), 1)
    assert ann.progress(receipt.code).waiting_for_capacity == 1
    ann.record(case, "attacks", note="seen in a honeypot")
    assert [one.party for one in mia.inbox()[0].invitations] == [party]
    with pytest.raises(NotFound):
        mia.show(case)
    assert mia.join(party, accept_embargo=False), "attacks have ended the embargo"
    for event in ("validate", "accept"):
        mia.move_report(party, event)
    with pytest.raises(Refused, match="exited"):
        mia.propose(party, now() + timedelta(days=3))
    message = mia.say(case, "We see it: Grüße")
    assert [one.id for one in ann.messages(case).messages] == [message]
    mia.record(case, "fix_ready")
    mia.record(case, "fix_deployed")
    view = ann.record(case, "public", note="https://curd.example/advisory")
    own = next(one for one in view.parties if one.id == party)
    assert (own.place, own.status, own.letters) == (Place.JOINED, ReportStatus.ACCEPTED, "VFDPxA")
    assert view.embargo.reason is EndReason.ATTACKS
    assert MilestoneKind.PUBLISHED in dict(ann.progress(receipt.code).milestones)
    assert [one.id for one in mia.cases()] == [one.id for one in ann.cases()] == [case]


def test_a_case_is_closed_and_opened_again_over_http(world: Any, people: dict[str, Any]) -> None:
    ann = Seatrial.over(InProcess(people["ann"])).coordination
    case, other = (ann.open([f"flaw-{number}"], title="T", summary="S", product="P").id for number in range(2))
    with pytest.raises(Refused, match="not public yet"):
        ann.close(case, CaseEnd.FIXED, "It is.")
    view = ann.close(case, CaseEnd.DUPLICATE, "The same loop.", duplicate_of=other)
    assert view.ended is not None
    assert (view.ended.reason, view.ended.duplicate_of, view.may) == (CaseEnd.DUPLICATE, other, ("reopen",))
    assert [one.id for one in ann.cases()] == [other]
    assert [one.id for one in ann.cases(closed=True)] == [case]
    assert ann.reopen(case, "Another loop.").ended is None


def test_dates_invitations_and_ends_over_http(world: Any, people: dict[str, Any]) -> None:
    ann, mia = (Seatrial.over(InProcess(people[key])).coordination for key in ("ann", "mia"))
    case = ann.open(["flaw-1"], title="T", summary="S", product="P").id
    party = ann.invite(case, PartyRole.VENDOR, organisation="vendor-a")
    mia.decline(party, why="not ours")
    assert not mia.join(party, accept_embargo=False)
    mia.adhere(party)
    mia.tell(party)
    mia.propose(party, now() + timedelta(days=10), why="sooner")
    ann.answer(ann.show(case).mine[0], accepts=True)
    clock = ann.show(case).embargo
    assert clock.until is not None
    assert clock.until < now() + timedelta(days=11)
    assert ann.milestone(case, MilestoneKind.PATCH, note="by hand").milestones[-1].note == "by hand"
    assert ann.terminate(case, EndReason.ADVERSARIES, "a forum trades it").embargo.state is EmbargoState.EXITED


def test_scans_meet_over_http(world: Any, people: dict[str, Any]) -> None:
    north, south = (Seatrial.over(InProcess(who)).coordination for who in (world.security, world.rival))
    window = Window(now(), now() + timedelta(days=7))
    (mine,) = north.register_scans("lab-north", ["pkg:pypi/Thing@1"], window, who="north/1")
    assert mine.package == "pkg:pypi/thing"
    south.register_scans("lab-south", ["pkg:pypi/thing"], window, who="south/1")
    (met,) = north.overlaps()
    assert (met.scan, met.organisation, met.identity) == (mine.scan, "lab-south", "south/1")
    assert [one.overlaps for one in north.scans()] == [1]
    with pytest.raises(Forbidden):
        south.register_scans("lab-north", ["pkg:pypi/thing"], window, who="x")


def test_contacts_and_terms_over_http(world: Any, people: dict[str, Any]) -> None:
    ann, mia = Api(people["ann"]), Api(people["mia"])
    text = f"Contact: mailto:s@example.org\nExpires: {(now() + timedelta(days=9)).isoformat()}\n"
    made = ann.post("/coordination/contacts/security-txt", {"name": "curd", "text": text})
    assert (made.status_code, made.json()["addresses"]) == (201, ["mailto:s@example.org"])
    assert ann.post("/coordination/contacts", {"name": "x", "addresses": ["a@b.example"]}).status_code == 201
    assert mia.get("/coordination/contacts").json() == []
    problem(ann.post("/coordination/contacts", {"name": "x", "addresses": ["x"]}), 400, "bad-address")
    problem(
        ann.post("/coordination/contacts/security-txt", {"name": "x", "text": "hello"}), 400, "security-txt-invalid"
    )
    document = written(DEFAULT) | {"version": "next"}
    assert ann.post("/coordination/terms", document).status_code == 201
    assert [one["version"] for one in mia.get("/coordination/terms").json()] == ["next", "built-in"]
    problem(mia.post("/coordination/terms", document), 403, "role-missing")
    problem(ann.post("/coordination/terms", document | {"version": "x", "usual": 9e9}), 400, "bad-terms")
    problem(ann.post("/coordination/terms", {"version": "x"}), 422, "body-invalid")


def test_what_is_wrong_is_said_in_a_problem_document(world: Any, people: dict[str, Any]) -> None:
    ann, mia = Api(people["ann"]), Api(people["mia"])
    body = {"subjects": ["flaw-1"], "title": "T", "summary": "S", "product": "P"}
    case = ann.post("/coordination/cases", body).json()["id"]
    problem(ann.post("/coordination/cases", body), 409, "case-open")
    problem(mia.get(f"/coordination/cases/{case}"), 404, "no-such-case")
    problem(mia.post("/coordination/parties/nothing/join", {"accept_embargo": True}), 404, "no-such-party")
    problem(ann.post(f"/coordination/cases/{case}/events", {"event": "explode"}), 400, "no-such-event")
    problem(ann.get("/coordination/progress/not-a-code"), 404, "no-such-report")
    assert Api().get("/coordination/cases").status_code == 401
    capacity = {"open_at_once": 0, "per_week": 1}
    problem(mia.post("/coordination/capacities/vendor-a", capacity), 400, "bad-capacity")
    assert mia.get("/coordination/capacities/vendor-a").json() is None
    scan = {"organisation": "vendor-a", "packages": ["x"], "opens": "2026-01-01", "closes": "2026-01-02", "who": "x"}
    problem(mia.post("/scanning", scan), 400, "naive-time")
