"""Who has seen this (V13): whoever outside the developer is shown something of its review is kept, for it alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.dossiers import api as dossiers
from seatrial.review.threads import api as threads
from seatrial.review.threads.models import Sighting
from seatrial.review.threads.types import Incoming, Seen
from simulators.staged_reviews import Reviews

SignIn = Callable[[Any], Client]


@pytest.fixture
def asked(world: Any, reviews: Reviews) -> str:
    return threads.ask(
        by=world.intake,
        review=reviews.consented,
        subject="=Data",
        text="Which?",
        files=[Incoming("a.txt", iter([b"text"]))],
        at=now(),
    )


def addresses(kwarg: str) -> Iterator[str]:
    """Every address of the house that names a review, by its own table of addresses."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif (isinstance(pattern, URLPattern) and f":{kwarg}>" in route) or f"<{kwarg}>" in route:
                yield "/" + route

    return walk(get_resolver().url_patterns, "")


def filled(route: str, review: str) -> str | None:
    """The address for a review; ``None`` if it needs something else as well."""
    for written in ("<id:review_id>", "<review>", "<str:review>", "<id:review>"):
        route = route.replace(written, review)
    route = route.replace("<id:part>", "now")
    return None if "<" in route else route


def seen(world: Any, review: str) -> list[tuple[str, str, str, int]]:
    part = threads.sightings(world.governance, review, now())
    return [(row.kind.value, row.title, row.person, row.times) for row in part.sightings]


@pytest.mark.parametrize("kwarg", ["review_id", "review"])
def test_no_address_that_names_a_review_can_be_looked_at_unseen(
    world: Any, reviews: Reviews, sign_in: SignIn, kwarg: str
) -> None:
    """Pages and routes alike, found in the table of addresses, so that one added later is tried too."""
    review, tried = reviews.consented, 0
    clients = {who.person: sign_in(who) for who in (world.intake, world.evaluator)}
    token = {"Authorization": f"Bearer {parties.issue_token(by=world.authority, at=now())}"}
    for route in addresses(kwarg):
        if (address := filled(route, review)) is None:
            continue
        for person, client in clients.items():
            Sighting.objects.all().delete()
            if client.get(address).status_code in (200, 201, 206):
                tried += 1
                assert Sighting.objects.filter(review_id=review, kind="review", person_id=person).exists(), address
        if address.startswith("/api/"):
            Sighting.objects.all().delete()
            if Client().get(address, headers=token).status_code == 200:
                assert Sighting.objects.filter(person_id=world.authority.person).exists(), address
    assert tried > 10


def test_a_thread_and_a_file_are_kept_by_their_own_names(
    world: Any, reviews: Reviews, asked: str, sign_in: SignIn
) -> None:
    client = sign_in(world.evaluator)
    client.get(f"/threads/{asked}/")
    (file,) = threads.thread(world.intake, asked, now()).posts[0].attachments
    assert client.get(f"/api/v1/attachments/{file.id}").getvalue() == b"text"
    mine = [row for row in seen(world, reviews.consented) if row[2] == "Eva Evaluator"]
    assert mine == [("attachment", "a.txt", "Eva Evaluator", 1), ("thread", "=Data", "Eva Evaluator", 1)]


def test_a_version_of_the_dossier_is_kept_by_its_number(world: Any, reviews: Reviews) -> None:
    document = dossiers.begun(world.governance, reviews.consented, now())
    dossiers.compose(by=world.governance, review=reviews.consented, document=document, at=now())
    dossiers.dossier(world.governance, reviews.consented)
    with pytest.raises(NotFound):
        dossiers.dossier(world.intake, reviews.consented)
    assert seen(world, reviews.consented) == []
    dossiers.share(by=world.governance, review=reviews.consented, at=now())
    dossiers.dossier(world.intake, reviews.consented)
    assert seen(world, reviews.consented) == [("dossier", "Version 1", "Ina Intake", 1)]


