"""The pages of determination requests: a developer asks, a body answers by plain forms, nobody else finds anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import DeterminationRequestState, Question

SignIn = Callable[[Actor], Client]
State = DeterminationRequestState

MOST_QUERIES = 25


@pytest.fixture
def drafted(world: Any) -> str:
    question = Question("north-next", "Half <trained>.")
    return determinations.draft_request(
        by=world.governance, developer=world.lab, body=world.body, question=question, at=world.start
    )


@pytest.fixture
def asked(world: Any, drafted: str) -> str:
    determinations.ask_request(by=world.governance, request=drafted, at=world.start)
    return drafted


def state(world: Any, request: str) -> State:
    return determinations.one_request(world.governance, request, world.start).state


def alike(page: str, request: str) -> str:
    """A page without the id that was asked for and without the token of its forms."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page.replace(request, "ID"))


def answered(world: Any, request: str) -> str:
    made = determinations.draft_for_request(by=world.authority, request=request, reasons="None run.", at=world.start)
    for signer in (world.authority, world.authority2):
        determinations.sign(by=signer, determination=made, at=world.start)
    determinations.share(by=world.authority, determination=made, at=world.start)
    determinations.answer_request(by=world.authority, request=request, determination=made, at=world.start)
    return made


def test_the_whole_way_by_plain_forms(world: Any, sign_in: SignIn) -> None:
    lab, signer = sign_in(world.governance), sign_in(world.signatory)
    body, second, intake = sign_in(world.authority), sign_in(world.authority2), sign_in(world.intake)
    assert "Ask for a determination" in lab.get("/determination-requests/").content.decode()
    question = {"body": world.body, "model": "north-next", "description": "Half trained."}
    made = lab.post("/determination-requests/new/", question)
    (line,) = determinations.requests(world.governance, world.start)
    at = f"/determination-requests/{line.id}/"
    assert made["Location"] == at
    assert intake.get(at).status_code == 404
    lab.post(f"{at}edit/", {**question, "description": "Two thirds trained."})
    lab.post(f"{at}ask/")
    intake.post(f"{at}acknowledge/")
    assert "Two thirds trained." in intake.get(at).content.decode()
    intake.post(at, {"text": "Which <size>?"})
    assert "Which &lt;size&gt;?" in lab.get(at).content.decode()
    drafted = body.post(f"{at}draft/", {"reasons": "Nothing was run."})["Location"]
    assert "No campaign was run." in body.get(drafted).content.decode()
    assert drafted in second.get(at).content.decode(), "the second signer finds it from the request"
    assert drafted not in lab.get(at).content.decode()
    body.post(f"{drafted}sign/")
    second.post(f"{drafted}sign/")
    body.post(f"{drafted}share/")
    determination = drafted.strip("/").split("/")[1]
    assert determination in body.get(f"{at}answer/").content.decode()
    body.post(f"{at}answer/", {"determination": determination})
    page = lab.get(at).content.decode()
    assert "Not determined" in page
    assert drafted in page
    lab.post(f"{at}reconsideration/", {"reasons": "It is trained now.", "evidence": "A card."})
    assert signer.get(f"{drafted}statement/").status_code == 200
    signer.post(f"{drafted}statement/", {"text": "Our own words."})
    page = body.get(at).content.decode()
    for words in ("It is trained now.", "A card.", "Our own words."):
        assert words in page
    assert state(world, line.id) is State.RECONSIDERATION_ASKED
    lab.post(f"{at}close/")
    assert state(world, line.id) is State.CLOSED
    assert "What will happen" in lab.get(f"{at}withdraw/").content.decode()
    lab.post(f"{at}withdraw/")
    assert (body.get(at).status_code, body.get(drafted).status_code) == (404, 404)
    assert lab.get(at).status_code == lab.get(drafted).status_code == 200


@pytest.mark.parametrize("who", ["intake", "authority", "evaluator", "rival"])
def test_a_draft_looks_like_nothing_to_everybody_else(world: Any, sign_in: SignIn, drafted: str, who: str) -> None:
    client = sign_in(getattr(world, who))
    for page in ("", "edit/", "answer/", "draft/", "reconsideration/", "withdraw/", "close/"):
        real, none = (client.get(f"/determination-requests/{one}/{page}") for one in (drafted, "request-none"))
        assert (real.status_code, none.status_code) == (404, 404)
        assert alike(real.content.decode(), drafted) == alike(none.content.decode(), "request-none")
    assert "north-next" not in client.get("/determination-requests/").content.decode()


