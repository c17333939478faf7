"""A case with 2,000 timeline events and 500 posts: three pages, each in few queries (times: benchmarks)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.review.cases import api as cases
from seatrial.review.threads import api as threads
from seatrial.review.threads.models import Post, Thread
from simulators.staged_reviews import consented

EVENTS, POSTS, THREADS = 2_000, 500, 120
MOST_QUERIES = 45  # as in benchmarks/portal_scale


@pytest.fixture
def large(world: Any) -> tuple[str, str]:
    """Ids of the review and of its longest thread; the events stand in the ledger, the posts in one thread and many."""
    review = consented(world, "A long voyage")
    label = cases.brief(world.governance, review, now()).label
    for number in range(EVENTS):
        kind = "access.exchanges" if number % 2 else "case.asked"
        for _ in range(2 if number % 2 else 1):  # as many uses of the model again, which no timeline shows
            ledger.append(log=MAIN, kind=kind, actor="ina", facts={"review": review}, label=label, at=now())
    for number in range(EVENTS // 2):
        facts = {"review": review, "number": number}
        ledger.append(log=world.lab, kind="thread.posted", actor="gwen", facts=facts, label=label, at=now())
    rows = [
        Thread(
            review_id=review,
            kind="discussion",
            subject=f"Thread {number}",
            opened_by_id="gwen",
            opened_at=now(),
            internal=False,
            label=str(label),
        )
        for number in range(THREADS)
    ]
    Thread.objects.bulk_create(rows)
    text = "Some **words** with a list:\n\n- one\n- two\n"
    Post.objects.bulk_create(
        Post(
            thread=rows[0 if number >= THREADS else number],
            at=now(),
            by_id="gwen",
            side="developer",
            text=text,
            internal=False,
            label=str(label),
        )
        for number in range(POSTS + THREADS)
    )
    return review, rows[0].id


@pytest.mark.slow
def test_a_large_case_is_shown_in_few_queries(world: Any, large: tuple[str, str]) -> None:
    review, thread = large
    for who in (world.governance, world.intake):
        client = Client()
        client.force_login(get_user_model().objects.get(pk=who.person))
        for address in (f"/reviews/{review}/", f"/reviews/{review}/threads/", f"/threads/{thread}/"):
            assert client.get(address).status_code == 200
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            assert 0 < len(asked) <= MOST_QUERIES


def test_no_more_queries_for_a_large_case_than_for_a_small_one(world: Any, large: tuple[str, str]) -> None:
    review, thread = large
    small = consented(world, "A short voyage")
    little = threads.open_thread(by=world.governance, review=small, subject="S", text="T", at=now())
    reads = [
        lambda review, thread: threads.threads(world.intake, review, now()),
        lambda review, thread: threads.thread(world.intake, thread, now()),
        lambda review, thread: cases.timeline(world.intake, review),
        lambda review, thread: cases.review(world.intake, review, now()),
    ]
    for read in reads:
        read(review, thread), read(small, little)  # the first look is kept
        counts = []
        for where in ((small, little), (review, thread)):
            with CaptureQueriesContext(connection) as asked:
                read(*where)
            counts.append(len(asked))
        assert 0 < counts[0] == counts[1] <= 20
    assert len(cases.review(world.intake, review, now()).timeline) == 50
