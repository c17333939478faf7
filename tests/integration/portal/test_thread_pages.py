"""The conversation's pages: what each side is shown, and what a form does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.review.threads import api as threads
from simulators.staged_reviews import Reviews

SignIn = Callable[[Any], Client]


@pytest.fixture
def asked(world: Any, reviews: Reviews) -> str:
    return threads.ask(
        by=world.intake,
        review=reviews.consented,
        subject="Data",
        text="Which **data**? <script>",
        would_help_by=now() + timedelta(days=2),
        at=now(),
    )


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_request_is_asked_answered_and_shown_to_both(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    body, lab = sign_in(world.intake), sign_in(world.governance)
    address = f"/reviews/{reviews.consented}/threads/ask/"
    assert address in text(body.get(f"/reviews/{reviews.consented}/"))
    assert lab.get(address).status_code == 404
    wish = f"{now() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    made = body.post(address, {"subject": "Data", "text": "Which?", "would_help_by": wish}, follow=True)
    assert "No clock waits for the answer." in text(made)
    thread = made.redirect_chain[-1][0]
    page = text(lab.get(thread))
    assert "That is a wish" in page
    assert re.search(r'value="answer"[^>]*checked', page)
    answered = lab.post(thread, {"reach": "answer", "text": "Web text."}, follow=True)
    assert "Answered." in text(answered)
    assert "Take the request back" not in text(body.get(thread))
    assert "Answered" in text(body.get(f"/reviews/{reviews.consented}/threads/"))


def test_what_people_write_is_markdown_and_never_markup(world: Any, asked: str, sign_in: SignIn) -> None:
    page = text(sign_in(world.governance).get(f"/threads/{asked}/"))
    assert "<strong>data</strong>" in page
    assert "&lt;script&gt;" in page


def test_an_internal_note_is_marked_for_its_side_and_absent_for_the_other(
    world: Any, asked: str, reviews: Reviews, sign_in: SignIn
) -> None:
    lab, body = sign_in(world.governance), sign_in(world.intake)
    before = text(body.get(f"/threads/{asked}/"))
    noted = lab.post(f"/threads/{asked}/", {"reach": "own", "text": "CANARY"}, follow=True)
    assert "Only your own side can read it." in text(noted)
    assert "Internal: only North Lab" in text(noted)
    assert strip(text(body.get(f"/threads/{asked}/"))) == strip(before)
    lab.post(f"/reviews/{reviews.consented}/threads/note/", {"subject": "CANARY", "text": "CANARY"})
    for page in ("", "threads/", "timeline/"):
        assert "CANARY" in text(lab.get(f"/reviews/{reviews.consented}/threads/"))
        assert "CANARY" not in text(body.get(f"/reviews/{reviews.consented}/{page}"))


def strip(page: str) -> str:
    """A page without what differs between two looks at it anyway."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_nobody_is_offered_what_they_cannot_do(world: Any, asked: str, sign_in: SignIn) -> None:
    for who, ways in ((world.governance, ["answer", "both", "own"]), (world.intake, ["both", "own"])):
        page = text(sign_in(who).get(f"/threads/{asked}/"))
        assert re.findall(r'name="reach" value="([^"]+)"', page) == ways
    refused = sign_in(world.intake).post(f"/threads/{asked}/", {"reach": "answer", "text": "T"})
    assert refused.status_code == 422
    assert threads.thread(world.governance, asked, now()).thread.posts == 1


def test_files_are_attached_and_offered_as_downloads(world: Any, asked: str, sign_in: SignIn) -> None:
    lab, body = sign_in(world.governance), sign_in(world.intake)
    files = [SimpleUploadedFile("отчёт.csv", b"a,b\n"), SimpleUploadedFile("b.txt", b"text")]
    lab.post(f"/threads/{asked}/", {"reach": "both", "text": "Here.", "attached": files})
    page = text(body.get(f"/threads/{asked}/"))
    links = re.findall(r'href="(/api/v1/attachments/[^"]+)" download', page)
    assert len(links) == 2
    assert "отчёт.csv" in page
    assert body.get(links[0]).getvalue() in (b"a,b\n", b"text")
    refused = lab.post(
        f"/threads/{asked}/", {"reach": "both", "text": "Here.", "attached": SimpleUploadedFile("a.pdf", b"text")}
    )
    assert refused.status_code == 422
    assert "it looks like plain text" in text(refused)
    empty = lab.post(
        f"/threads/{asked}/", {"reach": "both", "text": "Here.", "attached": SimpleUploadedFile("a.pdf", b"")}
    )
    assert "no bytes at all" in text(empty)


def test_a_request_is_taken_back_with_one_button(world: Any, asked: str, sign_in: SignIn) -> None:
    body = sign_in(world.intake)
    assert "Take the request back" in text(body.get(f"/threads/{asked}/"))
    assert "Taken back." in text(body.post(f"/threads/{asked}/take-back/", follow=True))
    assert "Taken back" in text(sign_in(world.governance).get(f"/threads/{asked}/"))


def addresses(thread: str, reviews: Reviews) -> list[str]:
    return [f"/threads/{thread}/", *(f"/reviews/{reviews.consented}/{page}/" for page in ("threads", "timeline"))]


def test_strangers_get_the_same_page_as_for_nothing(world: Any, asked: str, reviews: Reviews, sign_in: SignIn) -> None:
    rival = sign_in(world.rival)
    for address in (
        f"/threads/{asked}/",
        f"/reviews/{reviews.consented}/threads/",
        f"/reviews/{reviews.consented}/timeline/",
    ):
        assert rival.get(address).status_code == 404
    assert rival.post(f"/threads/{asked}/", {"reach": "both", "text": "T"}).status_code == 404


def test_a_bad_place_is_a_calm_page(world: Any, asked: str, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.governance)
    for page in (
        f"/threads/{asked}/",
        f"/reviews/{reviews.consented}/threads/",
        f"/reviews/{reviews.consented}/timeline/",
    ):
        assert client.get(f"{page}?before=x").status_code == 400
