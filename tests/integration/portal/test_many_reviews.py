"""A body with many reviews: a page of the list at a time, found by words and by whether they go on, at one price."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.models import Review
from seatrial.review.cases.types import ItemKind
from seatrial.review.threads import api as threads
from simulators.staged_reviews import Reviews, consented, offered

SignIn = Callable[[Actor], Client]

PAGES = (
    "/",
    "/reviews/",
    "/reviews/?find=voyage",
    "/reviews/?show=open",
    "/reviews/?show=ended",
    "/duties/",
    "/ledger/",
)
ROUTES = ("/api/v1/reviews", "/api/v1/duties")
OF_ONE = ("", "parts/now/", "parts/happened/", "timeline/", "threads/", "uses/", "handed-over/")
MOST_QUERIES = 40


def many(world: Any, number: int) -> list[str]:
    """So many more offered reviews: rows copied from one that was offered through the door."""
    made = Review.objects.get(id=offered(world, "A copied voyage"))
    copies = []
    for place in range(number):
        copy = Review.objects.get(id=made.id)
        copy.id, copy.title, copy.drafted_at = f"review-{place:016}", f"Voyage {place:03}", now()
        copies.append(copy)
    return [row.id for row in Review.objects.bulk_create(copies)]


def titles(page: str) -> list[str]:
    return re.findall(r">(Voyage \d{3})</a>", page)


def test_one_reads_every_review_once_by_following_the_links(world: Any, sign_in: SignIn) -> None:
    many(world, 120)
    client, address, seen = sign_in(world.intake), "/reviews/?find=Voyage+&show=open", list[str]()
    parts = 0
    while address:
        page = client.get(address).content.decode()
        seen += titles(page)
        parts += 1
        following = re.search(r'<a href="([^"]+)" rel="next">Earlier</a>', page)
        address = f"/reviews/{following[1].replace('&amp;', '&')}" if following else ""
    assert parts == 3
    assert seen == [f"Voyage {place:03}" for place in reversed(range(120))]


def test_reviews_are_found_by_a_part_of_their_title_or_model(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.intake)
    page = client.get("/reviews/?find=OPEN+voy").content.decode()
    assert "An open voyage" in page
    assert "An offered voyage" not in page
    assert 'value="OPEN voy"' in page  # what was sought stands in the box
    assert "An offered voyage" in client.get("/reviews/?find=north-7").content.decode()
    assert "No review that this finds" in client.get("/reviews/?find=%25").content.decode()  # a letter like any other
    assert client.get("/reviews/?find=%00").status_code == 200


def test_reviews_that_go_on_and_those_that_ended_are_told_apart(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.governance)
    going, ended = (client.get(f"/reviews/?show={show}").content.decode() for show in ("open", "ended"))
    for title, over in (("An open voyage", False), ("A secret plan", False), ("A withdrawn voyage", True)):
        assert (title in going, title in ended) == (not over, over)


@pytest.mark.parametrize("after", ["review-0000000000000000", "nothing", "%00", "draft"])
def test_a_place_one_cannot_have_been_shown_is_no_place_to_go_on_from(
    world: Any, reviews: Reviews, sign_in: SignIn, after: str
) -> None:
    """V10: somebody's draft as a place answers exactly as what never was."""
    place = reviews.draft if after == "draft" else after
    assert sign_in(world.intake).get(f"/reviews/?after={place}").status_code == 400


def test_a_review_withdrawn_between_two_pages_is_still_a_place(world: Any, sign_in: SignIn) -> None:
    ids = many(world, 3)
    cases.withdraw(by=world.governance, review=ids[1], at=now())
    page = sign_in(world.intake).get(f"/reviews/?after={ids[1]}").content.decode()
    assert titles(page) == ["Voyage 000"]


def test_the_start_page_shows_the_newest_and_leads_to_the_rest(world: Any, sign_in: SignIn) -> None:
    many(world, 30)
    page = sign_in(world.intake).get("/").content.decode()
    assert titles(page) == [f"Voyage {place:03}" for place in reversed(range(10, 30))]
    assert 'href="/reviews/?show=open"' in page


def test_pages_and_routes_ask_as_often_for_many_reviews_as_for_few(world: Any, sign_in: SignIn) -> None:
    many(world, 60)
    review = consented(world, "A handed-over voyage")
    cases.hand_over(by=world.security, review=review, kind=ItemKind.OUTPUTS, text="Scores", holder=world.body, at=now())
    client, token = sign_in(world.intake), parties.issue_token(by=world.intake, at=now())
    few = {path: _queries(client, path, token) for path in (*PAGES, *ROUTES)}
    later = [consented(world, "One more voyage") for _ in range(12)]
    for one in later:
        cases.hand_over(by=world.security, review=one, kind=ItemKind.OUTPUTS, text="More", holder=world.body, at=now())
    assert {path: _queries(client, path, token) for path in (*PAGES, *ROUTES)} == few
    assert max(few.values()) <= MOST_QUERIES


def test_the_pages_of_a_review_ask_as_often_after_much_has_happened(world: Any, sign_in: SignIn) -> None:
    review = consented(world, "A long voyage")
    client, label = sign_in(world.intake), cases.brief(world.intake, review, now()).label

    def happened(times: int) -> dict[str, int]:
        for number in range(times):
            threads.open_thread(by=world.intake, review=review, subject=f"Thread {number}", text="Words.", at=now())
            facts = {"review": review, "number": number}
            ledger.append(kind="case.moved", actor=f"person-{number}", facts=facts, label=label, at=now())
            cases.hand_over(
                by=world.security, review=review, kind=ItemKind.OUTPUTS, text="Scores", holder=world.body, at=now()
            )
        return {page: _queries(client, f"/reviews/{review}/{page}", "") for page in OF_ONE}

    few = happened(2)
    assert happened(60) == few
    assert max(few.values()) <= MOST_QUERIES


def _queries(client: Client, path: str, token: str) -> int:
    """How often the second asking asks the database: the first keeps that somebody saw the review."""
    headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
    assert client.get(path, headers=headers).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(path, headers=headers)
    return len(captured)