def test_what_cannot_be_kept_stands_on_the_form_with_what_was_typed(world: Any, sign_in: SignIn, asked: str) -> None:
    lab = sign_in(world.governance)
    before = ledger.head(log=world.lab)
    wrong = {"body": world.body, "model": "m", "description": "So far.", "artefact": "md5:1"}
    page = lab.post("/determination-requests/new/", wrong)
    assert page.status_code == 422
    assert "So far." in page.content.decode()
    assert lab.post(f"/determination-requests/{asked}/", {"text": "bell\x07"}).status_code == 422
    assert ledger.head(log=world.lab) == before


def test_each_is_offered_only_what_is_theirs(world: Any, sign_in: SignIn, asked: str) -> None:
    at = f"/determination-requests/{asked}/"
    assert sign_in(world.intake).get(f"{at}answer/").status_code == 404
    assert sign_in(world.authority).get(f"{at}withdraw/").status_code == 404
    assert sign_in(world.security).get(f"{at}close/").status_code == 404
    assert sign_in(world.authority).post(f"{at}ask/").status_code == 403
    assert sign_in(world.intake).get("/determination-requests/new/").status_code == 404
    assert Client().get(at).status_code == 302


def test_pages_ask_the_database_a_bounded_number_of_times(world: Any, sign_in: SignIn, asked: str) -> None:
    lab = sign_in(world.governance)
    for number in range(12):
        determinations.post_on_request(by=world.intake, request=asked, text=f"Words {number}", at=world.start)
        answered(world, asked)
        determinations.ask_reconsideration(by=world.governance, request=asked, reasons="Again.", at=world.start)
    for page in ("/determination-requests/", f"/determination-requests/{asked}/"):
        with CaptureQueriesContext(connection) as queries:
            assert lab.get(page).status_code == 200
        assert len(queries) <= MOST_QUERIES, page


def test_a_body_records_whom_it_consulted_on_the_requests_page(world: Any, sign_in: SignIn, asked: str) -> None:
    body, lab, intake = sign_in(world.authority), sign_in(world.governance), sign_in(world.intake)
    at = f"/determination-requests/{asked}/"
    assert "No consultation is recorded. None is needed" in body.get(at).content.decode()
    form = f"{at}consultations/new/"
    typed = {"organisation": "Harbour <Institute>", "capacity": "methods", "stance": "differs", "on": "2026-07-01"}
    assert body.post(form, {**typed, "on": "2999-01-01"}).status_code == 422
    assert body.post(form, typed)["Location"] == at
    assert "Harbour &lt;Institute&gt;" in body.get(at).content.decode()
    for other in (lab, intake):
        assert other.get(form).status_code == 404
        assert "Harbour" not in other.get(at).content.decode()


def test_the_drafting_page_names_what_is_looked_at_again(world: Any, sign_in: SignIn, asked: str) -> None:
    first = answered(world, asked)
    lab, body = sign_in(world.governance), sign_in(world.authority)
    at = f"/determination-requests/{asked}/"
    report = f"document:sha256:{'1' * 64} An <outside> report"
    assert lab.post(f"{at}reconsideration/", {"reasons": "Look.", "named": "hearsay"}).status_code == 422
    lab.post(f"{at}reconsideration/", {"reasons": "Look.", "named": report})
    assert "An &lt;outside&gt; report" in body.get(at).content.decode()
    typed = {"reasons": "Read.", "reconsiders": first, "evidence": report, "withhold": ["consultations"]}
    assert body.post(f"{at}draft/", typed).status_code == 422
    drafted = body.post(f"{at}draft/", {**typed, "why_withheld": "They asked <us>."})["Location"]
    assert "What the developer gets" in body.get(drafted).content.decode()
    assert "They asked &lt;us&gt;." in body.get(f"{drafted}?twin=1").content.decode()
    assert body.get(f"{drafted}memo.pdf?twin=1").status_code == 200
    assert body.get(f"{drafted}memo.pdf").content.startswith(b"%PDF-1.7")
    assert b"The signed record" in body.get(f"{drafted}memo.html").content
    for name in ("memo.pdf", "memo.html"):
        assert lab.get(f"{drafted}{name}").status_code == 404
    page = body.get(drafted).content.decode()
    assert "What was looked at again" in page
    assert "An &lt;outside&gt; report" in page
