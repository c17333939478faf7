"""An inspector reads what the signed policy lets it read, finds places to look, and can cause nothing."""

from __future__ import annotations

import enum
import inspect
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seatrial.cli.main import run
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import iso, now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, NotFound, SeatrialError
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.rest.asking import SAFE
from seatrial.rest.routes import api as http
from seatrial.review.access import api as access
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.types import Rung
from seatrial.review.casefiles import api as casefiles
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Question
from seatrial.review.dossiers import api as dossiers
from seatrial.review.identity import api as identity
from seatrial.review.oversight import api as oversight
from seatrial.review.planning import api as planning
from seatrial.review.threads import api as threads
from simulators.release_plans import milestone
from simulators.staged_reviews import draft, offered
from simulators.whole_case import WholeCase, use, whole_case

ROOMS = (access, benchmarks, cases, determinations, dossiers, identity, planning, threads)


@pytest.fixture(autouse=True)
def no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_JSON", "")


@pytest.fixture
def case(world: Any) -> WholeCase:
    return whole_case(world)


def test_an_inspector_sees_the_figures_traces_and_words_of_a_review(world: Any, case: WholeCase) -> None:
    threads.ask(by=world.intake, review=case.review, subject="More", text="You must answer, or else.", at=now())
    with pytest.raises(SeatrialError):
        use("sak-nothing")
    (body,) = oversight.bodies(case.inspector, now())
    assert (body.reviews, body.answered.k, body.answered.n) == (1, 1, 2)
    assert (body.again.k, body.requests.largest) == (1, 2)
    found = oversight.inspection(case.inspector, case.review, now())
    assert [pointer.words for pointer in found.pointers if pointer.words] == [("must", "or else")]
    assert "Eva Evaluator" in {line.name for line in found.traces}
    assert case.note_of_body not in json.dumps(plain(found))


def test_refused_calls_are_listed_with_their_receipts(world: Any, case: WholeCase) -> None:
    cases.withdraw(by=world.security, review=case.review, at=now())
    with pytest.raises(SeatrialError):
        use(case.key)
    found = oversight.inspection(case.inspector, case.review, now())
    assert [line.why for line in found.refusals] == ["withdrawn"]
    for line in found.refusals:
        ledger.receipt(case.inspector, log=line.log, index=line.index, at=now())
    assert found.indicators is None  # the sealed record is read, not counted
    assert oversight.bodies(case.inspector, now())[0].reviews == 0


def test_drafts_and_those_under_another_policy_are_not_there(world: Any, case: WholeCase) -> None:
    before = plain(oversight.bodies(case.inspector, now()))
    hidden = draft(world, "A secret plan")
    assert plain(oversight.bodies(case.inspector, now())) == before
    assert {one.id for one in oversight.reviews(case.inspector, now())} == {case.review}
    with pytest.raises(NotFound):
        oversight.inspection(case.inspector, hidden, now())


def test_oversight_is_for_inspectors(world: Any, case: WholeCase) -> None:
    for stranger in (world.governance, world.authority, world.rival, case.partner):
        for read in (
            lambda by: oversight.bodies(by, now()),
            lambda by: oversight.reviews(by, now()),
            lambda by: oversight.inspection(by, case.review, now()),
            lambda by: oversight.sample(by, now(), n=5, seed="s"),
        ):
            with pytest.raises(NotFound):
                read(stranger)


def test_a_sample_is_drawn_again_by_its_seed_and_every_receipt_verifies(world: Any, case: WholeCase) -> None:
    first = oversight.sample(case.inspector, now(), n=8, seed="dice")
    for _ in range(3):
        use(case.key)
    again = oversight.sample(case.inspector, now(), n=8, seed="dice", head=first.head)
    assert [one.index for one in again.drawn] == [one.index for one in first.drawn]
    for one in first.drawn:
        proven = ledger.verify_receipt(one.receipt, ledger.public_key())
        assert (proven.index, proven.facts["review"]) == (one.index, case.review)
    uses = oversight.sample(case.inspector, now(), n=500, seed="dice", uses_only=True, review=case.review)
    assert {one.kind for one in uses.drawn} == {"access.exchanges"}
    for bad in ({"n": 0}, {"n": 501}, {"seed": ""}, {"head": 0}, {"head": 10**9}):
        with pytest.raises(Misuse):
            oversight.sample(case.inspector, now(), **{"n": 5, "seed": "s", **bad})  # type: ignore[arg-type]


def test_only_entries_about_reviews_are_drawn(world: Any, case: WholeCase, sign_in: Any) -> None:
    suite = benchmarks.practice_suite(seed="drawn", per_family=1)
    benchmarks.register_suite(by=world.evaluator, suite=suite, at=now())
    asked = determinations.draft_request(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        question=Question("m", "Early.", review=case.review),
        at=now(),
    )
    determinations.ask_request(by=world.governance, request=asked, at=now())
    assert ledger.entries(case.inspector, kind="determination-request.asked")  # it may be read, and is of no review
    found = oversight.sample(case.inspector, now(), n=500, seed="all")
    assert {one.review for one in found.drawn} == {case.review}
    assert sign_in(case.inspector).get("/oversight/sample/?n=500").status_code == 200


def test_many_reviews_take_no_more_queries(world: Any, case: WholeCase) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            oversight.bodies(case.inspector, now())
        return len(context)

    offered(world, "One more")
    before = queries()
    for number in range(12):
        offered(world, f"Voyage {number}")
    assert queries() <= before
    assert oversight.bodies(case.inspector, now())[0].reviews == 14