def test_nothing_is_kept_of_the_developers_own_people(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    for who in (world.governance, world.security, world.signatory):
        sign_in(who).get(f"/reviews/{reviews.consented}/")
    assert seen(world, reviews.consented) == []


def test_looking_again_within_an_hour_writes_nothing(world: Any, reviews: Reviews) -> None:
    review, at = reviews.consented, now()

    def look(minutes: int) -> tuple[int, Any, Any]:
        threads.saw(
            asking=world.intake, review=review, kind=Seen.REVIEW, object=review, at=at + timedelta(minutes=minutes)
        )
        row = Sighting.objects.get()
        return row.times, row.first_at, row.last_at

    assert look(0) == (1, at, at)
    assert look(59) == (1, at, at)
    assert look(61) == (2, at, at + timedelta(minutes=61))
    assert look(100) == (2, at, at + timedelta(minutes=61))


def test_the_other_side_cannot_see_who_has_seen(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    review = reviews.consented
    for who in (world.intake, world.authority, world.rival):
        client = sign_in(who)
        for page in ("seen/", "seen.csv"):
            assert client.get(f"/reviews/{review}/{page}").status_code == 404
        assert client.get(f"/api/v1/reviews/{review}/sightings").status_code == 404
        with pytest.raises(NotFound):
            threads.sightings(who, review, now())
        assert "Who has seen this" not in client.get(f"/reviews/{review}/").content.decode()


def test_what_the_body_keeps_to_itself_leaves_no_sighting(world: Any, reviews: Reviews) -> None:
    """A sighting would tell the developer that an internal thread exists."""
    note = threads.open_thread(
        by=world.intake,
        review=reviews.consented,
        subject="CANARY",
        text="CANARY",
        internal=True,
        files=[Incoming("CANARY.txt", iter([b"text"]))],
        at=now(),
    )
    page = threads.thread(world.evaluator, note, now())
    threads.attachment(world.evaluator, page.posts[0].attachments[0].id, now())[1].close()
    assert Sighting.objects.count() == 0


def test_a_draft_that_was_looked_for_and_not_found_leaves_nothing(
    world: Any, reviews: Reviews, sign_in: SignIn
) -> None:
    for who in (world.intake, world.rival):
        assert sign_in(who).get(f"/reviews/{reviews.draft}/").status_code == 404
    assert seen(world, reviews.draft) == []
    assert Sighting.objects.count() == 0


def test_a_look_is_no_ledger_entry_and_moves_nothing(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    before = ledger.head(MAIN), cases.review(world.signatory, reviews.consented, now())
    sign_in(world.intake).get(f"/reviews/{reviews.consented}/")
    assert (ledger.head(MAIN), cases.review(world.signatory, reviews.consented, now())) == before


def test_the_page_and_the_table_say_the_same(world: Any, reviews: Reviews, asked: str, sign_in: SignIn) -> None:
    sign_in(world.evaluator).get(f"/threads/{asked}/")
    sign_in(world.intake).get(f"/reviews/{reviews.consented}/")
    lab = sign_in(world.security)
    page = lab.get(f"/reviews/{reviews.consented}/seen/").content.decode()
    assert "Eva Evaluator" in page
    assert "Ina Intake" in page
    assert "Review Body One" in page
    table = list(csv.reader(lab.get(f"/reviews/{reviews.consented}/seen.csv").content.decode().splitlines()))
    assert len(table) == 3
    assert [row[2] for row in table[1:]] == ["An open voyage", "'=Data"], "no cell is a formula"


def test_sightings_come_in_parts(world: Any, reviews: Reviews) -> None:
    for number in range(5):
        threads.saw(asking=world.intake, review=reviews.consented, kind=Seen.DOSSIER, object=f"{number}", at=now())
    shown, before = [], None
    while True:
        part = threads.sightings(world.governance, reviews.consented, now(), before=before, limit=2)
        shown += [row.object for row in part.sightings]
        if (before := part.earlier) is None:
            break
    assert shown == ["4", "3", "2", "1", "0"]


def test_two_looks_at_once_are_one_sighting(durable_world: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from simulators.staged_reviews import offered

    review, at = offered(durable_world, "Watched"), now()

    def look(who: Actor) -> None:
        try:
            threads.saw(asking=who, review=review, kind=Seen.REVIEW, object=review, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, [durable_world.intake] * 8))
    assert seen(durable_world, review) == [("review", "Watched", "Ina Intake", 1)]