def record(world: Any) -> tuple[Any, ...]:
    """Everything that an event would move."""
    return (ledger.heads(), plain(cases.reviews(world.governance, now())))


def actions() -> Iterator[tuple[str, Any]]:
    for room in ROOMS:
        for name in room.__all__:
            act = getattr(room, name)
            if inspect.isfunction(act) and "by" in inspect.signature(act).parameters:
                yield f"{room.__name__.split('.')[2]}.{name}", act


def fitting(kind: Any, known: Any) -> Any:
    """A value of ``kind``: what is known for it, or the first there is."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    return {int: 1, bool: False, str: known if isinstance(known, str) else "x"}.get(kind, known)


def test_no_action_of_any_room_is_an_inspectors_to_do(world: Any, case: WholeCase) -> None:
    thread = threads.threads(case.inspector, case.review, now()).threads[0].id
    view = cases.brief(world.governance, case.review, now())
    known = {
        "by": case.inspector, "review": case.review, "at": now(), "thread": thread, "text": "x", "subject": "x",
        "organisation": case.partner.organisations and min(case.partner.organisations), "terms": view.consent,
        "found": "x", "place": "x", "title": "x", "developer": world.lab, "body": world.body, "model": "m",
        "purpose": "capability-evaluation", "credential": "c", "partner_release": now() + timedelta(days=1),
        "public_release": now() + timedelta(days=2), "released_at": now(), "version": "2026-07", "document": None,
        "key": "k", "number": 1, "repetitions": 4, "base_url": "http://127.0.0.1:9/v1", "reasons": "x", "name": "x",
        "suite": digest(b"s"), "seed": "s", "epochs": 1, "criteria": "x", "holder": world.body, "kind": None,
        "item": "item-1", "milestone": milestone("x"), "leak": "leak-1", "description": "x",
        "candidates": (Rung(PLAIN),), "rungs": (Rung(PLAIN),),
    }  # fmt: skip
    tried = 0
    for name, act in actions():
        before = record(world)
        parameters = inspect.signature(act).parameters.values()
        hints = get_type_hints(act)
        said = {
            one.name: fitting(hints[one.name], known.get(one.name, "x"))
            for one in parameters
            if one.default is inspect.Parameter.empty
        }
        with pytest.raises(SeatrialError):
            act(**said)
        assert record(world) == before, name
        tried += 1
    assert tried > 50, "this test looks at too little"


def test_no_route_lets_an_inspector_change_a_review(world: Any, case: WholeCase) -> None:
    token = parties.issue_token(by=case.inspector, at=now())
    client = Client(headers={"Authorization": f"Bearer {token}"})
    thread = threads.threads(case.inspector, case.review, now()).threads[0].id
    before, tried = record(world), 0
    body = {
        "subject": "x", "text": "x", "found": "x", "reasons": "x", "purpose": "capability-evaluation", "title": "x",
        "developer": world.lab, "body": world.body, "model": "m", "partner_release": iso(now() + timedelta(days=1)),
        "public_release": iso(now() + timedelta(days=2)), "credential": "c", "organisation": "partner-one",
        "place": "x", "version": "2026-07", "kind": "outputs", "criteria": "x",
    }  # fmt: skip
    for bound in http._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                whole = f"{bound.prefix}{path}"
                if set(operation.methods) <= SAFE or not ("{review}" in whole or "{thread}" in whole):
                    continue
                address = whole.replace("{review}", case.review).replace("{thread}", thread)
                while "{" in address:
                    head, _, rest = address.partition("{")
                    address = f"{head}x-1{rest.partition('}')[2]}"
                for method in operation.methods:
                    answer = client.generic(
                        method, f"/api/v1{address}", json.dumps(body), content_type="application/json"
                    )
                    assert 400 <= answer.status_code < 500, (method, address, answer.status_code)
                    tried += 1
    after = record(world)
    assert after == (before[0], before[1])
    assert tried > 25, "this test looks at too little"


def test_an_inspectors_own_copy_is_recorded_among_its_own_alone(world: Any, case: WholeCase, tmp_path: Any) -> None:
    casefiles.export_to(tmp_path / "case.zip", by=case.inspector, review=case.review, at=now())
    for other in (world.governance, world.authority):
        assert ledger.entries(other, kind="casefile.") == ()
    assert len(ledger.entries(case.inspector, kind="casefile.")) == 1


def test_pages_routes_and_commands_say_the_same(
    world: Any, case: WholeCase, capsys: pytest.CaptureFixture[str], sign_in: Any
) -> None:
    client = sign_in(case.inspector)
    assert "Review Body One" in client.get("/oversight/").content.decode()
    page = client.get(f"/oversight/reviews/{case.review}/").content.decode()
    assert "not a judgement" in page
    assert "Eva Evaluator" in page
    drawn = client.get("/oversight/sample/?n=3&seed=dice").content.decode()
    index = client.get("/api/v1/oversight/sample?n=3&seed=dice").json()["drawn"][0]["index"]
    assert f"/ledger/main/{index}/" in drawn
    assert client.get("/oversight/sample/?n=x").status_code == 422
    assert client.get("/api/v1/oversight/bodies").json()[0]["body"] == world.body
    who = ["--as", case.inspector.person]
    for words in (["bodies"], ["reviews"], ["review", case.review], ["sample", "--n", "3", "--seed", "dice"]):
        assert run(["oversight", *words, *who]) == 0
    assert f"main/{index}" in capsys.readouterr().out
    other = sign_in(world.governance)
    for path in ("/oversight/", f"/oversight/reviews/{case.review}/", "/oversight/sample/"):
        assert other.get(path).status_code == 404
    assert "/oversight/" not in other.get("/").content.decode()
